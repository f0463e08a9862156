//! Recipients to devices, each with how it is reached or the rule by which it is not.

use std::collections::{BTreeSet, HashSet};

use nudged_plugin_api::text::present;
use nudged_plugin_api::{Platform, Timestamp};
use unicode_normalization::UnicodeNormalization;

use super::check;
use super::damage::Damage;
use super::form::{self, Forms};
use super::kind::{Address, Wanted};
use super::preference::{self, Wishes};
use crate::dispatch::{Entry, Form, LONGEST_TOKEN, Table};
use crate::model::{Binding, CertificateId, Reason, masked};
use crate::registry::{DeviceKey, Registry, TombstoneFilter};
use nudged_wire::{BadgeChange, ConversationKind, NotificationSpec, RecipientSpec};
use nudged_wire::{Code, Problem};

/// Most recipients of one notification.
pub const MOST: usize = 10_000;

/// A device of a recipient, or a recipient without any.
#[derive(Clone, Debug, Default)]
pub struct Candidate {
    /// The user, when one was named.
    pub user: Option<String>,
    /// The user's device.
    pub device: Option<String>,
    /// How it is reached.
    pub way: Way,
    /// Its platform, by what the app reported.
    pub platform: Option<Platform>,
    /// The number that it alone shows on its icon.
    pub badge: Option<BadgeChange>,
    /// What its icon shows now, if the app reports it.
    pub unread: Option<u32>,
    /// The language of its reader.
    pub language: Option<String>,
    /// The sound that the user wants to hear.
    pub sound: Option<String>,
}

/// How a device is reached, or why not.
#[derive(Clone, Debug)]
pub enum Way {
    /// By this.
    Open(Address),
    /// Not, by this rule.
    Shut(Reason, Option<Known>),
}

/// What is known of a device that is not reached.
#[derive(Clone, Debug)]
pub struct Known {
    /// Its channel.
    pub channel: CertificateId,
    /// Its token, masked.
    pub token: String,
}

impl Default for Way {
    fn default() -> Self {
        Self::Shut(Reason::NoDevice, None)
    }
}

impl Way {
    fn of(reason: Reason, binding: Option<&Binding>) -> Self {
        let known = binding.map(|bound| Known {
            channel: bound.channel,
            token: masked(&bound.token),
        });
        Self::Shut(reason, known)
    }

    fn to(address: Result<Address, Reason>, bound: &Binding) -> Self {
        match address {
            Ok(address) => Self::Open(address),
            Err(reason) => Self::of(reason, Some(bound)),
        }
    }
}

/// What recipients are looked up with.
pub struct Resolve<'a> {
    /// The channels.
    pub table: &'a Table,
    /// What is asked for, and so which tokens.
    pub wanted: Wanted<'a>,
    /// The devices.
    pub registry: &'a Registry,
    /// The tenant.
    pub app: &'a str,
    /// The time.
    pub now: Timestamp,
    /// Milliseconds after which a silent device counts as gone.
    pub dormant_after: u64,
}

impl Resolve<'_> {
    /// The devices of the recipients, each once; of bare tokens there are the forms.
    pub fn recipients(
        &self,
        spec: &NotificationSpec,
        mut forms: Forms,
    ) -> Result<Vec<Candidate>, Problem> {
        let to = &spec.to;
        if to.is_empty() {
            let detail = "a notification needs at least one recipient";
            return Err(Problem::new(Code::Invalid, detail).field("to"));
        }
        if to.len() > MOST {
            let detail = format!(
                "{} recipients are too many, at most {MOST} are allowed",
                to.len()
            );
            return Err(Problem::new(Code::Invalid, detail)
                .field("to")
                .hint("send several notifications, best as one NDJSON stream"));
        }
        let silenced = preference::of_message(spec);
        let conversation = preference::conversation(spec);
        let mut found = Vec::with_capacity(to.len());
        for (at, recipient) in to.iter().enumerate() {
            if let Some((channel, token)) = form::bare(recipient) {
                let (entry, binding) = self.binding(channel, token, at, forms.of(at))?;
                found.push(Candidate {
                    way: match silenced {
                        Some(reason) => Way::of(reason, Some(&binding)),
                        None => Way::to(self.wanted.of_token(entry, binding.clone()), &binding),
                    },
                    badge: recipient.badge,
                    language: present(&recipient.language).map(str::to_owned),
                    ..Candidate::default()
                });
                continue;
            }
            match recipient {
                RecipientSpec {
                    user: Some(user),
                    channel,
                    token,
                    ..
                } if present(channel).is_none() && present(token).is_none() => {
                    check_name(user, &format!("to[{at}].user"))?;
                    let wishes = match silenced {
                        Some(_) => Wishes::default(),
                        None => self.wishes(user, conversation.as_deref())?,
                    };
                    let silenced =
                        silenced.or_else(|| preference::of_user(user, spec, &wishes, self.now));
                    let kind = preference::kind(spec);
                    self.devices(recipient, user, silenced, (&wishes, kind), &mut found)?;
                }
                _ => {
                    return Err(Problem::new(
                        Code::Invalid,
                        "a recipient is a user, a user and a device, or a channel and a token",
                    )
                    .field(format!("to[{at}]")));
                }
            }
        }
        once(&mut found);
        Ok(found)
    }

    fn wishes(&self, user: &str, conversation: Option<&str>) -> Result<Wishes, Problem> {
        Ok(Wishes {
            settings: self.registry.settings(self.app, user)?,
            disturb: match conversation {
                Some(conversation) => self.registry.disturb(self.app, user, conversation)?,
                None => Default::default(),
            },
        })
    }

    fn devices(
        &self,
        recipient: &RecipientSpec,
        user: &str,
        silenced: Option<Reason>,
        (wishes, kind): (&Wishes, ConversationKind),
        found: &mut Vec<Candidate>,
    ) -> Result<(), Problem> {
        let before = found.len();
        let named = present(&recipient.device);
        let language = present(&recipient.language).map(str::to_owned);
        for (id, device) in self.registry.of_user(self.app, user)? {
            if named.is_some_and(|named| *named != id) {
                continue;
            }
            let reach = match silenced {
                Some(reason) => Err(reason),
                None => device.reach(self.now, self.dormant_after),
            };
            let platform = device.platform.as_deref().and_then(platform);
            let mut sound = None;
            let way = match reach {
                Ok(bound) => {
                    let address = self.wanted.of_device(self.table, &device, bound);
                    let by = address.as_ref().ok().map(|it| it.binding.channel);
                    if let Some(channel) = by.and_then(|it| self.table.by_id(it)) {
                        let phones = platform.unwrap_or(channel.info.platform);
                        sound = wishes.sound(kind, phones).map(str::to_owned);
                    }
                    Way::to(address, bound)
                }
                Err(reason) => Way::of(reason, device.binding.as_ref()),
            };
            found.push(Candidate {
                user: Some(user.to_owned()),
                device: Some(id),
                way,
                platform,
                badge: recipient.badge,
                unread: device.unread,
                language: language.clone().or(device.language),
                sound,
            });
        }
        if found.len() == before && silenced.is_none() {
            self.dead(user, named, found)?;
        }
        if found.len() == before {
            let reason = match silenced {
                Some(reason) => reason,
                None => self.absent(user, named)?,
            };
            found.push(Candidate {
                user: Some(user.to_owned()),
                device: named.map(str::to_owned),
                way: Way::Shut(reason, None),
                ..Candidate::default()
            });
        }
        Ok(())
    }

    /// Ids are the chat server's own and kept apart byte by byte. That one was written in
    /// another normalization than the one with the devices is told all the same: else its
    /// pushes would be lost and nobody would know.
    fn absent(&self, user: &str, named: Option<&str>) -> Result<Reason, Problem> {
        if user.is_ascii() && named.is_none_or(str::is_ascii) {
            return Ok(Reason::NoDevice);
        }
        for user in spellings(user) {
            for (id, _) in self.registry.of_user(self.app, &user)? {
                if named.is_none_or(|named| named.nfc().eq(id.nfc())) {
                    return Ok(Reason::OtherSpelling);
                }
            }
        }
        Ok(Reason::NoDevice)
    }

    /// A user without a device may have had some whose tokens died.
    fn dead(
        &self,
        user: &str,
        named: Option<&str>,
        found: &mut Vec<Candidate>,
    ) -> Result<(), Problem> {
        let graves = TombstoneFilter {
            app: Some(self.app.to_owned()),
            user: Some(user.to_owned()),
            device: named.map(str::to_owned),
            ..TombstoneFilter::default()
        };
        let tombstones = self.registry.tombstones(&graves, None)?.found;
        found.extend(tombstones.into_iter().map(|(key, tombstone)| Candidate {
            user: Some(key.user),
            device: Some(key.device),
            way: Way::of(Reason::TokenDead, tombstone.device.binding.as_ref()),
            platform: tombstone.device.platform.as_deref().and_then(platform),
            ..Candidate::default()
        }));
        Ok(())
    }

    fn binding(
        &self,
        channel: &str,
        token: &str,
        at: usize,
        form: Option<Form>,
    ) -> Result<(&Entry, Binding), Problem> {
        let Some(route) = self.table.by_name(self.app, channel) else {
            let detail = format!("there is no channel {channel:?}");
            return Err(Problem::new(Code::Invalid, detail)
                .field(format!("to[{at}].channel"))
                .hint(self.table.names(self.app)));
        };
        let field = || format!("to[{at}].token");
        let token = match form {
            Some(Ok(form)) => form,
            Some(Err(error)) => return Err(form::refused(error, &route.info.vendor, &field())),
            None => {
                check_token(token, &field())?;
                token.to_owned()
            }
        };
        let binding = Binding {
            channel: route.certificate_id,
            token,
        };
        Ok((route, binding))
    }
}

/// A name as it is, composed and decomposed.
fn spellings(name: &str) -> BTreeSet<String> {
    let composed = name.nfc().collect();
    let decomposed = name.nfd().collect();
    BTreeSet::from([name.to_owned(), composed, decomposed])
}

/// The platform of a phone's system: `android` of `Android 16`.
fn platform(system: &str) -> Option<Platform> {
    let mut words = system.split(|letter: char| !letter.is_alphabetic());
    let first = words.find(|word| !word.is_empty())?;
    check::platform(&first.to_lowercase())
}

/// A device that was named twice is told once.
fn once(found: &mut Vec<Candidate>) {
    if found.len() < 2 {
        return;
    }
    let mut tokens = HashSet::with_capacity(found.len());
    let mut devices = HashSet::new();
    found.retain(|it| match &it.way {
        Way::Open(address) => tokens.insert(address.binding.clone()),
        Way::Shut(..) if it.user.is_none() => true,
        Way::Shut(..) => devices.insert((it.user.clone(), it.device.clone())),
    });
}

/// Whether a text can be the name of an app, user or device.
pub fn check_name(name: &str, field: &str) -> Result<(), Problem> {
    DeviceKey::check(name)
        .map_err(|error| Problem::new(Code::Invalid, error.to_string()).field(field))
}

/// Whether a text can be a token of any vendor; its form is the driver's affair.
pub fn check_token(token: &str, field: &str) -> Result<(), Problem> {
    let problem = |detail: String| Err(Problem::new(Code::Invalid, detail).field(field));
    if token.is_empty() {
        return problem("must not be empty".to_owned());
    }
    if token.len() > LONGEST_TOKEN {
        return problem(format!(
            "is {} bytes long, at most {LONGEST_TOKEN} are allowed",
            token.len()
        ));
    }
    if token.chars().any(char::is_control) {
        return problem("must not contain control characters".to_owned());
    }
    match Damage::of_token(token) {
        Some(damage) => problem(damage.to_string()),
        None => Ok(()),
    }
}

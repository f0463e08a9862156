//! Recipients to devices, each with how it is reached or the rule by which it is not.
//!
//! In: the recipients, the canonical tokens of the bare ones, the registry. Out: candidates, each
//! device once. Refuses to know what is shown.

use std::collections::{BTreeSet, HashSet};

use nudged_plugin_api::text::present;
use nudged_plugin_api::{Platform, Timestamp};
use unicode_normalization::UnicodeNormalization;

use super::bare_tokens::{self, BareTokens};
use super::error::AdmissionError;
use super::kind::{Address, RequestedKind};
use super::name::check_name;
use super::suppression::{self, Preference};
use crate::channels::{CanonicalToken, RefusedToken, RouteEntry, RouteTable, check_token};
use crate::model::{Binding, CertificateId, MAX_RECIPIENTS, Reason, masked, platform_named};
use crate::registry::{Registry, TombstoneFilter};
use crate::store::StoreError;
use nudged_wire::{BadgeChange, ConversationKind, NotificationSpec, RecipientSpec};

/// A device of a recipient, or a recipient without any.
#[derive(Clone, Default)]
pub struct Candidate<'t> {
    /// The user, when one was named.
    pub user: Option<String>,
    /// The user's device.
    pub device: Option<String>,
    /// How it is reached.
    pub reachability: Reachability<'t>,
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

/// How a device is reached, or by which rule it is suppressed.
#[derive(Clone)]
pub enum Reachability<'t> {
    Reachable(Address<'t>),
    Suppressed(Reason, Option<KnownBinding>),
}

/// What is known of a device that is not reached.
#[derive(Clone, Debug)]
pub struct KnownBinding {
    /// Its channel.
    pub channel: CertificateId,
    /// Its token, masked.
    pub token: String,
}

impl KnownBinding {
    /// Of what it would be reached by.
    pub fn of(bound: &Binding) -> Self {
        Self {
            channel: bound.channel,
            token: masked(&bound.token),
        }
    }
}

impl Default for Reachability<'_> {
    fn default() -> Self {
        Self::Suppressed(Reason::NoDevice, None)
    }
}

impl<'t> Reachability<'t> {
    fn of(reason: Reason, binding: Option<&Binding>) -> Self {
        Self::Suppressed(reason, binding.map(KnownBinding::of))
    }

    fn to(address: Result<Address<'t>, Reason>, bound: &Binding) -> Self {
        match address {
            Ok(address) => Self::Reachable(address),
            Err(reason) => Self::of(reason, Some(bound)),
        }
    }
}

/// What recipients are looked up with.
pub struct Resolve<'a> {
    pub table: &'a RouteTable,
    /// What is asked for, and so which tokens.
    pub wanted: RequestedKind<'a>,
    /// The devices.
    pub registry: &'a Registry,
    pub app: &'a str,
    pub now: Timestamp,
    /// Milliseconds after which a silent device counts as gone.
    pub dormant_after: u64,
}

impl<'t> Resolve<'t> {
    /// The devices of the recipients, each once.
    pub fn recipients(
        &self,
        spec: &NotificationSpec,
        mut bare_tokens: BareTokens<'t>,
    ) -> Result<Vec<Candidate<'t>>, AdmissionError> {
        let to = &spec.to;
        if to.is_empty() {
            return Err(AdmissionError::NoRecipient);
        }
        if to.len() > MAX_RECIPIENTS {
            return Err(AdmissionError::TooManyRecipients { given: to.len() });
        }
        let suppressed_by = suppression::of_message(spec);
        let conversation = suppression::conversation(spec);
        let mut found = Vec::with_capacity(to.len());
        for (at, recipient) in to.iter().enumerate() {
            if let Some((channel, token)) = bare_tokens::bare(recipient) {
                let (entry, binding) = self.binding(channel, token, at, bare_tokens.of(at))?;
                found.push(Candidate {
                    reachability: match suppressed_by {
                        Some(reason) => Reachability::of(reason, Some(&binding)),
                        None => {
                            Reachability::to(self.wanted.of_token(entry, binding.clone()), &binding)
                        }
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
                    let preference = match suppressed_by {
                        Some(_) => Preference::default(),
                        None => self.preference(user, conversation.as_deref())?,
                    };
                    let suppressed_by = suppressed_by
                        .or_else(|| suppression::of_user(user, spec, &preference, self.now));
                    let kind = suppression::kind(spec);
                    self.devices(
                        recipient,
                        user,
                        suppressed_by,
                        (&preference, kind),
                        &mut found,
                    )?;
                }
                _ => return Err(AdmissionError::MalformedRecipient { at }),
            }
        }
        deduplicate(&mut found);
        Ok(found)
    }

    fn preference(&self, user: &str, conversation: Option<&str>) -> Result<Preference, StoreError> {
        Ok(Preference {
            settings: self.registry.settings(self.app, user)?,
            mute: match conversation {
                Some(conversation) => self.registry.mute(self.app, user, conversation)?,
                None => Default::default(),
            },
        })
    }

    fn devices(
        &self,
        recipient: &RecipientSpec,
        user: &str,
        suppressed_by: Option<Reason>,
        (preference, kind): (&Preference, ConversationKind),
        found: &mut Vec<Candidate<'t>>,
    ) -> Result<(), StoreError> {
        let before = found.len();
        let named = present(&recipient.device);
        let language = present(&recipient.language).map(str::to_owned);
        for (id, device) in self.registry.of_user(self.app, user)? {
            if named.is_some_and(|named| *named != id) {
                continue;
            }
            let reach = match suppressed_by {
                Some(reason) => Err(reason),
                None => device.reach(self.now, self.dormant_after),
            };
            let platform = device.platform.as_deref().and_then(platform);
            let mut sound = None;
            let reachability = match reach {
                Ok(bound) => {
                    let address = self.wanted.of_device(self.table, &device, bound);
                    if let Ok(Address { channel, .. }) = &address {
                        let phones = platform.unwrap_or(channel.info.platform);
                        sound = preference.sound(kind, phones).map(str::to_owned);
                    }
                    Reachability::to(address, bound)
                }
                Err(reason) => Reachability::of(reason, device.binding.as_ref()),
            };
            found.push(Candidate {
                user: Some(user.to_owned()),
                device: Some(id),
                reachability,
                platform,
                badge: recipient.badge,
                unread: device.unread,
                language: language.clone().or(device.language),
                sound,
            });
        }
        if found.len() == before && suppressed_by.is_none() {
            self.removed(user, named, found)?;
        }
        if found.len() == before {
            let reason = match suppressed_by {
                Some(reason) => reason,
                // req 55: a user without a device is named as such.
                None => self.absence(user, named)?,
            };
            found.push(Candidate {
                user: Some(user.to_owned()),
                device: named.map(str::to_owned),
                reachability: Reachability::Suppressed(reason, None),
                ..Candidate::default()
            });
        }
        Ok(())
    }

    /// Ids are the chat server's own and kept apart byte by byte. That one was written in
    /// another normalization than the one with the devices is reported all the same: else its
    /// pushes would be lost and nobody would know.
    fn absence(&self, user: &str, named: Option<&str>) -> Result<Reason, StoreError> {
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
    fn removed(
        &self,
        user: &str,
        named: Option<&str>,
        found: &mut Vec<Candidate<'t>>,
    ) -> Result<(), StoreError> {
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
            reachability: Reachability::of(Reason::TokenDead, tombstone.device.binding.as_ref()),
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
        form: Option<(&'t RouteEntry, CanonicalToken)>,
    ) -> Result<(&'t RouteEntry, Binding), AdmissionError> {
        let field = || format!("to[{at}].token");
        let (entry, token) = match form {
            Some((entry, Ok(form))) => (entry, form),
            Some((entry, Err(error))) => {
                let vendor = entry.info.vendor.clone();
                let field = field();
                return Err(RefusedToken {
                    field,
                    vendor,
                    error,
                }
                .into());
            }
            None => {
                let Some(entry) = self.table.by_name(self.app, channel) else {
                    return Err(AdmissionError::UnknownChannel {
                        at,
                        name: channel.to_owned(),
                        configured: self.table.names(self.app),
                    });
                };
                check_token(token, &field())?;
                (entry, token.to_owned())
            }
        };
        let binding = Binding {
            channel: entry.certificate_id,
            token,
        };
        Ok((entry, binding))
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
    let mut parts = system.split(|letter: char| !letter.is_alphabetic());
    let first = parts.find(|word| !word.is_empty())?;
    platform_named(&first.to_lowercase())
}

/// A device that was named twice gets one delivery.
fn deduplicate(found: &mut Vec<Candidate<'_>>) {
    if found.len() < 2 {
        return;
    }
    let mut tokens = HashSet::with_capacity(found.len());
    let mut devices = HashSet::new();
    found.retain(|it| match &it.reachability {
        Reachability::Reachable(address) => tokens.insert(address.binding.clone()),
        Reachability::Suppressed(..) if it.user.is_none() => true,
        Reachability::Suppressed(..) => devices.insert((it.user.clone(), it.device.clone())),
    });
}

//! Who is told what: every device of every recipient gets a delivery, or the rule by which
//! it is not pushed. Writes nothing, so that a preview decides the same.

use std::collections::BTreeMap;

use nudged_plugin_api::Timestamp;

use super::check::{check, lifetime};
use super::content::{Asked, Contents, expiry};
use super::form::Forms;
use super::quiet::Quiet;
use super::resolve::{Candidate, Known, Resolve, Way, check_name};
use super::{Answer, Ask};
use crate::api::problem::Problem;
use crate::api::schema::{Accepted, AcceptedNotice, BadgeChange};
use crate::dispatch::Table;
use crate::model::{
    Binding, Delivery, DeliveryId, NotificationId, Outcome, Reason, Recipient, Rules, Trace,
    masked, now,
};
use crate::outcome::Suppressed;
use crate::registry::Registry;

/// Names of silent devices that an explanation has, for each rule.
const NAMED: usize = 10;

/// What a notification comes to.
pub struct Decided {
    /// Its id.
    pub id: NotificationId,
    /// When.
    pub accepted_at: Timestamp,
    /// No attempt after this.
    pub expires_at: Timestamp,
    /// What goes into the queue; deliveries that may share a request are neighbours.
    pub drafts: Vec<Draft>,
    /// What ends here.
    pub silent: Vec<Silent>,
    /// What devices show otherwise than asked.
    pub notices: Vec<AcceptedNotice>,
}

/// A delivery whose badge is not counted yet.
pub struct Draft {
    /// The delivery.
    pub delivery: Delivery,
    /// What the sender wants of the number on the icon.
    pub badge: Option<BadgeChange>,
}

/// A delivery that ends before it begins.
pub struct Silent {
    /// By which rule.
    pub reason: Reason,
    /// What is written of it.
    pub suppressed: Suppressed,
}

/// Decides, with the time taken once.
pub fn decide(
    table: &Table,
    registry: &Registry,
    rules: &Rules,
    quiet: &Quiet,
    ask: &Ask,
    forms: Forms,
) -> Result<Decided, Problem> {
    let (spec, app) = (&ask.spec, ask.app());
    let time = now();
    check_name(app, "app")?;
    check(table, app, spec)?;
    let ttl = lifetime(spec.ttl, rules.default_ttl)?;
    let candidates = Resolve {
        table,
        registry,
        app,
        now: time,
        dormant_after: rules.dormant_after,
    }
    .recipients(spec, forms)?;
    let mut contents = Contents::new(Asked {
        spec,
        app,
        rules,
        ttl,
        now: time,
        quiet,
    });
    let mut open = Vec::with_capacity(candidates.len());
    let mut shut = Vec::new();
    for mut candidate in candidates {
        let bound = match std::mem::take(&mut candidate.way) {
            Way::Open(bound) => bound,
            Way::Shut(reason, known) => {
                shut.push((candidate, reason, known));
                continue;
            }
        };
        let made = match table.by_id(bound.channel) {
            Some(channel) => contents.of(channel, &candidate, &bound.token)?,
            None => None,
        };
        match made {
            Some(made) => open.push((candidate, bound, made)),
            None => shut.push((candidate, Reason::NoText, Some(Known::of(&bound)))),
        }
    }
    // Neighbours of one channel land in its queue together, so that they can share a request
    // however fast it is served. Stable: recipients keep their order among the same content.
    let mut first = BTreeMap::new();
    for (_, bound, made) in &open {
        let first = first.entry(bound.channel).or_insert(made.number);
        *first = made.number.min(*first);
    }
    open.sort_by_key(|(_, bound, made)| (first[&bound.channel], made.number));
    let mut decided = Decided {
        id: NotificationId::new(),
        accepted_at: time,
        expires_at: expiry(ttl, time),
        drafts: Vec::with_capacity(open.len()),
        silent: Vec::with_capacity(shut.len()),
        notices: contents.into_notices(),
    };
    for (n, (candidate, bound, made)) in (0..).zip(open) {
        decided.drafts.push(Draft {
            badge: candidate.badge.or(made.badge),
            delivery: Delivery {
                id: DeliveryId {
                    notification: decided.id,
                    n,
                },
                channel: bound.channel,
                recipient: recipient(candidate, bound),
                content: made.content,
                attempts: 0,
            },
        });
    }
    let first = decided.drafts.len() as u32;
    for (n, (candidate, reason, known)) in (first..).zip(shut) {
        let silent = decided.silent(app, n, candidate, reason, known);
        decided.silent.push(silent);
    }
    Ok(decided)
}

impl Decided {
    fn silent(
        &self,
        app: &str,
        n: u32,
        candidate: Candidate,
        reason: Reason,
        known: Option<Known>,
    ) -> Silent {
        let (channel, token) =
            known.map_or((None, String::new()), |it| (Some(it.channel), it.token));
        Silent {
            reason,
            suppressed: Suppressed {
                id: DeliveryId {
                    notification: self.id,
                    n,
                },
                trace: Trace {
                    app: app.to_owned(),
                    channel,
                    user: candidate.user,
                    device: candidate.device,
                    token,
                    accepted_at: self.accepted_at,
                    expires_at: self.expires_at,
                    attempts: Vec::new(),
                    outcome: Some(Outcome::suppressed(reason, self.accepted_at)),
                    recall: None,
                },
            },
        }
    }

    /// What the caller is told.
    pub fn answer(&self) -> Answer {
        let user = |it: &Silent| Some((it.suppressed.trace.user.clone()?, it.reason));
        let mut silent: Vec<_> = self.silent.iter().filter_map(user).collect();
        silent.dedup();
        Answer {
            accepted: Accepted {
                id: self.id.to_string(),
                deliveries: self.drafts.len(),
                suppressed: self.silent.len(),
                explanation: self.explanation(),
                notices: self.notices.clone(),
            },
            silent,
        }
    }

    /// The rules and whom they silenced, such as `foreground: bob/phone; no_device: carol`.
    fn explanation(&self) -> Option<String> {
        let mut silenced: BTreeMap<Reason, Vec<String>> = BTreeMap::new();
        for it in &self.silent {
            let trace = &it.suppressed.trace;
            let mut name = match (&trace.user, &trace.device) {
                (Some(user), Some(device)) => format!("{user}/{device}"),
                (Some(user), None) => user.clone(),
                _ => trace.token.clone(),
            };
            if let (Reason::NoChannel, Some(id)) = (it.reason, trace.channel) {
                name = format!("{name} (certificate id {id})");
            }
            silenced.entry(it.reason).or_default().push(name);
        }
        let words = silenced.iter().map(|(reason, names)| {
            let more = match names.len().saturating_sub(NAMED) {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            let names = &names[..names.len().min(NAMED)];
            format!("{}: {}{more}", reason.code(), names.join(", "))
        });
        let words: Vec<String> = words.collect();
        (!words.is_empty()).then(|| words.join("; "))
    }
}

fn recipient(candidate: Candidate, bound: Binding) -> Recipient {
    Recipient {
        user: candidate.user,
        device: candidate.device,
        token: bound.token,
        badge: None,
    }
}

impl Known {
    fn of(bound: &Binding) -> Self {
        Self {
            channel: bound.channel,
            token: masked(&bound.token),
        }
    }
}

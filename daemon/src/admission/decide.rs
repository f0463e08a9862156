//! Who is told what: every device of every recipient gets a delivery, or the rule by which
//! it is not pushed. Writes nothing, so that a preview decides the same.

use std::collections::BTreeMap;

use nudged_plugin_api::{Kind, Timestamp};

use super::bare_tokens::BareTokens;
use super::check::{check, lifetime};
use super::content::Contents;
use super::context::{BuiltContent, NotificationContext, expiry};
use super::draft::{DeliveryDraft, SuppressedDraft};
use super::error::{AdmissionError, RefusedOptions};
use super::kind::{Address, RequestedKind};
use super::name::check_name;
use super::rehearsal_cache::RehearsalCache;
use super::resolve::{Candidate, KnownBinding, Reachability, Resolve};
use super::submission::{Submission, SubmissionResult};
use crate::channels::RouteTable;
use crate::clock::now;
use crate::model::{
    Delivery, DeliveryId, NotificationId, Outcome, Reason, Recipient, Rules, Trace,
};
use crate::outcome::Suppressed;
use crate::registry::Registry;
use nudged_wire::{Accepted, AcceptedNotice};

/// Names of silent devices that an explanation has, for each rule.
const NAMED: usize = 10;

/// What a notification comes to.
pub struct AdmissionDecision {
    /// Its id.
    pub id: NotificationId,
    /// When.
    pub accepted_at: Timestamp,
    /// No attempt after this.
    pub expires_at: Timestamp,
    /// What goes into the queue; deliveries that may share a request are neighbours.
    pub drafts: Vec<DeliveryDraft>,
    /// What ends here.
    pub silent: Vec<SuppressedDraft>,
    /// What devices show otherwise than asked.
    pub notices: Vec<AcceptedNotice>,
}

/// Decides, with the time taken once.
pub fn decide<'t>(
    table: &'t RouteTable,
    registry: &'t Registry,
    rules: &Rules,
    quiet: &RehearsalCache,
    ask: &'t Submission,
    forms: BareTokens<'t>,
) -> Result<AdmissionDecision, AdmissionError> {
    let (spec, app) = (&ask.spec, ask.app());
    let time = now();
    check_name(app, "app")?;
    check(table, app, spec)?;
    let ttl = lifetime(spec.ttl, rules.default_ttl)?;
    let wanted = RequestedKind::of(ask);
    let candidates = Resolve {
        table,
        wanted,
        registry,
        app,
        now: time,
        dormant_after: rules.dormant_after,
    }
    .recipients(spec, forms)?;
    let mut contents = Contents::new(NotificationContext {
        spec,
        app,
        rules,
        ttl,
        now: time,
        quiet,
        wanted,
        spare_options: ask.tokens_only && wanted.kind != Kind::Alert,
    });
    let mut open = Vec::with_capacity(candidates.len());
    let mut shut = Vec::new();
    for mut candidate in candidates {
        let mut address = match std::mem::take(&mut candidate.way) {
            Reachability::Reachable(address) => address,
            Reachability::Suppressed(reason, known) => {
                if let (Reason::NoBackground, Some(known)) = (reason, &known)
                    && let Some(channel) = table.by_id(known.channel)
                {
                    contents.stands_in(channel, None);
                }
                shut.push((candidate, reason, known));
                continue;
            }
        };
        match told(&mut contents, &candidate, &mut address)? {
            Some(made) => open.push((candidate, address, made)),
            None => {
                let reason = match wanted.kind {
                    Kind::LiveActivity => Reason::NoLiveActivity,
                    _ => Reason::NoText,
                };
                shut.push((candidate, reason, Some(KnownBinding::of(&address.binding))));
            }
        }
    }
    // Neighbours of one channel land in its queue together, so that they can share a request
    // however fast it is served. Stable: recipients keep their order among the same content.
    let mut first = BTreeMap::new();
    for (_, address, made) in &open {
        let first = first.entry(address.binding.channel).or_insert(made.number);
        *first = made.number.min(*first);
    }
    open.sort_by_key(|(_, address, made)| (first[&address.binding.channel], made.number));
    let mut decided = AdmissionDecision {
        id: NotificationId::new(),
        accepted_at: time,
        expires_at: expiry(ttl, time),
        drafts: Vec::with_capacity(open.len()),
        silent: Vec::with_capacity(shut.len()),
        notices: contents.into_notices(),
    };
    for (n, (candidate, address, made)) in (0..).zip(open) {
        decided.drafts.push(DeliveryDraft {
            badge: candidate.badge.or(made.badge),
            delivery: Delivery {
                id: DeliveryId {
                    notification: decided.id,
                    n,
                },
                channel: address.binding.channel,
                recipient: recipient(candidate, address),
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

impl AdmissionDecision {
    fn silent(
        &self,
        app: &str,
        n: u32,
        candidate: Candidate<'_>,
        reason: Reason,
        known: Option<KnownBinding>,
    ) -> SuppressedDraft {
        let (channel, token) =
            known.map_or((None, String::new()), |it| (Some(it.channel), it.token));
        SuppressedDraft {
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
    pub fn answer(&self) -> SubmissionResult {
        let user = |it: &SuppressedDraft| Some((it.suppressed.trace.user.clone()?, it.reason));
        let mut silent: Vec<_> = self.silent.iter().filter_map(user).collect();
        silent.dedup();
        SubmissionResult {
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

/// What a device is told, if anything. What the channel cannot send goes to the device's own token,
/// as an alert.
fn told(
    contents: &mut Contents<'_>,
    candidate: &Candidate<'_>,
    address: &mut Address<'_>,
) -> Result<Option<BuiltContent>, RefusedOptions> {
    let mut why = None;
    loop {
        let channel = address.channel;
        let Some(made) = contents.of(channel, candidate, address)? else {
            return Ok(None);
        };
        match (&made.unsendable, address.spare.take()) {
            (Some(unsendable), Some((channel, spare))) => {
                why = Some(unsendable.clone());
                *address = Address::alert(channel, spare);
                continue;
            }
            (Some(unsendable), None) => {
                let mut notice = AcceptedNotice::clone(unsendable);
                notice.text.insert_str(0, "will not be delivered: ");
                contents.tell(notice);
            }
            (None, _) if !made.content.is_as_asked() => contents.stands_in(channel, why.as_deref()),
            (None, _) => {}
        }
        return Ok(Some(made));
    }
}

fn recipient(candidate: Candidate<'_>, address: Address<'_>) -> Recipient {
    Recipient {
        user: candidate.user,
        device: candidate.device,
        token: address.binding.token,
        badge: None,
        activity_token: address.beside,
        purpose: address.purpose,
    }
}

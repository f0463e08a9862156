//! Who gets what: every device of every recipient gets a delivery, or the rule by which it is
//! suppressed. Writes nothing, so that a preview decides the same.
//!
//! In: a submission, the channels, the registry. Out: an [`AdmissionDecision`]. Refuses to know the
//! queue and what is stored.

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

/// Names of suppressed devices that an explanation has, for each rule.
const MAX_NAMES: usize = 10;

/// What a notification comes to.
pub struct AdmissionDecision {
    pub id: NotificationId,
    pub accepted_at: Timestamp,
    /// No attempt after this.
    pub expires_at: Timestamp,
    /// What goes into the queue; deliveries that may share a request are neighbours.
    pub drafts: Vec<DeliveryDraft>,
    /// What ends here.
    pub suppressed: Vec<SuppressedDraft>,
    /// What devices show otherwise than asked.
    pub notices: Vec<AcceptedNotice>,
}

/// Decides, with the time taken once.
pub fn decide<'t>(
    table: &'t RouteTable,
    registry: &'t Registry,
    rules: &Rules,
    rehearsals: &RehearsalCache,
    submission: &'t Submission,
    bare_tokens: BareTokens<'t>,
) -> Result<AdmissionDecision, AdmissionError> {
    let (spec, app) = (&submission.spec, submission.app());
    let time = now();
    check_name(app, "app")?;
    check(table, app, spec)?;
    let ttl = lifetime(spec.ttl, rules.default_ttl)?;
    let wanted = RequestedKind::of(submission);
    let candidates = Resolve {
        table,
        wanted,
        registry,
        app,
        now: time,
        dormant_after: rules.dormant_after,
    }
    .recipients(spec, bare_tokens)?;
    let mut contents = Contents::new(NotificationContext {
        spec,
        app,
        rules,
        ttl,
        now: time,
        rehearsals,
        wanted,
        spare_options: submission.tokens_only && wanted.kind != Kind::Alert,
    });
    let mut reached = Vec::with_capacity(candidates.len());
    let mut unreached = Vec::new();
    for mut candidate in candidates {
        let mut address = match std::mem::take(&mut candidate.reachability) {
            Reachability::Reachable(address) => address,
            Reachability::Suppressed(reason, binding) => {
                if let (Reason::NoBackground, Some(binding)) = (reason, &binding)
                    && let Some(channel) = table.by_id(binding.channel)
                {
                    contents.note_stand_in(channel, None);
                }
                unreached.push((candidate, reason, binding));
                continue;
            }
        };
        match content_for(&mut contents, &candidate, &mut address)? {
            Some(built) => reached.push((candidate, address, built)),
            None => {
                let reason = match wanted.kind {
                    Kind::LiveActivity => Reason::NoLiveActivity,
                    // req 23: the sender can learn why.
                    _ => Reason::NoText,
                };
                unreached.push((candidate, reason, Some(KnownBinding::of(&address.binding))));
            }
        }
    }
    // Neighbours of one channel land in its queue together, so that they can share a request
    // however fast it is served. Stable: recipients keep their order among the same content.
    let mut first = BTreeMap::new();
    for (_, address, built) in &reached {
        let first = first.entry(address.binding.channel).or_insert(built.number);
        *first = built.number.min(*first);
    }
    reached.sort_by_key(|(_, address, built)| (first[&address.binding.channel], built.number));
    let mut decided = AdmissionDecision {
        id: NotificationId::new(),
        accepted_at: time,
        expires_at: expiry(ttl, time),
        drafts: Vec::with_capacity(reached.len()),
        suppressed: Vec::with_capacity(unreached.len()),
        notices: contents.into_notices(),
    };
    for (n, (candidate, address, built)) in (0..).zip(reached) {
        decided.drafts.push(DeliveryDraft {
            badge: candidate.badge.or(built.badge),
            delivery: Delivery {
                id: DeliveryId {
                    notification: decided.id,
                    n,
                },
                channel: address.binding.channel,
                recipient: recipient(candidate, address),
                content: built.content,
                attempts: 0,
            },
        });
    }
    let first = decided.drafts.len() as u32;
    for (n, (candidate, reason, binding)) in (first..).zip(unreached) {
        let suppressed = decided.suppressed(app, n, candidate, reason, binding);
        decided.suppressed.push(suppressed);
    }
    Ok(decided)
}

impl AdmissionDecision {
    fn suppressed(
        &self,
        app: &str,
        n: u32,
        candidate: Candidate<'_>,
        reason: Reason,
        binding: Option<KnownBinding>,
    ) -> SuppressedDraft {
        let (channel, token) =
            binding.map_or((None, String::new()), |it| (Some(it.channel), it.token));
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

    /// What the caller gets.
    pub fn result(&self) -> SubmissionResult {
        let user = |it: &SuppressedDraft| Some((it.suppressed.trace.user.clone()?, it.reason));
        let mut suppressed: Vec<_> = self.suppressed.iter().filter_map(user).collect();
        suppressed.dedup();
        SubmissionResult {
            accepted: Accepted {
                id: self.id.to_string(),
                deliveries: self.drafts.len(),
                suppressed: self.suppressed.len(),
                explanation: self.explanation(),
                notices: self.notices.clone(),
            },
            suppressed,
        }
    }

    /// The rules and whom they suppress, such as `foreground: bob/phone; no_device: carol`.
    fn explanation(&self) -> Option<String> {
        let mut suppressed_names: BTreeMap<Reason, Vec<String>> = BTreeMap::new();
        for it in &self.suppressed {
            let trace = &it.suppressed.trace;
            let mut name = match (&trace.user, &trace.device) {
                (Some(user), Some(device)) => format!("{user}/{device}"),
                (Some(user), None) => user.clone(),
                _ => trace.token.clone(),
            };
            if let (Reason::NoChannel, Some(id)) = (it.reason, trace.channel) {
                name = format!("{name} (certificate id {id})");
            }
            suppressed_names.entry(it.reason).or_default().push(name);
        }
        let parts = suppressed_names.iter().map(|(reason, names)| {
            let more = match names.len().saturating_sub(MAX_NAMES) {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            let names = &names[..names.len().min(MAX_NAMES)];
            format!("{}: {}{more}", reason.code(), names.join(", "))
        });
        let parts: Vec<String> = parts.collect();
        (!parts.is_empty()).then(|| parts.join("; "))
    }
}

/// What a device gets, if anything. What the channel cannot send goes to the device's own token,
/// as an alert.
fn content_for(
    contents: &mut Contents<'_>,
    candidate: &Candidate<'_>,
    address: &mut Address<'_>,
) -> Result<Option<BuiltContent>, RefusedOptions> {
    let mut why = None;
    loop {
        let channel = address.channel;
        let Some(built) = contents.of(channel, candidate, address)? else {
            return Ok(None);
        };
        match (&built.unsendable, address.spare.take()) {
            (Some(unsendable), Some((channel, spare))) => {
                why = Some(unsendable.clone());
                *address = Address::alert(channel, spare);
                continue;
            }
            (Some(unsendable), None) => {
                let mut notice = AcceptedNotice::clone(unsendable);
                notice.text.insert_str(0, "will not be delivered: ");
                contents.add_notice(notice);
            }
            (None, _) if !built.content.is_as_asked() => {
                contents.note_stand_in(channel, why.as_deref())
            }
            (None, _) => {}
        }
        return Ok(Some(built));
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

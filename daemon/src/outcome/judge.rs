//! The pure judge: a verdict, the delivery's case and the time → the end, or the next try.

use nudged_plugin_api::{Class, Scope, Timestamp, Verdict};

use super::ceiling::ceiling;
use crate::model::{OutcomeKind, Reason};

/// How long to wait, when the vendor does not say and when it says too much.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// Before the second attempt, in milliseconds.
    pub first_retry: u64,
    /// Longest wait between attempts, in milliseconds.
    pub longest_retry: u64,
    /// Longest wait that a vendor is granted, in milliseconds.
    pub longest_hold: u64,
}

/// What the judge knows of a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Case {
    /// Attempts before this one.
    pub attempts: u32,
    /// No attempt after this.
    pub expires_at: Timestamp,
    /// One attempt only.
    pub now_or_never: bool,
    /// A random number, 0 to 1000, that spreads retries out.
    pub jitter: u16,
    /// How often its channel was held on suspicion since its last accepted message.
    pub holds: u32,
}

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// The delivery has ended.
    End(OutcomeKind),
    /// It has ended unsent, by rule.
    Suppress(Reason),
    /// It is tried again.
    Retry {
        /// When.
        at: Timestamp,
        /// Whether this try counts as an attempt, for the next wait.
        counts: bool,
        /// Until when the whole channel waits.
        hold: Option<Timestamp>,
        /// Until when the vendor asked this one to wait; nobody may try it earlier.
        asked: Option<Timestamp>,
    },
}

impl Decision {
    /// How the delivery has ended, if it has.
    pub fn end(&self) -> Option<OutcomeKind> {
        match self {
            Self::End(kind) => Some(*kind),
            Self::Suppress(_) => Some(OutcomeKind::Suppressed),
            Self::Retry { .. } => None,
        }
    }
}

/// Wait for a day's quota when the vendor does not say when it comes back: an hour.
pub const QUOTA_WAIT: u64 = 3_600_000;
/// Wait after a credential was refused: nothing changes until the operator acts, but a
/// vendor's mistake should not cost an hour.
pub const CREDENTIAL_WAIT: u64 = 60_000;
/// A driver that fails this often on one delivery will always fail on it.
const DRIVER_TRIES: u32 = 5;

/// What a vendor's verdict means for a delivery.
pub fn judge(verdict: &Verdict, case: Case, patience: Patience, now: Timestamp) -> Decision {
    let said = asked(verdict, patience);
    let asked = said.unwrap_or(0);
    let (wait, counts) = match verdict.class {
        Class::Accepted => return Decision::End(OutcomeKind::Accepted),
        Class::InvalidToken => return Decision::End(OutcomeKind::InvalidToken),
        Class::BadRequest | Class::DeviceOff => return Decision::End(OutcomeKind::Rejected),
        // The channel fetches a new grant, or holds itself; the delivery is not at fault.
        Class::GrantExpired => (asked, false),
        Class::Credential => match verdict.scope {
            // Nor is it here: it stands ready for the reload that brings a good credential.
            Scope::Account | Scope::Credential => (0, false),
            Scope::MessageClass => (asked.max(CREDENTIAL_WAIT), false),
            Scope::Message | Scope::Token | Scope::Beside => {
                (asked.max(backoff(case, patience)), true)
            }
            // Longer than the channel is held for it: then another one finds out.
            _ => {
                let longer = 2 * suspicion_wait(case.holds, patience);
                (asked.max(backoff(case, patience)).max(longer), true)
            }
        },
        Class::QuotaExceeded => (said.unwrap_or(QUOTA_WAIT), false),
        // The vendor lost the connection, not the message: at once, somewhere else.
        Class::Unavailable if said == Some(0) => (0, true),
        _ => (asked.max(backoff(case, patience)), true),
    };
    let decision = again(wait, counts, case, now);
    match decision {
        Decision::Retry { at, counts, .. } => Decision::Retry {
            at,
            counts,
            hold: judge_channel(verdict, case, patience, now),
            asked: said.map(|wait| now.plus_millis(wait)),
        },
        ended => ended,
    }
}

/// Until when a verdict makes the whole channel wait, whatever becomes of the delivery: one
/// that may not be tried again still tells the others.
pub fn judge_channel(
    verdict: &Verdict,
    case: Case,
    patience: Patience,
    now: Timestamp,
) -> Option<Timestamp> {
    let whole = match (verdict.class, verdict.scope) {
        (Class::Credential, scope) => matches!(scope, Scope::Account | Scope::Credential),
        (_, scope) => !matches!(
            scope,
            Scope::Message | Scope::Token | Scope::Beside | Scope::MessageClass
        ),
    };
    if !whole {
        return None;
    }
    waits(verdict, case, patience, now)
}

/// Until when a verdict makes the messages of its class wait, and no others.
pub fn judge_class(
    verdict: &Verdict,
    case: Case,
    patience: Patience,
    now: Timestamp,
) -> Option<Timestamp> {
    let of_class = verdict.scope == Scope::MessageClass;
    of_class.then(|| waits(verdict, case, patience, now))?
}

/// What a verdict speaks of, for a message of this class: without one, a word on its class leaves
/// open whose fault it is.
pub fn speaks_of(verdict: &Verdict, class: &str) -> Scope {
    match verdict.scope {
        Scope::MessageClass if class.is_empty() => Scope::Unsaid,
        scope => scope,
    }
}

/// How long a channel is held, in milliseconds, once different messages were refused alike,
/// for the so-manieth time: briefly at first, as it is not known to be at fault.
pub fn suspicion_wait(holds: u32, patience: Patience) -> u64 {
    let doubled = 1_u64 << holds.saturating_sub(1).min(30);
    let most = CREDENTIAL_WAIT.min(patience.longest_retry / 2).max(1);
    patience.first_retry.saturating_mul(doubled).min(most)
}

fn waits(verdict: &Verdict, case: Case, patience: Patience, now: Timestamp) -> Option<Timestamp> {
    let asked = asked(verdict, patience);
    let wait = match verdict.class {
        Class::Credential => asked.unwrap_or(0).max(CREDENTIAL_WAIT),
        Class::Throttled => asked.unwrap_or(0).max(backoff(case, patience)),
        Class::QuotaExceeded => asked.unwrap_or(QUOTA_WAIT),
        _ => return None,
    };
    Some(now.plus_millis(wait))
}

/// How long the vendor wants to be left alone, as far as that is granted.
fn asked(verdict: &Verdict, patience: Patience) -> Option<u64> {
    let most = ceiling(verdict.class, patience);
    verdict.retry_after_millis.map(|asked| asked.min(most))
}

/// What a request without an answer means; `seen`: the vendor may have acted on it.
pub fn judge_silence(seen: bool, case: Case, patience: Patience, now: Timestamp) -> Decision {
    if case.now_or_never && !seen {
        // It was not the one attempt.
        let case = Case {
            now_or_never: false,
            ..case
        };
        return again(backoff(case, patience), false, case, now);
    }
    again(backoff(case, patience), true, case, now)
}

/// What a hold means for one that was not sent because of it; `asked`: the vendor named the
/// time, and nobody may try it earlier.
pub fn judge_hold(case: Case, until: Timestamp, asked: bool) -> Decision {
    if case.now_or_never || until >= case.expires_at {
        return Decision::End(OutcomeKind::Expired);
    }
    Decision::Retry {
        at: until,
        counts: false,
        hold: None,
        asked: asked.then_some(until),
    }
}

/// What a driver's failure on one delivery means.
pub fn judge_driver_failure(case: Case, patience: Patience, now: Timestamp) -> Decision {
    if case.attempts + 1 >= DRIVER_TRIES {
        return Decision::End(OutcomeKind::Failed);
    }
    again(backoff(case, patience), true, case, now)
}

fn again(wait: u64, counts: bool, case: Case, now: Timestamp) -> Decision {
    let at = now.plus_millis(wait);
    if case.now_or_never || at >= case.expires_at {
        return Decision::End(OutcomeKind::Expired);
    }
    Decision::Retry {
        at,
        counts,
        hold: None,
        asked: None,
    }
}

/// Exponential, with the upper half of each wait left to chance.
pub fn backoff(case: Case, patience: Patience) -> u64 {
    let doubled = 1_u64.checked_shl(case.attempts.min(40)).unwrap_or(u64::MAX);
    let full = patience
        .first_retry
        .saturating_mul(doubled)
        .min(patience.longest_retry);
    full / 2 + full / 2 * u64::from(case.jitter.min(1000)) / 1000
}

#[cfg(test)]
mod tests;

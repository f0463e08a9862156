//! Where a retry is decided: what a vendor said, or did not say, of a delivery → its end, or the
//! next attempt and when. Pure; is told the time.
//!
//! In: a verdict, a missing response, a hold, a driver's failure; the delivery's context. Out: a [`Decision`],
//! and until when the channel or a class of its messages is held. Every attempt, expiry and
//! suppression after admission is decided here; that a device may be pushed no more is found by
//! `dispatch::send_check`.

use std::time::Duration;

use nudged_plugin_api::{Class, Scope, Timestamp, Verdict};

use super::backoff::Backoff;
use super::ceiling::ceiling;
use crate::model::{Delivery, OutcomeKind, Reason, TimestampExt};
use crate::quota::ClassClosed;

/// What is known of a delivery that something happened to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetryContext {
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

impl RetryContext {
    /// That of a delivery whose channel is above suspicion.
    pub fn of(delivery: &Delivery, jitter: u16) -> Self {
        Self {
            attempts: delivery.attempts,
            expires_at: delivery.content.expires_at,
            now_or_never: delivery.is_now_or_never(),
            jitter,
            holds: 0,
        }
    }

    /// Whether there is no attempt at that moment any more.
    // req 62: a lifetime of 0 is one attempt.
    fn is_over(&self, at: Timestamp) -> bool {
        self.now_or_never || at >= self.expires_at
    }

    fn pause(&self, backoff: Backoff) -> Duration {
        backoff.pause(self.attempts, self.jitter)
    }
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
        /// When it is due.
        at: Timestamp,
        /// Whether this try counts as an attempt, for the next pause.
        counts: bool,
        /// Until when the whole channel waits.
        hold: Option<Timestamp>,
        /// Until when the vendor asked this one to wait; nobody may try it earlier.
        asked: Option<Timestamp>,
    },
}

impl Decision {
    /// It is due then, and was not tried so far.
    fn defer(at: Timestamp) -> Self {
        Self::Retry {
            at,
            counts: false,
            hold: None,
            asked: None,
        }
    }

    /// It is due then, with one more attempt behind it.
    fn retry(at: Timestamp) -> Self {
        Self::Retry {
            at,
            counts: true,
            hold: None,
            asked: None,
        }
    }

    /// How the delivery has ended, if it has.
    pub fn end(&self) -> Option<OutcomeKind> {
        match self {
            Self::End(kind) => Some(*kind),
            Self::Suppress(_) => Some(OutcomeKind::Suppressed),
            Self::Retry { .. } => None,
        }
    }
}

/// Why there is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoResponse {
    /// The vendor refused the stream, or the client certificate: the delivery is not at fault.
    Refused,
    /// The vendor cannot have acted on it.
    Unseen,
    /// The vendor may have acted on it.
    MaybeSeen,
}

/// Wait for a day's quota when the vendor does not say when it comes back.
pub const QUOTA_WAIT: Duration = Duration::from_secs(3600);
/// Wait after a credential was refused: nothing changes until the operator acts, but a
/// vendor's mistake should not cost an hour.
pub const CREDENTIAL_WAIT: Duration = Duration::from_secs(60);
/// A driver that fails this often on one delivery will always fail on it.
const MAX_DRIVER_FAILURES: u32 = 5;

/// What a vendor's verdict means for a delivery.
// req 73: the smallest thing that explains it waits.
pub fn decide(
    verdict: &Verdict,
    context: RetryContext,
    backoff: Backoff,
    now: Timestamp,
) -> Decision {
    let asked = asked(verdict, backoff);
    let at_least = asked.unwrap_or_default();
    let (wait, counts) = match verdict.class {
        Class::Accepted => return Decision::End(OutcomeKind::Accepted),
        // Whether its device goes is decided in `removal`.
        Class::InvalidToken => return Decision::End(OutcomeKind::InvalidToken),
        Class::BadRequest | Class::DeviceOff => return Decision::End(OutcomeKind::Rejected),
        // The channel fetches a new grant, or holds itself; the delivery is not at fault.
        Class::GrantExpired => (at_least, false),
        Class::Credential => match verdict.scope {
            // Nor is it here: it stands ready for the reload that brings a good credential.
            Scope::Account | Scope::Credential => (Duration::ZERO, false),
            Scope::MessageClass => (at_least.max(CREDENTIAL_WAIT), false),
            Scope::Message | Scope::Token | Scope::Beside => {
                (at_least.max(context.pause(backoff)), true)
            }
            // Longer than the channel is held for it: then another one finds out.
            _ => {
                let longer = 2 * suspicion_wait(context.holds, backoff);
                (at_least.max(context.pause(backoff)).max(longer), true)
            }
        },
        // req 56: a quota that is used up is no success, and is waited for.
        Class::QuotaExceeded => (asked.unwrap_or(QUOTA_WAIT), false),
        // The vendor lost the connection, not the message: at once, somewhere else.
        Class::Unavailable if asked == Some(Duration::ZERO) => (Duration::ZERO, true),
        _ => (at_least.max(context.pause(backoff)), true),
    };
    let at = now.plus(wait);
    if context.is_over(at) {
        return Decision::End(OutcomeKind::Expired);
    }
    Decision::Retry {
        at,
        counts,
        hold: decide_channel(verdict, context, backoff, now),
        asked: asked.map(|wait| now.plus(wait)),
    }
}

/// Until when a verdict makes the whole channel wait, whatever becomes of the delivery: one
/// that may not be tried again still speaks for the others.
// req 54: faults of a device are told from those of the certificate and the channel.
pub fn decide_channel(
    verdict: &Verdict,
    context: RetryContext,
    backoff: Backoff,
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
    held_until(verdict, context, backoff, now)
}

/// Until when a verdict makes the messages of its class wait, and no others.
// req 73: a quota verdict is about the class whose quota it names.
pub fn decide_class(
    verdict: &Verdict,
    context: RetryContext,
    backoff: Backoff,
    now: Timestamp,
) -> Option<Timestamp> {
    let of_class = verdict.scope == Scope::MessageClass;
    of_class.then(|| held_until(verdict, context, backoff, now))?
}

/// What a verdict speaks of, for a message of this class: without one, a verdict on its class
/// leaves open whose fault it is.
pub fn effective_scope(verdict: &Verdict, class: &str) -> Scope {
    match verdict.scope {
        Scope::MessageClass if class.is_empty() => Scope::Unsaid,
        scope => scope,
    }
}

/// How long a channel is held once different messages were refused alike, for the `holds`th time:
/// briefly at first, as it is not known to be at fault.
pub fn suspicion_wait(holds: u32, backoff: Backoff) -> Duration {
    let max = CREDENTIAL_WAIT
        .min(backoff.max() / 2)
        .max(Duration::from_millis(1));
    backoff.doubled(holds.saturating_sub(1)).min(max)
}

fn held_until(
    verdict: &Verdict,
    context: RetryContext,
    backoff: Backoff,
    now: Timestamp,
) -> Option<Timestamp> {
    let asked = asked(verdict, backoff);
    let wait = match verdict.class {
        Class::Credential => asked.unwrap_or_default().max(CREDENTIAL_WAIT),
        Class::Throttled => asked.unwrap_or_default().max(context.pause(backoff)),
        Class::QuotaExceeded => asked.unwrap_or(QUOTA_WAIT),
        _ => return None,
    };
    Some(now.plus(wait))
}

/// How long the vendor wants to be left alone, as far as that is granted.
fn asked(verdict: &Verdict, backoff: Backoff) -> Option<Duration> {
    let max = ceiling(verdict.class, backoff);
    let asked = verdict.retry_after_millis.map(Duration::from_millis);
    asked.map(|asked| asked.min(max))
}

/// What a request without an answer means.
pub fn decide_no_response(
    no_response: NoResponse,
    context: RetryContext,
    backoff: Backoff,
    now: Timestamp,
) -> Decision {
    match no_response {
        // It stands ready for the next stream, or for the reload that brings a good credential.
        NoResponse::Refused if !context.now_or_never => Decision::defer(now),
        // req 62: nobody saw it, so that it was not the one attempt.
        NoResponse::Refused | NoResponse::Unseen if context.now_or_never => {
            let at = now.plus(context.pause(backoff));
            match at >= context.expires_at {
                true => Decision::End(OutcomeKind::Expired),
                false => Decision::defer(at),
            }
        }
        _ => again(context, backoff, now),
    }
}

/// What a hold of our own means for one that was not sent because of it.
pub fn decide_hold(context: RetryContext, until: Timestamp) -> Decision {
    if context.is_over(until) {
        return Decision::End(OutcomeKind::Expired);
    }
    Decision::defer(until)
}

/// What it means that nothing more of its class is sent for now: it is deferred, or ends where the
/// channel does not wait for that.
pub fn decide_closed(context: RetryContext, closed: &ClassClosed) -> Decision {
    if let Some(reason) = closed.ends() {
        return Decision::Suppress(reason);
    }
    match decide_hold(context, closed.until()) {
        Decision::Retry {
            at, counts, hold, ..
        } => Decision::Retry {
            at,
            counts,
            hold,
            // The vendor named the time, and nobody may try it earlier.
            asked: closed.is_vendors_time().then_some(at),
        },
        ended => ended,
    }
}

/// What it means that a driver refuses a message or its token before anybody is asked: it would be
/// refused each time.
pub fn decide_refused() -> Decision {
    Decision::End(OutcomeKind::Rejected)
}

/// What a driver's failure on one delivery means.
pub fn decide_driver_failure(context: RetryContext, backoff: Backoff, now: Timestamp) -> Decision {
    if context.attempts + 1 >= MAX_DRIVER_FAILURES {
        return Decision::End(OutcomeKind::Failed);
    }
    again(context, backoff, now)
}

/// Whether a delivery's time is over, so that it is not sent.
pub fn is_expired(delivery: &Delivery, now: Timestamp) -> bool {
    delivery.content.expires_at <= now
}

/// It is tried again after the pause, if its time is not over by then.
fn again(context: RetryContext, backoff: Backoff, now: Timestamp) -> Decision {
    let at = now.plus(context.pause(backoff));
    if context.is_over(at) {
        return Decision::End(OutcomeKind::Expired);
    }
    Decision::retry(at)
}

#[cfg(test)]
mod tests;

//! Settlements: what is to be written of one delivery, and what its trace then says.
//!
//! In: a lease, the attempt that led here and what `retry` decided. Out: the outcome, and the
//! evidence against a token that is dead. Refuses to know where it is written.

use std::sync::Arc;

use nudged_plugin_api::{Scope, Timestamp};

use super::retry::Decision;
use crate::model::{Attempt, Evidence, Outcome, OutcomeKind, Reason};
use crate::queue::Lease;
use crate::quota::Reservation;

/// What is to be written of one delivery.
pub struct Settlement {
    /// The delivery.
    pub lease: Lease,
    /// The try that led here; none when there was none, as for one that expired waiting.
    pub attempt: Option<Attempt>,
    /// What is to be done.
    pub decision: Decision,
    /// The vendor's id of the accepted message.
    pub vendor_id: Option<String>,
    /// For an invalid token: since when it is dead.
    pub dead_since: Option<Timestamp>,
    /// For an invalid token: what the verdict speaks of.
    pub scope: Scope,
    /// Its device stays: the verdict may be the settings' fault, which have had no success yet.
    pub kept: bool,
    /// For an invalid token: the channel's settings at the time; 0 = none are to blame.
    pub settings: u64,
    /// What the driver needs to take the accepted message back.
    pub recall_key: String,
    /// What it has set aside of the quota of its class of messages, where that has one.
    pub reservation: Option<Arc<Reservation>>,
}

impl Settlement {
    /// One that was tried, without what only an answer of the vendor brings.
    pub fn tried(lease: Lease, attempt: Attempt, decision: Decision) -> Self {
        Self::new(lease, Some(attempt), decision)
    }

    /// One whose time ran out before it was tried.
    pub fn expired(lease: Lease) -> Self {
        Self::new(lease, None, Decision::End(OutcomeKind::Expired))
    }

    /// One that ends unsent, by rule.
    pub fn suppressed(lease: Lease, reason: Reason) -> Self {
        Self::new(lease, None, Decision::Suppress(reason))
    }

    fn new(lease: Lease, attempt: Option<Attempt>, decision: Decision) -> Self {
        Self {
            lease,
            attempt,
            decision,
            vendor_id: None,
            dead_since: None,
            scope: Scope::Unsaid,
            kept: false,
            settings: 0,
            recall_key: String::new(),
            reservation: None,
        }
    }

    /// Whether its token is dead, and its device to be removed for it.
    pub(super) fn removes_device(&self) -> bool {
        self.decision == Decision::End(OutcomeKind::InvalidToken) && !self.kept
    }

    /// Whether the vendor took it.
    pub(super) fn is_accepted(&self) -> bool {
        self.decision == Decision::End(OutcomeKind::Accepted)
    }

    /// Why its device is removed.
    pub(super) fn evidence(&self, now: Timestamp) -> Evidence {
        let attempt = self.attempt.as_ref();
        Evidence {
            at: now,
            delivery: self.lease.delivery().id,
            code: attempt.map(|it| it.code.clone()).unwrap_or_default(),
            text: attempt.map(|it| it.text.clone()).unwrap_or_default(),
            dead_since: self.dead_since,
            scope: self.scope,
            settings: self.settings,
        }
    }

    /// How it ended.
    pub(super) fn outcome(&self, kind: OutcomeKind, now: Timestamp) -> Outcome {
        let mut outcome = Outcome {
            kind,
            vendor_id: self.vendor_id.clone(),
            at: now,
            ..Outcome::default()
        };
        match (&self.decision, &self.attempt) {
            (Decision::Suppress(reason), _) => {
                outcome.code = reason.code().to_owned();
                outcome.text = reason.text().to_owned();
                outcome.remedy = reason.remedy().to_owned();
            }
            (_, Some(attempt)) => {
                outcome.code.clone_from(&attempt.code);
                outcome.text.clone_from(&attempt.text);
                outcome.remedy.clone_from(&attempt.remedy);
            }
            (_, None) => {
                outcome.code = "lifetime_over".to_owned();
                outcome.text = "its time ran out before the next attempt".to_owned();
                outcome.remedy = "give it a longer ttl, or see in `nudgectl channel ls` why the \
                                  channel was held"
                    .to_owned();
            }
        }
        if kind == OutcomeKind::Accepted {
            outcome.recall_key.clone_from(&self.recall_key);
        }
        outcome
    }
}

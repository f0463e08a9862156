//! Blame: what answers say of the channel as a whole, or of a class of messages, beyond the
//! deliveries that they are about.
//!
//! In: verdicts, and requests that came to nothing. Out: holds, suspicions, refused grants, quotas
//! that are used up; and what is logged of them. Refuses to know what becomes of a delivery.

use std::sync::Arc;

use nudged_plugin_api::{Class, Grant, Scope, Timestamp, Verdict};

use super::batch::Group;
use super::breaker::Hold;
use super::channel::Channel;
use super::suspicion::{About, Step, Suspicions};
use super::told;
use crate::outcome::{CREDENTIAL_WAIT, QUOTA_WAIT, suspicion_wait};
use crate::quota::{Account, Reservation, VendorRefusal};
use crate::sync::{Mutex, MutexGuard};
use crate::transport::TransportError;

/// A verdict, what it means for its channel and for its class of messages, and the account of that
/// class, if there is one.
pub(super) struct Said<'a> {
    pub(super) verdict: &'a Verdict,
    pub(super) hold: Option<Timestamp>,
    pub(super) class_hold: Option<Timestamp>,
    pub(super) account: Option<&'a Arc<Account>>,
}

impl Channel {
    /// A message was accepted: nothing stands against the channel any more.
    pub(super) fn cleared(&mut self) {
        self.suspicions().accepted();
        self.at_rest = true;
        if self.breaker.cleared() {
            told::goes_on(&self.route.name);
        }
    }

    /// What was tried first after its class was refused: the vendor has taken it for what it is,
    /// even where it names a token that is dead.
    pub(super) fn got_through(&self, ticket: Option<&Reservation>, verdicts: &[Verdict]) {
        let through = |it: &Verdict| {
            let taken = matches!(
                it.class,
                Class::Accepted
                    | Class::InvalidToken
                    | Class::BadRequest
                    | Class::DeviceOff
                    | Class::ThrottledDevice
            );
            taken && it.scope != Scope::MessageClass
        };
        if let Some(ticket) = ticket
            && verdicts.iter().any(through)
            && ticket.got_through()
        {
            told::class_taken(&self.route.name, ticket.account().class());
        }
    }

    /// What an answer leaves open: whether the channel is at fault, or this message, or a device.
    pub(super) fn suspect(&mut self, group: &Group, verdicts: &[Verdict], time: Timestamp) {
        let open = |it: &Verdict| match it.class {
            Class::Credential => it.scope == Scope::Unsaid,
            Class::InvalidToken => it.scope == Scope::Credential,
            _ => false,
        };
        let mut at = 0;
        let mut any = false;
        while let Some(verdict) = verdicts.get(at) {
            let alike = |it: &&Verdict| it.class == verdict.class && it.code == verdict.code;
            let count = verdicts[at..].iter().take_while(alike).count();
            let leases = &group[at..at + count];
            at += count;
            if !open(verdict) {
                continue;
            }
            any = true;
            let messages = leases.iter().map(|lease| lease.delivery().id.notification);
            if verdict.class == Class::InvalidToken {
                for message in messages {
                    self.suspicions().called_dead(verdict, message, time);
                }
                continue;
            }
            let step = self.suspicions().refused(verdict, messages, time);
            if let Step::Held(holds) = step {
                let wait = suspicion_wait(holds, self.route.patience);
                let reason = format!(
                    "different messages were refused alike: {} ({})",
                    words(verdict),
                    verdict.remedy
                );
                let hold = Hold::suspected(time.plus_millis(wait), reason);
                if self.breaker.hold_until(hold) {
                    self.log_hold();
                }
            }
        }
        if any {
            let at_rest = self.suspicions().is_at_rest();
            self.at_rest = at_rest;
            self.log_suspicions(time);
        }
    }

    /// What a request that came to nothing says of it.
    pub(super) fn lost(&mut self, error: &TransportError, time: Timestamp) {
        // A stream that was refused says that this connection is full or going, no more.
        if error.is_credential() {
            let until = time.plus_millis(CREDENTIAL_WAIT);
            let reason = format!("{error} ({})", error.remedy());
            if self.breaker.hold_until(Hold::ours(until, reason)) {
                self.log_hold();
            }
        } else if !matches!(error, TransportError::Refused { .. })
            && self.breaker.failed(time, &error.to_string())
        {
            self.log_hold();
        }
    }

    pub(super) fn of_class(&self, class: &str) -> Arc<Account> {
        let Self { ledger, route, .. } = self;
        ledger.of_class(route.certificate_id, &route.name, class)
    }

    /// What a verdict says of the channel as a whole.
    pub(super) fn learn(&mut self, said: &Said<'_>, grant: Option<&Arc<Grant>>, time: Timestamp) {
        let Said {
            verdict,
            hold,
            class_hold,
            account,
        } = said;
        let cell = self.grants.as_ref();
        let reason = || words(verdict);
        let alone = matches!(verdict.scope, Scope::Message | Scope::Token | Scope::Beside);
        match verdict.class {
            Class::GrantExpired => {
                if let (Some(cell), Some(grant)) = (cell, grant) {
                    cell.refused(grant, &reason(), time);
                }
            }
            // Its own fault, or one that a hold is on for already.
            Class::Credential if hold.is_none() && class_hold.is_none() => {
                if !self.breaker.is_suspected() && self.breaker.answered(time) {
                    told::goes_on(&self.route.name);
                }
            }
            // The other classes of messages go on.
            _ if class_hold.is_some()
                || (verdict.class == Class::QuotaExceeded
                    && account.is_some()
                    && verdict.scope == Scope::Unsaid) =>
            {
                let account = account.unwrap_or(&self.whole);
                let refusal = match class_hold {
                    Some(until) => VendorRefusal {
                        until: *until,
                        ours: verdict.class != Class::QuotaExceeded
                            && verdict.retry_after_millis.is_none(),
                        ..refusal(verdict, reason(), time)
                    },
                    None => refusal(verdict, reason(), time),
                };
                let until = refusal.until;
                if account.refuse(refusal, time) {
                    told::class_refused(&self.route.name, account.class(), &reason(), until);
                }
                self.breaker.answered(time);
            }
            Class::Unavailable if !alone => {
                if self.breaker.failed(time, &reason()) {
                    self.log_hold();
                }
            }
            _ => {
                if let (Class::Accepted, Some(cell)) = (verdict.class, cell) {
                    cell.worked();
                }
                if verdict.class == Class::QuotaExceeded && !alone {
                    self.whole.refuse(refusal(verdict, reason(), time), time);
                }
                match *hold {
                    Some(until) => {
                        let reason = format!("{} ({})", reason(), verdict.remedy);
                        let asked = verdict.retry_after_millis.is_some();
                        let hold = match verdict.class {
                            Class::Credential | Class::Throttled if !asked => {
                                Hold::ours(until, reason)
                            }
                            _ => Hold::asked(until, reason),
                        };
                        if self.breaker.hold_until(hold) {
                            self.log_hold();
                        }
                    }
                    None => {
                        if self.breaker.answered(time) {
                            told::goes_on(&self.route.name);
                        }
                    }
                }
            }
        }
    }

    /// What stands against the channel.
    pub(super) fn suspicions(&self) -> MutexGuard<'_, Suspicions> {
        locked(&self.suspicions)
    }

    /// Logs what stands against it, each code once.
    pub(super) fn log_suspicions(&self, time: Timestamp) {
        for it in self.suspicions().news(time) {
            let (code, text, remedy) = (&it.code, &it.text, &it.remedy);
            let channel = &self.route.name;
            match it.about {
                About::Credential => tracing::warn!(
                    channel,
                    code,
                    text,
                    remedy,
                    "the vendor refused a message in words that may concern the whole channel; it \
                     is held once a different message is refused alike"
                ),
                About::Tokens => tracing::warn!(
                    channel,
                    code,
                    text,
                    remedy,
                    "the vendor calls tokens dead, which may be the settings' fault: no device is \
                     removed for it before a message of this channel was accepted"
                ),
            }
        }
    }

    pub(super) fn log_hold(&self) {
        if let Some(hold) = self.breaker.hold() {
            told::held(&self.route.name, &hold.reason, hold.until);
        }
    }

    pub(super) fn show_hold(&self) {
        let mut held = self.held.lock();
        if held.as_ref() != self.breaker.hold() {
            *held = self.breaker.hold().cloned();
        }
    }
}

pub(super) fn locked(suspicions: &Mutex<Suspicions>) -> MutexGuard<'_, Suspicions> {
    suspicions.lock()
}

/// What a vendor said of its quota.
fn refusal(verdict: &Verdict, text: String, now: Timestamp) -> VendorRefusal {
    let wait = verdict.retry_after_millis.unwrap_or(QUOTA_WAIT);
    VendorRefusal {
        until: now.plus_millis(wait),
        code: verdict.code.clone(),
        text,
        remedy: verdict.remedy.clone(),
        ours: false,
        class: verdict.class,
    }
}

/// The vendor's code and words.
fn words(verdict: &Verdict) -> String {
    let words = if verdict.text.is_empty() { "" } else { ": " };
    format!("{}{words}{}", verdict.code, verdict.text)
}

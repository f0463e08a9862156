//! Blame: what answers say of the channel as a whole, or of a class of messages, beyond the
//! deliveries that they are about. How long it is held for that is decided in `outcome`.
//!
//! In: verdicts, and requests that came to nothing. Out: holds, suspicions, refused grants, quotas
//! that are used up; and what is logged of them. Refuses to know what becomes of a delivery.

use std::sync::Arc;
use std::time::Duration;

use nudged_plugin_api::{Class, Grant, Scope, Timestamp, Verdict};

use super::batch::Batch;
use super::breaker::Hold;
use super::channel::ChannelTask;
use super::log;
use super::suspicion::{SuspectedFault, SuspicionResult};
use crate::model::{TimestampExt, code_and_text};
use crate::outcome::{CREDENTIAL_WAIT, QUOTA_WAIT, suspicion_wait};
use crate::quota::{Account, Reservation, VendorRefusal};
use crate::transport::TransportError;

/// A verdict, what it means for its channel and for its class of messages, and the account of that
/// class, if there is one.
pub(super) struct Blame<'a> {
    pub(super) verdict: &'a Verdict,
    pub(super) hold: Option<Timestamp>,
    pub(super) class_hold: Option<Timestamp>,
    pub(super) account: Option<&'a Arc<Account>>,
}

impl Blame<'_> {
    /// Whether only its class of messages is at fault.
    // req 73: a quota verdict is about the class whose quota it names.
    fn is_of_class(&self) -> bool {
        let quota = self.verdict.class == Class::QuotaExceeded
            && self.account.is_some()
            && self.verdict.scope == Scope::Unsaid;
        self.class_hold.is_some() || quota
    }
}

impl ChannelTask {
    /// A message was accepted: nothing stands against the channel any more.
    pub(super) fn cleared(&mut self) {
        self.suspicions().accepted();
        self.unsuspected = true;
        if self.breaker.cleared() {
            log::sends_again(&self.route.name);
        }
    }

    /// What was tried first after its class was refused: the vendor has taken it for what it is,
    /// even where it names a token that is dead.
    pub(super) fn got_through(&self, reservation: Option<&Reservation>, verdicts: &[Verdict]) {
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
        if let Some(reservation) = reservation
            && verdicts.iter().any(through)
            && reservation.got_through()
        {
            log::class_taken(&self.route.name, reservation.account().class());
        }
    }

    /// What an answer leaves open: whether the channel is at fault, or this message, or a device.
    pub(super) fn suspect(&mut self, batch: &Batch, verdicts: &[Verdict], time: Timestamp) {
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
            let leases = &batch[at..at + count];
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
            let result = self.suspicions().refused(verdict, messages, time);
            if let SuspicionResult::Held(holds) = result {
                let wait = suspicion_wait(holds, self.route.backoff);
                let reason = format!(
                    "different messages were refused alike: {} ({})",
                    code_and_text(&verdict.code, &verdict.text),
                    verdict.remedy
                );
                self.hold(Hold::suspected(time.plus(wait), reason));
            }
        }
        if any {
            let unsuspected = self.suspicions().is_unsuspected();
            self.unsuspected = unsuspected;
            self.log_suspicions(time);
        }
    }

    /// What a request that came to nothing says of it.
    pub(super) fn request_failed(&mut self, error: &TransportError, time: Timestamp) {
        // A stream that was refused says that this connection is full or going, no more.
        if error.is_credential() {
            let until = time.plus(CREDENTIAL_WAIT);
            let reason = format!("{error} ({})", error.remedy());
            self.hold(Hold::ours(until, reason));
        } else if !matches!(error, TransportError::Refused { .. })
            && self.breaker.failed(time, &error.to_string())
        {
            self.log_hold();
        }
    }

    /// What a verdict says of the channel as a whole.
    pub(super) fn apply_blame(
        &mut self,
        blame: &Blame<'_>,
        grant: Option<&Arc<Grant>>,
        time: Timestamp,
    ) {
        let verdict = blame.verdict;
        let alone = matches!(verdict.scope, Scope::Message | Scope::Token | Scope::Beside);
        match verdict.class {
            Class::GrantExpired => {
                if let (Some(cell), Some(grant)) = (&self.grants, grant) {
                    cell.refused(grant, &code_and_text(&verdict.code, &verdict.text), time);
                }
            }
            // Its own fault, or one that a hold is on for already.
            Class::Credential if blame.hold.is_none() && blame.class_hold.is_none() => {
                if !self.breaker.is_suspected() {
                    self.got_answer(time);
                }
            }
            _ if blame.is_of_class() => self.close_class(blame, time),
            Class::Unavailable if !alone => {
                if self
                    .breaker
                    .failed(time, &code_and_text(&verdict.code, &verdict.text))
                {
                    self.log_hold();
                }
            }
            _ => {
                if let (Class::Accepted, Some(cell)) = (verdict.class, &self.grants) {
                    cell.worked();
                }
                if verdict.class == Class::QuotaExceeded && !alone {
                    let refusal = refusal(verdict, time);
                    self.channel_account.refuse(refusal, time);
                }
                match blame.hold {
                    Some(until) => self.hold(hold(verdict, until)),
                    None => self.got_answer(time),
                }
            }
        }
    }

    /// The vendor answers, and does not ask to wait.
    fn got_answer(&mut self, time: Timestamp) {
        if self.breaker.answered(time) {
            log::sends_again(&self.route.name);
        }
    }

    /// The vendor takes no more of a class of messages; the others go on.
    fn close_class(&mut self, blame: &Blame<'_>, time: Timestamp) {
        let verdict = blame.verdict;
        let account = blame.account.unwrap_or(&self.channel_account);
        let mut refusal = refusal(verdict, time);
        if let Some(until) = blame.class_hold {
            refusal.until = until;
            refusal.ours =
                verdict.class != Class::QuotaExceeded && verdict.retry_after_millis.is_none();
        }
        let (until, reason) = (refusal.until, refusal.text.clone());
        if account.refuse(refusal, time) {
            log::class_refused(&self.route.name, account.class(), &reason, until);
        }
        self.breaker.answered(time);
    }

    /// Logs what stands against it, each code once.
    pub(super) fn log_suspicions(&self, time: Timestamp) {
        for it in self.suspicions().take_unlogged(time) {
            let (code, text, remedy) = (&it.code, &it.text, &it.remedy);
            let channel = &self.route.name;
            match it.about {
                SuspectedFault::Credential => tracing::warn!(
                    channel,
                    code,
                    text,
                    remedy,
                    "the vendor refused a message for a reason that may concern the whole channel; \
                     it is held once a different message is refused alike"
                ),
                SuspectedFault::Tokens => tracing::warn!(
                    channel,
                    code,
                    text,
                    remedy,
                    "the vendor calls tokens dead, which may be the settings' fault: devices are \
                     kept until a message of this channel is accepted"
                ),
            }
        }
    }
}

/// The hold that a verdict asks for, or that is put on for it.
fn hold(verdict: &Verdict, until: Timestamp) -> Hold {
    let reason = format!(
        "{} ({})",
        code_and_text(&verdict.code, &verdict.text),
        verdict.remedy
    );
    let asked = verdict.retry_after_millis.is_some();
    match verdict.class {
        Class::Credential | Class::Throttled if !asked => Hold::ours(until, reason),
        _ => Hold::asked(until, reason),
    }
}

/// What a vendor makes known of its quota.
// req 56: a refusal for quota is kept as such.
fn refusal(verdict: &Verdict, now: Timestamp) -> VendorRefusal {
    let asked = verdict.retry_after_millis.map(Duration::from_millis);
    VendorRefusal {
        until: now.plus(asked.unwrap_or(QUOTA_WAIT)),
        code: verdict.code.clone(),
        text: code_and_text(&verdict.code, &verdict.text),
        remedy: verdict.remedy.clone(),
        ours: false,
        class: verdict.class,
    }
}

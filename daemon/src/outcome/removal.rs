//! Where a token dies: a vendor calls it dead, and its device leaves the registry for a tombstone,
//! unless the removal brake is on.
//!
//! In: a settlement of an invalid token. Out: changes in the registry's view, which are written with
//! the outcome. Whether a verdict on a token may cost a device at all is decided by [`keeps_device`].

use std::borrow::Cow;

use nudged_plugin_api::{Class, Scope, Timestamp, Verdict};

use super::settle::Outcomes;
use super::settlement::Settlement;
use crate::model::{Delivery, Purpose};
use crate::registry::RegistryView;
use crate::store::StoreError;

/// Whether a device stays though its token was called dead: the verdict may be the settings'
/// fault, and no message was accepted with these yet, so that they are not `proven`.
// req 54: a token of another app's certificate is no dead one.
pub fn keeps_device(verdict: &Verdict, proven: impl FnOnce() -> bool) -> bool {
    verdict.class == Class::InvalidToken && verdict.scope == Scope::Credential && !proven()
}

impl Outcomes {
    /// Removes the device of a dead token, or that token only.
    pub(super) fn remove_device(
        &self,
        settlement: &Settlement,
        view: &mut RegistryView<'_>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let delivery = settlement.lease.delivery();
        for token in self.dead_tokens(delivery, settlement.scope) {
            view.remove_dead(
                &delivery.content.app,
                delivery.channel,
                &token,
                settlement.evidence(now),
                |evidence, purpose, here| {
                    if purpose == Some(Purpose::LiveActivity) {
                        return self.brakes.may_forget(delivery.channel);
                    }
                    let devices = self.registry.devices_of(delivery.channel);
                    let devices = devices.map(|it| it.saturating_add_signed(here));
                    self.brakes.may_remove(delivery.channel, evidence, devices)
                },
            )?;
        }
        Ok(())
    }

    /// The tokens that an answer speaks of: the one beside the device's, or the device's as it was
    /// sent to, and the canonical one where that is another. What is queued or in flight may be
    /// older than the canonical token, and the registry may be about to be brought into it.
    fn dead_tokens<'a>(
        &self,
        delivery: &'a Delivery,
        scope: Scope,
    ) -> impl Iterator<Item = Cow<'a, str>> + use<'a> {
        let recipient = &delivery.recipient;
        let (sent, canonical) = match scope {
            // req 72: the Live Activity is over, and the phone is as good as before.
            Scope::Beside => (recipient.activity_token.as_deref(), None),
            _ => {
                let canonicalize = self.canonicalize.get();
                let canonical = canonicalize.map(|of| of(delivery.channel, &recipient.token));
                (Some(recipient.token.as_str()), canonical)
            }
        };
        let canonical = canonical.filter(|it| *it != recipient.token);
        let sent = sent.map(Cow::Borrowed);
        sent.into_iter().chain(canonical.map(Cow::Owned))
    }
}

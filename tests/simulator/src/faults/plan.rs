//! The fault plan: which request or connection meets a fault.
//!
//! In: a request that passed every check of its vendor, or a connection, and the time. Out:
//! at most one fault. Pure matching: it neither reads a clock nor touches a connection.

use super::fault::{Fault, FaultKind};
use crate::vendors::Vendor;

/// A good request, as far as faults choose by it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct FaultTarget<'a> {
    pub(crate) vendor: Vendor,
    /// It asks for a grant, not for a push.
    pub(crate) is_grant: bool,
    pub(crate) targets: &'a [String],
}

/// The faults still to come.
#[derive(Debug, Default)]
pub(crate) struct FaultPlan {
    planned: Vec<Planned>,
}

#[derive(Debug)]
struct Planned {
    fault: Fault,
    added_ms: u64,
    left: Option<u32>,
    /// Requests that it fitted so far.
    fitted: u32,
}

impl FaultPlan {
    pub(crate) fn add(&mut self, fault: Fault, now_ms: u64) {
        self.planned.push(Planned {
            left: fault.times,
            fitted: 0,
            added_ms: now_ms,
            fault,
        });
    }

    pub(crate) fn clear(&mut self) {
        self.planned.clear();
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.planned.is_empty()
    }

    /// The fault for this request, used up by one.
    pub(crate) fn take(&mut self, target: FaultTarget<'_>, now_ms: u64) -> Option<FaultKind> {
        self.take_first(now_ms, |fault| {
            !fault.kind.is_of_connections() && fault.matches(target)
        })
    }

    /// The fault for a new connection to this vendor, used up by one.
    pub(crate) fn take_of_connections(&mut self, to: Vendor, now_ms: u64) -> Option<FaultKind> {
        self.take_first(now_ms, |fault| {
            fault.kind.is_of_connections() && fault.vendor.is_none_or(|vendor| vendor == to)
        })
    }

    fn take_first(&mut self, now_ms: u64, fits: impl Fn(&Fault) -> bool) -> Option<FaultKind> {
        self.planned
            .retain(|planned| planned.left != Some(0) && !planned.is_over(now_ms));
        let planned = self
            .planned
            .iter_mut()
            .filter(|planned| fits(&planned.fault))
            .find_map(|planned| planned.is_its_turn().then_some(planned))?;
        if let Some(left) = &mut planned.left {
            *left -= 1;
        }
        let kind = planned.fault.kind.clone();
        self.planned.retain(|planned| planned.left != Some(0));
        Some(kind)
    }
}

impl Planned {
    /// Counts one more that it fits; whether it is for this one.
    fn is_its_turn(&mut self) -> bool {
        self.fitted = self.fitted.wrapping_add(1);
        self.fault
            .every
            .is_none_or(|every| self.fitted.is_multiple_of(every.max(1)))
    }

    fn is_over(&self, now_ms: u64) -> bool {
        self.fault
            .for_ms
            .is_some_and(|length| now_ms >= self.added_ms.saturating_add(length))
    }
}

impl Fault {
    fn matches(&self, target: FaultTarget<'_>) -> bool {
        self.matches_service(target)
            && self
                .token
                .as_ref()
                .is_none_or(|token| target.targets.contains(token))
    }

    fn matches_service(&self, target: FaultTarget<'_>) -> bool {
        match (&self.kind, target.vendor) {
            (FaultKind::OauthStatus { .. }, Vendor::Oauth) => {
                matches!(self.vendor, None | Some(Vendor::Fcm | Vendor::Oauth))
            }
            (FaultKind::OauthStatus { .. }, vendor) => {
                target.is_grant && self.vendor.is_none_or(|wanted| wanted == vendor)
            }
            (_, Vendor::Oauth) => self.vendor == Some(Vendor::Oauth),
            (_, vendor) => !target.is_grant && self.vendor.is_none_or(|wanted| wanted == vendor),
        }
    }
}

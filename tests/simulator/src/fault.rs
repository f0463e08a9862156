//! The fault plan: what goes wrong, for which request, how often, until when.
//!
//! In: a request that passed every check of its vendor, and the time. Out: at most one
//! fault. Pure matching: it neither reads a clock nor touches a connection.

use serde::{Deserialize, Serialize};

/// One of the services that the simulator stands in for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Vendor {
    /// Apple Push Notification service.
    Apns,
    /// Firebase Cloud Messaging, the send endpoint.
    Fcm,
    /// Google's OAuth token endpoint.
    Oauth,
}

impl Vendor {
    /// The name used in records and JSON.
    pub fn name(self) -> &'static str {
        match self {
            Vendor::Apns => "apns",
            Vendor::Fcm => "fcm",
            Vendor::Oauth => "oauth",
        }
    }
}

/// A misfortune and the requests that it befalls.
///
/// Faults are tried in the order in which they were added; the first that matches is
/// used. Only requests that the vendor would have accepted meet a fault: a bad request
/// is refused for what is wrong with it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// Only this vendor; `None` means both push vendors, not the token endpoint.
    #[serde(default)]
    pub vendor: Option<Vendor>,
    /// Only this device token (or, at the token endpoint, this client e-mail address).
    #[serde(default)]
    pub token: Option<String>,
    /// At most so many times; `None` means always.
    #[serde(default)]
    pub times: Option<u32>,
    /// For so long after it was added; `None` means until cleared.
    #[serde(default)]
    pub for_ms: Option<u64>,
    /// What happens.
    pub kind: FaultKind,
}

impl Fault {
    /// A fault for every request of every push vendor, until cleared.
    pub fn new(kind: FaultKind) -> Fault {
        Fault {
            vendor: None,
            token: None,
            times: None,
            for_ms: None,
            kind,
        }
    }

    /// The same, of one vendor only.
    pub fn of(mut self, vendor: Vendor) -> Fault {
        self.vendor = Some(vendor);
        self
    }

    /// The same, for one device token only.
    pub fn for_token(mut self, token: impl Into<String>) -> Fault {
        self.token = Some(token.into());
        self
    }

    /// The same, at most `times` times.
    pub fn times(mut self, times: u32) -> Fault {
        self.times = Some(times);
        self
    }
}

/// What a fault does to the request.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum FaultKind {
    /// A refusal in the vendor's own form.
    Status {
        /// HTTP status.
        status: u16,
        /// APNs reason or FCM error code; chosen by the status when absent.
        #[serde(default)]
        reason: Option<String>,
        /// Value of a `retry-after` header: seconds or an HTTP date.
        #[serde(default)]
        retry_after: Option<String>,
        /// APNs 410 only: when the token died, UNIX milliseconds; now when absent.
        #[serde(default)]
        timestamp_ms: Option<u64>,
    },
    /// The stream is refused as unprocessed and the connection ends gracefully.
    GoAway,
    /// The stream is reset with INTERNAL_ERROR.
    Reset,
    /// The TCP connection is cut, the request unprocessed and unanswered.
    Drop,
    /// The message is accepted (and recorded), then the connection is cut before the answer.
    LoseReply,
    /// No answer; after `ms` the stream is reset, `None` means never.
    Hang {
        /// How long to stay silent.
        #[serde(default)]
        ms: Option<u64>,
    },
    /// Accepted, but answered so much later.
    Delay {
        /// How much later.
        ms: u64,
    },
    /// A web page where JSON belongs: 500 from APNs, 200 from FCM and the token endpoint.
    Garbage,
    /// The token endpoint answers with an OAuth error.
    OauthStatus {
        /// HTTP status.
        status: u16,
        /// OAuth error code, such as `invalid_grant`.
        error: String,
    },
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
}

impl FaultPlan {
    pub(crate) fn add(&mut self, fault: Fault, now_ms: u64) {
        self.planned.push(Planned {
            left: fault.times,
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
    pub(crate) fn take(&mut self, vendor: Vendor, target: &str, now_ms: u64) -> Option<FaultKind> {
        self.planned
            .retain(|planned| planned.left != Some(0) && !planned.is_over(now_ms));
        let planned = self
            .planned
            .iter_mut()
            .find(|planned| planned.fault.befalls(vendor, target))?;
        if let Some(left) = &mut planned.left {
            *left -= 1;
        }
        let kind = planned.fault.kind.clone();
        self.planned.retain(|planned| planned.left != Some(0));
        Some(kind)
    }
}

impl Planned {
    fn is_over(&self, now_ms: u64) -> bool {
        self.fault
            .for_ms
            .is_some_and(|length| now_ms >= self.added_ms.saturating_add(length))
    }
}

impl Fault {
    fn befalls(&self, vendor: Vendor, target: &str) -> bool {
        self.befalls_vendor(vendor) && self.token.as_deref().is_none_or(|token| token == target)
    }

    fn befalls_vendor(&self, vendor: Vendor) -> bool {
        match (&self.kind, vendor) {
            (FaultKind::OauthStatus { .. }, Vendor::Oauth) => {
                matches!(self.vendor, None | Some(Vendor::Fcm | Vendor::Oauth))
            }
            (FaultKind::OauthStatus { .. }, _) => false,
            (_, Vendor::Oauth) => self.vendor == Some(Vendor::Oauth),
            (_, vendor) => self.vendor.is_none_or(|wanted| wanted == vendor),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(fault: Fault) -> FaultPlan {
        let mut plan = FaultPlan::default();
        plan.add(fault, 1_000);
        plan
    }

    #[test]
    fn a_fault_is_used_up_after_its_times() {
        let mut plan = plan(Fault::new(FaultKind::Reset).times(2));

        let taken: Vec<_> = (0..3)
            .map(|_| plan.take(Vendor::Apns, "t", 1_000))
            .collect();

        let reset = Some(FaultKind::Reset);
        assert_eq!(taken, [reset.clone(), reset, None]);
        assert!(plan.is_empty());
    }

    #[test]
    fn a_fault_ends_when_its_time_is_over() {
        let mut fault = Fault::new(FaultKind::Drop);
        fault.for_ms = Some(500);
        let mut plan = plan(fault);

        assert_eq!(plan.take(Vendor::Fcm, "t", 1_499), Some(FaultKind::Drop));
        assert_eq!(plan.take(Vendor::Fcm, "t", 1_500), None);
    }

    #[test]
    fn a_fault_for_one_token_spares_the_others() {
        let mut plan = plan(
            Fault::new(FaultKind::GoAway)
                .of(Vendor::Apns)
                .for_token("a"),
        );

        assert_eq!(plan.take(Vendor::Apns, "b", 1_000), None);
        assert_eq!(plan.take(Vendor::Fcm, "a", 1_000), None);
        assert_eq!(plan.take(Vendor::Apns, "a", 1_000), Some(FaultKind::GoAway));
    }

    #[test]
    fn the_token_endpoint_meets_only_faults_meant_for_it() {
        let mut everything = plan(Fault::new(FaultKind::Reset));
        let refusal = FaultKind::OauthStatus {
            status: 400,
            error: "invalid_grant".into(),
        };
        let mut oauth = plan(Fault::new(refusal.clone()));

        assert_eq!(everything.take(Vendor::Oauth, "x", 1_000), None);
        assert_eq!(oauth.take(Vendor::Fcm, "x", 1_000), None);
        assert_eq!(oauth.take(Vendor::Oauth, "x", 1_000), Some(refusal));
    }

    #[test]
    fn faults_are_written_in_plain_json() {
        let fault: Fault = serde_json::from_str(
            r#"{"vendor":"apns","times":1,"kind":{"status":{"status":429,"retry_after":"7"}}}"#,
        )
        .unwrap();

        assert_eq!(fault.vendor, Some(Vendor::Apns));
        assert!(matches!(fault.kind, FaultKind::Status { status: 429, .. }));
        let plain: Fault = serde_json::from_str(r#"{"kind":"go_away"}"#).unwrap();
        assert_eq!(plain, Fault::new(FaultKind::GoAway));
    }
}

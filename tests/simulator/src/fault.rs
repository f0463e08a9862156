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
    /// Xiaomi MiPush.
    Xiaomi,
    /// Huawei Push Kit for Android.
    Huawei,
    /// OPPO PUSH.
    Oppo,
    /// vivo push.
    Vivo,
    /// Meizu Flyme push.
    Meizu,
    /// Tencent Push Notification Service.
    Tpns,
    /// Honor push.
    Honor,
    /// Huawei Push Kit for HarmonyOS.
    Harmony,
}

impl Vendor {
    /// Every one, in the order of the variants.
    pub const ALL: [Vendor; 11] = [
        Vendor::Apns,
        Vendor::Fcm,
        Vendor::Oauth,
        Vendor::Xiaomi,
        Vendor::Huawei,
        Vendor::Oppo,
        Vendor::Vivo,
        Vendor::Meizu,
        Vendor::Tpns,
        Vendor::Honor,
        Vendor::Harmony,
    ];

    /// Those that speak HTTP/1.1 and take many tokens in one request.
    pub const BATCHING: [Vendor; 8] = [
        Vendor::Xiaomi,
        Vendor::Huawei,
        Vendor::Oppo,
        Vendor::Vivo,
        Vendor::Meizu,
        Vendor::Tpns,
        Vendor::Honor,
        Vendor::Harmony,
    ];

    /// The name used in records and JSON.
    pub fn name(self) -> &'static str {
        match self {
            Vendor::Apns => "apns",
            Vendor::Fcm => "fcm",
            Vendor::Oauth => "oauth",
            Vendor::Xiaomi => "xiaomi",
            Vendor::Huawei => "huawei",
            Vendor::Oppo => "oppo",
            Vendor::Vivo => "vivo",
            Vendor::Meizu => "meizu",
            Vendor::Tpns => "tpns",
            Vendor::Honor => "honor",
            Vendor::Harmony => "harmony",
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
    /// Only this vendor; `None` means every push vendor. Token endpoints meet none but
    /// `OauthStatus`, except that Google's is a vendor of its own here.
    #[serde(default)]
    pub vendor: Option<Vendor>,
    /// Only requests for this device token, alone or among others (or, at a token endpoint,
    /// for this account).
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
        /// The vendor's reason or error code; chosen by the status when absent.
        #[serde(default)]
        reason: Option<String>,
        /// Value of a `retry-after` header: seconds or an HTTP date.
        #[serde(default)]
        retry_after: Option<String>,
        /// APNs 410 only: when the token died, UNIX milliseconds; now when absent.
        #[serde(default)]
        timestamp_ms: Option<u64>,
    },
    /// The stream is refused as unprocessed and the connection ends gracefully; over
    /// HTTP/1.1 the same as `Drop`.
    GoAway,
    /// The stream is reset with INTERNAL_ERROR; over HTTP/1.1 the same as `Drop`.
    Reset,
    /// The TCP connection is cut, the request unprocessed and unanswered.
    Drop,
    /// The message is accepted (and recorded), then the connection is cut before the answer.
    LoseReply,
    /// No answer; after `ms` the stream is reset (over HTTP/1.1 the connection is cut),
    /// `None` means never.
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
    /// A web page where JSON belongs: 500 from APNs, 200 from all others.
    Garbage,
    /// A token endpoint refuses a grant.
    OauthStatus {
        /// HTTP status.
        status: u16,
        /// OAuth error code, such as `invalid_grant`, or the vendor's own.
        error: String,
    },
}

/// A good request, as far as faults choose by it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Asked<'a> {
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
    pub(crate) fn take(&mut self, asked: Asked<'_>, now_ms: u64) -> Option<FaultKind> {
        self.planned
            .retain(|planned| planned.left != Some(0) && !planned.is_over(now_ms));
        let planned = self
            .planned
            .iter_mut()
            .find(|planned| planned.fault.befalls(asked))?;
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
    fn befalls(&self, asked: Asked<'_>) -> bool {
        self.befalls_vendor(asked)
            && self
                .token
                .as_ref()
                .is_none_or(|token| asked.targets.contains(token))
    }

    fn befalls_vendor(&self, asked: Asked<'_>) -> bool {
        match (&self.kind, asked.vendor) {
            (FaultKind::OauthStatus { .. }, Vendor::Oauth) => {
                matches!(self.vendor, None | Some(Vendor::Fcm | Vendor::Oauth))
            }
            (FaultKind::OauthStatus { .. }, vendor) => {
                asked.is_grant && self.vendor.is_none_or(|wanted| wanted == vendor)
            }
            (_, Vendor::Oauth) => self.vendor == Some(Vendor::Oauth),
            (_, vendor) => !asked.is_grant && self.vendor.is_none_or(|wanted| wanted == vendor),
        }
    }
}

#[cfg(test)]
mod tests;

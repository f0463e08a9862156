//! The fault plan: what goes wrong, for which request, how often, until when.
//!
//! In: a request that passed every check of its vendor, or a connection, and the time. Out:
//! at most one fault. Pure matching: it neither reads a clock nor touches a connection.

use std::time::Duration;

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
    /// Only each so-manieth of the requests that it fits; `None` means all of them.
    #[serde(default)]
    pub every: Option<u32>,
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
            every: None,
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

    /// The same, for each `every`th request only.
    pub fn every(mut self, every: u32) -> Fault {
        self.every = Some(every);
        self
    }

    /// The same, for so long.
    pub fn lasting(mut self, length: Duration) -> Fault {
        self.for_ms = Some(length.as_millis().try_into().unwrap_or(u64::MAX));
        self
    }
}

/// What a fault does to the request, or, the last two, to a new connection.
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
    /// As `Drop`, but with a TCP reset.
    Abort,
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
    /// Accepted, but the answer's body comes a byte at a time, and never to its end.
    Drip {
        /// Milliseconds from one byte to the next.
        ms: u64,
    },
    /// A web page where JSON belongs: 500 from APNs, 200 from all others.
    Garbage,
    /// The same with so long a body, 16 MiB at most.
    Huge {
        /// How long.
        bytes: usize,
    },
    /// A token endpoint refuses a grant.
    OauthStatus {
        /// HTTP status.
        status: u16,
        /// OAuth error code, such as `invalid_grant`, or the vendor's own.
        error: String,
    },
    /// A new connection is refused with a fatal TLS alert.
    TlsAlert,
    /// A new connection is accepted, and then nothing is ever said on it.
    Mute,
}

impl FaultKind {
    /// The name in counts.
    pub fn name(&self) -> &'static str {
        match self {
            FaultKind::Status { .. } => "status",
            FaultKind::GoAway => "go_away",
            FaultKind::Reset => "reset",
            FaultKind::Drop => "drop",
            FaultKind::Abort => "abort",
            FaultKind::LoseReply => "lose_reply",
            FaultKind::Hang { .. } => "hang",
            FaultKind::Delay { .. } => "delay",
            FaultKind::Drip { .. } => "drip",
            FaultKind::Garbage => "garbage",
            FaultKind::Huge { .. } => "huge",
            FaultKind::OauthStatus { .. } => "oauth_status",
            FaultKind::TlsAlert => "tls_alert",
            FaultKind::Mute => "mute",
        }
    }

    /// Whether the request is counted elsewhere, as accepted or refused.
    pub(crate) fn is_counted(&self) -> bool {
        matches!(
            self,
            FaultKind::Status { .. }
                | FaultKind::OauthStatus { .. }
                | FaultKind::Delay { .. }
                | FaultKind::Drip { .. }
                | FaultKind::LoseReply
        )
    }

    /// Whether it befalls connections, before there is any request.
    fn is_of_connections(&self) -> bool {
        matches!(self, FaultKind::TlsAlert | FaultKind::Mute)
    }
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
    pub(crate) fn take(&mut self, asked: Asked<'_>, now_ms: u64) -> Option<FaultKind> {
        self.take_first(now_ms, |fault| {
            !fault.kind.is_of_connections() && fault.befalls(asked)
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

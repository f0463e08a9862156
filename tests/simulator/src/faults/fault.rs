//! A fault as a test or a person asks for it: what goes wrong, for which requests, how often,
//! how long.
//!
//! In: the builder's words, or JSON at the control endpoint. Out: the fault. Which request meets
//! it, `plan` decides; what becomes of that, `inject` does.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::vendors::Vendor;

/// What goes wrong, and for which requests.
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
    /// Only every nth of the requests that it fits; `None` means all of them.
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

    /// Whether it is one of new connections, before there is any request.
    pub(super) fn is_of_connections(&self) -> bool {
        matches!(self, FaultKind::TlsAlert | FaultKind::Mute)
    }
}

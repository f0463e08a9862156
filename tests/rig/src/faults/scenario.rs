//! The faults, by name: what goes wrong, and where it makes sense. How it is brought about
//! is not known here, nor what comes of it.

use std::time::Duration;

use nudged_simulator::FaultKind;

use crate::vendor::{APNS, FCM, Vendor};

/// One way in which a vendor fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scenario {
    /// Requests are never answered.
    Hang,
    /// Answers come later than anybody waits.
    Slow,
    /// Every answer is a 5xx.
    Errors,
    /// Every answer is a 429 that names no time.
    Storm,
    /// Every answer is a 429 with a `Retry-After`.
    StormRetryAfter,
    /// Every nth request ends its HTTP/2 connection in order.
    GoAway,
    /// HTTP/2 streams are reset.
    ResetStream,
    /// TCP connections are reset.
    Reset,
    /// Requests are taken, and the connection is cut before the answer.
    LostReply,
    /// New connections are refused with a TLS alert.
    TlsAlert,
    /// New connections are accepted, and then nothing.
    HalfOpen,
    /// Bodies come a byte a second.
    Drip,
    /// Answers are web pages.
    Garbage,
    /// Answers are far too long.
    Huge,
    /// The vendor's name is not found.
    Dns,
    /// The proxy refuses to open tunnels.
    ProxyRefuses,
    /// The proxy does not answer.
    ProxyHangs,
}

/// What the vendor asks for in [`Scenario::StormRetryAfter`], in seconds.
const RETRY_AFTER: &str = "2";
/// Requests from one GOAWAY to the next.
const GOAWAY_EVERY: u32 = 10;
/// Far over what the daemon reads of an answer.
const HUGE: usize = 1 << 20;

impl Scenario {
    /// Every one of them.
    pub const ALL: [Scenario; 17] = [
        Scenario::Hang,
        Scenario::Slow,
        Scenario::Errors,
        Scenario::Storm,
        Scenario::StormRetryAfter,
        Scenario::GoAway,
        Scenario::ResetStream,
        Scenario::Reset,
        Scenario::LostReply,
        Scenario::TlsAlert,
        Scenario::HalfOpen,
        Scenario::Drip,
        Scenario::Garbage,
        Scenario::Huge,
        Scenario::Dns,
        Scenario::ProxyRefuses,
        Scenario::ProxyHangs,
    ];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Scenario::Hang => "hang",
            Scenario::Slow => "slow",
            Scenario::Errors => "5xx",
            Scenario::Storm => "429",
            Scenario::StormRetryAfter => "429-retry-after",
            Scenario::GoAway => "goaway",
            Scenario::ResetStream => "rst-stream",
            Scenario::Reset => "rst",
            Scenario::LostReply => "lost-reply",
            Scenario::TlsAlert => "tls-alert",
            Scenario::HalfOpen => "half-open",
            Scenario::Drip => "drip",
            Scenario::Garbage => "garbage",
            Scenario::Huge => "huge-body",
            Scenario::Dns => "dns",
            Scenario::ProxyRefuses => "proxy-refuses",
            Scenario::ProxyHangs => "proxy-hangs",
        }
    }

    /// What happens, for people.
    pub fn says(self) -> &'static str {
        match self {
            Scenario::Hang => "requests are never answered",
            Scenario::Slow => "answers come later than anybody waits",
            Scenario::Errors => "every answer is a 500 or 503",
            Scenario::Storm => "every answer is a 429 that names no time",
            Scenario::StormRetryAfter => "every answer is a 429 with Retry-After: 2",
            Scenario::GoAway => "every tenth request ends its connection by GOAWAY",
            Scenario::ResetStream => "every stream is reset",
            Scenario::Reset => "every request resets its TCP connection",
            Scenario::LostReply => "requests are taken, then cut before the answer",
            Scenario::TlsAlert => "connections are cut, and new ones refused by a TLS alert",
            Scenario::HalfOpen => "connections are cut, and new ones accepted but never served",
            Scenario::Drip => "the body of an answer comes a byte a second, without end",
            Scenario::Garbage => "answers are web pages",
            Scenario::Huge => "answers have a body of 1 MiB",
            Scenario::Dns => "connections are cut, and the vendor's name is not found",
            Scenario::ProxyRefuses => "tunnels are cut, and the proxy answers 502",
            Scenario::ProxyHangs => "tunnels are cut, and the proxy says nothing",
        }
    }

    /// By its name.
    pub fn named(name: &str) -> Option<Scenario> {
        Scenario::ALL.into_iter().find(|it| it.name() == name)
    }

    /// Whether it is another one over HTTP/1.1, or the same.
    pub fn makes_sense_for(self, vendor: Vendor) -> bool {
        let over_http2 = [APNS.name, FCM.name].contains(&vendor.name);
        over_http2 || !matches!(self, Scenario::GoAway | Scenario::ResetStream)
    }

    /// Whether vendors are to be reached through a proxy.
    pub(super) fn needs_proxy(self) -> bool {
        matches!(self, Scenario::ProxyRefuses | Scenario::ProxyHangs)
    }

    /// What the vendor's stand-in does to every nth request or connection.
    pub(super) fn kinds(self, slow: Duration) -> Vec<(u32, FaultKind)> {
        // A fault of new connections shows only once the old ones are gone.
        let and_cut = |kind| vec![(1, kind), (1, FaultKind::Drop)];
        let all = |kind| vec![(1, kind)];
        match self {
            Scenario::Hang => all(FaultKind::Hang { ms: None }),
            Scenario::Slow => all(FaultKind::Delay {
                ms: slow.as_millis().try_into().unwrap_or(u64::MAX),
            }),
            Scenario::Errors => vec![(2, status(503, None)), (1, status(500, None))],
            Scenario::Storm => all(status(429, None)),
            Scenario::StormRetryAfter => all(status(429, Some(RETRY_AFTER))),
            Scenario::GoAway => vec![(GOAWAY_EVERY, FaultKind::GoAway)],
            Scenario::ResetStream => all(FaultKind::Reset),
            Scenario::Reset => all(FaultKind::Abort),
            Scenario::LostReply => all(FaultKind::LoseReply),
            Scenario::TlsAlert => and_cut(FaultKind::TlsAlert),
            Scenario::HalfOpen => and_cut(FaultKind::Mute),
            Scenario::Drip => all(FaultKind::Drip { ms: 1000 }),
            Scenario::Garbage => all(FaultKind::Garbage),
            Scenario::Huge => all(FaultKind::Huge { bytes: HUGE }),
            Scenario::Dns => all(FaultKind::Drop),
            Scenario::ProxyRefuses | Scenario::ProxyHangs => Vec::new(),
        }
    }
}

fn status(status: u16, retry_after: Option<&str>) -> FaultKind {
    FaultKind::Status {
        status,
        reason: None,
        retry_after: retry_after.map(str::to_owned),
        timestamp_ms: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_scenario_is_found_by_its_name() {
        for scenario in Scenario::ALL {
            assert_eq!(Scenario::named(scenario.name()), Some(scenario));
        }
        assert_eq!(Scenario::named("flood"), None);
    }
}

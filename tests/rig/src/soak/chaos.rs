//! Faults at random: which vendor, what, how often and for how long. All by the vendors'
//! stand-ins; none goes on by itself for more than some seconds.

use std::fmt;
use std::time::Duration;

use nudged_simulator::{Fault, FaultKind, Simulator, Vendor as Service};
use tokio::time::Instant;

use super::CHANNELS;
use crate::vendor::Vendor;

/// Longest time from one fault to the next.
const MAX_CALM: u64 = 1500;
/// Shortest and longest fault, in milliseconds.
const LENGTHS: std::ops::Range<u64> = 200..3000;
/// Of all that a fault fits, every nth at the rarest.
const RAREST: u32 = 4;

/// Switches faults on; they go off by themselves.
#[derive(Debug)]
pub(super) struct Chaos {
    random: fastrand::Rng,
    next: Instant,
    last: Option<(Service, FaultKind)>,
}

impl Chaos {
    pub(super) fn new(random: fastrand::Rng) -> Chaos {
        Chaos {
            random,
            next: Instant::now(),
            last: None,
        }
    }

    /// Switches the next fault on, if it is time.
    pub(super) fn go_on(&mut self, simulator: &Simulator) {
        if Instant::now() < self.next {
            return;
        }
        let calm = Duration::from_millis(self.random.u64(..MAX_CALM));
        self.next = Instant::now() + calm;
        let vendor = self.random.choice(&CHANNELS).and_then(service);
        let (Some(service), Some(kind)) = (vendor, self.random.choice(kinds())) else {
            return;
        };
        let length = Duration::from_millis(self.random.u64(LENGTHS));
        let fault = Fault::new(kind.clone()).of(service).lasting(length);
        if matches!(kind, FaultKind::TlsAlert | FaultKind::Mute) {
            // Shows only when a connection is to be made.
            simulator.fault(Fault::new(FaultKind::Drop).of(service).times(1));
            simulator.fault(fault);
        } else {
            simulator.fault(fault.every(self.random.u32(1..=RAREST)));
        }
        self.last = Some((service, kind));
    }
}

impl fmt::Display for Chaos {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.last {
            Some((service, kind)) => write!(f, "last fault: {} {}", service.name(), kind.name()),
            None => write!(f, "no fault yet"),
        }
    }
}

/// The stand-in of a vendor.
pub(super) fn service(vendor: &Vendor) -> Option<Service> {
    let mut services = Service::ALL.into_iter();
    services.find(|it| it.name() == vendor.name)
}

fn kinds() -> Vec<FaultKind> {
    let status = |status: u16, retry_after: Option<&str>| FaultKind::Status {
        status,
        reason: None,
        retry_after: retry_after.map(str::to_owned),
        timestamp_ms: None,
    };
    vec![
        FaultKind::Hang { ms: None },
        FaultKind::Hang { ms: Some(300) },
        FaultKind::Delay { ms: 1000 },
        FaultKind::Delay { ms: 3000 },
        status(500, None),
        status(503, None),
        status(429, Some("1")),
        status(503, Some("1")),
        FaultKind::GoAway,
        FaultKind::Reset,
        FaultKind::Drop,
        FaultKind::Abort,
        FaultKind::LoseReply,
        FaultKind::Drip { ms: 500 },
        FaultKind::Garbage,
        FaultKind::Huge { bytes: 200_000 },
        FaultKind::TlsAlert,
        FaultKind::Mute,
    ]
}

//! Vendors failing in every way, one after the other: does anything get lost, is every
//! notification explained, and does the channel beside notice?
//!
//! Each case, a scenario with a vendor, has a daemon of its own and two channels. The same
//! traffic goes to both all the time; after a while the one vendor fails, and later recovers.
//! What is counted is held against the promises; what is timed is shown only, and compared
//! with the same run's time before the fault.
//!
//! - `scenario` lists the faults, `trouble` brings one about: in the vendor's stand-in, or by
//!   `names` and `proxy` on the way there;
//! - `traffic` is what callers send, `case` runs it through a fault;
//! - `account` is what became of every single notification;
//! - `report` shows it.

mod account;
mod case;
mod names;
mod proxy;
mod report;
mod scenario;
mod traffic;
mod trouble;

use std::time::Duration;

use crate::artifacts::Artifacts;
use crate::vendor::Vendor;

pub use report::{Healthy, Report, Row};
pub use scenario::Scenario;

/// What is to be done.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Programs and drivers; built when absent.
    pub artifacts: Option<Artifacts>,
    /// The faults.
    pub scenarios: Vec<Scenario>,
    /// The vendors that fail, each in every scenario that makes sense for it.
    pub vendors: Vec<Vendor>,
    /// Notifications for each of the two channels before the fault.
    pub before: usize,
    /// The same while it lasts.
    pub during: usize,
    /// How many of them a second.
    pub a_second: u32,
    /// How late a slow vendor answers; the daemon waits three seconds.
    pub slow: Duration,
}

/// Runs all cases; `progress` hears of each one that is over.
pub async fn run(plan: &Plan, mut progress: impl FnMut(&Row)) -> Report {
    let mut rows = Vec::new();
    for scenario in &plan.scenarios {
        for vendor in &plan.vendors {
            if scenario.makes_sense_for(*vendor) {
                let row = case::run(plan, *scenario, *vendor).await;
                progress(&row);
                rows.push(row);
            }
        }
    }
    Report { rows }
}

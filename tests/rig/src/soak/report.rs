//! What came of a run, whether it is good, and how it is shown.

use std::fmt;

use serde::Serialize;

use super::ledger::Account;

/// What came of it.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    /// Decided what was sent, and what failed when.
    pub seed: u64,
    /// How long it took.
    pub seconds: f64,
    /// Notifications that were accepted.
    pub notifications: usize,
    /// What became of them.
    #[serde(flatten)]
    pub account: Account,
    /// Tokens that were reported.
    pub token_reports: usize,
    /// Reloads.
    pub reloads: usize,
    /// Requests and connections that met a fault.
    pub faults: u64,
    /// Whether nothing was queued any more at the end.
    pub is_drained: bool,
    /// Whether it was one process all the time, and ended as it should.
    pub is_same_process: bool,
    /// What it held in the first and in the last third of the time.
    pub thirds: Option<[Third; 2]>,
}

/// Medians of a third of the time.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Third {
    /// Memory.
    pub rss_mib: f64,
    /// Open files, sockets and the like.
    pub open_files: f64,
    /// The data directory.
    pub disk_mib: f64,
}

impl Report {
    /// Whether the promises were kept, as far as they are counted.
    pub fn is_good(&self) -> bool {
        let wrong = self.account.unexplained + self.account.lost;
        wrong == 0 && self.is_drained && self.is_same_process && self.notifications > 0
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Account {
            deliveries,
            outcomes,
            unexplained,
            lost,
            duplicated,
        } = &self.account;
        writeln!(
            f,
            "{:.0} s: {} notifications, {deliveries} deliveries, {} tokens reported, \
             {} reloads, {} faults met",
            self.seconds, self.notifications, self.token_reports, self.reloads, self.faults
        )?;
        write!(f, "outcomes:")?;
        for (outcome, count) in outcomes {
            write!(f, " {outcome} {count}")?;
        }
        writeln!(
            f,
            "; {unexplained} unexplained, {lost} lost, {duplicated} arrived twice"
        )?;
        if let Some([first, last]) = &self.thirds {
            writeln!(f, "                 first third  last third")?;
            for (what, of) in [
                ("MiB resident", [first.rss_mib, last.rss_mib]),
                ("files open", [first.open_files, last.open_files]),
                ("MiB on disk", [first.disk_mib, last.disk_mib]),
            ] {
                writeln!(f, "{what:<16} {:>11.1} {:>11.1}", of[0], of[1])?;
            }
        }
        Ok(())
    }
}

//! What came of each case, whether it is good, and how it is shown: a line each.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;

use super::Scenario;
use crate::vendor::Vendor;

/// All cases.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    /// A row each.
    pub rows: Vec<Row>,
}

/// What came of one scenario with one vendor.
#[derive(Debug, Clone, Serialize)]
pub struct Row {
    /// The fault.
    pub scenario: &'static str,
    /// The vendor that failed.
    pub vendor: &'static str,
    /// The vendor beside.
    pub beside: &'static str,
    /// Notifications for the failing channel.
    pub sent: usize,
    /// Requests and connections that met the fault.
    pub met: u64,
    /// What became of the notifications.
    pub outcomes: BTreeMap<String, usize>,
    /// Of both channels, those that had time and never arrived.
    pub lost: usize,
    /// Of both channels, those that ended as if it were their own fault.
    pub misjudged: usize,
    /// Of both channels, those without exactly one outcome that the trace explains.
    pub unexplained: usize,
    /// Arrivals at the failing vendor beyond the first of each.
    pub duplicated: usize,
    /// Attempts after the end of a notification's lifetime.
    pub late: usize,
    /// Device tokens that were sent to sooner than `Retry-After` allowed.
    pub undercut: u64,
    /// What failed attempts were told to have met, by code.
    pub codes: BTreeMap<String, usize>,
    /// From the end of the fault until nothing was queued any more.
    pub over_after_ms: Option<u64>,
    /// The vendor beside.
    pub healthy: Healthy,
    /// The most memory that the daemon had.
    pub peak_rss_mib: Option<f64>,
    /// Whether it was one process all the time.
    pub is_same_process: bool,
    /// What kept the case from its end.
    pub problem: Option<String>,
}

/// From the caller to the vendor beside, in milliseconds.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub struct Healthy {
    /// The median before the fault.
    pub p50_before_ms: Option<f64>,
    /// The 99th percentile before the fault.
    pub p99_before_ms: Option<f64>,
    /// The median while it lasted.
    pub p50_during_ms: Option<f64>,
    /// The 99th percentile while it lasted.
    pub p99_during_ms: Option<f64>,
    /// The latter by that before.
    pub p99_ratio: Option<f64>,
}

impl Healthy {
    /// Of latencies in order.
    pub(super) fn of(before: &[f64], during: &[f64]) -> Healthy {
        let (p99_before_ms, p99_during_ms) = (at(before, 0.99), at(during, 0.99));
        let ratio = p99_before_ms.zip(p99_during_ms);
        Healthy {
            p50_before_ms: at(before, 0.5),
            p99_before_ms,
            p50_during_ms: at(during, 0.5),
            p99_during_ms,
            p99_ratio: ratio.map(|(before, during)| during / before),
        }
    }
}

fn at(sorted: &[f64], share: f64) -> Option<f64> {
    let index = (share * sorted.len() as f64) as usize;
    sorted.get(index).copied()
}

impl Row {
    pub(super) fn new(scenario: Scenario, vendor: Vendor, beside: Vendor) -> Row {
        Row {
            scenario: scenario.name(),
            vendor: vendor.name,
            beside: beside.name,
            sent: 0,
            met: 0,
            outcomes: BTreeMap::new(),
            lost: 0,
            misjudged: 0,
            unexplained: 0,
            duplicated: 0,
            late: 0,
            undercut: 0,
            codes: BTreeMap::new(),
            over_after_ms: None,
            healthy: Healthy::default(),
            peak_rss_mib: None,
            is_same_process: false,
            problem: None,
        }
    }

    /// Whether the promises were kept, as far as they are counted; a fault that nobody met
    /// proves nothing.
    pub fn is_good(&self) -> bool {
        let wrong = self.lost + self.misjudged + self.unexplained + self.late;
        let is_kept = wrong == 0 && self.undercut == 0 && self.over_after_ms.is_some();
        is_kept && self.met > 0 && self.is_same_process && self.problem.is_none()
    }
}

impl Report {
    /// Whether every row is good.
    pub fn is_good(&self) -> bool {
        !self.rows.is_empty() && self.rows.iter().all(Row::is_good)
    }

    /// All of it as JSON in one line.
    pub fn json(&self) -> String {
        // Numbers and names only: that always becomes JSON.
        serde_json::to_string(self).unwrap_or_default()
    }
}

impl Row {
    /// What stands above the columns.
    pub const HEAD: &'static str = "scenario         vendor   met  sent  acc  exp other lost unexp \
        twice undercut | beside p99 before  during ratio | over in  peak | seen as";
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ended = |outcome: &str| self.outcomes.get(outcome).copied().unwrap_or(0);
        let (accepted, expired) = (ended("accepted"), ended("expired"));
        write!(
            f,
            "{:<16} {:<7} {:>4} {:>5} {accepted:>4} {expired:>4} {:>5} {:>4} {:>5} {:>5} {:>8} | ",
            self.scenario,
            self.vendor,
            self.met,
            self.sent,
            self.sent.saturating_sub(accepted + expired),
            self.lost,
            self.unexplained,
            self.duplicated,
            match self.undercut {
                0 => "no",
                _ => "YES",
            },
        )?;
        let Healthy {
            p99_before_ms,
            p99_during_ms,
            p99_ratio,
            ..
        } = self.healthy;
        write!(
            f,
            "{:<6} {:>6} ms {:>5} ms {:>5} | {:>5} s {:>2} MiB | ",
            self.beside,
            Shown(p99_before_ms, 1),
            Shown(p99_during_ms, 1),
            Shown(p99_ratio, 2),
            Shown(self.over_after_ms.map(|ms| ms as f64 / 1000.0), 1),
            Shown(self.peak_rss_mib, 0),
        )?;
        let mut codes: Vec<_> = self.codes.iter().collect();
        codes.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
        let codes = codes.into_iter().take(2);
        let mut words: Vec<_> = codes
            .map(|(code, count)| format!("{code} {count}"))
            .collect();
        if self.late > 0 {
            words.push(format!("{} ATTEMPTS TOO LATE", self.late));
        }
        if self.misjudged > 0 {
            words.push(format!("{} MISJUDGED", self.misjudged));
        }
        words.extend(self.problem.clone());
        write!(f, "{}", words.join(", "))
    }
}

/// A number with so many decimals, or a dash.
struct Shown(Option<f64>, usize);

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(number) => f.pad(&format!("{number:.*}", self.1)),
            None => f.pad("-"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vendor::{APNS, FCM};

    fn good() -> Row {
        Row {
            met: 1,
            over_after_ms: Some(10),
            is_same_process: true,
            ..Row::new(Scenario::Hang, APNS, FCM)
        }
    }

    #[test]
    fn a_row_is_good_only_if_nothing_was_lost_unexplained_late_or_undercut() {
        assert!(good().is_good());
        for bad in [
            Row { lost: 1, ..good() },
            Row {
                misjudged: 1,
                ..good()
            },
            Row {
                unexplained: 1,
                ..good()
            },
            Row { late: 1, ..good() },
            Row {
                undercut: 1,
                ..good()
            },
            Row { met: 0, ..good() },
            Row {
                over_after_ms: None,
                ..good()
            },
            Row {
                is_same_process: false,
                ..good()
            },
        ] {
            assert!(!bad.is_good(), "{bad:?}");
        }
    }

    #[test]
    fn times_are_shown_and_never_judged() {
        let slow = Row {
            healthy: Healthy::of(&[1.0], &[100.0]),
            ..good()
        };

        assert_eq!(slow.healthy.p99_ratio, Some(100.0));
        assert!(slow.is_good());
        assert!(slow.to_string().contains("100.00"), "{slow}");
    }
}

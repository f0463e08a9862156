//! What a run came to, and the medians of several.

use std::fmt;
use std::time::Duration;

use serde::Serialize;

/// What one run came to, or the medians of several.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Figures {
    /// Notifications a second, until the last was counted and recorded.
    pub per_second: f64,
    /// Processor time for 100,000 notifications.
    pub cpu_seconds_per_100k: f64,
    /// From the caller to the vendor.
    pub p50_ms: Option<f64>,
    /// From the caller to the vendor.
    pub p99_ms: Option<f64>,
    /// From a single request to its answer, which comes after the fsync.
    pub accepted_p50_ms: Option<f64>,
    /// From a single request to its answer.
    pub accepted_p99_ms: Option<f64>,
    /// The most memory that was resident.
    pub peak_rss_mib: Option<f64>,
    /// Notifications in a TLS record to the vendor; a write is one record or more.
    pub notifications_per_write: Option<f64>,
    /// With late answers: requests that were in flight, from first to last on average.
    pub streams_mean: Option<f64>,
    /// With late answers: requests that were in flight at once.
    pub streams_most: Option<f64>,
    /// With late answers: connections to the vendor.
    pub connections: Option<f64>,
}

impl Figures {
    pub(super) fn of(count: usize, took: Duration, cpu_seconds: f64) -> Figures {
        Figures {
            per_second: count as f64 / took.as_secs_f64(),
            cpu_seconds_per_100k: cpu_seconds * 100_000.0 / count as f64,
            ..Figures::default()
        }
    }

    pub(super) fn set_accepted(&mut self, mut waits_us: Vec<u32>) {
        waits_us.sort_unstable();
        let at = |share: f64| {
            let index = (share * waits_us.len() as f64) as usize;
            waits_us.get(index).map(|us| f64::from(*us) / 1000.0)
        };
        (self.accepted_p50_ms, self.accepted_p99_ms) = (at(0.50), at(0.99));
    }

    /// How much of the way to the vendor was used, which is so long.
    pub(super) fn set_streams(&mut self, delay_ms: u64, most: u64, connections: u64) {
        self.streams_mean = Some(self.per_second * delay_ms as f64 / 1000.0);
        self.streams_most = Some(most as f64);
        self.connections = Some(connections as f64);
    }

    pub(super) fn medians(all: &[Figures]) -> Option<Figures> {
        let of = |figure: fn(&Figures) -> Option<f64>| median(all.iter().filter_map(figure));
        Some(Figures {
            per_second: of(|it| Some(it.per_second))?,
            cpu_seconds_per_100k: of(|it| Some(it.cpu_seconds_per_100k))?,
            p50_ms: of(|it| it.p50_ms),
            p99_ms: of(|it| it.p99_ms),
            accepted_p50_ms: of(|it| it.accepted_p50_ms),
            accepted_p99_ms: of(|it| it.accepted_p99_ms),
            peak_rss_mib: of(|it| it.peak_rss_mib),
            notifications_per_write: of(|it| it.notifications_per_write),
            streams_mean: of(|it| it.streams_mean),
            streams_most: of(|it| it.streams_most),
            connections: of(|it| it.connections),
        })
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:.0} a second, {:.2} CPU-s per 100,000",
            self.per_second, self.cpu_seconds_per_100k
        )?;
        if let (Some(p50), Some(p99)) = (self.p50_ms, self.p99_ms) {
            write!(f, ", to the vendor p50 {p50:.1} p99 {p99:.1} ms")?;
        }
        if let (Some(p50), Some(p99)) = (self.accepted_p50_ms, self.accepted_p99_ms) {
            write!(f, ", answered p50 {p50:.2} p99 {p99:.2} ms")?;
        }
        if let Some(notifications) = self.notifications_per_write {
            write!(f, ", {notifications:.1} a write")?;
        }
        if let (Some(mean), Some(most)) = (self.streams_mean, self.streams_most) {
            write!(f, ", {mean:.0} streams in use, at most {most:.0}")?;
        }
        match self.peak_rss_mib {
            Some(peak) => write!(f, ", peak {peak:.0} MiB"),
            None => Ok(()),
        }
    }
}

/// The one in the middle.
pub(super) fn median(values: impl Iterator<Item = f64>) -> Option<f64> {
    let mut values: Vec<f64> = values.collect();
    values.sort_unstable_by(f64::total_cmp);
    let middle = values.len() / 2;
    match values.len() {
        0 => None,
        odd if odd % 2 == 1 => Some(values[middle]),
        _ => Some((values[middle - 1] + values[middle]) / 2.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_median_is_the_one_in_the_middle() {
        assert_eq!(median([].into_iter()), None);
        assert_eq!(median([3.0, 1.0, 2.0].into_iter()), Some(2.0));
        assert_eq!(median([4.0, 1.0, 2.0, 3.0].into_iter()), Some(2.5));
    }

    #[test]
    fn waits_are_told_in_milliseconds() {
        let mut figures = Figures::default();
        figures.set_accepted((1..=100).rev().map(|ms| ms * 1000).collect());

        assert_eq!(
            (figures.accepted_p50_ms, figures.accepted_p99_ms),
            (Some(51.0), Some(100.0))
        );
    }
}

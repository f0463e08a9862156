//! Figures of runs, their medians, and how they are shown.

use std::fmt;
use std::time::Duration;

use serde::Serialize;

use super::Plan;

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

    fn medians(all: &[Figures]) -> Option<Figures> {
        let of = |figure: fn(&Figures) -> Option<f64>| median(all.iter().filter_map(figure));
        Some(Figures {
            per_second: of(|it| Some(it.per_second))?,
            cpu_seconds_per_100k: of(|it| Some(it.cpu_seconds_per_100k))?,
            p50_ms: of(|it| it.p50_ms),
            p99_ms: of(|it| it.p99_ms),
            accepted_p50_ms: of(|it| it.accepted_p50_ms),
            accepted_p99_ms: of(|it| it.accepted_p99_ms),
            peak_rss_mib: of(|it| it.peak_rss_mib),
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
        match self.peak_rss_mib {
            Some(peak) => write!(f, ", peak {peak:.0} MiB"),
            None => Ok(()),
        }
    }
}

/// All runs.
#[derive(Debug)]
pub struct Report {
    plan: Plan,
    rival: Vec<Figures>,
    stream: Vec<Figures>,
    single: Vec<Figures>,
    stream_ratios: Vec<f64>,
    single_ratios: Vec<f64>,
}

#[derive(Serialize)]
struct Summary {
    notifications: usize,
    repetitions: usize,
    connections: usize,
    delay_ms: u64,
    per_second: Option<f64>,
    cpu_seconds_per_100k: Option<f64>,
    p50_ms: Option<f64>,
    p99_ms: Option<f64>,
    ratio_h2load_cpu: Option<f64>,
    ratio_h2load_cpu_single: Option<f64>,
    peak_rss_mib: Option<f64>,
    stream: Option<Figures>,
    single: Option<Figures>,
    h2load: Option<Figures>,
}

impl Report {
    pub(super) fn new(plan: &Plan) -> Report {
        Report {
            plan: plan.clone(),
            rival: Vec::new(),
            stream: Vec::new(),
            single: Vec::new(),
            stream_ratios: Vec::new(),
            single_ratios: Vec::new(),
        }
    }

    /// Adds a repetition. Ratios are taken within it: the machine's mood is the same then.
    pub(super) fn add(
        &mut self,
        rival: Option<Figures>,
        stream: Option<Figures>,
        single: Option<Figures>,
    ) {
        let ratio = |ours: &Option<Figures>| {
            Some(rival.as_ref()?.cpu_seconds_per_100k / ours.as_ref()?.cpu_seconds_per_100k)
        };
        self.stream_ratios.extend(ratio(&stream));
        self.single_ratios.extend(ratio(&single));
        self.rival.extend(rival);
        self.stream.extend(stream);
        self.single.extend(single);
    }

    /// The medians as JSON in one line. Those at the top are the stream's, where there is one.
    pub fn json(&self) -> String {
        let stream = Figures::medians(&self.stream);
        let single = Figures::medians(&self.single);
        let first = stream.as_ref().or(single.as_ref());
        let peaks = [&stream, &single]
            .into_iter()
            .flatten()
            .filter_map(|it| it.peak_rss_mib);
        let summary = Summary {
            notifications: self.plan.notifications,
            repetitions: self.plan.repetitions,
            connections: self.plan.connections,
            delay_ms: self.plan.delay_ms,
            per_second: first.map(|it| it.per_second),
            cpu_seconds_per_100k: first.map(|it| it.cpu_seconds_per_100k),
            p50_ms: first.and_then(|it| it.p50_ms),
            p99_ms: first.and_then(|it| it.p99_ms),
            ratio_h2load_cpu: median(self.stream_ratios.iter().copied()),
            ratio_h2load_cpu_single: median(self.single_ratios.iter().copied()),
            peak_rss_mib: peaks.reduce(f64::max),
            h2load: Figures::medians(&self.rival),
            stream,
            single,
        };
        // Numbers and names only: that always becomes JSON.
        serde_json::to_string(&summary).unwrap_or_default()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Plan {
            notifications,
            repetitions,
            connections,
            ..
        } = self.plan;
        writeln!(f, "{notifications} notifications, medians of {repetitions}")?;
        let single = format!("single requests, {connections} connections");
        for (name, figures) in [
            ("one stream", &self.stream),
            (single.as_str(), &self.single),
            ("h2load, 1 connection, 500 under way", &self.rival),
        ] {
            if let Some(figures) = Figures::medians(figures) {
                writeln!(f, "{name}: {figures}")?;
            }
        }
        for (name, ratios) in [
            ("stream", &self.stream_ratios),
            ("single", &self.single_ratios),
        ] {
            if let Some(ratio) = median(ratios.iter().copied()) {
                let times = 1.0 / ratio;
                writeln!(
                    f,
                    "{name}: {ratio:.2} of h2load's work per CPU-second ({times:.1} times its cost)"
                )?;
            }
        }
        Ok(())
    }
}

fn median(values: impl Iterator<Item = f64>) -> Option<f64> {
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

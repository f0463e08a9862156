//! All runs: medians and ratios, and how they are shown.
//!
//! Ratios are taken within a repetition, as the machine's mood is the same then.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::{Value, json};

use super::figures::median;
use super::{Case, Figures, Plan, Rival, Sender};

/// All runs.
#[derive(Debug)]
pub struct Report {
    plan: Plan,
    runs: BTreeMap<Sender, Vec<Figures>>,
}

/// Values of several repetitions.
struct Several(Vec<f64>);

impl Several {
    fn median(&self) -> Option<f64> {
        median(self.0.iter().copied())
    }

    fn range(&self) -> Option<(f64, f64)> {
        let least = self.0.iter().copied().reduce(f64::min)?;
        let most = self.0.iter().copied().reduce(f64::max)?;
        Some((least, most))
    }
}

impl Report {
    pub(super) fn new(plan: &Plan) -> Report {
        Report {
            plan: plan.clone(),
            runs: BTreeMap::new(),
        }
    }

    /// Adds a run of a repetition.
    pub(super) fn add(&mut self, sender: Sender, figures: Figures) {
        self.runs.entry(sender).or_default().push(figures);
    }

    fn of(&self, sender: Sender) -> &[Figures] {
        self.runs.get(&sender).map_or(&[], Vec::as_slice)
    }

    fn cpu_seconds(&self, sender: Sender) -> Several {
        let runs = self.of(sender).iter();
        Several(runs.map(|it| it.cpu_seconds_per_100k).collect())
    }

    /// The rival's processor time divided by ours, for each repetition.
    fn ratios(&self, rival: Rival, case: Case) -> Several {
        let theirs = self.cpu_seconds(Sender::Rival(rival)).0;
        let ours = self.cpu_seconds(Sender::Ours(case)).0;
        let pairs = theirs.into_iter().zip(ours);
        Several(pairs.map(|(theirs, ours)| theirs / ours).collect())
    }

    /// The medians as JSON in one line. Those at the top are those of the first case.
    pub fn json(&self) -> String {
        let plan = &self.plan;
        let first = plan.cases.first().copied();
        let medians = first.and_then(|case| Figures::medians(self.of(Sender::Ours(case))));
        let ours = |case| self.of(Sender::Ours(case)).iter();
        let peaks = plan.cases.iter().flat_map(|case| ours(*case));
        let peak = peaks.filter_map(|it| it.peak_rss_mib).reduce(f64::max);
        let mut json = json!({
            "notifications": plan.notifications,
            "repetitions": plan.repetitions,
            "caller_connections": plan.connections,
            "delay_ms": plan.delay_ms,
            "per_second": medians.as_ref().map(|it| it.per_second),
            "cpu_seconds_per_100k": medians.as_ref().map(|it| it.cpu_seconds_per_100k),
            "p50_ms": medians.as_ref().and_then(|it| it.p50_ms),
            "p99_ms": medians.as_ref().and_then(|it| it.p99_ms),
            "peak_rss_mib": peak,
        });
        for sender in self.runs.keys().copied() {
            json[sender.name()] = self.medians_json(sender);
        }
        for rival in &plan.against {
            for case in &plan.cases {
                let ratios = self.ratios(*rival, *case);
                let key = key_of(*rival, *case);
                json[format!("{key}_range")] = json!(ratios.range());
                json[key] = json!(ratios.median());
            }
        }
        json.to_string()
    }

    fn medians_json(&self, sender: Sender) -> Value {
        let mut json = json!(Figures::medians(self.of(sender)));
        json["cpu_seconds_per_100k_range"] = json!(self.cpu_seconds(sender).range());
        json
    }
}

/// `ratio_h2load_cpu` for the stream, with the case behind it for the others.
fn key_of(rival: Rival, case: Case) -> String {
    let rival = rival.name();
    match case {
        Case::Stream => format!("ratio_{rival}_cpu"),
        case => format!("ratio_{rival}_cpu_{}", case.name()),
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Plan {
            notifications,
            repetitions,
            connections,
            ..
        } = &self.plan;
        writeln!(
            f,
            "{notifications} notifications, medians of {repetitions}; single: {connections} \
             connections; others: one connection, 500 requests in flight"
        )?;
        for sender in self.runs.keys() {
            let Some(figures) = Figures::medians(self.of(*sender)) else {
                continue;
            };
            write!(f, "{:<8}{figures}", sender.name())?;
            match self.cpu_seconds(*sender).range() {
                Some((least, most)) => writeln!(f, "; CPU-s {least:.2} to {most:.2}")?,
                None => writeln!(f)?,
            }
        }
        for rival in &self.plan.against {
            for case in &self.plan.cases {
                let ratios = self.ratios(*rival, *case);
                if let (Some(ratio), Some((least, most))) = (ratios.median(), ratios.range()) {
                    writeln!(
                        f,
                        "{} costs {:.2} times what {} costs ({:.2} to {:.2})",
                        case.name(),
                        1.0 / ratio,
                        rival.name(),
                        1.0 / most,
                        1.0 / least,
                    )?;
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn costing(cpu_seconds_per_100k: f64) -> Figures {
        Figures {
            cpu_seconds_per_100k,
            ..Figures::default()
        }
    }

    #[test]
    fn ratios_are_taken_within_a_repetition() {
        let mut report = Report::new(&Plan {
            notifications: 100_000,
            connections: 16,
            delay_ms: 0,
            cases: vec![Case::Stream, Case::Single],
            against: vec![Rival::H2load],
            repetitions: 3,
        });
        for (theirs, ours) in [(1.0, 4.0), (3.0, 6.0), (1.0, 10.0)] {
            report.add(Sender::Rival(Rival::H2load), costing(theirs));
            report.add(Sender::Ours(Case::Stream), costing(ours));
            report.add(Sender::Ours(Case::Single), costing(2.0 * ours));
        }

        let json: Value = serde_json::from_str(&report.json()).unwrap();

        assert_eq!(json["ratio_h2load_cpu"], 0.25);
        assert_eq!(json["ratio_h2load_cpu_range"], json!([0.1, 0.5]));
        assert_eq!(json["ratio_h2load_cpu_single"], 0.125);
        assert_eq!(json["single"]["cpu_seconds_per_100k"], 12.0);
        assert_eq!(json["cpu_seconds_per_100k"], 6.0);
        assert!(json.get("ratio_a2_cpu").is_none());
    }
}

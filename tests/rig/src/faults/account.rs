//! What became of every single notification: what the daemon says, and what the vendors have.

use std::collections::{BTreeMap, HashMap};

use serde_json::Value;

use super::traffic::Sent;
use crate::client::Client;
use crate::rig::{Rig, RigError};
use crate::vendor::Vendor;

/// Both sides of a run that is over.
pub(super) struct Account {
    /// Outcomes by notification, each as it was told.
    outcomes: HashMap<String, Vec<Value>>,
    /// Arrivals by mark: how many, and the first, UNIX microseconds.
    arrivals: HashMap<String, (usize, u64)>,
}

/// What became of the notifications for one channel.
#[derive(Debug, Default)]
pub(super) struct Tally {
    /// By outcome.
    pub(super) outcomes: BTreeMap<String, usize>,
    /// Had time, and never arrived; or arrived nowhere though they are said to have.
    pub(super) lost: usize,
    /// Ended otherwise than `accepted` or, where there was little time, `expired`: as if it
    /// were their own fault.
    pub(super) misjudged: usize,
    /// Have no outcome or two, or nothing explains it.
    pub(super) unexplained: usize,
    /// Arrivals beyond the first.
    pub(super) duplicated: usize,
    /// Tried after their lifetime.
    pub(super) late: usize,
    /// What failed attempts were told to have met.
    pub(super) codes: BTreeMap<String, usize>,
}

impl Account {
    pub(super) async fn take(rig: &Rig, vendors: [Vendor; 2]) -> Result<Account, RigError> {
        let mut outcomes = HashMap::<_, Vec<Value>>::new();
        for event in rig.client.get_lines("/v1/events?since=0").await? {
            let id = event["id"].as_str().unwrap_or_default().to_owned();
            outcomes.entry(id).or_default().push(event);
        }
        let mut arrivals = HashMap::new();
        for received in rig.simulator.received() {
            let vendor = vendors.iter().find(|it| it.name == received.vendor);
            if let Some(vendor) = vendor {
                let mark = vendor.shown(&received).ext;
                arrivals.entry(mark).or_insert((0, received.at_us)).0 += 1;
            }
        }
        Ok(Account { outcomes, arrivals })
    }

    /// What became of these; each is traced.
    pub(super) async fn tally(&self, client: &Client, all: &[Sent]) -> Result<Tally, RigError> {
        let mut tally = Tally::default();
        for sent in all {
            let arrived = self.arrivals.get(&sent.mark).map_or(0, |it| it.0);
            tally.duplicated += arrived.saturating_sub(1);
            let told = self.outcomes.get(&sent.id).map_or(&[][..], Vec::as_slice);
            let outcome = told.first().map(|event| &event["outcome"]);
            let outcome = outcome.and_then(Value::as_str).unwrap_or("none");
            *tally.outcomes.entry(outcome.to_owned()).or_default() += 1;
            let may_be_absent = sent.hasty && outcome != "accepted";
            let is_right = outcome == "accepted" || sent.hasty && outcome == "expired";
            tally.misjudged += usize::from(!is_right);
            tally.lost += usize::from(arrived == 0 && !may_be_absent);
            let trace = client.trace(&sent.id).await?.body;
            let is_explained = told.len() == 1 && explains(&trace, outcome);
            tally.unexplained += usize::from(!is_explained);
            tally.look_at(&trace);
        }
        Ok(tally)
    }

    /// Milliseconds from the caller to the vendor, in order; none for what never arrived.
    pub(super) fn latencies_ms(&self, all: &[Sent]) -> Vec<f64> {
        let arrived = all.iter().filter_map(|sent| {
            let (_, at_us) = self.arrivals.get(&sent.mark)?;
            Some(at_us.saturating_sub(sent.at_us) as f64 / 1000.0)
        });
        let mut latencies: Vec<_> = arrived.collect();
        latencies.sort_unstable_by(f64::total_cmp);
        latencies
    }
}

impl Tally {
    fn look_at(&mut self, trace: &Value) {
        // Both in the same form, to the millisecond.
        let expires = trace["expires_at"].as_str().unwrap_or_default();
        for attempt in attempts(trace) {
            let at = attempt["at"].as_str().unwrap_or_default();
            self.late += usize::from(at > expires);
            if attempt["class"] != "accepted" {
                let code = attempt["code"].as_str().unwrap_or_default();
                *self.codes.entry(code.to_owned()).or_default() += 1;
            }
        }
    }
}

/// Whether the trace knows the outcome, and every attempt says what happened and, unless all
/// was well, what to do.
fn explains(trace: &Value, outcome: &str) -> bool {
    let delivery = &trace["deliveries"][0];
    let says = |value: &Value, names: &[&str]| {
        let mut texts = names.iter().map(|name| value[*name].as_str());
        texts.all(|text| text.is_some_and(|text| !text.is_empty()))
    };
    let attempts_say = attempts(trace).all(|attempt| {
        attempt["class"] == "accepted" || says(attempt, &["class", "code", "remedy"])
    });
    let end = &delivery["outcome"];
    let end_says = outcome == "accepted" || says(end, &["code"]);
    delivery["state"] == "done" && end["kind"] == outcome && end_says && attempts_say
}

fn attempts(trace: &Value) -> impl Iterator<Item = &Value> {
    let attempts = trace["deliveries"][0]["attempts"].as_array();
    attempts.into_iter().flatten()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn trace(outcome: &str, attempt: Value) -> Value {
        json!({
            "expires_at": "2026-11-21T13:00:02.000Z",
            "deliveries": [{
                "state": "done",
                "attempts": [attempt],
                "outcome": {"kind": outcome, "code": "expired"},
            }],
        })
    }

    #[test]
    fn an_outcome_is_explained_by_a_trace_that_says_what_happened() {
        let attempt = json!({"class": "transport", "code": "timed_out", "remedy": "wait"});
        let silent = json!({"class": "transport", "code": "timed_out", "remedy": ""});

        assert!(explains(&trace("expired", attempt.clone()), "expired"));
        assert!(!explains(&trace("expired", attempt), "failed"));
        assert!(!explains(&trace("expired", silent), "expired"));
        assert!(!explains(&Value::Null, "none"));
    }

    #[test]
    fn an_attempt_after_the_lifetime_is_counted() {
        let mut tally = Tally::default();
        let at = |at: &str| json!({"at": at, "class": "transport", "code": "refused"});

        tally.look_at(&trace("expired", at("2026-11-21T13:00:02.000Z")));
        assert_eq!(tally.late, 0);
        tally.look_at(&trace("expired", at("2026-11-21T13:00:02.001Z")));

        assert_eq!((tally.late, tally.codes["refused"]), (1, 2));
    }
}

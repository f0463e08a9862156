//! Rows of a feature's table, and how one is checked.

use nudged_rig::{DEADLINE, Rig, RigOptions, Vendor};
use serde_json::{Value, json};

use super::assert_complete;
use crate::world::rig_with;

/// What must be true of one vendor.
pub struct Row {
    pub vendor: Vendor,
    holds: Vec<(String, Want)>,
    /// Fields of the message that the trace must speak of, in alphabetical order.
    told: Vec<String>,
}

/// What a field of the vendor's request must be.
#[derive(Clone, Debug)]
pub enum Want {
    Is(Value),
    Absent,
    /// Two hours, counted in these many to the second, less what the way took.
    TwoHours(u64),
}

pub fn is(value: impl Into<Value>) -> Want {
    Want::Is(value.into())
}

pub fn absent() -> Want {
    Want::Absent
}

pub fn lasts_s() -> Want {
    Want::TwoHours(1)
}

pub fn lasts_ms() -> Want {
    Want::TwoHours(1000)
}

/// Pointers into the vendor's request with what stands there; fields that notices name.
pub fn row<P: AsRef<str>>(vendor: Vendor, holds: &[(P, Want)], told: &[&str]) -> Row {
    let holds = holds
        .iter()
        .map(|(pointer, want)| (pointer.as_ref().to_owned(), want.clone()));
    Row {
        vendor,
        holds: holds.collect(),
        told: told.iter().map(|field| (*field).to_owned()).collect(),
    }
}

/// Seconds that every message of a table may live.
const TTL: u64 = 7200;

/// Sends each vendor its message, and holds request and trace to the rows.
pub async fn check(rows: &[Row], message: impl Fn(&Vendor) -> Value) {
    assert_complete(rows);
    let rig = rig_with(RigOptions {
        vendors: rows.iter().map(|row| row.vendor).collect(),
        ..RigOptions::default()
    })
    .await;
    for row in rows {
        let vendor = &row.vendor;
        let to = json!([{"channel": vendor.channel, "token": vendor.numbered(1)}]);
        let spec = json!({"to": to, "message": message(vendor), "ttl": TTL});
        let id = rig.accept(&spec).await.unwrap();
        rig.client.outcomes(&id, 1).await.unwrap();
        let trace = rig.client.trace(&id).await.unwrap().expect(200);
        let delivery = &trace["deliveries"][0];
        assert_eq!(
            delivery["outcome"]["kind"], "accepted",
            "{}: {delivery:#}",
            vendor.title
        );
        let received = rig.simulator.received();
        let received: Vec<_> = received
            .iter()
            .filter(|it| it.vendor == vendor.name)
            .collect();
        let [received] = received[..] else {
            panic!("{} received {} messages", vendor.title, received.len());
        };
        for (pointer, want) in &row.holds {
            let got = received.body.pointer(pointer);
            assert!(
                want.holds(got),
                "{} {pointer} is {got:?}, not {want:?}, in {:#}",
                vendor.title,
                received.body
            );
        }
        let notices = delivery["attempts"][0]["notices"].as_array();
        let mut told: Vec<_> = notices
            .into_iter()
            .flatten()
            .map(|notice| {
                assert!(notice["text"].as_str().is_some_and(|text| !text.is_empty()));
                notice["field"].as_str().unwrap_or_default().to_owned()
            })
            .collect();
        told.sort();
        assert_eq!(told, row.told, "{}: {delivery:#}", vendor.title);
    }
}

impl Want {
    fn holds(&self, got: Option<&Value>) -> bool {
        match self {
            Self::Is(wanted) => got == Some(wanted),
            Self::Absent => got.is_none(),
            Self::TwoHours(to_the_second) => {
                let number = match got {
                    Some(Value::Number(number)) => number.as_u64(),
                    Some(Value::String(text)) => text.trim_end_matches('s').parse().ok(),
                    _ => None,
                };
                let least = (TTL - DEADLINE.as_secs()) * to_the_second;
                number.is_some_and(|number| (least..=TTL * to_the_second).contains(&number))
            }
        }
    }
}

/// The trace, once it is as it should be.
pub async fn trace_until(rig: &Rig, id: &str, fits: impl Fn(&Value) -> bool) -> Value {
    let asked = async {
        loop {
            let trace = rig.client.trace(id).await.unwrap().expect(200);
            if fits(&trace) {
                return trace;
            }
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(DEADLINE, asked)
        .await
        .unwrap_or_else(|_| panic!("the trace of {id} never came to be as it should"))
}

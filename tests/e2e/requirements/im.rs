//! A chat server's calls, and what the vendors of one user's phones got of them.

use std::collections::BTreeMap;

use nudged_rig::{Reply, Rig, Shown, Vendor};
use nudged_simulator::Received;
use serde_json::{Value, json};

use crate::world::{taken_by, text, trace_of};

/// Makes a call.
pub async fn call(rig: &Rig, name: &str, body: &Value) -> Reply {
    let path = format!("/v1/im/messages?call={name}");
    rig.client.post(&path, body).await.unwrap()
}

/// A text from alice to bob, and what is to be pushed of it.
pub fn text_to_bob(offline: Value) -> Value {
    json!({
        "SyncOtherMachine": 2,
        "From_Account": "alice",
        "To_Account": "bob",
        "MsgLifeTime": 3600,
        "MsgTimeStamp": 1_557_387_418,
        "MsgBody": [{"MsgType": "TIMTextElem", "MsgContent": {"Text": "Lunch?"}}],
        "OfflinePushInfo": offline,
    })
}

/// What the vendors took of one call.
pub struct Pushed {
    /// The answer to the call.
    pub answer: Value,
    /// What became of it.
    pub trace: Value,
    received: BTreeMap<&'static str, Received>,
}

impl Pushed {
    /// A part of a vendor's request; null when it is not there.
    pub fn at(&self, vendor: Vendor, pointer: &str) -> &Value {
        let body = &self.got(vendor).body;
        body.pointer(pointer).unwrap_or(&Value::Null)
    }

    /// What the phone shows.
    pub fn shown(&self, vendor: Vendor) -> Shown {
        vendor.shown(self.got(vendor))
    }

    /// The vendor's request.
    pub fn got(&self, vendor: Vendor) -> &Received {
        let received = self.received.get(vendor.name);
        received.unwrap_or_else(|| panic!("{} got nothing: {:#}", vendor.title, self.trace))
    }

    /// Fields that the vendor does not show as asked, in alphabetical order.
    pub fn told(&self, vendor: Vendor) -> Vec<&str> {
        let deliveries = self.trace["deliveries"].as_array().expect("a list").iter();
        let its = deliveries.filter(|it| it["driver"] == vendor.name);
        let attempts = its.flat_map(|it| it["attempts"].as_array().expect("a list"));
        let notices = attempts.flat_map(|it| it["notices"].as_array().expect("a list"));
        let mut fields: Vec<_> = notices.map(|it| text(it, "field")).collect();
        fields.sort_unstable();
        fields
    }
}

/// Makes a call that each of these vendors gets one request of, and takes.
pub async fn push(rig: &Rig, name: &str, body: &Value, vendors: &[Vendor]) -> Pushed {
    let answer = call(rig, name, body).await.expect(202);
    taken(rig, answer, vendors).await
}

/// The same for a notification in our own words.
pub async fn send(rig: &Rig, notification: &Value, vendors: &[Vendor]) -> Pushed {
    let answer = rig.client.send(notification).await.unwrap().expect(202);
    taken(rig, answer, vendors).await
}

async fn taken(rig: &Rig, answer: Value, vendors: &[Vendor]) -> Pushed {
    assert_eq!(answer["deliveries"], vendors.len(), "{answer:#}");
    let id = text(&answer, "id").to_owned();
    let all = vendors.len() as u64 + answer["suppressed"].as_u64().unwrap_or_default();
    rig.client.outcomes(&id, all as usize).await.unwrap();
    let trace = trace_of(rig, &id).await;
    let deliveries = trace["deliveries"].as_array().expect("a list");
    let mut received = BTreeMap::new();
    for vendor in vendors {
        let its = deliveries
            .iter()
            .find(|it| it["driver"] == vendor.name && it["outcome"]["kind"] == "accepted");
        assert!(its.is_some(), "{}: {trace:#}", vendor.title);
        // The vendor's own record, and the last one is this one's.
        let last = taken_by(rig, *vendor).pop().expect("accepted");
        received.insert(vendor.name, last);
    }
    Pushed {
        answer,
        trace,
        received,
    }
}

/// The only delivery of a notification.
#[track_caller]
pub fn only_delivery(trace: &Value) -> &Value {
    let deliveries = trace["deliveries"].as_array().expect("a list");
    assert_eq!(deliveries.len(), 1, "{trace:#}");
    &deliveries[0]
}

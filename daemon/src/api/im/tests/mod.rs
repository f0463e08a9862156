mod codes;
mod fields;
mod names;
mod nonsense;
mod refusals;
mod tolerance;

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::call::Call;
use super::intake::read;
use super::order::{CallOrigin, Order, order};
use nudged_wire::Problem;

const DRIVERS: [&str; 9] = [
    "apns", "fcm", "harmony", "honor", "huawei", "meizu", "oppo", "vivo", "xiaomi",
];

/// What a body becomes in app `chat`, which has these drivers.
fn ordered_with(drivers: &[&str], call: Call, body: &str) -> Result<Order, Problem> {
    let drivers: BTreeSet<&str> = drivers.iter().copied().collect();
    let caller = CallOrigin {
        app: "chat",
        admin: None,
        drivers: &drivers,
    };
    order(call, caller, read(call, body.as_bytes())?)
}

fn ordered(call: Call, body: &Value) -> Result<Order, Problem> {
    ordered_with(&DRIVERS, call, &body.to_string())
}

/// The notification in its own JSON, where defaults are left out.
fn spec(call: Call, body: &Value) -> Value {
    let order = ordered(call, body).unwrap_or_else(|problem| panic!("{body}: {problem:?}"));
    serde_json::to_value(order.spec).unwrap()
}

/// A message with one text to bob, and these fields of `OfflinePushInfo`.
fn with_offline(offline: Value) -> Value {
    json!({
        "To_Account": "bob",
        "MsgBody": [{"MsgType": "TIMTextElem", "MsgContent": {"Text": "hi"}}],
        "OfflinePushInfo": offline,
    })
}

/// A message of this element alone.
fn with_element(kind: &str, content: Value) -> Value {
    json!({"To_Account": "bob", "MsgBody": [{"MsgType": kind, "MsgContent": content}]})
}

fn group(body: Value) -> Value {
    let mut group = json!({
        "GroupId": "@TGS#2C5SZEAEF",
        "MsgBody": [{"MsgType": "TIMTextElem", "MsgContent": {"Text": "hi"}}],
    });
    for (key, value) in body.as_object().unwrap() {
        group[key] = value.clone();
    }
    group
}

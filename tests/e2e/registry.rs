//! Devices: who has which token, where its app is, what its user wants, and how it comes back.

mod brake;
mod import;
mod names;
mod reports;
mod states;
mod tokens;
mod tombstones;

use serde_json::{Value, json};

use crate::world::text;

const BOB: &str = "/v1/apps/default/users/bob/devices";

fn names(devices: &[Value]) -> Vec<&str> {
    devices.iter().map(|it| text(it, "device")).collect()
}

fn to(user: &str) -> Value {
    json!({"to": [{"user": user}], "message": {"body": "hello"}})
}

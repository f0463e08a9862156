//! Devices: who has which token.

mod names;
mod reports;
mod tokens;

use nudged_rig::Rig;
use serde_json::{Value, json};

use crate::support::text;

const BOB: &str = "/v1/apps/default/users/bob/devices";

async fn devices(rig: &Rig, app: &str, user: &str) -> Vec<Value> {
    let path = format!("/v1/apps/{app}/users/{}/devices", percent_encoded(user));
    let list = rig.client.get(&path).await.unwrap().expect(200);
    list["devices"].as_array().unwrap().clone()
}

fn names(devices: &[Value]) -> Vec<&str> {
    devices.iter().map(|it| text(it, "device")).collect()
}

fn to(user: &str) -> Value {
    json!({"to": [{"user": user}], "message": {"body": "hello"}})
}

fn percent_encoded(name: &str) -> String {
    name.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

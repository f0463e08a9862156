//! Delivery: what a sender hands in arrives at the vendors, and is told of.

mod events;
mod kinds;
mod messages;
mod outcomes;
mod recipients;

use nudged_rig::{APNS, FCM, Rig, Vendor};
use nudged_simulator::Received;
use serde_json::{Value, json};

async fn two_devices(rig: &Rig) {
    rig.register("bob", "phone", "ios", APNS.token)
        .await
        .unwrap();
    rig.register("bob", "tablet", "android", FCM.token)
        .await
        .unwrap();
}

fn to_user(user: &str, body: &str) -> Value {
    json!({
        "to": [{"user": user}],
        "message": {"title": "Carol", "body": body, "ext": "{\"chat\":7}"},
    })
}

fn to_vendor(vendor: Vendor, body: &str) -> Value {
    json!({
        "to": [{"channel": vendor.channel, "token": vendor.token}],
        "message": {"title": "Carol", "body": body},
    })
}

fn header<'a>(message: &'a Received, name: &str) -> &'a str {
    let found = message.headers.iter().find(|(key, _)| key == name);
    found.map_or("", |(_, value)| value)
}

//! Quotas of classes of messages: counted, kept to, told of; and the hours of a class. What
//! concerns one class holds up no other.

mod daily;
mod hours;
mod refused;

use nudged_rig::vendor::XIAOMI;
use nudged_rig::{Rig, RigOptions};
use serde_json::{Value, json};

use crate::world::{channel, rig_with, taken_by, trace_of, until};

/// A daemon with Xiaomi, whose channel file ends like this.
async fn rig(limits: &str) -> Rig {
    rig_with(RigOptions {
        vendors: vec![XIAOMI],
        channel_end: limits.to_owned(),
        ..RigOptions::default()
    })
    .await
}

/// A message of the class `public` or `private` to the first so many devices.
fn message(class: &str, devices: usize) -> Value {
    let to = (1..=devices).map(|n| json!({"channel": XIAOMI.channel, "token": XIAOMI.numbered(n)}));
    let channel_id = if class == "private" { "chat" } else { "news" };
    json!({
        "to": to.collect::<Vec<_>>(),
        "message": {"title": "Carol", "body": "Lunch?"},
        "options": {"xiaomi": {"channel_id": channel_id, "channel_class": class}},
    })
}

/// How a class fares, by `GET /v1/channels/{name}`.
async fn class(rig: &Rig, name: &str) -> Value {
    let path = format!("/v1/channels/{}", XIAOMI.channel);
    let view = rig.client.get(&path).await.unwrap().expect(200);
    let row = channel(rig, XIAOMI.channel).await;
    assert_eq!(view["name"], row["name"]);
    let classes = view["classes"].as_array().unwrap().iter();
    let found = classes.clone().find(|it| it["class"] == name);
    found.unwrap_or_else(|| panic!("{view:#}")).clone()
}

/// Sends a message that is not sent on, and returns its delivery's trace.
async fn held(rig: &Rig, message: &Value) -> Value {
    let id = rig.accept(message).await.unwrap();
    let delivery = async || trace_of(rig, &id).await["deliveries"][0].clone();
    until("a try", async || !delivery().await["attempts"][0].is_null()).await;
    delivery().await
}

/// How many devices Xiaomi took messages for.
fn taken(rig: &Rig) -> usize {
    taken_by(rig, XIAOMI).iter().map(|it| it.tokens.len()).sum()
}

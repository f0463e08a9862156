//! What every driver of nudged must hold to.

use nudged_driver_kit::conforms;
use nudged_driver_kit::test::Suite;
use nudged_plugin_api::Message;
use nudged_xiaomi::Xiaomi;
use serde_json::json;

use crate::account::{NOW, REGID, message_of, settings};
use crate::decode::{CAPTURES, captures};

conforms!(Xiaomi, settings(), NOW, samples);

fn messages() -> Vec<Message> {
    [
        json!({
            "title": "Ann", "body": "Are you there?", "subtitle": "Lunch", "ext": r#"{"room": 1}"#,
            "page": "intent:#Intent;component=com.example.chat/.Chat;end", "sound": "ring.mp3",
            "badge": 3, "image": "https://img.example/1.png", "channel_id": "100123",
            "category": "IM", "thread": "room-1", "collapse_key": "room-1", "lifetime": 3600,
        }),
        json!({"title": "Ann", "body": "Hi", "url": "https://chat.example/", "lifetime": 0}),
        json!({"title": "Ann", "options": {"notify_type": 2, "extra": {"k": "v"}}}),
        json!({"kind": "background", "ext": "sync"}),
    ]
    .map(message_of)
    .into()
}

fn samples<D>(mut suite: Suite<D>) -> Suite<D> {
    suite = suite.token(REGID).token("regidB=");
    for message in messages() {
        suite = suite.message(message);
    }
    for (file, status, ..) in CAPTURES {
        suite = suite.capture(captures().response(file, *status));
    }
    suite
}

#[test]
fn a_channel_with_everything_set_conforms() {
    let settings = settings()
        .with("channel_id", "100123")
        .with("channel_class", "public")
        .with("template_id", "P1")
        .with("template_param", r#"{"name":"{title}","text":"{body}"}"#)
        .with("open_app", "launcher")
        .with("callback_url", "https://push.example.com/mi")
        .with("callback_type", 243)
        .with("endpoint", "https://gateway.example:8443/mi")
        .with("notify_foreground", false);
    samples(Suite::<Xiaomi>::new(settings, NOW))
        .run()
        .assert_passed();
}

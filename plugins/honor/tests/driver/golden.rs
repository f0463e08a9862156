//! Whole requests, one case a file: a message, and what Honor must be sent for it.
//!
//! The expected bodies were written by hand from Honor's documentation. `tokens` is how many
//! of the sample phones the batch is for, 1 unless given.

use nudged_plugin_api::{Badge, Click, Kind, Lifetime, Message, Method, Priority, Settings, Sound};
use serde_json::{Value, json};

use crate::account::{NOW, encode, open, settings, targets};

/// What is left in a case at the end was mistyped.
fn take(from: &mut Value, key: &str) -> Option<Value> {
    from.as_object_mut().unwrap().remove(key)
}

fn text(from: &mut Value, key: &str) -> Option<String> {
    take(from, key).map(|value| match value {
        Value::String(text) => text,
        json => json.to_string(),
    })
}

fn number(value: Value) -> u32 {
    u32::try_from(value.as_u64().unwrap()).unwrap()
}

fn message_of(mut case: Value) -> Message {
    let mut message = Message::default();
    let case = &mut case;
    message.kind = match text(case, "kind").as_deref() {
        None => Kind::Alert,
        Some("background") => Kind::Background,
        Some(other) => panic!("{other}"),
    };
    message.title = text(case, "title");
    message.subtitle = text(case, "subtitle");
    message.body = text(case, "body");
    message.ext = text(case, "ext");
    message.image = text(case, "image");
    message.channel_id = text(case, "channel_id");
    message.category = text(case, "category");
    message.thread = text(case, "thread");
    message.collapse_key = text(case, "collapse_key");
    message.options = text(case, "options");
    message.test = take(case, "test") == Some(json!(true));
    message.click = match text(case, "page") {
        Some(page) => Click::Page(page),
        None => text(case, "url").map_or(Click::OpenApp, Click::Url),
    };
    message.sound = match text(case, "sound").as_deref() {
        None => Sound::Default,
        Some("silent") => Sound::Silent,
        Some(name) => Sound::Named(name.to_owned()),
    };
    message.badge = match (take(case, "badge"), take(case, "badge_add")) {
        (Some(set), _) => Badge::Set(number(set)),
        (None, Some(add)) => Badge::Add(number(add)),
        (None, None) => Badge::Keep,
    };
    if text(case, "priority").as_deref() == Some("normal") {
        message.priority = Priority::Normal;
    }
    if let Some(seconds) = take(case, "lifetime") {
        message.lifetime = Lifetime::Until(NOW.plus_seconds(seconds.as_u64().unwrap()));
    }
    assert_eq!(case, &json!({}), "unknown keys");
    message
}

fn settings_of(case: Option<Value>) -> Settings {
    let mut all = settings();
    for (key, value) in case.iter().flat_map(|case| case.as_object().unwrap()) {
        all = all.with(key, value.as_str().unwrap());
    }
    all
}

#[test]
fn every_message_becomes_its_golden_request() {
    let directory = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden");
    let mut count = 0;
    let mut failed = Vec::new();
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        let name = path.display().to_string();
        let mut case: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        let driver = open(&settings_of(take(&mut case, "settings")));
        let phones = take(&mut case, "tokens").map_or(1, number);
        let message = message_of(take(&mut case, "message").unwrap());
        let rendered = encode(&driver, &message, &targets(phones as usize))
            .unwrap_or_else(|error| panic!("{name}: {error}"));

        let request = &rendered.request;
        assert_eq!(request.method, Method::Post, "{name}");
        let headers: Vec<_> = request.headers.iter().map(|(n, v)| json!([n, v])).collect();
        let body: Value = serde_json::from_slice(&request.body).unwrap();
        let notices = rendered.notices.iter();
        let notices: Vec<_> = notices
            .map(|n| format!("{}: {}", n.field, n.text))
            .collect();
        let got = json!({
            "request": {"url": request.url, "headers": headers, "body": body},
            "class": rendered.class,
            "notices": notices,
        });
        if got != case {
            failed.push(format!("{name}\n{got:#}\nexpected {case:#}"));
        }
        count += 1;
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
    assert!(count >= 20, "{count} cases");
}

#[test]
fn bytes_are_the_same_every_time() {
    let message = Message::new("t", "b");
    let encoded = || encode(&open(&settings()), &message, &targets(3)).unwrap();
    assert_eq!(encoded(), encoded());
}

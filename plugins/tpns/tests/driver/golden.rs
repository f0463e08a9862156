//! Whole requests, one case a file: a message, and what TPNS must be sent for it.
//!
//! The expected requests were written by a script that knows TPNS's documents and nothing of
//! the driver: it signs by itself.

use std::collections::BTreeMap;

use nudged_plugin_api::{Badge, Click, Driver, Kind, Lifetime, Message, Method, Settings, Sound};
use nudged_tpns::Tpns;
use serde_json::{Value, json};

use crate::account::{NOW, TOKEN, encode, settings, targets};

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

fn message_of(case: &mut Value) -> Message {
    let mut message = Message::default();
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

fn tokens_of(case: Option<Value>) -> Vec<String> {
    let Some(Value::Array(list)) = case else {
        return vec![TOKEN.to_owned()];
    };
    let texts = list.iter().map(|token| token.as_str().unwrap().to_owned());
    texts.collect()
}

#[test]
fn every_message_becomes_its_golden_request() {
    let directory = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden");
    let mut count = 0;
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        let name = path.display();
        let mut case: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        let driver = Tpns::open(&settings_of(take(&mut case, "settings")), NOW).unwrap();
        let tokens = tokens_of(take(&mut case, "tokens"));
        let tokens: Vec<&str> = tokens.iter().map(String::as_str).collect();
        let mut devices = targets(&tokens);
        devices[0].badge = take(&mut case, "target_badge").map(|set| Badge::Set(number(set)));
        let message = message_of(&mut take(&mut case, "message").unwrap());
        let rendered =
            encode(&driver, &message, &devices).unwrap_or_else(|error| panic!("{name}: {error}"));

        let request = &rendered.request;
        assert_eq!(request.method, Method::Post, "{name}");
        let headers: Vec<_> = request.headers.iter().map(|(n, v)| json!([n, v])).collect();
        let body: Value = serde_json::from_slice(&request.body).unwrap();
        let got = json!({"url": request.url, "headers": headers, "body": body});
        assert_eq!(Some(got), take(&mut case, "request"), "{name}");
        let notices: BTreeMap<_, _> = rendered
            .notices
            .iter()
            .map(|notice| (&notice.field, &notice.text))
            .collect();
        assert_eq!(notices.len(), rendered.notices.len(), "{name}");
        assert_eq!(Some(json!(notices)), take(&mut case, "notices"), "{name}");
        assert_eq!(rendered.class, "", "{name}");
        assert!(rendered.memo.is_empty(), "{name}");
        assert_eq!(case, json!({}), "{name}: unknown keys");
        count += 1;
    }
    assert!(count >= 40, "{count} cases");
}

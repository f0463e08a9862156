//! Whole requests, one case a file: a message, and what Push Kit must be sent for it.
//!
//! The expected bodies were written from the API's documentation. Two values are computed
//! and stand as names in the files: `BATCH`, the id of a batch, and `NOTIFY_ID`, the number
//! made of a collapse key.

use nudged_huawei::Huawei;
use nudged_plugin_api::{
    Badge, Batch, Click, Driver, Kind, Lifetime, Message, Method, Settings, Sound, android,
};
use serde_json::{Value, json};

use crate::account::{NOW, TOKEN, encode, settings, targets};

/// Text that is there; a mistyped key in a case must not pass for an absent one.
fn take(from: &mut Value, key: &str) -> Option<Value> {
    from.as_object_mut().unwrap().remove(key)
}

fn text(from: &mut Value, key: &str) -> Option<String> {
    take(from, key).map(|value| value.as_str().unwrap().to_owned())
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
        (Some(set), _) => Badge::Set(number(&set)),
        (None, Some(add)) => Badge::Add(number(&add)),
        (None, None) => Badge::Keep,
    };
    if let Some(seconds) = take(case, "lifetime") {
        message.lifetime = Lifetime::Until(NOW.plus_seconds(number(&seconds).into()));
    }
    assert_eq!(case, &json!({}), "unknown keys");
    message
}

fn number(value: &Value) -> u32 {
    u32::try_from(value.as_u64().unwrap()).unwrap()
}

fn settings_of(case: Option<Value>) -> Settings {
    let mut all = settings();
    for (key, value) in case.iter().flat_map(|case| case.as_object().unwrap()) {
        all = match value {
            Value::Bool(flag) => all.with(key, *flag),
            value => all.with(key, value.as_str().unwrap()),
        };
    }
    all
}

#[test]
fn every_message_becomes_its_golden_request() {
    let directory = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden");
    let mut count = 0;
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        let name = path.display();
        let mut case: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        let driver = Huawei::open(&settings_of(take(&mut case, "settings")), NOW)
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        let tokens = take(&mut case, "tokens").unwrap_or(json!([TOKEN]));
        let tokens = tokens.as_array().unwrap().iter();
        let mut targets = targets(tokens.map(|token| token.as_str().unwrap()));
        targets[0].badge = take(&mut case, "target_badge").map(|set| Badge::Set(number(&set)));
        let message = message_of(take(&mut case, "message").unwrap());
        let rendered =
            encode(&driver, &message, &targets).unwrap_or_else(|error| panic!("{name}: {error}"));

        let request = rendered.request;
        assert_eq!(request.method, Method::Post, "{name}");
        let headers: Vec<_> = request.headers.iter().map(|(n, v)| json!([n, v])).collect();
        let body: Value = serde_json::from_slice(&request.body).unwrap();
        let got = json!({"url": request.url, "headers": headers, "body": body});
        let mut expected = take(&mut case, "request").unwrap();
        let android = &mut expected["body"]["message"]["android"];
        if android["bi_tag"] == "BATCH" {
            android["bi_tag"] = json!(Batch::new(&message, &targets).id());
        }
        if android["notification"]["notify_id"] == "NOTIFY_ID" {
            let key = message.collapse_key.as_deref().unwrap();
            android["notification"]["notify_id"] = json!(android::notify_id(key));
        }
        assert_eq!(got, expected, "{name}\n{got:#}");

        let notices: Vec<_> = rendered
            .notices
            .iter()
            .map(|notice| json!([notice.field, notice.text]))
            .collect();
        assert_eq!(Some(json!(notices)), take(&mut case, "notices"), "{name}");
        assert_eq!(
            Some(json!(rendered.class)),
            take(&mut case, "class"),
            "{name}"
        );
        assert!(rendered.memo.is_empty(), "{name}");
        assert_eq!(case, json!({}), "{name}: unknown keys");
        count += 1;
    }
    assert!(count >= 40, "{count} cases");
}

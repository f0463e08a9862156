//! Whole requests, one case a file: a message, and what OPPO must be sent for it.
//!
//! The expected requests were written from OPPO's field list. A form is shown as its pairs
//! in their order; the pair `message`, which is JSON, as what it holds.
//! Only the hashes (`notify_id`, the `app_message_id` of several devices) were taken as they came.

use nudged_oppo::Oppo;
use nudged_plugin_api::{
    Badge, Click, Driver, HttpRequest, Lifetime, Message, Method, Settings, Sound,
};
use serde_json::{Value, json};

use crate::account::{CN_A, CN_B, CN_C, NOW, encode, settings, targets};

/// What is there; a mistyped key in a case must not pass for an absent one.
fn take(from: &mut Value, key: &str) -> Option<Value> {
    from.as_object_mut().unwrap().remove(key)
}

fn text(from: &mut Value, key: &str) -> Option<String> {
    take(from, key).map(|value| match value {
        Value::String(text) => text,
        json => json.to_string(),
    })
}

fn number(from: &mut Value, key: &str) -> Option<u64> {
    take(from, key).map(|value| value.as_u64().unwrap())
}

fn message_of(mut case: Value) -> Message {
    let case = &mut case;
    let mut message = Message::default();
    message.title = text(case, "title");
    message.subtitle = text(case, "subtitle");
    message.body = text(case, "body");
    message.ext = text(case, "ext");
    message.image = text(case, "image");
    message.channel_id = text(case, "channel_id");
    message.category = text(case, "category");
    message.collapse_key = text(case, "collapse_key");
    message.options = text(case, "options");
    message.test = take(case, "test") == Some(json!(true));
    message.click = match text(case, "page") {
        Some(page) => Click::Page(page),
        None => text(case, "url").map_or(Click::OpenApp, Click::Url),
    };
    message.sound = text(case, "sound").map_or(Sound::Default, Sound::Named);
    message.badge = match (number(case, "badge"), number(case, "badge_add")) {
        (Some(set), _) => Badge::Set(set as u32),
        (None, Some(add)) => Badge::Add(add as u32),
        (None, None) => Badge::Keep,
    };
    if let Some(seconds) = number(case, "lifetime") {
        message.lifetime = Lifetime::Until(NOW.plus_seconds(seconds));
    }
    assert_eq!(case, &json!({}), "unknown keys");
    message
}

fn settings_of(case: Option<Value>) -> Settings {
    let mut all = settings();
    for (key, value) in case.iter().flat_map(|case| case.as_object().unwrap()) {
        all = match value {
            Value::String(text) => all.with(key, text.as_str()),
            number => all.with(key, number.as_i64().unwrap()),
        };
    }
    all
}

fn shown(request: &HttpRequest) -> Value {
    let pairs = form_urlencoded::parse(&request.body).map(|(name, value)| match &*name {
        "message" => json!([name, serde_json::from_str::<Value>(&value).unwrap()]),
        _ => json!([name, value]),
    });
    let headers = request.headers.iter().map(|(n, v)| json!([n, v]));
    json!({
        "url": request.url,
        "headers": headers.collect::<Value>(),
        "form": pairs.collect::<Value>(),
    })
}

#[test]
fn every_message_becomes_its_golden_request() {
    let directory = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden");
    let mut count = 0;
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        let name = path.display();
        let mut case: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        let driver = Oppo::open(&settings_of(take(&mut case, "settings")), NOW).unwrap();
        let devices = number(&mut case, "devices").unwrap_or(1) as usize;
        let targets = targets(&[CN_A, CN_B, CN_C][..devices]);
        let message = message_of(take(&mut case, "message").unwrap());
        let rendered =
            encode(&driver, &message, &targets).unwrap_or_else(|error| panic!("{name}: {error}"));

        assert_eq!(rendered.request.method, Method::Post, "{name}");
        let fields: Vec<_> = rendered
            .notices
            .iter()
            .map(|notice| &notice.field)
            .collect();
        let got = json!({
            "request": shown(&rendered.request),
            "class": rendered.class,
            "notices": fields,
        });
        assert_eq!(got, case, "{name}\n{got:#}");
        count += 1;
    }
    assert!(count >= 15, "{count} cases");
}

#[test]
fn the_bytes_are_those_of_the_documented_example() {
    let settings = settings()
        .with("channel_id", "chat")
        .with("category", "IM")
        .with("notify_level", 2);
    let driver = Oppo::open(&settings, NOW).unwrap();
    let mut message = Message::new("Hello", "New message");
    message.ext = Some(r#"{"ext":"c1"}"#.to_owned());
    message.lifetime = Lifetime::Until(NOW.plus_seconds(86_400));
    let mut target = targets(&[CN_A]);
    target[0].id = "m-1".to_owned();
    let request = encode(&driver, &message, &target).unwrap().request;
    assert_eq!(
        String::from_utf8(request.body).unwrap(),
        "auth_token=tok456&message=%7B%22target_type%22%3A2%2C%22target_value%22%3A%22OPPO_CN_0123\
         456789abcdef0123456789abcdef%22%2C%22verify_registration_id%22%3Afalse%2C%22notification\
         %22%3A%7B%22app_message_id%22%3A%22m-1%22%2C%22style%22%3A1%2C%22title%22%3A%22Hello%22%2\
         C%22content%22%3A%22New+message%22%2C%22click_action_type%22%3A0%2C%22action_parameters%2\
         2%3A%22%7B%5C%22ext%5C%22%3A%5C%22c1%5C%22%7D%22%2C%22off_line%22%3Atrue%2C%22off_line_tt\
         l%22%3A86400%2C%22channel_id%22%3A%22chat%22%2C%22category%22%3A%22IM%22%2C%22notify_leve\
         l%22%3A2%7D%7D"
    );
}

#[test]
fn bytes_are_the_same_every_time() {
    let driver = crate::account::channel();
    let mut message = Message::new("t", "b");
    message.ext = Some(r#"{"b":"1","a":"2"}"#.to_owned());
    let targets = targets(&[CN_A, CN_B]);
    let first = encode(&driver, &message, &targets).unwrap();
    assert_eq!(first, encode(&driver, &message, &targets).unwrap());
}

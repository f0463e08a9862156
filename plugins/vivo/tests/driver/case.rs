//! What the tests share: a channel, a message in JSON, and the ways to call the driver.

use nudged_plugin_api::{
    Badge, Batch, Click, Context, Decoded, Driver, EncodeError, Exchange, Grant, HttpResponse,
    Kind, Lifetime, Message, Rendered, Settings, Sound, Target, Timestamp, Verdict,
};
use nudged_vivo::Vivo;
use serde_json::{Value, json};

/// 2025-12-29 17:20 in Beijing.
pub const NOW: Timestamp = Timestamp(1_767_000_000_000);
pub const SECRET: &str = "s3cr3t-vivo";
pub const TOKENS: [&str; 3] = [
    "12345678901234567890123",
    "v2-CRlkfxTpVb3TPnxF1KMRxOD6LhhXnk1Wdg",
    "15513410784181118114099",
];

/// The app of the signature's test vector.
pub fn settings() -> Settings {
    Settings::new()
        .with("app_id", 105_000_001)
        .with("app_key", "0a1b2c3d-key")
        .with("app_secret", SECRET)
}

pub fn channel() -> Vivo {
    Vivo::open(&settings(), NOW).unwrap()
}

pub fn grant() -> Grant {
    Grant::new("abc", NOW, 86_400)
}

/// Deliveries with readable ids, `d-1` and so on.
pub fn targets(tokens: &[&str]) -> Vec<Target> {
    (1..)
        .zip(tokens)
        .map(|(number, token)| Target::new(format!("d-{number}"), *token))
        .collect()
}

pub fn rendered(
    driver: &Vivo,
    message: &Message,
    tokens: &[&str],
) -> Result<Rendered, EncodeError> {
    driver.encode(
        Batch::new(message, &targets(tokens)),
        &Context::new(NOW, Some(&grant())),
    )
}

/// What a message in JSON becomes for the first token.
pub fn encode(case: Value) -> Result<Rendered, EncodeError> {
    rendered(&channel(), &message(case), &TOKENS[..1])
}

pub fn body(rendered: &Rendered) -> Value {
    serde_json::from_slice(&rendered.request.body).unwrap()
}

/// The fields of the notices.
pub fn noticed(rendered: &Rendered) -> Vec<&str> {
    let notices = rendered.notices.iter();
    notices.map(|notice| notice.field.as_str()).collect()
}

pub fn decode(tokens: &[&str], response: &HttpResponse, memo: &[u8]) -> Decoded {
    channel().decode(Exchange::with_memo(&targets(tokens), response, memo), NOW)
}

pub fn verdicts(decoded: Decoded) -> Vec<Verdict> {
    match decoded {
        Decoded::Verdicts(verdicts) => verdicts,
        other => panic!("{other:?}"),
    }
}

/// The verdict on a message for one device.
pub fn verdict(response: &HttpResponse) -> Verdict {
    let mut verdicts = verdicts(decode(&TOKENS[..1], response, b""));
    assert_eq!(verdicts.len(), 1);
    verdicts.remove(0)
}

/// A message with title and text, changed by the case.
pub fn plain(case: Value) -> Value {
    let mut whole = json!({"title": "Hello", "body": "New message", "lifetime": 86400});
    for (key, value) in case.as_object().unwrap() {
        whole[key] = value.clone();
    }
    whole
}

fn take(from: &mut Value, key: &str) -> Option<Value> {
    from.as_object_mut().unwrap().remove(key)
}

fn text(from: &mut Value, key: &str) -> Option<String> {
    take(from, key).map(|value| match value {
        Value::String(text) => text,
        json => json.to_string(),
    })
}

/// A mistyped key in a case must not pass for an absent one.
pub fn message(mut case: Value) -> Message {
    let mut message = Message::default();
    let case = &mut case;
    message.kind = match text(case, "kind").as_deref() {
        None => Kind::Alert,
        Some("background") => Kind::Background,
        Some("voip") => Kind::Voip,
        Some("live_activity") => Kind::LiveActivity,
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
    let number = |value: Value| u32::try_from(value.as_u64().unwrap()).unwrap();
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

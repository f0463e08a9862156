//! Messages and settings written as JSON, and requests taken apart.

use nudged_plugin_api::{
    Badge, Batch, Click, Context, Driver, EncodeError, Kind, Lifetime, Message, Rendered, Settings,
    Sound, Target,
};
use nudged_xiaomi::Xiaomi;
use serde_json::{Value, json};

use crate::account::{NOW, REGID, channel, settings};

/// Text that is there; a mistyped key in a case must not pass for an absent one.
pub fn take(from: &mut Value, key: &str) -> Option<Value> {
    from.as_object_mut().unwrap().remove(key)
}

fn text(from: &mut Value, key: &str) -> Option<String> {
    take(from, key).map(|value| match value {
        Value::String(text) => text,
        json => json.to_string(),
    })
}

pub fn message_of(mut case: Value) -> Message {
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
    message.badge = match take(case, "badge") {
        None => Badge::Keep,
        Some(badge) => Badge::Set(u32::try_from(badge.as_u64().unwrap()).unwrap()),
    };
    // An hour unless the case says otherwise; 0 is now or never.
    message.lifetime = match take(case, "lifetime").map(|n| n.as_u64().unwrap()) {
        Some(0) => Lifetime::NowOrNever,
        seconds => Lifetime::Until(NOW.plus_seconds(seconds.unwrap_or(3600))),
    };
    assert_eq!(case, &json!({}), "unknown keys");
    message
}

pub fn settings_of(case: Option<Value>) -> Settings {
    let mut all = settings();
    for (key, value) in case.iter().flat_map(|case| case.as_object().unwrap()) {
        all = match value {
            Value::String(text) => all.with(key, text.as_str()),
            Value::Bool(flag) => all.with(key, *flag),
            number => all.with(key, number.as_i64().unwrap()),
        };
    }
    all
}

/// Devices with ids as deliveries have them.
pub fn targets_of<S: AsRef<str>>(tokens: &[S]) -> Vec<Target> {
    let id = |n| format!("0198c6b4-2a51-7c3e-9a4d-5f0e6b7c{n:04x}");
    let device = |(n, token): (usize, &S)| Target::new(id(n), token.as_ref());
    tokens.iter().enumerate().map(device).collect()
}

pub fn encode(
    driver: &Xiaomi,
    message: &Message,
    targets: &[Target],
) -> Result<Rendered, EncodeError> {
    driver.encode(Batch::new(message, targets), &Context::new(NOW, None))
}

/// What the plain channel makes of a message to one device.
pub fn rendered(case: Value) -> Rendered {
    encode(&channel(), &message_of(case), &targets_of(&[REGID])).unwrap()
}

pub fn refusal(case: Value) -> EncodeError {
    encode(&channel(), &message_of(case), &targets_of(&[REGID])).unwrap_err()
}

/// A field of the form, decoded.
pub fn field(rendered: &Rendered, name: &str) -> Option<String> {
    let mut fields = form_urlencoded::parse(&rendered.request.body).filter(|(key, _)| key == name);
    let value = fields.next().map(|(_, value)| value.into_owned());
    assert!(fields.next().is_none(), "{name} is there twice");
    value
}

/// The fields that something is said about.
pub fn noticed(rendered: &Rendered) -> Vec<&str> {
    let notices = rendered.notices.iter();
    notices.map(|notice| notice.field.as_str()).collect()
}

//! What becomes of a message's parts, and what is said of those that OPPO has no form for.

mod click;
mod options;

use nudged_driver_kit::android;
use nudged_oppo::Oppo;
use nudged_plugin_api::{
    Badge, Batch, Context, Driver, EncodeError, Kind, Lifetime, Message, Notice, Rendered, Sound,
    Timestamp,
};
use serde_json::{Value, json};

use crate::account::{CN_A, NOW, channel, encode, settings, targets};

pub fn message(change: impl FnOnce(&mut Message)) -> Message {
    let mut message = Message::new("Ann", "Hello");
    change(&mut message);
    message
}

pub fn render(message: &Message) -> Result<Rendered, EncodeError> {
    encode(&channel(), message, &targets(&[CN_A]))
}

pub fn notification_of(rendered: &Rendered) -> Value {
    let mut pairs = form_urlencoded::parse(&rendered.request.body);
    let (_, text) = pairs.find(|(name, _)| name == "message").unwrap();
    let message: Value = serde_json::from_str(&text).unwrap();
    message["notification"].clone()
}

pub fn notification(message: &Message) -> Value {
    notification_of(&render(message).unwrap())
}

pub fn notices(message: &Message) -> Vec<Notice> {
    render(message).unwrap().notices
}

pub fn told(message: &Message) -> Vec<String> {
    let fields = notices(message).into_iter().map(|notice| notice.field);
    fields.collect()
}

pub fn refused(message: &Message) -> (String, String) {
    let error = render(message).unwrap_err();
    (error.code, error.field)
}

#[test]
fn a_plain_message_needs_no_remarks() {
    assert_eq!(notices(&Message::new("Ann", "Hello")), []);
}

#[test]
fn kinds_without_a_form_are_refused() {
    for kind in [Kind::Background, Kind::Voip, Kind::LiveActivity] {
        let (code, field) = refused(&message(|m| m.kind = kind));
        assert_eq!((code.as_str(), field.as_str()), ("KindUnsupported", "kind"));
    }
}

#[test]
fn there_is_always_a_title_and_a_content() {
    for (title, body, shown) in [
        (Some("Ann"), Some("Hello"), ("Ann", "Hello")),
        (None, Some("Hello"), ("a new message", "Hello")),
        (Some(""), Some("Hello"), ("a new message", "Hello")),
        (Some("Ann"), None, ("a new message", "Ann")),
        (None, None, ("a new message", "a new message")),
    ] {
        let message = message(|m| {
            m.title = title.map(str::to_owned);
            m.body = body.map(str::to_owned);
        });
        let got = notification(&message);
        assert_eq!(
            (&got["title"], &got["content"]),
            (&json!(shown.0), &json!(shown.1))
        );
        assert_eq!(told(&message), [""; 0]);
    }
    let driver = Oppo::open(&settings().with("default_title", "News"), NOW).unwrap();
    let rendered = encode(&driver, &Message::default(), &targets(&[CN_A])).unwrap();
    assert_eq!(notification_of(&rendered)["title"], "News");
}

#[test]
fn texts_are_cut_as_oppo_counts_and_the_sender_is_told() {
    let long = message(|m| {
        m.title = Some("t".repeat(51));
        m.body = Some("😀".repeat(26));
        m.subtitle = Some("s".repeat(11));
    });
    let got = notification(&long);
    assert_eq!(got["title"], format!("{}...", "t".repeat(47)));
    assert_eq!(got["content"], format!("{}...", "😀".repeat(23)));
    assert_eq!(got["sub_title"], "sssssss...");
    assert_eq!(told(&long), ["title", "subtitle", "body"]);
    let fits = message(|m| {
        m.title = Some("题".repeat(50));
        m.body = Some("b".repeat(50));
        m.subtitle = Some("s".repeat(10));
    });
    assert_eq!(told(&fits), [""; 0]);
}

#[test]
fn what_oppo_has_no_field_for_is_told() {
    let all = message(|m| {
        m.sound = Sound::Named("ring".to_owned());
        m.image = Some("https://img.example/1.png".to_owned());
        m.thread = Some("room".to_owned());
        m.test = true;
    });
    assert_eq!(told(&all), ["sound", "image", "thread", "test"]);
    assert_eq!(notification(&all), notification(&message(|_| ())));
    assert_eq!(told(&message(|m| m.sound = Sound::Silent)), ["sound"]);
}

#[test]
fn a_message_without_a_channel_is_told_of_android_8() {
    let driver = Oppo::open(&settings(), NOW).unwrap();
    let rendered = encode(&driver, &message(|_| ()), &targets(&[CN_A])).unwrap();
    assert_eq!(rendered.notices[0].field, "channel_id");
    assert!(rendered.notices[0].text.contains("Android 8"));
}

#[test]
fn the_lifetime_is_kept_within_ten_days() {
    let of = |lifetime| {
        let got = notification(&message(|m| m.lifetime = lifetime));
        (got["off_line"].clone(), got.get("off_line_ttl").cloned())
    };
    let never = (json!(false), None);
    assert_eq!(of(Lifetime::NowOrNever), never);
    assert_eq!(of(Lifetime::Until(Timestamp(0))), never);
    let until = |seconds| of(Lifetime::Until(NOW.plus_seconds(seconds)));
    assert_eq!(until(1), (json!(true), Some(json!(1))));
    assert_eq!(until(864_000), (json!(true), Some(json!(864_000))));
    assert_eq!(until(864_001), (json!(true), Some(json!(864_000))));
}

#[test]
fn the_badge_is_set_or_added_to() {
    let of = |badge| {
        let got = notification(&message(|m| m.badge = badge));
        let field = |name: &str| got.get(name).cloned();
        (field("badge_operation_type"), field("badge_message_count"))
    };
    assert_eq!(of(Badge::Keep), (None, None));
    assert_eq!(of(Badge::Set(0)), (Some(json!(0)), Some(json!(0))));
    assert_eq!(of(Badge::Set(7)), (Some(json!(0)), Some(json!(7))));
    assert_eq!(of(Badge::Add(2)), (Some(json!(1)), Some(json!(2))));
    assert_eq!(of(Badge::Set(u32::MAX)).1, Some(json!(i32::MAX)));
    let mut device = targets(&[CN_A]);
    device[0].badge = Some(Badge::Set(5));
    let rendered = encode(&channel(), &message(|_| ()), &device).unwrap();
    assert_eq!(notification_of(&rendered)["badge_message_count"], 5);
}

#[test]
fn only_a_collapse_key_makes_a_notification_replace_another() {
    assert_eq!(notification(&message(|_| ())).get("notify_id"), None);
    let got = notification(&message(|m| m.collapse_key = Some("room-1".to_owned())));
    assert_eq!(got["notify_id"], android::notify_id("room-1"));
}

#[test]
fn without_a_grant_there_is_no_request() {
    let (message, targets) = (Message::new("t", "b"), targets(&[CN_A]));
    let error = channel()
        .encode(Batch::new(&message, &targets), &Context::new(NOW, None))
        .unwrap_err();
    assert_eq!(error.code, "NoGrant");
}

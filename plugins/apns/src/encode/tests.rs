use nudged_plugin_api::{ActivityEvent, Badge, Grant, LiveActivity, Sound};

use super::*;
use crate::fixture::{NOW, PRODUCTION, certificate, certificate_settings, key_settings};

const ID: &str = "0197c2b4-5a00-7000-8000-000000000001";

fn key_channel() -> Channel {
    Channel::open(&key_settings(), NOW).unwrap()
}

fn certificate_channel(topics: &[&str]) -> Channel {
    let identity = certificate("com.example.app", &[PRODUCTION], topics);
    Channel::open(&certificate_settings(identity), NOW).unwrap()
}

fn encode(channel: &Channel, message: &Message) -> Result<HttpRequest, EncodeError> {
    let grant = Grant::new("TOKEN", NOW, 3600);
    let context = Context::new(NOW, Some(&grant));
    request(channel, message, &Target::new(ID, "ab12"), &context).map(|rendered| rendered.request)
}

#[test]
fn what_an_iphone_does_not_do_is_said() {
    let grant = Grant::new("TOKEN", NOW, 3600);
    let context = Context::new(NOW, Some(&grant));
    let notices = |message: &Message| {
        let target = Target::new(ID, "ab12");
        let rendered = request(&key_channel(), message, &target, &context).expect("a request");
        let fields = rendered.notices.into_iter().map(|notice| notice.field);
        fields.collect::<Vec<_>>()
    };
    let mut message = Message::new("Ann", "Lunch?");
    assert!(notices(&message).is_empty());
    message.click = Click::Url("https://example.com".into());
    message.badge = Badge::Add(1);
    assert_eq!(notices(&message), ["click", "badge"]);
    message.kind = Kind::Background;
    assert!(notices(&message).is_empty());
}

/// Code and field of the refusal; there must be something said about it.
fn refusal(message: &Message) -> (String, String) {
    let error = encode(&key_channel(), message).expect_err("this message is wrong");
    assert!(!error.problem.is_empty());
    (error.code, error.field)
}

fn pair(code: &str, field: &str) -> (String, String) {
    (code.to_owned(), field.to_owned())
}

fn of_kind(kind: Kind) -> Message {
    let mut message = Message::default();
    message.kind = kind;
    message
}

fn header<'a>(request: &'a HttpRequest, name: &str) -> Option<&'a str> {
    let mut headers = request.headers.iter();
    let found = headers.find(|(known, _)| known == name);
    found.map(|(_, value)| value.as_str())
}

#[test]
fn a_token_must_be_hexadecimal() {
    let longest = "ab".repeat(100);
    assert_eq!(device_token(&longest), Ok(longest.clone()));
    assert_eq!(device_token("AbCd"), Ok("abcd".to_owned()));
    for token in ["", "abc", "xyz1", "ab/cd/", "é", &format!("{longest}ab")] {
        let error = device_token(token).expect_err(token);
        assert_eq!((&*error.code, &*error.field), ("BadDeviceToken", "token"));
    }
}

#[test]
fn a_collapse_key_is_counted_in_bytes() {
    let mut message = Message::new("t", "b");
    message.collapse_key = Some("k".repeat(64));
    assert!(encode(&key_channel(), &message).is_ok());
    for wrong in ["k".repeat(65), "鍵".repeat(22), "a\r\nb".to_owned()] {
        message.collapse_key = Some(wrong);
        assert_eq!(refusal(&message), pair("BadCollapseId", "collapse_key"));
    }
    message.options = Some(format!(r#"{{"collapse_id": "{}"}}"#, "k".repeat(65)));
    assert_eq!(
        refusal(&message),
        pair("BadCollapseId", "options.collapse_id")
    );
}

#[test]
fn an_alert_needs_something_to_notice() {
    assert_eq!(refusal(&Message::default()), pair("MissingContent", "body"));
    let mut message = Message::default();
    message.ext = Some("{}".to_owned());
    message.badge = Badge::Add(1);
    assert_eq!(refusal(&message), pair("MissingContent", "body"));
    message.sound = Sound::Named("ring.caf".to_owned());
    assert!(encode(&key_channel(), &message).is_ok());
    message.sound = Sound::Silent;
    message.badge = Badge::Set(0);
    assert!(encode(&key_channel(), &message).is_ok());
}

#[test]
fn a_body_may_fill_the_limit_and_not_one_byte_more() {
    for (kind, limit) in [(Kind::Alert, 4096), (Kind::Voip, 5120)] {
        let mut message = Message::new("title", "");
        message.kind = kind;
        let empty = encode(&key_channel(), &message).unwrap().body.len();
        message.body = Some("b".repeat(limit - empty));
        let full = encode(&key_channel(), &message).unwrap();
        assert_eq!(full.body.len(), limit);
        message.body = Some("b".repeat(limit - empty + 1));
        let error = encode(&key_channel(), &message).expect_err("too large");
        assert_eq!(error.code, "PayloadTooLarge");
        assert_eq!(error.field, "body");
        let (size, limit) = ((limit + 1).to_string(), limit.to_string());
        assert!(error.problem.contains(&size) && error.problem.contains(&limit));
    }
}

#[test]
fn the_largest_part_of_a_large_payload_is_named() {
    let mut message = Message::new("title", "body");
    message.ext = Some("e".repeat(5000));
    assert_eq!(refusal(&message), pair("PayloadTooLarge", "ext"));
    message.ext = None;
    message.options = Some(format!(r#"{{"custom":{{"k":"{}"}}}}"#, "c".repeat(5000)));
    assert_eq!(refusal(&message), pair("PayloadTooLarge", "options.custom"));
}

#[test]
fn a_push_type_that_contradicts_the_kind_is_refused() {
    let mut message = of_kind(Kind::Voip);
    message.options = Some(r#"{"push_type": "alert"}"#.to_owned());
    assert_eq!(refusal(&message), pair("BadOption", "options.push_type"));
    message.options = Some(r#"{"push_type": "voip"}"#.to_owned());
    assert!(encode(&key_channel(), &message).is_ok());
}

#[test]
fn mdm_needs_the_push_magic() {
    let mut message = Message::default();
    message.options = Some(r#"{"push_type": "mdm"}"#.to_owned());
    assert_eq!(refusal(&message), pair("BadOption", "options.mdm"));
}

#[test]
fn each_event_of_a_live_activity_has_what_it_needs() {
    let object = || Some("{}".to_owned());
    let mut message = of_kind(Kind::LiveActivity);
    let wrong = |message: &Message, field: &str| {
        assert_eq!(refusal(message), pair("BadLiveActivity", field));
    };
    wrong(&message, "live_activity");

    let mut activity = LiveActivity::default();
    activity.event = ActivityEvent::End;
    message.live_activity = Some(activity.clone());
    wrong(&message, "live_activity.timestamp");
    activity.timestamp = NOW;
    message.live_activity = Some(activity.clone());
    assert!(encode(&key_channel(), &message).is_ok());

    activity.event = ActivityEvent::Update;
    message.live_activity = Some(activity.clone());
    wrong(&message, "live_activity.content_state");
    for state in ["[]", "7", "{", "{} {}", "nonsense"] {
        activity.content_state = Some(state.to_owned());
        message.live_activity = Some(activity.clone());
        wrong(&message, "live_activity.content_state");
    }
    activity.content_state = object();

    activity.event = ActivityEvent::Start;
    message.live_activity = Some(activity.clone());
    wrong(&message, "live_activity.attributes_type");
    activity.attributes_type = Some("GameAttributes".to_owned());
    message.live_activity = Some(activity.clone());
    wrong(&message, "live_activity.attributes");
    activity.attributes = object();
    message.live_activity = Some(activity);
    wrong(&message, "title");
    message.title = Some("Kick-off".to_owned());
    assert!(encode(&key_channel(), &message).is_ok());
}

#[test]
fn a_certificate_channel_sends_no_authorization_even_if_handed_a_grant() {
    let request = encode(&certificate_channel(&[]), &Message::new("t", "b")).unwrap();
    assert_eq!(header(&request, "authorization"), None);
    assert_eq!(header(&request, "apns-topic"), Some("com.example.app"));
}

#[test]
fn a_certificate_cannot_send_what_needs_a_key() {
    let channel = certificate_channel(&[]);
    let error = encode(&channel, &of_kind(Kind::LiveActivity)).expect_err("needs a key");
    assert_eq!(error.code, "KeyRequired");
    let mut message = Message::default();
    message.options = Some(r#"{"push_type": "location"}"#.to_owned());
    assert_eq!(encode(&channel, &message).unwrap_err().code, "KeyRequired");
}

#[test]
fn a_certificate_sends_to_the_topics_that_it_lists() {
    let call = of_kind(Kind::Voip);
    let alert_only = certificate_channel(&["com.example.app"]);
    let error = encode(&alert_only, &call).expect_err("not listed");
    assert_eq!(error.code, "TopicDisallowed");
    let both = certificate_channel(&["com.example.app", "com.example.app.voip"]);
    assert!(encode(&both, &call).is_ok());
    let silent_about_it = certificate_channel(&[]);
    assert!(encode(&silent_about_it, &call).is_ok());
}

#[test]
fn a_key_channel_without_a_grant_is_refused() {
    let context = Context::new(NOW, None);
    let target = Target::new(ID, "ab12");
    let error = request(&key_channel(), &Message::new("t", "b"), &target, &context);
    assert_eq!(error.unwrap_err().code, "MissingProviderToken");
}

#[test]
fn a_lifetime_becomes_a_moment_and_one_that_has_passed_a_single_attempt() {
    let until = |seconds| Lifetime::Until(Timestamp::from_seconds(seconds));
    assert_eq!(expiration(Lifetime::NowOrNever, NOW), "0");
    assert_eq!(expiration(until(1_748_782_800), NOW), "1748782800");
    assert_eq!(expiration(until(1), NOW), "0");
}

#[test]
fn priority_follows_the_message_unless_the_push_type_or_an_option_says_otherwise() {
    let sent = |kind, priority, options: &str| {
        let mut message = Message::new("t", "b");
        message.kind = kind;
        message.priority = priority;
        message.options = Some(options.to_owned());
        let request = encode(&key_channel(), &message).unwrap();
        header(&request, "apns-priority").unwrap().to_owned()
    };
    assert_eq!(sent(Kind::Alert, Priority::High, "{}"), "10");
    assert_eq!(sent(Kind::Alert, Priority::Normal, "{}"), "5");
    assert_eq!(sent(Kind::Background, Priority::High, "{}"), "5");
    assert_eq!(sent(Kind::Alert, Priority::High, r#"{"priority":1}"#), "1");
}

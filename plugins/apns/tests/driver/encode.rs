//! Limits, refusals and what holds for every request.

use nudged_apns::Apns;
use nudged_plugin_api::{
    ActivityEvent, Badge, Batch, Click, Context, Driver, EncodeError, HttpRequest, Kind, Lifetime,
    LiveActivity, Message, Priority, Sound, Target, Timestamp,
};
use serde_json::{Value, json};

use crate::account::{
    ID, NOW, PRODUCTION, certificate, certificate_settings, key_channel, of_kind, open, rendered,
};

fn certificate_channel(topics: &[&str]) -> Apns {
    let identity = certificate("com.example.app", &[PRODUCTION], topics);
    open(&certificate_settings(identity))
}

fn encode(driver: &Apns, message: &Message) -> Result<HttpRequest, EncodeError> {
    let target = Target::new(ID, "ab12");
    crate::account::encode(driver, message, target).map(|rendered| rendered.request)
}

#[test]
fn what_an_iphone_does_not_do_is_said() {
    let notices = |message: &Message| {
        let fields = rendered(message)
            .notices
            .into_iter()
            .map(|notice| notice.field);
        fields.collect::<Vec<_>>()
    };
    let mut message = Message::new("Ann", "Lunch?");
    assert!(notices(&message).is_empty());
    message.click = Click::Url("https://example.com".into());
    message.badge = Badge::Add(1);
    message.click_else = Some(Click::Page("chat".into()));
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

fn header<'a>(request: &'a HttpRequest, name: &str) -> Option<&'a str> {
    let mut headers = request.headers.iter();
    let found = headers.find(|(known, _)| known == name);
    found.map(|(_, value)| value.as_str())
}

#[test]
fn a_token_goes_out_in_its_one_form() {
    let send = |token| {
        let message = Message::new("t", "b");
        crate::account::encode(&key_channel(), &message, Target::new(ID, token))
    };
    let sent = send(" <AB12 CD34>").expect("a request");
    assert!(sent.request.url.ends_with("/3/device/ab12cd34"));
    let error = send("null").unwrap_err();
    assert_eq!((&*error.code, &*error.field), ("BadToken", "token"));
}

#[test]
fn a_collapse_key_that_no_header_carries_stops_no_message() {
    let id = |key: String, options: Option<String>| {
        let mut message = Message::new("t", "b");
        message.collapse_key = Some(key);
        message.options = options;
        let sent = encode(&key_channel(), &message).expect("a request");
        header(&sent, "apns-collapse-id").expect("an id").to_owned()
    };
    assert_eq!(id("k".repeat(64), None), "k".repeat(64));
    for odd in ["k".repeat(65), "鍵".repeat(22), "a\r\nb".to_owned()] {
        let of_key = id(odd.clone(), None);
        assert!(of_key.len() <= 64 && of_key.is_ascii(), "{odd}: {of_key}");
        assert_eq!(of_key, id(odd.clone(), None));
        let options = json!({"collapse_id": odd}).to_string();
        assert_eq!(of_key, id("other".to_owned(), Some(options)));
    }
    assert_ne!(id("k".repeat(65), None), id("k".repeat(66), None));
}

#[test]
fn a_push_type_other_than_alert_is_a_class_of_its_own() {
    let mut message = Message::new("t", "b");
    assert_eq!(rendered(&message).class, "");
    message.options = Some(r#"{"push_type": "complication"}"#.to_owned());
    assert_eq!(rendered(&message).class, "complication");
    assert_eq!(rendered(&of_kind(Kind::Background)).class, "background");
    assert_eq!(rendered(&of_kind(Kind::Voip)).class, "voip");
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
fn a_body_may_fill_the_limit_and_is_cut_at_one_byte_more() {
    for (kind, limit) in [(Kind::Alert, 4096), (Kind::Voip, 5120)] {
        let mut message = Message::new("title", "");
        message.kind = kind;
        let empty = rendered(&message).request.body.len();
        message.body = Some("b".repeat(limit - empty));
        let full = rendered(&message);
        assert_eq!(full.request.body.len(), limit);
        assert_eq!(full.notices, []);
        message.body = Some("b".repeat(limit - empty + 1));
        let cut = rendered(&message);
        assert_eq!(cut.request.body.len(), limit);
        let [notice] = &cut.notices[..] else {
            panic!("{:?}", cut.notices);
        };
        assert_eq!(notice.field, "body");
        let (size, limit) = ((limit + 1).to_string(), limit.to_string());
        assert!(notice.text.contains(&size) && notice.text.contains(&limit));
    }
}

fn chat(ext: Option<String>) -> Message {
    let mut message = Message::new("小明", "你好".repeat(700));
    message.ext = ext;
    message.thread = Some("group-7".to_owned());
    message.image = Some("https://img.example/1.png".to_owned());
    message
}

#[test]
fn a_long_chat_text_is_cut_and_what_is_beside_it_stays() {
    let entity = format!(r#"{{"entity":{{"content":"{}"}}}}"#, "你好".repeat(300));
    for ext in [None, Some(entity)] {
        let sent = rendered(&chat(ext.clone()));
        let size = sent.request.body.len();
        assert!((4090..=4096).contains(&size), "{size}");
        let fields: Vec<_> = sent.notices.iter().map(|it| &*it.field).collect();
        assert_eq!(fields, ["body"]);
        let body: Value = serde_json::from_slice(&sent.request.body).unwrap();
        assert_eq!(body["ext"].as_str(), ext.as_deref());
        assert_eq!(body["image"], "https://img.example/1.png");
        assert!(
            body["aps"]["alert"]["body"]
                .as_str()
                .unwrap()
                .ends_with("...")
        );
    }
}

#[test]
fn what_the_options_add_goes_before_ext_does() {
    let mut message = chat(Some("e".repeat(2000)));
    let options = json!({
        "custom": {"k": "c".repeat(3000)}, "launch_image": "l", "subtitle": "s",
        "loc_key": "LOC", "loc_args": ["a".repeat(3000)],
        "critical_sound": {"name": "alarm.aiff"},
    });
    message.options = Some(options.to_string());
    let sent = rendered(&message);
    assert!(sent.request.body.len() <= 4096);
    let body: Value = serde_json::from_slice(&sent.request.body).unwrap();
    assert_eq!(body["ext"].as_str().map(str::len), Some(2000));
    assert_eq!(body.get("k"), None);
    let mut fields: Vec<_> = sent.notices.iter().map(|it| &*it.field).collect();
    fields.sort_unstable();
    assert_eq!(
        fields,
        [
            "body",
            "options.critical_sound.name",
            "options.custom",
            "options.launch_image",
            "options.loc_key",
            "options.subtitle",
        ]
    );
}

#[test]
fn a_localized_text_that_is_all_there_is_stays() {
    let mut message = Message::default();
    let options = json!({"loc_key": "LOC", "loc_args": ["a".repeat(5000)]});
    message.options = Some(options.to_string());
    let sent = rendered(&message);
    let body: Value = serde_json::from_slice(&sent.request.body).unwrap();
    assert_eq!(body["aps"]["alert"]["loc-key"], "LOC");
    assert_eq!(sent.notices[0].field, "options.loc_args");
}

#[test]
fn data_is_not_halved_and_its_largest_part_is_named() {
    let mut message = Message::new("title", "body");
    message.kind = Kind::Background;
    message.ext = Some("e".repeat(5000));
    assert_eq!(refusal(&message), pair("PayloadTooLarge", "ext"));
    message.ext = None;
    message.options = Some(format!(r#"{{"custom":{{"k":"{}"}}}}"#, "c".repeat(5000)));
    assert_eq!(refusal(&message), pair("PayloadTooLarge", "options.custom"));
    message.kind = Kind::Alert;
    let custom = "c".repeat(5000);
    message.options = Some(format!(
        r#"{{"push_type":"complication","custom":{{"k":"{custom}"}}}}"#
    ));
    assert_eq!(refusal(&message), pair("PayloadTooLarge", "options.custom"));
}

#[test]
fn a_push_type_that_contradicts_the_kind_is_refused() {
    let mut message = of_kind(Kind::Voip);
    message.options = Some(r#"{"push_type": "alert"}"#.to_owned());
    assert_eq!(refusal(&message), pair("BadOption", "options.push_type"));
    message.kind = Kind::Alert;
    for option in ["voip", "liveactivity"] {
        message.options = Some(format!(r#"{{"push_type": "{option}"}}"#));
        assert_eq!(refusal(&message), pair("BadOption", "options.push_type"));
    }
    message.kind = Kind::Voip;
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
    let message = Message::new("t", "b");
    let targets = [Target::new(ID, "ab12")];
    let batch = Batch::new(&message, &targets);
    let error = key_channel().encode(batch, &Context::new(NOW, None));
    assert_eq!(error.unwrap_err().code, "MissingProviderToken");
}

#[test]
fn a_lifetime_becomes_a_moment_and_one_that_has_passed_a_single_attempt() {
    let until = |seconds| Lifetime::Until(Timestamp::from_seconds(seconds));
    for (lifetime, expected) in [
        (Lifetime::NowOrNever, "0"),
        (until(1_748_782_800), "1748782800"),
        (until(1), "0"),
    ] {
        let mut message = Message::new("t", "b");
        message.lifetime = lifetime;
        let request = rendered(&message).request;
        assert_eq!(header(&request, "apns-expiration"), Some(expected));
    }
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

/// JSON compares 1.50 with 1.5; the app's own data is promised as it was written.
#[test]
fn the_apps_own_json_is_kept_to_the_byte() {
    let mut message = Message::new("t", "b");
    message.options = Some(r#"{"custom": {"n": 1.50, "o": { "a" :1}}}"#.to_owned());
    let body = String::from_utf8(rendered(&message).request.body).unwrap();
    assert!(body.ends_with(r#","n":1.50,"o":{ "a" :1}}"#), "{body}");
}

#[test]
fn ext_arrives_byte_for_byte() {
    for ext in [
        "plain",
        "",
        " {\"a\" : 1.50} ",
        "\u{0}\t\r\n\\\"/é☃📷",
        "[1",
    ] {
        let mut message = Message::new("t", "b");
        message.ext = Some(ext.to_owned());
        let body: Value = serde_json::from_slice(&rendered(&message).request.body).unwrap();
        assert_eq!(body["ext"], json!(ext));
    }
}

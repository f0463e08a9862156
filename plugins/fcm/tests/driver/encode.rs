//! Limits, refusals and what holds for every request.

use nudged_driver_kit::test::golden::message;
use nudged_fcm::Fcm;
use nudged_plugin_api::{
    Badge, Batch, Click, Context, Driver, Kind, LiveActivity, Message, Rendered, Sound, Target,
};
use serde_json::{Value, json};

use crate::account::{NOW, TOKEN, channel, encode, refusal, rendered};

fn body(message: &Message) -> Value {
    serde_json::from_slice(&rendered(message).request.body).unwrap()
}

#[test]
fn ext_arrives_byte_for_byte() {
    for ext in [
        "plain",
        r#"{"entity": {"sender": "a\u00e9", "n": 1e2}}"#,
        "\"'\\/\u{1}\n\t 中文 🎉",
    ] {
        let mut message = Message::new("t", "b");
        message.ext = Some(ext.to_owned());
        assert_eq!(body(&message)["message"]["data"]["ext"], ext);
    }
}

fn sent(rendered: &Rendered) -> (Value, Vec<&str>) {
    let body = serde_json::from_slice(&rendered.request.body).unwrap();
    let fields = rendered.notices.iter().map(|it| it.field.as_str());
    (body, fields.collect())
}

#[test]
fn an_iphones_payload_may_fill_the_limit_and_one_byte_more_is_cut() {
    // What FCM makes for APNs is longer than what it counts for Android.
    let fixed = r#"{"aps":{"alert":{"body":"","title":"t"},"sound":"default"},"ext":"e"}"#.len();
    let mut message = Message::new("t", "b".repeat(4096 - fixed));
    message.ext = Some("e".to_owned());
    assert_eq!(rendered(&message).notices, []);
    message.body = Some("b".repeat(4097 - fixed));
    let cut = rendered(&message);
    let [notice] = &cut.notices[..] else {
        panic!("{:?}", cut.notices);
    };
    assert_eq!(notice.field, "body");
    let what = format!(
        "was cut from {} to {} characters",
        4097 - fixed,
        4096 - fixed
    );
    assert!(
        notice.text.starts_with(&what) && notice.text.contains("4097"),
        "{}",
        notice.text
    );
}

#[test]
fn a_long_chat_text_is_cut_and_what_is_beside_it_stays() {
    let entity = format!(r#"{{"entity":{{"content":"{}"}}}}"#, "你好".repeat(300));
    for ext in [None, Some(entity)] {
        let mut message = Message::new("小明", "你好".repeat(700));
        message.ext.clone_from(&ext);
        message.image = Some("https://img.example/1.png".to_owned());
        let rendered = rendered(&message);
        let (body, fields) = sent(&rendered);
        assert_eq!(fields, ["body"]);
        assert_eq!(body["message"]["data"]["ext"].as_str(), ext.as_deref());
        let shown = &body["message"]["notification"];
        assert!(shown["body"].as_str().unwrap().ends_with("..."));
        assert_eq!(shown["image"], "https://img.example/1.png");
    }
}

#[test]
fn what_an_app_that_draws_by_itself_is_not_told_is_told_to_the_sender() {
    let mut message = Message::new("t", "b");
    message.options = Some(r#"{"mode":"data"}"#.to_owned());
    assert_eq!(sent(&rendered(&message)).1, [""; 0]);
    message.subtitle = Some("s".to_owned());
    message.click = Click::Page("com.a.B".to_owned());
    message.sound = Sound::Named("ring.caf".to_owned());
    message.badge = Badge::Set(3);
    message.channel_id = Some("chat".to_owned());
    message.category = Some("IM".to_owned());
    message.thread = Some("c42".to_owned());
    let rendered = rendered(&message);
    let fields = sent(&rendered).1;
    let all = [
        "subtitle",
        "click",
        "sound",
        "badge",
        "channel_id",
        "category",
        "thread",
    ];
    assert_eq!(fields, all);
}

#[test]
fn what_the_options_add_goes_before_ext_does() {
    let mut message = Message::new("t", "b".repeat(100));
    message.ext = Some("e".repeat(2000));
    let options = json!({
        "data": {"k": "v".repeat(4096)},
        "apns": {"payload": {"k": "v".repeat(40_000)}, "headers": {"apns-priority": "5"}},
        "webpush": {"data": {"k": "v"}},
        "android": {"notification": {"ticker": "x".repeat(4000), "color": "#00ff7f",
            "body_loc_key": "LOC", "body_loc_args": ["a".repeat(4000)]}},
    });
    message.options = Some(options.to_string());
    let rendered = rendered(&message);
    let (body, mut fields) = sent(&rendered);
    fields.sort_unstable();
    let gone = [
        "options.android.notification.body_loc_key",
        "options.android.notification.ticker",
        "options.apns.payload",
        "options.data",
        "options.webpush",
    ];
    assert_eq!(fields, gone);
    let message = &body["message"];
    assert_eq!(message["data"]["ext"].as_str().map(str::len), Some(2000));
    assert_eq!(message["apns"]["headers"]["apns-priority"], "5");
    assert_eq!(message["android"]["notification"]["color"], "#00ff7f");
}

#[test]
fn no_payload_that_fcm_takes_makes_a_body_that_the_driver_refuses() {
    let mut message = Message::new("\u{1}".repeat(2000), "\u{1}".repeat(4000));
    message.options = Some(r#"{"mode": "data"}"#.to_owned());
    let target = Target::new("1", "t".repeat(4096));
    let request = encode(&channel(), &message, &target).unwrap().request;
    assert!(request.body.len() <= Fcm::describe().max_body as usize);
}

#[test]
fn data_alone_is_not_halved() {
    let mut message = Message::default();
    message.kind = Kind::Background;
    message.ext = Some("e".repeat(5000));
    assert_eq!(refusal(&message).code, "PayloadTooLarge");
}

#[test]
fn a_key_that_apns_would_refuse_stops_no_message() {
    let key = "群组:午饭".repeat(10);
    let mut message = Message::new("t", "b");
    message.collapse_key = Some(key.clone());
    let body = body(&message)["message"].clone();
    let id = body["apns"]["headers"]["apns-collapse-id"].clone();
    assert!(id.as_str().unwrap().len() <= 64 && id.as_str().unwrap().is_ascii());
    // Android replaces by it too, and the text has the room.
    assert_eq!(body["android"]["collapse_key"], id);
    assert_eq!(body["android"]["notification"]["tag"], id);
    message.options = Some(json!({"apns": {"headers": {"apns-collapse-id": key}}}).to_string());
    assert_eq!(
        self::body(&message)["message"]["apns"]["headers"]["apns-collapse-id"],
        id
    );
}

#[test]
fn a_sound_is_a_resource_on_android_and_a_file_on_an_iphone() {
    for (name, android) in [
        ("ding.caf", "ding"),
        ("ding", "ding"),
        ("叮.mp3", "default"),
        (".caf", "default"),
    ] {
        let mut message = Message::new("t", "b");
        message.channel_id = Some("chat".to_owned());
        message.sound = Sound::Named(name.to_owned());
        let rendered = rendered(&message);
        let (body, fields) = sent(&rendered);
        let message = &body["message"];
        assert_eq!(message["android"]["notification"]["sound"], android);
        assert_eq!(message["apns"]["payload"]["aps"]["sound"], name);
        let told = (android == "default").then_some("sound");
        assert_eq!(fields, Vec::from_iter(told), "{name}");
    }
}

#[test]
fn a_token_that_no_phone_could_have_is_refused() {
    let message = Message::new("t", "b");
    let long = "t".repeat(4097);
    for token in [
        "",
        "a b",
        "a\u{0}",
        "a\"b",
        "a'b",
        "a\\b",
        "a\u{a0}b",
        &long,
        "null",
        "(null)",
        "BLACKLISTED",
    ] {
        let error = encode(&channel(), &message, &Target::new("1", token)).unwrap_err();
        assert_eq!(
            (error.code.as_str(), error.field.as_str()),
            ("BadToken", "token")
        );
    }
}

#[test]
fn blanks_around_a_token_are_no_part_of_it() {
    let token = channel().token(&format!(" {TOKEN}\n")).unwrap();
    assert_eq!(token, TOKEN);
    for bad in ["null", "BLACKLISTED", "a b", ""] {
        let error = channel().token(bad).unwrap_err();
        assert_eq!(error.code, "BadToken");
        assert!(!error.problem.contains("notification"), "{error}");
    }
}

#[test]
fn without_a_grant_there_is_no_request() {
    let (message, targets) = (Message::new("t", "b"), [Target::new("1", TOKEN)]);
    let error = channel()
        .encode(Batch::new(&message, &targets), &Context::new(NOW, None))
        .unwrap_err();
    assert_eq!(error.code, "NoGrant");
}

#[test]
fn empty_texts_are_absent_ones() {
    let mut message = Message::default();
    let empty = Some(String::new());
    message.title.clone_from(&empty);
    message.ext.clone_from(&empty);
    message.channel_id.clone_from(&empty);
    message.collapse_key.clone_from(&empty);
    message.options.clone_from(&empty);
    assert_eq!(body(&message), body(&Message::default()));
}

#[test]
fn a_live_activity_needs_a_token_a_content_and_objects() {
    let token = r#"{"apns": {"live_activity_token": "8099aa"}}"#;
    let case = |mut case: Value| {
        case["kind"] = json!("live_activity");
        refusal(&message(&case.to_string(), NOW).unwrap())
    };
    let error = case(json!({"live_activity": {}}));
    assert_eq!(error.field, "options.apns.live_activity_token");
    assert_eq!(case(json!({"options": token})).field, "live_activity");
    for bad in ["[]", "{", "{} {}", "5"] {
        let error = case(json!({"options": token, "live_activity": {"content_state": bad}}));
        assert_eq!(error.field, "live_activity.content_state", "{bad}");
    }
    let error = case(json!({"options": token, "live_activity": {"event": "start"}}));
    assert_eq!(error.field, "live_activity.attributes_type");
}

#[test]
fn the_activity_token_of_the_device_beats_that_of_the_options() {
    let mut message = Message::default();
    message.kind = Kind::LiveActivity;
    message.live_activity = Some(LiveActivity::default());
    message.options = Some(r#"{"apns": {"live_activity_token": "8099aa"}}"#.to_owned());
    let sent = |message: &Message, activity: Option<&str>| {
        let mut target = Target::new("1", TOKEN);
        target.activity_token = activity.map(str::to_owned);
        let request = encode(&channel(), message, &target).unwrap().request;
        let body: Value = serde_json::from_slice(&request.body).unwrap();
        assert_eq!(body["message"]["token"], TOKEN);
        body["message"]["apns"]["live_activity_token"].clone()
    };
    assert_eq!(sent(&message, Some("80d2f3")), "80d2f3");
    assert_eq!(sent(&message, None), "8099aa");
    // What is shown in a Live Activity's place is none.
    message.kind = Kind::Alert;
    message.title = Some("Ann".to_owned());
    assert_eq!(sent(&message, Some("80d2f3")), Value::Null);
}

#[test]
fn a_call_is_not_fcms() {
    let mut message = Message::new("Ann", "is calling");
    message.kind = Kind::Voip;
    let error = refusal(&message);
    assert_eq!((&*error.code, &*error.field), ("KindUnsupported", "kind"));
}

#[test]
fn what_an_android_phone_does_not_do_is_said() {
    let notices = |message: &Message| {
        let fields = rendered(message)
            .notices
            .into_iter()
            .map(|notice| notice.field);
        fields.collect::<Vec<_>>()
    };
    let mut message = Message::new("Ann", "Lunch?");
    assert!(notices(&message).is_empty());
    message.click = Click::Page("com.example.Chat".into());
    message.badge = Badge::Add(1);
    message.sound = Sound::Named("ding".into());
    assert_eq!(notices(&message), ["click", "badge", "sound"]);
    // Of the channel's own click FCM knows no more than of the message's.
    message.click_else = Some(Click::Url("https://example.com/".into()));
    assert_eq!(notices(&message), ["click", "badge", "sound"]);
    message.channel_id = Some("chat".into());
    message.options =
        Some(r#"{"android":{"notification":{"click_action":"com.example.CHAT"}}}"#.into());
    assert_eq!(notices(&message), ["badge"]);
    message.kind = Kind::Background;
    message.options = None;
    assert!(notices(&message).is_empty());
}

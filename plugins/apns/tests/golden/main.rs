//! Requests field by field, against files written from Apple's documents.
//!
//! Each case is a message; the file of its name in this folder is the whole request:
//! headers in order of their names, and the body as JSON. Numbers, texts and absence count.

#![allow(
    clippy::unwrap_used,
    reason = "a test that panics has failed: that is what it is for"
)]

use std::collections::BTreeMap;

use nudged_apns::Apns;
use nudged_plugin_api::{
    ActivityEvent, Badge, Batch, Click, Context, Driver, File, Grant, HttpRequest, Kind, Lifetime,
    LiveActivity, Message, Method, Priority, Settings, Sound, Target, Timestamp,
};
use p256::SecretKey;
use p256::pkcs8::{EncodePrivateKey as _, LineEnding};
use serde_json::{Value, json};

const NOW: Timestamp = Timestamp::from_seconds(1_748_779_200);
const ID: &str = "0197c2b4-5a00-7000-8000-000000000001";
/// Upper case as some apps report it; the path has it in lower case.
const TOKEN: &str = "00FC13ADFF785122B4AD28809A3420982341241421348097878E577C991DE8F0";

fn settings() -> Settings {
    let secret = SecretKey::from_slice(&[7; 32]).unwrap();
    let p8 = secret.to_pkcs8_pem(LineEnding::LF).unwrap();
    Settings::new()
        .with("key", File::new("AuthKey_ABC123DEFG.p8", p8.as_bytes()))
        .with("key_id", "ABC123DEFG")
        .with("team_id", "DEF123GHIJ")
        .with("topic", "com.example.app")
        .with("environment", "production")
        .with("port", 443)
        .with("mutable_content", false)
}

fn encode_with(settings: &Settings, message: &Message, target: Target) -> HttpRequest {
    let channel = Apns::open(settings, NOW).unwrap_or_else(|error| panic!("{error}"));
    let grant = Grant::new("HEADER.CLAIMS.SIGNATURE", NOW, 3600);
    let targets = [target];
    channel
        .encode(
            Batch::new(message, &targets),
            &Context::new(NOW, Some(&grant)),
        )
        .unwrap_or_else(|error| panic!("{error}"))
        .request
}

fn encode(message: &Message) -> HttpRequest {
    encode_with(&settings(), message, Target::new(ID, TOKEN))
}

/// A file of this folder: its name and its text.
type Golden = (&'static str, &'static str);

macro_rules! golden {
    ($name:literal) => {
        ($name, include_str!(concat!($name, ".json")))
    };
}

fn compare((name, golden): Golden, request: &HttpRequest) {
    let golden: Value = serde_json::from_str(golden).unwrap();
    let method = match request.method {
        Method::Post => "POST",
        other => panic!("{name}: method {other:?}"),
    };
    let headers: BTreeMap<_, _> = request.headers.iter().cloned().collect();
    assert_eq!(headers.len(), request.headers.len(), "{name}: header twice");
    let body: Value = serde_json::from_slice(&request.body).unwrap();
    let sent = json!({
        "method": method,
        "url": request.url,
        "headers": headers,
        "body": body,
    });
    for field in ["method", "url", "headers", "body"] {
        assert_eq!(sent[field], golden[field], "{name}: {field}");
    }
}

fn check(golden: Golden, message: &Message) {
    compare(golden, &encode(message));
}

fn with_options(mut message: Message, options: Value) -> Message {
    message.options = Some(options.to_string());
    message
}

fn of_kind(kind: Kind) -> Message {
    let mut message = Message::default();
    message.kind = kind;
    message
}

fn of_push_type(push_type: &str, custom: Value) -> Message {
    let options = json!({"push_type": push_type, "custom": custom});
    with_options(Message::default(), options)
}

#[test]
fn alert() {
    check(golden!("alert"), &Message::new("Ann", "Are you there?"));
}

#[test]
fn alert_with_every_field_of_a_message() {
    let mut message = Message::new("Ann", "Photo 📷 \"sunset\"\n");
    message.subtitle = Some("Holidays".to_owned());
    message.ext = Some(r#"{"entity":{"sender":"ann", "n" : 1.0}}"#.to_owned());
    message.click = Click::Url("https://example.com".to_owned());
    message.sound = Sound::Named("ring.caf".to_owned());
    message.badge = Badge::Set(5);
    message.image = Some("https://img.example.com/1.jpg".to_owned());
    message.channel_id = Some("android-only".to_owned());
    message.category = Some("MESSAGE".to_owned());
    message.thread = Some("group-7".to_owned());
    message.collapse_key = Some("chat/7".to_owned());
    message.priority = Priority::Normal;
    message.lifetime = Lifetime::Until(NOW.plus_seconds(3600));
    check(golden!("alert_full"), &message);
}

#[test]
fn alert_with_every_option() {
    let mut message = Message::new("Ann", "Are you there?");
    message.thread = Some("overruled".to_owned());
    message.category = Some("OVERRULED".to_owned());
    message.collapse_key = Some("overruled".to_owned());
    let message = with_options(
        message,
        json!({
            "push_type": "alert",
            "priority": 1,
            "collapse_id": "c-1",
            "subtitle": "Sub",
            "launch_image": "launch.png",
            "interruption_level": "time-sensitive",
            "relevance_score": 0.5,
            "filter_criteria": "work",
            "target_content_id": "window-1",
            "mutable_content": true,
            "content_available": true,
            "thread_id": "thread-1",
            "category": "INVITE",
            "critical_sound": {"name": "alarm.aiff", "volume": 0.25},
            "custom": {"acme1": "bar", "acme2": [1, {"deep": null}], "n": 1.50},
        }),
    );
    check(golden!("alert_options"), &message);
}

#[test]
fn alert_with_localized_texts() {
    let message = with_options(
        Message::default(),
        json!({
            "title_loc_key": "T", "title_loc_args": ["Ann"],
            "subtitle_loc_key": "S", "subtitle_loc_args": [],
            "loc_key": "GAME_PLAY_REQUEST_FORMAT", "loc_args": ["Shelly", "Rick"],
        }),
    );
    check(golden!("alert_localized"), &message);
}

#[test]
fn alert_that_only_sets_the_badge_makes_no_sound() {
    let mut message = Message::default();
    message.badge = Badge::Set(5);
    message.sound = Sound::Silent;
    let mut target = Target::new(ID, TOKEN);
    target.badge = Some(Badge::Set(0));
    compare(
        golden!("alert_badge"),
        &encode_with(&settings(), &message, target),
    );
}

#[test]
fn alert_that_adds_to_the_badge_leaves_it_as_it_is() {
    let mut message = Message::new("Ann", "Are you there?");
    message.badge = Badge::Add(1);
    check(golden!("alert"), &message);
}

#[test]
fn the_console_switch_makes_alerts_mutable_and_an_option_unmakes_it() {
    let switched = settings().with("mutable_content", true);
    let send = |message: &Message| encode_with(&switched, message, Target::new(ID, TOKEN));
    let plain = Message::new("Ann", "Are you there?");
    compare(golden!("alert_mutable"), &send(&plain));
    let option = with_options(plain, json!({"mutable_content": false}));
    compare(golden!("alert"), &send(&option));
}

#[test]
fn background_shows_nothing_whatever_the_message_says() {
    let mut message = Message::new("Ann", "Are you there?");
    message.kind = Kind::Background;
    message.badge = Badge::Set(3);
    message.image = Some("https://img.example.com/1.jpg".to_owned());
    message.ext = Some("sync".to_owned());
    check(golden!("background"), &message);
}

#[test]
fn voip() {
    let mut message = Message::new("Ann", "Incoming call");
    message.kind = Kind::Voip;
    message.ext = Some(r#"{"room":7}"#.to_owned());
    check(golden!("voip"), &message);
}

#[test]
fn complication() {
    check(
        golden!("complication"),
        &of_push_type("complication", json!({"steps": 9000})),
    );
}

#[test]
fn fileprovider() {
    let custom = json!({"container-identifier": "root", "domain": "main"});
    check(
        golden!("fileprovider"),
        &of_push_type("fileprovider", custom),
    );
}

#[test]
fn mdm() {
    let options = json!({"push_type": "mdm", "mdm": "PUSH-MAGIC"});
    let message = with_options(Message::default(), options);
    let settings = settings().with("topic", "com.apple.mgmt.External.1");
    let target = Target::new(ID, TOKEN);
    compare(golden!("mdm"), &encode_with(&settings, &message, target));
}

#[test]
fn location() {
    let mut message = of_push_type("location", json!({"query": 1}));
    message.priority = Priority::Normal;
    check(golden!("location"), &message);
}

#[test]
fn live_activity_start() {
    let mut message = Message::new("Kick-off", "Ann against Ben");
    message.kind = Kind::LiveActivity;
    message.sound = Sound::Named("whistle.caf".to_owned());
    let mut activity = LiveActivity::default();
    activity.event = ActivityEvent::Start;
    activity.timestamp = NOW;
    activity.attributes_type = Some("GameAttributes".to_owned());
    activity.attributes = Some(r#"{"home":"Ann","away":"Ben"}"#.to_owned());
    activity.content_state = Some(r#"{"score":[0,0]}"#.to_owned());
    message.live_activity = Some(activity);
    let options = json!({
        "input_push_token": true,
        "input_push_channel": "dHN0LXNyY2gtY2hubA==",
        "title_loc_key": "KICK_OFF", "title_loc_args": ["Ann", "Ben"],
    });
    check(
        golden!("liveactivity_start"),
        &with_options(message, options),
    );
}

#[test]
fn live_activity_update() {
    let mut message = of_kind(Kind::LiveActivity);
    message.priority = Priority::Normal;
    let mut activity = LiveActivity::default();
    activity.timestamp = NOW.plus_millis(999);
    activity.stale_at = Some(NOW.plus_seconds(600));
    activity.content_state = Some(r#" {"score" : [1, 0.10]} "#.to_owned());
    message.live_activity = Some(activity);
    let options = json!({"relevance_score": 75});
    check(
        golden!("liveactivity_update"),
        &with_options(message, options),
    );
}

#[test]
fn live_activity_end() {
    let mut message = of_kind(Kind::LiveActivity);
    let mut activity = LiveActivity::default();
    activity.event = ActivityEvent::End;
    activity.timestamp = NOW;
    activity.dismiss_at = Some(NOW.plus_seconds(60));
    message.live_activity = Some(activity);
    check(golden!("liveactivity_end"), &message);
}

#[test]
fn pushtotalk() {
    check(
        golden!("pushtotalk"),
        &of_push_type("pushtotalk", json!({"activeSpeaker": "Ann"})),
    );
}

#[test]
fn widgets() {
    let options = json!({"push_type": "widgets"});
    check(
        golden!("widgets"),
        &with_options(Message::default(), options),
    );
}

#[test]
fn controls() {
    let options = json!({"push_type": "controls"});
    check(
        golden!("controls"),
        &with_options(Message::default(), options),
    );
}

/// JSON compares 1.50 with 1.5; the app's own data is promised as it was written.
#[test]
fn the_apps_own_json_is_kept_to_the_byte() {
    let mut message = Message::new("t", "b");
    message.options = Some(r#"{"custom": {"n": 1.50, "o": { "a" :1}}}"#.to_owned());
    let body = String::from_utf8(encode(&message).body).unwrap();
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
        let body: Value = serde_json::from_slice(&encode(&message).body).unwrap();
        assert_eq!(body["ext"], json!(ext));
    }
}

#[test]
fn the_readme_has_a_row_for_each_setting() {
    let readme = include_str!("../../README.md");
    let table = readme.split("### Where").next().unwrap();
    for setting in Apns::describe().settings {
        // Its other names may follow.
        let row = format!("| `{}`", setting.key);
        assert!(table.contains(&row), "{row}");
        assert!(setting.help.ends_with('.'), "{}", setting.key);
    }
}

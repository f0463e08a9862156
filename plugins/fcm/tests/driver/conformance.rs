//! What every driver of nudged must hold to.

use nudged_driver_kit::test::Suite;
use nudged_fcm::Fcm;
use nudged_plugin_api::host::Library;
use nudged_plugin_api::{
    Badge, Click, HttpResponse, Kind, Lifetime, LiveActivity, Message, Priority, Sound,
};

use crate::account::{NOW, settings};

fn messages() -> Vec<Message> {
    let mut full = Message::new("Ann", "Are you there?");
    full.subtitle = Some("Lunch".to_owned());
    full.ext = Some(r#"{"room": 1}"#.to_owned());
    full.click = Click::Page("intent://x".to_owned());
    full.sound = Sound::Named("ring.mp3".to_owned());
    full.badge = Badge::Set(3);
    full.image = Some("https://img.example/1.png".to_owned());
    full.channel_id = Some("chat".to_owned());
    full.collapse_key = Some("room-1".to_owned());
    full.lifetime = Lifetime::Until(NOW.plus_seconds(3600));

    let mut options = Message::new("Ann", "Are you there?");
    options.options = Some(
        r##"{"android": {"notification": {"color": "#00ff7f"}}, "data": {"k": "v"}}"##.to_owned(),
    );

    let mut background = Message::default();
    background.kind = Kind::Background;
    background.priority = Priority::Normal;
    background.ext = Some("sync".to_owned());

    let mut activity = Message::default();
    activity.kind = Kind::LiveActivity;
    activity.options = Some(r#"{"apns": {"live_activity_token": "8099aa"}}"#.to_owned());
    let mut content = LiveActivity::default();
    content.content_state = Some(r#"{"score": [1, 0]}"#.to_owned());
    activity.live_activity = Some(content);

    vec![full, options, background, activity]
}

fn captures() -> Vec<HttpResponse> {
    let directory = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/captures");
    std::fs::read_dir(directory)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension != "md"))
        .map(|path| {
            let body = std::fs::read(&path).unwrap();
            let json: serde_json::Value = serde_json::from_slice(&body).unwrap_or_default();
            let status = match (&json["error"]["code"], json["name"].is_string()) {
                (_, true) => 200,
                (code, _) => code.as_u64().map_or(502, |code| code as u16),
            };
            HttpResponse::new(status, body).with_header("content-type", "application/json")
        })
        .collect()
}

fn samples<D>(mut suite: Suite<D>) -> Suite<D> {
    suite = suite
        .token("dQw4w9WgXcQ:APA91bHun4MxP5egoKMwt2KZFBaFUH-1RYqx")
        .token("eXyZ0123456:APA91bGk9vQw_another-token_of_a_phone")
        .grant_response(HttpResponse::new(
            200,
            r#"{"access_token":"ya29.c.b0AXv0zTN","expires_in":3599,"token_type":"Bearer"}"#,
        ));
    for message in messages() {
        suite = suite.message(message);
    }
    for capture in captures() {
        suite = suite.capture(capture);
    }
    suite
}

#[test]
fn the_driver_conforms() {
    samples(Suite::<Fcm>::new(settings(), NOW))
        .run()
        .assert_passed();
}

#[test]
fn the_library_conforms() {
    // Cargo puts the library of the crate under test beside the test.
    let path = std::env::current_exe()
        .unwrap()
        .with_file_name("libnudged_fcm.so");
    let library = Library::load(&path).unwrap();
    samples(Suite::loaded(library, settings(), NOW))
        .run()
        .assert_passed();
}

//! What every driver of nudged must hold to.

use nudged_driver_kit::conforms;
use nudged_driver_kit::test::Suite;
use nudged_fcm::Fcm;
use nudged_plugin_api::{
    Badge, Click, HttpResponse, Kind, Lifetime, LiveActivity, Message, Priority, Sound,
};

use crate::account::{NOW, TOKEN, settings};
use crate::decode::{CAPTURES, captures};

conforms!(Fcm, settings(), NOW, samples);

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

fn samples<D>(mut suite: Suite<D>) -> Suite<D> {
    suite = suite
        .token(TOKEN)
        .token("eXyZ0123456:APA91bGk9vQw_another-token_of_a_phone")
        .grant_response(HttpResponse::new(
            200,
            r#"{"access_token":"ya29.c.b0AXv0zTN","expires_in":3599,"token_type":"Bearer"}"#,
        ));
    for message in messages() {
        suite = suite.message(message);
    }
    for (file, status, ..) in CAPTURES {
        suite = suite.capture(captures().response(file, *status));
    }
    suite
}

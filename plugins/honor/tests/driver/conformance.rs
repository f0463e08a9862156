//! What every driver of nudged must hold to.

use nudged_driver_kit::conforms;
use nudged_driver_kit::test::Suite;
use nudged_honor::Honor;
use nudged_plugin_api::{Badge, Click, HttpResponse, Kind, Lifetime, Message, Sound};

use crate::account::{NOW, PHONES, full_settings};
use crate::decode::{CAPTURES, captures};

conforms!(Honor, full_settings(), NOW, samples);

fn messages() -> Vec<Message> {
    let mut full = Message::new("Ann", "Are you there?");
    full.subtitle = Some("Lunch".to_owned());
    full.ext = Some(r#"{"room": 1}"#.to_owned());
    full.click = Click::Page("intent://x/y#Intent;component=a.b/.C;end".to_owned());
    full.sound = Sound::Named("ring.mp3".to_owned());
    full.badge = Badge::Set(3);
    full.image = Some("https://img.example/1.png".to_owned());
    full.collapse_key = Some("room-1".to_owned());
    full.lifetime = Lifetime::Until(NOW.plus_seconds(3600));

    let mut options = Message::new("Ann", "Are you there?");
    options.options = Some(r#"{"style": 1, "importance": "LOW", "notifyId": 7}"#.to_owned());

    let mut background = Message::default();
    background.kind = Kind::Background;
    background.ext = Some("sync".to_owned());

    vec![full, options, background]
}

fn samples<D>(mut suite: Suite<D>) -> Suite<D> {
    for (_, token) in PHONES {
        suite = suite.token(token);
    }
    for message in messages() {
        suite = suite.message(message);
    }
    for (file, status, ..) in CAPTURES {
        suite = suite.capture(captures().response(file, *status));
    }
    suite.grant_response(HttpResponse::new(
        200,
        r#"{"access_token":"eyJhbGciOi.token","expires_in":3600,"token_type":"Bearer"}"#,
    ))
}

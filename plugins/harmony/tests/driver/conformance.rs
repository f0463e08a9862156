//! What every driver of nudged must hold to.

use nudged_driver_kit::conforms;
use nudged_driver_kit::test::Suite;
use nudged_harmony::Harmony;
use nudged_plugin_api::{Badge, Click, Kind, Lifetime, Message, Settings, Sound};

use crate::account::{NOW, PHONES, settings};
use crate::decode::{CAPTURES, captures};

conforms!(Harmony, recalling(), NOW, samples);

/// A channel that can take messages back.
fn recalling() -> Settings {
    settings().with("client_id", "1234567890")
}

fn messages() -> Vec<Message> {
    let mut full = Message::new("Ann", "Are you there?");
    full.subtitle = Some("Lunch".to_owned());
    full.ext = Some(r#"{"room": 1}"#.to_owned());
    full.click = Click::Page("example://chat/42".to_owned());
    full.sound = Sound::Named("ring.mp3".to_owned());
    full.badge = Badge::Set(3);
    full.image = Some("https://img.example/1.png".to_owned());
    full.collapse_key = Some("room-1".to_owned());
    full.lifetime = Lifetime::Until(NOW.plus_seconds(3600));

    let mut options = Message::new("Ann", "Are you there?");
    options.options = Some(r#"{"style": 1, "category": "WORK", "notifyId": 7}"#.to_owned());

    let mut background = Message::default();
    background.kind = Kind::Background;
    background.ext = Some("sync".to_owned());

    let mut call = Message::default();
    call.kind = Kind::Voip;
    call.ext = Some("call".to_owned());

    vec![full, options, background, call]
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
    suite
}

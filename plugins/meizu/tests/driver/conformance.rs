//! What every driver of nudged must hold to.

use nudged_driver_kit::conforms;
use nudged_driver_kit::test::Suite;
use nudged_meizu::Meizu;
use nudged_plugin_api::{Badge, Click, Lifetime, Message, Sound};

use crate::account::{NOW, OTHER, PUSH_ID, settings};
use crate::decode::{CAPTURES, captures};

conforms!(Meizu, settings(), NOW, samples);

fn messages() -> Vec<Message> {
    let mut full = Message::new("Ann", "Are you there?");
    full.subtitle = Some("Lunch".to_owned());
    full.ext = Some(r#"{"room": 1}"#.to_owned());
    full.click = Click::Page("com.example.chat.ChatActivity".to_owned());
    full.sound = Sound::Named("ring.mp3".to_owned());
    full.badge = Badge::Set(3);
    full.image = Some("https://img.example/1.png".to_owned());
    full.channel_id = Some("chat".to_owned());
    full.collapse_key = Some("room-1".to_owned());
    full.lifetime = Lifetime::Until(NOW.plus_seconds(3600));
    full.test = true;

    let mut options = Message::new("Ann", "Are you there?");
    options.options = Some(r#"{"noticeBarInfo": {"noticeMsgType": 1}}"#.to_owned());
    vec![full, options, Message::default()]
}

fn samples<D>(mut suite: Suite<D>) -> Suite<D> {
    suite = suite.token(PUSH_ID).token(OTHER);
    for message in messages() {
        suite = suite.message(message);
    }
    for (file, status, ..) in CAPTURES {
        suite = suite.capture(captures().response(file, *status));
    }
    suite
}

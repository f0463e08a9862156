//! What every driver of nudged must hold to.

use nudged_driver_kit::conforms;
use nudged_driver_kit::test::Suite;
use nudged_oppo::Oppo;
use nudged_plugin_api::{Badge, Click, HttpResponse, Lifetime, Message, Settings, Sound};

use crate::account::{CN_A, CN_B, NOW, settings};
use crate::decode::{CAPTURES, captures};

conforms!(Oppo, all_settings(), NOW, samples);

fn messages() -> Vec<Message> {
    let mut full = Message::new("Ann", "Are you there?");
    full.subtitle = Some("Lunch".to_owned());
    full.ext = Some(r#"{"room": 1, "who": "Ann"}"#.to_owned());
    full.click = Click::Page("com.example.chat.ChatActivity".to_owned());
    full.sound = Sound::Named("ring.mp3".to_owned());
    full.badge = Badge::Set(3);
    full.image = Some("https://img.example/1.png".to_owned());
    full.channel_id = Some("chat".to_owned());
    full.category = Some("IM".to_owned());
    full.collapse_key = Some("room-1".to_owned());
    full.lifetime = Lifetime::Until(NOW.plus_seconds(3600));

    let mut options = Message::new("Ann", "Are you there?");
    options.options =
        Some(r#"{"category": "IM", "notify_level": 2, "show_ttl": 60, "style": 2}"#.to_owned());

    let mut web = Message::new("Ann", "Look");
    web.click = Click::Url("https://example.com/a?b=c".to_owned());
    web.ext = Some("no JSON".to_owned());
    vec![full, options, web, Message::default()]
}

/// A secret of a length that the suite looks for.
fn all_settings() -> Settings {
    settings()
        .with("master_secret", "0f1e2d3c4b5a69788796a5b4c3d2e1f0")
        .with("call_back_url", "https://push.example.com/oppo")
}

fn samples<D>(mut suite: Suite<D>) -> Suite<D> {
    suite = suite
        .token(CN_A)
        .token(CN_B)
        .grant_response(HttpResponse::new(
            200,
            r#"{"code":0,"message":"Success","data":{"auth_token":"tok456","create_time":1766990000000}}"#,
        ))
        .response(429, r#"{"code":13,"message":"App Call Limit"}"#)
        .response(503, r#"{"code":-1,"message":"Service Unavailable"}"#);
    for message in messages() {
        suite = suite.message(message);
    }
    for (file, status, ..) in CAPTURES {
        suite = suite.capture(captures().response(file, *status));
    }
    suite
}

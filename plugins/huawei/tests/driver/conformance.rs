//! What every driver of nudged must hold to.

use nudged_driver_kit::conforms;
use nudged_driver_kit::test::Suite;
use nudged_huawei::Huawei;
use nudged_plugin_api::{Badge, Click, HttpResponse, Kind, Lifetime, Message, Settings, Sound};

use crate::account::{NOW, TOKEN, settings};
use crate::decode::{CAPTURES, captures};

conforms!(Huawei, all_settings(), NOW, samples);

fn messages() -> Vec<Message> {
    let mut full = Message::new("Ann", "Are you there?");
    full.subtitle = Some("Lunch".to_owned());
    full.ext = Some(r#"{"room": 1}"#.to_owned());
    full.click = Click::Page("intent://a/b#Intent;component=a.b/.C;end".to_owned());
    full.sound = Sound::Named("ring.mp3".to_owned());
    full.badge = Badge::Set(3);
    full.image = Some("https://img.example/1.png".to_owned());
    full.channel_id = Some("chat".to_owned());
    full.category = Some("IM".to_owned());
    full.collapse_key = Some("room-1".to_owned());
    full.lifetime = Lifetime::Until(NOW.plus_seconds(3600));
    full.test = true;

    let mut options = Message::new("Ann", "Are you there?");
    options.options = Some(r##"{"color": "#00ff7f", "importance": "LOW"}"##.to_owned());

    let mut background = Message::default();
    background.kind = Kind::Background;
    background.ext = Some("sync".to_owned());

    vec![full, options, background]
}

fn all_settings() -> Settings {
    settings()
        .with("package", "com.example.chat")
        .with("launcher_activity", ".MainActivity")
        .with("category", "IM")
        .with("receipt_id", "RCP1")
}

fn samples<D>(mut suite: Suite<D>) -> Suite<D> {
    suite = suite
        .token(TOKEN)
        .token("0862824038873508300003685000CN01")
        .grant_response(HttpResponse::new(
            200,
            r#"{"access_token":"CgB6e3x9\/0abc","expires_in":3600,"token_type":"Bearer"}"#,
        ));
    for message in messages() {
        suite = suite.message(message);
    }
    for (file, http, ..) in CAPTURES {
        suite = suite.capture(captures().response(file, *http));
    }
    suite
}

#[test]
fn the_driver_conforms_with_the_least_settings_and_through_v2() {
    samples(Suite::<Huawei>::new(settings(), NOW))
        .run()
        .assert_passed();
    let v2 = all_settings()
        .with("project_id", "736430079244842573")
        .with("endpoint", "https://localhost:8443/hms")
        .with("token_url", "https://localhost:8443/token");
    samples(Suite::<Huawei>::new(v2, NOW)).run().assert_passed();
}

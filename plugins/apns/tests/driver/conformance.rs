//! What every driver of nudged must hold to, with either credential.

use nudged_apns::Apns;
use nudged_driver_kit::conforms;
use nudged_driver_kit::test::Suite;
use nudged_plugin_api::{
    Badge, Click, HttpResponse, Kind, Lifetime, LiveActivity, Message, Priority, Settings, Sound,
};

use crate::account::{NOW, certificate, certificate_settings, key_settings, of_kind};
use crate::decode::{CAPTURES, captures};

const TOKEN: &str = "00fc13adff785122b4ad28809a3420982341241421348097878e577c991de8f0";

mod with_a_key {
    use super::*;

    fn samples<D>(suite: Suite<D>) -> Suite<D> {
        super::samples(suite).message(activity())
    }

    conforms!(
        Apns,
        key_settings().with("environment", "sandbox"),
        NOW,
        samples
    );
}

mod with_a_certificate {
    use super::*;

    conforms!(Apns, of_certificate(), NOW, samples);
}

fn of_certificate() -> Settings {
    certificate_settings(certificate("com.example.app", &[], &[]))
        .with("certificate_password", "correct horse battery staple")
        .with("port", 2197)
        .with("mutable_content", true)
}

fn full() -> Message {
    let mut message = Message::new("Ann", "Are you there?");
    message.subtitle = Some("Holidays".to_owned());
    message.ext = Some(r#"{"entity":{"sender":"ann"}}"#.to_owned());
    message.click = Click::Page("chat".to_owned());
    message.sound = Sound::Named("ring.caf".to_owned());
    message.badge = Badge::Set(5);
    message.image = Some("https://img.example.com/1.jpg".to_owned());
    message.thread = Some("group-7".to_owned());
    message.category = Some("IM".to_owned());
    message.collapse_key = Some("chat-7".to_owned());
    message.priority = Priority::Normal;
    message.lifetime = Lifetime::Until(NOW.plus_seconds(3600));
    message.options = Some(r#"{"custom":{"n":[1,2]}}"#.to_owned());
    message
}

fn activity() -> Message {
    let mut activity = LiveActivity::default();
    activity.timestamp = NOW;
    activity.content_state = Some("{}".to_owned());
    let mut message = of_kind(Kind::LiveActivity);
    message.live_activity = Some(activity);
    message
}

/// What channels of either credential can send and get.
fn samples<D>(suite: Suite<D>) -> Suite<D> {
    let id = "eabeae54-14a8-11e5-b60b-1697f925ec7b";
    let suite = suite
        .token(TOKEN)
        .message(Message::new("Ann", "Are you there?"))
        .message(full())
        .message(of_kind(Kind::Background))
        .message(of_kind(Kind::Voip))
        .capture(HttpResponse::new(200, "").with_header("apns-id", id));
    CAPTURES.iter().fold(suite, |suite, (file, status, ..)| {
        suite.capture(captures().response(file, *status))
    })
}

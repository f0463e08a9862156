//! What every driver of nudged must hold to.

use nudged_driver_kit::test::Suite;
use nudged_plugin_api::host::Library;
use nudged_plugin_api::{Badge, Click, HttpResponse, Lifetime, Message, Sound};
use nudged_tpns::Tpns;

use crate::account::{NOW, OTHER, TOKEN, settings};

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
    options.options =
        Some(r#"{"android": {"hw_importance": 2}, "aps": {"category": "c"}}"#.to_owned());
    vec![full, options, Message::default()]
}

fn captures() -> Vec<HttpResponse> {
    let directory = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/captures");
    std::fs::read_dir(directory)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension != "md"))
        .map(|path| {
            let status = match path
                .extension()
                .is_some_and(|extension| extension == "html")
            {
                true => 502,
                false => 200,
            };
            HttpResponse::new(status, std::fs::read(&path).unwrap())
        })
        .collect()
}

fn samples<D>(mut suite: Suite<D>) -> Suite<D> {
    suite = suite.token(TOKEN).token(OTHER);
    for message in messages() {
        suite = suite.message(message);
    }
    for capture in captures() {
        suite = suite.capture(capture);
    }
    suite
}

#[test]
fn the_driver_conforms_on_android() {
    samples(Suite::<Tpns>::new(settings(), NOW))
        .run()
        .assert_passed();
}

#[test]
fn the_driver_conforms_on_ios() {
    samples(Suite::<Tpns>::new(settings().with("platform", "ios"), NOW))
        .run()
        .assert_passed();
}

#[test]
fn the_library_conforms() {
    // Cargo puts the library of the crate under test beside the test.
    let path = std::env::current_exe()
        .unwrap()
        .with_file_name("libnudged_tpns.so");
    let library = Library::load(&path).unwrap();
    samples(Suite::loaded(library, settings(), NOW))
        .run()
        .assert_passed();
}

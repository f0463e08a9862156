//! What every driver of nudged must hold to.

use nudged_driver_kit::test::Suite;
use nudged_plugin_api::host::Library;
use nudged_plugin_api::{HttpResponse, Message};
use nudged_vivo::Vivo;
use serde_json::json;

use crate::case::{NOW, TOKENS, message, plain, settings};

fn messages() -> Vec<Message> {
    let full = json!({
        "subtitle": "Lunch", "ext": "{\"room\": 1}", "badge": 3, "sound": "ring.mp3",
        "page": "intent://com.example/detail#Intent;scheme=push;component=com.example/.Chat;end",
        "image": "https://img.example/1.png", "channel_id": "chat", "category": "IM",
        "collapse_key": "room-1", "thread": "room-1", "test": true,
        "options": {"clientCustomMap": {"k": "v"}, "networkType": 1},
    });
    vec![
        message(json!({"title": "Ann", "body": "Are you there?"})),
        message(plain(full)),
        message(plain(
            json!({"url": "https://example.com/a?b=c", "ext": "lost"}),
        )),
    ]
}

fn samples<D>(mut suite: Suite<D>) -> Suite<D> {
    for token in TOKENS {
        suite = suite.token(token);
    }
    suite = suite.grant_response(HttpResponse::new(
        200,
        r#"{"result":0,"desc":"success","authToken":"24e56a5b-5f9f-4e21-9a1c"}"#,
    ));
    for message in messages() {
        suite = suite.message(message);
    }
    let directory = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/captures");
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path
            .extension()
            .is_some_and(|extension| extension == "json")
        {
            suite = suite.response(200, std::fs::read(&path).unwrap());
        }
    }
    suite.response(502, "<html>Bad Gateway</html>")
}

#[test]
fn the_driver_conforms() {
    let settings = settings()
        .with("category", "IM")
        .with("callback_url", "https://p.example.com/vivo");
    samples(Suite::<Vivo>::new(settings, NOW))
        .run()
        .assert_passed();
}

#[test]
fn the_library_conforms() {
    // Cargo puts the library of the crate under test beside the test.
    let path = std::env::current_exe()
        .unwrap()
        .with_file_name("libnudged_vivo.so");
    let library = Library::load(&path).unwrap();
    samples(Suite::loaded(library, settings(), NOW))
        .run()
        .assert_passed();
}

//! What every driver of nudged must hold to.

use nudged_driver_kit::conforms;
use nudged_driver_kit::test::Suite;
use nudged_plugin_api::{HttpResponse, Message, Settings};
use nudged_vivo::Vivo;
use serde_json::json;

use crate::account::{NOW, TOKENS, message, plain, settings};
use crate::decode::{CAPTURES, captures};

conforms!(Vivo, full_settings(), NOW, samples);

fn full_settings() -> Settings {
    settings()
        .with("category", "IM")
        .with("callback_url", "https://p.example.com/vivo")
}

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
    for (file, status, ..) in CAPTURES {
        suite = suite.capture(captures().response(file, *status));
    }
    suite.response(502, "<html>Bad Gateway</html>")
}

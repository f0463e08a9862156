//! What nudgectl prints without a daemon, for packages: completions and the OpenAPI document.

use serde_json::json;

use super::{parsed, said};
use crate::world::{nudgectl, rig, text, token};

#[tokio::test]
async fn completions_know_every_command() {
    let rig = rig().await;
    for shell in ["bash", "zsh", "fish"] {
        let script = said(nudgectl(&rig, &["completions", shell]).await, 0);

        for command in ["send", "device", "tombstones", "queue", "reload"] {
            assert!(script.contains(command), "{shell}: {command}");
        }
    }
    let words = said(nudgectl(&rig, &["completions", "dos"]).await, 2);
    assert!(words.contains("bash"), "{words}");
}

#[tokio::test]
async fn names_that_would_turn_a_terminal_around_are_written_out() {
    let rig = rig().await;
    let (user, device) = ("\u{202e}bob", "pho\u{200b}ne");
    let path = "/v1/apps/default/users/%E2%80%AEbob/devices/pho%E2%80%8Bne";
    let report = json!({"channel": "ios", "token": token(1)});
    rig.client.put(path, &report).await.unwrap().expect(200);
    let notification = json!({"to": [{"user": user}], "message": {"body": "x"}});
    let event = rig.deliver(&notification).await.unwrap();
    let id = text(&event, "id");

    for arguments in [
        &["device", "ls", user][..],
        &["device", "rm", user, "nothing"],
        &["trace", id],
        &["trace", "\u{2066}nothing"],
        &["events"],
        &["preview", "--user", user, "--body", "x"],
        &["send", "--user", "\u{202e}carol", "--body", "x"],
        &["channel", "show", "\u{202e}ios"],
        &["queue", "show", "\u{202e}ios"],
    ] {
        let ran = nudgectl(&rig, arguments).await;
        let said = format!("{}{}", ran.out, ran.err);
        let unseen = |c: char| "\u{202e}\u{200b}\u{2066}".contains(c);
        assert!(!said.contains(unseen), "{arguments:?}: {said:?}");
        let written_out = [r"\u{202e}", r"\u{200b}", r"\u{2066}"];
        assert!(
            written_out.iter().any(|it| said.contains(it)),
            "{arguments:?}: {said}"
        );
    }
    // Programs get them as they are.
    let listed = parsed(nudgectl(&rig, &["device", "ls", user, "--json"]).await, 0);
    let listed = &listed["devices"][0];
    assert_eq!(
        (text(listed, "user"), text(listed, "device")),
        (user, device)
    );
}

#[tokio::test]
async fn the_openapi_document_is_the_one_that_the_daemon_serves() {
    let rig = rig().await;

    let printed = parsed(nudgectl(&rig, &["openapi"]).await, 0);

    let served = rig.client.get("/openapi.json").await.unwrap().expect(200);
    assert_eq!(printed, served);
}

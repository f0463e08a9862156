//! What nudgectl prints without a daemon, for packages: completions and the OpenAPI document.

use super::{parsed, said};
use crate::support::{nudgectl, rig};

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
async fn the_openapi_document_is_the_one_that_the_daemon_serves() {
    let rig = rig().await;

    let printed = parsed(nudgectl(&rig, &["openapi"]).await, 0);

    let served = rig.client.get("/openapi.json").await.unwrap().expect(200);
    assert_eq!(printed, served);
}

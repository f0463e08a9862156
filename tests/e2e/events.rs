//! Events and status: what is told survives, and adds up.

use serde_json::{Value, json};

use crate::support::{all_accepted, rig, send_all, to_token, until};

async fn all_since(rig: &nudged_rig::Rig, cursor: &Value) -> Vec<Value> {
    let mut events = rig.client.events(&format!("since={cursor}")).await.unwrap();
    let mut all = Vec::new();
    while let Some(event) = events.next().await.unwrap() {
        all.push(event);
    }
    all
}

#[tokio::test]
async fn events_are_kept_over_a_restart() {
    let mut rig = rig().await;
    let before = rig.deliver(&to_token(1, "before")).await.unwrap();
    rig.restart().await.unwrap();
    let after = rig.deliver(&to_token(1, "after")).await.unwrap();

    let all = all_since(&rig, &json!(0)).await;

    assert_eq!(all, [before.clone(), after.clone()]);
    assert_eq!(all_since(&rig, &before["cursor"]).await, all[1..]);
    assert!(all_since(&rig, &after["cursor"]).await.is_empty());
}

#[tokio::test]
async fn the_status_adds_up() {
    let rig = rig().await;
    let ids = send_all(&rig, (0..30).map(|n| to_token(n, "hello"))).await;
    all_accepted(&rig, &ids).await;

    // An outcome is told as soon as it is written, a moment before its lease ends.
    let status = async || rig.client.get("/v1/status").await.unwrap().expect(200);
    let empty = json!({"ready": 0, "waiting": 0, "in_flight": 0});
    until("an empty queue", async || status().await["queue"] == empty).await;

    let status = status().await;
    assert_eq!(status["status"], "ready");
    assert_eq!(status["totals"]["notifications"], 30);
    assert_eq!(status["totals"]["deliveries"], 30);
    assert_eq!(status["totals"]["outcomes"]["accepted"], 30);
    assert_eq!(
        (&status["channels"], &status["drivers"]),
        (&json!(2), &json!(2))
    );
}

#[tokio::test]
async fn a_cursor_of_one_app_goes_on_after_a_crash() {
    let mut rig = rig().await;
    let before = rig.deliver(&to_token(1, "before")).await.unwrap();
    let other = json!({"app": "other", "to": [{"user": "bob"}], "message": {"body": "x"}});
    rig.deliver(&other).await.unwrap();
    rig.kill9().await.unwrap();
    rig.launch().await.unwrap();
    rig.deliver(&other).await.unwrap();
    let after = rig.deliver(&to_token(2, "after")).await.unwrap();

    let query = format!("app=default&since={}", before["cursor"]);
    let mut events = rig.client.events(&query).await.unwrap();

    assert_eq!(events.next().await.unwrap(), Some(after));
    assert_eq!(events.next().await.unwrap(), None);
}

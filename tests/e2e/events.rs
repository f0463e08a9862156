use nudged_rig::APNS;
use serde_json::{Value, json};

use crate::{apns_token, rig, send_many, text, to_token};

async fn all_since(rig: &nudged_rig::Rig, cursor: u64) -> Vec<Value> {
    let mut events = rig.client.events(&format!("since={cursor}")).await.unwrap();
    let mut all = Vec::new();
    while let Some(event) = events.next().await.unwrap() {
        all.push(event);
    }
    all
}

fn cursor(event: &Value) -> u64 {
    event["cursor"].as_u64().unwrap()
}

#[tokio::test]
async fn a_reader_goes_on_where_it_stopped() {
    let rig = rig().await;
    let mut follower = rig.client.events("since=0&follow=true").await.unwrap();
    let ids = send_many(&rig, 20).await;
    let mut first = Vec::new();
    for _ in 0..8 {
        first.push(follower.next().await.unwrap().unwrap());
    }
    drop(follower);

    let mut follower = rig
        .client
        .events(&format!("since={}&follow=true", cursor(&first[7])))
        .await
        .unwrap();
    let mut rest = Vec::new();
    for _ in 8..20 {
        rest.push(follower.next().await.unwrap().unwrap());
    }

    let mut told: Vec<&str> = first
        .iter()
        .chain(&rest)
        .map(|it| text(it, "/id"))
        .collect();
    told.sort_unstable();
    told.dedup();
    assert_eq!(told.len(), ids.len());
    let cursors: Vec<u64> = first.iter().chain(&rest).map(cursor).collect();
    assert!(cursors.is_sorted_by(|one, next| one < next), "{cursors:?}");
}

#[tokio::test]
async fn events_are_kept_over_a_restart() {
    let mut rig = rig().await;
    let before = rig
        .deliver(&to_token(APNS, APNS.token, "before"))
        .await
        .unwrap();
    rig.restart().await.unwrap();
    let after = rig
        .deliver(&to_token(APNS, APNS.token, "after"))
        .await
        .unwrap();

    let all = all_since(&rig, 0).await;

    assert_eq!(all, [before.clone(), after.clone()]);
    assert_eq!(all_since(&rig, cursor(&before)).await, [after.clone()]);
    assert!(all_since(&rig, cursor(&after)).await.is_empty());
}

#[tokio::test]
async fn following_from_now_tells_nothing_old() {
    let rig = rig().await;
    rig.deliver(&to_token(APNS, APNS.token, "old"))
        .await
        .unwrap();
    let mut events = rig.client.events("follow=true").await.unwrap();

    let id = rig
        .accept(&to_token(APNS, &apns_token(9), "new"))
        .await
        .unwrap();

    let event = events.next().await.unwrap().unwrap();
    assert_eq!(event["id"], id);
    assert_eq!(
        (&event["app"], &event["channel"]),
        (&json!("default"), &json!("ios"))
    );
}

#[tokio::test]
async fn events_of_one_app_can_be_had_alone() {
    let rig = rig().await;
    rig.deliver(&to_token(APNS, APNS.token, "hello"))
        .await
        .unwrap();

    let mut others = rig.client.events("since=0&app=other").await.unwrap();
    let mut ours = rig.client.events("since=0&app=default").await.unwrap();

    assert!(others.next().await.unwrap().is_none());
    assert!(ours.next().await.unwrap().is_some());
}

#[tokio::test]
async fn the_status_adds_up() {
    let rig = rig().await;
    let ids = send_many(&rig, 30).await;
    crate::outcomes_of(&rig, &ids).await;

    let status = rig.client.get("/v1/status").await.unwrap().expect(200);

    assert_eq!(status["status"], "ready");
    assert_eq!(
        status["queue"],
        json!({"ready": 0, "waiting": 0, "in_flight": 0})
    );
    assert_eq!(status["totals"]["notifications"], 30);
    assert_eq!(status["totals"]["deliveries"], 30);
    assert_eq!(status["totals"]["outcomes"]["accepted"], 30);
    assert_eq!(
        (&status["channels"], &status["drivers"]),
        (&json!(2), &json!(2))
    );
}

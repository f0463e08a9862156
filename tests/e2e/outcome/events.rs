//! The stream of events: a follower misses nothing, hears nothing twice, also over a restart and a
//! crash, and may listen to one app alone.

use crate::world::{reload, rig, send_all, text_at, to_token, to_vendor};
use nudged_rig::{APNS, Rig};
use serde_json::{Value, json};

#[tokio::test]
async fn a_follower_of_events_goes_on_where_it_stopped() {
    let rig = rig().await;
    let mut follower = rig.client.events("since=0&follow=true").await.unwrap();
    let ids = send_all(&rig, (0..20).map(|n| to_token(n, "x"))).await;
    let mut told = Vec::new();
    for _ in 0..8 {
        told.push(follower.next().await.unwrap().unwrap());
    }
    drop(follower);

    let since = told[7]["cursor"].as_u64().unwrap();
    let query = format!("since={since}&follow=true");
    let mut follower = rig.client.events(&query).await.unwrap();
    for _ in 8..20 {
        told.push(follower.next().await.unwrap().unwrap());
    }

    let cursors: Vec<u64> = told
        .iter()
        .map(|it| it["cursor"].as_u64().unwrap())
        .collect();
    assert!(cursors.is_sorted_by(|one, next| one < next), "{cursors:?}");
    let mut told: Vec<&str> = told.iter().map(|it| text_at(it, "/id")).collect();
    let mut sent: Vec<&str> = ids.iter().map(String::as_str).collect();
    told.sort_unstable();
    sent.sort_unstable();
    assert_eq!(told, sent);
}

#[tokio::test]
async fn a_follower_from_now_on_hears_nothing_old() {
    let rig = rig().await;
    rig.deliver(&to_vendor(APNS, "old")).await.unwrap();
    let mut follower = rig.client.events("follow=true").await.unwrap();

    let id = rig.accept(&to_vendor(APNS, "new")).await.unwrap();

    let event = follower.next().await.unwrap().unwrap();
    assert_eq!(event["id"], id);
    assert_eq!(
        (&event["app"], &event["channel"]),
        (&json!("default"), &json!("ios"))
    );
}

#[tokio::test]
async fn events_of_one_app_can_be_had_alone() {
    let rig = rig().await;
    let file = rig.home.path().join("channels.d/ios.toml");
    let ours = std::fs::read_to_string(file).unwrap();
    let theirs = ours.replace("certificate_id = 1", "certificate_id = 3\napp = \"shop\"");
    rig.home.write_channel("shop-ios", &theirs).unwrap();
    reload(&rig).await;
    let mut shop = to_token(3, "shop");
    shop["app"] = json!("shop");
    shop["to"][0]["channel"] = json!("shop-ios");

    rig.deliver(&to_vendor(APNS, "ours")).await.unwrap();
    rig.deliver(&shop).await.unwrap();

    for (app, channel) in [("default", "ios"), ("shop", "shop-ios")] {
        let query = format!("since=0&app={app}");
        let mut events = rig.client.events(&query).await.unwrap();
        let event = events.next().await.unwrap().expect("one event");
        assert_eq!(
            (&event["app"], &event["channel"]),
            (&json!(app), &json!(channel))
        );
        assert_eq!(events.next().await.unwrap(), None);
    }
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

async fn all_since(rig: &Rig, cursor: &Value) -> Vec<Value> {
    let mut events = rig.client.events(&format!("since={cursor}")).await.unwrap();
    let mut all = Vec::new();
    while let Some(event) = events.next().await.unwrap() {
        all.push(event);
    }
    all
}

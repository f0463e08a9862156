//! From recipients to devices: each device is told once, and a recipient without any, or
//! without a channel, is explained and keeps nobody else from being told.

use nudged_rig::APNS;
use serde_json::{Value, json};

use crate::world::{reload, rig, text, to_token};

#[tokio::test]
async fn a_device_is_told_once_however_often_it_is_named() {
    let rig = rig().await;
    rig.register("bob", "phone", "ios", APNS.token)
        .await
        .unwrap();
    let notification = json!({
        "to": [
            {"user": "bob"},
            {"user": "bob", "device": "phone"},
            {"channel": "ios", "token": APNS.token},
            {"user": "bob"},
        ],
        "message": {"body": "once"},
    });

    let accepted = rig.client.send(&notification).await.unwrap().expect(202);

    assert_eq!(accepted["deliveries"], 1, "{accepted}");
    rig.client.outcomes(text(&accepted, "id"), 1).await.unwrap();
    rig.deliver(&to_token(2, "afterwards")).await.unwrap();
    assert_eq!(rig.simulator.counts().apns.requests, 2);
}

#[tokio::test]
async fn who_has_no_device_is_named_and_the_others_are_told() {
    let rig = rig().await;
    rig.register("bob", "phone", "ios", APNS.token)
        .await
        .unwrap();
    let to = |to: Value| json!({"to": to, "message": {"body": "hello"}});

    let nobody = to(json!([{"user": "alice"}]));
    let nobody = rig.client.send(&nobody).await.unwrap().expect(202);
    let wrong_device = to(json!([{"user": "bob", "device": "watch"}]));
    let wrong_device = rig.client.send(&wrong_device).await.unwrap().expect(202);
    let some = to(json!([{"user": "alice"}, {"user": "bob"}, {"user": "dave"}]));
    let some = rig.client.send(&some).await.unwrap().expect(202);

    for (answer, deliveries, named) in [
        (&nobody, 0, "alice"),
        (&wrong_device, 0, "bob"),
        (&some, 1, "alice, dave"),
    ] {
        assert_eq!(answer["deliveries"], deliveries, "{answer}");
        let explanation = text(answer, "explanation");
        assert!(explanation.starts_with("no_device"), "{answer}");
        assert!(explanation.contains(named), "{answer}");
    }
    rig.client.outcomes(text(&some, "id"), 1).await.unwrap();
}

#[tokio::test]
async fn a_device_whose_channel_is_gone_is_explained() {
    let rig = rig().await;
    rig.register("bob", "phone", "ios", APNS.token)
        .await
        .unwrap();
    rig.home.remove_channel("ios").unwrap();
    reload(&rig).await;

    let notification = json!({
        "to": [{"user": "bob"}, {"user": "alice"}],
        "message": {"body": "hello"},
    });
    let accepted = rig.client.send(&notification).await.unwrap().expect(202);

    assert_eq!(accepted["deliveries"], 0, "{accepted}");
    let explanation = text(&accepted, "explanation");
    for part in [
        "no_channel",
        "bob/phone",
        "certificate id 1",
        "no_device: alice",
    ] {
        assert!(explanation.contains(part), "{part}: {accepted}");
    }
}

//! Channels that come and go: one that is added works at once; what is sent to one that is gone
//! is explained, what is queued for it waits, and what is in flight ends.

use nudged_rig::{APNS, DEADLINE, FCM, RigOptions};
use nudged_simulator::{Counts, Fault};
use serde_json::json;

use super::it_delivers;
use crate::world::{
    all_accepted, refusal, reload, rig, rig_with, send_all, text_at, to_token, to_vendor, trace_of,
};

#[tokio::test]
async fn a_channel_that_is_added_works() {
    let options = RigOptions {
        vendors: vec![APNS],
        ..RigOptions::default()
    };
    let rig = rig_with(options).await;
    let unknown = rig
        .client
        .send(&to_vendor(FCM, "hello"))
        .await
        .unwrap()
        .expect(422);
    assert_eq!(unknown["field"], "to[0].channel");

    FCM.furnish(&rig.simulator, &rig.home, "").unwrap();
    let report = reload(&rig).await;

    assert_eq!(report["started"], json!(["android"]));
    it_delivers(&rig).await;
}

#[tokio::test]
async fn sends_to_a_removed_channel_are_explained() {
    let rig = rig().await;
    rig.register("bob", "phone", "ios", APNS.token)
        .await
        .unwrap();
    rig.home.remove_channel("ios").unwrap();
    assert_eq!(reload(&rig).await["stopped"], json!(["ios"]));

    let to_bob = json!({"to": [{"user": "bob"}], "message": {"body": "hello?"}});
    let accepted = rig.client.send(&to_bob).await.unwrap().expect(202);
    let refused = rig
        .client
        .send(&to_vendor(APNS, "hello"))
        .await
        .unwrap()
        .expect(422);

    assert_eq!(accepted["deliveries"], 0);
    let explanation = text_at(&accepted, "/explanation");
    assert!(explanation.starts_with("no_channel"), "{explanation}");
    assert!(explanation.contains("bob/phone"), "{explanation}");
    assert_eq!(refused["field"], "to[0].channel");
    let event = rig.deliver(&to_vendor(FCM, "hello")).await.unwrap();
    assert_eq!(event["outcome"], "accepted", "the other channel goes on");
    // The device is kept for when the channel comes back.
    APNS.furnish(&rig.simulator, &rig.home, "").unwrap();
    reload(&rig).await;
    let event = rig.deliver(&to_bob).await.unwrap();
    assert_eq!(event["outcome"], "accepted", "{event:#}");
}

#[tokio::test]
async fn what_is_queued_for_a_removed_channel_is_delivered_when_it_is_back() {
    let rig = rig().await;
    let file = std::fs::read_to_string(rig.home.path().join("channels.d/ios.toml")).unwrap();
    rig.simulator.fault(Fault::new(refusal(503)));
    let ids = send_all(&rig, (0..20).map(|n| to_token(n, "x"))).await;
    let tried = |counts: &Counts| counts.apns.requests > 0;
    assert!(rig.simulator.wait_for(DEADLINE, tried).await);

    rig.home.remove_channel("ios").unwrap();
    reload(&rig).await;
    let trace = trace_of(&rig, &ids[0]).await;
    let waits_for = text_at(&trace, "/deliveries/0/waits_for");
    assert!(waits_for.contains("no channel"), "{trace:#}");
    rig.simulator.clear_faults();
    rig.home.write_channel("ios", &file).unwrap();
    assert_eq!(reload(&rig).await["started"], json!(["ios"]));

    all_accepted(&rig, &ids).await;
    assert_eq!(rig.simulator.counts().apns.accepted, 20);
}

#[tokio::test]
async fn what_is_under_way_when_its_channel_is_removed_still_ends() {
    let rig = rig().await;
    let late = nudged_simulator::FaultKind::Delay { ms: 1000 };
    rig.simulator.fault(Fault::new(late));
    let ids = send_all(&rig, (0..5).map(|n| to_token(n, "x"))).await;
    let under_way = |counts: &Counts| counts.apns.accepted == 5;
    assert!(rig.simulator.wait_for(DEADLINE, under_way).await);

    rig.home.remove_channel("ios").unwrap();
    reload(&rig).await;

    all_accepted(&rig, &ids).await;
    assert_eq!(
        rig.simulator.counts().apns.requests,
        5,
        "none was sent twice"
    );
}

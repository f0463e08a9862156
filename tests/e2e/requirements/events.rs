//! 63: events and traces. Taking back is in `revoke`.

use nudged_rig::{APNS, FCM};
use nudged_simulator::{Fault, Vendor as Service};
use serde_json::json;

use super::im::{call, text_to_bob};
use crate::world::bob::{register, state_of};
use crate::world::{now_ms, nudgectl, refusal, rig, text, token, trace_of};

#[tokio::test]
async fn req_63_each_outcome_is_an_event_and_the_trace_tells_how_it_came_to_it() {
    let rig = rig().await;
    register(&rig, "bob", APNS).await;
    register(&rig, "eve", FCM).await;
    for (device, channel, token) in [
        ("watch", "ios", token(7)),
        ("tablet", "android", FCM.numbered(7)),
    ] {
        rig.register("bob", device, channel, &token).await.unwrap();
    }
    state_of(&rig, "eve", FCM, json!({"state": "foreground"})).await;
    rig.simulator
        .apns()
        .unregister_token(&token(7), now_ms() + 1000);
    let trouble = Fault::new(refusal(503)).of(Service::Fcm).times(1);
    rig.simulator.fault(trouble);
    let mut live = rig.client.events("follow=true").await.unwrap();

    let mut body = text_to_bob(json!({"Desc": "Lunch?"}));
    body["To_Account"] = json!(["bob", "eve", "nobody"]);
    let answer = call(&rig, "batchsendmsg", &body).await.expect(202);

    let id = text(&answer, "TaskId");
    let mut told = Vec::new();
    for _ in 0..5 {
        told.push(live.next().await.unwrap().expect("more events"));
    }
    let cursors: Vec<_> = told.iter().map(|it| it["cursor"].as_u64()).collect();
    assert!(cursors.is_sorted(), "{cursors:?}");
    let mut ends: Vec<_> = told
        .iter()
        .map(|it| {
            assert_eq!(it["id"], id, "{it:#}");
            ["user", "device", "channel", "outcome", "code"].map(|member| text(it, member))
        })
        .collect();
    ends.sort_unstable();
    assert_eq!(
        ends,
        [
            ["bob", "apns", "ios", "accepted", ""],
            ["bob", "tablet", "android", "accepted", ""],
            ["bob", "watch", "ios", "invalid_token", "Unregistered"],
            ["eve", "fcm", "android", "suppressed", "foreground"],
            ["nobody", "", "", "suppressed", "no_device"],
        ]
    );
    // Who was away hears the rest, from where it stopped.
    let since = format!("since={}", told[2]["cursor"]);
    let mut missed = rig.client.events(&since).await.unwrap();
    assert_eq!(missed.next().await.unwrap().as_ref(), Some(&told[3]));
    assert_eq!(missed.next().await.unwrap().as_ref(), Some(&told[4]));
    assert_eq!(missed.next().await.unwrap(), None);

    let trace = trace_of(&rig, id).await;
    let deliveries = trace["deliveries"].as_array().expect("a list");
    assert_eq!(deliveries.len(), 5, "{trace:#}");
    let tablet = deliveries.iter().find(|it| it["device"] == "tablet");
    let tablet = tablet.expect("in the trace");
    let tries: Vec<_> = tablet["attempts"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|it| [text(it, "class"), text(it, "fault")])
        .collect();
    assert_eq!(tries, [["unavailable", "vendor"], ["accepted", "none"]]);
    let outcome = &tablet["outcome"];
    assert!(!text(outcome, "vendor_id").is_empty(), "{trace:#}");
    let told = nudgectl(&rig, &["trace", id]).await.out;
    for words in ["bob/tablet via android (fcm)", "foreground", "no_device"] {
        assert!(told.contains(words), "{words}: {told}");
    }
}

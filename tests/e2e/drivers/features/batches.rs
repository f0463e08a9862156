//! Several devices in one request, and one bad among them.

use nudged_rig::vendor::{HARMONY, HONOR, HUAWEI, MEIZU, OPPO, TPNS, VENDORS, VIVO, XIAOMI};
use nudged_rig::{RigOptions, Vendor};
use nudged_simulator::{Fault, FaultKind, Vendor as Service};
use serde_json::{Value, json};

use super::{EXT, ONE_BY_ONE};
use crate::world::{rig_of, rig_with};

fn three(vendor: Vendor) -> Value {
    let to: Vec<_> = (1..=3)
        .map(|number| json!({"channel": vendor.channel, "token": vendor.numbered(number)}))
        .collect();
    json!({"to": to, "message": {"title": "Carol", "body": "Lunch?", "ext": EXT}})
}

#[tokio::test]
async fn three_devices_share_a_request_where_a_vendor_takes_batches() {
    let rig = rig_of(&VENDORS).await;
    for vendor in VENDORS {
        let id = rig.accept(&three(vendor)).await.unwrap();
        let events = rig.client.outcomes(&id, 3).await.unwrap();
        assert!(
            events.iter().all(|event| event["outcome"] == "accepted"),
            "{}: {events:?}",
            vendor.title
        );
        let received = rig.simulator.received();
        let received: Vec<_> = received
            .iter()
            .filter(|it| it.vendor == vendor.name)
            .collect();
        let sizes: Vec<_> = received.iter().map(|it| it.tokens.len()).collect();
        match ONE_BY_ONE.contains(&vendor.name) {
            true => assert_eq!(sizes, [1, 1, 1], "{}", vendor.title),
            false => assert_eq!(sizes, [3], "{}", vendor.title),
        }
        for message in received {
            let shown = vendor.shown(message);
            assert_eq!(
                (shown.title.as_str(), shown.body.as_str()),
                ("Carol", "Lunch?")
            );
            assert_eq!(shown.ext, EXT, "{}", vendor.title);
        }
    }
}

/// What a vendor says of a dead token in a batch of three, in its own word; the two others
/// must get the message once, and the dead one must leave the registry.
const DEAD: [(Vendor, Service, &str); 8] = [
    (HUAWEI, Service::Huawei, "illegal_tokens"),
    (OPPO, Service::Oppo, "10000"),
    (VIVO, Service::Vivo, "2"),
    (MEIZU, Service::Meizu, "110003"),
    (TPNS, Service::Tpns, "1008029"),
    (HONOR, Service::Honor, "expireTokens"),
    (HARMONY, Service::Harmony, "tokenFormatError"),
    // Xiaomi names no token of a batch: a dead one counts as accepted.
    (XIAOMI, Service::Xiaomi, "16"),
];

#[tokio::test]
async fn a_dead_token_in_a_batch_costs_nobody_else_the_message() {
    let rig = rig_of(&VENDORS).await;
    for (vendor, service, condition) in DEAD {
        rig.simulator
            .vendor(service)
            .set_token_condition(&vendor.numbered(2), condition);
        let id = rig.accept(&three(vendor)).await.unwrap();
        rig.client.outcomes(&id, 3).await.unwrap();
        let trace = rig.client.trace(&id).await.unwrap().expect(200);
        let kinds: Vec<_> = (0..3)
            .map(|n| trace["deliveries"][n]["outcome"]["kind"].clone())
            .collect();
        let dead = match vendor.name {
            "xiaomi" => "accepted",
            _ => "invalid_token",
        };
        assert_eq!(
            kinds,
            ["accepted", dead, "accepted"],
            "{}: {trace:#}",
            vendor.title
        );
        let received = rig.simulator.received();
        let reached = received
            .iter()
            .filter(|it| it.vendor == vendor.name)
            .flat_map(|it| it.tokens.iter().cloned());
        let mut reached: Vec<_> = reached.collect();
        reached.sort();
        assert_eq!(
            reached,
            [vendor.numbered(1), vendor.numbered(3)],
            "{}",
            vendor.title
        );
    }
}

#[tokio::test]
async fn the_device_for_which_a_whole_batch_is_refused_is_found_and_the_others_are_served() {
    let rig = rig_of(&[XIAOMI]).await;
    // Not a device's own state, but a refusal of every request that has the token in it.
    let refusal = FaultKind::Status {
        status: 200,
        reason: Some("66007".into()),
        retry_after: None,
        timestamp_ms: None,
    };
    let bad = XIAOMI.numbered(2);
    rig.simulator.fault(
        Fault::new(refusal)
            .of(Service::Xiaomi)
            .for_token(bad.as_str()),
    );
    let id = rig.accept(&three(XIAOMI)).await.unwrap();
    rig.client.outcomes(&id, 3).await.unwrap();
    let trace = rig.client.trace(&id).await.unwrap().expect(200);
    let kinds: Vec<_> = (0..3)
        .map(|n| trace["deliveries"][n]["outcome"]["kind"].clone())
        .collect();
    assert_eq!(
        kinds,
        ["accepted", "invalid_token", "accepted"],
        "{trace:#}"
    );
}

#[tokio::test]
async fn a_batch_in_which_every_device_is_refused_comes_to_an_end_with_one_connection() {
    let rig = rig_with(RigOptions {
        vendors: vec![XIAOMI],
        channel_end: "[limits]\nconcurrency = 1\n".into(),
        ..RigOptions::default()
    })
    .await;
    let to: Vec<_> = (0..20)
        .map(|number| {
            let token = XIAOMI.numbered(number);
            rig.simulator
                .vendor(Service::Xiaomi)
                .set_token_condition(&token, "16");
            json!({"channel": XIAOMI.channel, "token": token})
        })
        .collect();
    let id = rig
        .accept(&json!({"to": to, "message": {"title": "Carol", "body": "Lunch?"}}))
        .await
        .unwrap();
    let events = rig.client.outcomes(&id, 20).await.unwrap();
    let dead = events
        .iter()
        .filter(|event| event["outcome"] == "invalid_token");
    assert_eq!(dead.count(), 20);
    // A binary tree with twenty leaves.
    let refused = rig
        .simulator
        .counts()
        .of(Service::Xiaomi)
        .refused
        .values()
        .sum::<u64>();
    assert_eq!(refused, 39);
}

#[tokio::test]
async fn an_answer_that_lists_a_thousand_dead_tokens_is_read() {
    let rig = rig_of(&[HUAWEI]).await;
    // As long as Huawei's are.
    let token = |number: usize| format!("{}{}", HUAWEI.numbered(number), "x".repeat(66));
    for number in 1..1000 {
        rig.simulator
            .vendor(Service::Huawei)
            .set_token_condition(&token(number), "illegal_tokens");
    }
    let to: Vec<_> = (0..1000)
        .map(|number| json!({"channel": HUAWEI.channel, "token": token(number)}))
        .collect();
    let id = rig
        .accept(&json!({"to": to, "message": {"title": "Carol", "body": "Lunch?"}}))
        .await
        .unwrap();
    let events = rig.client.outcomes(&id, 1000).await.unwrap();
    let dead = events
        .iter()
        .filter(|event| event["outcome"] == "invalid_token");
    assert_eq!(dead.count(), 999);
    assert_eq!(rig.simulator.counts().of(Service::Huawei).accepted, 1);
}

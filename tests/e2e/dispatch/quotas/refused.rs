use nudged_rig::vendor::{OPPO, XIAOMI};
use nudged_simulator::{Fault, FaultKind, Vendor as Service};
use serde_json::json;

use super::{class, held, message, rig, taken};
use crate::world::{all_accepted, nudgectl, rig_of, taken_by, text, until};

#[tokio::test]
async fn what_the_vendor_refused_before_a_crash_is_not_asked_again() {
    let mut rig = rig("").await;
    rig.simulator
        .vendor(Service::Xiaomi)
        .set_daily_quota(Some(0));
    let refused = held(&rig, &message("public", 1)).await;
    let code = refused["attempts"][0]["code"].clone();
    let before = class(&rig, "public").await;
    assert_eq!(before["held"]["code"], code, "{before:#}");
    rig.simulator.vendor(Service::Xiaomi).set_daily_quota(None);
    let requests = rig.simulator.counts().of(Service::Xiaomi).requests;
    rig.kill9().await.unwrap();
    rig.launch().await.unwrap();

    let second = held(&rig, &message("public", 1)).await;

    let attempt = &second["attempts"][0];
    assert_eq!(attempt["code"], code, "{second:#}");
    assert!(text(attempt, "text").starts_with("not sent"), "{second:#}");
    let after = class(&rig, "public").await;
    assert_eq!(after["held"]["until"], before["held"]["until"], "{after:#}");
    assert_eq!(
        rig.simulator.counts().of(Service::Xiaomi).requests,
        requests
    );
    let event = rig.deliver(&message("private", 1)).await.unwrap();
    assert_eq!(event["outcome"], "accepted", "{event:#}");
    assert_eq!(taken(&rig), 1);
}

#[tokio::test]
async fn the_operator_releases_one_class() {
    let rig = rig("").await;
    rig.simulator
        .vendor(Service::Xiaomi)
        .set_daily_quota(Some(0));
    let id = rig.accept(&message("public", 1)).await.unwrap();
    let closed = async || !class(&rig, "public").await["held"].is_null();
    until("the refusal", closed).await;
    rig.simulator.vendor(Service::Xiaomi).set_daily_quota(None);
    let unknown = nudgectl(&rig, &["queue", "release", XIAOMI.channel, "--class", "x"]).await;
    assert!(unknown.err.contains("public"), "{unknown:?}");
    // A flush does not go against the vendor's word.
    let flushed = nudgectl(&rig, &["queue", "flush", XIAOMI.channel]).await;
    assert_eq!(flushed.code, Some(0), "{flushed:?}");
    assert!(!class(&rig, "public").await["held"].is_null());

    let released = nudgectl(
        &rig,
        &["queue", "release", XIAOMI.channel, "--class", "public"],
    )
    .await;

    assert!(released.out.contains("class public"), "{released:?}");
    all_accepted(&rig, &[id]).await;
    assert!(class(&rig, "public").await["held"].is_null());
}

#[tokio::test]
async fn a_refusal_of_what_is_in_no_class_is_remembered_over_a_restart_too() {
    let mut rig = rig_of(&[OPPO]).await;
    let used_up = FaultKind::Status {
        status: 200,
        reason: Some("33".into()),
        retry_after: None,
        timestamp_ms: None,
    };
    let fault = Fault::new(used_up).times(1);
    rig.simulator.fault(fault.of(Service::Oppo));
    // Without a category the vendor's console decides on the class.
    let to = json!([{"channel": OPPO.channel, "token": OPPO.token}]);
    let plain = json!({"to": to, "message": {"title": "Bob", "body": "hello"}});
    let refused = held(&rig, &plain).await;
    assert_eq!(refused["attempts"][0]["code"], "33", "{refused:#}");
    rig.restart().await.unwrap();

    let second = held(&rig, &plain).await;

    let attempt = &second["attempts"][0];
    assert_eq!(attempt["code"], "33", "{second:#}");
    assert!(text(attempt, "text").starts_with("not sent"), "{second:#}");
    // The fault was for one: had OPPO been asked, it would have taken it.
    assert_eq!(taken_by(&rig, OPPO).len(), 0);
}

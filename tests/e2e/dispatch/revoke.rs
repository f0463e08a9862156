//! Revoking: what waits is never sent, and vendors that can take back what they have.

use nudged_rig::vendor::{HARMONY, XIAOMI};
use nudged_rig::{APNS, FCM, Rig, RigOptions, Settings, Vendor};
use nudged_simulator::{Fault, FaultKind, Vendor as Service};
use serde_json::{Value, json};

use crate::world::stranger::Stranger;
use crate::world::{
    nudgectl, problem, refusal, reload, rig, rig_of, rig_with, taken_by, text, to_token, trace_of,
    until,
};

async fn register(rig: &Rig, vendor: Vendor) {
    rig.register(vendor.user, vendor.device, vendor.channel, vendor.token)
        .await
        .unwrap();
}

fn to_users(vendors: &[Vendor]) -> Value {
    let to: Vec<_> = vendors.iter().map(|it| json!({"user": it.user})).collect();
    json!({"to": to, "message": {"title": "Carol", "body": "Lunch?"}})
}

/// Sends to one device of each of these vendors, all of which accept it.
async fn accepted(rig: &Rig, notification: &Value, count: usize) -> String {
    let id = rig.accept(notification).await.unwrap();
    let events = rig.client.outcomes(&id, count).await.unwrap();
    let well = events.iter().all(|event| event["outcome"] == "accepted");
    assert!(well, "{events:#?}");
    id
}

async fn revoke(rig: &Rig, id: &str) -> Vec<Value> {
    let path = format!("/v1/notifications/{id}");
    let answer = rig.client.delete(&path).await.unwrap().expect(200);
    assert_eq!(answer["id"], id);
    answer["deliveries"].as_array().unwrap().clone()
}

/// What came of the only delivery: its state and code.
async fn revoked_one(rig: &Rig, id: &str) -> (String, String) {
    let deliveries = revoke(rig, id).await;
    assert_eq!(deliveries.len(), 1, "{deliveries:#?}");
    let one = &deliveries[0];
    (text(one, "state").to_owned(), text(one, "code").to_owned())
}

fn not_recalled(code: &str) -> (String, String) {
    ("not_recalled".to_owned(), code.to_owned())
}

fn states(deliveries: &[Value]) -> Vec<&str> {
    deliveries.iter().map(|it| text(it, "state")).collect()
}

#[tokio::test]
async fn req_63_revoke_takes_back_what_the_vendor_can_take_back() {
    let vendors = [HARMONY, XIAOMI, FCM];
    let rig = rig_of(&vendors).await;
    for vendor in vendors {
        register(&rig, vendor).await;
    }
    let id = accepted(&rig, &to_users(&vendors), 3).await;
    let shown = || {
        [
            (Service::Harmony, HARMONY),
            (Service::Xiaomi, XIAOMI),
            (Service::Fcm, FCM),
        ]
        .map(|(service, vendor)| rig.simulator.vendor(service).shown(vendor.token).len())
    };
    assert_eq!(shown(), [1, 1, 1]);

    let deliveries = revoke(&rig, &id).await;

    assert_eq!(
        states(&deliveries),
        ["recalled", "recalled", "not_recalled"],
        "{deliveries:#?}"
    );
    assert_eq!(shown(), [0, 0, 1]);
    assert_eq!(deliveries[2]["code"], "not_supported");
    assert!(text(&deliveries[2], "text").contains("no way to take back"));
    assert!(text(&deliveries[2], "remedy").contains("collapse_key"));
    let trace = trace_of(&rig, &id).await;
    let told: Vec<_> = (0..3)
        .map(|n| trace["deliveries"][n]["recall"]["state"].clone())
        .collect();
    assert_eq!(told, ["recalled", "recalled", "not_recalled"], "{trace:#}");
    assert_eq!(trace["deliveries"][0]["outcome"]["kind"], "accepted");

    // Whom it is taken back from already, nobody asks again.
    let recalls = |service| rig.simulator.counts().of(service).recalls;
    assert_eq!(
        [recalls(Service::Harmony), recalls(Service::Xiaomi)],
        [1, 1]
    );
    assert_eq!(states(&revoke(&rig, &id).await), states(&deliveries));
    assert_eq!(
        [recalls(Service::Harmony), recalls(Service::Xiaomi)],
        [1, 1]
    );

    let ran = nudgectl(&rig, &["revoke", &id]).await;
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(ran.out.contains("#0  recalled"), "{}", ran.out);
    assert!(
        ran.out.contains("#2  not recalled not_supported"),
        "{}",
        ran.out
    );
    let ran = nudgectl(&rig, &["trace", &id]).await;
    assert!(ran.out.contains("    recalled at "), "{}", ran.out);
    assert!(ran.out.contains("    not recalled at "), "{}", ran.out);
}

#[tokio::test]
async fn what_waits_is_never_sent() {
    let rig = rig().await;
    rig.simulator.fault(Fault::new(refusal(503)));
    let id = rig.accept(&to_token(1, "Lunch?")).await.unwrap();
    let is_refused = async || !rig.simulator.counts().apns.refused.is_empty();
    until("the first refusal", is_refused).await;

    let answer = revoked_one(&rig, &id).await;

    assert_eq!(answer, ("revoked".to_owned(), "revoked".to_owned()));
    rig.simulator.clear_faults();
    let events = rig.client.outcomes(&id, 1).await.unwrap();
    assert_eq!(events[0]["outcome"], "suppressed", "{events:#?}");
    assert_eq!(events[0]["code"], "revoked");
    assert!(taken_by(&rig, APNS).is_empty());
    let trace = trace_of(&rig, &id).await;
    let outcome = &trace["deliveries"][0]["outcome"];
    assert!(text(outcome, "text").contains("revoked"), "{trace:#}");
    // A second time it is told the same.
    assert_eq!(revoked_one(&rig, &id).await, answer);
}

#[tokio::test]
async fn a_revocation_holds_after_a_crash() {
    let mut rig = rig().await;
    let soon = FaultKind::Status {
        status: 429,
        reason: None,
        retry_after: Some("3".into()),
        timestamp_ms: None,
    };
    rig.simulator.fault(Fault::new(soon).times(1));
    let id = rig.accept(&to_token(1, "Lunch?")).await.unwrap();
    let is_refused = async || !rig.simulator.counts().apns.refused.is_empty();
    until("the refusal", is_refused).await;
    revoke(&rig, &id).await;

    rig.kill9().await.unwrap();
    rig.launch().await.unwrap();

    let events = rig.client.outcomes(&id, 1).await.unwrap();
    assert_eq!(events[0]["outcome"], "suppressed", "{events:#?}");
    assert_eq!(events[0]["code"], "revoked");
    assert!(taken_by(&rig, APNS).is_empty());
}

#[tokio::test]
async fn what_waits_tells_that_it_is_revoked() {
    let rig = rig_with(RigOptions {
        settings: Settings {
            first_retry: "1h".into(),
            longest_retry: "1h".into(),
            ..Settings::default()
        },
        ..RigOptions::default()
    })
    .await;
    rig.simulator.fault(Fault::new(refusal(503)));
    let id = rig.accept(&to_token(1, "Lunch?")).await.unwrap();
    let is_refused = async || !rig.simulator.counts().apns.refused.is_empty();
    until("the first refusal", is_refused).await;
    revoke(&rig, &id).await;
    let trace = trace_of(&rig, &id).await;
    let delivery = &trace["deliveries"][0];
    assert_eq!(delivery["state"], "queued", "{trace:#}");
    assert!(text(delivery, "waits_for").contains("revoked"), "{trace:#}");
}

#[tokio::test]
async fn what_is_under_way_is_taken_back_once_it_is_accepted() {
    let rig = rig_of(&[XIAOMI]).await;
    register(&rig, XIAOMI).await;
    let slow = FaultKind::Delay { ms: 1500 };
    rig.simulator
        .fault(Fault::new(slow).of(Service::Xiaomi).times(1));
    let id = rig.accept(&to_users(&[XIAOMI])).await.unwrap();
    let is_there = async || rig.simulator.counts().of(Service::Xiaomi).accepted == 1;
    until("the request", is_there).await;

    assert_eq!(states(&revoke(&rig, &id).await), ["revoked"]);

    let is_recalled = async || {
        let trace = trace_of(&rig, &id).await;
        trace["deliveries"][0]["recall"]["state"] == "recalled"
    };
    until("the recall", is_recalled).await;
    assert!(
        rig.simulator
            .vendor(Service::Xiaomi)
            .shown(XIAOMI.token)
            .is_empty()
    );
    let trace = trace_of(&rig, &id).await;
    assert_eq!(trace["deliveries"][0]["outcome"]["kind"], "accepted");
}

#[tokio::test]
async fn devices_that_shared_a_request_are_recalled_in_one() {
    let rig = rig_of(&[HARMONY]).await;
    for number in 1..=3 {
        let device = format!("phone-{number}");
        rig.register("hari", &device, HARMONY.channel, &HARMONY.numbered(number))
            .await
            .unwrap();
    }
    let id = accepted(&rig, &to_users(&[HARMONY]), 3).await;
    let requests = || rig.simulator.counts().of(Service::Harmony).requests;
    let before = requests();

    let deliveries = revoke(&rig, &id).await;

    assert_eq!(states(&deliveries), ["recalled"; 3], "{deliveries:#?}");
    assert_eq!(requests() - before, 1);
    for number in 1..=3 {
        let token = HARMONY.numbered(number);
        assert!(
            rig.simulator
                .vendor(Service::Harmony)
                .shown(&token)
                .is_empty()
        );
    }
}

#[tokio::test]
async fn what_a_vendor_refuses_to_take_back_can_be_asked_again() {
    let rig = rig_of(&[HARMONY]).await;
    register(&rig, HARMONY).await;
    let id = accepted(&rig, &to_users(&[HARMONY]), 1).await;
    let said = |status, reason: &str| {
        let kind = FaultKind::Status {
            status,
            reason: Some(reason.into()),
            retry_after: None,
            timestamp_ms: None,
        };
        rig.simulator
            .fault(Fault::new(kind).of(Service::Harmony).times(1));
    };
    said(400, "80300032");
    let deliveries = revoke(&rig, &id).await;
    assert_eq!(deliveries[0]["state"], "not_recalled", "{deliveries:#?}");
    assert_eq!(deliveries[0]["code"], "80300032");
    assert!(text(&deliveries[0], "remedy").contains("AppGallery Connect"));
    // Nothing of that holds the channel, and an expired grant is renewed on the way.
    said(401, "80200005");
    assert_eq!(revoked_one(&rig, &id).await.0, "recalled");
    assert!(
        rig.simulator
            .vendor(Service::Harmony)
            .shown(HARMONY.token)
            .is_empty()
    );
    let trace = trace_of(&rig, &id).await;
    assert_eq!(trace["deliveries"][0]["recall"]["state"], "recalled");
}

#[tokio::test]
async fn what_cannot_be_taken_back_is_told_why() {
    let rig = rig_of(&[HARMONY, XIAOMI]).await;
    // A token is not kept in the trace, so it must be a device's.
    let to = json!({"channel": XIAOMI.channel, "token": XIAOMI.token});
    let message = json!({"title": "Carol", "body": "Lunch?"});
    let bare = json!({"to": [to], "message": message});
    let id = accepted(&rig, &bare, 1).await;
    assert_eq!(revoked_one(&rig, &id).await, not_recalled("no_device"));

    register(&rig, XIAOMI).await;
    let id = accepted(&rig, &to_users(&[XIAOMI]), 1).await;
    let other = XIAOMI.numbered(7);
    rig.register(XIAOMI.user, XIAOMI.device, XIAOMI.channel, &other)
        .await
        .unwrap();
    assert_eq!(revoked_one(&rig, &id).await, not_recalled("device_gone"));

    register(&rig, XIAOMI).await;
    let silent =
        json!({"to": [{"user": XIAOMI.user}], "message": {"kind": "background", "ext": "x"}});
    let id = accepted(&rig, &silent, 1).await;
    assert_eq!(revoked_one(&rig, &id).await, not_recalled("not_recallable"));

    register(&rig, HARMONY).await;
    let id = accepted(&rig, &to_users(&[HARMONY]), 1).await;
    let file = rig.home.channel_file(HARMONY.channel);
    let channel = std::fs::read_to_string(&file).unwrap();
    let without = channel.replace("client_id = ", "#client_id = ");
    rig.home.write_channel(HARMONY.channel, &without).unwrap();
    reload(&rig).await;
    let deliveries = revoke(&rig, &id).await;
    assert_eq!(deliveries[0]["code"], "NoClientId", "{deliveries:#?}");
    assert!(text(&deliveries[0], "text").contains("settings.client_id"));
    rig.home.remove_channel(HARMONY.channel).unwrap();
    reload(&rig).await;
    assert_eq!(revoked_one(&rig, &id).await, not_recalled("no_channel"));
}

#[tokio::test]
async fn what_ended_otherwise_stays_as_it_is() {
    let rig = rig().await;
    rig.simulator.fault(Fault::new(refusal(413)).times(1));
    let id = rig.accept(&to_token(1, "Lunch?")).await.unwrap();
    rig.client.outcomes(&id, 1).await.unwrap();
    let deliveries = revoke(&rig, &id).await;
    assert_eq!(deliveries[0]["state"], "ended", "{deliveries:#?}");
    assert!(text(&deliveries[0], "text").contains("rejected"));
    let trace = trace_of(&rig, &id).await;
    assert!(trace["deliveries"][0].get("recall").is_none());
}

#[tokio::test]
async fn an_unknown_notification_cannot_be_revoked() {
    let rig = rig().await;
    for id in ["0198c6b4-2a51-7c3e-9a4d-5f0e6b7c8d90", "x"] {
        let path = format!("/v1/notifications/{id}");
        let reply = rig.client.delete(&path).await.unwrap();
        let problem = problem(reply, 404, "not_found");
        assert!(text(&problem, "detail").contains(id), "{problem:#}");
        let ran = nudgectl(&rig, &["revoke", id]).await;
        assert_eq!(ran.code, Some(1), "{ran:?}");
    }
}

/// Only root can be somebody else, so for others there is nothing to see here.
#[tokio::test]
async fn who_may_not_send_may_not_revoke() {
    let rules = "[[access]]\nusers = [\"65534\"]\napps = [\"other\"]\nverbs = [\"send\"]\n\
                 [[access]]\nusers = [\"65534\"]\napps = [\"*\"]\nverbs = [\"observe\"]\n";
    let Some(stranger) = Stranger::under(rules).await else {
        return;
    };
    let id = accepted(&stranger.rig, &to_token(1, "Lunch?"), 1).await;

    let output = stranger.nudgectl(&["revoke", &id]).await;

    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(complaint.contains("may not send"), "{output:?}");
    assert!(!output.status.success());
    let trace = trace_of(&stranger.rig, &id).await;
    assert!(trace["deliveries"][0].get("recall").is_none(), "{trace:#}");
}

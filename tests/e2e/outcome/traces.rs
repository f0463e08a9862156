//! Outcomes: what the trace tells of a delivery, how one ends that a vendor refuses or whose
//! lifetime is over, and the sums of all in the status.

use crate::world::{
    all_accepted, header, only_taken, refusal, rig, send_all, taken_by, text_at, to_token, to_user,
    to_vendor, trace_of, until,
};
use nudged_rig::{APNS, BASICS, DEADLINE, FCM, Rig};
use nudged_simulator::{Fault, FaultKind};
use serde_json::{Value, json};

#[tokio::test]
async fn the_trace_tells_everything_but_the_token() {
    let rig = rig().await;
    rig.register("bob", "phone", "ios", APNS.token)
        .await
        .unwrap();
    rig.simulator.fault(Fault::new(refusal(503)).times(1));

    let event = rig.deliver(&to_user("bob", "hello")).await.unwrap();

    let trace = trace_of(&rig, text_at(&event, "/id")).await;
    let delivery = &trace["deliveries"][0];
    for (member, value) in [
        ("user", "bob"),
        ("device", "phone"),
        ("channel", "ios"),
        ("driver", "apns"),
        ("state", "done"),
    ] {
        assert_eq!(delivery[member], value, "{member}");
    }
    let attempts = delivery["attempts"].as_array().unwrap();
    assert_eq!(attempts.len(), 2, "{trace:#}");
    assert_eq!(attempts[0]["class"], "unavailable");
    assert_eq!(attempts[0]["code"], "ServiceUnavailable");
    assert!(!text_at(&attempts[0], "/remedy").is_empty());
    assert!(attempts[0]["retry_at"].is_string());
    assert_eq!(attempts[1]["class"], "accepted");
    assert!(attempts[1]["elapsed_ms"].is_u64(), "{trace:#}");
    assert_eq!(delivery["outcome"]["kind"], "accepted");
    assert_eq!(delivery["outcome"]["vendor_id"], event["vendor_id"]);
    assert!(text_at(&trace, "/expires_at") > text_at(&trace, "/accepted_at"));
    let token = text_at(delivery, "/token");
    assert!(token.chars().count() < 16, "{token}");
    assert!(APNS.token.starts_with(&token[..4]), "{token}");
    assert!(!trace.to_string().contains(APNS.token));
    assert!(!rig.log().contains(APNS.token));
}

#[tokio::test]
async fn the_trace_of_what_is_under_way_says_queued() {
    let rig = rig().await;
    rig.simulator
        .fault(Fault::new(FaultKind::Hang { ms: None }).times(1));

    let id = rig.accept(&to_vendor(APNS, "hello?")).await.unwrap();

    let hangs = |counts: &nudged_simulator::Counts| counts.apns.faults.contains_key("hang");
    assert!(rig.simulator.wait_for(DEADLINE, hangs).await);
    let trace = trace_of(&rig, &id).await;
    let delivery = &trace["deliveries"][0];
    assert_eq!(delivery["state"], "queued", "{trace:#}");
    assert_eq!(delivery["outcome"], Value::Null);
    assert_eq!(delivery["attempts"], json!([]));
}

#[tokio::test]
async fn an_unknown_notification_is_not_found() {
    let rig = rig().await;
    for id in ["01890000-0000-7000-8000-000000000000", "what", "%2e%2e"] {
        let problem = rig.client.trace(id).await.unwrap().expect(404);
        assert_eq!(problem["code"], "not_found");
    }
}

#[tokio::test]
async fn what_a_vendor_refuses_is_explained_and_not_sent_again() {
    let rig = rig().await;
    rig.simulator
        .apns()
        .bind_token(APNS.token, "com.example.other");

    let event = rig.deliver(&to_vendor(APNS, "wrong app")).await.unwrap();

    assert_ne!(event["outcome"], "accepted", "{event:#}");
    assert_eq!(event["code"], "DeviceTokenNotForTopic");
    let trace = trace_of(&rig, text_at(&event, "/id")).await;
    assert!(!text_at(&trace, "/deliveries/0/outcome/remedy").is_empty());
    assert_eq!(rig.simulator.counts().apns.requests, 1);
    assert!(taken_by(&rig, APNS).is_empty());
}

#[tokio::test]
async fn a_lifetime_of_zero_is_one_attempt() {
    for vendor in BASICS {
        let rig = rig().await;
        rig.simulator.fault(Fault::new(refusal(503)));
        let mut notification = to_vendor(vendor, "now or never");
        notification["ttl"] = json!(0);

        let event = rig.deliver(&notification).await.unwrap();

        assert_eq!(event["outcome"], "expired", "{event:#}");
        let trace = trace_of(&rig, text_at(&event, "/id")).await;
        let attempts = trace["deliveries"][0]["attempts"].as_array().unwrap();
        assert_eq!(attempts.len(), 1, "{trace:#}");
        let counts = rig.simulator.counts();
        assert_eq!(counts.apns.requests + counts.fcm.requests, 1);
    }
}

#[tokio::test]
async fn a_lifetime_of_zero_tells_the_vendor_to_keep_nothing() {
    let rig = rig().await;
    for vendor in BASICS {
        let mut notification = to_vendor(vendor, "now");
        notification["ttl"] = json!(0);

        let event = rig.deliver(&notification).await.unwrap();

        assert_eq!(event["outcome"], "accepted", "{event:#}");
    }
    assert_eq!(header(&only_taken(&rig, APNS), "apns-expiration"), "0");
    assert_eq!(
        only_taken(&rig, FCM).body["message"]["android"]["ttl"],
        "0s"
    );
}

#[tokio::test]
async fn nothing_is_attempted_after_its_lifetime() {
    let rig = rig().await;
    rig.simulator.fault(Fault::new(refusal(503)));
    let mut notification = to_vendor(APNS, "quick");
    notification["ttl"] = json!(1);

    let event = rig.deliver(&notification).await.unwrap();

    assert_eq!(event["outcome"], "expired", "{event:#}");
    let trace = trace_of(&rig, text_at(&event, "/id")).await;
    let end = text_at(&trace, "/expires_at");
    for attempt in trace["deliveries"][0]["attempts"].as_array().unwrap() {
        assert!(text_at(attempt, "/at") < end, "{trace:#}");
    }
}

#[tokio::test]
async fn the_status_adds_up() {
    let rig = rig().await;
    let ids = send_all(&rig, (0..30).map(|n| to_token(n, "x"))).await;
    all_accepted(&rig, &ids).await;

    // An event is told before the delivery's place in memory is given up.
    let empty = json!({"ready": 0, "waiting": 0, "in_flight": 0});
    until("the empty queue", async || {
        status(&rig).await["queue"] == empty
    })
    .await;
    let status = status(&rig).await;

    assert_eq!(
        (&status["channels"], &status["drivers"]),
        (&json!(2), &json!(2))
    );
    assert_eq!(status["status"], "ready");
    assert_eq!(status["totals"]["notifications"], 30);
    assert_eq!(status["totals"]["deliveries"], 30);
    assert_eq!(status["totals"]["requests"], 30);
    assert_eq!(status["totals"]["outcomes"]["accepted"], 30);
}

async fn status(rig: &Rig) -> Value {
    rig.client.get("/v1/status").await.unwrap().expect(200)
}

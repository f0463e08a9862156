use nudged_rig::{APNS, FCM, Settings};
use nudged_simulator::{Fault, FaultKind, Vendor};
use serde_json::{Value, json};

use crate::{
    apns_token, impatient_rig, now_ms, only_message, outcomes_of, received_by, rig, rig_with,
    send_many, text, to_token, trace,
};

fn status(status: u16) -> FaultKind {
    FaultKind::Status {
        status,
        reason: None,
        retry_after: None,
        timestamp_ms: None,
    }
}

fn come_back_in(status: u16, seconds: &str) -> FaultKind {
    let retry_after = Some(seconds.to_owned());
    FaultKind::Status {
        status,
        reason: None,
        retry_after,
        timestamp_ms: None,
    }
}

#[tokio::test]
async fn too_many_requests_waits_as_long_as_the_vendor_asks() {
    for (vendor, service) in [(APNS, Vendor::Apns), (FCM, Vendor::Fcm)] {
        let rig = rig().await;
        rig.simulator
            .fault(Fault::new(come_back_in(429, "2")).of(service).times(1));
        let sent_at = now_ms();

        let event = rig
            .deliver(&to_token(vendor, vendor.token, "patience"))
            .await
            .unwrap();

        assert_eq!(event["outcome"], "accepted", "{event}");
        // The vendor asked after `sent_at`, so two seconds from then is the least.
        let arrived_at = only_message(&rig, vendor).at_ms;
        assert!(
            arrived_at >= sent_at + 2000,
            "after {} ms",
            arrived_at - sent_at
        );
    }
}

#[tokio::test]
async fn unavailable_waits_as_long_as_the_vendor_asks() {
    let rig = rig().await;
    rig.simulator
        .fault(Fault::new(come_back_in(503, "2")).of(Vendor::Fcm).times(1));
    let sent_at = now_ms();

    let event = rig
        .deliver(&to_token(FCM, FCM.token, "patience"))
        .await
        .unwrap();

    assert_eq!(event["outcome"], "accepted", "{event}");
    assert!(only_message(&rig, FCM).at_ms >= sent_at + 2000);
}

#[tokio::test]
async fn server_errors_are_retried_with_growing_waits() {
    let rig = rig().await;
    rig.simulator.fault(Fault::new(status(500)).times(1));
    rig.simulator.fault(Fault::new(status(503)).times(3));

    let event = rig
        .deliver(&to_token(APNS, APNS.token, "again"))
        .await
        .unwrap();

    assert_eq!(event["outcome"], "accepted", "{event}");
    let trace = trace(&rig, text(&event, "/id")).await;
    let attempts = trace["deliveries"][0]["attempts"].as_array().unwrap();
    assert_eq!(attempts.len(), 5, "{trace:#}");
    assert_eq!(rig.simulator.counts().apns.requests, 5);
    // Half of each wait is left to chance, so only its least can be told: 25, 50, 100, 200 ms.
    let waited = only_message(&rig, APNS).at_ms;
    let first = rig.simulator.counts();
    assert!(waited > 0 && first.apns.accepted == 1);
    assert!(
        attempts[..4].iter().all(|it| it["class"] == "unavailable"),
        "{trace:#}"
    );
}

#[tokio::test]
async fn an_expired_grant_is_refreshed_once_for_all() {
    let rig = rig().await;
    let first = rig
        .deliver(&to_token(FCM, FCM.token, "warm up"))
        .await
        .unwrap();
    assert_eq!(first["outcome"], "accepted");
    assert_eq!(rig.simulator.grants_issued(), 1);
    rig.simulator.fcm_revoke_grants();

    let lines: Vec<String> = (0..50)
        .map(|n| to_token(FCM, &format!("{}{n}", FCM.token), "x").to_string())
        .collect();
    let answers = rig.client.send_lines(&lines).await.unwrap();
    let ids: Vec<String> = answers
        .iter()
        .map(|it| text(it, "/id").to_owned())
        .collect();

    let outcomes = outcomes_of(&rig, &ids).await;
    assert!(
        outcomes.iter().all(|outcome| outcome == "accepted"),
        "{outcomes:?}"
    );
    assert_eq!(rig.simulator.grants_issued(), 2);
    assert_eq!(rig.simulator.counts().fcm.accepted, 51);
}

#[tokio::test]
async fn a_grant_is_fetched_once_however_many_wait_for_it() {
    let rig = rig().await;
    let lines: Vec<String> = (0..50)
        .map(|n| to_token(FCM, &format!("{}{n}", FCM.token), "x").to_string())
        .collect();

    let answers = rig.client.send_lines(&lines).await.unwrap();

    let ids: Vec<String> = answers
        .iter()
        .map(|it| text(it, "/id").to_owned())
        .collect();
    outcomes_of(&rig, &ids).await;
    assert_eq!(rig.simulator.grants_issued(), 1);
}

#[tokio::test]
async fn a_connection_that_ends_in_order_costs_nothing() {
    let rig = rig().await;
    rig.simulator
        .fault(Fault::new(FaultKind::GoAway).of(Vendor::Apns).times(3));

    let ids = send_many(&rig, 60).await;

    let outcomes = outcomes_of(&rig, &ids).await;
    assert!(
        outcomes.iter().all(|outcome| outcome == "accepted"),
        "{outcomes:?}"
    );
    assert_eq!(rig.simulator.counts().apns.accepted, 60);
    assert_eq!(rig.simulator.counts().apns.distinct_tokens, 60);
}

#[tokio::test]
async fn requests_that_are_reset_are_sent_again() {
    let rig = rig().await;
    rig.simulator
        .fault(Fault::new(FaultKind::Reset).of(Vendor::Apns).times(5));

    let ids = send_many(&rig, 60).await;

    let outcomes = outcomes_of(&rig, &ids).await;
    assert!(
        outcomes.iter().all(|outcome| outcome == "accepted"),
        "{outcomes:?}"
    );
    assert_eq!(rig.simulator.counts().apns.accepted, 60);
    assert_eq!(rig.simulator.counts().apns.distinct_tokens, 60);
}

#[tokio::test]
async fn requests_on_a_connection_that_is_cut_are_sent_again() {
    let rig = rig().await;
    rig.simulator
        .fault(Fault::new(FaultKind::Drop).of(Vendor::Apns).times(2));

    let ids = send_many(&rig, 60).await;

    let outcomes = outcomes_of(&rig, &ids).await;
    assert!(
        outcomes.iter().all(|outcome| outcome == "accepted"),
        "{outcomes:?}"
    );
    assert_eq!(rig.simulator.counts().apns.distinct_tokens, 60);
}

#[tokio::test]
async fn a_lost_answer_leads_to_a_second_message_with_the_same_id() {
    let rig = rig().await;
    rig.simulator
        .fault(Fault::new(FaultKind::LoseReply).of(Vendor::Apns).times(1));

    let event = rig
        .deliver(&to_token(APNS, APNS.token, "twice"))
        .await
        .unwrap();

    assert_eq!(event["outcome"], "accepted", "{event}");
    let received = received_by(&rig, APNS);
    assert_eq!(received.len(), 2);
    assert_eq!(received[0].vendor_id, received[1].vendor_id);
}

#[tokio::test]
async fn a_vendor_that_hangs_is_given_up_and_asked_again() {
    let rig = impatient_rig("400ms").await;
    rig.simulator.fault(
        Fault::new(FaultKind::Hang { ms: None })
            .of(Vendor::Apns)
            .times(1),
    );

    let event = rig
        .deliver(&to_token(APNS, APNS.token, "hello?"))
        .await
        .unwrap();

    assert_eq!(event["outcome"], "accepted", "{event}");
    let trace = trace(&rig, text(&event, "/id")).await;
    let first = &trace["deliveries"][0]["attempts"][0];
    assert_eq!(first["class"], "transport", "{trace:#}");
    assert!(first["elapsed_ms"].as_u64().unwrap() >= 400, "{first}");
    only_message(&rig, APNS);
}

#[tokio::test]
async fn a_vendor_that_hangs_does_not_hold_up_the_other() {
    let rig = rig().await;
    rig.simulator
        .fault(Fault::new(FaultKind::Hang { ms: None }).of(Vendor::Apns));
    send_many(&rig, 100).await;

    let event = rig
        .deliver(&to_token(FCM, FCM.token, "hello"))
        .await
        .unwrap();

    assert_eq!(event["outcome"], "accepted", "{event}");
    assert_eq!(rig.simulator.counts().apns.accepted, 0);
}

#[tokio::test]
async fn an_answer_that_makes_no_sense_is_not_taken_for_success() {
    for vendor in [APNS, FCM] {
        let rig = rig().await;
        rig.simulator.fault(Fault::new(FaultKind::Garbage).times(1));

        let event = rig
            .deliver(&to_token(vendor, vendor.token, "hello"))
            .await
            .unwrap();

        assert_eq!(event["outcome"], "accepted", "{event}");
        only_message(&rig, vendor);
    }
}

#[tokio::test]
async fn nothing_is_attempted_after_its_lifetime() {
    let rig = rig().await;
    rig.simulator.fault(Fault::new(status(503)));
    let mut notification = to_token(APNS, APNS.token, "quick");
    notification["ttl"] = json!(1);

    let event = rig.deliver(&notification).await.unwrap();

    assert_eq!(event["outcome"], "expired", "{event}");
    let trace = trace(&rig, text(&event, "/id")).await;
    let expires_at = text(&trace, "/expires_at");
    for attempt in trace["deliveries"][0]["attempts"].as_array().unwrap() {
        assert!(text(attempt, "/at") < expires_at, "{trace:#}");
    }
}

#[tokio::test]
async fn now_or_never_is_attempted_once() {
    let rig = rig().await;
    rig.simulator.fault(Fault::new(status(503)));
    let mut notification = to_token(APNS, APNS.token, "now");
    notification["ttl"] = json!(0);

    let event = rig.deliver(&notification).await.unwrap();

    assert_eq!(event["outcome"], "expired", "{event}");
    assert_eq!(rig.simulator.counts().apns.requests, 1);
}

#[tokio::test]
async fn a_refused_credential_holds_its_channel_until_a_reload_brings_another() {
    let rig = rig().await;
    let file = std::fs::read(rig.home.path().join("service-account.json")).unwrap();
    let account: Value = serde_json::from_slice(&file).unwrap();
    rig.simulator
        .fcm_delete_service_account(text(&account, "/client_email"));
    let id = rig
        .accept(&to_token(FCM, FCM.token, "patience"))
        .await
        .unwrap();
    let log = rig.log_view().unwrap();
    assert!(log.wait_for("channel is held").await);

    let channels = rig.client.get("/v1/channels").await.unwrap().expect(200);
    let channel = &channels["channels"][0];
    assert_eq!(
        (&channel["name"], &channel["state"]),
        (&json!("android"), &json!("held"))
    );
    assert!(
        text(channel, "/held_for").contains("invalid_grant"),
        "{channel:#}"
    );
    let event = rig
        .deliver(&to_token(APNS, APNS.token, "the other one works"))
        .await
        .unwrap();
    assert_eq!(event["outcome"], "accepted");

    let fresh = rig
        .simulator
        .fcm_service_account(nudged_rig::vendor::FCM_PROJECT);
    rig.home.write("service-account.json", fresh).unwrap();
    let report = rig
        .client
        .post("/v1/reload", &Value::Null)
        .await
        .unwrap()
        .expect(200);
    assert_eq!(report["replaced"], json!(["android"]));
    let events = rig.client.outcomes(&id, 1).await.unwrap();
    assert_eq!(events[0]["outcome"], "accepted");
}

#[tokio::test]
async fn a_channel_has_no_more_requests_under_way_than_its_limit() {
    let rig = rig_with(|options| {
        options.channel_end = "[limits]\nconcurrency = 3\n".into();
        options.settings = Settings {
            request_timeout: "30s".into(),
            ..Settings::default()
        };
    })
    .await;
    rig.simulator.fault(
        Fault::new(FaultKind::Hang { ms: None })
            .of(Vendor::Apns)
            .times(3),
    );
    send_many(&rig, 20).await;
    let three = |counts: &nudged_simulator::Counts| counts.apns.faults.get("hang") == Some(&3);
    assert!(rig.simulator.wait_for(nudged_rig::DEADLINE, three).await);

    let event = rig
        .deliver(&to_token(FCM, FCM.token, "meanwhile"))
        .await
        .unwrap();

    assert_eq!(event["outcome"], "accepted");
    let counts = rig.simulator.counts().apns;
    assert_eq!((counts.requests, counts.accepted), (3, 0), "{counts:?}");
    assert!(!apns_token(0).is_empty());
}

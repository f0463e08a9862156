//! The queue in the operator's hands: looked into, held, flushed, and rid of what should not be
//! sent.

use nudged_rig::{APNS, FCM, Rig, RigOptions, Settings};
use nudged_simulator::{Fault, FaultKind};
use serde_json::{Value, json};

use crate::world::stranger::Stranger;
use crate::world::{
    channel, held_channel, now_ms, nudgectl, order, problem, refusal, rig, rig_with, taken_by,
    text, time_at, to_token, token, trace_of, until,
};

/// Retries take an hour unless somebody flushes the channel.
async fn patient() -> Rig {
    rig_with(RigOptions {
        settings: Settings {
            first_retry: "1h".into(),
            longest_retry: "1h".into(),
            ..Settings::default()
        },
        ..RigOptions::default()
    })
    .await
}

fn later(status: u16, seconds: &str) -> FaultKind {
    FaultKind::Status {
        status,
        reason: None,
        retry_after: Some(seconds.into()),
        timestamp_ms: None,
    }
}

async fn queue(rig: &Rig, query: &str) -> Value {
    let path = format!("/v1/queue{query}");
    rig.client.get(&path).await.unwrap().expect(200)
}

/// A channel's part of the queue.
async fn part(rig: &Rig, name: &str) -> Value {
    let view = queue(rig, "").await;
    let all = view["channels"].as_array().unwrap().iter();
    let found = all.clone().find(|it| it["channel"] == name);
    found.unwrap_or_else(|| panic!("{view:#}")).clone()
}

async fn waiting(rig: &Rig, count: u64) {
    let all_wait = async || part(rig, "ios").await["waiting"] == count;
    until("the wait", all_wait).await;
}

async fn remove(rig: &Rig, query: &str) -> Value {
    let path = format!("/v1/queue?{query}");
    rig.client.delete(&path).await.unwrap().expect(200)
}

async fn outcome(rig: &Rig, id: &str) -> (String, String) {
    let events = rig.client.outcomes(id, 1).await.unwrap();
    let words = |member| text(&events[0], member).to_owned();
    (words("outcome"), words("code"))
}

#[tokio::test]
async fn a_held_channel_sends_nothing_until_it_is_released_also_after_a_restart() {
    let mut rig = rig().await;
    let held = order(&rig, "hold", "ios").await;
    assert_eq!(held["holds"][0]["by"], "operator", "{held:#}");
    let id = rig.accept(&to_token(1, "Lunch?")).await.unwrap();

    let other = json!({
        "to": [{"channel": "android", "token": FCM.token}],
        "message": {"title": "Carol", "body": "hello"},
    });
    let event = rig.deliver(&other).await.unwrap();
    assert_eq!(event["outcome"], "accepted", "the other channel goes on");

    for _ in 0..2 {
        let row = channel(&rig, "ios").await;
        assert_eq!(row["state"], "held", "{row:#}");
        assert_eq!(row["held_by"], "operator", "{row:#}");
        let status = rig.client.get("/v1/status").await.unwrap().expect(200);
        assert_eq!(status["held"], json!({"ios": "operator"}));
        let trace = trace_of(&rig, &id).await;
        let why = text(&trace["deliveries"][0], "waits_for");
        assert!(why.contains("the operator holds it"), "{trace:#}");
        let part = part(&rig, "ios").await;
        assert_eq!(part["ready"], 1, "{part:#}");
        assert_eq!(part["holds"].as_array().unwrap().len(), 1, "{part:#}");
        assert!(taken_by(&rig, APNS).is_empty());
        rig.restart().await.unwrap();
    }

    let released = order(&rig, "release", "ios").await;
    assert_eq!(released["holds"], json!([]));
    assert_eq!(outcome(&rig, &id).await.0, "accepted");
    // Once more changes nothing.
    assert_eq!(order(&rig, "release", "ios").await, released);
}

#[tokio::test]
async fn a_flush_tries_at_once_what_waits_but_nothing_before_the_vendors_time() {
    let rig = patient().await;
    rig.simulator
        .fault(Fault::new(refusal(503)).for_token(token(1)).times(1));
    rig.simulator
        .fault(Fault::new(later(503, "3600")).for_token(token(2)).times(1));
    let soon = rig.accept(&to_token(1, "Lunch?")).await.unwrap();
    let late = rig.accept(&to_token(2, "Lunch?")).await.unwrap();
    waiting(&rig, 2).await;
    let shown = queue(&rig, "?channel=ios").await;
    let shown = shown["deliveries"].as_array().unwrap();
    assert_eq!(shown.len(), 2, "{shown:#?}");
    for one in shown {
        assert_eq!(one["state"], "waiting", "{one:#}");
        assert_eq!(one["attempts"], 1, "{one:#}");
        assert!(!text(one, "last_code").is_empty(), "{one:#}");
        assert!(text(one, "next_due") > text(one, "accepted_at"), "{one:#}");
        assert!(text(one, "token").contains('…'), "{one:#}");
    }

    let flushed = order(&rig, "flush", "ios").await;

    let flushed = &flushed["channels"][0];
    assert_eq!((&flushed["due"], &flushed["kept"]), (&json!(1), &json!(1)));
    assert_eq!(outcome(&rig, &soon).await.0, "accepted");
    assert_eq!(part(&rig, "ios").await["waiting"], 1);
    assert_eq!(taken_by(&rig, APNS).len(), 1);
    let trace = trace_of(&rig, &late).await;
    assert_eq!(trace["deliveries"][0]["state"], "queued", "{trace:#}");

    let ran = nudgectl(&rig, &["queue", "flush"]).await;
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let told = "ios: 0 deliveries are due now, 1 must wait for the time that the vendor named";
    assert!(ran.out.contains(told), "{}", ran.out);
}

#[tokio::test]
async fn a_flush_does_not_end_a_hold_of_the_vendor_and_says_so() {
    let rig = patient().await;
    let fault = Fault::new(later(429, "3600"));
    rig.simulator.fault(fault.of(nudged_simulator::Vendor::Fcm));
    let to_android = json!({
        "to": [{"channel": "android", "token": FCM.token}],
        "message": {"title": "Carol", "body": "hello"},
    });
    rig.accept(&to_android).await.unwrap();
    let row = held_channel(&rig, "android").await;
    assert_eq!(row["held_by"], "vendor", "{row:#}");
    rig.simulator.clear_faults();

    let flushed = order(&rig, "flush", "android").await;

    let flushed = &flushed["channels"][0];
    assert_eq!(flushed["due"], 0, "{flushed:#}");
    assert_eq!(flushed["holds"][0]["by"], "vendor", "{flushed:#}");
    rig.accept(&to_android).await.unwrap();
    let ran = nudgectl(&rig, &["queue", "ls"]).await;
    assert!(
        ran.out.contains("android is held by the vendor"),
        "{}",
        ran.out
    );
    assert!(taken_by(&rig, FCM).is_empty());
}

#[tokio::test]
async fn a_flush_ends_a_hold_of_the_daemon_itself() {
    let rig = patient().await;
    rig.simulator.fault(Fault::new(refusal(503)));
    for n in 0..10 {
        rig.accept(&to_token(n, "Lunch?")).await.unwrap();
    }
    let row = held_channel(&rig, "ios").await;
    assert_eq!(row["held_by"], "daemon", "{row:#}");
    waiting(&rig, 10).await;
    rig.simulator.clear_faults();

    order(&rig, "flush", "ios").await;

    let all_taken = async || taken_by(&rig, APNS).len() == 10;
    until("the deliveries", all_taken).await;
}

#[tokio::test]
async fn what_is_removed_ends_unsent_and_nothing_else_does() {
    let rig = rig().await;
    rig.register(APNS.user, APNS.device, APNS.channel, APNS.token)
        .await
        .unwrap();
    order(&rig, "hold", "ios").await;
    let mut ids = Vec::new();
    for n in 1..=4 {
        ids.push(rig.accept(&to_token(n, "Lunch?")).await.unwrap());
    }
    let to_user = json!({"to": [{"user": APNS.user}], "message": {"body": "Lunch?"}});
    ids.push(rig.accept(&to_user).await.unwrap());
    let removed = ("suppressed".to_owned(), "removed".to_owned());

    let by_id = format!("notification={}", ids[0]);
    assert_eq!(remove(&rig, &by_id).await["removed"], 1);
    assert_eq!(outcome(&rig, &ids[0]).await, removed);
    assert_eq!(remove(&rig, &by_id).await["removed"], 0, "it is gone");
    let by_user = format!("user={}", APNS.user);
    assert_eq!(remove(&rig, &by_user).await["removed"], 1);
    assert_eq!(outcome(&rig, &ids[4]).await, removed);
    for nothing in [
        "older_than=3600",
        "channel=android",
        "user=nobody",
        "app=other",
    ] {
        assert_eq!(remove(&rig, nothing).await["removed"], 0, "{nothing}");
    }
    let ran = nudgectl(&rig, &["queue", "rm", &ids[1], "--channel", "ios"]).await;
    assert_eq!(ran.out, "1 delivery removed\n", "{ran:?}");
    assert_eq!(part(&rig, "ios").await["ready"], 2);
    let ran = nudgectl(&rig, &["queue", "show", "ios", "--limit", "1"]).await;
    assert!(ran.out.contains(&ids[2]), "{}", ran.out);
    assert!(ran.out.contains("only 1 delivery is shown"), "{}", ran.out);

    order(&rig, "release", "ios").await;
    for id in &ids[2..4] {
        assert_eq!(outcome(&rig, id).await.0, "accepted");
    }
    assert_eq!(taken_by(&rig, APNS).len(), 2);
    assert_eq!(remove(&rig, "all=true").await["removed"], 0);
    let trace = trace_of(&rig, &ids[0]).await;
    let why = text(&trace["deliveries"][0]["outcome"], "text");
    assert!(why.contains("the operator removed it"), "{trace:#}");
}

#[tokio::test]
async fn what_waits_for_a_try_and_what_no_channel_takes_can_be_removed() {
    let mut rig = patient().await;
    rig.simulator.fault(Fault::new(refusal(503)));
    let tried = rig.accept(&to_token(1, "Lunch?")).await.unwrap();
    waiting(&rig, 1).await;
    assert_eq!(remove(&rig, "channel=ios").await["removed"], 1);
    assert_eq!(outcome(&rig, &tried).await.1, "removed");

    let orphan = rig.accept(&to_token(2, "Lunch?")).await.unwrap();
    waiting(&rig, 1).await;
    rig.terminate().await.unwrap();
    rig.home.remove_channel("ios").unwrap();
    rig.launch().await.unwrap();
    let view = queue(&rig, "?channel=1").await;
    assert_eq!(view["channels"][0]["channel"], Value::Null, "{view:#}");
    assert_eq!(view["channels"][0]["certificate_id"], 1);
    assert_eq!(view["deliveries"][0]["id"], orphan, "{view:#}");
    assert_eq!(remove(&rig, "channel=1").await["removed"], 1);
    assert_eq!(outcome(&rig, &orphan).await.1, "removed");
    let gone = rig.client.get("/v1/queue?channel=1").await.unwrap();
    problem(gone, 404, "not_found");
}

#[tokio::test]
async fn mistakes_about_the_queue_are_told() {
    let rig = rig().await;
    let get = async |path: &str| rig.client.get(path).await.unwrap();
    problem(get("/v1/queue?channel=nope").await, 404, "not_found");
    problem(get("/v1/queue?limit=0").await, 422, "invalid");
    problem(get("/v1/queue?chanel=ios").await, 400, "bad_request");
    let delete = async |path: &str| rig.client.delete(path).await.unwrap();
    let told = problem(delete("/v1/queue").await, 422, "invalid");
    assert!(text(&told, "hint").contains("all=true"), "{told:#}");
    problem(delete("/v1/queue?notification=x").await, 404, "not_found");
    problem(delete("/v1/queue?channel=nope").await, 404, "not_found");
    for what in ["hold", "release"] {
        let path = format!("/v1/queue/{what}");
        let told = rig.client.post(&path, &json!({})).await.unwrap();
        let told = problem(told, 422, "invalid");
        assert_eq!(told["field"], "channel");
        let path = rig.client.post(&path, &json!({"channel": "nope"})).await;
        problem(path.unwrap(), 404, "not_found");
    }
}

#[tokio::test]
async fn a_message_that_is_now_or_never_tells_the_channel_to_hold_too() {
    let rig = rig().await;
    let refused = FaultKind::Status {
        status: 403,
        reason: Some("InvalidProviderToken".into()),
        retry_after: None,
        timestamp_ms: None,
    };
    rig.simulator.fault(Fault::new(refused).times(1));
    let mut once = to_token(1, "Lunch?");
    once["ttl"] = json!(0);

    let event = rig.deliver(&once).await.unwrap();

    assert_eq!(event["outcome"], "expired", "{event:#}");
    let row = held_channel(&rig, "ios").await;
    let why = text(&row, "held_for");
    assert!(why.contains("InvalidProviderToken"), "{row:#}");
}

#[tokio::test]
async fn who_may_look_into_the_queue_may_not_touch_it() {
    let rules = "[[access]]\nusers = [\"65534\"]\napps = [\"*\"]\nverbs = [\"observe\"]\n";
    let Some(stranger) = Stranger::under(rules).await else {
        return;
    };

    for (arguments, allowed) in [
        (&["queue", "ls"][..], true),
        (&["queue", "show", "ios"], true),
        (&["queue", "flush"], false),
        (&["queue", "flush", "ios"], false),
        (&["queue", "hold", "ios"], false),
        (&["queue", "release", "ios"], false),
        (&["queue", "rm", "--all"], false),
        (&["queue", "rm", "--user", "bob"], false),
    ] {
        let output = stranger.nudgectl(arguments).await;
        assert_eq!(output.status.success(), allowed, "{arguments:?} {output:?}");
        let complaint = String::from_utf8_lossy(&output.stderr);
        let told = complaint.contains("may not admin");
        assert_eq!(told, !allowed, "{arguments:?} {complaint}");
    }
    assert_eq!(channel(&stranger.rig, "ios").await["state"], "running");
}

#[tokio::test]
async fn a_vendor_that_asks_for_ten_years_is_granted_an_hour_and_the_operator_may_release() {
    const TEN_YEARS: &str = "the vendor asked for 3650 days; nudged waits 1 h and then tries one";
    let rig = patient().await;
    let fault = Fault::new(later(429, "315360000"));
    rig.simulator.fault(fault.of(nudged_simulator::Vendor::Fcm));
    let to_android = json!({
        "to": [{"channel": "android", "token": FCM.token}],
        "message": {"title": "Carol", "body": "hello"},
    });
    let id = rig.accept(&to_android).await.unwrap();
    let row = held_channel(&rig, "android").await;
    assert_eq!(row["held_by"], "vendor", "{row:#}");
    assert!(text(&row, "held_for").contains(TEN_YEARS), "{row:#}");
    let until = time_at(&row, "/held_until");
    assert!(until <= now_ms() + 3_600_000, "{row:#}");
    let trace = trace_of(&rig, &id).await;
    let attempt = &trace["deliveries"][0]["attempts"][0];
    assert!(text(attempt, "text").contains(TEN_YEARS), "{trace:#}");
    assert!(time_at(attempt, "/retry_at") <= now_ms() + 3_600_000);
    rig.simulator.clear_faults();

    // Neither a flush nor a reload goes against the vendor's word.
    let flushed = order(&rig, "flush", "android").await;
    assert_eq!(flushed["channels"][0]["kept"], 1, "{flushed:#}");
    let reload = nudgectl(&rig, &["reload"]).await;
    assert_eq!(reload.code, Some(0), "{reload:?}");
    assert_eq!(channel(&rig, "android").await["held_by"], "vendor");
    assert!(taken_by(&rig, FCM).is_empty());

    let ran = nudgectl(&rig, &["queue", "release", "android"]).await;

    assert_eq!(ran.code, Some(0), "{ran:?}");
    let told = "warning: the vendor asked to wait until";
    assert!(ran.out.contains(told), "{}", ran.out);
    assert!(ran.out.contains("android sends"), "{}", ran.out);
    assert_eq!(outcome(&rig, &id).await.0, "accepted");
    let again = order(&rig, "release", "android").await;
    assert_eq!(again["warnings"], Value::Null, "{again:#}");
}

#[tokio::test]
async fn a_vendor_that_is_asked_too_soon_after_a_release_is_obeyed_again() {
    let rig = patient().await;
    let fault = Fault::new(later(429, "600"));
    rig.simulator.fault(fault.of(nudged_simulator::Vendor::Fcm));
    let to_android = json!({
        "to": [{"channel": "android", "token": FCM.token}],
        "message": {"title": "Carol", "body": "hello"},
    });
    let id = rig.accept(&to_android).await.unwrap();
    held_channel(&rig, "android").await;

    order(&rig, "release", "android").await;

    let asked_again = async || {
        let trace = trace_of(&rig, &id).await;
        trace["deliveries"][0]["attempts"].as_array().unwrap().len() == 2
    };
    until("the second try", asked_again).await;
    let row = held_channel(&rig, "android").await;
    assert_eq!(row["held_by"], "vendor", "{row:#}");
}

//! 73: a refusal is blamed on the smallest thing that explains it: a message, a class, a device;
//! the channel only when a different message is refused alike, and until one is accepted.

use nudged_rig::vendor::VIVO;
use nudged_rig::{APNS, FCM, Rig, RigOptions, Settings};
use nudged_simulator::{Fault, FaultKind, Vendor as Service};
use serde_json::{Value, json};

use super::faults::refused;
use crate::world::{
    all_accepted, channel, count_devices, nudgectl, reload_with, rig, rig_of, rig_with, send_all,
    text, to_token, token, trace_of, until,
};

/// A word of Apple's that no table knows, so that it is open whose fault it is.
const OPEN: &str = "NotKnownToAnybody";

/// To FCM's nth phone.
fn to_android(n: u64) -> Value {
    json!({
        "to": [{"channel": FCM.channel, "token": android(n)}],
        "message": {"title": "Carol", "body": format!("hello {n}")},
    })
}

fn android(n: u64) -> String {
    format!("{}{n}", FCM.token)
}

/// Waits that are long enough to be seen.
async fn patient() -> Rig {
    let settings = Settings {
        first_retry: "60s".into(),
        longest_retry: "120s".into(),
        ..Settings::default()
    };
    rig_with(RigOptions {
        settings,
        ..RigOptions::default()
    })
    .await
}

async fn suspicions(rig: &Rig) -> Vec<Value> {
    let row = channel(rig, "ios").await;
    row["suspicions"].as_array().cloned().unwrap_or_default()
}

/// Waits until so many deliveries were refused since the last that was accepted.
async fn suspected(rig: &Rig, count: u64) -> Value {
    let enough = async || suspicions(rig).await.iter().any(|it| it["count"] == count);
    until("the suspicion", enough).await;
    suspicions(rig).await.remove(0)
}

async fn flush(rig: &Rig) {
    let reply = rig.client.post("/v1/queue/flush", &json!({})).await;
    reply.unwrap().expect(200);
}

async fn is_queued(rig: &Rig, id: &str) -> bool {
    trace_of(rig, id).await["deliveries"][0]["state"] == "queued"
}

#[tokio::test]
async fn req_73_messages_that_are_refused_for_their_own_sake_starve_no_others() {
    for bad in [1, 2] {
        let rig = rig().await;
        for n in 1..=bad {
            let fault = refused(FCM, 401, "THIRD_PARTY_AUTH_ERROR");
            rig.simulator.fault(fault.for_token(android(n)));
        }

        let ids = send_all(&rig, (1..=bad + 20).map(to_android)).await;

        let (refused, healthy) = ids.split_at(usize::try_from(bad).unwrap());
        all_accepted(&rig, healthy).await;
        for id in refused {
            let tried = async || {
                let trace = trace_of(&rig, id).await;
                trace["deliveries"][0]["attempts"][0].is_object()
            };
            until("a try", tried).await;
        }
        // Whatever comes later passes too, whoever is tried again meanwhile.
        let later = send_all(&rig, (100..105).map(to_android)).await;
        all_accepted(&rig, &later).await;
        rig.simulator.clear_faults();
    }
}

#[tokio::test]
async fn req_73_one_message_to_many_devices_holds_no_channel_and_is_shown() {
    let rig = patient().await;
    for n in 1..=3 {
        let fault = refused(APNS, 403, OPEN);
        rig.simulator.fault(fault.for_token(token(n)));
    }
    let mut one = to_token(1, "x");
    one["to"] = json!(
        (1..=3)
            .map(|n| json!({"channel": "ios", "token": token(n)}))
            .collect::<Vec<_>>()
    );
    let id = rig.accept(&one).await.unwrap();

    let suspicion = suspected(&rig, 3).await;

    assert_eq!(suspicion["about"], "credential", "{suspicion:#}");
    assert_eq!(suspicion["code"], OPEN, "{suspicion:#}");
    assert_eq!(suspicion["confirmed"], false, "{suspicion:#}");
    assert!(
        text(&suspicion, "remedy").contains("Apple"),
        "{suspicion:#}"
    );
    assert_eq!(channel(&rig, "ios").await["state"], "running");
    let status = rig.client.get("/v1/status").await.unwrap().expect(200);
    assert_eq!(status["suspected"]["ios"][0]["code"], OPEN, "{status:#}");
    for command in [&["status"][..], &["channel", "show", "ios"]] {
        let told = nudgectl(&rig, command).await.out;
        assert!(told.contains(OPEN) && told.contains("suspected"), "{told}");
    }
    assert_eq!(
        rig.log().matches("may concern the whole channel").count(),
        1
    );

    // Another message passes at once, and lays it to rest; the first one waits for its next try.
    let event = rig.deliver(&to_token(9, "y")).await.unwrap();
    assert_eq!(event["outcome"], "accepted", "{event:#}");
    assert_eq!(suspicions(&rig).await, [Value::Null; 0]);
    assert!(is_queued(&rig, &id).await);
}

#[tokio::test]
async fn req_73_a_different_message_that_is_refused_alike_holds_the_channel_until_one_passes() {
    let rig = patient().await;
    rig.simulator.fault(refused(APNS, 403, OPEN));
    let first = rig.accept(&to_token(1, "a")).await.unwrap();
    suspected(&rig, 1).await;
    assert_eq!(channel(&rig, "ios").await["state"], "running");

    let second = rig.accept(&to_token(2, "b")).await.unwrap();

    assert_eq!(suspected(&rig, 2).await["confirmed"], true);
    let held = async || channel(&rig, "ios").await["state"] == "held";
    until("the hold", held).await;
    let row = channel(&rig, "ios").await;
    assert_eq!(row["held_by"], "daemon", "{row:#}");
    assert!(text(&row, "held_for").contains(OPEN), "{row:#}");
    let third = rig.accept(&to_token(3, "c")).await.unwrap();
    let trace = trace_of(&rig, &third).await;
    assert_eq!(trace["deliveries"][0]["attempts"], json!([]), "{trace:#}");

    // The vendor takes it again, and the operator has it tried at once: one ends it for all.
    rig.simulator.clear_faults();
    flush(&rig).await;
    all_accepted(&rig, &[first, second, third]).await;
    assert_eq!(suspicions(&rig).await, [Value::Null; 0]);
    assert_eq!(channel(&rig, "ios").await["state"], "running");
}

#[tokio::test]
async fn req_73_a_reload_ends_a_hold_of_our_own() {
    let rig = patient().await;
    rig.simulator.fault(refused(APNS, 403, OPEN));
    let ids = send_all(&rig, (1..=2).map(|n| to_token(n, "a"))).await;
    let held = async || channel(&rig, "ios").await["state"] == "held";
    until("the hold", held).await;
    let third = rig.accept(&to_token(3, "c")).await.unwrap();

    rig.simulator.clear_faults();
    let reply = reload_with(&rig, Value::Null).await;
    assert!(reply.expect(200)["kept"].to_string().contains("ios"));

    all_accepted(&rig, &[third]).await;
    flush(&rig).await;
    all_accepted(&rig, &ids).await;
}

#[tokio::test]
async fn req_73_one_message_to_many_devices_is_tried_again_by_one_of_them() {
    const DEVICES: u64 = 6;
    let rig = patient().await;
    rig.simulator
        .fault(refused(FCM, 401, "THIRD_PARTY_AUTH_ERROR"));
    let mut one = to_android(1);
    one["to"] = json!(
        (1..=DEVICES)
            .map(|n| json!({"channel": FCM.channel, "token": android(n)}))
            .collect::<Vec<_>>()
    );
    let id = rig.accept(&one).await.unwrap();
    let attempts = async || {
        let trace = trace_of(&rig, &id).await;
        let deliveries = trace["deliveries"].as_array().unwrap().clone();
        let attempts = deliveries.iter().map(|it| it["attempts"].as_array());
        attempts
            .map(|it| it.cloned().unwrap_or_default())
            .collect::<Vec<_>>()
    };
    let tried = async |times| attempts().await.iter().all(|it| it.len() >= times);
    // Each device is asked for once: it may be none of those that another's refusal is about.
    until("a try of each", async || tried(1).await).await;
    assert_eq!(rig.simulator.counts().fcm.requests, DEVICES);

    flush(&rig).await;
    until("a second try of each", async || tried(2).await).await;

    assert_eq!(rig.simulator.counts().fcm.requests, DEVICES + 1);
    let all = attempts().await;
    let waits = all.iter().filter(|it| {
        let last = it.last().unwrap();
        assert_eq!(last["code"], "THIRD_PARTY_AUTH_ERROR", "{last:#}");
        text(last, "text").starts_with("not sent: the vendor refused the same message")
    });
    assert_eq!(waits.count() as u64, DEVICES - 1, "{all:#?}");

    // One that passes lets all of them pass.
    rig.simulator.clear_faults();
    flush(&rig).await;
    let events = rig.client.outcomes(&id, DEVICES as usize).await.unwrap();
    assert!(events.iter().all(|it| it["outcome"] == "accepted"));
    assert_eq!(rig.simulator.counts().fcm.accepted, DEVICES);
}

/// vivo's app in the rig.
const VIVO_APP: i64 = 105_000_001;

fn to_vivo(n: usize, category: &str) -> Value {
    json!({
        "to": [{"channel": VIVO.channel, "token": VIVO.numbered(n)}],
        "message": {"title": "Carol", "body": format!("Lunch {n}?"), "category": category},
    })
}

/// The class of system messages, by `GET /v1/channels/vivo`.
async fn system_class(rig: &Rig) -> Value {
    let view = rig.client.get("/v1/channels/vivo").await.unwrap();
    let view = view.expect(200);
    let mut classes = view["classes"].as_array().unwrap().iter();
    let found = classes.find(|it| it["class"] == "system");
    found.unwrap_or_else(|| panic!("{view:#}")).clone()
}

/// vivo, which has given the app no right to system messages, and has refused one.
async fn without_system_messages() -> (Rig, String) {
    let rig = rig_of(&[VIVO]).await;
    rig.simulator.vivo().set_app_state(VIVO_APP, Some(10082));
    let id = rig.accept(&to_vivo(1, "IM")).await.unwrap();
    let held = async || !system_class(&rig).await["held"].is_null();
    until("the hold of the class", held).await;
    (rig, id)
}

fn asked(rig: &Rig) -> u64 {
    rig.simulator.counts().of(Service::Vivo).requests
}

#[tokio::test]
async fn req_73_a_class_without_the_right_to_it_is_held_and_no_other_until_it_is_released() {
    let (rig, first) = without_system_messages().await;
    let requests = asked(&rig);

    let second = rig.accept(&to_vivo(2, "IM")).await.unwrap();
    let event = rig.deliver(&to_vivo(3, "NEWS")).await.unwrap();

    assert_eq!(event["outcome"], "accepted", "{event:#}");
    let waits = async || trace_of(&rig, &second).await["deliveries"][0]["attempts"][0].is_object();
    until("the wait", waits).await;
    let trace = trace_of(&rig, &second).await;
    let attempt = &trace["deliveries"][0]["attempts"][0];
    assert_eq!(attempt["code"], "10082", "{trace:#}");
    assert_eq!(attempt["class"], "credential", "{trace:#}");
    assert!(text(attempt, "text").starts_with("not sent"), "{trace:#}");
    assert_eq!(asked(&rig), requests + 1, "for the other class");
    assert_eq!(channel(&rig, "vivo").await["state"], "running");
    let held = system_class(&rig).await["held"].clone();
    assert_eq!(held["code"], "10082", "{held:#}");
    assert!(text(&held, "remedy").contains("apply for"), "{held:#}");
    for command in [&["status"][..], &["channel", "show", "vivo"]] {
        let told = nudgectl(&rig, command).await.out;
        assert!(told.contains("class system is held"), "{told}");
    }

    // vivo has granted it.
    rig.simulator.vivo().set_app_state(VIVO_APP, None);
    let release = ["queue", "release", "vivo", "--class", "system"];
    let released = nudgectl(&rig, &release).await;
    assert_eq!(released.code, Some(0), "{released:?}");
    all_accepted(&rig, &[first, second]).await;
    assert!(system_class(&rig).await["held"].is_null());
}

#[tokio::test]
async fn req_73_when_the_hold_of_a_class_is_over_one_of_it_goes_first() {
    const WAITING: usize = 8;
    let (rig, first) = without_system_messages().await;
    let mut ids = send_all(&rig, (2..=WAITING).map(|n| to_vivo(n, "IM"))).await;
    ids.push(first);
    let tries = async |id: &String| {
        let trace = trace_of(&rig, id).await;
        let attempts = trace["deliveries"][0]["attempts"].as_array().cloned();
        attempts.unwrap_or_default()
    };
    let tried = async |times| {
        for id in &ids {
            if tries(id).await.len() < times {
                return false;
            }
        }
        true
    };
    until("the wait of each", async || tried(1).await).await;
    let requests = asked(&rig);

    // The operator has it tried, in vain.
    flush(&rig).await;
    until("another look at each", async || tried(2).await).await;

    assert_eq!(asked(&rig), requests + 1);
    assert!(!system_class(&rig).await["held"].is_null());

    // And again, when vivo has granted it.
    rig.simulator.vivo().set_app_state(VIVO_APP, None);
    flush(&rig).await;
    all_accepted(&rig, &ids).await;
    assert_eq!(asked(&rig), requests + 1 + WAITING as u64);
    assert!(system_class(&rig).await["held"].is_null());
}

async fn users(rig: &Rig, vendor: nudged_rig::Vendor, count: usize) {
    for n in 0..count {
        let token = vendor.numbered(n);
        rig.register(&format!("u{n}"), "phone", vendor.channel, &token)
            .await
            .unwrap();
    }
}

async fn to_users(rig: &Rig, count: usize) {
    let to =
        |n| json!({"to": [{"user": format!("u{n}")}], "message": {"title": "Carol", "body": "x"}});
    let ids = send_all(rig, (0..count).map(to)).await;
    for id in ids {
        let events = rig.client.outcomes(&id, 1).await.unwrap();
        assert_eq!(events[0]["outcome"], "invalid_token", "{events:#?}");
    }
}

#[tokio::test]
async fn req_73_a_wrong_environment_costs_no_device_and_is_shown() {
    const USERS: usize = 40;
    let rig = rig().await;
    users(&rig, APNS, USERS).await;
    rig.simulator.fault(refused(APNS, 400, "BadDeviceToken"));

    to_users(&rig, USERS).await;

    assert_eq!(count_devices(&rig).await, USERS);
    let suspicion = suspicions(&rig).await.remove(0);
    assert_eq!(suspicion["about"], "tokens", "{suspicion:#}");
    assert_eq!(suspicion["count"], USERS, "{suspicion:#}");
    assert!(
        text(&suspicion, "remedy").contains("environment"),
        "{suspicion:#}"
    );
    let status = rig.client.get("/v1/status").await.unwrap().expect(200);
    assert_eq!(status["suspected"]["ios"][0]["code"], "BadDeviceToken");
    let told = nudgectl(&rig, &["channel", "show", "ios"]).await.out;
    assert!(told.contains("environment"), "{told}");
    assert_eq!(rig.log().matches("may be the settings' fault").count(), 1);

    // The setting is put right: the devices are there and are pushed.
    rig.simulator.clear_faults();
    let to = json!({"to": [{"user": "u7"}], "message": {"title": "Carol", "body": "x"}});
    let event = rig.deliver(&to).await.unwrap();
    assert_eq!(event["outcome"], "accepted", "{event:#}");
    assert_eq!(suspicions(&rig).await, [Value::Null; 0]);

    // From now on the same word costs a device, also after a reload that changes nothing.
    let reply = reload_with(&rig, Value::Null).await;
    reply.expect(200);
    rig.simulator.fault(refused(APNS, 400, "BadDeviceToken"));
    to_users(&rig, 1).await;
    assert_eq!(count_devices(&rig).await, USERS - 1);
}

#[tokio::test]
async fn req_73_a_token_dies_at_once_of_an_unambiguous_word() {
    let rig = rig().await;
    users(&rig, APNS, 1).await;
    let gone = FaultKind::Status {
        status: 410,
        reason: Some("Unregistered".into()),
        retry_after: None,
        timestamp_ms: None,
    };
    rig.simulator.fault(Fault::new(gone).of(Service::Apns));

    to_users(&rig, 1).await;

    assert_eq!(count_devices(&rig).await, 0);
}

//! 72: tokens are of a kind. Here: how they are reported, whose they are and what the death of one
//! costs.

use nudged_rig::vendor::APNS_TOPIC;
use nudged_rig::{APNS, FCM, Rig};
use nudged_simulator::{Fault, FaultKind, Vendor as Service};
use serde_json::{Value, json};

use crate::world::bob::*;
use crate::world::{channel, nudgectl, problem, rig, text, token, until};

/// What a VoIP Services certificate is: a channel of its own.
const CALLS: &str = "ios-voip";
const CALLS_ID: u32 = 77;

/// A rig with a channel for calls beside the others.
async fn with_calls() -> Rig {
    let rig = rig().await;
    let ios = std::fs::read_to_string(rig.home.channel_file(APNS.channel)).unwrap();
    let own = format!("certificate_id = {}", APNS.certificate_id);
    let calls = ios.replace(&own, &format!("certificate_id = {CALLS_ID}"));
    assert_ne!(calls, ios);
    rig.home.write_channel(CALLS, &calls).unwrap();
    let reloaded = nudgectl(&rig, &["reload"]).await;
    assert_eq!(reloaded.code, Some(0), "{reloaded:?}");
    rig
}

/// A report of an iPhone with these tokens besides its own.
async fn tell_of(rig: &Rig, who: &str, own: &str, tokens: Value) -> Value {
    let body = json!({"channel": APNS.channel, "token": own, "tokens": tokens});
    report(rig, who, "phone", body).await.expect(200)
}

fn call_token(n: u64) -> Value {
    json!({"token": token(n), "channel": CALLS})
}

fn masked(n: u64) -> String {
    let token = token(n);
    format!("{}…{}", &token[..4], &token[60..])
}

async fn phone(rig: &Rig, who: &str) -> Value {
    let path = format!("{}/devices/phone", user(who));
    rig.client.get(&path).await.unwrap().expect(200)
}

/// Sends a call to a token.
async fn ring(rig: &Rig, of: u64) -> Value {
    let topic = format!("{APNS_TOPIC}.voip");
    rig.simulator.apns().bind_token(&token(of), &topic);
    let to = json!({"channel": CALLS, "token": token(of)});
    let call = json!({"to": [to], "message": {"kind": "voip", "title": "Carol calls"}});
    rig.deliver(&call).await.unwrap()
}

/// APNs calls tokens dead.
fn dead() -> Fault {
    let dead = FaultKind::Status {
        status: 400,
        reason: Some("BadDeviceToken".into()),
        retry_after: None,
        timestamp_ms: None,
    };
    Fault::new(dead).of(Service::Apns)
}

/// That of the next push.
fn dead_once(rig: &Rig) {
    rig.simulator.fault(dead().times(1));
}

async fn tombstones(rig: &Rig) -> Vec<Value> {
    rig.client
        .get_lines("/v1/devices/tombstones")
        .await
        .unwrap()
}

#[tokio::test]
async fn req_72_a_device_reports_a_token_for_each_kind_and_they_are_shown() {
    let mut rig = with_calls().await;
    let told = tell_of(
        &rig,
        "bob",
        &token(1),
        json!({"voip": call_token(2), "live_activity_start": token(3).to_uppercase(),
            "live_activities": {"taxi": token(4), "train": {"token": token(5)}}}),
    )
    .await;
    assert_eq!(told["tokens"]["voip"]["token"], masked(2), "{told:#}");
    // They outlive a restart, and a report that does not speak of them.
    rig.restart().await.unwrap();
    report(
        &rig,
        "bob",
        "phone",
        json!({"channel": "ios", "token": token(1)}),
    )
    .await
    .expect(200);

    let tokens = phone(&rig, "bob").await["tokens"].clone();

    let voip = &tokens["voip"];
    assert_eq!(
        (&voip["channel"], &voip["certificate_id"]),
        (&json!(CALLS), &json!(CALLS_ID))
    );
    assert!(text(voip, "registered_at").ends_with('Z'), "{voip:#}");
    assert_eq!(voip.get("dead"), None);
    let start = &tokens["live_activity_start"];
    assert_eq!(
        (text(start, "channel"), text(start, "token")),
        ("ios", &*masked(3))
    );
    assert_eq!(tokens["live_activities"]["taxi"]["token"], masked(4));
    assert_eq!(tokens["live_activities"]["train"]["channel"], "ios");
    // null and an empty text forget, one by one.
    let rest = json!({"voip": "", "live_activities": {"taxi": null, "tram": token(6)}});
    let told = tell_of(&rig, "bob", &token(1), rest).await;
    assert_eq!(told["tokens"].get("voip"), None, "{told:#}");
    let activities = told["tokens"]["live_activities"].as_object().unwrap();
    assert_eq!(activities.keys().collect::<Vec<_>>(), ["train", "tram"]);
    assert_eq!(told["tokens"]["live_activity_start"]["token"], masked(3));
}

#[tokio::test]
async fn req_72_what_can_be_no_token_of_its_kind_is_told_with_its_place() {
    let rig = with_calls().await;
    let own = token(1);
    for (tokens, field, words) in [
        (json!({"voip": "no token"}), "tokens.voip", "hexadecimal"),
        (
            json!({"live_activities": {"taxi": "zz"}}),
            "tokens.live_activities.taxi",
            "hexadecimal",
        ),
        (
            json!({"live_activities": {"": token(2)}}),
            "tokens.live_activities",
            "empty",
        ),
        (
            json!({"live_activity_start": "NULL"}),
            "tokens.live_activity_start",
            "word for nothing",
        ),
        (
            json!({"voip": {"token": token(2), "channel": "x"}}),
            "tokens.voip.channel",
            "no channel",
        ),
        (
            json!({"voip": {"token": token(2), "certificate_id": 99}}),
            "tokens.voip.certificate_id",
            "no certificate id 99",
        ),
        // Two variables of the app were mixed up: the phone gives two tokens.
        (
            json!({"voip": own}),
            "tokens.voip",
            "the same token as token",
        ),
        (
            json!({"voip": call_token(2), "live_activity_start": token(2)}),
            "tokens.live_activity_start",
            "the same token as tokens.voip",
        ),
    ] {
        let body = json!({"channel": "ios", "token": own, "tokens": tokens});
        let told = problem(report(&rig, "bob", "phone", body).await, 422, "invalid");
        assert_eq!(text(&told, "field"), field, "{told:#}");
        assert!(text(&told, "detail").contains(words), "{told:#}");
    }
    let many: Value = (0..33)
        .map(|n| (format!("a{n}"), json!(token(n + 10))))
        .collect();
    let body = json!({"channel": "ios", "token": own, "tokens": {"live_activities": many}});
    let told = problem(report(&rig, "bob", "phone", body).await, 422, "invalid");
    assert!(text(&told, "detail").contains("at most 32"), "{told:#}");
    // A phone must not fall silent as its app told of a call's token alone.
    let body = json!({"channel": "ios", "tokens": {"voip": call_token(2)}});
    let told = problem(report(&rig, "bob", "phone", body).await, 422, "invalid");
    assert_eq!(told["field"], "token", "{told:#}");
    let body = json!({"token": null, "tokens": {"voip": token(2)}});
    let told = problem(report(&rig, "bob", "phone", body).await, 422, "invalid");
    assert!(
        text(&told, "detail").contains("names no channel"),
        "{told:#}"
    );
    let reply = rig
        .client
        .get(&format!("{}/devices/phone", user("bob")))
        .await
        .unwrap();
    problem(reply, 404, "not_found");
}

#[tokio::test]
async fn req_72_a_token_of_any_kind_has_one_owner() {
    let rig = with_calls().await;
    let tokens = json!({"voip": call_token(2), "live_activities": {"taxi": token(3)}});
    tell_of(&rig, "bob", &token(1), tokens).await;

    let told = tell_of(&rig, "eve", &token(9), json!({"voip": call_token(2)})).await;

    assert_eq!(told["taken_from"], Value::Null, "{told:#}");
    assert_eq!(
        told["tokens_from"],
        json!([{"user": "bob", "device": "phone"}])
    );
    let bob = phone(&rig, "bob").await;
    assert_eq!(bob["token"], masked(1), "{bob:#}");
    assert_eq!(bob["tokens"].get("voip"), None, "{bob:#}");
    assert_eq!(bob["tokens"]["live_activities"]["taxi"]["token"], masked(3));
    // An account switch that reports all of the phone's tokens takes all of them.
    let tokens = json!({"live_activities": {"taxi": token(3)}});
    let told = tell_of(&rig, "ann", &token(1), tokens).await;
    assert_eq!(
        told["taken_from"],
        json!({"user": "bob", "device": "phone"})
    );
    assert_eq!(told.get("tokens_from"), None, "{told:#}");
}

#[tokio::test]
async fn req_72_a_dead_call_token_is_marked_listed_and_put_back() {
    let rig = with_calls().await;
    let tokens = json!({"voip": call_token(2), "live_activities": {"taxi": token(3)}});
    tell_of(&rig, "bob", &token(1), tokens).await;
    // Before a success with its settings nothing is removed for what may be their fault.
    assert_eq!(ring(&rig, 2).await["outcome"], "accepted");
    dead_once(&rig);

    let event = ring(&rig, 2).await;

    assert_eq!(event["outcome"], "invalid_token", "{event:#}");
    let bob = phone(&rig, "bob").await;
    assert_eq!(
        bob["tokens"]["voip"]["dead"]["code"], "BadDeviceToken",
        "{bob:#}"
    );
    assert_eq!(bob["tokens"]["live_activities"]["taxi"].get("dead"), None);
    assert_eq!(tell(&rig, &to_bob("still there")).await.only(), "accepted");
    let listed = tombstones(&rig).await;
    assert_eq!(listed.len(), 1, "{listed:#?}");
    let found = ["kind", "user", "channel", "token", "code", "id"].map(|it| text(&listed[0], it));
    assert_eq!(
        found,
        [
            "voip",
            "bob",
            CALLS,
            &*masked(2),
            "BadDeviceToken",
            text(&event, "id")
        ]
    );
    let told = nudgectl(&rig, &["device", "tombstones"]).await;
    assert!(told.out.contains("bob/phone (voip)"), "{told:?}");
    let told = nudgectl(&rig, &["device", "ls", "bob"]).await;
    assert!(told.out.contains("dead: BadDeviceToken"), "{told:?}");

    let restored = nudgectl(&rig, &["device", "restore", "--channel", CALLS]).await;

    assert_eq!(restored.out, "put back 1 token\n", "{restored:?}");
    assert_eq!(tombstones(&rig).await, [Value::Null; 0]);
    assert_eq!(phone(&rig, "bob").await["tokens"]["voip"].get("dead"), None);
    // It dies again, and the phone reports it anew: it is alive.
    dead_once(&rig);
    assert_eq!(ring(&rig, 2).await["outcome"], "invalid_token");
    tell_of(&rig, "bob", &token(1), json!({"voip": call_token(2)})).await;
    assert_eq!(phone(&rig, "bob").await["tokens"]["voip"].get("dead"), None);
    assert_eq!(tombstones(&rig).await, [Value::Null; 0]);
}

#[tokio::test]
async fn req_72_activities_that_ended_are_no_sign_of_a_mad_vendor() {
    let rig = with_calls().await;
    let ids: Vec<u64> = (10..30).collect();
    let activities: Value = (ids.iter().map(|n| (format!("a{n}"), json!(token(*n))))).collect();
    let tokens = json!({"live_activities": activities});
    tell_of(&rig, "bob", &token(1), tokens).await;
    assert_eq!(tell(&rig, &to_bob("1")).await.only(), "accepted");
    rig.simulator.fault(dead());
    let to = ids
        .iter()
        .map(|n| json!({"channel": "ios", "token": token(*n)}));
    let update = json!({"event": "update", "content_state": {"at": "the door"}});
    let update = json!({
        "to": to.collect::<Vec<_>>(),
        "message": {"kind": "live_activity", "live_activity": update},
    });

    let id = rig.accept(&update).await.unwrap();

    let ended = rig.client.outcomes(&id, ids.len()).await.unwrap();
    assert!(
        ended.iter().all(|it| it["outcome"] == "invalid_token"),
        "{ended:#?}"
    );
    let bob = phone(&rig, "bob").await;
    let activities = bob["tokens"]["live_activities"].as_object().unwrap();
    assert!(
        activities.values().all(|it| it["dead"].is_object()),
        "{bob:#}"
    );
    assert_eq!(channel(&rig, "ios").await["brake"], Value::Null);
    assert_eq!(tombstones(&rig).await.len(), ids.len());
}

#[tokio::test]
async fn req_72_a_device_whose_own_token_died_comes_back_with_all() {
    let rig = with_calls().await;
    let tokens = json!({"voip": call_token(2), "live_activities": {"taxi": token(3)}});
    tell_of(&rig, "bob", &token(1), tokens).await;
    assert_eq!(tell(&rig, &to_bob("1")).await.only(), "accepted");
    dead_once(&rig);
    let event = rig.deliver(&to_bob("2")).await.unwrap();
    assert_eq!(event["outcome"], "invalid_token", "{event:#}");
    assert_eq!(text(&tombstones(&rig).await[0], "kind"), "");

    let restored = nudgectl(&rig, &["device", "restore", "bob"]).await;

    assert_eq!(restored.out, "put back 1 device\n", "{restored:?}");
    let bob = phone(&rig, "bob").await;
    assert_eq!(bob["tokens"]["voip"]["token"], masked(2), "{bob:#}");
    assert_eq!(bob["tokens"]["live_activities"]["taxi"]["token"], masked(3));
}

#[tokio::test]
async fn req_72_who_loses_calls_with_a_channel_is_counted() {
    let rig = with_calls().await;
    // What comes while the daemon counts what was there may be counted twice.
    let counted = async || channel(&rig, CALLS).await["devices"] == 0;
    until("the count of none", counted).await;
    for n in 0..3 {
        let tokens = json!({"voip": call_token(n + 10), "live_activities": {"a": token(n + 20)}});
        tell_of(&rig, &format!("u{n}"), &token(n + 30), tokens).await;
    }
    // Devices, not tokens.
    assert_eq!(channel(&rig, CALLS).await["devices"], 3);
    assert_eq!(channel(&rig, "ios").await["devices"], 3);
    std::fs::remove_file(rig.home.channel_file(CALLS)).unwrap();

    let reloaded = nudgectl(&rig, &["reload", "--dry-run"]).await;

    let told = format!("{}{}", reloaded.out, reloaded.err);
    assert!(
        told.contains("certificate id 77") && told.contains("3 devices"),
        "{told}"
    );
}

#[tokio::test]
async fn req_72_an_export_has_all_tokens_and_an_import_takes_them() {
    let rig = with_calls().await;
    let tokens = json!({"voip": call_token(2), "live_activities": {"a \"b\"": token(3)}});
    tell_of(&rig, "bob", &token(1), tokens).await;
    let android = json!({"channel": FCM.channel, "token": FCM.token});
    report(&rig, "eve", "phone", android).await.expect(200);
    let off = json!({"token": null, "tokens": {"voip": call_token(4)}});
    report(&rig, "off", "phone", off).await.expect(200);
    let before = rig.client.get_lines("/v1/devices/export").await.unwrap();
    assert_eq!(before.len(), 3, "{before:#?}");
    let voip = &before[0]["tokens"]["voip"];
    assert_eq!(
        *voip,
        json!({"token": token(2), "certificate_id": CALLS_ID})
    );
    for name in ["all.ndjson", "all.csv"] {
        let file = rig.home.path().join(name).display().to_string();
        let out = nudgectl(&rig, &["device", "export", &file]).await;
        assert_eq!(out.code, Some(0), "{out:?}");
        for user in ["bob", "eve", "off"] {
            let gone = nudgectl(&rig, &["device", "rm", user, "phone"]).await;
            assert_eq!(gone.code, Some(0), "{gone:?}");
        }

        let taken = nudgectl(&rig, &["device", "import", &file]).await;

        assert!(taken.out.contains("registered 3 devices"), "{taken:?}");
        let after = rig.client.get_lines("/v1/devices/export").await.unwrap();
        assert_eq!(after, before, "{name}");
    }
    let line = json!({"user": "kim", "device": "p", "channel": "ios", "token": token(8),
        "tokens": {"live_activities": {"x": "no token"}}});
    let answers = rig
        .client
        .post_lines("/v1/devices/import", format!("{line}\n"))
        .await
        .unwrap();
    let refused = &answers[0]["refused"][0];
    assert_eq!(refused["field"], "tokens.live_activities.x", "{answers:#?}");
}

#[tokio::test]
async fn req_72_the_operator_registers_them() {
    let rig = with_calls().await;
    let (own, voip, start, taxi) = (token(1), token(2), token(3), token(4));
    let taxi = format!("taxi=1={taxi}");
    let put = [
        "device",
        "put",
        "bob",
        "phone",
        "--channel",
        "ios",
        "--token",
        &own,
    ];
    let more = [
        "--voip-token",
        &voip,
        "--voip-channel",
        CALLS,
        "--live-activity-start",
        &start,
        "--live-activity",
        &taxi,
    ];

    let told = nudgectl(&rig, &[&put[..], &more].concat()).await;

    assert_eq!(told.code, Some(0), "{told:?}");
    assert!(told.out.contains("voip: ios-voip, token"), "{told:?}");
    let listed = nudgectl(&rig, &["device", "ls", "bob"]).await.out;
    for word in [
        CALLS,
        "live activity start",
        "live activity taxi=1",
        &masked(2),
    ] {
        assert!(listed.contains(word), "{word}: {listed}");
    }
    assert!(!listed.contains(&voip), "{listed}");
    let less = ["--voip-token", "", "--live-activity", "taxi=1="];
    let told = nudgectl(&rig, &[&put[..], &less].concat()).await;
    assert_eq!(told.code, Some(0), "{told:?}");
    let tokens = phone(&rig, "bob").await["tokens"].clone();
    assert_eq!(
        tokens.as_object().unwrap().keys().collect::<Vec<_>>(),
        ["live_activity_start"]
    );
}

//! Where the apps of devices are, and what users want of push.

use http::Method;
use nudged_rig::{APNS, FCM, Rig};
use serde_json::{Value, json};

use crate::world::bob::with_phone;
use crate::world::{now_ms, nudgectl, problem, text, time_at, token};

const BOB: &str = "/v1/apps/default/users/bob";
const PHONE: &str = "/v1/apps/default/users/bob/devices/phone";

#[tokio::test]
async fn a_device_that_never_reported_its_state_is_in_background() {
    let rig = with_phone().await;

    let device = get(&rig, PHONE).await;

    assert_eq!(device["state"], "background", "{device:#}");
    for absent in ["state_at", "lease_until", "unread", "language"] {
        assert_eq!(device[absent], Value::Null, "{device:#}");
    }
}

#[tokio::test]
async fn foreground_holds_as_long_as_its_lease() {
    let rig = with_phone().await;

    let before = now_ms();
    let device = put_state(&rig, json!({"state": "foreground"})).await;
    let lease = time_at(&device, "/lease_until") - before;
    assert!((400_000..410_000).contains(&lease), "{device:#}");
    assert_eq!(device["state"], "foreground");
    assert_eq!(device["unread"], 0, "whoever looks has read: {device:#}");
    assert_eq!(get(&rig, PHONE).await, device);

    let device = put_state(&rig, json!({"state": "foreground", "lease": 1})).await;
    let end = time_at(&device, "/lease_until");
    while now_ms() < end {
        tokio::task::yield_now().await;
    }
    let device = get(&rig, PHONE).await;
    assert_eq!(device["state"], "background", "{device:#}");
    assert_eq!(device["lease_until"], Value::Null, "{device:#}");
}

#[tokio::test]
async fn background_brings_the_unread_number_and_a_new_token_keeps_it() {
    let rig = with_phone().await;
    put_state(&rig, json!({"state": "background", "unread": 5})).await;

    put_state(&rig, json!({"state": "background"})).await;
    let report = json!({
        "channel": "ios", "token": token(2),
        "platform": "ios 26", "language": "zh-Hans", "app_version": "8.1",
    });
    rig.client.put(PHONE, &report).await.unwrap().expect(200);

    let device = get(&rig, PHONE).await;
    assert_eq!(device["unread"], 5, "{device:#}");
    assert_eq!(device["language"], "zh-Hans");
    assert_eq!(device["app_version"], "8.1");
    // A report replaces what an app says of itself.
    rig.register("bob", "phone", "ios", &token(2))
        .await
        .unwrap();
    let device = get(&rig, PHONE).await;
    assert_eq!(device["language"], Value::Null, "{device:#}");
    assert_eq!(device["unread"], 5);
}

#[tokio::test]
async fn states_survive_a_kill() {
    let mut rig = with_phone().await;
    let before = put_state(&rig, json!({"state": "background", "unread": 7})).await;

    rig.kill9().await.unwrap();
    rig.launch().await.unwrap();

    assert_eq!(get(&rig, PHONE).await, before);
}

#[tokio::test]
async fn a_late_report_does_not_switch_a_logged_out_phone_on_again() {
    let rig = with_phone().await;
    for out in ["logged_out", "kicked"] {
        put_state(&rig, json!({"state": out})).await;

        let late = json!({"channel": "ios", "token": token(2)});
        let reply = rig.client.put(PHONE, &late).await.unwrap();
        let refused = problem(reply, 409, "not_logged_in");
        assert!(text(&refused, "hint").contains("login"), "{refused:#}");
        assert_eq!(get(&rig, PHONE).await["state"], out);

        let login = json!({"channel": "ios", "token": token(2), "login": true});
        let device = rig.client.put(PHONE, &login).await.unwrap().expect(200);
        assert_eq!(device["state"], "background", "{device:#}");
    }
    put_state(&rig, json!({"state": "logged_out"})).await;
    put_state(&rig, json!({"state": "foreground"})).await;
    rig.register("bob", "phone", "ios", &token(3))
        .await
        .unwrap();
}

#[tokio::test]
async fn a_report_without_a_token_turns_the_push_of_a_device_off() {
    let rig = with_phone().await;
    for off in [
        json!({}),
        json!({"token": null, "certificate_id": APNS.certificate_id}),
        json!({"token": "", "channel": "", "platform": ""}),
    ] {
        rig.register("bob", "phone", "ios", &token(1))
            .await
            .unwrap();

        let device = rig.client.put(PHONE, &off).await.unwrap().expect(200);

        for gone in ["token", "channel", "certificate_id", "platform"] {
            assert_eq!(device[gone], Value::Null, "{off}: {device:#}");
        }
        // The token is free.
        let put = rig
            .register("alice", "phone", "ios", &token(1))
            .await
            .unwrap();
        assert_eq!(put["taken_from"], Value::Null);
    }
    // An unknown certificate id is a mistake, with or without a token.
    let unknown = json!({"token": null, "certificate_id": 77});
    let reply = rig.client.put(PHONE, &unknown).await.unwrap();
    assert_eq!(problem(reply, 422, "invalid")["field"], "certificate_id");
}

#[tokio::test]
async fn what_is_wrong_in_a_state_is_named() {
    let rig = with_phone().await;
    let path = format!("{PHONE}/state");
    for (state, field) in [
        (json!({"state": "background", "lease": 5}), "lease"),
        (json!({"state": "foreground", "unread": 5}), "unread"),
        (json!({"state": "kicked", "unread": 5}), "unread"),
        (json!({"state": "foreground", "lease": 0}), "lease"),
        (json!({"state": "foreground", "lease": 86_401}), "lease"),
        (json!({"state": "background", "unread": 100_000}), "unread"),
    ] {
        let reply = rig.client.put(&path, &state).await.unwrap();
        assert_eq!(problem(reply, 422, "invalid")["field"], field, "{state}");
    }
    for (state, field) in [
        (json!({"state": "asleep"}), json!("state")),
        (
            json!({"state": "background", "unread": -1}),
            json!("unread"),
        ),
        (json!({"state": "background", "badge": 1}), json!("badge")),
        (json!({"lease": 1}), Value::Null),
    ] {
        let reply = rig.client.put(&path, &state).await.unwrap();
        assert_eq!(
            problem(reply, 400, "bad_request")["field"],
            field,
            "{state}"
        );
    }
    let unknown = format!("{BOB}/devices/tablet/state");
    let state = json!({"state": "background"});
    let reply = rig.client.put(&unknown, &state).await.unwrap();
    let refused = problem(reply, 404, "not_found");
    assert!(text(&refused, "hint").contains("token"), "{refused:#}");
    let reply = rig
        .client
        .get(&format!("{BOB}/devices/tablet"))
        .await
        .unwrap();
    problem(reply, 404, "not_found");
}

#[tokio::test]
async fn settings_are_read_as_they_were_set() {
    let mut rig = with_phone().await;
    let path = format!("{BOB}/settings");
    let default = json!({"enabled": true, "do_not_disturb": {}});
    assert_eq!(get(&rig, &path).await, default);
    let settings = json!({
        "enabled": false,
        "c2c_sound": "ping.caf",
        "group_sound": null,
        "quiet_hours": {"start": "22:00", "duration": 28800, "time_zone": "Europe/Berlin"},
        "do_not_disturb": {"c2c:alice": 2, "group:g1": 3},
    });

    let put = rig.client.put(&path, &settings).await.unwrap().expect(200);
    assert_eq!(put, settings);
    rig.kill9().await.unwrap();
    rig.launch().await.unwrap();
    assert_eq!(get(&rig, &path).await, settings);

    let change = json!({
        "enabled": true, "c2c_sound": null, "quiet_hours": null,
        "do_not_disturb": {"group:g1": null, "c2c:eve": 1},
    });
    let kind = "application/merge-patch+json";
    let patch = rig
        .client
        .raw(Method::PATCH, &path, kind, change.to_string());
    let patched = patch.await.unwrap().expect(200);
    let expected = json!({
        "enabled": true, "c2c_sound": null, "group_sound": null,
        "do_not_disturb": {"c2c:alice": 2, "c2c:eve": 1},
    });
    assert_eq!(patched, expected);
    assert_eq!(get(&rig, &path).await, expected);
    rig.client.put(&path, &json!({})).await.unwrap().expect(200);
    assert_eq!(get(&rig, &path).await, default);
}

#[tokio::test]
async fn settings_need_a_user_who_is_logged_in() {
    let rig = with_phone().await;
    let path = format!("{BOB}/settings");
    let settings = json!({"enabled": false});
    rig.client.put(&path, &settings).await.unwrap().expect(200);
    put_state(&rig, json!({"state": "logged_out"})).await;

    for path in [&path, "/v1/apps/default/users/nobody/settings"] {
        let reply = rig.client.get(path).await.unwrap();
        problem(reply, 409, "not_logged_in");
        let reply = rig.client.put(path, &json!({})).await.unwrap();
        problem(reply, 409, "not_logged_in");
        let patch = rig
            .client
            .raw(Method::PATCH, path, "application/json", "{}");
        problem(patch.await.unwrap(), 409, "not_logged_in");
    }
    put_state(&rig, json!({"state": "background"})).await;
    assert_eq!(get(&rig, &path).await["enabled"], false);
}

#[tokio::test]
async fn what_is_wrong_in_settings_is_named() {
    let rig = with_phone().await;
    let path = format!("{BOB}/settings");
    let many: serde_json::Map<String, Value> = (0..5001)
        .map(|n| (format!("c2c:{n:0>200}"), json!(2)))
        .collect();
    for (settings, field) in [
        (
            json!({"quiet_hours": {"start": "10pm", "duration": 1}}),
            "quiet_hours.start",
        ),
        (
            json!({"do_not_disturb": {"c2c:a": 9}}),
            "do_not_disturb[\"c2c:a\"]",
        ),
        (json!({"do_not_disturb": many}), "do_not_disturb"),
    ] {
        let reply = rig.client.put(&path, &settings).await.unwrap();
        assert_eq!(problem(reply, 422, "invalid")["field"], field);
    }
    let reply = rig.client.put(&path, &json!({"sound": "x"})).await.unwrap();
    assert_eq!(problem(reply, 400, "bad_request")["field"], "sound");
    let patch = rig
        .client
        .raw(Method::PATCH, &path, "application/json", "[]");
    problem(patch.await.unwrap(), 400, "bad_request");
}

#[tokio::test]
async fn nudgectl_reports_states_and_settings() {
    let rig = with_phone().await;
    let said = async |line: &[&str]| {
        let ran = nudgectl(&rig, line).await;
        assert_eq!(ran.code, Some(0), "{line:?}: {ran:?}");
        ran.out
    };
    let state = ["device", "state", "bob", "phone"];

    let told = said(&[&state[..], &["background", "--unread", "3"]].concat()).await;
    assert_eq!(told, "bob/phone is background, 3 unread\n");
    let table = said(&["device", "ls", "bob"]).await;
    for word in ["STATE", "UNREAD", "background", " 3 "] {
        assert!(table.contains(word), "{word}: {table}");
    }
    let told = said(&[&state[..], &["foreground", "--lease", "60"]].concat()).await;
    assert!(
        told.starts_with("bob/phone is foreground until 20"),
        "{told}"
    );
    said(&[&state[..], &["logged_out"]].concat()).await;
    let put = ["device", "put", "bob", "phone", "--channel", "android"];
    let put = [&put[..], &["--token", FCM.token]].concat();
    let ran = nudgectl(&rig, &put).await;
    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert!(ran.err.contains("not logged in"), "{ran:?}");
    said(&[&put[..], &["--login", "--language", "de"]].concat()).await;

    let set = ["settings", "set", "bob", "--enabled", "false"];
    let quiet = ["--quiet", "22:00+8h", "--time-zone", "Asia/Shanghai"];
    let dnd = ["--dnd", "c2c:alice=2", "--c2c-sound", "default"];
    let shown = said(&[&set[..], &quiet, &dnd].concat()).await;
    for words in [
        "no",
        "default (the system's)",
        "22:00 for 8h, Asia/Shanghai",
        "c2c:alice",
        "2 (no push)",
    ] {
        assert!(shown.contains(words), "{words}: {shown}");
    }
    assert_eq!(said(&["settings", "show", "bob"]).await, shown);
    let of_platforms = ["--group-sound", "ios=many.caf", "--c2c-sound", "android="];
    let shown = said(&[&set[..3], &of_platforms].concat()).await;
    assert!(shown.contains("ios group sound"), "{shown}");
    assert!(shown.contains("many.caf") && !shown.contains("android"));
    let shown = said(&["settings", "set", "bob", "--group-sound", "ios="]).await;
    assert!(!shown.contains("ios group sound"), "{shown}");
    let shown = said(&["settings", "set", "bob", "--quiet", "off"]).await;
    assert!(
        !shown.contains("22:00") && shown.contains("alice"),
        "{shown}"
    );
    let ran = nudgectl(&rig, &["settings", "set", "bob"]).await;
    assert_eq!(ran.code, Some(2), "{ran:?}");
}

async fn put_state(rig: &Rig, state: Value) -> Value {
    let path = format!("{PHONE}/state");
    rig.client.put(&path, &state).await.unwrap().expect(200)
}

async fn get(rig: &Rig, path: &str) -> Value {
    rig.client.get(path).await.unwrap().expect(200)
}

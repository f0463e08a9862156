//! `POST /v1/notifications/preview`: what sending would do, and that it does nothing.

mod agreement;
mod cases;
mod wire;

use http::Method;
use nudged_rig::vendor::XIAOMI;
use nudged_rig::{APNS, FCM, Rig, VENDORS, Vendor};
use serde_json::{Value, json};

use crate::world::bob::with_phone;
use crate::world::stranger::Stranger;
use crate::world::{nudgectl, only_taken, problem, rig_of, text, to_token};

const PREVIEW: &str = "/v1/notifications/preview";
const PHONE: &str = "/v1/apps/default/users/bob/devices/phone";

#[tokio::test]
async fn a_preview_writes_nothing_and_sends_nothing() {
    let rig = with_phone().await;
    let state = json!({"state": "background", "unread": 5});
    let path = format!("{PHONE}/state");
    rig.client.put(&path, &state).await.unwrap().expect(200);
    let before = device(&rig).await;
    let spec = json!({
        "to": [{"user": "bob"}, {"user": "eve"}],
        "message": {"title": "Carol", "body": "Lunch?"},
        "idempotency_key": "k1",
    });

    for _ in 0..2 {
        let told = preview(&rig, &spec).await;
        let body: Value = serde_json::from_str(text(&told["requests"][0], "body")).unwrap();
        assert_eq!(body["aps"]["badge"], 6, "{told:#}");
        assert_eq!(told["deliveries"][0]["pushed"], true);
        assert_eq!(told["deliveries"][1]["reason"]["code"], "no_device");
    }

    assert_eq!(device(&rig).await, before);
    let status = rig.client.get("/v1/status").await.unwrap().expect(200);
    for count in ["notifications", "deliveries"] {
        assert_eq!(status["totals"][count], 0, "{status:#}");
    }
    // The key is not used up, and what is sent now is the first that anybody hears of.
    let id = rig.accept(&spec).await.unwrap();
    rig.client.outcomes(&id, 2).await.unwrap();
    assert_eq!(only_taken(&rig, APNS).body["aps"]["badge"], 6);
    let mut events = rig.client.events("since=0").await.unwrap();
    let mut told = 0;
    while let Some(event) = events.next().await.unwrap() {
        assert_eq!(text(&event, "id"), id);
        told += 1;
    }
    assert_eq!(told, 2);
}

#[tokio::test]
async fn devices_share_a_request_though_others_stand_between_them() {
    let rig = rig_of(&[APNS, XIAOMI]).await;
    let of = |vendor: Vendor, number| {
        let token = vendor.numbered(number);
        json!({"channel": vendor.channel, "token": token, "language": "de"})
    };
    // A translation that says nothing makes the same message of another recipe.
    let mut plain = of(XIAOMI, 1);
    plain["language"] = json!("");
    let spec = json!({
        "to": [plain, of(APNS, 2), of(XIAOMI, 3)],
        "message": {"title": "Carol", "body": "Lunch?", "translations": {"de": {"body": ""}}},
    });

    let told = preview(&rig, &spec).await;
    let id = rig.accept(&spec).await.unwrap();
    rig.client.outcomes(&id, 3).await.unwrap();

    let devices = told["requests"].as_array().unwrap().iter();
    let devices: Vec<&Value> = devices.map(|it| &it["devices"]).collect();
    assert_eq!(devices, [2, 1], "{told:#}");
    let tokens = [XIAOMI.numbered(1), XIAOMI.numbered(3)];
    assert_eq!(only_taken(&rig, XIAOMI).tokens, tokens);
}

#[tokio::test]
async fn a_preview_refuses_what_sending_refuses() {
    let rig = with_phone().await;
    let changes: [(&str, Value); 7] = [
        ("to", json!([])),
        ("to", json!([{"channel": "nokia", "token": "t"}])),
        ("message", json!({})),
        (
            "message",
            json!({"title": "x", "platforms": {"ios": {"click": {"action": "open_url"}}}}),
        ),
        ("options", json!({"apns": {"colour": "red"}})),
        ("ttl", json!(99_999_999)),
        ("idempotency_key", json!("k".repeat(200))),
    ];
    for (member, value) in changes {
        let mut spec = json!({"to": [{"user": "bob"}], "message": {"title": "Carol"}});
        spec[member] = value;
        let told = rig.client.post(PREVIEW, &spec).await.unwrap();
        let told = problem(told, 422, "invalid");
        assert!(text(&told, "field").starts_with(member), "{told:#}");
        let sent = rig.client.send(&spec).await.unwrap();
        assert_eq!(problem(sent, 422, "invalid"), told);
    }
    let unknown = json!({"to": [{"user": "bob"}], "message": {"titel": "x"}});
    let told = rig.client.post(PREVIEW, &unknown).await.unwrap();
    let told = problem(told, 400, "bad_request");
    assert_eq!(text(&told, "field"), "message.titel", "{told:#}");
    let lines = to_token(1, "x").to_string() + "\n";
    let kind = "application/x-ndjson";
    let told = rig.client.raw(Method::POST, PREVIEW, kind, lines);
    problem(told.await.unwrap(), 415, "unsupported_media_type");
}

#[tokio::test]
async fn a_preview_shows_no_secret_no_grant_and_no_whole_token() {
    let rig = rig_of(&VENDORS).await;
    let mut to = Vec::new();
    for vendor in VENDORS {
        for number in 0..2 {
            let (device, token) = (format!("{}-{number}", vendor.name), vendor.numbered(number));
            rig.register("bob", &device, vendor.channel, &token)
                .await
                .unwrap();
        }
        to.push(json!({"channel": vendor.channel, "token": vendor.numbered(7)}));
        to.push(json!({"channel": vendor.channel, "token": vendor.numbered(8)}));
    }
    to.push(json!({"user": "bob"}));
    let spec = json!({"to": to, "message": {"title": "Carol", "body": "Lunch?"}});
    let fresh = preview(&rig, &spec).await;
    // Once with the grants that the daemon then has.
    let id = rig.accept(&spec).await.unwrap();
    rig.client.outcomes(&id, 4 * VENDORS.len()).await.unwrap();

    for told in [fresh, preview(&rig, &spec).await] {
        let all = told.to_string();
        for vendor in VENDORS {
            for token in [0, 1, 7, 8].map(|number| vendor.numbered(number)) {
                let escaped = token.replace('=', "%3D").replace(':', "%3A");
                assert!(!all.contains(&token), "{token}: {told:#}");
                assert!(!all.contains(&escaped), "{escaped}: {told:#}");
            }
        }
        for secret in wire::SECRETS {
            assert!(!all.contains(secret), "{secret}: {told:#}");
        }
        assert!(!all.contains("grant-of"), "{told:#}");
        let mut drivers: Vec<&str> = Vec::new();
        for request in told["requests"].as_array().unwrap() {
            drivers.push(text(request, "driver"));
            for header in request["headers"].as_array().unwrap() {
                let value = text(header, "value");
                match text(header, "name") {
                    "authorization" => {
                        assert!(["…", "Bearer …", "bearer …"].contains(&value), "{value}")
                    }
                    "authtoken" => assert_eq!(value, "…"),
                    _ => {}
                }
            }
        }
        drivers.dedup();
        assert_eq!(drivers.len(), VENDORS.len(), "{drivers:?}");
    }
}

#[tokio::test]
async fn nudgectl_shows_what_sending_would_do() {
    let rig = with_phone().await;
    rig.register("bob", "pixel", "android", FCM.token)
        .await
        .unwrap();
    let path = "/v1/apps/default/users/bob/devices/pixel/state";
    let state = json!({"state": "foreground"});
    rig.client.put(path, &state).await.unwrap().expect(200);
    let line = [
        "preview",
        "--user",
        "bob",
        "--user",
        "eve",
        "--sender",
        "carol",
        "--sender-name",
        "Carol",
        "--group",
        "g1",
        "--group-name",
        "Team",
        "--element",
        "text=Lunch?",
        "--platform",
        r#"ios={"click":{"action":"open_url","value":"https://example.com/"}}"#,
    ];

    let ran = nudgectl(&rig, &line).await;

    assert_eq!(ran.code, Some(0), "{ran:?}");
    for words in [
        "bob/phone via ios (apns), token b0bb…b0b1: pushed, request 1\n",
        "bob/pixel via android (fcm), token dEm0…wxyz: not pushed, suppressed foreground\n",
        "    what to do: report background when the app leaves the screen\n",
        "eve: not pushed, suppressed no_device\n",
        "request 1 via ios (apns), 1 device\n    POST https://",
        "/3/device/b0bb…b0b1\n",
        "    authorization: bearer …\n",
        "    apns-push-type: alert\n",
        "\"body\": \"Carol(Team):Lunch?\"",
        "  warning: message.click: ",
    ] {
        assert!(ran.out.contains(words), "{words}: {}", ran.out);
    }
    let ran = nudgectl(&rig, &[&["--json"], &line[..]].concat()).await;
    let told: Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(told["deliveries"].as_array().unwrap().len(), 3, "{told:#}");

    let ran = nudgectl(&rig, &[&line[..], &["--no-push"]].concat()).await;
    assert_eq!(ran.code, Some(0), "nobody is no mistake: {ran:?}");
    assert_eq!(ran.out.matches("suppressed push_disabled").count(), 3);
    let ran = nudgectl(&rig, &["preview", "--user", "bob"]).await;
    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert!(ran.err.contains("field: message"), "{ran:?}");
    assert_eq!(rig.simulator.counts().apns.requests, 0);
}

/// Only root can be somebody else, so for others there is nothing to see here.
#[tokio::test]
async fn who_may_not_send_may_not_preview() {
    let rules = "[[access]]\nusers = [\"65534\"]\napps = [\"default\"]\nverbs = [\"send\"]\n\
                 [[access]]\nusers = [\"65534\"]\napps = [\"*\"]\nverbs = [\"observe\"]\n";
    let Some(stranger) = Stranger::under(rules).await else {
        return;
    };

    for (app, may) in [("default", true), ("", true), ("other", false)] {
        let output = stranger
            .nudgectl(&["preview", "--user", "eve", "--title", "x", "--app", app])
            .await;
        let complaint = String::from_utf8_lossy(&output.stderr);
        assert_eq!(complaint.contains("may not send"), !may, "{output:?}");
        assert_eq!(output.status.success(), may, "{output:?}");
    }
}

async fn device(rig: &Rig) -> Value {
    rig.client.get(PHONE).await.unwrap().expect(200)
}

async fn preview(rig: &Rig, spec: &Value) -> Value {
    rig.client.post(PREVIEW, spec).await.unwrap().expect(200)
}

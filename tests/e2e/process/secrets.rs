//! Secrets: no key, grant, whole token or word of a message is in anything that the daemon
//! shows to anybody, whatever goes wrong.

use nudged_rig::{APNS, BASICS, FCM, Rig, RigOptions};
use nudged_simulator::{Fault, FaultKind};
use serde_json::{Value, json};

use super::{nudged, with_settings};
use crate::support::{now_ms, nudgectl, problem, rig_with, text, token};

#[tokio::test]
async fn secrets_and_whole_tokens_are_shown_nowhere() {
    let options = RigOptions {
        logged: "debug".into(),
        ..with_settings(|it| it.request_timeout = "400ms".into())
    };
    let mut rig = rig_with(options).await;
    let spoken = "what-one-told-the-other";
    let mut ids = Vec::new();
    let mut shown = Shown::default();

    for (n, kind) in (0..).zip([
        again_in_a_second(503),
        again_in_a_second(429),
        FaultKind::Reset,
        FaultKind::GoAway,
        FaultKind::Drop,
        FaultKind::Garbage,
        FaultKind::Hang { ms: None },
    ]) {
        for vendor in BASICS {
            if vendor.name == "fcm" && kind == FaultKind::Garbage {
                // The driver waits ten seconds after those, as Google asks for.
                continue;
            }
            rig.simulator.fault(Fault::new(kind.clone()).times(1));
            let to = match vendor.name {
                "apns" => token(0xabcd_ef00 + n),
                _ => format!("{}{n}", FCM.token),
            };
            let notification = json!({
                "to": [{"channel": vendor.channel, "token": to}],
                "message": {"title": spoken, "body": spoken, "ext": spoken},
            });
            let event = rig.deliver(&notification).await.unwrap();
            ids.push(text(&event, "id").to_owned());
        }
    }
    // A dead device, a dead grant, and what each vendor itself finds wrong.
    shown.add(rig.register("bob", "phone", "ios", APNS.token).await);
    shown.add(rig.register("eve", "phone", "ios", APNS.token).await);
    rig.simulator
        .unregister_token(APNS.token, now_ms() + 60_000);
    for to in [
        json!({"user": "eve"}),
        json!({"channel": "android", "token": FCM.token}),
        json!({"channel": "ios", "token": FCM.token}),
    ] {
        rig.simulator.fcm_revoke_grants();
        let notification = json!({"to": [to], "message": {"body": spoken}});
        let event = rig.deliver(&notification).await.unwrap();
        ids.push(text(&event, "id").to_owned());
    }
    shown.add(rig.register("bob", "pixel", "android", FCM.token).await);

    let secrets = secrets(&rig);
    for id in &ids {
        shown.add(rig.client.trace(id).await);
        shown.add(Ok::<_, ()>(nudgectl(&rig, &["trace", id]).await));
    }
    for path in [
        "/v1/status",
        "/v1/channels",
        "/v1/drivers",
        "/v1/apps/default/users/bob/devices",
    ] {
        shown.add(rig.client.get(path).await);
    }
    for arguments in [
        &["events", "--since", "0"][..],
        &["events", "--since", "0", "--json"],
        &["device", "ls", "bob"],
        &["channel", "ls"],
        &["driver", "ls"],
        &["status"],
        &["send", "--user", "bob", "--body", "x", "--wait"],
        &[
            "device",
            "put",
            "bob",
            "tablet",
            "--channel",
            "ios",
            "--token",
            APNS.token,
        ],
    ] {
        let ran = nudgectl(&rig, arguments).await;
        assert_eq!(ran.code, Some(0), "{arguments:?}: {ran:?}");
        shown.add(Ok::<_, ()>(ran));
    }
    spoil_credentials(&rig);
    let reply = rig.client.post("/v1/reload", &Value::Null).await.unwrap();
    let refused = problem(reply, 422, "reload_refused");
    assert_eq!(refused["problems"].as_array().unwrap().len(), 2);
    shown.add(Ok::<_, ()>(refused));
    shown.add(Ok::<_, ()>(nudged(&rig, &["--check"]).await));
    let log = rig.log_view().unwrap();
    rig.terminate().await.unwrap();
    shown.add(Ok::<_, ()>(log.text()));

    assert!(shown.0.len() > 10_000, "{}", shown.0.len());
    assert!(log.text().contains("DEBUG"), "{}", log.text());
    let fixed = [
        APNS.token,
        FCM.token,
        &token(0xabcd_ef00),
        spoken,
        // A grant, a signed token, and what both are sent as.
        "ya29.",
        "eyJ",
        "earer ",
        "-----BEGIN",
    ];
    let fixed = fixed.iter().map(|it| (*it).to_owned());
    for secret in fixed.chain(secrets) {
        let found = shown.0.lines().find(|line| line.contains(&secret));
        assert_eq!(found, None, "{secret} is shown");
    }
}

fn again_in_a_second(status: u16) -> FaultKind {
    FaultKind::Status {
        status,
        reason: None,
        retry_after: Some("1".into()),
        timestamp_ms: None,
    }
}

/// All that anybody was shown.
#[derive(Default)]
struct Shown(String);

impl Shown {
    fn add<T: std::fmt::Debug, E: std::fmt::Debug>(&mut self, shown: Result<T, E>) {
        self.0.push_str(&format!("{:?}\n", shown.unwrap()));
    }
}

/// The lines of the private keys.
fn secrets(rig: &Rig) -> Vec<String> {
    let file = |name: &str| std::fs::read_to_string(rig.home.path().join(name)).unwrap();
    let account: Value = serde_json::from_str(&file("service-account.json")).unwrap();
    let keys = [
        file("AuthKey_SIMKEY0001.p8"),
        text(&account, "private_key").to_owned(),
    ];
    let lines = keys.iter().flat_map(|key| key.lines());
    let lines = lines.filter(|line| line.len() > 20 && !line.starts_with('-'));
    let secrets: Vec<String> = lines.map(str::to_owned).collect();
    assert!(secrets.len() > 10, "{}", secrets.len());
    secrets
}

/// Makes both keys unreadable somewhere in their middle.
fn spoil_credentials(rig: &Rig) {
    for name in ["AuthKey_SIMKEY0001.p8", "service-account.json"] {
        let path = rig.home.path().join(name);
        let mut text = std::fs::read_to_string(path).unwrap();
        let begin = text.find("BEGIN PRIVATE KEY-----").unwrap();
        text.replace_range(begin + 90..begin + 92, "!!");
        rig.home.write(name, text).unwrap();
    }
}

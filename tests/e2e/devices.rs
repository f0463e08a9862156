//! Devices: who has which token.

use nudged_rig::{APNS, FCM, Rig};
use serde_json::{Value, json};

use crate::support::{problem, rig, text, token};

const BOB: &str = "/v1/apps/default/users/bob/devices";

#[tokio::test]
async fn a_device_is_put_listed_and_deleted() {
    let rig = rig().await;
    let phone = format!("{BOB}/phone");
    let report = json!({"channel": "ios", "token": token(1), "platform": "ios 26"});

    let put = rig.client.put(&phone, &report).await.unwrap().expect(200);

    assert_eq!(put["taken_from"], Value::Null);
    let listed = devices(&rig, "default", "bob").await;
    assert_eq!(listed.len(), 1, "{listed:#?}");
    for (member, value) in [
        ("app", json!("default")),
        ("user", json!("bob")),
        ("device", json!("phone")),
        ("channel", json!("ios")),
        ("certificate_id", json!(APNS.certificate_id)),
        ("platform", json!("ios 26")),
    ] {
        assert_eq!(listed[0][member], value, "{member}");
        assert_eq!(put[member], value, "{member}");
    }
    assert!(text(&listed[0], "registered_at").ends_with('Z'));
    rig.client.delete(&phone).await.unwrap().expect(204);
    assert_eq!(devices(&rig, "default", "bob").await, Vec::<Value>::new());
}

#[tokio::test]
async fn a_device_that_is_not_there_cannot_be_deleted() {
    let rig = rig().await;
    rig.register("bob", "phone", "ios", &token(1))
        .await
        .unwrap();

    for path in [
        format!("{BOB}/tablet"),
        "/v1/apps/default/users/alice/devices/phone".to_owned(),
        "/v1/apps/other/users/bob/devices/phone".to_owned(),
    ] {
        let reply = rig.client.delete(&path).await.unwrap();
        problem(reply, 404, "not_found");
    }

    assert_eq!(devices(&rig, "default", "bob").await.len(), 1);
}

#[tokio::test]
async fn a_token_that_another_user_reports_leaves_the_first() {
    let rig = rig().await;
    rig.register("bob", "phone", "ios", &token(1))
        .await
        .unwrap();
    rig.register("bob", "tablet", "ios", &token(2))
        .await
        .unwrap();

    let put = rig
        .register("alice", "mini", "ios", &token(1))
        .await
        .unwrap();

    assert_eq!(
        put["taken_from"],
        json!({"user": "bob", "device": "phone"}),
        "{put:#}"
    );
    assert_eq!(names(&devices(&rig, "default", "bob").await), ["tablet"]);
    assert_eq!(names(&devices(&rig, "default", "alice").await), ["mini"]);
    let event = rig.deliver(&to("alice")).await.unwrap();
    assert_eq!(
        (text(&event, "user"), text(&event, "device")),
        ("alice", "mini")
    );
}

#[tokio::test]
async fn a_token_moves_between_the_devices_of_one_user() {
    let rig = rig().await;
    rig.register("bob", "old", "ios", &token(1)).await.unwrap();

    let put = rig.register("bob", "new", "ios", &token(1)).await.unwrap();

    assert_eq!(put["taken_from"], json!({"user": "bob", "device": "old"}));
    assert_eq!(names(&devices(&rig, "default", "bob").await), ["new"]);
}

#[tokio::test]
async fn a_device_that_reports_again_takes_nothing_from_itself() {
    let rig = rig().await;
    for _ in 0..2 {
        let put = rig
            .register("bob", "phone", "ios", &token(1))
            .await
            .unwrap();
        assert_eq!(put["taken_from"], Value::Null);
    }
    assert_eq!(devices(&rig, "default", "bob").await.len(), 1);
}

#[tokio::test]
async fn a_replaced_token_is_used_and_the_old_one_free() {
    let rig = rig().await;
    rig.register("bob", "phone", "ios", &token(1))
        .await
        .unwrap();

    rig.register("bob", "phone", "ios", &token(2))
        .await
        .unwrap();

    assert_eq!(devices(&rig, "default", "bob").await.len(), 1);
    rig.deliver(&to("bob")).await.unwrap();
    assert_eq!(rig.simulator.received()[0].token, token(2));
    let put = rig
        .register("alice", "phone", "ios", &token(1))
        .await
        .unwrap();
    assert_eq!(put["taken_from"], Value::Null, "bob has it no more");
    assert_eq!(devices(&rig, "default", "bob").await.len(), 1);
}

#[tokio::test]
async fn a_device_that_changes_its_vendor_is_reached_by_the_new_one() {
    let rig = rig().await;
    rig.register("bob", "phone", "ios", &token(1))
        .await
        .unwrap();

    rig.register("bob", "phone", "android", FCM.token)
        .await
        .unwrap();

    let event = rig.deliver(&to("bob")).await.unwrap();
    assert_eq!(
        (text(&event, "channel"), text(&event, "outcome")),
        ("android", "accepted")
    );
    assert_eq!(rig.simulator.counts().apns.requests, 0);
}

#[tokio::test]
async fn a_certificate_id_names_a_channel_too() {
    let rig = rig().await;
    let report = json!({"certificate_id": FCM.certificate_id, "token": FCM.token});

    let put = rig
        .client
        .put(&format!("{BOB}/phone"), &report)
        .await
        .unwrap()
        .expect(200);

    assert_eq!(put["channel"], FCM.channel);
    let event = rig.deliver(&to("bob")).await.unwrap();
    assert_eq!(
        (text(&event, "channel"), text(&event, "outcome")),
        ("android", "accepted")
    );
}

#[tokio::test]
async fn a_channel_that_is_not_there_is_refused_with_a_list_of_those_that_are() {
    let rig = rig().await;
    for (report, field) in [
        (
            json!({"certificate_id": 77, "token": "t"}),
            "certificate_id",
        ),
        (json!({"channel": "huawei", "token": "t"}), "channel"),
        (json!({"token": "t"}), "channel"),
        (
            json!({"channel": "ios", "certificate_id": 1, "token": "t"}),
            "channel",
        ),
    ] {
        let reply = rig.client.put(&format!("{BOB}/x"), &report).await.unwrap();
        let problem = problem(reply, 422, "invalid");
        assert_eq!(problem["field"], field, "{problem:#}");
        let hint = text(&problem, "hint");
        for known in ["ios (certificate id 1)", "android (certificate id 2)"] {
            assert!(hint.contains(known), "{problem:#}");
        }
    }
    assert_eq!(devices(&rig, "default", "bob").await, Vec::<Value>::new());
}

#[tokio::test]
async fn what_is_wrong_in_a_report_is_named() {
    let rig = rig().await;
    let invalid = [
        (
            json!({"channel": "ios", "token": "x".repeat(4097)}),
            "token",
        ),
        (json!({"channel": "ios", "token": "a\nb"}), "token"),
        (
            json!({"channel": "ios", "token": "t", "platform": "x".repeat(65)}),
            "platform",
        ),
        (
            json!({"channel": "ios", "token": "t", "language": "x".repeat(65)}),
            "language",
        ),
        (
            json!({"channel": "ios", "token": "t", "app_version": "8\n"}),
            "app_version",
        ),
    ];
    for (report, field) in invalid {
        let reply = rig.client.put(&format!("{BOB}/x"), &report).await.unwrap();
        let problem = problem(reply, 422, "invalid");
        assert_eq!(problem["field"], field, "{problem:#}");
    }
    let malformed = [
        (json!({"channel": "ios", "token": 7}), json!("token")),
        (
            json!({"channel": "ios", "token": "t", "tokne": "t"}),
            json!("tokne"),
        ),
        (json!([]), Value::Null),
    ];
    for (report, field) in malformed {
        let reply = rig.client.put(&format!("{BOB}/x"), &report).await.unwrap();
        let problem = problem(reply, 400, "bad_request");
        assert_eq!(problem["field"], field, "{problem:#}");
    }
}

#[tokio::test]
async fn names_may_have_any_character_that_is_no_control_character() {
    let rig = rig().await;
    let longest = "x".repeat(256);
    let odd = [
        "a b",
        "a/b",
        "..",
        "100%",
        "?#&=+;",
        "zoë",
        "用户",
        "👩‍👩‍👧",
        "\"'\\",
        &longest,
    ];

    for (n, name) in odd.iter().enumerate() {
        let path = format!(
            "/v1/apps/default/users/{0}/devices/{0}",
            percent_encoded(name)
        );
        let report = json!({"channel": "ios", "token": token(n as u64)});
        let put = rig.client.put(&path, &report).await.unwrap().expect(200);
        assert_eq!((text(&put, "user"), text(&put, "device")), (*name, *name));
    }

    for (n, name) in odd.iter().enumerate() {
        let listed = devices(&rig, "default", name).await;
        assert_eq!(names(&listed), [*name]);
        let mut notification = to(name);
        notification["to"][0]["device"] = json!(name);
        let event = rig.deliver(&notification).await.unwrap();
        assert_eq!(
            (text(&event, "user"), text(&event, "device")),
            (*name, *name)
        );
        let arrived = rig.simulator.received().pop().unwrap();
        assert_eq!(arrived.token, token(n as u64), "{name}");
        let path = format!(
            "/v1/apps/default/users/{0}/devices/{0}",
            percent_encoded(name)
        );
        rig.client.delete(&path).await.unwrap().expect(204);
    }
}

#[tokio::test]
async fn names_that_cannot_be_are_refused() {
    let rig = rig().await;
    let report = json!({"channel": "ios", "token": token(1)});
    let long = "x".repeat(257);
    for (name, why) in [
        ("%00", "control"),
        ("a%0Ab", "control"),
        ("%7F", "control"),
        ("%C2%85", "control"),
        (long.as_str(), "256"),
    ] {
        for (path, field) in [
            (format!("/v1/apps/{name}/users/u/devices/d"), "app"),
            (format!("/v1/apps/default/users/{name}/devices/d"), "user"),
            (format!("/v1/apps/default/users/u/devices/{name}"), "device"),
        ] {
            let reply = rig.client.put(&path, &report).await.unwrap();
            let put = problem(reply, 422, "invalid");
            assert_eq!(put["field"], field, "{put:#}");
            assert!(text(&put, "detail").contains(why), "{put:#}");
            let reply = rig.client.delete(&path).await.unwrap();
            assert_eq!(problem(reply, 422, "invalid")["field"], field);
        }
        let list = format!("/v1/apps/default/users/{name}/devices");
        let reply = rig.client.get(&list).await.unwrap();
        assert_eq!(problem(reply, 422, "invalid")["field"], "user");
    }
}

#[tokio::test]
async fn a_name_that_is_no_utf8_is_refused_as_a_problem() {
    let rig = rig().await;
    let report = json!({"channel": "ios", "token": token(1)});

    let path = "/v1/apps/default/users/%FF/devices/d";
    let put = rig.client.put(path, &report).await.unwrap();
    let delete = rig.client.delete(path).await.unwrap();
    let list = rig
        .client
        .get("/v1/apps/default/users/%FF/devices")
        .await
        .unwrap();

    for reply in [put, delete, list] {
        problem(reply, 400, "bad_request");
    }
}

#[tokio::test]
async fn users_whose_names_begin_alike_keep_their_devices_apart() {
    let rig = rig().await;
    for (n, user) in (1..).zip(["bo", "bob", "bobby"]) {
        rig.register(user, user, "ios", &token(n)).await.unwrap();
    }

    for user in ["bo", "bob", "bobby"] {
        assert_eq!(names(&devices(&rig, "default", user).await), [user]);
    }
    assert_eq!(devices(&rig, "default", "b").await, Vec::<Value>::new());
}

#[tokio::test]
async fn apps_keep_their_users_apart() {
    let rig = rig().await;
    let settings = nudged_rig::vendor::apns_settings(
        &rig.simulator,
        "AuthKey_SIMKEY0001.p8",
        nudged_rig::vendor::APNS_KEY,
    );
    let file =
        format!("driver = \"apns\"\ncertificate_id = 9\napp = \"other\"\n[settings]\n{settings}");
    rig.home.write_channel("other-ios", &file).unwrap();
    let report = rig.client.post("/v1/reload", &Value::Null).await.unwrap();
    assert_eq!(report.expect(200)["started"], json!(["other-ios"]));
    rig.register("bob", "phone", "ios", &token(1))
        .await
        .unwrap();

    let report = json!({"channel": "other-ios", "token": token(1)});
    let path = "/v1/apps/other/users/bob/devices/phone";
    let put = rig.client.put(path, &report).await.unwrap().expect(200);

    assert_eq!(put["taken_from"], Value::Null);
    assert_eq!(devices(&rig, "default", "bob").await[0]["channel"], "ios");
    assert_eq!(
        devices(&rig, "other", "bob").await[0]["channel"],
        "other-ios"
    );
    for foreign in [
        json!({"channel": "ios", "token": "t"}),
        json!({"certificate_id": 1, "token": "t"}),
    ] {
        let reply = rig.client.put(path, &foreign).await.unwrap();
        let problem = problem(reply, 422, "invalid");
        assert!(
            text(&problem, "hint").contains("app other has other-ios (certificate id 9)"),
            "{problem:#}"
        );
    }
}

#[tokio::test]
async fn devices_survive_a_restart_and_a_kill() {
    let mut rig = rig().await;
    rig.register("bob", "phone", "ios", &token(1))
        .await
        .unwrap();
    rig.register("bob", "pixel", "android", FCM.token)
        .await
        .unwrap();
    rig.client
        .delete(&format!("{BOB}/pixel"))
        .await
        .unwrap()
        .expect(204);
    let before = devices(&rig, "default", "bob").await;

    rig.restart().await.unwrap();
    assert_eq!(devices(&rig, "default", "bob").await, before);
    rig.register("alice", "phone", "ios", &token(2))
        .await
        .unwrap();
    rig.kill9().await.unwrap();
    rig.launch().await.unwrap();

    assert_eq!(devices(&rig, "default", "bob").await, before);
    assert_eq!(names(&devices(&rig, "default", "alice").await), ["phone"]);
    let put = rig
        .register("carol", "phone", "ios", &token(1))
        .await
        .unwrap();
    assert_eq!(put["taken_from"]["user"], "bob", "owners survive too");
}

#[tokio::test]
async fn tokens_are_shown_masked() {
    let rig = rig().await;
    let put = rig
        .register("bob", "phone", "ios", APNS.token)
        .await
        .unwrap();
    let short = rig
        .register("bob", "short", "ios", "0123456789")
        .await
        .unwrap();

    assert_eq!(put["token"], "b0bb…b0b1");
    assert_eq!(short["token"], "…");
    for device in devices(&rig, "default", "bob").await {
        let shown = text(&device, "token");
        assert!(["b0bb…b0b1", "…"].contains(&shown), "{shown}");
    }
}

async fn devices(rig: &Rig, app: &str, user: &str) -> Vec<Value> {
    let path = format!("/v1/apps/{app}/users/{}/devices", percent_encoded(user));
    let list = rig.client.get(&path).await.unwrap().expect(200);
    list["devices"].as_array().unwrap().clone()
}

fn names(devices: &[Value]) -> Vec<&str> {
    devices.iter().map(|it| text(it, "device")).collect()
}

fn to(user: &str) -> Value {
    json!({"to": [{"user": user}], "message": {"body": "hello"}})
}

fn percent_encoded(name: &str) -> String {
    name.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

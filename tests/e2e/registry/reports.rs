//! A device's report: it is put, listed and deleted, its channel may be named in two ways, and
//! what is wrong in it is refused with the field.

use nudged_rig::{APNS, FCM};
use serde_json::{Value, json};

use super::{BOB, to};
use crate::world::{devices, problem, rig, text, token};

#[tokio::test]
async fn a_device_is_put_listed_and_deleted() {
    let rig = rig().await;
    let phone = format!("{BOB}/phone");
    let report = json!({"channel": "ios", "token": token(1), "platform": "ios 26"});

    let put = rig.client.put(&phone, &report).await.unwrap().expect(200);

    assert_eq!(put["taken_from"], Value::Null);
    let listed = devices(&rig, "bob").await;
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
    assert_eq!(devices(&rig, "bob").await, Vec::<Value>::new());
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

    assert_eq!(devices(&rig, "bob").await.len(), 1);
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
    assert_eq!(devices(&rig, "bob").await, Vec::<Value>::new());
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
    for device in devices(&rig, "bob").await {
        let shown = text(&device, "token");
        assert!(["b0bb…b0b1", "…"].contains(&shown), "{shown}");
    }
}

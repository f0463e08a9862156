//! Names of users, devices and apps: which there may be, and that those which look alike are
//! kept apart.

use serde_json::{Value, json};

use super::{names, to};
use crate::world::{devices, devices_of, percent_encoded, problem, reload_with, rig, text, token};

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
        let listed = devices(&rig, name).await;
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
        assert_eq!(names(&devices(&rig, user).await), [user]);
    }
    assert_eq!(devices(&rig, "b").await, Vec::<Value>::new());
}

#[tokio::test]
async fn one_name_in_two_normalizations_is_two_names_and_that_is_told() {
    let rig = rig().await;
    let (composed, decomposed) = ("zo\u{eb}", "zoe\u{308}");
    let path = |user: &str, device: &str| {
        let (user, device) = (percent_encoded(user), percent_encoded(device));
        format!("/v1/apps/default/users/{user}/devices/{device}")
    };
    let report = json!({"channel": "ios", "token": token(1)});
    let put = rig
        .client
        .put(&path(composed, "phone"), &report)
        .await
        .unwrap();
    put.expect(200);

    // Neither merged nor lost without a word.
    let accepted = rig.client.send(&to(decomposed)).await.unwrap().expect(202);
    let explained = format!("other_spelling: {decomposed}");
    assert_eq!(accepted["deliveries"], 0);
    assert_eq!(text(&accepted, "explanation"), explained, "{accepted:#}");
    let trace = rig
        .client
        .trace(text(&accepted, "id"))
        .await
        .unwrap()
        .expect(200);
    let outcome = &trace["deliveries"][0]["outcome"];
    assert_eq!(outcome["code"], "other_spelling", "{trace:#}");
    assert!(
        text(outcome, "remedy").contains("byte for byte"),
        "{trace:#}"
    );

    // Of devices it is the same.
    let report = json!({"channel": "ios", "token": token(2)});
    let put = rig
        .client
        .put(&path("bob", decomposed), &report)
        .await
        .unwrap();
    put.expect(200);
    let mut to_device = to("bob");
    to_device["to"][0]["device"] = json!(composed);
    let accepted = rig.client.send(&to_device).await.unwrap().expect(202);
    let explained = format!("other_spelling: bob/{composed}");
    assert_eq!(text(&accepted, "explanation"), explained, "{accepted:#}");

    // Each is reached by its own, and whoever has no look-alike has no device.
    rig.deliver(&to(composed)).await.unwrap();
    let accepted = rig.client.send(&to("zo\u{e9}")).await.unwrap().expect(202);
    assert_eq!(text(&accepted, "explanation"), "no_device: zo\u{e9}");
    assert_eq!(rig.simulator.counts().apns.requests, 1);
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
    let report = reload_with(&rig, Value::Null).await;
    assert_eq!(report.expect(200)["started"], json!(["other-ios"]));
    rig.register("bob", "phone", "ios", &token(1))
        .await
        .unwrap();

    let report = json!({"channel": "other-ios", "token": token(1)});
    let path = "/v1/apps/other/users/bob/devices/phone";
    let put = rig.client.put(path, &report).await.unwrap().expect(200);

    assert_eq!(put["taken_from"], Value::Null);
    assert_eq!(devices(&rig, "bob").await[0]["channel"], "ios");
    assert_eq!(
        devices_of(&rig, "other", "bob").await[0]["channel"],
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

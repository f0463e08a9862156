//! 10 to 12 and 19: certificate ids and tokens.

use nudged_rig::{APNS, FCM};
use serde_json::{Value, json};

use crate::world::bob::*;
use crate::world::{only_taken, problem, rig, taken_by, text, token};

#[tokio::test]
async fn req_10_a_report_of_certificate_id_and_token_binds_the_device_of_a_user() {
    let rig = rig().await;
    assert_eq!(tell(&rig, &to_bob("1")).await.on("bob"), "no_device");

    let device = login(&rig, "bob", "phone", APNS, APNS.token).await;
    login(&rig, "bob", "tablet", FCM, FCM.token).await;

    assert_eq!(device["certificate_id"], APNS.certificate_id);
    assert_eq!(device["channel"], APNS.channel);
    let told = tell(&rig, &to_bob("2")).await;
    assert_eq!(
        (told.on("bob/phone"), told.on("bob/tablet")),
        ("accepted", "accepted")
    );
    for vendor in [APNS, FCM] {
        let received = only_taken(&rig, vendor);
        assert_eq!(received.token, vendor.token);
        assert_eq!(vendor.shown(&received).body, "2");
    }
}

#[tokio::test]
async fn req_10_a_report_without_a_login_is_refused() {
    let rig = with_phone().await;
    let late = json!({"certificate_id": APNS.certificate_id, "token": token(2)});
    for out in ["logged_out", "kicked"] {
        state(&rig, "phone", json!({"state": out})).await;

        let reply = report(&rig, "bob", "phone", late.clone()).await;

        let refused = problem(reply, 409, "not_logged_in");
        assert!(text(&refused, "hint").contains("login"), "{refused:#}");
        assert_eq!(tell(&rig, &to_bob("not seen")).await.only(), out);
        // A token is not taken from its owner by a report that is refused.
        let none = json!({});
        assert_eq!(
            report(&rig, "bob", "phone", none).await.expect(200)["state"],
            out
        );
    }
    // Two ways to say that somebody has logged in: the report itself, and a state before it.
    login(&rig, "bob", "phone", APNS, &token(2)).await;
    assert_eq!(
        tell(&rig, &to_bob("after a login")).await.only(),
        "accepted"
    );
    state(&rig, "phone", json!({"state": "logged_out"})).await;
    state(&rig, "phone", json!({"state": "background"})).await;
    report(&rig, "bob", "phone", late).await.expect(200);
    assert_eq!(
        tell(&rig, &to_bob("after a state")).await.only(),
        "accepted"
    );
    assert_eq!(shown(&rig, APNS), ["after a login", "after a state"]);
}

#[tokio::test]
async fn req_11_a_new_token_replaces_the_old_one() {
    let rig = with_phone().await;
    assert_eq!(tell(&rig, &to_bob("1")).await.only(), "accepted");

    login(&rig, "bob", "phone", APNS, &token(2)).await;

    assert_eq!(tell(&rig, &to_bob("2")).await.only(), "accepted");
    let tokens: Vec<_> = taken_by(&rig, APNS)
        .into_iter()
        .map(|it| it.token)
        .collect();
    assert_eq!(tokens, [APNS.token, &token(2)]);
}

#[tokio::test]
async fn req_11_a_message_that_waits_goes_to_the_new_token() {
    let rig = with_phone().await;
    let waiting = waiting(&rig, &to_bob("hello")).await;

    login(&rig, "bob", "phone", APNS, &token(2)).await;

    let (came, trace) = waiting.let_go(&rig).await;
    assert_eq!(came, "accepted", "{trace:#}");
    assert_eq!(only_taken(&rig, APNS).token, token(2));
}

#[tokio::test]
async fn req_11_a_message_never_shows_on_a_phone_that_is_somebody_elses_now() {
    let rig = with_phone().await;
    let waiting = waiting(&rig, &to_bob("for Bob's eyes only")).await;

    // Alice logs in on Bob's phone, and its vendor gives the app the token that it had.
    let taken = login(&rig, "alice", "phone", APNS, APNS.token).await;

    assert_eq!(taken["taken_from"]["user"], "bob", "{taken:#}");
    let (came, trace) = waiting.let_go(&rig).await;
    assert_eq!(came, "device_gone", "{trace:#}");
    assert_eq!(
        tell(&rig, &to_bob("nor later")).await.on("bob"),
        "no_device"
    );
    let mut for_alice = to(&["alice"], "for Alice");
    for_alice["sender"]["user"] = json!("bob");
    assert_eq!(tell(&rig, &for_alice).await.only(), "accepted");
    assert_eq!(shown(&rig, APNS), ["for Alice"]);
}

#[tokio::test]
async fn req_12_a_report_of_nothing_turns_push_off_until_the_next_report() {
    let rig = with_phone_and_tablet().await;
    for off in [
        json!({}),
        json!({"token": null}),
        json!({"certificate_id": APNS.certificate_id, "token": ""}),
    ] {
        report(&rig, "bob", "phone", off.clone()).await.expect(200);
        let told = tell(&rig, &to_bob("off")).await;
        assert_eq!(told.on("bob/phone"), "push_off", "{off}");
        // The other device of the same user is not concerned.
        assert_eq!(told.on("bob/tablet"), "accepted", "{off}");
        // Nor does a state say anything of tokens.
        state(&rig, "phone", json!({"state": "background"})).await;
        let told = tell(&rig, &to_bob("off")).await;
        assert_eq!(told.on("bob/phone"), "push_off", "{off}");

        login(&rig, "bob", "phone", APNS, APNS.token).await;
        let told = tell(&rig, &to_bob("on")).await;
        assert_eq!(told.on("bob/phone"), "accepted", "{off}");
    }
    assert_eq!(shown(&rig, APNS), ["on"; 3]);
}

#[tokio::test]
async fn req_12_a_message_that_waits_is_not_sent_once_push_is_off() {
    let rig = with_phone().await;
    let waiting = waiting(&rig, &to_bob("off")).await;

    report(&rig, "bob", "phone", json!({})).await.expect(200);

    let (came, trace) = waiting.let_go(&rig).await;
    assert_eq!(came, "push_off", "{trace:#}");
    login(&rig, "bob", "phone", APNS, APNS.token).await;
    assert_eq!(tell(&rig, &to_bob("on")).await.only(), "accepted");
    assert_eq!(shown(&rig, APNS), ["on"]);
}

#[tokio::test]
async fn req_19_an_unknown_certificate_id_is_an_error_that_names_the_known_ones() {
    let rig = with_phone().await;
    for unknown in [
        json!({"certificate_id": 77, "token": token(2)}),
        json!({"certificate_id": 77, "token": null}),
        json!({"certificate_id": 0, "token": token(2)}),
    ] {
        let reply = report(&rig, "bob", "phone", unknown.clone()).await;
        let refused = problem(reply, 422, "invalid");
        assert_eq!(refused["field"], "certificate_id", "{unknown}");
        let hint = text(&refused, "hint");
        assert!(hint.contains("ios (certificate id 1)"), "{refused:#}");
    }
    let reply = report(&rig, "bob", "phone", json!({"token": token(2)})).await;
    assert_ne!(problem(reply, 422, "invalid")["field"], Value::Null);
    // What was reported before is as it was.
    assert_eq!(tell(&rig, &to_bob("hello")).await.only(), "accepted");
    assert_eq!(only_taken(&rig, APNS).token, APNS.token);
}

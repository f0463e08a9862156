//! 53 and 55: the self-test, as its user does it with nudgectl.

use nudged_rig::vendor::OPPO;
use nudged_rig::{APNS, FCM, Rig};
use serde_json::json;

use super::faults::refused;
use crate::world::bob::{bob_on, register, state_of};
use crate::world::{Ran, nudgectl, only_taken, rig, taken_by};

async fn ctl(rig: &Rig, line: &[&str], code: i32) -> Ran {
    let ran = nudgectl(rig, line).await;
    assert_eq!(ran.code, Some(code), "{line:?}: {ran:?}");
    ran
}

fn test_message<'a>(user: &'a str, device: &'a str) -> Vec<&'a str> {
    vec![
        "send",
        "--user",
        user,
        "--device",
        device,
        "--title",
        "Test",
        "--body",
        "Are you there?",
        "--test",
        "--ttl",
        "0",
        "--wait",
    ]
}

#[tokio::test]
async fn req_53_a_self_test_lists_a_users_reports_sends_to_one_and_tells_how_it_went() {
    let rig = bob_on(&[APNS, FCM, OPPO]).await;
    rig.simulator.fcm().unregister_token(FCM.token);
    rig.simulator.fault(refused(OPPO, 200, "14"));

    let listed = ctl(&rig, &["device", "ls", "bob"], 0).await.out;
    let rows: Vec<_> = listed.lines().collect();
    assert_eq!(rows.len(), 4, "{listed}");
    for (vendor, row) in [APNS, FCM, OPPO].iter().zip(&rows[1..]) {
        assert!(row.starts_with(vendor.name), "{listed}");
        assert!(row.contains(vendor.channel), "{listed}");
    }

    let good = ctl(&rig, &test_message("bob", "apns"), 0).await;
    assert!(good.out.contains("bob/apns via ios (apns)"), "{}", good.out);
    assert!(good.out.contains(": accepted at "), "{}", good.out);
    assert_eq!(APNS.shown(&only_taken(&rig, APNS)).body, "Are you there?");

    // The phone's fault, with the vendor's reason and what to do.
    let dead = ctl(&rig, &test_message("bob", "fcm"), 1).await;
    for words in ["invalid_token  device ", "UNREGISTERED", "what to do: "] {
        assert!(dead.out.contains(words), "{words}: {}", dead.out);
    }
    // The certificate's: a test does not wait for a better one.
    let wrong = ctl(&rig, &test_message("bob", "oppo"), 1).await;
    for words in ["expired 14 ", "credential  channel ", "what to do: "] {
        assert!(wrong.out.contains(words), "{words}: {}", wrong.out);
    }
    assert_eq!(taken_by(&rig, OPPO).len(), 0);
}

#[tokio::test]
async fn req_53_a_self_test_of_a_silent_phone_tells_the_rule_and_what_to_do() {
    let rig = bob_on(&[APNS]).await;
    state_of(&rig, "bob", APNS, json!({"state": "foreground"})).await;
    let silent = ctl(&rig, &test_message("bob", "apns"), 1).await;
    let told = format!("{}{}", silent.out, silent.err);
    for words in [
        "suppressed foreground",
        "the app is in foreground and connected",
        "what to do: report background",
    ] {
        assert!(told.contains(words), "{words}: {told}");
    }

    state_of(&rig, "bob", APNS, json!({"state": "background"})).await;
    ctl(&rig, &test_message("bob", "apns"), 0).await;
    assert_eq!(taken_by(&rig, APNS).len(), 1);
}

#[tokio::test]
async fn req_55_a_user_without_a_report_is_named_and_nothing_is_sent() {
    let rig = rig().await;
    let listed = ctl(&rig, &["device", "ls", "bob"], 0).await.out;
    assert!(listed.contains("bob has not registered any"), "{listed}");

    let line = ["send", "--user", "bob", "--body", "test", "--wait"];
    let told = ctl(&rig, &line, 1).await;

    let told = format!("{}{}", told.out, told.err);
    for words in [
        "no_device",
        "the user has no device",
        "what to do: have the app report its certificate id and token",
    ] {
        assert!(told.contains(words), "{words}: {told}");
    }
    register(&rig, "bob", APNS).await;
    ctl(
        &rig,
        &["send", "--user", "bob", "--body", "this", "--wait"],
        0,
    )
    .await;
    assert_eq!(APNS.shown(&only_taken(&rig, APNS)).body, "this");
    assert_eq!(rig.simulator.counts().fcm.requests, 0);
}

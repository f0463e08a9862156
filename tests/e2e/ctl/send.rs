//! `nudgectl send`: from arguments, files and standard input, with a wait for the end or
//! without.

use nudged_rig::{APNS, FCM};
use nudged_simulator::Fault;
use serde_json::json;

use super::{parsed, said};
use crate::world::{nudgectl, nudgectl_reading, only_taken, refusal, rig, text, to_token};

#[tokio::test]
async fn a_notification_is_sent_and_its_end_awaited() {
    let rig = rig().await;
    rig.register("bob", "phone", "ios", APNS.token)
        .await
        .unwrap();

    let send = ["send", "--user", "bob", "--title", "Carol", "--body", "hi"];
    let told = said(nudgectl(&rig, &[&send[..], &["--wait"]].concat()).await, 0);

    assert!(told.contains("accepted for 1 device"), "{told}");
    assert!(told.contains("bob/phone via ios (apns)"), "{told}");
    let alert = &only_taken(&rig, APNS).body["aps"]["alert"];
    assert_eq!(*alert, json!({"title": "Carol", "body": "hi"}));
    // Without --wait the id is all that is known.
    let answer = parsed(nudgectl(&rig, &[&["--json"], &send[..]].concat()).await, 0);
    rig.client.outcomes(text(&answer, "id"), 1).await.unwrap();
}

#[tokio::test]
async fn a_delivery_that_fails_shows_in_the_exit_code() {
    let rig = rig().await;
    rig.simulator.fcm().unregister_token(FCM.token);
    let channel = ["--channel", "android", "--token", FCM.token];
    let send = [&["send", "--body", "x", "--wait"], &channel[..]].concat();

    let ran = nudgectl(&rig, &send).await;

    assert!(ran.out.contains("UNREGISTERED"), "{ran:?}");
    let complaint = said(ran, 1);
    assert!(
        complaint.contains("of 1 delivery: 1 not accepted"),
        "{complaint}"
    );
}

#[tokio::test]
async fn a_wait_has_an_end() {
    let rig = rig().await;
    rig.simulator.fault(Fault::new(refusal(503)));
    let to = ["--channel", "ios", "--token", APNS.token];

    let send = [&["send", "--body", "x", "--wait=100ms"], &to[..]].concat();
    let complaint = said(nudgectl(&rig, &send).await, 1);

    assert!(complaint.contains("not ended in time"), "{complaint}");
}

#[tokio::test]
async fn nobody_to_deliver_to_is_no_success_of_a_wait() {
    let rig = rig().await;
    let send = ["send", "--user", "nobody", "--body", "x"];

    let told = said(nudgectl(&rig, &send).await, 0);
    let complaint = said(nudgectl(&rig, &[&send[..], &["--wait"]].concat()).await, 1);

    assert!(told.contains("0 devices (no_device: nobody"), "{told}");
    assert!(complaint.contains("no device to deliver to"), "{complaint}");
}

#[tokio::test]
async fn what_the_daemon_refuses_is_passed_on_in_words() {
    let rig = rig().await;
    let send = ["send", "--channel", "nokia", "--token", "t", "--body", "x"];

    let words = said(nudgectl(&rig, &send).await, 1);
    let problem = parsed(nudgectl(&rig, &[&["--json"], &send[..]].concat()).await, 1);

    for part in ["\"nokia\"", "field: to[0].channel", "hint: app default has"] {
        assert!(words.contains(part), "{part}: {words}");
    }
    assert_eq!(problem["field"], "to[0].channel", "{problem:#}");
}

#[tokio::test]
async fn notifications_come_from_files_and_from_standard_input() {
    let rig = rig().await;
    let file = rig.home.path().join("one.json");
    std::fs::write(&file, to_token(1, "one").to_string()).unwrap();
    let file = ["send", "--wait", "--file", file.to_str().unwrap()];
    said(nudgectl(&rig, &file).await, 0);

    let lines: String = (2..10)
        .map(|n| to_token(n, "line").to_string() + "\n")
        .collect();
    let stream = ["send", "--ndjson", "--wait", "--file", "-"];
    let ran = nudgectl_reading(&rig, &stream, &lines).await;
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert_eq!(ran.out.matches("accepted for 1 device").count(), 8);
    assert_eq!(rig.simulator.counts().apns.distinct_tokens, 9);

    let lines = format!("{}\nnonsense\n", to_token(11, "good"));
    let ran = nudgectl_reading(&rig, &stream, &lines).await;
    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert!(ran.err.contains("line 2: "), "{ran:?}");
    assert!(
        ran.err.contains("1 of 2 notifications were refused"),
        "{ran:?}"
    );
    assert_eq!(rig.simulator.counts().apns.distinct_tokens, 10);
}

use std::process::Output;

use nudged_rig::{APNS, FCM, Rig};
use serde_json::Value;
use tokio::process::Command;

use crate::{only_message, rig, text};

async fn ctl(rig: &Rig, arguments: &[&str]) -> Output {
    let mut command = Command::new(&rig.artifacts.nudgectl);
    command
        .arg("--socket")
        .arg(rig.home.socket())
        .args(arguments);
    tokio::time::timeout(nudged_rig::DEADLINE, command.output())
        .await
        .unwrap()
        .unwrap()
}

#[track_caller]
fn said(output: Output, code: i32) -> String {
    assert_eq!(output.status.code(), Some(code), "{output:?}");
    String::from_utf8(if code == 0 {
        output.stdout
    } else {
        output.stderr
    })
    .unwrap()
}

#[track_caller]
fn json(output: Output, code: i32) -> Value {
    assert_eq!(output.status.code(), Some(code), "{output:?}");
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{output:?}"))
}

#[tokio::test]
async fn a_notification_is_sent_and_its_end_awaited() {
    let rig = rig().await;
    rig.register("bob", "phone", "ios", APNS.token)
        .await
        .unwrap();

    let output = ctl(
        &rig,
        &[
            "send", "--user", "bob", "--title", "Carol", "--body", "hi", "--wait",
        ],
    )
    .await;

    let text_said = said(output, 0);
    assert!(text_said.contains("accepted"), "{text_said}");
    assert_eq!(
        text(&only_message(&rig, APNS).body, "/aps/alert/body"),
        "hi"
    );
}

#[tokio::test]
async fn a_delivery_that_fails_shows_in_the_exit_code() {
    let rig = rig().await;
    rig.simulator.fcm_unregister_token(FCM.token);

    let output = ctl(
        &rig,
        &[
            "send",
            "--channel",
            "android",
            "--token",
            FCM.token,
            "--body",
            "x",
            "--wait",
        ],
    )
    .await;

    said(output, 1);
}

#[tokio::test]
async fn what_the_daemon_refuses_is_passed_on_in_words() {
    let rig = rig().await;

    let output = ctl(
        &rig,
        &["send", "--channel", "nokia", "--token", "t", "--body", "x"],
    )
    .await;

    let words = said(output, 1);
    assert!(words.contains("nokia") && words.contains("ios"), "{words}");
}

#[tokio::test]
async fn devices_are_put_listed_and_removed() {
    let rig = rig().await;

    let put = ctl(
        &rig,
        &[
            "device",
            "put",
            "bob",
            "phone",
            "--channel",
            "ios",
            "--token",
            APNS.token,
        ],
    );
    let words = said(put.await, 0);
    assert!(
        words.contains("bob/phone") && !words.contains(APNS.token),
        "{words}"
    );
    let list = said(ctl(&rig, &["device", "ls", "bob"]).await, 0);
    assert!(list.contains("phone") && list.contains("ios"), "{list}");
    said(ctl(&rig, &["device", "rm", "bob", "phone"]).await, 0);
    said(ctl(&rig, &["device", "rm", "bob", "phone"]).await, 1);
    let list = json(ctl(&rig, &["--json", "device", "ls", "bob"]).await, 0);
    assert_eq!(list["devices"], serde_json::json!([]));
}

#[tokio::test]
async fn everything_can_be_seen_as_a_table_and_as_json() {
    let rig = rig().await;
    for (arguments, word) in [
        (&["channel", "ls"][..], "android"),
        (&["driver", "ls"], "apns"),
        (&["driver", "show", "fcm"], "service_account"),
        (&["status"], "2 channels"),
    ] {
        let table = said(ctl(&rig, arguments).await, 0);
        assert!(table.contains(word), "{arguments:?}: {table}");
    }
    for (arguments, key) in [
        (&["channel", "ls", "--json"][..], "channels"),
        (&["driver", "ls", "--json"], "drivers"),
    ] {
        let value = json(ctl(&rig, arguments).await, 0);
        assert_eq!(value[key].as_array().unwrap().len(), 2, "{value:#}");
    }
}

#[tokio::test]
async fn a_trace_is_told_to_people_and_programs() {
    let rig = rig().await;
    let event = rig
        .deliver(&crate::to_token(APNS, APNS.token, "hi"))
        .await
        .unwrap();
    let id = text(&event, "/id");

    let words = said(ctl(&rig, &["trace", id]).await, 0);
    assert!(
        words.contains("accepted") && !words.contains(APNS.token),
        "{words}"
    );
    let value = json(ctl(&rig, &["trace", id, "--json"]).await, 0);
    assert_eq!(value["id"], id);
    said(
        ctl(&rig, &["trace", "01890000-0000-7000-8000-000000000000"]).await,
        1,
    );
}

#[tokio::test]
async fn events_are_told_line_by_line() {
    let rig = rig().await;
    let event = rig
        .deliver(&crate::to_token(APNS, APNS.token, "hi"))
        .await
        .unwrap();

    let output = ctl(&rig, &["events", "--since", "0", "--json"]).await;

    let lines = said(output, 0);
    let told: Vec<Value> = lines
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(told, [event]);
}

#[tokio::test]
async fn a_reload_is_asked_for_and_its_refusal_told() {
    let rig = rig().await;
    let words = said(ctl(&rig, &["reload"]).await, 0);
    assert!(words.contains("kept android, ios"), "{words}");
    rig.home.write_channel("bad", "driver = 5\n").unwrap();

    let words = said(ctl(&rig, &["reload"]).await, 78);

    assert!(words.contains("bad.toml:1"), "{words}");
}

#[tokio::test]
async fn a_configuration_is_checked_without_the_daemon() {
    let mut rig = rig().await;
    rig.terminate().await.unwrap();
    let config = rig.home.config();
    let check = ["check", "--config", config.to_str().unwrap()];

    said(ctl(&rig, &check).await, 0);
    rig.home.write_channel("bad", "driver = 5\n").unwrap();
    let words = said(ctl(&rig, &check).await, 78);
    assert!(words.contains("bad.toml:1"), "{words}");
}

#[tokio::test]
async fn a_daemon_that_is_not_there_has_an_exit_code_of_its_own() {
    let mut rig = rig().await;
    rig.terminate().await.unwrap();

    let words = said(ctl(&rig, &["status"]).await, 3);

    assert!(words.contains("nudged.sock"), "{words}");
    said(ctl(&rig, &["bogus"]).await, 2);
}

//! What became of notifications: the trace of one, and the events of all, past or as they
//! come.

use nudged_simulator::{Fault, FaultKind};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, BufReader};

use super::{parsed, said};
use crate::world::{nudgectl, rig, text, to_token, token};

#[tokio::test]
async fn a_trace_is_told_to_people_and_programs() {
    let rig = rig().await;
    rig.simulator.fault(Fault::new(FaultKind::Reset).times(1));
    let event = rig.deliver(&to_token(7, "hi")).await.unwrap();
    let id = text(&event, "id");

    let words = said(nudgectl(&rig, &["trace", id]).await, 0);
    let value = parsed(nudgectl(&rig, &["trace", id, "--json"]).await, 0);

    for part in [id, "via ios (apns)", "accepted", "transport"] {
        assert!(words.contains(part), "{part}: {words}");
    }
    assert!(!words.contains(&token(7)), "{words}");
    assert_eq!(value, rig.client.trace(id).await.unwrap().expect(200));
    let nothing = "01890000-0000-7000-8000-000000000000";
    let words = said(nudgectl(&rig, &["trace", nothing]).await, 1);
    assert!(words.contains(nothing), "{words}");
}

#[tokio::test]
async fn events_are_told_line_by_line() {
    let rig = rig().await;
    let none = said(nudgectl(&rig, &["events"]).await, 0);
    assert!(none.contains("no events"), "{none}");
    let first = rig.deliver(&to_token(1, "hi")).await.unwrap();
    let second = rig.deliver(&to_token(2, "hi")).await.unwrap();

    let all = said(nudgectl(&rig, &["events", "--since", "0"]).await, 0);
    let as_json = ["events", "--json", "--since", "0"];
    let as_json = said(nudgectl(&rig, &as_json).await, 0);
    let cursor = first["cursor"].to_string();
    let later = ["events", "--json", "--since", &cursor];
    let later = said(nudgectl(&rig, &later).await, 0);

    let lines: Vec<&str> = all.lines().collect();
    assert_eq!(lines.len(), 2, "{all}");
    for (line, event) in lines.iter().zip([&first, &second]) {
        assert!(line.contains(text(event, "id")), "{line}");
        assert!(line.contains("accepted"), "{line}");
    }
    let values = |text: &str| -> Vec<Value> {
        let lines = text.lines();
        lines.map(|it| serde_json::from_str(it).unwrap()).collect()
    };
    assert_eq!(values(&as_json), [first, second.clone()]);
    assert_eq!(values(&later), [second]);
}

#[tokio::test]
async fn who_follows_events_hears_them_as_they_come_and_how_to_go_on() {
    let mut rig = rig().await;
    let mut child = tokio::process::Command::new(&rig.artifacts.nudgectl)
        .arg("--socket")
        .arg(rig.home.socket())
        .args(["events", "--follow", "--since", "0"])
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();

    let mut cursor = Value::Null;
    for n in 0..3 {
        let event = rig.deliver(&to_token(n, "hi")).await.unwrap();
        let line = tokio::time::timeout(nudged_rig::DEADLINE, lines.next_line()).await;
        let line = line.unwrap().unwrap().unwrap();
        assert!(line.contains(text(&event, "id")), "{line}");
        cursor = event["cursor"].clone();
    }
    rig.terminate().await.unwrap();

    let ended = tokio::time::timeout(nudged_rig::DEADLINE, child.wait_with_output());
    let output = ended.await.unwrap().unwrap();
    assert_eq!(output.status.code(), Some(3));
    let complaint = String::from_utf8(output.stderr).unwrap();
    let hint = format!("nudgectl events -f --since {cursor}");
    assert!(complaint.contains(&hint), "{complaint}");
}

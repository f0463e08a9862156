//! Many notifications in one request: each line has an answer of its own, in its place and
//! before the stream ends.

use nudged_rig::DEADLINE;
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;

use super::{MAX_BODY, connect, head, padded};
use crate::world::{rig, text, to_token};

#[tokio::test]
async fn a_bad_line_of_a_stream_is_refused_alone_and_in_its_place() {
    let rig = rig().await;
    let lines = [
        to_token(1, "first").to_string(),
        "{\"to\":".to_owned(),
        String::new(),
        to_token(2, "second").to_string(),
        json!({"to": [{"channel": "nokia", "token": "t"}], "message": {"body": "x"}}).to_string(),
        padded(MAX_BODY + 1),
        padded(3 * MAX_BODY),
        json!({"to": [{"user": 7}], "message": {"body": "x"}}).to_string(),
        to_token(3, "third").to_string(),
    ];

    let answers = rig.client.send_lines(&lines).await.unwrap();

    let told: Vec<Value> = answers
        .iter()
        .map(|it| {
            json!([
                it["problem"]["line"],
                it["problem"]["code"],
                it["problem"]["field"]
            ])
        })
        .collect();
    let accepted = json!([null, null, null]);
    let expected = [
        accepted.clone(),
        json!([2, "bad_request", "to"]),
        accepted.clone(),
        json!([5, "invalid", "to[0].channel"]),
        json!([6, "too_large", null]),
        json!([7, "too_large", null]),
        json!([8, "bad_request", "to[0].user"]),
        accepted,
    ];
    assert_eq!(told, expected);
    for (at, body) in [(0, "first"), (2, "second"), (7, "third")] {
        let id = text(&answers[at], "id");
        let event = rig.client.outcomes(id, 1).await.unwrap().remove(0);
        let arrived = rig.simulator.received();
        let message = arrived
            .iter()
            .find(|it| it.vendor_id == text(&event, "vendor_id"));
        assert_eq!(message.unwrap().body["aps"]["alert"]["body"], body);
    }
}

#[tokio::test]
async fn a_long_stream_is_answered_line_by_line_in_order() {
    let rig = rig().await;
    let lines: Vec<String> = (0..1500)
        .map(|n| match n % 3 {
            0 => "nonsense".to_owned(),
            1 => to_token(n, "x").to_string(),
            _ => json!({"to": [{"user": format!("u{n}")}], "message": {"body": "x"}}).to_string(),
        })
        .collect();

    let answers = rig.client.send_lines(&lines).await.unwrap();

    assert_eq!(answers.len(), lines.len());
    for (n, answer) in answers.iter().enumerate() {
        match n % 3 {
            0 => assert_eq!(answer["problem"]["line"], n + 1, "{answer}"),
            1 => assert_eq!(answer["deliveries"], 1, "{answer}"),
            _ => {
                let why = format!("no_device: u{n}");
                assert_eq!(text(answer, "explanation"), why, "{answer}");
            }
        }
    }
    let all = |counts: &nudged_simulator::Counts| counts.apns.distinct_tokens == 500;
    assert!(rig.simulator.wait_for(DEADLINE, all).await);
}

#[tokio::test]
async fn a_stream_is_answered_before_it_ends() {
    let rig = rig().await;
    let mut stream = rig.client.open_stream().await.unwrap();
    let line = to_token(1, "now").to_string();
    let (half, rest) = line.split_at(20);

    for _ in 0..3 {
        assert!(stream.write(half.to_owned()).await);
        assert!(stream.write(format!("{rest}\n")).await);
        let answer = stream.answers.next().await.unwrap().unwrap();
        assert_eq!(answer["deliveries"], 1, "{answer}");
    }
    // The last line needs no end.
    assert!(stream.write(line.clone()).await);
    stream.finish();

    let answer = stream.answers.next().await.unwrap().unwrap();
    assert_eq!(answer["deliveries"], 1, "{answer}");
    assert_eq!(stream.answers.next().await.unwrap(), None);
}

#[tokio::test]
async fn of_a_stream_that_breaks_off_the_whole_lines_count() {
    let rig = rig().await;
    let mut socket = connect(&rig).await;
    let head = head("application/x-ndjson", "transfer-encoding: chunked");
    let whole = to_token(1, "whole").to_string() + "\n";
    // Would be a good one, but nobody can know that it is all of it.
    let half = to_token(2, "half").to_string();
    let piece = format!("{whole}{half}");
    let length = piece.len() + 1;
    let sent = format!("{head}{length:x}\r\n{piece}");

    socket.write_all(sent.as_bytes()).await.unwrap();
    let accepted = |counts: &nudged_simulator::Counts| counts.apns.accepted == 1;
    assert!(rig.simulator.wait_for(DEADLINE, accepted).await);
    drop(socket);
    rig.deliver(&to_token(3, "afterwards")).await.unwrap();

    let bodies: Vec<Value> = rig
        .simulator
        .received()
        .into_iter()
        .map(|it| it.body["aps"]["alert"]["body"].clone())
        .collect();
    assert_eq!(bodies, ["whole", "afterwards"]);
    let status = rig.client.get("/v1/status").await.unwrap().expect(200);
    assert_eq!(status["totals"]["notifications"], 2, "{status:#}");
}

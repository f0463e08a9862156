//! Idempotency keys: whoever repeats one gets the first answer again, and nobody is told
//! twice.

use serde_json::{Value, json};

use super::send;
use crate::support::{problem, rig, text, to_token};

#[tokio::test]
async fn a_key_that_was_used_gets_the_first_answer_again() {
    let mut rig = rig().await;
    let mut notification = to_token(1, "once");
    notification["idempotency_key"] = json!("order-4711");
    let first = rig.client.send(&notification).await.unwrap().expect(202);
    rig.client.outcomes(text(&first, "id"), 1).await.unwrap();

    let second = rig.client.send(&notification).await.unwrap().expect(202);
    // The key decides, not what it comes with.
    notification["message"]["body"] = json!("changed");
    let third = rig.client.send(&notification).await.unwrap().expect(202);
    rig.restart().await.unwrap();
    let fourth = rig.client.send(&notification).await.unwrap().expect(202);
    notification["idempotency_key"] = json!("order-4712");
    let other = rig.deliver(&notification).await.unwrap();

    assert_eq!([&second, &third, &fourth], [&first; 3]);
    assert_ne!(other["id"], first["id"]);
    assert_eq!(rig.simulator.counts().apns.requests, 2);
}

#[tokio::test]
async fn a_key_that_is_used_at_once_by_many_is_sent_once() {
    let rig = rig().await;
    let mut notification = to_token(1, "once");
    notification["idempotency_key"] = json!("k");

    let calls = (0..20).map(|_| rig.client.send(&notification));
    let answers: Vec<Value> = futures_util::future::join_all(calls)
        .await
        .into_iter()
        .map(|reply| reply.unwrap().expect(202))
        .collect();

    assert!(answers.iter().all(|it| *it == answers[0]), "{answers:#?}");
    rig.client
        .outcomes(text(&answers[0], "id"), 1)
        .await
        .unwrap();
    rig.deliver(&to_token(2, "afterwards")).await.unwrap();
    assert_eq!(rig.simulator.counts().apns.requests, 2);
}

#[tokio::test]
async fn a_key_that_a_stream_repeats_is_sent_once() {
    let rig = rig().await;
    let lines: Vec<String> = (0..600)
        .map(|n| {
            let mut notification = to_token(n % 3, "once");
            notification["idempotency_key"] = json!(format!("k{}", n % 3));
            notification.to_string()
        })
        .collect();

    let answers = rig.client.send_lines(&lines).await.unwrap();

    assert_eq!(answers.len(), 600);
    for (n, answer) in answers.iter().enumerate() {
        assert_eq!(*answer, answers[n % 3]);
    }
    for answer in &answers[..3] {
        rig.client.outcomes(text(answer, "id"), 1).await.unwrap();
    }
    assert_eq!(rig.simulator.counts().apns.requests, 3);
}

#[tokio::test]
async fn a_key_of_a_refused_notification_is_free_again() {
    let rig = rig().await;
    let refused = send(&rig, |n| {
        n["idempotency_key"] = json!("k");
        n["ttl"] = json!(u64::MAX);
    });
    problem(refused.await, 422, "invalid");

    let reply = send(&rig, |n| n["idempotency_key"] = json!("k")).await;

    assert_eq!(reply.expect(202)["deliveries"], 1);
}

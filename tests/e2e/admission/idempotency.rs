//! Idempotency keys: whoever repeats one gets the first answer again, and nobody is told
//! twice.

use serde_json::{Value, json};

use super::send;
use crate::world::{problem, rig, text, to_token};

#[tokio::test]
async fn a_key_that_was_used_gets_the_first_answer_again() {
    let mut rig = rig().await;
    let mut notification = to_token(1, "once");
    notification["idempotency_key"] = json!("order-4711");
    let first = rig.client.send(&notification).await.unwrap().expect(202);
    rig.client.outcomes(text(&first, "id"), 1).await.unwrap();

    let second = rig.client.send(&notification).await.unwrap().expect(202);
    rig.restart().await.unwrap();
    let third = rig.client.send(&notification).await.unwrap().expect(202);
    notification["idempotency_key"] = json!("order-4712");
    let other = rig.deliver(&notification).await.unwrap();

    assert_eq!([&second, &third], [&first; 2]);
    assert_ne!(other["id"], first["id"]);
    assert_eq!(rig.simulator.counts().apns.requests, 2);
}

#[tokio::test]
async fn a_key_of_another_request_is_refused_and_not_answered_with_an_old_id() {
    let mut rig = rig().await;
    let mut notification = to_token(1, "once");
    notification["idempotency_key"] = json!("order-4711");
    notification["options"] = json!({"apns": {"relevance_score": 1}});
    let first = rig.client.send(&notification).await.unwrap().expect(202);
    rig.client.outcomes(text(&first, "id"), 1).await.unwrap();
    let mut other = notification.clone();
    other["message"]["body"] = json!("changed");

    let at_once = rig.client.send(&other).await.unwrap();
    let lines = [notification.to_string(), other.to_string()];
    let answers = rig.client.send_lines(&lines).await.unwrap();
    rig.restart().await.unwrap();
    let later = rig.client.send(&other).await.unwrap();
    // The same request in another order, spaced otherwise and with a default written out.
    let body = r#"{"push": true, "idempotency_key":"order-4711",
        "options":{ "apns":{"relevance_score" : 1} },
        "message":{"body":"once","title":"Carol"}, "to":TO}"#;
    let body = body.replace("TO", &notification["to"].to_string());
    let post = http::Method::POST;
    let again = rig
        .client
        .raw(post, "/v1/notifications", "application/json", body);
    let again = again.await.unwrap().expect(202);

    for reply in [at_once, later] {
        let problem = problem(reply, 422, "idempotency_mismatch");
        assert_eq!(problem["field"], "idempotency_key");
        assert!(
            text(&problem, "detail").contains(text(&first, "id")),
            "{problem:#}"
        );
        assert_eq!(
            text(&problem, "detail").matches("digest").count(),
            1,
            "{problem:#}"
        );
    }
    assert_eq!(answers[0], first);
    assert_eq!(answers[1]["problem"]["code"], "idempotency_mismatch");
    assert_eq!(again, first);
    assert_eq!(rig.simulator.counts().apns.requests, 1);
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

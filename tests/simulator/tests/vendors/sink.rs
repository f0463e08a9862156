use nudged_simulator::{Fault, FaultKind, Options, Simulator};
use tokio::task::JoinSet;

use crate::client::{ALERT, Client, KEY, SOON, TEAM, TOPIC, now, provider_token, token};

async fn start(delay_ms: u64) -> (Simulator, String) {
    let options = Options {
        sink: true,
        delay_ms,
        ..Options::default()
    };
    let simulator = Simulator::start(options).await.unwrap();
    let p8 = simulator.apns().add_key(TEAM, KEY, &[TOPIC]);
    let jwt = provider_token(&p8, KEY, TEAM, now());
    (simulator, jwt)
}

#[tokio::test]
async fn the_sink_counts_exactly_and_keeps_nothing() {
    let (simulator, jwt) = start(0).await;
    let client = Client::apns(&simulator).await;
    let mut pushes = JoinSet::new();
    for number in 0..600u32 {
        let (client, jwt) = (client.clone(), jwt.clone());
        pushes.spawn(async move {
            let token = token((number % 100) as u8);
            client.push(&jwt, &token).await.unwrap().status
        });
    }

    let statuses = pushes.join_all().await;

    assert!(statuses.iter().all(|status| *status == 200));
    let counts = simulator.counts();
    assert_eq!((counts.accepted, counts.distinct_tokens), (600, 100));
    assert_eq!(counts.apns.requests, 600);
    assert!(simulator.received().is_empty());
}

#[tokio::test]
async fn the_sink_refuses_what_the_simulator_refuses() {
    let (simulator, jwt) = start(0).await;
    let client = Client::apns(&simulator).await;
    assert_eq!(client.push(&jwt, &token(1)).await.unwrap().status, 200);
    let bearer = format!("bearer {jwt}");
    let path = format!("/3/device/{}", token(1));
    let good = [
        ("authorization", bearer.as_str()),
        ("apns-topic", TOPIC),
        ("apns-push-type", "alert"),
    ];

    for (headers, path, body, reason) in [
        (&good[..], path.as_str(), "{}", "SimulatorBadPayload"),
        (&good[..], &path, r#"{"aps":[]}"#, "SimulatorBadPayload"),
        (&good[..], &path, "", "PayloadEmpty"),
        (&good[..], "/3/device/abc", ALERT, "BadDeviceToken"),
        (&good[1..], &path, ALERT, "MissingProviderToken"),
        (&good[..1], &path, ALERT, "MissingTopic"),
    ] {
        let answer = client.send("POST", path, headers, body).await.unwrap();
        assert_eq!(answer.reason(), reason, "{path} {body}");
    }
    simulator.fault(Fault::new(FaultKind::Reset).times(1));
    assert!(client.push(&jwt, &token(1)).await.is_err());
    simulator.apns().revoke_key(KEY);
    let answer = client.push(&jwt, &token(1)).await.unwrap();
    assert_eq!(answer.reason(), "InvalidProviderToken");
    assert_eq!(simulator.counts().accepted, 1);
}

#[tokio::test]
async fn delayed_replies_do_not_wait_for_each_other() {
    let (simulator, jwt) = start(200).await;
    let client = Client::apns(&simulator).await;
    client.push(&jwt, &token(0)).await.unwrap();
    let before = std::time::Instant::now();

    let mut pushes = JoinSet::new();
    for number in 0..100 {
        let (client, jwt) = (client.clone(), jwt.clone());
        pushes.spawn(async move { client.push(&jwt, &token(number)).await.unwrap().status });
    }
    let statuses = pushes.join_all().await;

    assert!(statuses.iter().all(|status| *status == 200));
    let took = before.elapsed();
    assert!(took.as_millis() >= 200, "{took:?}");
    assert!(took < SOON, "{took:?}");
}

#[tokio::test]
async fn latencies_are_reported_for_bodies_that_say_when_they_were_sent() {
    let (simulator, jwt) = start(0).await;
    let client = Client::apns(&simulator).await;
    client.push(&jwt, &token(1)).await.unwrap();
    assert_eq!(simulator.counts().p50_ms, None);
    let sent_us = (now() - 2) * 1_000_000;
    let body = format!(r#"{{"aps":{{"alert":"x"}},"ext":"{{\"sent_us\":{sent_us}}}"}}"#);
    let bearer = format!("bearer {jwt}");
    let headers = [
        ("authorization", bearer.as_str()),
        ("apns-topic", TOPIC),
        ("apns-push-type", "alert"),
    ];

    let path = format!("/3/device/{}", token(1));
    client.send("POST", &path, &headers, body).await.unwrap();

    let counts = simulator.counts();
    let (p50, p99) = (counts.p50_ms.unwrap(), counts.p99_ms.unwrap());
    assert!((2_000.0..60_000.0).contains(&p50), "{p50}");
    assert!(p99 >= p50);
}

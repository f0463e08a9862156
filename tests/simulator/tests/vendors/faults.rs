use std::time::Duration;

use nudged_simulator::{Fault, FaultKind, Options, Simulator, Vendor};
use serde_json::json;

use crate::client::{Client, KEY, SOON, TEAM, TOPIC, now, provider_token, token};

async fn start() -> (Simulator, String) {
    let simulator = Simulator::start(Options::default()).await.unwrap();
    let p8 = simulator.apns().add_key(TEAM, KEY, &[TOPIC]);
    let jwt = provider_token(&p8, KEY, TEAM, now());
    (simulator, jwt)
}

fn status(status: u16) -> FaultKind {
    FaultKind::Status {
        status,
        reason: None,
        retry_after: None,
        timestamp_ms: None,
    }
}

#[tokio::test]
async fn injected_statuses_carry_apples_reasons() {
    let (simulator, jwt) = start().await;
    let client = Client::apns(&simulator).await;

    for (code, reason) in [
        (400, "BadDeviceToken"),
        (403, "ExpiredProviderToken"),
        (410, "Unregistered"),
        (429, "TooManyRequests"),
        (500, "InternalServerError"),
        (503, "ServiceUnavailable"),
    ] {
        simulator.fault(Fault::new(status(code)).times(1));
        let answer = client.push(&jwt, &token(1)).await.unwrap();
        assert_eq!((answer.status, answer.reason().as_str()), (code, reason));
        assert_eq!(answer.json()["timestamp"].is_u64(), code == 410);
    }
    simulator.fault(
        Fault::new(FaultKind::Status {
            status: 503,
            reason: Some("Shutdown".into()),
            retry_after: Some("7".into()),
            timestamp_ms: None,
        })
        .times(1),
    );
    let answer = client.push(&jwt, &token(1)).await.unwrap();
    assert_eq!(answer.reason(), "Shutdown");
    assert_eq!(answer.header("retry-after"), Some("7"));
    assert_eq!(client.push(&jwt, &token(1)).await.unwrap().status, 200);
    assert_eq!(simulator.received().len(), 1);
}

#[tokio::test]
async fn a_fault_for_one_token_spares_the_others() {
    let (simulator, jwt) = start().await;
    let client = Client::apns(&simulator).await;
    simulator.fault(Fault::new(status(410)).for_token(token(2)));

    assert_eq!(client.push(&jwt, &token(1)).await.unwrap().status, 200);
    assert_eq!(client.push(&jwt, &token(2)).await.unwrap().status, 410);
}

#[tokio::test]
async fn going_away_refuses_the_stream_as_unprocessed_and_ends_the_connection() {
    let (simulator, jwt) = start().await;
    let client = Client::apns(&simulator).await;
    simulator.fault(Fault::new(FaultKind::GoAway).times(1));

    let error = client.push(&jwt, &token(1)).await.unwrap_err();

    assert_eq!(error.reason(), Some(h2::Reason::REFUSED_STREAM));
    assert!(
        simulator
            .wait_for(SOON, |counts| counts.apns.open_connections == 0)
            .await
    );
    assert!(client.push(&jwt, &token(1)).await.is_err());
    let again = Client::apns(&simulator).await;
    assert_eq!(again.push(&jwt, &token(1)).await.unwrap().status, 200);
}

#[tokio::test]
async fn going_away_lets_other_streams_finish() {
    let (simulator, jwt) = start().await;
    let client = Client::apns(&simulator).await;
    simulator.fault(Fault::new(FaultKind::Delay { ms: 300 }).for_token(token(1)));
    simulator.fault(Fault::new(FaultKind::GoAway).for_token(token(2)));

    let (one, two) = (token(1), token(2));
    let (slow, refused) = tokio::join!(client.push(&jwt, &one), client.push(&jwt, &two));

    assert_eq!(slow.unwrap().status, 200);
    assert!(refused.is_err());
}

#[tokio::test]
async fn a_reset_stream_leaves_the_connection_alone() {
    let (simulator, jwt) = start().await;
    let client = Client::apns(&simulator).await;
    simulator.fault(Fault::new(FaultKind::Reset).times(1));

    let error = client.push(&jwt, &token(1)).await.unwrap_err();

    assert_eq!(error.reason(), Some(h2::Reason::INTERNAL_ERROR));
    assert_eq!(client.push(&jwt, &token(1)).await.unwrap().status, 200);
}

#[tokio::test]
async fn a_dropped_connection_answers_nothing() {
    let (simulator, jwt) = start().await;
    for (kind, accepted) in [(FaultKind::Drop, 0), (FaultKind::LoseReply, 1)] {
        let client = Client::apns(&simulator).await;
        simulator.fault(Fault::new(kind).times(1));

        let error = client.push(&jwt, &token(1)).await.unwrap_err();

        assert!(!error.is_reset(), "{error:?}");
        assert_eq!(simulator.received().len(), accepted);
    }
}

#[tokio::test]
async fn a_hanging_request_holds_up_no_other() {
    let (simulator, jwt) = start().await;
    let client = Client::apns(&simulator).await;
    simulator.fault(Fault::new(FaultKind::Hang { ms: None }).for_token(token(1)));
    simulator.fault(Fault::new(FaultKind::Hang { ms: Some(1) }).for_token(token(2)));

    let hanging = tokio::spawn({
        let (client, jwt) = (client.clone(), jwt.clone());
        async move { client.push(&jwt, &token(1)).await.is_ok() }
    });
    let hung = |counts: &nudged_simulator::Counts| counts.apns.faults.contains_key("hang");
    assert!(simulator.wait_for(SOON, hung).await);

    assert!(client.push(&jwt, &token(2)).await.is_err());
    assert_eq!(client.push(&jwt, &token(3)).await.unwrap().status, 200);
    assert!(!hanging.is_finished());
    drop(simulator);
    assert!(!hanging.await.unwrap());
}

#[tokio::test]
async fn a_delayed_reply_is_recorded_before_it_is_sent() {
    let (simulator, jwt) = start().await;
    let client = Client::apns(&simulator).await;
    simulator.fault(Fault::new(FaultKind::Delay { ms: 60_000 }).times(1));

    let waiting = tokio::spawn(async move { client.push(&jwt, &token(1)).await });

    assert!(
        simulator
            .wait_for(SOON, |counts| counts.accepted == 1)
            .await
    );
    assert!(!waiting.is_finished());
}

#[tokio::test]
async fn a_bad_request_is_refused_for_itself_and_uses_up_no_fault() {
    let (simulator, jwt) = start().await;
    let client = Client::apns(&simulator).await;
    simulator.fault(Fault::new(status(503)).times(1));

    assert_eq!(
        client.push(&jwt, "abc").await.unwrap().reason(),
        "BadDeviceToken"
    );
    assert_eq!(client.push(&jwt, &token(1)).await.unwrap().status, 503);
}

#[tokio::test]
async fn garbage_is_no_json() {
    let (simulator, jwt) = start().await;
    let account = simulator.fcm().add_service_account("p");
    let (apns, fcm) = (
        Client::apns(&simulator).await,
        Client::fcm(&simulator).await,
    );
    let grant = fcm.grant(&account).await;
    simulator.fault(Fault::new(FaultKind::Garbage));

    let from_apns = apns.push(&jwt, &token(1)).await.unwrap();
    let message = json!({ "token": "a-good-token-0000000001" });
    let from_fcm = fcm.message("p", &grant, message).await.unwrap();

    assert_eq!((from_apns.status, from_fcm.status), (500, 200));
    assert!(from_apns.json().is_null() && from_fcm.json().is_null());
    assert!(simulator.received().is_empty());
}

#[tokio::test]
async fn a_body_that_drips_never_ends() {
    let (simulator, jwt) = start().await;
    let client = Client::apns(&simulator).await;
    simulator.fault(Fault::new(FaultKind::Drip { ms: 1 }).for_token(token(1)));

    let (one, two) = (token(1), token(2));
    let dripping = tokio::time::timeout(Duration::from_millis(200), client.push(&jwt, &one));
    let (dripping, other) = tokio::join!(dripping, client.push(&jwt, &two));

    assert!(dripping.is_err(), "{dripping:?}");
    assert_eq!(other.unwrap().status, 200);
    assert_eq!(simulator.received().len(), 2);
}

#[tokio::test]
async fn a_huge_body_is_as_long_as_was_said() {
    let (simulator, jwt) = start().await;
    let client = Client::apns(&simulator).await;
    simulator.fault(Fault::new(FaultKind::Huge { bytes: 50_000 }).times(1));

    let answer = client.push(&jwt, &token(1)).await.unwrap();

    assert_eq!((answer.status, answer.body.len()), (500, 50_000));
    assert!(simulator.received().is_empty());
}

#[tokio::test]
async fn an_aborted_connection_is_reset() {
    let (simulator, jwt) = start().await;
    let client = Client::apns(&simulator).await;
    simulator.fault(Fault::new(FaultKind::Abort).times(1));

    let error = client.push(&jwt, &token(1)).await.unwrap_err();

    let io = error.get_io().map(std::io::Error::kind);
    assert_eq!(io, Some(std::io::ErrorKind::ConnectionReset), "{error:?}");
}

#[tokio::test]
async fn a_new_connection_is_refused_by_an_alert_and_an_old_one_goes_on() {
    let (simulator, jwt) = start().await;
    let old = Client::apns(&simulator).await;
    simulator.fault(Fault::new(FaultKind::TlsAlert).of(Vendor::Apns));

    let new = Client::connect(&simulator.apns().url(), &simulator.ca_pem(), None).await;

    let error = new.err().unwrap().to_string();
    assert!(error.contains("HandshakeFailure"), "{error}");
    assert_eq!(old.push(&jwt, &token(1)).await.unwrap().status, 200);
    Client::fcm(&simulator).await;
    assert_eq!(simulator.counts().apns.faults.get("tls_alert"), Some(&1));
}

#[tokio::test]
async fn a_mute_connection_says_nothing_even_when_the_fault_is_over() {
    let (simulator, jwt) = start().await;
    simulator.fault(Fault::new(FaultKind::Mute).times(1));

    let url = simulator.apns().url();
    let ca = simulator.ca_pem();
    let mute = Client::connect(&url, &ca, None);
    let mute = tokio::time::timeout(Duration::from_millis(200), mute).await;

    assert!(mute.is_err());
    let client = Client::apns(&simulator).await;
    assert_eq!(client.push(&jwt, &token(1)).await.unwrap().status, 200);
}

#[tokio::test]
async fn a_token_that_is_sent_to_sooner_than_asked_for_is_counted() {
    let (simulator, jwt) = start().await;
    let client = Client::apns(&simulator).await;
    let wait = |seconds: &str| FaultKind::Status {
        status: 429,
        reason: None,
        retry_after: Some(seconds.into()),
        timestamp_ms: None,
    };
    simulator.fault(Fault::new(wait("60")).for_token(token(1)).times(2));

    client.push(&jwt, &token(1)).await.unwrap();
    client.push(&jwt, &token(2)).await.unwrap();
    assert_eq!(simulator.counts().apns.undercut, 0);
    client.push(&jwt, &token(1)).await.unwrap();
    assert_eq!(simulator.counts().apns.undercut, 1);
    simulator.advance_clock(Duration::from_secs(60));
    client.push(&jwt, &token(1)).await.unwrap();

    assert_eq!(simulator.counts().apns.undercut, 1);
}

#[tokio::test]
async fn messages_that_were_taken_are_held_no_longer_and_still_counted() {
    let (simulator, jwt) = start().await;
    let client = Client::apns(&simulator).await;
    client.push(&jwt, &token(1)).await.unwrap();

    let taken = simulator.take_received();

    assert_eq!(taken.len(), 1);
    assert!(taken[0].at_us / 1000 >= taken[0].at_ms, "{taken:?}");
    assert!(simulator.received().is_empty());
    assert_eq!(simulator.counts().apns.accepted, 1);
}

#[tokio::test]
async fn fcm_and_its_token_endpoint_meet_their_own_faults() {
    let (simulator, _) = start().await;
    let account = simulator.fcm().add_service_account("p");
    let client = Client::fcm(&simulator).await;
    simulator.fault(
        Fault::new(FaultKind::OauthStatus {
            status: 401,
            error: "invalid_client".into(),
        })
        .times(1),
    );
    let assertion = crate::client::assertion(&account, |_| {});

    let refused = client.exchange(&assertion).await;
    assert_eq!(refused.status, 401);
    assert_eq!(refused.json()["error"], "invalid_client");
    assert_eq!(simulator.fcm().grants_issued(), 0);

    let grant = client.grant(&account).await;
    simulator.fault(
        Fault::new(FaultKind::Status {
            status: 429,
            reason: None,
            retry_after: Some("30".into()),
            timestamp_ms: None,
        })
        .of(Vendor::Fcm),
    );
    let message = json!({ "token": "a-good-token-0000000001" });
    let limited = client.message("p", &grant, message).await.unwrap();
    assert_eq!(
        limited.json()["error"]["details"][0]["errorCode"],
        "QUOTA_EXCEEDED"
    );
    assert_eq!(limited.header("retry-after"), Some("30"));
}

#[tokio::test]
async fn waiting_ends_at_the_deadline() {
    let (simulator, _) = start().await;
    assert!(
        !simulator
            .wait_for(Duration::ZERO, |counts| counts.accepted > 0)
            .await
    );
}

use std::time::Duration;

use nudged_simulator::{Options, Simulator};
use serde_json::json;

use crate::client::{ALERT, Client, KEY, TEAM, TOPIC, now, provider_token, signed_es256, token};

async fn start() -> (Simulator, String) {
    let simulator = Simulator::start(Options::default()).await.unwrap();
    let p8 = simulator.apns().add_key(TEAM, KEY, &[TOPIC]);
    (simulator, p8)
}

#[tokio::test]
async fn a_good_alert_is_accepted_and_recorded() {
    let (simulator, p8) = start().await;
    let client = Client::apns(&simulator).await;
    let id = "eabeae54-14a8-11e5-b60b-1697f925ec7b";
    let bearer = format!("bearer {}", provider_token(&p8, KEY, TEAM, now()));

    let answer = client
        .send(
            "POST",
            &format!("/3/device/{}", token(1)),
            &[
                ("authorization", &bearer),
                ("apns-topic", TOPIC),
                ("apns-push-type", "alert"),
                ("apns-id", id),
                ("apns-priority", "10"),
                ("apns-expiration", "0"),
                ("apns-collapse-id", "c1"),
            ],
            ALERT,
        )
        .await
        .unwrap();

    assert_eq!(answer.status, 200);
    assert!(answer.body.is_empty());
    assert_eq!(answer.header("apns-id"), Some(id));
    let received = &simulator.received()[0];
    assert_eq!(received.token, token(1));
    assert_eq!(received.vendor_id, id);
    assert_eq!(received.provider_token_kid.as_deref(), Some(KEY));
    assert_eq!(received.body["aps"]["alert"]["title"], "Alice");
    let masked = ("authorization".to_owned(), "bearer \u{2026}".to_owned());
    assert!(received.headers.contains(&masked));
    let counts = simulator.counts();
    assert_eq!((counts.accepted, counts.apns.provider_tokens), (1, 1));
}

#[tokio::test]
async fn an_id_is_made_when_none_is_given() {
    let (simulator, p8) = start().await;
    let client = Client::apns(&simulator).await;
    let jwt = provider_token(&p8, KEY, TEAM, now());

    let first = client.push(&jwt, &token(1)).await.unwrap();
    let second = client.push(&jwt, &token(1)).await.unwrap();

    let id = first.header("apns-id").unwrap();
    assert_eq!(id.len(), 36);
    assert_ne!(Some(id), second.header("apns-id"));
}

#[tokio::test]
async fn each_broken_request_gets_apples_reason() {
    let (simulator, p8) = start().await;
    simulator.apns().bind_token(&token(7), "com.example.other");
    simulator
        .apns()
        .unregister_token(&token(8), 1_454_402_113_000);
    let client = Client::apns(&simulator).await;
    let bearer = format!("bearer {}", provider_token(&p8, KEY, TEAM, now()));
    let good: &[(&str, &str)] = &[("apns-topic", TOPIC), ("apns-push-type", "alert")];
    let path = format!("/3/device/{}", token(1));
    let background = r#"{"aps":{"content-available":1}}"#;
    let long_id = "x".repeat(65);
    let big = format!(r#"{{"aps":{{"alert":"{}"}}}}"#, "x".repeat(4096));

    type Case<'a> = (
        &'a str,
        &'a str,
        Vec<(&'a str, &'a str)>,
        &'a str,
        u16,
        &'a str,
    );
    let with = |extra: &[(&'static str, &'static str)]| [good, extra].concat();
    let odd = "/3/device/abc".to_owned();
    let not_hex = format!("/3/device/{}", "z".repeat(64));
    let bound = format!("/3/device/{}", token(7));
    let gone = format!("/3/device/{}", token(8));
    let cases: Vec<Case<'_>> = vec![
        ("POST", "/", with(&[]), ALERT, 404, "BadPath"),
        ("POST", "/2/device/x", with(&[]), ALERT, 404, "BadPath"),
        (
            "POST",
            "/3/device/",
            with(&[]),
            ALERT,
            400,
            "MissingDeviceToken",
        ),
        (
            "POST",
            "/3/device",
            with(&[]),
            ALERT,
            400,
            "MissingDeviceToken",
        ),
        ("GET", &path, with(&[]), "", 405, "MethodNotAllowed"),
        ("PUT", &path, with(&[]), ALERT, 405, "MethodNotAllowed"),
        ("POST", &odd, with(&[]), ALERT, 400, "BadDeviceToken"),
        ("POST", &not_hex, with(&[]), ALERT, 400, "BadDeviceToken"),
        (
            "POST",
            &bound,
            with(&[]),
            ALERT,
            400,
            "DeviceTokenNotForTopic",
        ),
        ("POST", &gone, with(&[]), ALERT, 410, "Unregistered"),
        (
            "POST",
            &path,
            with(&[("apns-topic", TOPIC)]),
            ALERT,
            400,
            "DuplicateHeaders",
        ),
        (
            "POST",
            &path,
            with(&[("apns-id", "1")]),
            ALERT,
            400,
            "BadMessageId",
        ),
        (
            "POST",
            &path,
            with(&[("apns-id", "EABEAE54-14A8-11E5-B60B-1697F925EC7B")]),
            ALERT,
            400,
            "BadMessageId",
        ),
        (
            "POST",
            &path,
            with(&[("apns-expiration", "soon")]),
            ALERT,
            400,
            "BadExpirationDate",
        ),
        (
            "POST",
            &path,
            with(&[("apns-priority", "7")]),
            ALERT,
            400,
            "BadPriority",
        ),
        (
            "POST",
            &path,
            [good, &[("apns-collapse-id", long_id.as_str())]].concat(),
            ALERT,
            400,
            "BadCollapseId",
        ),
        (
            "POST",
            &path,
            vec![("apns-topic", TOPIC), ("apns-push-type", "loud")],
            ALERT,
            400,
            "InvalidPushType",
        ),
        (
            "POST",
            &path,
            vec![("apns-push-type", "alert")],
            ALERT,
            400,
            "MissingTopic",
        ),
        (
            "POST",
            &path,
            vec![("apns-topic", "a b")],
            ALERT,
            400,
            "BadTopic",
        ),
        (
            "POST",
            &path,
            vec![("apns-topic", "com.other")],
            ALERT,
            400,
            "TopicDisallowed",
        ),
        (
            "POST",
            &path,
            vec![("apns-topic", TOPIC), ("apns-push-type", "voip")],
            ALERT,
            400,
            "TopicDisallowed",
        ),
        (
            "POST",
            &path,
            vec![("apns-topic", TOPIC), ("apns-push-type", "background")],
            background,
            400,
            "BadPriority",
        ),
        (
            "POST",
            &path,
            vec![
                ("apns-topic", TOPIC),
                ("apns-push-type", "background"),
                ("apns-priority", "10"),
            ],
            background,
            400,
            "BadPriority",
        ),
        ("POST", &path, with(&[]), "", 400, "PayloadEmpty"),
        ("POST", &path, with(&[]), &big, 413, "PayloadTooLarge"),
        ("POST", &path, with(&[]), "{}", 400, "SimulatorBadPayload"),
    ];
    for (method, path, mut headers, body, status, reason) in cases {
        headers.push(("authorization", &bearer));
        let answer = client
            .send(method, path, &headers, body.to_owned())
            .await
            .unwrap();
        let case = format!("{method} {path} {headers:?}");
        assert_eq!(
            (answer.status, answer.reason().as_str()),
            (status, reason),
            "{case}"
        );
        assert!(answer.header("apns-id").is_some(), "{case}");
        let timestamp = answer.json()["timestamp"].as_u64();
        assert_eq!(
            timestamp,
            (status == 410).then_some(1_454_402_113_000),
            "{case}"
        );
    }
    assert_eq!(simulator.counts().accepted, 0);
    assert_eq!(simulator.counts().apns.refused["BadPath"], 2);
}

#[tokio::test]
async fn each_bad_credential_gets_apples_reason() {
    let (simulator, p8) = start().await;
    let stranger = Simulator::start(Options::default()).await.unwrap();
    let foreign = stranger.apns().add_key(TEAM, KEY, &[TOPIC]);
    let header = json!({ "alg": "ES256", "kid": KEY });
    let claims = json!({ "iss": TEAM, "iat": now() });
    let good = |iat| provider_token(&p8, KEY, TEAM, iat);
    let signed = |header, claims| signed_es256(&p8, &header, &claims, false);

    for (case, authorization, reason) in [
        ("none", None, "MissingProviderToken"),
        (
            "basic",
            Some("Basic eDp5".to_owned()),
            "MissingProviderToken",
        ),
        (
            "no jwt",
            Some("bearer hello".to_owned()),
            "InvalidProviderToken",
        ),
        (
            "der",
            Some(format!(
                "bearer {}",
                signed_es256(&p8, &header, &claims, true)
            )),
            "InvalidProviderToken",
        ),
        (
            "foreign key",
            Some(format!(
                "bearer {}",
                provider_token(&foreign, KEY, TEAM, now())
            )),
            "InvalidProviderToken",
        ),
        (
            "wrong team",
            Some(format!(
                "bearer {}",
                provider_token(&p8, KEY, "OTHERTEAM1", now())
            )),
            "InvalidProviderToken",
        ),
        (
            "unknown key id",
            Some(format!(
                "bearer {}",
                provider_token(&p8, "OTHERKEY01", TEAM, now())
            )),
            "InvalidProviderToken",
        ),
        (
            "other algorithm",
            Some(format!(
                "bearer {}",
                signed(json!({ "alg": "HS256", "kid": KEY }), claims.clone())
            )),
            "InvalidProviderToken",
        ),
        (
            "iat as text",
            Some(format!(
                "bearer {}",
                signed(
                    header.clone(),
                    json!({ "iss": TEAM, "iat": now().to_string() })
                )
            )),
            "InvalidProviderToken",
        ),
        (
            "stale",
            Some(format!("bearer {}", good(now() - 3610))),
            "ExpiredProviderToken",
        ),
        (
            "early",
            Some(format!("bearer {}", good(now() + 600))),
            "InvalidProviderToken",
        ),
    ] {
        let client = Client::apns(&simulator).await;
        let mut headers = vec![("apns-topic", TOPIC), ("apns-push-type", "alert")];
        if let Some(authorization) = &authorization {
            headers.push(("authorization", authorization));
        }
        let path = format!("/3/device/{}", token(1));
        let answer = client.send("POST", &path, &headers, ALERT).await.unwrap();
        assert_eq!(
            (answer.status, answer.reason().as_str()),
            (403, reason),
            "{case}"
        );
    }
}

#[tokio::test]
async fn a_connection_keeps_its_key_and_rarely_changes_its_token() {
    let (simulator, p8) = start().await;
    let other = simulator.apns().add_key(TEAM, "SIMKEY0002", &[TOPIC]);
    let client = Client::apns(&simulator).await;
    let first = provider_token(&p8, KEY, TEAM, now());
    let second = provider_token(&p8, KEY, TEAM, now() - 60);
    let unrelated = provider_token(&other, "SIMKEY0002", TEAM, now());

    assert_eq!(client.push(&first, &token(1)).await.unwrap().status, 200);
    let refused = client.push(&second, &token(1)).await.unwrap();
    assert_eq!(refused.status, 429);
    assert_eq!(refused.reason(), "TooManyProviderTokenUpdates");
    assert_eq!(client.push(&first, &token(1)).await.unwrap().status, 200);
    let refused = client.push(&unrelated, &token(1)).await.unwrap();
    assert_eq!(refused.status, 403);
    assert_eq!(refused.reason(), "UnrelatedKeyIdInToken");

    let fresh = Client::apns(&simulator).await;
    assert_eq!(fresh.push(&unrelated, &token(1)).await.unwrap().status, 200);
    simulator.advance_clock(Duration::from_secs(20 * 60));
    assert_eq!(client.push(&second, &token(1)).await.unwrap().status, 200);
    simulator.advance_clock(Duration::from_secs(45 * 60));
    let refused = client.push(&second, &token(1)).await.unwrap();
    assert_eq!(refused.reason(), "ExpiredProviderToken");
}

#[tokio::test]
async fn a_revoked_key_is_refused_although_its_token_was_good_before() {
    let (simulator, p8) = start().await;
    let client = Client::apns(&simulator).await;
    let jwt = provider_token(&p8, KEY, TEAM, now());
    assert_eq!(client.push(&jwt, &token(1)).await.unwrap().status, 200);

    simulator.apns().revoke_key(KEY);

    let refused = client.push(&jwt, &token(1)).await.unwrap();
    assert_eq!(refused.reason(), "InvalidProviderToken");
}

#[tokio::test]
async fn a_certificate_names_its_topics_itself() {
    let (simulator, _) = start().await;
    let voip = format!("{TOPIC}.voip");
    let single = simulator.apns().issue_certificate(TOPIC, &[], 30);
    let several = simulator.apns().issue_certificate(TOPIC, &[&voip], 30);
    let live = format!("{TOPIC}.push-type.liveactivity");
    simulator.apns().bind_token(&token(2), &voip);
    let call = r#"{"caller":"Bob"}"#;

    for (certificate, headers, body, status, reason) in [
        (&single, vec![], ALERT, 200, ""),
        (&single, vec![("apns-topic", TOPIC)], ALERT, 200, ""),
        // Ignored beside a certificate.
        (&single, vec![("authorization", "bearer x")], ALERT, 200, ""),
        (
            &single,
            vec![("apns-topic", "com.other")],
            ALERT,
            400,
            "TopicDisallowed",
        ),
        (&several, vec![], ALERT, 400, "MissingTopic"),
        (
            &several,
            vec![("apns-topic", voip.as_str()), ("apns-push-type", "voip")],
            call,
            200,
            "",
        ),
        (
            &several,
            vec![
                ("apns-topic", live.as_str()),
                ("apns-push-type", "liveactivity"),
            ],
            ALERT,
            400,
            "TopicDisallowed",
        ),
    ] {
        let url = simulator.apns().url();
        let client = Client::connect(&url, &simulator.ca_pem(), Some(certificate))
            .await
            .unwrap();
        let of_calls = headers.contains(&("apns-push-type", "voip"));
        let path = format!("/3/device/{}", token(if of_calls { 2 } else { 1 }));
        let answer = client.send("POST", &path, &headers, body).await.unwrap();
        assert_eq!(
            (answer.status, answer.reason().as_str()),
            (status, reason),
            "{headers:?}"
        );
    }
    let received = simulator.received();
    assert_eq!(received[0].client_certificate, Some(single.serial));
}

#[tokio::test]
async fn expired_foreign_revoked_and_other_certificates_are_refused() {
    let (simulator, _) = start().await;
    let stranger = Simulator::start(Options::default()).await.unwrap();
    let path = format!("/3/device/{}", token(1));
    let url = simulator.apns().url();
    let ca = simulator.ca_pem();

    for certificate in [
        simulator.apns().issue_certificate(TOPIC, &[], -1),
        stranger.apns().issue_certificate(TOPIC, &[], 30),
    ] {
        // TLS 1.3 lets a client finish before the server has judged its certificate.
        let outcome = match Client::connect(&url, &ca, Some(&certificate)).await {
            Ok(client) => client.send("POST", &path, &[], ALERT).await.is_ok(),
            Err(_) => false,
        };
        assert!(!outcome);
    }
    let revoked = simulator.apns().issue_certificate(TOPIC, &[], 30);
    simulator.apns().revoke_certificate(&revoked.serial);
    let renewed = simulator.apns().renew_certificate(&revoked, TOPIC, 60);
    let client = Client::connect(&url, &ca, Some(&renewed)).await.unwrap();
    let answer = client.send("POST", &path, &[], ALERT).await.unwrap();
    assert_eq!(answer.status, 200);
    for (certificate, reason) in [
        (
            simulator
                .apns()
                .issue_distribution_certificate(&revoked, 30),
            "BadCertificate",
        ),
        (revoked, "BadCertificate"),
        (
            simulator.apns().issue_development_certificate(TOPIC),
            "BadCertificateEnvironment",
        ),
    ] {
        let client = Client::connect(&url, &ca, Some(&certificate))
            .await
            .unwrap();
        let answer = client.send("POST", &path, &[], ALERT).await.unwrap();
        assert_eq!((answer.status, answer.reason().as_str()), (403, reason));
    }
}

#[tokio::test]
async fn a_token_is_of_one_kind() {
    let (simulator, p8) = start().await;
    let (voip, live) = (
        format!("{TOPIC}.voip"),
        format!("{TOPIC}.push-type.liveactivity"),
    );
    let client = Client::apns(&simulator).await;
    let bearer = format!("bearer {}", provider_token(&p8, KEY, TEAM, now()));
    let call = r#"{"caller":"Bob"}"#;
    let activity = r#"{"aps":{"timestamp":1,"event":"update","content-state":{}}}"#;
    let kinds = [
        (TOPIC, "alert", ALERT),
        (&voip, "voip", call),
        (&live, "liveactivity", activity),
    ];
    // Before anything is said of tokens, and after.
    for bound in [false, true] {
        if bound {
            simulator.apns().bind_token(&token(2), &voip);
            simulator.apns().bind_token(&token(3), &live);
        }
        for (own, n) in [(TOPIC, 1), (&*voip, 2), (&*live, 3)] {
            let own = if bound { own } else { TOPIC };
            for (topic, push_type, body) in kinds {
                let path = format!("/3/device/{}", token(n));
                let headers = [
                    ("authorization", &*bearer),
                    ("apns-topic", topic),
                    ("apns-push-type", push_type),
                ];
                let answer = client.send("POST", &path, &headers, body).await.unwrap();
                let expected = match own == topic {
                    true => (200, ""),
                    false => (400, "DeviceTokenNotForTopic"),
                };
                let got = (answer.status, &*answer.reason());
                assert_eq!(got, expected, "{push_type} to a token of {own}");
            }
        }
    }
}

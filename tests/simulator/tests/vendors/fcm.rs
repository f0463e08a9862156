use std::time::Duration;

use nudged_simulator::{Options, Simulator};
use serde_json::{Value, json};

use crate::client::{Client, assertion, now};

const PROJECT: &str = "chat-1";
const DEVICE: &str = "dKl0vH3kQ6:APA91bExample-Token_0001";

async fn start() -> (Simulator, String, Client) {
    let simulator = Simulator::start(Options::default()).await.unwrap();
    let account = simulator.fcm().add_service_account(PROJECT);
    let client = Client::fcm(&simulator).await;
    (simulator, account, client)
}

fn error_code(answer: &Value) -> String {
    let detail = &answer["error"]["details"][0];
    let code = detail["errorCode"].as_str().or(detail["reason"].as_str());
    code.unwrap_or("").to_owned()
}

#[tokio::test]
async fn a_good_message_is_accepted_and_recorded() {
    let (simulator, account, client) = start().await;
    let grant = client.grant(&account).await;

    let answer = client
        .message(
            PROJECT,
            &grant,
            json!({
                "token": DEVICE,
                "notification": { "title": "Alice", "body": "hello" },
                "data": { "ext": "{\"a\":1}" },
                "android": { "priority": "high", "ttl": "86400s", "collapse_key": "c" },
            }),
        )
        .await
        .unwrap();

    assert_eq!(answer.status, 200, "{answer:?}");
    let name = answer.json()["name"].as_str().unwrap().to_owned();
    assert!(name.starts_with("projects/chat-1/messages/"), "{name}");
    let received = &simulator.received()[0];
    assert_eq!(
        (received.vendor.as_str(), received.token.as_str()),
        ("fcm", DEVICE)
    );
    assert_eq!(received.vendor_id, name);
    assert_eq!(simulator.fcm().grants_issued(), 1);
}

#[tokio::test]
async fn the_token_endpoint_gives_a_grant_for_an_hour() {
    let (_simulator, account, client) = start().await;

    let answer = client.exchange(&assertion(&account, |_| {})).await;

    let body = answer.json();
    assert_eq!(answer.status, 200);
    assert_eq!(
        (&body["expires_in"], &body["token_type"]),
        (&json!(3599), &json!("Bearer"))
    );
}

#[tokio::test]
async fn each_bad_assertion_gets_its_oauth_error() {
    let (simulator, account, client) = start().await;
    type Change = fn(&mut Value);
    let cases: [(&str, Change, &str); 8] = [
        (
            "aud",
            |c| c["aud"] = json!("https://example.com"),
            "invalid_grant",
        ),
        (
            "iss",
            |c| c["iss"] = json!("nobody@example.com"),
            "invalid_grant",
        ),
        ("no iat", |c| c["iat"] = Value::Null, "invalid_grant"),
        (
            "too long",
            |c| c["exp"] = json!(now() + 3700),
            "invalid_grant",
        ),
        ("over", |c| c["exp"] = json!(now() - 1), "invalid_grant"),
        ("ahead", |c| c["iat"] = json!(now() + 900), "invalid_grant"),
        ("scope", |c| c["scope"] = json!("email"), "invalid_scope"),
        ("no scope", |c| c["scope"] = Value::Null, "invalid_scope"),
    ];
    for (case, change, error) in cases {
        let answer = client.exchange(&assertion(&account, change)).await;
        assert_eq!(answer.status, 400, "{case}");
        assert_eq!(answer.json()["error"], error, "{case}");
        assert!(answer.json()["error_description"].is_string(), "{case}");
    }
    let mut forged = assertion(&account, |_| {});
    let end = if forged.ends_with("AA") { "BB" } else { "AA" };
    forged.replace_range(forged.len() - 12..forged.len() - 10, end);
    assert_eq!(
        client.exchange(&forged).await.json()["error"],
        "invalid_grant"
    );
    let form = [("content-type", "application/x-www-form-urlencoded")];
    for (body, error) in [
        ("grant_type=password", "unsupported_grant_type"),
        ("assertion=x", "invalid_request"),
        (
            "grant_type=urn:ietf:params:oauth:grant-type:jwt-bearer",
            "invalid_request",
        ),
    ] {
        let answer = client.send("POST", "/token", &form, body).await.unwrap();
        assert_eq!(answer.json()["error"], error, "{body}");
    }
    assert_eq!(simulator.fcm().grants_issued(), 0);
}

#[tokio::test]
async fn only_a_living_grant_of_the_project_may_send() {
    let (simulator, account, client) = start().await;
    let other = simulator.fcm().add_service_account("chat-2");
    let grant = client.grant(&account).await;
    let foreign = client.grant(&other).await;
    let message = json!({ "token": DEVICE, "data": { "a": "b" } });
    let send = |project, grant: String| {
        let (client, message) = (client.clone(), message.clone());
        async move { client.message(project, &grant, message).await.unwrap() }
    };

    for (project, grant, status, name, code) in [
        (PROJECT, grant.clone(), 200, None, ""),
        (
            PROJECT,
            "made-up".to_owned(),
            401,
            Some("UNAUTHENTICATED"),
            "ACCESS_TOKEN_TYPE_UNSUPPORTED",
        ),
        (
            PROJECT,
            foreign,
            403,
            Some("PERMISSION_DENIED"),
            "IAM_PERMISSION_DENIED",
        ),
        ("nowhere", grant.clone(), 404, Some("NOT_FOUND"), ""),
    ] {
        let answer = send(project, grant).await;
        assert_eq!(answer.status, status, "{project}");
        assert_eq!(answer.json()["error"]["status"].as_str(), name);
        assert_eq!(error_code(&answer.json()), code);
    }

    simulator.fcm().revoke_grants();
    let answer = send(PROJECT, grant).await;
    assert_eq!(answer.status, 401);
    assert_eq!(error_code(&answer.json()), "ACCESS_TOKEN_EXPIRED");

    simulator.fcm().set_grant_lifetime(60);
    let short = client.grant(&account).await;
    assert_eq!(send(PROJECT, short.clone()).await.status, 200);
    simulator.advance_clock(Duration::from_secs(60));
    let answer = send(PROJECT, short).await;
    assert_eq!(error_code(&answer.json()), "ACCESS_TOKEN_EXPIRED");
}

#[tokio::test]
async fn dead_and_foreign_tokens_get_their_fcm_error() {
    let (simulator, account, client) = start().await;
    let grant = client.grant(&account).await;
    let (dead, foreign) = ("dead-token-000000000001", "foreign-token-0000000001");
    simulator.fcm().unregister_token(dead);
    simulator.fcm().bind_token(foreign, "chat-2");

    for (token, status, name, code) in [
        (dead, 404, "NOT_FOUND", "UNREGISTERED"),
        (foreign, 403, "PERMISSION_DENIED", "SENDER_ID_MISMATCH"),
        ("short", 400, "INVALID_ARGUMENT", "INVALID_ARGUMENT"),
        (
            "with space in the middle",
            400,
            "INVALID_ARGUMENT",
            "INVALID_ARGUMENT",
        ),
    ] {
        let message = json!({ "token": token, "data": { "a": "b" } });
        let answer = client.message(PROJECT, &grant, message).await.unwrap();
        let body = answer.json();
        assert_eq!(answer.status, status, "{token}");
        assert_eq!(body["error"]["status"], name);
        assert_eq!(error_code(&body), code);
        assert_eq!(
            body["error"]["details"][0]["@type"],
            "type.googleapis.com/google.firebase.fcm.v1.FcmError"
        );
    }
}

#[tokio::test]
async fn an_unknown_name_is_refused_as_googles_parser_does() {
    let (_simulator, account, client) = start().await;
    let grant = client.grant(&account).await;

    let message = json!({ "token": DEVICE, "x": 1 });
    let answer = client.message(PROJECT, &grant, message).await.unwrap();

    let text = "Invalid JSON payload received. Unknown name \"x\" at 'message': Cannot find field.";
    assert_eq!(answer.status, 400);
    assert_eq!(
        answer.json(),
        json!({ "error": {
            "code": 400,
            "message": text,
            "status": "INVALID_ARGUMENT",
            "details": [{
                "@type": "type.googleapis.com/google.rpc.BadRequest",
                "fieldViolations": [{ "field": "message", "description": text }],
            }],
        }})
    );
}

#[tokio::test]
async fn the_send_method_wants_json_and_post() {
    let (_simulator, account, client) = start().await;
    let grant = client.grant(&account).await;
    let authorization = format!("Bearer {grant}");
    let path = format!("/v1/projects/{PROJECT}/messages:send");
    let body = json!({ "message": { "token": DEVICE } }).to_string();
    let auth = ("authorization", authorization.as_str());
    let kind = ("content-type", "application/json; charset=utf-8");

    for (method, path, headers, body, status) in [
        ("POST", path.as_str(), vec![auth, kind], body.as_str(), 200),
        ("POST", &path, vec![auth], &body, 400),
        ("POST", &path, vec![kind], &body, 401),
        ("POST", &path, vec![auth, kind], "{", 400),
        ("POST", &path, vec![auth, kind], "[]", 400),
        ("GET", &path, vec![auth, kind], "", 404),
        ("POST", "/fcm/send", vec![auth, kind], &body, 404),
    ] {
        let answer = client
            .send(method, path, &headers, body.to_owned())
            .await
            .unwrap();
        assert_eq!(answer.status, status, "{method} {path} {body}");
    }
}

#[tokio::test]
async fn a_live_activity_has_a_token_of_apples_beside_the_devices() {
    let (simulator, account, client) = start().await;
    let grant = client.grant(&account).await;
    let (live, over) = ("8099aa".repeat(11), "8099ab".repeat(11));
    simulator.fcm().unregister_token(&over);
    let aps = json!({"event": "update", "timestamp": 1_790_000_000, "content-state": {}});
    for (token, aps, status, word) in [
        (&*live, aps.clone(), 200, ""),
        ("8099aa", aps.clone(), 400, "live_activity_token"),
        ("not hexadecimal", aps.clone(), 400, "live_activity_token"),
        (&live, json!({"alert": {"title": "t"}}), 400, "aps.event"),
        (&live, json!({"event": "update"}), 400, "aps.timestamp"),
        (&over, aps.clone(), 400, "Unregistered"),
    ] {
        let apns = json!({"live_activity_token": token, "payload": {"aps": aps}});
        let message = json!({"token": DEVICE, "apns": apns});
        let answer = client.message(PROJECT, &grant, message).await.unwrap();
        assert_eq!(answer.status, status, "{token} {aps}");
        assert!(
            answer.json().to_string().contains(word),
            "{:#}",
            answer.json()
        );
    }
}

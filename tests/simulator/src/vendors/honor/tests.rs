mod body;

use std::time::Duration;

use http::Request;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::request::Builder;
use serde_json::{Value, json};

use super::*;
use crate::testing::{Answer, ask, read, with};

const PATH: &str = "/api/v1/104000000/sendMessage";
const CLIENT: &str = "grant_type=client_credentials&client_id=c1&client_secret=s%2Bcr3t";

fn honor() -> Honor {
    let honor = Honor::new(Arc::new(World::new(true, Duration::ZERO)));
    honor.register("104000000", "c1", "s+cr3t");
    honor
}

fn grant(honor: &Honor, body: &str) -> Answer {
    let request =
        Request::post(TOKEN_PATHS[0]).header(CONTENT_TYPE, "application/x-www-form-urlencoded");
    ask(honor, request, body)
}

fn bearer(honor: &Honor) -> String {
    let answer = grant(honor, CLIENT);
    format!("Bearer {}", answer.body["access_token"].as_str().unwrap())
}

/// A request without a grant.
fn open(honor: &Honor, path: &str) -> Builder {
    Request::post(path)
        .header(CONTENT_TYPE, "application/json")
        .header("timestamp", honor.world.clock.now_ms())
}

fn request(honor: &Honor) -> Builder {
    open(honor, PATH).header(AUTHORIZATION, bearer(honor))
}

fn push(honor: &Honor, body: &Value) -> Answer {
    ask(honor, request(honor), &body.to_string())
}

/// The worked example of the reference.
fn message() -> Value {
    json!({
        "android": {
            "ttl": "86400s", "biTag": "m-1", "targetUserType": 0,
            "notification": {
                "title": "Hello", "body": "New message",
                "clickAction": {
                    "type": 1,
                    "intent": "intent://com.example.app/main#Intent;component=com.example.app/\
                        .MainActivity;S.ext=%7B%22conv%22%3A%22c1%22%7D;end",
                },
                "importance": "NORMAL", "notifyId": 41207,
                "badge": { "addNum": 1, "badgeClass": "com.example.app.MainActivity" },
            },
        },
        "token": ["BEhon1"],
    })
}

fn to(tokens: &[&str]) -> Value {
    with(&message(), "/token", json!(tokens))
}

fn numbered(count: usize) -> Value {
    (0..count).map(|number| format!("BEhon{number}")).collect()
}

#[test]
fn a_grant_is_given_to_the_client_but_not_to_the_app_id() {
    let honor = honor();

    for path in TOKEN_PATHS {
        let request = Request::post(path).header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        let good = ask(&honor, request, CLIENT);
        assert_eq!((good.status, &good.body["expires_in"]), (200, &json!(3600)));
        assert_eq!(good.body["token_type"], "Bearer");
    }
    for (body, status, error) in [
        (
            CLIENT.replace("c1", "104000000"),
            401,
            "unauthorized_client",
        ),
        (CLIENT.replace("%2B", "+"), 401, "unauthorized_client"),
        (
            CLIENT.replace("client_credentials", "password"),
            400,
            "unsupported_grant_type",
        ),
        (CLIENT.replace("client_id", "appId"), 400, "invalid_request"),
    ] {
        let answer = grant(&honor, &body);
        assert_eq!(answer.status, status, "{body}");
        assert_eq!(answer.body["error"], error);
    }
}

#[test]
fn the_worked_example_is_accepted_and_recorded() {
    let answer = push(&honor(), &message());

    assert_eq!(answer.status, 200);
    assert_eq!(answer.body["code"], 200);
    assert_eq!(answer.body["message"], "success");
    assert_eq!(answer.body["data"]["sendResult"], true);
    let received = answer.received.unwrap();
    assert_eq!(received.tokens, ["BEhon1"]);
    assert_eq!(received.body, message());
    assert_eq!(answer.body["data"]["requestId"], *received.vendor_id);
}

#[test]
fn the_timestamp_is_now_in_milliseconds() {
    let honor = honor();
    let now_ms = honor.world.clock.now_ms();
    for (timestamp, code) in [
        (Some((now_ms - 200_000).to_string()), "200"),
        (Some((now_ms - 400_000).to_string()), "10207"),
        (Some((now_ms + 400_000).to_string()), "10207"),
        (Some((now_ms / 1000).to_string()), "10207"),
        (Some(format!("{now_ms}.0")), "10207"),
        (Some(String::new()), "10207"),
        (None, "10001"),
    ] {
        let mut request = Request::post(PATH)
            .header(CONTENT_TYPE, "application/json")
            .header(AUTHORIZATION, bearer(&honor));
        if let Some(timestamp) = &timestamp {
            request = request.header("timestamp", timestamp);
        }
        let answer = ask(&honor, request, &message().to_string());
        assert_eq!(answer.code(), code, "{timestamp:?}");
    }
}

#[test]
fn only_its_own_grant_opens_the_interface() {
    let honor = honor();
    honor.register("104000001", "c2", "other");
    let own = bearer(&honor);
    let body = message().to_string();
    for (path, code, status) in [
        (PATH, "200", 200),
        ("/api/v1/104000001/sendMessage", "403", 403),
        ("/api/v1/c1/sendMessage", "10205", 200),
        ("/api/v2/104000000/sendMessage", "404", 404),
        ("/api/v1//sendMessage", "404", 404),
        ("/v1/104000000/messages:send", "404", 404),
    ] {
        let request = open(&honor, path).header(AUTHORIZATION, &own);
        let answer = ask(&honor, request, &body);
        assert_eq!((&*answer.code(), answer.status), (code, status), "{path}");
    }
    assert_eq!(ask(&honor, open(&honor, PATH), &body).code(), "403");
    let unknown = open(&honor, PATH).header(AUTHORIZATION, "Bearer none");
    assert_eq!(ask(&honor, unknown, &body).code(), "403");
    let bare = open(&honor, PATH).header(AUTHORIZATION, &own[7..]);
    assert_eq!(ask(&honor, bare, &body).code(), "403");
    assert_eq!(ask(&honor, request(&honor), "{").code(), "80100003");
    let get = request(&honor).method("GET");
    assert_eq!(ask(&honor, get, &body).status, 405);
    let form = Request::post(PATH)
        .header("timestamp", honor.world.clock.now_ms())
        .header(AUTHORIZATION, &own);
    assert_eq!(ask(&honor, form, &body).code(), "80100003");
}

#[test]
fn a_grant_expires_after_an_hour_or_when_revoked() {
    let honor = honor();
    let send = |bearer: &str| {
        let request = open(&honor, PATH).header(AUTHORIZATION, bearer);
        ask(&honor, request, &message().to_string()).code()
    };
    let old = bearer(&honor);

    assert_eq!(send(&old), "200");
    honor.world.clock.advance(Duration::from_secs(3601));
    assert_eq!(send(&old), "80200003");
    let fresh = bearer(&honor);
    honor.world.customers(Vendor::Honor).revoke_grants();
    assert_eq!(send(&fresh), "80200003");
}

#[test]
fn failed_and_expired_tokens_are_listed_apart() {
    let honor = honor();
    let customers = honor.world.customers(Vendor::Honor);
    for (token, condition) in [
        ("B2", "failTokens"),
        ("B3", "expireTokens"),
        ("B4", "40000003"),
    ] {
        customers.set_condition(token, condition);
    }

    let both = push(&honor, &to(&["B1", "B2", "B3", "B4"]));
    let expired = push(&honor, &to(&["B1", "B3"]));
    let none = push(&honor, &to(&["B2", "B3"]));
    let lost = push(&honor, &to(&["B4"]));

    assert_eq!(both.body["code"], 80_100_000);
    assert_eq!(both.body["data"]["sendResult"], true);
    assert_eq!(both.body["data"]["failTokens"], json!(["B2"]));
    assert_eq!(both.body["data"]["expireTokens"], json!(["B3"]));
    assert_eq!(both.reached, ["B1"]);
    assert_eq!(expired.body["code"], 200);
    assert_eq!(expired.body["data"]["expireTokens"], json!(["B3"]));
    assert_eq!(expired.reached, ["B1"]);
    assert_eq!(none.code(), "80300007");
    assert_eq!(lost.code(), "200");
    assert!(lost.received.is_none());
}

#[test]
fn a_condition_that_is_a_code_refuses_the_whole_request() {
    let honor = honor();
    let customers = honor.world.customers(Vendor::Honor);
    customers.set_condition("B2", "80200022");

    let answer = push(&honor, &to(&["B1", "B2"]));

    assert_eq!(answer.body["code"], 80_200_022);
}

#[test]
fn test_messages_have_a_daily_limit_and_others_none() {
    let honor = honor();
    let test = with(&message(), "/android/targetUserType", json!(1));
    let many = with(&test, "/token", numbered(1000));

    let codes = [&many, &test, &message()].map(|body| push(&honor, body).code());

    assert_eq!(codes, ["200", "80200047", "200"]);
}

#[test]
fn too_many_requests_are_refused() {
    let honor = honor();
    honor.world.customers(Vendor::Honor).set_rate(Some(1));

    let answers = [0, 1].map(|_| push(&honor, &message()));

    assert_eq!(answers[0].code(), "200");
    assert_eq!((answers[1].status, &*answers[1].code()), (503, "503"));
}

#[test]
fn injected_refusals_look_like_honors_own() {
    let honor = honor();
    let sent = push(&honor, &message()).acceptance.unwrap();
    let granted = grant(&honor, CLIENT).acceptance.unwrap();
    let inject = |status, reason, acceptance| {
        let fault = StatusFault {
            status,
            reason,
            timestamp_ms: None,
        };
        read(&honor.refusal(&fault, acceptance).1, None)
    };

    let own = inject(200, Some("80200056"), &sent);
    assert_eq!((own.status, &own.body["code"]), (200, &json!(80_200_056)));
    assert_eq!(inject(403, None, &sent).code(), "403");
    assert_eq!(inject(503, None, &sent).code(), "503");
    let grant = inject(401, None, &granted);
    assert_eq!(grant.body["error"], "unauthorized_client");
}

mod body;

use std::time::Duration;

use http::Request;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::request::Builder;
use serde_json::{Value, json};

use super::*;
use crate::testing::{Answer, ask, read, with};

const V1: &str = "/v1/100012345/messages:send";
const V2: &str = "/v2/7361/messages:send";
const CLIENT: &str =
    "grant_type=client_credentials&client_id=100012345&client_secret=s%2B3%2Fcr3t%3D";

fn huawei() -> Huawei {
    let huawei = Huawei::new(Arc::new(World::new(true, Duration::ZERO)));
    huawei.register("100012345", "s+3/cr3t=");
    huawei.join("7361", "100012345");
    huawei
}

fn grant(huawei: &Huawei, body: &str) -> Answer {
    let request =
        Request::post(TOKEN_PATHS[0]).header(CONTENT_TYPE, "application/x-www-form-urlencoded");
    ask(huawei, request, body)
}

fn bearer(huawei: &Huawei) -> String {
    let answer = grant(huawei, CLIENT);
    format!("Bearer {}", answer.body["access_token"].as_str().unwrap())
}

fn request(huawei: &Huawei, path: &str) -> Builder {
    Request::post(path)
        .header(AUTHORIZATION, bearer(huawei))
        .header(CONTENT_TYPE, "application/json; charset=UTF-8")
}

fn push(huawei: &Huawei, body: &Value) -> Answer {
    ask(huawei, request(huawei, V1), &body.to_string())
}

/// The worked example of the reference.
fn message() -> Value {
    json!({
        "validate_only": false,
        "message": {
            "android": {
                "ttl": "86400s", "collapse_key": -1, "category": "IM", "bi_tag": "m-1",
                "receipt_id": "RCP1",
                "notification": {
                    "title": "Hello", "body": "New message",
                    "click_action": {
                        "type": 1,
                        "intent": "intent://com.example.app/main#Intent;component=com.example.app/\
                            .MainActivity;S.ext=%7B%22conv%22%3A%22c1%22%7D;end",
                    },
                    "channel_id": "chat", "importance": "NORMAL", "notify_id": 41207,
                    "foreground_show": true,
                    "badge": { "add_num": 1, "class": "com.example.app.MainActivity" },
                },
            },
            "token": ["IQAAAACy0A"],
        },
    })
}

fn to(tokens: &[&str]) -> Value {
    with(&message(), "/message/token", json!(tokens))
}

const OWN: &str = "/message/android/notification";

#[test]
fn a_grant_is_given_to_the_app_with_its_escaped_secret() {
    let huawei = huawei();

    for path in TOKEN_PATHS {
        let request = Request::post(path).header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        let answer = ask(&huawei, request, CLIENT);
        assert_eq!(answer.status, 200);
        assert_eq!(answer.body["expires_in"], 3600);
        assert_eq!(answer.body["token_type"], "Bearer");
        assert!(answer.text.contains("DQEB\\/"), "{}", answer.text);
        assert!(answer.acceptance.unwrap().is_grant);
    }
}

#[test]
fn a_wrong_client_gets_no_grant() {
    let huawei = huawei();
    for body in [
        CLIENT.replace("100012345", "100012346"),
        CLIENT.replace("cr3t", "cr3T"),
        // The plus is read as a blank.
        CLIENT.replace("%2B", "+"),
        CLIENT.replace("client_credentials", "password"),
        CLIENT.replace("client_secret", "secret"),
    ] {
        let answer = grant(&huawei, &body);
        assert_eq!(answer.status, 400, "{body}");
        assert_eq!(answer.body["error"], 1101);
    }
    let request = Request::post(TOKEN_PATHS[0]).header(CONTENT_TYPE, "application/json");
    assert_eq!(ask(&huawei, request, CLIENT).status, 400);
}

#[test]
fn a_thousand_requests_for_grants_in_five_minutes_are_the_most() {
    let huawei = huawei();
    for number in 1..=1000 {
        assert_eq!(grant(&huawei, CLIENT).status, 200, "{number}");
    }

    assert_eq!(grant(&huawei, CLIENT).status, 503);
    huawei.world.clock.advance(Duration::from_secs(300));
    assert_eq!(grant(&huawei, CLIENT).status, 200);
}

#[test]
fn the_worked_example_is_accepted_and_recorded() {
    let huawei = huawei();

    for path in [V1, V2] {
        let answer = ask(&huawei, request(&huawei, path), &message().to_string());
        assert_eq!((answer.status, &*answer.code()), (200, "80000000"));
        assert_eq!(answer.body["msg"], "Success");
        let received = answer.received.unwrap();
        assert_eq!(received.tokens, ["IQAAAACy0A"]);
        assert_eq!(received.path, path);
        assert_eq!(received.body, message());
        assert_eq!(answer.body["requestId"], *received.vendor_id);
        assert!(answer.acceptance.unwrap().credential.is_some());
    }
}

#[test]
fn only_its_own_grant_opens_an_interface() {
    let huawei = huawei();
    huawei.register("100099999", "other");
    huawei.join("8000", "100099999");
    let own = bearer(&huawei);
    let body = message().to_string();
    let json = "application/json";
    let paths = [
        (V1, "80000000", 200),
        (V2, "80000000", 200),
        ("/v1/100099999/messages:send", "80300002", 400),
        ("/v2/8000/messages:send", "80300002", 400),
        ("/v1/7361/messages:send", "404", 404),
        ("/v2/100012345/messages:send", "404", 404),
        ("/v3/7361/messages:send", "404", 404),
        ("/v1/100012345/messages:send/", "404", 404),
        ("/v1/100012345/messages", "404", 404),
    ];
    for (path, code, status) in paths {
        let request = Request::post(path)
            .header(AUTHORIZATION, &own)
            .header(CONTENT_TYPE, json);
        let answer = ask(&huawei, request, &body);
        assert_eq!((&*answer.code(), answer.status), (code, status), "{path}");
    }
    for wrong in ["Bearer DQEB/none", "Bearer none", &own[7..]] {
        let request = Request::post(V1)
            .header(AUTHORIZATION, wrong)
            .header(CONTENT_TYPE, json);
        let answer = ask(&huawei, request, &body);
        assert_eq!((&*answer.code(), answer.status), ("80200001", 401));
    }
    let none = Request::post(V1).header(CONTENT_TYPE, json);
    assert_eq!(ask(&huawei, none, &body).code(), "80200001");
    let form = Request::post(V1).header(AUTHORIZATION, &own);
    assert_eq!(ask(&huawei, form, &body).code(), "80100003");
    let get = Request::get(V1).header(AUTHORIZATION, &own);
    assert_eq!(ask(&huawei, get, &body).status, 405);
    let broken = request(&huawei, V1);
    assert_eq!(ask(&huawei, broken, "{").code(), "80100003");
}

#[test]
fn a_grant_expires_after_an_hour_or_when_revoked() {
    let huawei = huawei();
    let old = bearer(&huawei);
    let send = |bearer: &str| {
        let request = Request::post(V1)
            .header(AUTHORIZATION, bearer)
            .header(CONTENT_TYPE, "application/json");
        ask(&huawei, request, &message().to_string())
    };

    assert_eq!(send(&old).code(), "80000000");
    huawei.world.clock.advance(Duration::from_secs(3601));
    let expired = send(&old);
    assert_eq!((&*expired.code(), expired.status), ("80200003", 401));
    let fresh = bearer(&huawei);
    huawei.world.customers(Vendor::Huawei).revoke_grants();
    assert_eq!(send(&fresh).code(), "80200003");
    assert_eq!(send(&bearer(&huawei)).code(), "80000000");
}

#[test]
fn failed_tokens_are_listed_in_a_text_of_json() {
    let huawei = huawei();
    let customers = huawei.world.customers(Vendor::Huawei);
    customers.set_condition("dead", "illegal_tokens");
    customers.set_condition("gone", "2");

    let some = push(&huawei, &to(&["good", "dead", "gone"]));
    let none = push(&huawei, &to(&["dead"]));
    let lost = push(&huawei, &to(&["gone"]));

    assert_eq!((some.status, &*some.code()), (200, "80100000"));
    let text: Value = serde_json::from_str(some.body["msg"].as_str().unwrap()).unwrap();
    assert_eq!(
        text,
        json!({ "success": 2, "failure": 1, "illegal_tokens": ["dead"] })
    );
    assert_eq!(some.reached, ["good"]);
    assert_eq!((none.status, &*none.code()), (400, "80300007"));
    assert_eq!(lost.code(), "80000000");
    assert!(lost.reached.is_empty() && lost.received.is_none());
}

#[test]
fn a_token_of_another_app_refuses_the_whole_request() {
    let huawei = huawei();
    let customers = huawei.world.customers(Vendor::Huawei);
    customers.set_condition("foreign", "80300002");

    let answer = push(&huawei, &to(&["good", "foreign"]));

    assert_eq!(answer.code(), "80300002");
}

#[test]
fn a_message_to_a_topic_is_recorded_under_its_name() {
    let body = with(&message(), "/message/token", Value::Null);

    let answer = push(&huawei(), &with(&body, "/message/topic", json!("news")));

    assert_eq!(answer.code(), "80000000");
    assert_eq!(answer.received.unwrap().token, "news");
}

#[test]
fn a_message_to_be_checked_only_reaches_nobody() {
    let body = with(&message(), "/validate_only", json!(true));

    let answer = push(&huawei(), &body);

    assert_eq!(answer.code(), "80000000");
    assert!(answer.received.is_none());
}

#[test]
fn high_urgency_is_a_right_of_the_app() {
    let huawei = huawei();
    let urgent = with(&message(), "/message/android/urgency", json!("HIGH"));
    assert_eq!(push(&huawei, &urgent).code(), "80300011");

    huawei.allow_high_urgency("100012345");

    assert_eq!(push(&huawei, &urgent).code(), "80000000");
}

#[test]
fn too_many_requests_meet_flow_control() {
    let huawei = huawei();
    huawei.world.customers(Vendor::Huawei).set_rate(Some(1));

    let answers = [0, 1].map(|_| push(&huawei, &message()).status);

    assert_eq!(answers, [200, 503]);
}

#[test]
fn surplus_marketing_is_dropped_without_a_word() {
    let huawei = huawei();
    huawei
        .world
        .customers(Vendor::Huawei)
        .set_daily_quota(Some(1));
    let unclassified = with(&message(), "/message/android/category", Value::Null);
    let low = with(&message(), &format!("{OWN}/importance"), json!("LOW"));

    let reached = [&unclassified, &unclassified, &low, &message()].map(|body| {
        let answer = push(&huawei, body);
        assert_eq!(answer.code(), "80000000");
        answer.reached.len()
    });

    assert_eq!(reached, [1, 0, 0, 1]);
}

#[test]
fn injected_refusals_look_like_huaweis_own() {
    let huawei = huawei();
    let sent = push(&huawei, &message()).acceptance.unwrap();
    let granted = grant(&huawei, CLIENT).acceptance.unwrap();
    let inject = |status, reason, acceptance| {
        let fault = StatusFault {
            status,
            reason,
            timestamp_ms: None,
        };
        read(&huawei.refusal(&fault, acceptance).1, None)
    };

    let own = inject(200, Some("80100016"), &sent);
    assert_eq!((own.status, &own.body["code"]), (200, &json!("80100016")));
    assert_eq!(inject(401, None, &sent).code(), "80200001");
    assert_eq!(inject(500, None, &sent).code(), "81000001");
    assert!(inject(503, None, &sent).body.is_null());
    assert_eq!(inject(400, Some("1102"), &granted).body["error"], 1102);
    let text = inject(401, Some("invalid_client"), &granted);
    assert_eq!(
        (text.status, &text.body["error"]),
        (401, &json!("invalid_client"))
    );
}

//! The vendor's error table, row by row as Google's pages give it.

use nudged_plugin_api::Class::{
    self, BadRequest, Credential, GrantExpired, InvalidToken, Throttled, ThrottledDevice,
    Unavailable,
};
use nudged_plugin_api::{Decoded, Driver, Exchange, HttpResponse, Scope, Target, Verdict};
use serde_json::{Value, json};

use crate::account::{NOW, channel};

pub fn decode(response: &HttpResponse) -> Verdict {
    let targets = [Target::new("1", "token")];
    match channel().decode(Exchange::new(&targets, response), NOW) {
        Decoded::Verdicts(verdicts) => {
            assert_eq!(verdicts.len(), 1);
            verdicts.into_iter().next().unwrap()
        }
        other => panic!("{other:?}"),
    }
}

fn error(http: u16, status: &str, details: &[Value]) -> HttpResponse {
    let body = json!({"error": {
        "code": http, "message": "Words of Google's.", "status": status, "details": details,
    }});
    HttpResponse::new(http, body.to_string())
}

fn fcm(code: &str) -> Value {
    json!({"@type": "type.googleapis.com/google.firebase.fcm.v1.FcmError", "errorCode": code})
}

fn field(name: &str) -> Value {
    json!({"@type": "type.googleapis.com/google.rpc.BadRequest",
        "fieldViolations": [{"field": name, "description": "Invalid value."}]})
}

fn info(reason: &str) -> Value {
    json!({"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": reason,
        "domain": "googleapis.com"})
}

fn apns(status: u16, reason: &str) -> Value {
    json!({"@type": "type.googleapis.com/google.firebase.fcm.v1.ApnsError",
        "statusCode": status, "reason": reason})
}

fn limit(name: &str, unit: &str) -> Value {
    json!({"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "RATE_LIMIT_EXCEEDED",
        "domain": "googleapis.com", "metadata": {"quota_limit": name, "quota_unit": unit}})
}

fn quota(subject: &str) -> Value {
    json!({"@type": "type.googleapis.com/google.rpc.QuotaFailure",
        "violations": [{"subject": subject, "description": "Too many."}]})
}

/// HTTP status, canonical code, details; then class, code and scope of the verdict.
type Row = (u16, &'static str, Vec<Value>, Class, &'static str, Scope);

#[rustfmt::skip]
fn table() -> Vec<Row> {
    vec![
        // FCM's own codes.
        (400, "INVALID_ARGUMENT", vec![fcm("INVALID_ARGUMENT")], BadRequest, "INVALID_ARGUMENT", Scope::Message),
        (400, "INVALID_ARGUMENT", vec![fcm("INVALID_ARGUMENT"), field("message.token")], InvalidToken, "INVALID_ARGUMENT", Scope::Token),
        (400, "INVALID_ARGUMENT", vec![field("message.token"), fcm("INVALID_ARGUMENT")], InvalidToken, "INVALID_ARGUMENT", Scope::Token),
        (400, "INVALID_ARGUMENT", vec![field("message.token")], InvalidToken, "INVALID_ARGUMENT", Scope::Token),
        (400, "INVALID_ARGUMENT", vec![field("message.fid")], InvalidToken, "INVALID_ARGUMENT", Scope::Token),
        (400, "INVALID_ARGUMENT", vec![field("message.data[0].value")], BadRequest, "INVALID_ARGUMENT", Scope::Message),
        (400, "INVALID_ARGUMENT", vec![fcm("INVALID_ARGUMENT"), field("message.android.ttl")], BadRequest, "INVALID_ARGUMENT", Scope::Message),
        (400, "INVALID_ARGUMENT", vec![fcm("INVALID_ARGUMENT"), field("message")], BadRequest, "INVALID_ARGUMENT", Scope::Message),
        (400, "INVALID_ARGUMENT", vec![], BadRequest, "INVALID_ARGUMENT", Scope::Message),
        (404, "NOT_FOUND", vec![fcm("UNREGISTERED")], InvalidToken, "UNREGISTERED", Scope::Token),
        (403, "PERMISSION_DENIED", vec![fcm("SENDER_ID_MISMATCH")], InvalidToken, "SENDER_ID_MISMATCH", Scope::Credential),
        (401, "UNAUTHENTICATED", vec![fcm("THIRD_PARTY_AUTH_ERROR")], Credential, "THIRD_PARTY_AUTH_ERROR", Scope::Token),
        (429, "RESOURCE_EXHAUSTED", vec![fcm("QUOTA_EXCEEDED")], Throttled, "QUOTA_EXCEEDED", Scope::Unsaid),
        (429, "RESOURCE_EXHAUSTED", vec![fcm("QUOTA_EXCEEDED"), quota("project:chat-1a2b3")], Throttled, "QUOTA_EXCEEDED", Scope::Account),
        (429, "RESOURCE_EXHAUSTED", vec![fcm("QUOTA_EXCEEDED"), quota("device message rate")], ThrottledDevice, "QUOTA_EXCEEDED", Scope::Token),
        (500, "INTERNAL", vec![fcm("INTERNAL")], Unavailable, "INTERNAL", Scope::Unsaid),
        (503, "UNAVAILABLE", vec![fcm("UNAVAILABLE")], Unavailable, "UNAVAILABLE", Scope::Unsaid),
        (429, "RESOURCE_EXHAUSTED", vec![limit("SendsPerMinutePerProject", "1/min/{project}")], Throttled, "RESOURCE_EXHAUSTED", Scope::Account),
        (429, "RESOURCE_EXHAUSTED", vec![limit("SendsPerMinutePerDevice", "1/min/{device}")], ThrottledDevice, "RESOURCE_EXHAUSTED", Scope::Token),
        // What APNs said decides, whatever FCM calls it.
        (400, "INVALID_ARGUMENT", vec![fcm("INVALID_ARGUMENT"), apns(400, "BadDeviceToken")], InvalidToken, "INVALID_ARGUMENT", Scope::Credential),
        (400, "INVALID_ARGUMENT", vec![apns(400, "DeviceTokenNotForTopic"), fcm("INVALID_ARGUMENT")], InvalidToken, "INVALID_ARGUMENT", Scope::Credential),
        (404, "NOT_FOUND", vec![fcm("UNREGISTERED"), apns(410, "Unregistered")], InvalidToken, "UNREGISTERED", Scope::Token),
        (400, "INVALID_ARGUMENT", vec![fcm("INVALID_ARGUMENT"), apns(413, "PayloadTooLarge")], BadRequest, "INVALID_ARGUMENT", Scope::Message),
        (400, "INVALID_ARGUMENT", vec![fcm("INVALID_ARGUMENT"), apns(400, "BadCollapseId")], BadRequest, "INVALID_ARGUMENT", Scope::Message),
        (401, "UNAUTHENTICATED", vec![fcm("THIRD_PARTY_AUTH_ERROR"), apns(403, "InvalidProviderToken")], Credential, "THIRD_PARTY_AUTH_ERROR", Scope::Token),
        (401, "UNAUTHENTICATED", vec![fcm("THIRD_PARTY_AUTH_ERROR"), apns(403, "ExpiredProviderToken")], Credential, "THIRD_PARTY_AUTH_ERROR", Scope::Token),
        (400, "INVALID_ARGUMENT", vec![fcm("INVALID_ARGUMENT"), apns(400, "TopicDisallowed")], Credential, "INVALID_ARGUMENT", Scope::Token),
        (429, "RESOURCE_EXHAUSTED", vec![fcm("QUOTA_EXCEEDED"), apns(429, "TooManyRequests")], ThrottledDevice, "QUOTA_EXCEEDED", Scope::Token),
        (410, "NOT_FOUND", vec![apns(410, "WordOfTomorrow")], InvalidToken, "NOT_FOUND", Scope::Token),
        (400, "INVALID_ARGUMENT", vec![fcm("INVALID_ARGUMENT"), apns(0, "")], BadRequest, "INVALID_ARGUMENT", Scope::Message),
        // Only canonical codes.
        (401, "UNAUTHENTICATED", vec![], GrantExpired, "UNAUTHENTICATED", Scope::Unsaid),
        (401, "UNAUTHENTICATED", vec![info("ACCESS_TOKEN_EXPIRED")], GrantExpired, "UNAUTHENTICATED", Scope::Unsaid),
        (403, "PERMISSION_DENIED", vec![info("SERVICE_DISABLED")], Credential, "PERMISSION_DENIED", Scope::Credential),
        (403, "PERMISSION_DENIED", vec![info("IAM_PERMISSION_DENIED")], Credential, "PERMISSION_DENIED", Scope::Credential),
        (403, "PERMISSION_DENIED", vec![], Credential, "PERMISSION_DENIED", Scope::Unsaid),
        (404, "NOT_FOUND", vec![], Credential, "NOT_FOUND", Scope::Unsaid),
        (429, "RESOURCE_EXHAUSTED", vec![info("RATE_LIMIT_EXCEEDED")], Throttled, "RESOURCE_EXHAUSTED", Scope::Unsaid),
        (500, "INTERNAL", vec![], Unavailable, "INTERNAL", Scope::Unsaid),
        (503, "UNAVAILABLE", vec![], Unavailable, "UNAVAILABLE", Scope::Unsaid),
        (504, "DEADLINE_EXCEEDED", vec![], Unavailable, "DEADLINE_EXCEEDED", Scope::Unsaid),
        // The status decides what UNSPECIFIED_ERROR and codes of tomorrow mean.
        (400, "INVALID_ARGUMENT", vec![fcm("UNSPECIFIED_ERROR"), field("message.android")], BadRequest, "UNSPECIFIED_ERROR", Scope::Message),
        (429, "RESOURCE_EXHAUSTED", vec![fcm("UNSPECIFIED_ERROR")], Throttled, "UNSPECIFIED_ERROR", Scope::Unsaid),
        (500, "INTERNAL", vec![fcm("UNSPECIFIED_ERROR")], Unavailable, "UNSPECIFIED_ERROR", Scope::Unsaid),
        (400, "FAILED_PRECONDITION", vec![], BadRequest, "FAILED_PRECONDITION", Scope::Message),
        (409, "ABORTED", vec![fcm("CODE_OF_TOMORROW")], BadRequest, "CODE_OF_TOMORROW", Scope::Message),
        (503, "UNAVAILABLE", vec![fcm("CODE_OF_TOMORROW")], Unavailable, "CODE_OF_TOMORROW", Scope::Unsaid),
    ]
}

#[test]
fn every_row_of_the_table_has_its_class() {
    for (http, status, details, class, code, scope) in table() {
        let verdict = decode(&error(http, status, &details));
        let row = format!("{http} {status} {details:?}");
        assert_eq!(verdict.class, class, "{row}");
        assert_eq!(verdict.scope, scope, "{row}");
        assert_eq!(verdict.code, code, "{row}");
        assert!(verdict.text.starts_with("Words of Google's."), "{row}");
        assert!(
            !verdict.remedy.is_empty() && !verdict.remedy.contains(". "),
            "{row}"
        );
        let wait = match class {
            Throttled | ThrottledDevice => Some(60_000),
            Unavailable => Some(10_000),
            _ => None,
        };
        assert_eq!(verdict.retry_after_millis, wait, "{row}");
    }
}

#[test]
fn what_apns_says_of_a_live_activity_costs_its_token_and_not_the_devices() {
    let judged = |details: &[Value]| {
        let response = error(400, "INVALID_ARGUMENT", details);
        let targets = [Target::new("1", "token")];
        let exchange = Exchange::with_memo(&targets, &response, &[1]);
        match channel().decode(exchange, NOW) {
            Decoded::Verdicts(verdicts) => (verdicts[0].class, verdicts[0].scope),
            other => panic!("{other:?}"),
        }
    };
    let activity = "message.apns.live_activity_token";
    for (details, expected) in [
        (
            vec![apns(400, "BadDeviceToken")],
            (InvalidToken, Scope::Beside),
        ),
        (
            vec![apns(410, "Unregistered"), fcm("UNREGISTERED")],
            (InvalidToken, Scope::Beside),
        ),
        (
            vec![apns(400, "DeviceTokenNotForTopic")],
            (InvalidToken, Scope::Beside),
        ),
        (
            vec![fcm("INVALID_ARGUMENT"), field(activity)],
            (InvalidToken, Scope::Beside),
        ),
        // FCM's own word is on the device's.
        (vec![fcm("UNREGISTERED")], (InvalidToken, Scope::Token)),
        (
            vec![fcm("INVALID_ARGUMENT"), field("message.token")],
            (InvalidToken, Scope::Token),
        ),
        (
            vec![apns(413, "PayloadTooLarge")],
            (BadRequest, Scope::Message),
        ),
    ] {
        assert_eq!(judged(&details), expected, "{details:?}");
    }
}

#[test]
fn a_server_in_trouble_never_costs_a_token() {
    for code in ["UNREGISTERED", "SENDER_ID_MISMATCH", "INVALID_ARGUMENT"] {
        let verdict = decode(&error(503, "UNAVAILABLE", &[fcm(code)]));
        assert_eq!(verdict.class, Unavailable, "{code}");
        assert_eq!(verdict.code, code);
    }
}

#[test]
fn an_unspecified_error_never_costs_a_token() {
    let verdict = decode(&error(400, "INVALID_ARGUMENT", &[fcm("UNSPECIFIED_ERROR")]));
    assert_eq!(verdict.class, BadRequest);
}

#[test]
fn retry_after_is_kept_as_seconds_and_as_a_date() {
    for (http, class) in [(429, Throttled), (503, Unavailable), (500, Unavailable)] {
        let answer = error(http, "WHATEVER", &[]);
        let verdict = decode(&answer.clone().with_header("retry-after", "121"));
        assert_eq!(
            (verdict.class, verdict.retry_after_millis),
            (class, Some(121_000))
        );
        // 30 s after NOW.
        let date = answer
            .clone()
            .with_header("retry-after", "Mon, 21 Sep 2026 14:13:50 GMT");
        assert_eq!(decode(&date).retry_after_millis, Some(30_000));
    }
    // A wait is no part of a refusal for good.
    let gone = error(404, "NOT_FOUND", &[fcm("UNREGISTERED")]).with_header("retry-after", "5");
    assert_eq!(decode(&gone).retry_after_millis, None);
}

#[test]
fn the_details_are_told() {
    let text = decode(&error(
        400,
        "INVALID_ARGUMENT",
        &[field("message.android.ttl")],
    ))
    .text;
    assert_eq!(
        text,
        "Words of Google's.; message.android.ttl: Invalid value."
    );
    let text = decode(&error(
        403,
        "PERMISSION_DENIED",
        &[info("SERVICE_DISABLED")],
    ))
    .text;
    assert_eq!(text, "Words of Google's.; SERVICE_DISABLED");
}

#[test]
fn what_apns_said_is_told_and_a_detail_that_is_unlike_its_kind_costs_no_other() {
    let details = [
        json!({"@type": "type.googleapis.com/google.rpc.BadRequest", "fieldViolations": 7}),
        json!("nonsense"),
        fcm("THIRD_PARTY_AUTH_ERROR"),
        apns(403, "InvalidProviderToken"),
    ];
    let verdict = decode(&error(401, "UNAUTHENTICATED", &details));
    assert_eq!(verdict.code, "THIRD_PARTY_AUTH_ERROR");
    assert_eq!(
        verdict.text,
        "Words of Google's.; APNs 403: InvalidProviderToken"
    );
}

#[test]
fn words_on_the_token_without_a_field_condemn_it_and_none_do_not() {
    let said = |message: &str| {
        let body = json!({"error": {"code": 400, "message": message, "status": "INVALID_ARGUMENT",
            "details": [fcm("INVALID_ARGUMENT")]}});
        decode(&HttpResponse::new(400, body.to_string())).class
    };
    let token = "The registration token is not a valid FCM registration token";
    assert_eq!(said(token), InvalidToken);
    assert_eq!(said("Request contains an invalid argument."), BadRequest);
}

#[test]
fn a_forbidden_request_says_which_of_its_reasons_it_is() {
    let remedy = |reason| decode(&error(403, "PERMISSION_DENIED", &[info(reason)])).remedy;
    assert!(remedy("SERVICE_DISABLED").contains("enable the Firebase Cloud Messaging API"));
    assert!(remedy("IAM_PERMISSION_DENIED").contains("cloudmessaging.messages.create"));
    assert!(remedy("CONSUMER_INVALID").contains("project"));
}

#[test]
fn a_body_that_is_no_error_of_googles_is_judged_by_its_status() {
    for body in [
        "",
        "<html>",
        "{",
        "[]",
        "null",
        r#"{"error":"x"}"#,
        r#"{"error":{"details":5}}"#,
        "\u{0}",
    ] {
        for (http, class) in [
            (302, Unavailable),
            (400, BadRequest),
            (401, GrantExpired),
            (403, Credential),
            (404, Credential),
            (408, Unavailable),
            (413, BadRequest),
            (429, Throttled),
            (500, Unavailable),
            (502, Unavailable),
            (599, Unavailable),
            (200, Unavailable),
        ] {
            let verdict = decode(&HttpResponse::new(http, body));
            assert_eq!(verdict.class, class, "{http} {body}");
            assert_eq!(verdict.code, format!("HTTP {http}"), "{body}");
        }
    }
}

#[test]
fn without_status_the_message_is_the_code() {
    let verdict = decode(&HttpResponse::new(400, r#"{"error":{"message":"Odd."}}"#));
    assert_eq!((verdict.class, verdict.code.as_str()), (BadRequest, "Odd."));
}

#[test]
fn endless_words_are_cut_between_characters() {
    let body = json!({"error": {"message": "é".repeat(100_000), "status": "INTERNAL"}});
    let verdict = decode(&HttpResponse::new(500, body.to_string()));
    assert!(verdict.text.len() <= 1000 && verdict.text.ends_with("é..."));
}

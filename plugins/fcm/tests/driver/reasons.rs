//! The vendor's error table, row by row as Google's pages give it.

use nudged_plugin_api::Class::{
    self, BadRequest, Credential, GrantExpired, InvalidToken, Throttled, ThrottledDevice,
    Unavailable,
};
use nudged_plugin_api::{Decoded, Driver, Exchange, HttpResponse, Target, Verdict};
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

fn quota(subject: &str) -> Value {
    json!({"@type": "type.googleapis.com/google.rpc.QuotaFailure",
        "violations": [{"subject": subject, "description": "Too many."}]})
}

/// HTTP status, canonical code, details; then class and code of the verdict.
type Row = (u16, &'static str, Vec<Value>, Class, &'static str);

#[rustfmt::skip]
fn table() -> Vec<Row> {
    vec![
        // FCM's own codes.
        (400, "INVALID_ARGUMENT", vec![fcm("INVALID_ARGUMENT")], InvalidToken, "INVALID_ARGUMENT"),
        (400, "INVALID_ARGUMENT", vec![fcm("INVALID_ARGUMENT"), field("message.token")], InvalidToken, "INVALID_ARGUMENT"),
        (400, "INVALID_ARGUMENT", vec![field("message.token"), fcm("INVALID_ARGUMENT")], InvalidToken, "INVALID_ARGUMENT"),
        (400, "INVALID_ARGUMENT", vec![field("message.token")], InvalidToken, "INVALID_ARGUMENT"),
        (400, "INVALID_ARGUMENT", vec![field("message.fid")], InvalidToken, "INVALID_ARGUMENT"),
        (400, "INVALID_ARGUMENT", vec![field("message.data[0].value")], BadRequest, "INVALID_ARGUMENT"),
        (400, "INVALID_ARGUMENT", vec![fcm("INVALID_ARGUMENT"), field("message.android.ttl")], BadRequest, "INVALID_ARGUMENT"),
        (400, "INVALID_ARGUMENT", vec![fcm("INVALID_ARGUMENT"), field("message")], BadRequest, "INVALID_ARGUMENT"),
        (400, "INVALID_ARGUMENT", vec![], BadRequest, "INVALID_ARGUMENT"),
        (404, "NOT_FOUND", vec![fcm("UNREGISTERED")], InvalidToken, "UNREGISTERED"),
        (403, "PERMISSION_DENIED", vec![fcm("SENDER_ID_MISMATCH")], InvalidToken, "SENDER_ID_MISMATCH"),
        (401, "UNAUTHENTICATED", vec![fcm("THIRD_PARTY_AUTH_ERROR")], Credential, "THIRD_PARTY_AUTH_ERROR"),
        (429, "RESOURCE_EXHAUSTED", vec![fcm("QUOTA_EXCEEDED")], Throttled, "QUOTA_EXCEEDED"),
        (429, "RESOURCE_EXHAUSTED", vec![fcm("QUOTA_EXCEEDED"), quota("project:chat-1a2b3")], Throttled, "QUOTA_EXCEEDED"),
        (429, "RESOURCE_EXHAUSTED", vec![fcm("QUOTA_EXCEEDED"), quota("device message rate")], ThrottledDevice, "QUOTA_EXCEEDED"),
        (500, "INTERNAL", vec![fcm("INTERNAL")], Unavailable, "INTERNAL"),
        (503, "UNAVAILABLE", vec![fcm("UNAVAILABLE")], Unavailable, "UNAVAILABLE"),
        // Only canonical codes.
        (401, "UNAUTHENTICATED", vec![], GrantExpired, "UNAUTHENTICATED"),
        (401, "UNAUTHENTICATED", vec![info("ACCESS_TOKEN_EXPIRED")], GrantExpired, "UNAUTHENTICATED"),
        (403, "PERMISSION_DENIED", vec![info("SERVICE_DISABLED")], Credential, "PERMISSION_DENIED"),
        (403, "PERMISSION_DENIED", vec![info("IAM_PERMISSION_DENIED")], Credential, "PERMISSION_DENIED"),
        (403, "PERMISSION_DENIED", vec![], Credential, "PERMISSION_DENIED"),
        (404, "NOT_FOUND", vec![], Credential, "NOT_FOUND"),
        (429, "RESOURCE_EXHAUSTED", vec![info("RATE_LIMIT_EXCEEDED")], Throttled, "RESOURCE_EXHAUSTED"),
        (500, "INTERNAL", vec![], Unavailable, "INTERNAL"),
        (503, "UNAVAILABLE", vec![], Unavailable, "UNAVAILABLE"),
        (504, "DEADLINE_EXCEEDED", vec![], Unavailable, "DEADLINE_EXCEEDED"),
        // The status decides what UNSPECIFIED_ERROR and codes of tomorrow mean.
        (400, "INVALID_ARGUMENT", vec![fcm("UNSPECIFIED_ERROR"), field("message.android")], BadRequest, "UNSPECIFIED_ERROR"),
        (429, "RESOURCE_EXHAUSTED", vec![fcm("UNSPECIFIED_ERROR")], Throttled, "UNSPECIFIED_ERROR"),
        (500, "INTERNAL", vec![fcm("UNSPECIFIED_ERROR")], Unavailable, "UNSPECIFIED_ERROR"),
        (400, "FAILED_PRECONDITION", vec![], BadRequest, "FAILED_PRECONDITION"),
        (409, "ABORTED", vec![fcm("CODE_OF_TOMORROW")], BadRequest, "CODE_OF_TOMORROW"),
        (503, "UNAVAILABLE", vec![fcm("CODE_OF_TOMORROW")], Unavailable, "CODE_OF_TOMORROW"),
    ]
}

#[test]
fn every_row_of_the_table_has_its_class() {
    for (http, status, details, class, code) in table() {
        let verdict = decode(&error(http, status, &details));
        let row = format!("{http} {status} {details:?}");
        assert_eq!(verdict.class, class, "{row}");
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

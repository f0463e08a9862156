//! What each code means, row by row as Google's pages give it.

use nudged_plugin_api::Class::{
    self, BadRequest, Credential, GrantExpired, InvalidToken, Throttled, ThrottledDevice,
    Unavailable,
};
use nudged_plugin_api::{HttpResponse, Scope};
use serde_json::{Value, json};

use crate::decode::{apns, decode, error, fcm, field, info, limit, quota};

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

//! Where in FCM's answer its word stands, in answers as Google gives them: published samples and
//! reports, one file each.

use nudged_driver_kit::test::Captures;
use nudged_plugin_api::Class::{
    self, Accepted, BadRequest, Credential, GrantExpired, InvalidToken, Throttled, Unavailable,
};
use nudged_plugin_api::{Decoded, Driver, Exchange, HttpResponse, Scope, Target, Verdict};
use serde_json::{Value, json};

use crate::account::{NOW, channel};

/// Each answer with its status, class and code, and what its text has.
#[rustfmt::skip]
pub const CAPTURES: &[(&str, u16, Class, &str, &str)] = &[
    ("accepted.json", 200, Accepted, "", ""),
    ("accepted-dry-run.json", 200, Accepted, "", ""),
    ("token-malformed.json", 400, InvalidToken, "INVALID_ARGUMENT", "not a valid FCM registration token"),
    ("token-invalid-field.json", 400, InvalidToken, "INVALID_ARGUMENT", "message.token: Invalid registration token"),
    ("target-missing.json", 400, BadRequest, "INVALID_ARGUMENT", "Recipient of the message is not set."),
    ("data-not-text.json", 400, BadRequest, "INVALID_ARGUMENT", "message.data[0].value"),
    ("ttl-invalid.json", 400, BadRequest, "INVALID_ARGUMENT", "message.android.ttl: Invalid ttl"),
    ("too-big.json", 400, BadRequest, "INVALID_ARGUMENT", "Android message is too big"),
    ("too-big-without-details.json", 400, BadRequest, "INVALID_ARGUMENT", "invalid argument"),
    ("unregistered.json", 404, InvalidToken, "UNREGISTERED", "Requested entity was not found."),
    ("project-unknown.json", 404, Credential, "NOT_FOUND", "Requested entity was not found."),
    ("sender-id-mismatch.json", 403, InvalidToken, "SENDER_ID_MISMATCH", "SenderId mismatch"),
    ("api-disabled.json", 403, Credential, "PERMISSION_DENIED", "SERVICE_DISABLED"),
    ("access-token-expired.json", 401, GrantExpired, "UNAUTHENTICATED", "ACCESS_TOKEN_EXPIRED"),
    ("apns-key-wrong.json", 401, Credential, "THIRD_PARTY_AUTH_ERROR", "APNS or Web Push auth credential"),
    ("project-quota.json", 429, Throttled, "RESOURCE_EXHAUSTED", "Send requests per minute"),
    ("bad-gateway.html", 502, Unavailable, "HTTP 502", ""),
];

pub fn captures() -> Captures {
    Captures::of(env!("CARGO_MANIFEST_DIR"))
}

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

pub fn error(http: u16, status: &str, details: &[Value]) -> HttpResponse {
    let body = json!({"error": {
        "code": http, "message": "Words of Google's.", "status": status, "details": details,
    }});
    HttpResponse::new(http, body.to_string())
}

pub fn fcm(code: &str) -> Value {
    json!({"@type": "type.googleapis.com/google.firebase.fcm.v1.FcmError", "errorCode": code})
}

pub fn field(name: &str) -> Value {
    json!({"@type": "type.googleapis.com/google.rpc.BadRequest",
        "fieldViolations": [{"field": name, "description": "Invalid value."}]})
}

pub fn info(reason: &str) -> Value {
    json!({"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": reason,
        "domain": "googleapis.com"})
}

pub fn apns(status: u16, reason: &str) -> Value {
    json!({"@type": "type.googleapis.com/google.firebase.fcm.v1.ApnsError",
        "statusCode": status, "reason": reason})
}

pub fn limit(name: &str, unit: &str) -> Value {
    json!({"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "RATE_LIMIT_EXCEEDED",
        "domain": "googleapis.com", "metadata": {"quota_limit": name, "quota_unit": unit}})
}

pub fn quota(subject: &str) -> Value {
    json!({"@type": "type.googleapis.com/google.rpc.QuotaFailure",
        "violations": [{"subject": subject, "description": "Too many."}]})
}

#[test]
fn each_capture_means_what_google_says_it_means() {
    for (file, http, class, code, text) in CAPTURES {
        let verdict = decode(&captures().response(file, *http));
        assert_eq!((verdict.class, &*verdict.code), (*class, *code), "{file}");
        assert!(verdict.text.contains(text), "{file}: {}", verdict.text);
    }
    captures().assert_all(CAPTURES.iter().map(|row| row.0));
}

#[test]
fn an_accepted_message_carries_fcms_name_for_it() {
    let verdict = decode(&captures().response("accepted.json", 200));
    let name = "projects/chat-1a2b3/messages/0:1790000000123456%31bd1c9631bd1c96";
    assert_eq!(verdict.vendor_id.as_deref(), Some(name));
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

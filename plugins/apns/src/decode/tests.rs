use nudged_plugin_api::{Class, Scope};

use super::*;
use crate::fixture::NOW;

use Class::{
    BadRequest, Credential, GrantExpired, InvalidToken, Throttled, ThrottledDevice, Unavailable,
};

/// Apple's tables, written from the pages: status, reason, class, spent connection, and what the
/// word speaks of.
const PAGES: [(u16, &str, Class, bool, Scope); 43] = [
    (400, "BadCollapseId", BadRequest, false, Scope::Message),
    (
        400,
        "BadDeviceToken",
        InvalidToken,
        false,
        Scope::Credential,
    ),
    (400, "BadExpirationDate", BadRequest, false, Scope::Message),
    (400, "BadMessageId", BadRequest, false, Scope::Message),
    (400, "BadPriority", BadRequest, false, Scope::Message),
    (400, "BadTopic", Credential, false, Scope::MessageClass),
    (
        400,
        "DeviceTokenNotForTopic",
        InvalidToken,
        false,
        Scope::Credential,
    ),
    (400, "DuplicateHeaders", BadRequest, false, Scope::Message),
    (400, "IdleTimeout", Unavailable, true, Scope::Unsaid),
    (400, "InvalidPushType", BadRequest, false, Scope::Message),
    (400, "MissingDeviceToken", BadRequest, false, Scope::Message),
    (400, "MissingTopic", BadRequest, false, Scope::Message),
    (400, "PayloadEmpty", BadRequest, false, Scope::Message),
    (
        400,
        "TopicDisallowed",
        Credential,
        false,
        Scope::MessageClass,
    ),
    (403, "BadCertificate", Credential, false, Scope::Credential),
    (
        403,
        "BadCertificateEnvironment",
        Credential,
        false,
        Scope::Credential,
    ),
    (
        403,
        "ExpiredProviderToken",
        GrantExpired,
        true,
        Scope::Unsaid,
    ),
    (403, "Forbidden", Credential, false, Scope::Unsaid),
    (
        403,
        "InvalidProviderToken",
        Credential,
        false,
        Scope::Credential,
    ),
    (
        403,
        "MissingProviderToken",
        Credential,
        false,
        Scope::Credential,
    ),
    (
        403,
        "UnrelatedKeyIdInToken",
        Unavailable,
        true,
        Scope::Unsaid,
    ),
    (
        403,
        "BadEnvironmentKeyIdInToken",
        Credential,
        false,
        Scope::Credential,
    ),
    (
        403,
        "BadEnvironmentKeyInToken",
        Credential,
        false,
        Scope::Credential,
    ),
    (404, "BadPath", BadRequest, false, Scope::Message),
    (405, "MethodNotAllowed", BadRequest, false, Scope::Message),
    (410, "ExpiredToken", InvalidToken, false, Scope::Token),
    (410, "Unregistered", InvalidToken, false, Scope::Token),
    (413, "PayloadTooLarge", BadRequest, false, Scope::Message),
    (
        429,
        "TooManyProviderTokenUpdates",
        Throttled,
        true,
        Scope::Account,
    ),
    (429, "TooManyRequests", ThrottledDevice, false, Scope::Token),
    (
        500,
        "InternalServerError",
        Unavailable,
        false,
        Scope::Unsaid,
    ),
    (503, "ServiceUnavailable", Unavailable, false, Scope::Unsaid),
    (503, "Shutdown", Unavailable, true, Scope::Unsaid),
    (
        400,
        "FeatureNotEnabled",
        Credential,
        false,
        Scope::MessageClass,
    ),
    (400, "MissingChannelId", BadRequest, false, Scope::Message),
    (400, "BadChannelId", BadRequest, false, Scope::Message),
    (
        400,
        "ChannelNotRegistered",
        InvalidToken,
        false,
        Scope::Token,
    ),
    (400, "BadRequestParams", BadRequest, false, Scope::Message),
    (400, "BadRequestPayload", BadRequest, false, Scope::Message),
    (400, "MissingPushType", BadRequest, false, Scope::Message),
    (
        400,
        "CannotCreateChannelConfig",
        BadRequest,
        false,
        Scope::Message,
    ),
    (
        400,
        "MissingChannelQueueSize",
        BadRequest,
        false,
        Scope::Message,
    ),
    (403, "TopicMismatch", Credential, false, Scope::MessageClass),
];

fn answer(status: u16, body: &str) -> Verdict {
    verdict(&HttpResponse::new(status, body), NOW)
}

#[test]
fn each_reason_of_apples_pages_has_its_class() {
    for (status, reason, class, spent, scope) in PAGES {
        let verdict = answer(status, &format!(r#"{{"reason":"{reason}"}}"#));
        assert_eq!(verdict.class, class, "{reason}");
        assert_eq!(verdict.scope, scope, "{reason}");
        assert_eq!(verdict.fresh_connection, spent, "{reason}");
        assert_eq!(verdict.code, reason);
        assert!(!verdict.remedy.is_empty(), "{reason}");
        assert_eq!(verdict.dead_since, None, "{reason}");
    }
    assert_eq!(apple::REASONS.codes().count(), PAGES.len());
}

#[test]
fn accepted_carries_the_id_of_the_header_and_the_body_is_not_read() {
    let id = "eabeae54-14a8-11e5-b60b-1697f925ec7b";
    let response = HttpResponse::new(200, "not JSON").with_header("apns-id", id);
    assert_eq!(
        verdict(&response, NOW),
        Verdict::accepted(Some(id.to_owned()))
    );
}

#[test]
fn a_dead_token_is_dead_since_the_timestamp_of_a_410_only() {
    let body = include_str!("../../tests/captures/410-Unregistered.json");
    let gone = answer(410, body);
    assert_eq!(gone.class, InvalidToken);
    assert_eq!(gone.dead_since, Some(Timestamp(1_748_700_000_123)));
    assert_eq!(answer(400, body).dead_since, None);
    assert_eq!(answer(410, "{}").dead_since, None);
    let expired = answer(
        410,
        include_str!("../../tests/captures/410-ExpiredToken.json"),
    );
    assert_eq!(expired.dead_since, Some(Timestamp(1_748_600_000_000)));
}

#[test]
fn an_expired_provider_token_asks_for_a_new_grant_and_a_fresh_connection() {
    let body = include_str!("../../tests/captures/403-ExpiredProviderToken.json");
    let verdict = answer(403, body);
    assert_eq!(verdict.class, GrantExpired);
    assert!(verdict.fresh_connection);
}

#[test]
fn a_server_that_goes_away_is_left_at_once() {
    let body = include_str!("../../tests/captures/503-Shutdown.json");
    let shutdown = answer(503, body);
    for verdict in [
        shutdown,
        answer(400, r#"{"reason":"IdleTimeout"}"#),
        answer(403, r#"{"reason":"UnrelatedKeyIdInToken"}"#),
    ] {
        assert_eq!(verdict.class, Unavailable);
        assert!(verdict.fresh_connection);
        assert_eq!(verdict.retry_after_millis, Some(0));
    }
}

#[test]
fn too_many_new_tokens_hold_the_channel_for_a_minute_not_for_twenty() {
    let verdict = answer(429, r#"{"reason":"TooManyProviderTokenUpdates"}"#);
    assert_eq!(verdict.retry_after_millis, Some(60_000));
    assert!(verdict.fresh_connection);
}

#[test]
fn a_busy_device_does_not_hold_the_channel() {
    let body = include_str!("../../tests/captures/429-TooManyRequests.json");
    let verdict = answer(429, body);
    assert_eq!(verdict.class, ThrottledDevice);
    assert!(!verdict.fresh_connection);
}

#[test]
fn an_unknown_reason_goes_by_status_and_stays_verbatim() {
    for (status, class) in [
        (400, BadRequest),
        (403, Credential),
        (404, BadRequest),
        (410, InvalidToken),
        (418, BadRequest),
        (429, Throttled),
        (500, Unavailable),
        (599, Unavailable),
    ] {
        let verdict = answer(status, r#"{"reason":"Sömething ☃ New"}"#);
        assert_eq!(verdict.class, class, "{status}");
        assert_eq!(verdict.code, "Sömething ☃ New");
        assert!(!verdict.fresh_connection);
    }
}

#[test]
fn an_answer_that_is_not_apns_is_shown_with_its_status() {
    let body = include_str!("../../tests/captures/502-proxy.html");
    let verdict = answer(502, body);
    assert_eq!(verdict.class, Unavailable);
    assert_eq!(verdict.code, "HTTP 502");
    assert!(verdict.text.contains("Bad Gateway"), "{}", verdict.text);
    assert!(!verdict.text.contains(['\r', '\n']), "{}", verdict.text);
    assert_eq!(answer(302, "").class, Unavailable);
    assert_eq!(answer(403, r#"{"reason":""}"#).code, "HTTP 403");
}

#[test]
fn a_reason_that_cannot_be_shown_as_a_word_is_no_code() {
    let long = "x".repeat(129);
    for reason in [&long, "two\\nlines", ""] {
        let verdict = answer(410, &format!(r#"{{"reason":"{reason}"}}"#));
        assert_eq!(verdict.class, InvalidToken);
        assert_eq!(verdict.code, "HTTP 410");
        assert!(verdict.text.len() <= 200, "{}", verdict.text.len());
    }
}

#[test]
fn retry_after_is_honoured_on_any_refusal() {
    let wait = |status: u16, reason: &str| {
        let body = format!(r#"{{"reason":"{reason}"}}"#);
        let response = HttpResponse::new(status, body).with_header("retry-after", "900");
        verdict(&response, NOW).retry_after_millis
    };
    assert_eq!(wait(503, "ServiceUnavailable"), Some(900_000));
    assert_eq!(wait(503, "Shutdown"), Some(900_000));
    assert_eq!(wait(429, "TooManyRequests"), Some(900_000));
    assert_eq!(wait(500, "Unheard"), Some(900_000));
}

#[test]
fn any_bytes_get_a_verdict() {
    for body in [
        &b""[..],
        b"\xff\xfe",
        b"null",
        b"[]",
        b"{\"reason\":7}",
        b"{\"reason\":\"Unregistered\",\"timestamp\":\"soon\"}",
        b"{\"reason\":\"Unregistered\",\"timestamp\":-1}",
        b"{\"reason\":\"Unregistered\",\"timestamp\":1e300}",
    ] {
        let verdict = verdict(&HttpResponse::new(410, body), NOW);
        assert_eq!(verdict.class, InvalidToken, "{body:?}");
    }
}

#[test]
fn a_timestamp_that_is_none_leaves_the_reason_as_it_is() {
    for timestamp in ["-1", "1e300", "\"soon\"", "null", "{}"] {
        let body = format!(r#"{{"reason":"BadDeviceToken","timestamp":{timestamp}}}"#);
        let said = verdict(&HttpResponse::new(400, body), NOW);
        assert_eq!(
            (said.class, said.code.as_str()),
            (InvalidToken, "BadDeviceToken")
        );
        let body = format!(r#"{{"reason":"Unregistered","timestamp":{timestamp}}}"#);
        let said = verdict(&HttpResponse::new(410, body), NOW);
        assert_eq!(
            (said.code.as_str(), said.dead_since),
            ("Unregistered", None)
        );
    }
}

//! Where in APNs's answer its reason stands, and what else it says.

use nudged_driver_kit::test::Captures;
use nudged_plugin_api::Class::{
    self, Accepted, GrantExpired, InvalidToken, ThrottledDevice, Unavailable,
};
use nudged_plugin_api::{Decoded, Driver, Exchange, HttpResponse, Target, Timestamp, Verdict};

use crate::account::{ID, NOW, key_channel};

/// Each answer, with its status, code and class.
pub const CAPTURES: &[(&str, u16, &str, Class)] = &[
    (
        "403-ExpiredProviderToken.json",
        403,
        "ExpiredProviderToken",
        GrantExpired,
    ),
    ("410-ExpiredToken.json", 410, "ExpiredToken", InvalidToken),
    ("410-Unregistered.json", 410, "Unregistered", InvalidToken),
    (
        "429-TooManyRequests.json",
        429,
        "TooManyRequests",
        ThrottledDevice,
    ),
    ("502-proxy.html", 502, "HTTP 502", Unavailable),
    ("503-Shutdown.json", 503, "Shutdown", Unavailable),
];

pub fn captures() -> Captures {
    Captures::of(env!("CARGO_MANIFEST_DIR"))
}

pub fn verdict(response: &HttpResponse) -> Verdict {
    let targets = [Target::new(ID, "ab12")];
    match key_channel().decode(Exchange::new(&targets, response), NOW) {
        Decoded::Verdicts(mut verdicts) if verdicts.len() == 1 => verdicts.remove(0),
        other => panic!("{other:?}"),
    }
}

pub fn answer(status: u16, body: impl Into<Vec<u8>>) -> Verdict {
    verdict(&HttpResponse::new(status, body))
}

/// The answer in a file, with a status.
fn capture(file: &str, status: u16) -> Verdict {
    verdict(&captures().response(file, status))
}

#[test]
fn each_capture_has_its_verdict() {
    for (file, status, code, class) in CAPTURES {
        let verdict = capture(file, *status);
        assert_eq!((&*verdict.code, verdict.class), (*code, *class), "{file}");
    }
    captures().assert_all(CAPTURES.iter().map(|row| row.0));
}

#[test]
fn accepted_carries_the_id_of_the_header_and_the_body_is_not_read() {
    let id = "eabeae54-14a8-11e5-b60b-1697f925ec7b";
    let response = HttpResponse::new(200, "not JSON").with_header("apns-id", id);
    let verdict = verdict(&response);
    assert_eq!(verdict.class, Accepted);
    assert_eq!(verdict, Verdict::accepted(Some(id.to_owned())));
}

#[test]
fn a_dead_token_is_dead_since_the_timestamp_of_a_410_only() {
    let gone = capture("410-Unregistered.json", 410);
    assert_eq!(gone.class, InvalidToken);
    assert_eq!(gone.dead_since, Some(Timestamp(1_748_700_000_123)));
    assert_eq!(capture("410-Unregistered.json", 400).dead_since, None);
    assert_eq!(answer(410, "{}").dead_since, None);
    let expired = capture("410-ExpiredToken.json", 410);
    assert_eq!(expired.dead_since, Some(Timestamp(1_748_600_000_000)));
}

#[test]
fn an_expired_provider_token_asks_for_a_new_grant_and_a_fresh_connection() {
    let verdict = capture("403-ExpiredProviderToken.json", 403);
    assert_eq!(verdict.class, GrantExpired);
    assert!(verdict.fresh_connection);
}

#[test]
fn a_server_that_goes_away_is_left_at_once() {
    let shutdown = capture("503-Shutdown.json", 503);
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
fn a_busy_device_does_not_hold_the_channel() {
    let verdict = capture("429-TooManyRequests.json", 429);
    assert_eq!(verdict.class, ThrottledDevice);
    assert!(!verdict.fresh_connection);
}

#[test]
fn an_answer_that_is_not_apns_is_shown_with_its_status() {
    let verdict = capture("502-proxy.html", 502);
    assert_eq!(verdict.class, Unavailable);
    assert_eq!(verdict.code, "HTTP 502");
    assert!(verdict.text.contains("Bad Gateway"), "{}", verdict.text);
    assert!(!verdict.text.contains(['\r', '\n']), "{}", verdict.text);
    assert_eq!(answer(302, "").class, Unavailable);
    assert_eq!(answer(403, r#"{"reason":""}"#).code, "HTTP 403");
}

#[test]
fn a_reason_that_cannot_be_shown_as_a_word_is_no_code() {
    for (reason, code) in [("two\\nlines", "HTTP 410"), ("", "HTTP 410")] {
        let verdict = answer(410, format!(r#"{{"reason":"{reason}"}}"#));
        assert_eq!((verdict.class, &*verdict.code), (InvalidToken, code));
    }
    let page = "x".repeat(1000);
    assert!(answer(410, page).text.len() <= 200);
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
        let verdict = answer(410, body);
        assert_eq!(verdict.class, InvalidToken, "{body:?}");
    }
}

#[test]
fn a_timestamp_that_is_none_leaves_the_reason_as_it_is() {
    for timestamp in ["-1", "1e300", "\"soon\"", "null", "{}"] {
        let body = format!(r#"{{"reason":"BadDeviceToken","timestamp":{timestamp}}}"#);
        let said = answer(400, body);
        assert_eq!(
            (said.class, said.code.as_str()),
            (InvalidToken, "BadDeviceToken")
        );
        let body = format!(r#"{{"reason":"Unregistered","timestamp":{timestamp}}}"#);
        let said = answer(410, body);
        assert_eq!(
            (said.code.as_str(), said.dead_since),
            ("Unregistered", None)
        );
    }
}

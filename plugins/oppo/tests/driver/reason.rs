//! What each of OPPO's codes means, and what it speaks of.

use nudged_plugin_api::Class::{
    self, BadRequest, Credential, GrantExpired, InvalidToken, QuotaExceeded, Throttled, Unavailable,
};
use nudged_plugin_api::{HttpResponse, Scope};

use crate::account::{CN_A, NOW, answer, coded, verdict, verdicts};

/// NOW is 2025-12-29 09:20 UTC, 17:20 in China.
const TO_MIDNIGHT: u64 = (6 * 60 + 40) * 60_000;

#[rustfmt::skip]
const TABLE: [(i64, Class); 36] = [
    (-1, Unavailable), (-2, Throttled), (11, GrantExpired), (12, BadRequest), (13, Throttled),
    (14, Credential), (15, Credential), (16, Credential), (17, Credential), (18, Credential),
    (19, Credential), (20, BadRequest), (21, BadRequest), (22, BadRequest), (23, BadRequest),
    (24, BadRequest), (25, BadRequest), (26, Credential), (27, Credential), (28, Credential),
    (29, Credential), (30, Credential), (31, BadRequest), (33, QuotaExceeded), (34, QuotaExceeded),
    (40, BadRequest), (41, BadRequest), (42, QuotaExceeded), (51, BadRequest), (54, BadRequest),
    (55, Throttled), (59, BadRequest), (67, BadRequest), (69, QuotaExceeded),
    (10_000, InvalidToken),
    // Not in the table: its fate is the message's alone.
    (4711, BadRequest),
];

#[test]
fn each_code_means_what_the_table_says() {
    for (code, class) in TABLE {
        let verdict = verdict(&coded(code));
        assert_eq!(verdict.class, class, "{code}");
        assert_eq!(verdict.code, code.to_string());
        assert_eq!(verdict.text, "Words.", "{code}");
        assert!(!verdict.remedy.is_empty(), "{code}");
        let wait = match class {
            Throttled => Some(1000),
            Unavailable => Some(10_000),
            QuotaExceeded => Some(TO_MIDNIGHT),
            _ => None,
        };
        assert_eq!(verdict.retry_after_millis, wait, "{code}");
    }
}

#[test]
fn only_a_wrong_registration_id_costs_a_token() {
    for code in -10..=20_000 {
        let dropped = verdict(&coded(code)).class == InvalidToken;
        assert_eq!(dropped, code == 10_000, "{code}");
    }
}

#[test]
fn a_wrong_argument_costs_only_a_token_that_oppo_cannot_have_given() {
    assert_eq!(verdict(&coded(41)).class, BadRequest);
    for token in ["abc", "CN_0123", "0123456789abcdef0123456789abcdex"] {
        let verdict = verdicts(answer(&[token], b"", &coded(41))).remove(0);
        assert_eq!((verdict.class, verdict.code.as_str()), (InvalidToken, "41"));
        let other = verdicts(answer(&[token], b"", &coded(40))).remove(0);
        assert_eq!(other.class, BadRequest);
    }
}

#[test]
fn a_duplicate_was_sent_before() {
    let verdict = verdict(&coded(32));
    assert_eq!(verdict.class, Class::Accepted);
    assert_eq!(verdict.code, "32");
    // Not when something in between refuses.
    let refused = HttpResponse::new(403, r#"{"code":32}"#);
    assert_eq!(crate::account::verdict(&refused).class, Credential);
}

#[test]
fn a_server_in_trouble_never_costs_a_token() {
    for (code, _) in TABLE {
        for http in [500, 502, 503, 599, 408] {
            for token in [CN_A, "malformed"] {
                let response = HttpResponse::new(http, coded(code).body);
                let verdict = verdicts(answer(&[token], b"", &response)).remove(0);
                assert_eq!(verdict.class, Unavailable, "{http} {code}");
                assert_eq!(verdict.code, code.to_string());
            }
        }
    }
}

#[test]
fn a_code_of_tomorrow_is_kept_and_judged_by_status_and_sign() {
    assert_eq!(verdict(&coded(-7)).class, Unavailable);
    let slow = HttpResponse::new(429, coded(4711).body);
    assert_eq!(verdict(&slow).class, Throttled);
    assert_eq!(verdict(&slow).code, "4711");
}

#[test]
fn retry_after_is_kept() {
    for (response, millis) in [(coded(13), 7000), (coded(-1), 7000), (coded(33), 7000)] {
        let response = response.with_header("retry-after", "7");
        assert_eq!(verdict(&response).retry_after_millis, Some(millis));
    }
    let gone = coded(10_000).with_header("retry-after", "7");
    assert_eq!(verdict(&gone).retry_after_millis, None);
}

#[test]
fn the_day_ends_at_midnight_in_china() {
    let end = NOW.plus_millis(TO_MIDNIGHT);
    assert_eq!((end.seconds() + 8 * 3600) % 86_400, 0);
}

#[test]
fn a_word_is_blamed_on_the_smallest_thing_that_it_speaks_of() {
    for (code, scope) in [
        (13, Scope::Account),
        (-2, Scope::Account),
        (14, Scope::Credential),
        (16, Scope::Credential),
        (19, Scope::Credential),
        (26, Scope::Account),
        (28, Scope::Account),
        // Other classes go on.
        (30, Scope::MessageClass),
        (33, Scope::MessageClass),
        (42, Scope::Account),
        (69, Scope::Account),
        // The words, the template, the level of this message.
        (41, Scope::Message),
        (54, Scope::Message),
        (59, Scope::Message),
        (67, Scope::Message),
        // OPPO's documents leave them open.
        (27, Scope::Unsaid),
        (55, Scope::Unsaid),
        (4711, Scope::Unsaid),
    ] {
        assert_eq!(verdict(&coded(code)).scope, scope, "{code}");
    }
}

#[test]
fn only_a_token_that_oppo_cannot_have_given_is_dead_beyond_doubt() {
    // It may be another app's or another region's.
    assert_eq!(verdict(&coded(10_000)).scope, Scope::Credential);
    for code in [41, 10_000] {
        let verdict = verdicts(answer(&["malformed"], b"", &coded(code))).remove(0);
        assert_eq!(
            (verdict.class, verdict.scope),
            (InvalidToken, Scope::Token),
            "{code}"
        );
    }
}

//! What each of Honor's codes means, and what it speaks of.

use nudged_plugin_api::Class::{
    self, BadRequest, Credential, GrantExpired, InvalidToken, QuotaExceeded, Throttled, Unavailable,
};
use nudged_plugin_api::{Decoded, Driver, Exchange, HttpResponse, Message, Scope};

use crate::account::{NOW, encode, full_settings, open, targets};
use crate::decode::{coded, decode, one};

#[test]
fn each_code_of_the_table_has_its_class_as_number_and_as_text() {
    for (code, class) in [
        (400, BadRequest),
        (403, Credential),
        (404, Credential),
        (500, Unavailable),
        (502, Unavailable),
        (503, Throttled),
        (80100003, BadRequest),
        (80200003, GrantExpired),
        (80200020, Credential),
        (80200022, Credential),
        (80200047, QuotaExceeded),
        (80200050, BadRequest),
        (80200056, BadRequest),
        (80300006, BadRequest),
        (80300007, InvalidToken),
        (80300008, BadRequest),
        (80300010, BadRequest),
        (10001, BadRequest),
        (10205, Credential),
        (10207, Credential),
        (10300, BadRequest),
    ] {
        for verdict in [
            coded(200, code),
            coded(200, code.to_string()),
            coded(400, code),
        ] {
            assert_eq!(verdict.class, class, "{code}");
            assert_eq!(verdict.code, code.to_string());
            assert_eq!(verdict.text, "no");
            assert!(verdict.remedy.len() > 20, "{code}");
        }
    }
}

#[test]
fn nothing_but_the_two_words_of_honors_drops_a_token() {
    for code in 0..100_u64 {
        for family in [
            0, 10_000, 10_200, 10_300, 80_100_000, 80_200_000, 80_300_000, 81_000_000,
        ] {
            let verdict = coded(200, family + code);
            let drops = verdict.class == InvalidToken;
            assert_eq!(drops, family + code == 80_300_007, "{}", family + code);
        }
    }
}

#[test]
fn an_unknown_code_is_passed_on_and_judged_by_its_family_or_status() {
    for (status, code, class) in [
        (200, "80100099", BadRequest),
        (200, "80200099", BadRequest),
        (200, "80300099", BadRequest),
        (200, "81000001", Unavailable),
        (200, "99", Unavailable),
        (400, "99", BadRequest),
        (401, "99", GrantExpired),
        (403, "99", Credential),
        (404, "99", Credential),
        (429, "99", Throttled),
        (302, "99", Unavailable),
    ] {
        let verdict = coded(status, code);
        assert_eq!(
            (verdict.class, verdict.code.as_str()),
            (class, code),
            "{status}"
        );
    }
}

#[test]
fn waits_are_honors_own_else_a_second_or_until_midnight_in_beijing() {
    assert_eq!(coded(200, 503).retry_after_millis, Some(1000));
    let asked = HttpResponse::new(429, "").with_header("retry-after", "7");
    assert_eq!(
        decode(&targets(1), &asked)[0].retry_after_millis,
        Some(7000)
    );
    // NOW is 22:13:20.123 in Beijing.
    let midnight = (3600 + 46 * 60 + 39) * 1000 + 877;
    assert_eq!(coded(200, 80200047).retry_after_millis, Some(midnight));
    assert_eq!(coded(200, 80100003).retry_after_millis, None);
}

#[rustfmt::skip]
const BLAMED: &[(u32, Class, Scope, &str)] = &[
    (400, BadRequest, Scope::Unsaid, "correct the field"),
    // Whether the account's or one message's, Honor's page leaves open.
    (403, Credential, Scope::Unsaid, "check app_id, client_id and client_secret"),
    (404, Credential, Scope::Credential, "check app_id and the endpoint"),
    (500, Unavailable, Scope::Unsaid, "tried again"),
    (502, Unavailable, Scope::Unsaid, "tried again"),
    (503, Throttled, Scope::Account, "lower the channel's rate"),
    (80100003, BadRequest, Scope::Unsaid, "correct the field"),
    (80200003, GrantExpired, Scope::Unsaid, "client_secret"),
    (80200020, Credential, Scope::Unsaid, "receipt address"),
    // The other importance passes.
    (80200022, Credential, Scope::MessageClass, "set importance to \"LOW\""),
    // Of test messages, and said here of another.
    (80200047, QuotaExceeded, Scope::Message, "fewer test messages"),
    (80200050, BadRequest, Scope::Unsaid, "leave out image"),
    (80200056, BadRequest, Scope::Message, "change title or text"),
    (80300006, BadRequest, Scope::Unsaid, "sent a token twice"),
    // Perhaps the channel is that of another app.
    (80300007, InvalidToken, Scope::Credential, "uninstalled"),
    (80300008, BadRequest, Scope::Unsaid, "shorten title, text or ext"),
    (80300010, BadRequest, Scope::Unsaid, "1000 tokens"),
    (10001, BadRequest, Scope::Unsaid, "timestamp"),
    (10205, Credential, Scope::Credential, "correct app_id"),
    (10207, Credential, Scope::Credential, "clock"),
    (10300, BadRequest, Scope::Unsaid, "empty token"),
    // Not in the table.
    (80100099, BadRequest, Scope::Unsaid, "look the code up"),
    (99, Unavailable, Scope::Unsaid, "endpoint"),
];

#[test]
fn a_word_is_blamed_on_the_smallest_thing_that_it_speaks_of() {
    for &(code, class, scope, told) in BLAMED {
        let verdict = coded(200, code);
        assert_eq!((verdict.class, verdict.scope), (class, scope), "{code}");
        assert!(verdict.remedy.contains(told), "{code}: {}", verdict.remedy);
    }
}

#[test]
fn a_server_in_trouble_speaks_of_itself_whatever_its_body_blames() {
    for &(code, ..) in BLAMED {
        for (status, class, scope) in [
            (500, Unavailable, Scope::Unsaid),
            (502, Unavailable, Scope::Unsaid),
            (503, Throttled, Scope::Account),
        ] {
            let verdict = coded(status, code);
            let blamed = (verdict.class, verdict.scope);
            assert_eq!(blamed, (class, scope), "{status} {code}");
        }
    }
}

#[test]
fn a_word_on_test_messages_holds_up_no_other_class() {
    let driver = open(&full_settings());
    let response = HttpResponse::new(200, r#"{"code":80200047,"message":"no"}"#);
    for (test, scope) in [(true, Scope::MessageClass), (false, Scope::Message)] {
        let mut message = Message::new("Ann", "Hello");
        message.test = test;
        let memo = encode(&driver, &message, &targets(1)).unwrap().memo;
        let targets = targets(1);
        let exchange = Exchange::with_memo(&targets, &response, &memo);
        let Decoded::Verdicts(verdicts) = driver.decode(exchange, NOW) else {
            panic!("a follow-up");
        };
        let blamed = (verdicts[0].class, verdicts[0].scope);
        assert_eq!(blamed, (QuotaExceeded, scope), "{test}");
    }
}

#[test]
fn a_status_without_a_code_speaks_of_the_address_or_of_the_app() {
    for (status, class, scope) in [
        (400, BadRequest, Scope::Unsaid),
        (401, GrantExpired, Scope::Unsaid),
        (403, Credential, Scope::Unsaid),
        (404, Credential, Scope::Credential),
        (429, Throttled, Scope::Account),
        (503, Throttled, Scope::Account),
    ] {
        let verdict = one(status, "");
        assert_eq!((verdict.class, verdict.scope), (class, scope), "{status}");
    }
}

//! What each of Push Kit's codes and reasons means, and what it speaks of.

use nudged_plugin_api::Class::{
    self, BadRequest, Credential, DeviceOff, GrantExpired, InvalidToken, QuotaExceeded, Throttled,
    Unavailable,
};
use nudged_plugin_api::{Decoded, Driver, Exchange, HttpResponse, Message, Scope};

use crate::account::{NOW, channel, rendered, targets};
use crate::decode::{coded, decode, one, reasoned};

#[test]
fn each_code_of_the_table_has_its_class_as_text_and_as_number() {
    for (code, class) in [
        (80000001, Unavailable),
        (80100001, BadRequest),
        (80100003, BadRequest),
        (80100004, BadRequest),
        (80100016, BadRequest),
        (80100022, BadRequest),
        (80100020, BadRequest),
        (80300017, BadRequest),
        (80300028, BadRequest),
        (80300032, BadRequest),
        (80200001, Credential),
        (80200003, GrantExpired),
        (80200005, GrantExpired),
        (80300002, Credential),
        (80300007, BadRequest),
        (80300008, BadRequest),
        (80300010, BadRequest),
        (80300029, QuotaExceeded),
        (80300030, BadRequest),
        (80300036, Credential),
        (80300037, Credential),
        (81000001, Unavailable),
    ] {
        for verdict in [
            coded(200, code.to_string()),
            coded(200, code),
            coded(400, code),
        ] {
            assert_eq!(verdict.class, class, "{code}");
            assert_eq!(verdict.code, code.to_string());
            assert!(verdict.remedy.len() > 20, "{code}");
        }
    }
}

#[test]
fn a_token_is_dropped_for_three_reasons_only() {
    for reason in ["tokenFormatError", "tokenPlatformNotSupport", "noRight"] {
        for code in ["80100000", "80300007"] {
            let verdict = reasoned(200, code, reason);
            assert_eq!(verdict.class, InvalidToken, "{reason} {code}");
            assert_eq!(verdict.code, reason);
        }
    }
}

#[test]
fn every_other_reason_ends_the_delivery_and_keeps_the_token() {
    for (reason, class) in [
        ("noPushTypeRight", BadRequest),
        ("disableSendHuaweiMsgBecauseOfPenalty", BadRequest),
        ("appinfoError", BadRequest),
        ("countryNotSupport", DeviceOff),
        ("differentImgVerifyPolicy", BadRequest),
        ("notSupportPlayVoice", DeviceOff),
        ("noRightToSendThisLiveNotificationEvent", BadRequest),
        ("atomicUnableToSend", BadRequest),
        ("somethingNew", BadRequest),
        ("noRightAtAll", BadRequest),
    ] {
        for code in ["80100000", "80300007"] {
            let verdict = reasoned(200, code, reason);
            assert_eq!(verdict.class, class, "{reason} {code}");
            assert_eq!(
                (verdict.code.as_str(), verdict.text.as_str()),
                (reason, code)
            );
            assert!(verdict.remedy.len() > 20, "{reason}");
        }
    }
}

#[test]
fn an_unknown_code_is_passed_on_and_judged_by_its_family_or_status() {
    for (status, code, class) in [
        (200, "80100099", BadRequest),
        (200, "80200099", BadRequest),
        (200, "80300099", BadRequest),
        (200, "99", Unavailable),
        (400, "99", BadRequest),
        (401, "99", Credential),
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
fn waits_are_push_kits_own_else_a_second_or_until_midnight_in_beijing() {
    assert_eq!(one(503, "").retry_after_millis, Some(1000));
    let asked = HttpResponse::new(503, "").with_header("retry-after", "7");
    assert_eq!(
        decode(&targets(1), &asked)[0].retry_after_millis,
        Some(7000)
    );
    // NOW is 22:13:20.123 in Beijing.
    let midnight = (3600 + 46 * 60 + 39) * 1000 + 877;
    assert_eq!(coded(200, "80300029").retry_after_millis, Some(midnight));
    assert_eq!(coded(200, "80100003").retry_after_millis, None);
}

/// What the codes speak of that are about the whole request.
#[rustfmt::skip]
const BLAMED: &[(&str, Class, Scope, &str)] = &[
    ("80000001", Unavailable, Scope::Unsaid, "tried again"),
    ("80100001", BadRequest, Scope::Unsaid, "correct the field"),
    ("80100003", BadRequest, Scope::Unsaid, "correct the field"),
    ("80100004", BadRequest, Scope::Unsaid, "correct the field"),
    ("80100016", BadRequest, Scope::Message, "change title or text"),
    ("80100020", BadRequest, Scope::Unsaid, "correct the field"),
    ("80100022", BadRequest, Scope::Message, "leave out image"),
    ("80200001", Credential, Scope::Credential, "service_account"),
    ("80200003", GrantExpired, Scope::Unsaid, "clock"),
    ("80200005", GrantExpired, Scope::Unsaid, "clock"),
    // Whether the project's or one message's, Huawei's page leaves open.
    ("80300002", Credential, Scope::Unsaid, "switch Push Kit on"),
    ("80300008", BadRequest, Scope::Unsaid, "shorten title, text or ext"),
    ("80300010", BadRequest, Scope::Unsaid, "1000 tokens"),
    ("80300017", BadRequest, Scope::Unsaid, "set client_id"),
    ("80300028", BadRequest, Scope::Unsaid, "set client_id"),
    // Of test messages, and said here of another.
    ("80300029", QuotaExceeded, Scope::Message, "fewer test messages"),
    ("80300030", BadRequest, Scope::Unsaid, "10 devices"),
    ("80300032", BadRequest, Scope::Unsaid, "take messages back"),
    ("80300036", Credential, Scope::Credential, "clock"),
    ("80300037", Credential, Scope::Account, "penalty"),
    ("81000001", Unavailable, Scope::Unsaid, "tried again"),
    // Nobody is named, and nobody says why.
    ("80300007", BadRequest, Scope::Unsaid, "may send this kind of message"),
    // Not in the table.
    ("80100099", BadRequest, Scope::Unsaid, "look the code up"),
    ("99", Unavailable, Scope::Unsaid, "endpoint"),
];

/// What the reasons speak of that are about one token.
#[rustfmt::skip]
const OF_A_TOKEN: &[(&str, Class, Scope, &str)] = &[
    ("tokenFormatError", InvalidToken, Scope::Token, "whole and unchanged"),
    ("tokenPlatformNotSupport", InvalidToken, Scope::Token, "driver huawei"),
    // Perhaps the channel is that of another project.
    ("noRight", InvalidToken, Scope::Credential, "another project"),
    ("noPushTypeRight", BadRequest, Scope::Message, "apply for the right"),
    ("disableSendHuaweiMsgBecauseOfPenalty", BadRequest, Scope::Unsaid, "penalty"),
    ("appinfoError", BadRequest, Scope::Unsaid, "belongs to the project"),
    ("countryNotSupport", DeviceOff, Scope::Token, "country"),
    ("differentImgVerifyPolicy", BadRequest, Scope::Message, "leave out image"),
    ("notSupportPlayVoice", DeviceOff, Scope::Token, "read messages aloud"),
    ("noRightToSendThisLiveNotificationEvent", BadRequest, Scope::Message, "live view"),
    ("atomicUnableToSend", BadRequest, Scope::Unsaid, "atomic service"),
    ("somethingNew", BadRequest, Scope::Unsaid, "look the code up"),
];

#[test]
fn a_word_is_blamed_on_the_smallest_thing_that_it_speaks_of() {
    let of_request = BLAMED.iter().map(|row| (row, coded(200, row.0)));
    let of_token = OF_A_TOKEN
        .iter()
        .map(|row| (row, reasoned(200, "80100000", row.0)));
    for (&(word, class, scope, told), verdict) in of_request.chain(of_token) {
        assert_eq!(verdict.code, word);
        assert_eq!((verdict.class, verdict.scope), (class, scope), "{word}");
        assert!(verdict.remedy.contains(told), "{word}: {}", verdict.remedy);
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
    let response = HttpResponse::new(200, r#"{"code":"80300029","msg":"no"}"#);
    for (test, scope) in [(true, Scope::MessageClass), (false, Scope::Message)] {
        let mut message = Message::new("Ann", "Hello");
        message.test = test;
        let memo = rendered(&message).memo;
        let targets = targets(1);
        let exchange = Exchange::with_memo(&targets, &response, &memo);
        let Decoded::Verdicts(verdicts) = channel().decode(exchange, NOW) else {
            panic!("a follow-up");
        };
        let blamed = (verdicts[0].class, verdicts[0].scope);
        assert_eq!(blamed, (QuotaExceeded, scope), "{test}");
    }
}

#[test]
fn a_status_without_a_code_speaks_of_the_address_or_of_the_project() {
    for (status, class, scope) in [
        (400, BadRequest, Scope::Unsaid),
        (401, Credential, Scope::Unsaid),
        (403, Credential, Scope::Unsaid),
        (404, Credential, Scope::Credential),
        (429, Throttled, Scope::Account),
        (503, Throttled, Scope::Account),
    ] {
        let verdict = one(status, "");
        assert_eq!((verdict.class, verdict.scope), (class, scope), "{status}");
    }
}

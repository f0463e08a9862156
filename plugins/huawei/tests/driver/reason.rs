//! What each return code means, row by row as Huawei's pages give them.

use nudged_plugin_api::Class::{
    self, BadRequest, Credential, GrantExpired, InvalidToken, Throttled, Unavailable,
};
use nudged_plugin_api::{HttpResponse, Scope};

use crate::account::decode;
use crate::decode::{answer, one};

const TABLE: &[(&str, Class)] = &[
    ("80100001", BadRequest),
    ("80100002", BadRequest),
    ("80100003", BadRequest),
    ("80100004", BadRequest),
    ("80100013", BadRequest),
    ("80100016", BadRequest),
    ("80100017", BadRequest),
    ("80100018", BadRequest),
    ("80200001", GrantExpired),
    ("80200003", GrantExpired),
    ("80300002", Credential),
    ("80300007", InvalidToken),
    ("80300008", BadRequest),
    ("80300010", BadRequest),
    ("80300011", BadRequest),
    ("80300013", Credential),
    ("80600003", Unavailable),
    ("81000001", Unavailable),
    ("82000001", BadRequest),
    ("82000002", BadRequest),
    ("82000003", BadRequest),
    ("82000004", BadRequest),
    ("82000005", BadRequest),
    ("82000006", BadRequest),
    ("82000007", BadRequest),
    ("82000008", BadRequest),
    ("82000009", BadRequest),
    ("82000010", BadRequest),
    ("82000011", BadRequest),
    ("82000012", BadRequest),
    ("82000013", BadRequest),
];

#[test]
fn every_code_has_its_class_with_http_200_and_with_400() {
    for &(code, class) in TABLE {
        for http in [200, 400] {
            let verdict = one(&answer(http, code, "Words of Huawei's."));
            assert_eq!(verdict.class, class, "{http} {code}");
            assert_eq!(verdict.code, code);
            assert_eq!(verdict.text, "Words of Huawei's.");
            assert!(
                !verdict.remedy.is_empty() && !verdict.remedy.contains(". "),
                "{code}"
            );
            let wait = (class == Unavailable).then_some(10_000);
            assert_eq!(verdict.retry_after_millis, wait, "{code}");
        }
    }
}

#[test]
fn every_code_but_one_leaves_the_token_alone() {
    for &(code, _) in TABLE.iter().filter(|(code, _)| *code != "80300007") {
        for http in [200, 400, 401, 403, 404, 429, 500, 502, 503] {
            assert_ne!(
                one(&answer(http, code, "")).class,
                InvalidToken,
                "{http} {code}"
            );
        }
    }
}

#[test]
fn a_server_in_trouble_never_costs_a_token() {
    for (http, class) in [(500, Unavailable), (502, Unavailable), (503, Throttled)] {
        let verdict = one(&answer(http, "80300007", ""));
        assert_eq!(
            (verdict.class, verdict.code.as_str()),
            (class, "80300007"),
            "{http}"
        );
        let partial = r#"{"illegal_tokens":["IQAAAACy0kYwAADkq7dzGBrl"]}"#;
        assert_eq!(
            one(&answer(http, "80100000", partial)).class,
            class,
            "{http}"
        );
    }
}

#[test]
fn all_tokens_invalid_is_said_of_all_with_a_word_on_the_app_id() {
    let verdicts = decode(&["a", "b", "a"], &answer(400, "80300007", ""));
    assert_eq!(verdicts.len(), 3);
    for verdict in verdicts {
        assert_eq!(verdict.class, InvalidToken);
        assert!(verdict.remedy.contains("app_id"), "{}", verdict.remedy);
    }
}

#[test]
fn flow_control_waits_and_keeps_to_retry_after() {
    for http in [429, 503] {
        let slow = HttpResponse::new(http, "<html>");
        let verdict = one(&slow);
        assert_eq!(
            (verdict.class, verdict.retry_after_millis),
            (Throttled, Some(1000))
        );
        let verdict = one(&slow.with_header("retry-after", "121"));
        assert_eq!(verdict.retry_after_millis, Some(121_000));
    }
    let trouble = answer(200, "81000001", "").with_header("retry-after", "30");
    assert_eq!(one(&trouble).retry_after_millis, Some(30_000));
    // A wait is no part of a refusal for good.
    let gone = answer(400, "80300007", "").with_header("retry-after", "5");
    assert_eq!(one(&gone).retry_after_millis, None);
}

#[test]
fn codes_of_tomorrow_are_kept_and_taken_for_their_neighbours() {
    for (http, code, class) in [
        (200, "80100099", BadRequest),
        (400, "80300099", BadRequest),
        (200, "82000099", BadRequest),
        (200, "80200099", Credential),
        (401, "80200099", GrantExpired),
        (200, "80600099", Unavailable),
        (400, "81000099", Unavailable),
        (200, "99", Unavailable),
        (400, "99", BadRequest),
        (403, "99", Credential),
        (429, "99", Throttled),
    ] {
        let verdict = one(&answer(http, code, ""));
        assert_eq!(
            (verdict.class, verdict.code.as_str()),
            (class, code),
            "{http} {code}"
        );
    }
}

/// Whose page says what a code speaks of; of all others nobody says it.
#[rustfmt::skip]
const BLAMED: &[(&str, Class, Scope, &str)] = &[
    ("80100016", BadRequest, Scope::Message, "sensitive"),
    ("80300007", InvalidToken, Scope::Credential, "tokens of another app get this answer too"),
    ("80300011", BadRequest, Scope::Message, "set urgency to NORMAL"),
];

#[test]
fn a_word_is_blamed_on_the_smallest_thing_that_it_speaks_of() {
    for &(code, class) in TABLE {
        let blamed = BLAMED.iter().find(|row| row.0 == code);
        for http in [200, 400] {
            let verdict = one(&answer(http, code, ""));
            let scope = blamed.map_or(Scope::Unsaid, |row| row.2);
            assert_eq!((verdict.class, verdict.scope), (class, scope), "{code}");
            let told = blamed.map_or("", |row| row.3);
            assert!(verdict.remedy.contains(told), "{code}: {}", verdict.remedy);
        }
    }
    for row in BLAMED {
        assert!(TABLE.contains(&(row.0, row.1)), "{}", row.0);
    }
    for code in ["80100099", "80200099", "80300099", "80600099", "99"] {
        assert_eq!(one(&answer(200, code, "")).scope, Scope::Unsaid, "{code}");
    }
}

#[test]
fn a_status_without_a_code_speaks_of_the_address_or_of_the_app() {
    for (http, scope, told) in [
        (400, Scope::Unsaid, "report the vendor's text"),
        (401, Scope::Unsaid, "app_secret"),
        (403, Scope::Unsaid, "enable Push Kit"),
        (
            404,
            Scope::Credential,
            "check app_id, project_id and endpoint",
        ),
        (429, Scope::Account, "lower the channel's rate"),
        (500, Scope::Unsaid, "tried again"),
        (502, Scope::Unsaid, "tried again"),
        (503, Scope::Account, "lower the channel's rate"),
        (302, Scope::Unsaid, "proxy"),
    ] {
        let verdict = one(&HttpResponse::new(http, "<html>"));
        assert_eq!(verdict.scope, scope, "{http}");
        assert!(verdict.remedy.contains(told), "{http}: {}", verdict.remedy);
    }
}

#[test]
fn a_server_in_trouble_speaks_of_itself_whatever_its_body_blames() {
    for row in BLAMED {
        for (http, scope) in [
            (500, Scope::Unsaid),
            (502, Scope::Unsaid),
            (503, Scope::Account),
        ] {
            let verdict = one(&answer(http, row.0, ""));
            assert_eq!(verdict.scope, scope, "{http} {}", row.0);
        }
    }
}

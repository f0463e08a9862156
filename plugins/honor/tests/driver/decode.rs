//! Where in Honor's answer its word on each device stands.

use nudged_driver_kit::test::Captures;
use nudged_honor::Honor;
use nudged_plugin_api::Class::{
    self, Accepted, GrantExpired, InvalidToken, Throttled, ThrottledDevice, Unavailable,
};
use nudged_plugin_api::{Decoded, Driver, Exchange, HttpResponse, Scope, Target, Verdict};
use serde_json::json;

use crate::account::{NOW, open, settings, targets};

type Capture = (&'static str, u16, &'static str, [Class; 3]);

/// Each answer to a batch for three phones, with its code.
#[rustfmt::skip]
pub const CAPTURES: &[Capture] = &[
    ("accepted.json", 200, "", [Accepted; 3]),
    ("accepted-code-as-text.json", 200, "", [Accepted; 3]),
    ("accepted-in-huaweis-words.json", 200, "", [Accepted; 3]),
    ("accepted-with-lists.json", 200, "200", [Accepted, ThrottledDevice, InvalidToken]),
    ("partial.json", 200, "80100000", [Accepted, ThrottledDevice, InvalidToken]),
    ("partial-null-lists.json", 200, "80100000", [Accepted; 3]),
    ("token-expired.json", 200, "80200003", [GrantExpired; 3]),
    ("qps.json", 200, "503", [Throttled; 3]),
    ("all-tokens-invalid.json", 200, "80300007", [InvalidToken; 3]),
    ("bad-gateway.html", 502, "HTTP 502", [Unavailable; 3]),
];

pub fn captures() -> Captures {
    Captures::of(env!("CARGO_MANIFEST_DIR"))
}

pub fn decode(targets: &[Target], response: &HttpResponse) -> Vec<Verdict> {
    let driver: Honor = open(&settings());
    match driver.decode(Exchange::new(targets, response), NOW) {
        Decoded::Verdicts(verdicts) => verdicts,
        other => panic!("{other:?}"),
    }
}

pub fn one(status: u16, body: &str) -> Verdict {
    decode(&targets(1), &HttpResponse::new(status, body))
        .pop()
        .unwrap()
}

pub fn coded(status: u16, code: impl serde::Serialize) -> Verdict {
    one(status, &json!({"code": code, "message": "no"}).to_string())
}

#[test]
fn each_capture_has_its_verdicts() {
    for (file, status, code, classes) in CAPTURES {
        let verdicts = decode(&targets(3), &captures().response(file, *status));
        let got: Vec<Class> = verdicts.iter().map(|verdict| verdict.class).collect();
        assert_eq!(got, classes, "{file}");
        for verdict in verdicts {
            if verdict.class == Accepted {
                assert!(verdict.vendor_id.is_some(), "{file}");
            } else {
                assert_eq!(verdict.code, *code, "{file}");
            }
        }
    }
    captures().assert_all(CAPTURES.iter().map(|row| row.0));
}

#[test]
fn a_server_in_trouble_costs_no_token() {
    for status in [500, 502, 503, 504, 599] {
        let lists = json!({"code": 80100000, "data": {"expireTokens": [targets(1)[0].token]}});
        for body in [r#"{"code":80300007}"#.to_owned(), lists.to_string()] {
            let verdict = one(status, &body);
            let class = if status == 503 {
                Throttled
            } else {
                Unavailable
            };
            assert_eq!(verdict.class, class, "{status} {body}");
        }
    }
}

#[test]
fn a_token_that_failed_is_tried_again_and_stays() {
    let failed = &decode(&targets(3), &captures().response("partial.json", 200))[1];
    assert_eq!(failed.class, ThrottledDevice);
    assert_eq!(failed.retry_after_millis, Some(60_000));
    assert!(failed.text.starts_with("failTokens"), "{}", failed.text);
}

#[test]
fn a_partial_failure_that_names_nobody_is_of_the_only_device() {
    let response = captures().response("partial-null-lists.json", 200);
    assert_eq!(decode(&targets(1), &response)[0].class, ThrottledDevice);
    assert_eq!(decode(&targets(2), &response)[0].class, Accepted);
}

#[test]
fn devices_with_one_token_share_its_verdict() {
    let mut twice = targets(3);
    twice.push(Target::new("again", twice[2].token.clone()));
    let classes: Vec<Class> = decode(&twice, &captures().response("partial.json", 200))
        .iter()
        .map(|verdict| verdict.class)
        .collect();
    assert_eq!(
        classes,
        [Accepted, ThrottledDevice, InvalidToken, InvalidToken]
    );
}

#[test]
fn the_request_id_is_the_vendors_id() {
    for (file, id) in [
        ("accepted.json", "1767000000000_1"),
        ("accepted-code-as-text.json", "1767000000000"),
    ] {
        let verdict = &decode(&targets(1), &captures().response(file, 200))[0];
        assert_eq!(verdict.vendor_id.as_deref(), Some(id));
    }
}

#[test]
fn an_answer_that_is_not_honors_is_no_acceptance() {
    for body in [
        "",
        "OK",
        "<html>",
        "[]",
        "{}",
        r#"{"code":null}"#,
        r#"{"code":[200]}"#,
    ] {
        let verdict = one(200, body);
        assert_eq!(verdict.class, Unavailable, "{body}");
        assert_eq!(verdict.code, "HTTP 200");
        assert!(verdict.remedy.contains("endpoint"), "{body}");
    }
    for status in [302, 400, 404] {
        for file in ["accepted.json", "partial.json"] {
            let mut answer = captures().response(file, 200);
            answer.status = status;
            let verdicts = decode(&targets(3), &answer);
            assert_ne!(verdicts[0].class, Accepted, "{status} {file}");
        }
    }
}

#[test]
fn a_token_that_a_list_names_is_dead_beyond_doubt_and_one_that_failed_is_not() {
    let verdicts = decode(&targets(3), &captures().response("partial.json", 200));
    assert_eq!(verdicts[2].scope, Scope::Token);
    assert!(verdicts[2].remedy.starts_with("nothing to do"));
    assert_eq!(verdicts[1].class, ThrottledDevice);
}

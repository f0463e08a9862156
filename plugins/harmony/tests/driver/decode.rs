//! Where in Push Kit's answer its word on each device stands.

use nudged_driver_kit::test::Captures;
use nudged_plugin_api::Class::{
    self, Accepted, BadRequest, Credential, DeviceOff, GrantExpired, InvalidToken, QuotaExceeded,
    Throttled, Unavailable,
};
use nudged_plugin_api::{Decoded, Driver, Exchange, HttpResponse, Target, Verdict};
use serde_json::{Value, json};

use crate::account::{NOW, PHONES, channel, targets};

type Capture = (&'static str, u16, [(Class, &'static str); 3]);

/// Each answer to a batch for three phones: class and code for each.
#[rustfmt::skip]
pub const CAPTURES: &[Capture] = &[
    ("accepted.json", 200, [(Accepted, ""); 3]),
    ("partial.json", 200, [(Accepted, ""), (InvalidToken, "tokenFormatError"), (BadRequest, "noPushTypeRight")]),
    ("partial-without-reasons.json", 200, [(Accepted, ""); 3]),
    ("partial-msg-is-no-json.json", 200, [(Accepted, ""); 3]),
    ("all-refused.json", 200, [(InvalidToken, "noRight"), (InvalidToken, "tokenPlatformNotSupport"), (DeviceOff, "countryNotSupport")]),
    ("all-refused-without-reasons.json", 200, [(BadRequest, "80300007"); 3]),
    ("authentication.json", 401, [(Credential, "80200001"); 3]),
    ("jwt-expired.json", 401, [(GrantExpired, "80200005"); 3]),
    ("test-limit.json", 200, [(QuotaExceeded, "80300029"); 3]),
    ("internal.json", 500, [(Unavailable, "81000001"); 3]),
    ("bad-gateway.html", 502, [(Unavailable, "HTTP 502"); 3]),
];

pub fn captures() -> Captures {
    Captures::of(env!("CARGO_MANIFEST_DIR"))
}

pub fn decode(targets: &[Target], response: &HttpResponse) -> Vec<Verdict> {
    match channel().decode(Exchange::new(targets, response), NOW) {
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
    one(status, &json!({"code": code, "msg": "no"}).to_string())
}

/// An answer that refuses tokens; `msg` is JSON in a text, as Push Kit writes it.
fn sorted(code: &str, illegal: Value) -> String {
    let msg = json!({"success": 0, "failure": 1, "illegalTokens": illegal});
    json!({"code": code, "msg": msg.to_string(), "requestId": "1730"}).to_string()
}

/// An answer that refuses the first phone for this reason.
pub fn reasoned(status: u16, code: &str, reason: &str) -> Verdict {
    one(status, &sorted(code, json!({reason: [PHONES[0].1]})))
}

#[test]
fn each_capture_has_its_verdicts() {
    for (file, status, expected) in CAPTURES {
        let verdicts = decode(&targets(3), &captures().response(file, *status));
        let got: Vec<_> = verdicts
            .iter()
            .map(|verdict| (verdict.class, verdict.code.as_str()))
            .collect();
        assert_eq!(got, expected, "{file}");
        let accepted = verdicts.iter().filter(|verdict| verdict.class == Accepted);
        for verdict in accepted {
            assert_eq!(
                verdict.vendor_id.as_deref(),
                Some("173000000000001"),
                "{file}"
            );
        }
    }
    captures().assert_all(CAPTURES.iter().map(|row| row.0));
}

#[test]
fn a_reason_that_keeps_the_token_beats_one_that_drops_it() {
    let token = PHONES[0].1;
    // Whichever comes first in the map.
    for keeps in ["appinfoError", "orphaned"] {
        let body = sorted("80100000", json!({keeps: [token], "noRight": [token]}));
        assert_eq!(one(200, &body).class, BadRequest, "{keeps}");
    }
}

#[test]
fn all_refused_without_a_word_costs_no_token() {
    for msg in [
        json!("x"),
        json!(""),
        json!(7),
        json!("{}"),
        json!(r#"{"illegalTokens":[]}"#),
        json!(r#"{"illegalTokens":{"noRight":"x"}}"#),
        json!(r#"{"illegalTokens":{"noRight":["another"]}}"#),
        json!(format!(r#"{{"illegal_tokens":["{}"]}}"#, PHONES[0].1)),
    ] {
        let body = json!({"code": "80300007", "msg": msg}).to_string();
        let verdict = one(200, &body);
        assert_eq!(verdict.class, BadRequest, "{body}");
        assert_eq!(verdict.code, "80300007");
    }
}

#[test]
fn a_map_that_is_not_wrapped_in_a_text_is_read_too() {
    let body = json!({"code": "80100000", "msg": {"illegalTokens": {"noRight": [PHONES[0].1]}}});
    assert_eq!(one(200, &body.to_string()).class, InvalidToken);
}

#[test]
fn a_partial_failure_that_names_nobody_is_of_the_only_device() {
    let response = captures().response("partial-without-reasons.json", 200);
    assert_eq!(decode(&targets(1), &response)[0].class, BadRequest);
    assert_eq!(decode(&targets(2), &response)[0].class, Accepted);
    let mut twice = targets(1);
    twice.push(Target::new("again", PHONES[0].1));
    assert_eq!(decode(&twice, &response)[1].class, BadRequest);
}

#[test]
fn devices_with_one_token_share_its_verdict() {
    let mut twice = targets(3);
    twice.push(Target::new("again", PHONES[1].1));
    let verdicts = decode(&twice, &captures().response("partial.json", 200));
    assert_eq!(verdicts[3], verdicts[1]);
    assert_eq!(verdicts[3].class, InvalidToken);
}

#[test]
fn a_server_in_trouble_costs_no_token() {
    for status in [500, 502, 503, 504, 599] {
        for code in ["80100000", "80300007"] {
            let class = if status == 503 {
                Throttled
            } else {
                Unavailable
            };
            let verdict = reasoned(status, code, "noRight");
            assert_eq!(verdict.class, class, "{status} {code}");
        }
    }
}

#[test]
fn an_answer_that_is_not_push_kits_is_no_acceptance() {
    for body in [
        "",
        "OK",
        "<html>",
        "[]",
        "{}",
        r#"{"code":null}"#,
        r#"{"code":["80000000"]}"#,
    ] {
        let verdict = one(200, body);
        assert_eq!(verdict.class, Unavailable, "{body}");
        assert_eq!(verdict.code, "HTTP 200");
        assert!(verdict.remedy.contains("endpoint"), "{body}");
    }
    assert_ne!(coded(400, "80000000").class, Accepted);
    for status in [302, 400, 404] {
        let mut partial = captures().response("partial.json", 200);
        partial.status = status;
        assert_ne!(decode(&targets(3), &partial)[0].class, Accepted, "{status}");
    }
}

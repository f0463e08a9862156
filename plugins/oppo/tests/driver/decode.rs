//! Where in OPPO's answer its word on each device stands; `batch` and `level` are the flows of two
//! requests.

mod batch;
mod level;

use nudged_driver_kit::test::Captures;
use nudged_plugin_api::Class::{
    self, Accepted, BadRequest, Credential, GrantExpired, InvalidToken, QuotaExceeded, Throttled,
    Unavailable,
};
use nudged_plugin_api::{Decoded, HttpResponse, Message};

use crate::account::{CN_A, CN_B, answer, channel, encode, targets, verdict, verdicts};

type Capture = (&'static str, u16, Class, &'static str);

/// Each answer to a request for one device, with its code.
#[rustfmt::skip]
pub const CAPTURES: &[Capture] = &[
    ("accepted.json", 200, Accepted, ""),
    ("duplicate.json", 200, Accepted, "32"),
    ("registration-id-invalid.json", 200, InvalidToken, "10000"),
    ("argument-invalid.json", 200, BadRequest, "41"),
    ("auth-token-invalid.json", 200, GrantExpired, "11"),
    ("sign-invalid.json", 200, Credential, "16"),
    ("daily-limit.json", 200, QuotaExceeded, "33"),
    ("bad-gateway.html", 200, Unavailable, "HTTP 200"),
    // Of a request for several.
    ("saved.json", 200, Accepted, ""),
    ("broadcast-partial.json", 200, Accepted, ""),
];

pub fn captures() -> Captures {
    Captures::of(env!("CARGO_MANIFEST_DIR"))
}

fn captured(file: &str) -> HttpResponse {
    captures().response(file, 200)
}

#[test]
fn each_capture_of_a_single_send_means_what_oppo_says_it_means() {
    for (file, status, class, code) in CAPTURES {
        let verdict = verdict(&captures().response(file, *status));
        let got = (verdict.class, verdict.code.as_str());
        assert_eq!(got, (*class, *code), "{file}");
    }
    captures().assert_all(CAPTURES.iter().map(|row| row.0));
}

#[test]
fn the_accepted_message_has_oppos_id() {
    let id = verdict(&captured("accepted.json")).vendor_id;
    assert_eq!(id.as_deref(), Some("12345-1-1-5f00000000000000"));
}

#[test]
fn the_two_captures_of_a_common_send_make_one_flow() {
    let devices = [CN_A, CN_B];
    let first = encode(
        &channel(),
        &Message::new("Ann", "Hello"),
        &targets(&devices),
    )
    .unwrap();
    let second = match answer(&devices, &first.memo, &captured("saved.json")) {
        Decoded::FollowUp(second) => second,
        other => panic!("{other:?}"),
    };
    let all = verdicts(answer(
        &devices,
        &second.memo,
        &captured("broadcast-partial.json"),
    ));
    assert_eq!((all[0].class, all[1].class), (Accepted, InvalidToken));
    assert_eq!(all[0].vendor_id.as_deref(), Some("5f00aa"));
    assert_eq!(all[1].code, "10000");
}

#[test]
fn an_answer_without_a_code_is_judged_by_its_status() {
    for body in [
        "",
        "<html>",
        "{",
        "[]",
        "null",
        r#"{"code":"0"}"#,
        r#"{"code":0.5}"#,
    ] {
        for (http, class) in [
            (200, Unavailable),
            (302, Unavailable),
            (400, BadRequest),
            (401, Credential),
            (403, Credential),
            (404, Credential),
            (413, BadRequest),
            (429, Throttled),
            (500, Unavailable),
            (503, Unavailable),
        ] {
            let verdict = verdict(&HttpResponse::new(http, body));
            assert_eq!(verdict.class, class, "{http} {body}");
            assert_eq!(verdict.code, format!("HTTP {http}"));
        }
    }
}

#[test]
fn success_needs_a_good_status() {
    let body = r#"{"code":0,"data":{"messageId":"m"}}"#;
    assert_eq!(verdict(&HttpResponse::new(400, body)).class, BadRequest);
    assert_eq!(verdict(&HttpResponse::new(503, body)).class, Unavailable);
    let accepted = verdict(&HttpResponse::new(200, body));
    assert_eq!(accepted.vendor_id.as_deref(), Some("m"));
}

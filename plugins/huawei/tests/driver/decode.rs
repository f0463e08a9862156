//! Where in Push Kit's answer its word on each device stands, in answers as Push Kit gives them.

use nudged_driver_kit::test::Captures;
use nudged_plugin_api::Class::{
    self, Accepted, BadRequest, Credential, GrantExpired, InvalidToken, Throttled, Unavailable,
};
use nudged_plugin_api::{HttpResponse, Scope, Verdict};
use serde_json::json;

use crate::account::{TOKEN, decode};

/// File, HTTP status, and what it means for `TOKEN` and for `IQAAAADEAD`.
pub const CAPTURES: &[(&str, u16, Class, Class)] = &[
    ("accepted.json", 200, Accepted, Accepted),
    ("partial.json", 200, Accepted, InvalidToken),
    ("all-tokens-invalid.json", 400, InvalidToken, InvalidToken),
    ("parameter-wrong.json", 400, BadRequest, BadRequest),
    ("too-big.json", 400, BadRequest, BadRequest),
    ("token-expired.json", 401, GrantExpired, GrantExpired),
    ("no-permission.json", 400, Credential, Credential),
    ("no-right-for-high.json", 400, BadRequest, BadRequest),
    ("internal.json", 500, Unavailable, Unavailable),
    ("flow-control.html", 503, Throttled, Throttled),
];

pub fn captures() -> Captures {
    Captures::of(env!("CARGO_MANIFEST_DIR"))
}

fn verdicts(file: &str, http: u16) -> Vec<Verdict> {
    decode(&[TOKEN, "IQAAAADEAD"], &captures().response(file, http))
}

pub fn answer(http: u16, code: &str, message: &str) -> HttpResponse {
    let body = json!({"code": code, "msg": message, "requestId": "1600"});
    HttpResponse::new(http, body.to_string())
}

pub fn one(response: &HttpResponse) -> Verdict {
    let verdicts = decode(&[TOKEN], response);
    assert_eq!(verdicts.len(), 1);
    verdicts.into_iter().next().unwrap()
}

fn partial(http: u16, message: &str) -> Vec<Verdict> {
    decode(&["a", "b", "c", "b"], &answer(http, "80100000", message))
}

#[test]
fn each_capture_means_what_huawei_says_it_means() {
    for (file, http, first, second) in CAPTURES {
        let classes: Vec<Class> = verdicts(file, *http).iter().map(|it| it.class).collect();
        assert_eq!(classes, [*first, *second], "{file}");
    }
    captures().assert_all(CAPTURES.iter().map(|row| row.0));
}

#[test]
fn an_accepted_message_carries_the_request_id() {
    for verdict in verdicts("accepted.json", 200) {
        assert_eq!(verdict.vendor_id.as_deref(), Some("160000000000000001"));
    }
    let partial = verdicts("partial.json", 200);
    assert_eq!(partial[0].vendor_id.as_deref(), Some("160000000000000002"));
    assert_eq!(partial[1].vendor_id, None);
}

#[test]
fn a_code_may_come_as_a_number() {
    let verdict = one(&HttpResponse::new(400, r#"{"code":80300007}"#));
    assert_eq!(
        (verdict.class, verdict.code.as_str()),
        (InvalidToken, "80300007")
    );
}

#[test]
fn a_body_that_is_not_push_kits_is_judged_by_its_status() {
    for body in [
        "",
        "<html>",
        "{",
        "[]",
        r#"["80000000"]"#,
        "null",
        r#"{"code":{}}"#,
        "\u{0}",
    ] {
        for (http, class) in [
            (200, Unavailable),
            (204, Unavailable),
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
            (503, Throttled),
        ] {
            let verdict = one(&HttpResponse::new(http, body));
            assert_eq!(verdict.class, class, "{http} {body}");
            assert_eq!(verdict.code, format!("HTTP {http}"), "{body}");
        }
    }
}

#[test]
fn a_partial_success_costs_the_tokens_it_names_and_no_others() {
    for http in [200, 400] {
        let verdicts = partial(
            http,
            r#"{"success":2,"failure":1,"illegal_tokens":["b","z"]}"#,
        );
        let classes: Vec<_> = verdicts.iter().map(|verdict| verdict.class).collect();
        assert_eq!(
            classes,
            [Accepted, InvalidToken, Accepted, InvalidToken],
            "{http}"
        );
        assert_eq!(verdicts[0].vendor_id.as_deref(), Some("1600"));
        assert_eq!(verdicts[1].code, "80100000");
    }
}

#[test]
fn a_partial_success_that_names_nobody_costs_no_token_and_is_not_sent_twice() {
    for message in [
        "",
        "Some tokens failed",
        "{",
        "[]",
        r#"{"success":3,"failure":1}"#,
        r#"{"success":3,"failure":1,"illegal_tokens":[]}"#,
        r#"{"success":3,"failure":1,"illegal_tokens":["z",7,null]}"#,
        r#"{"illegal_tokens":"b"}"#,
    ] {
        for verdict in partial(200, message) {
            assert_eq!(verdict.class, BadRequest, "{message}");
            assert_eq!(
                (verdict.code.as_str(), verdict.text.as_str()),
                ("80100000", message)
            );
        }
    }
}

#[test]
fn the_partial_report_is_read_as_a_document_too() {
    let body = json!({"code": "80100000", "msg": {"illegal_tokens": ["a"]}});
    let verdicts = decode(&["a", "b"], &HttpResponse::new(200, body.to_string()));
    assert_eq!(
        (verdicts[0].class, verdicts[1].class),
        (InvalidToken, Accepted)
    );
}

#[test]
fn success_with_a_status_of_failure_is_no_success() {
    for http in [302, 400, 401, 500] {
        assert_ne!(
            one(&answer(http, "80000000", "Success")).class,
            Accepted,
            "{http}"
        );
    }
}

#[test]
fn a_token_that_is_named_among_others_is_dead_beyond_doubt() {
    let verdicts = partial(200, r#"{"illegal_tokens":["b"]}"#);
    assert_eq!(verdicts[1].scope, Scope::Token);
    assert!(verdicts[1].remedy.starts_with("nothing to do"));
}

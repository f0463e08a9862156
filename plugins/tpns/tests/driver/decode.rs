//! Where in TPNS's answer its word on each device stands, in answers as it gives them.

use nudged_driver_kit::test::Captures;
use nudged_plugin_api::Class::{
    self, Accepted, BadRequest, Credential, InvalidToken, Throttled, Unavailable,
};
use nudged_plugin_api::{Decoded, Driver, Exchange, HttpResponse, Verdict};
use serde_json::{Value, json};

use crate::account::{NOW, OTHER, TOKEN, android, targets};

/// File and HTTP status; then class, code, text and vendor's id of the verdict.
type Row = (
    &'static str,
    u16,
    Class,
    &'static str,
    &'static str,
    Option<&'static str>,
);

#[rustfmt::skip]
pub const CAPTURES: &[Row] = &[
    ("accepted-one.json", 200, Accepted, "", "", Some("427184209")),
    ("accepted.json", 200, Accepted, "", "", Some("3895624686")),
    ("accepted-nobody-left-out.json", 200, Accepted, "", "", Some("572728156")),
    ("left-out.json", 200, Accepted, "", "", Some("572728157")),
    ("auth-failure.json", 200, Credential, "1008003", "auth failure", None),
    ("token-not-valid.json", 200, InvalidToken, "1008029", "token is not valid", None),
    ("too-fast.json", 200, Throttled, "1008028", "request too fast", None),
    ("evil-content.json", 200, BadRequest, "1008019", "content may be evil", None),
    ("bad-gateway.html", 502, Unavailable, "HTTP 502", "", None),
];

pub fn decode(tokens: &[&str], response: &HttpResponse) -> Vec<Verdict> {
    let targets = targets(tokens);
    match android().decode(Exchange::new(&targets, response), NOW) {
        Decoded::Verdicts(verdicts) => {
            assert_eq!(verdicts.len(), targets.len());
            verdicts
        }
        other => panic!("{other:?}"),
    }
}

pub fn answer(http: u16, ret_code: Value) -> HttpResponse {
    let body = json!({"seq": 0, "push_id": "1", "ret_code": ret_code, "err_msg": "words"});
    HttpResponse::new(http, body.to_string())
}

pub fn captures() -> Captures {
    Captures::of(env!("CARGO_MANIFEST_DIR"))
}

pub fn capture(tokens: &[&str], http: u16, file: &str) -> Vec<Verdict> {
    decode(tokens, &captures().response(file, http))
}

#[test]
fn tokens_that_were_left_out_are_invalid_and_the_others_got_it() {
    let verdicts = capture(&[TOKEN, OTHER, OTHER], 200, "left-out.json");
    let classes: Vec<_> = verdicts.iter().map(|verdict| verdict.class).collect();
    assert_eq!(classes, [Accepted, InvalidToken, InvalidToken]);
    assert_eq!(verdicts[0].vendor_id.as_deref(), Some("572728157"));
    assert_eq!(verdicts[1].code, "invalid_targe_list");
    assert_eq!(verdicts[1].vendor_id, None);
    // Spelled right it means the same.
    let body = json!({"ret_code": 0, "push_id": "1", "invalid_target_list": [OTHER]});
    let verdicts = decode(&[TOKEN, OTHER], &HttpResponse::new(200, body.to_string()));
    assert_eq!(
        [verdicts[0].class, verdicts[1].class],
        [Accepted, InvalidToken]
    );
}

#[test]
fn a_refused_push_names_its_dead_tokens_and_spares_the_rest() {
    let body = json!({"ret_code": 1_008_004, "invalid_targe_list": [OTHER]});
    let verdicts = decode(&[TOKEN, OTHER], &HttpResponse::new(200, body.to_string()));
    assert_eq!(
        [verdicts[0].class, verdicts[1].class],
        [Unavailable, InvalidToken]
    );
}

#[test]
fn a_batch_that_is_refused_for_one_token_costs_none() {
    for ret_code in [1_008_006, 1_008_029, 10_010_005] {
        for verdict in decode(&[TOKEN, OTHER], &answer(200, json!(ret_code))) {
            assert_eq!(verdict.class, BadRequest, "{ret_code}");
            assert_eq!(verdict.code, ret_code.to_string());
        }
        for verdict in decode(&[TOKEN, TOKEN], &answer(200, json!(ret_code))) {
            assert_eq!(verdict.class, InvalidToken, "one phone twice is one phone");
        }
    }
}

#[test]
fn each_capture_means_what_tpns_says_it_means() {
    for &(file, http, class, code, text, vendor_id) in CAPTURES {
        let verdict = capture(&[TOKEN], http, file).remove(0);
        assert_eq!(verdict.class, class, "{file}");
        assert_eq!(verdict.code, code, "{file}");
        assert_eq!(verdict.text, text, "{file}");
        assert_eq!(verdict.vendor_id.as_deref(), vendor_id, "{file}");
    }
    captures().assert_all(CAPTURES.iter().map(|row| row.0));
}

#[test]
fn a_push_id_is_a_text_a_number_or_a_list() {
    for (push_id, expected) in [
        (json!("12"), Some("12")),
        (json!(12), Some("12")),
        (json!(["12", "13"]), Some("12")),
        (json!([]), None),
        (json!(""), None),
        (json!(null), None),
        (json!("1\n2"), None),
    ] {
        let body = json!({"ret_code": 0, "push_id": push_id}).to_string();
        let verdict = decode(&[TOKEN], &HttpResponse::new(200, body)).remove(0);
        assert_eq!(
            (verdict.class, verdict.vendor_id.as_deref()),
            (Accepted, expected)
        );
    }
}

#[test]
fn a_server_in_trouble_costs_no_token() {
    for ret_code in [1_008_006, 1_008_029, 10_010_005, 1_008_003, 0] {
        let verdict = decode(&[TOKEN], &answer(503, json!(ret_code))).remove(0);
        assert_eq!(verdict.class, Unavailable, "{ret_code}");
    }
    let body = json!({"ret_code": 0, "invalid_targe_list": [TOKEN]}).to_string();
    let verdict = decode(&[TOKEN], &HttpResponse::new(500, body)).remove(0);
    assert_eq!(
        (verdict.class, verdict.code.as_str()),
        (Unavailable, "HTTP 500")
    );
}

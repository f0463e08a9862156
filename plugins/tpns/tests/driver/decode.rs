//! TPNS's table of `ret_code`, row by row, and answers as it gives them.

use nudged_plugin_api::Class::{
    self, Accepted, BadRequest, Credential, InvalidToken, Throttled, Unavailable,
};
use nudged_plugin_api::{Decoded, Driver, Exchange, HttpResponse, Scope, Verdict};
use serde_json::{Value, json};

use crate::account::{NOW, OTHER, TOKEN, android, targets};

fn decode(tokens: &[&str], response: &HttpResponse) -> Vec<Verdict> {
    let targets = targets(tokens);
    match android().decode(Exchange::new(&targets, response), NOW) {
        Decoded::Verdicts(verdicts) => {
            assert_eq!(verdicts.len(), targets.len());
            verdicts
        }
        other => panic!("{other:?}"),
    }
}

fn answer(http: u16, ret_code: Value) -> HttpResponse {
    let body = json!({"seq": 0, "push_id": "1", "ret_code": ret_code, "err_msg": "words"});
    HttpResponse::new(http, body.to_string())
}

fn capture(tokens: &[&str], http: u16, file: &str) -> Vec<Verdict> {
    let path = format!("{}/tests/captures/{file}", env!("CARGO_MANIFEST_DIR"));
    let body = std::fs::read(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    decode(tokens, &HttpResponse::new(http, body))
}

#[test]
fn every_code_has_its_class() {
    for (ret_code, class) in [
        (0, Accepted),
        (1_008_001, BadRequest),
        (1_008_002, BadRequest),
        (1_008_003, Credential),
        (1_008_004, Unavailable),
        (1_008_006, InvalidToken),
        (1_008_007, BadRequest),
        (1_008_011, BadRequest),
        (1_008_012, BadRequest),
        (1_008_013, BadRequest),
        (1_008_015, BadRequest),
        (1_008_016, BadRequest),
        (1_008_019, BadRequest),
        (1_008_020, Credential),
        (1_008_021, Credential),
        (1_008_022, Credential),
        (1_008_023, Credential),
        (1_008_025, BadRequest),
        (1_008_026, BadRequest),
        (1_008_027, BadRequest),
        (1_008_028, Throttled),
        (1_008_029, InvalidToken),
        (1_008_030, Credential),
        (1_008_031, Credential),
        (1_008_035, Credential),
        (1_010_001, Credential),
        (10_010_005, InvalidToken),
        (10_010_012, BadRequest),
        (10_010_018, BadRequest),
        (10_030_002, Credential),
        (10_110_008, BadRequest),
        // Of tomorrow: like its neighbours, or like nothing known.
        (1_008_099, BadRequest),
        (10_010_099, BadRequest),
        (7, Unavailable),
        (-1, Unavailable),
    ] {
        let verdict = decode(&[TOKEN], &answer(200, json!(ret_code))).remove(0);
        assert_eq!(verdict.class, class, "{ret_code}");
        if class != Accepted {
            assert_eq!(verdict.code, ret_code.to_string());
            assert_eq!(verdict.text, "words", "{ret_code}");
            assert!(!verdict.remedy.is_empty(), "{ret_code}");
        }
        let text = answer(200, json!(ret_code.to_string()));
        assert_eq!(decode(&[TOKEN], &text)[0], verdict, "{ret_code} as a text");
    }
}

#[test]
fn a_code_blames_what_it_speaks_of() {
    for (ret_code, scope) in [
        (1_008_001, Scope::Message),
        (1_008_003, Scope::Credential),
        (1_008_006, Scope::Credential),
        (1_008_019, Scope::Message),
        (1_008_020, Scope::Unsaid),
        (1_008_028, Scope::Account),
        (1_008_029, Scope::Credential),
        (1_008_030, Scope::Account),
        (1_008_035, Scope::Credential),
        (10_010_005, Scope::Credential),
        (10_030_002, Scope::Credential),
        (1_008_099, Scope::Unsaid),
    ] {
        let verdict = decode(&[TOKEN], &answer(200, json!(ret_code))).remove(0);
        assert_eq!(verdict.scope, scope, "{ret_code}");
    }
    // A token of another application looks like a dead one.
    let left_out = capture(&[TOKEN, OTHER], 200, "left-out.json").remove(1);
    assert_eq!(
        (left_out.class, left_out.scope),
        (InvalidToken, Scope::Credential)
    );
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

/// File and HTTP status; then class, code, text and vendor's id of the verdict.
type Row = (
    &'static str,
    u16,
    Class,
    &'static str,
    &'static str,
    Option<&'static str>,
);

#[test]
fn each_capture_means_what_tpns_says_it_means() {
    let table: [Row; 8] = [
        (
            "accepted-one.json",
            200,
            Accepted,
            "",
            "",
            Some("427184209"),
        ),
        ("accepted.json", 200, Accepted, "", "", Some("3895624686")),
        (
            "accepted-nobody-left-out.json",
            200,
            Accepted,
            "",
            "",
            Some("572728156"),
        ),
        (
            "auth-failure.json",
            200,
            Credential,
            "1008003",
            "auth failure",
            None,
        ),
        (
            "token-not-valid.json",
            200,
            InvalidToken,
            "1008029",
            "token is not valid",
            None,
        ),
        (
            "too-fast.json",
            200,
            Throttled,
            "1008028",
            "request too fast",
            None,
        ),
        (
            "evil-content.json",
            200,
            BadRequest,
            "1008019",
            "content may be evil",
            None,
        ),
        ("bad-gateway.html", 502, Unavailable, "HTTP 502", "", None),
    ];
    for (file, http, class, code, text, vendor_id) in table {
        let verdict = capture(&[TOKEN], http, file).remove(0);
        assert_eq!(verdict.class, class, "{file}");
        assert_eq!(verdict.code, code, "{file}");
        assert_eq!(verdict.text, text, "{file}");
        assert_eq!(verdict.vendor_id.as_deref(), vendor_id, "{file}");
    }
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

#[test]
fn without_a_code_the_status_decides() {
    for (http, class) in [
        (200, Unavailable),
        (204, Unavailable),
        (302, Unavailable),
        (400, BadRequest),
        (401, Credential),
        (403, Credential),
        (404, Credential),
        (408, Unavailable),
        (413, BadRequest),
        (429, Throttled),
        (500, Unavailable),
        (504, Unavailable),
    ] {
        for body in [
            "",
            "{}",
            "[]",
            "<html>",
            r#"{"ret_code":""}"#,
            r#"{"ret_code":null}"#,
        ] {
            let verdict = decode(&[TOKEN], &HttpResponse::new(http, body)).remove(0);
            assert_eq!(verdict.class, class, "HTTP {http} {body}");
            assert_eq!(verdict.code, format!("HTTP {http}"), "{body}");
        }
    }
}

#[test]
fn speed_comes_back_in_a_second_or_when_the_server_says() {
    let fast = answer(200, json!(1_008_028));
    assert_eq!(decode(&[TOKEN], &fast)[0].retry_after_millis, Some(1000));
    let busy = HttpResponse::new(503, "{}").with_header("retry-after", "7");
    assert_eq!(decode(&[TOKEN], &busy)[0].retry_after_millis, Some(7000));
    let trouble = answer(200, json!(1_008_004));
    assert_eq!(decode(&[TOKEN], &trouble)[0].retry_after_millis, None);
}

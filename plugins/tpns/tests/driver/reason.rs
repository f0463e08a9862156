//! What each `ret_code` means, row by row of TPNS's table.

use nudged_plugin_api::Class::{
    Accepted, BadRequest, Credential, InvalidToken, Throttled, Unavailable,
};
use nudged_plugin_api::{HttpResponse, Scope};
use serde_json::json;

use crate::account::{OTHER, TOKEN};
use crate::decode::{answer, capture, decode};

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

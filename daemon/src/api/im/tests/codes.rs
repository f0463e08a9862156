//! Tencent's code for each refusal.

use super::super::refusal::{Dialect, code};
use super::*;
use crate::store::StoreError;
use nudged_wire::Code;

fn of_body(call: Call, body: &Value) -> u32 {
    let problem = ordered(call, body).expect_err("refused");
    code(Some(call), &problem)
}

#[test]
fn req_77_what_is_wrong_in_a_body_has_tencents_code() {
    let text = json!([{"MsgType": "TIMTextElem", "MsgContent": {"Text": "hi"}}]);
    let crowd: Vec<String> = (0..501).map(|n| format!("u{n}")).collect();
    for (call, body, expected) in [
        (Call::One, json!({"MsgBody": text}), 90003),
        (
            Call::One,
            json!({"To_Account": ["bob"], "MsgBody": text}),
            60015,
        ),
        (Call::One, json!({"To_Account": "bob"}), 90002),
        (
            Call::One,
            json!({"To_Account": "bob", "MsgBody": "hi"}),
            90002,
        ),
        (
            Call::One,
            json!({"To_Account": "bob", "MsgBody": [{}]}),
            90010,
        ),
        (
            Call::One,
            json!({"To_Account": "bob", "From_Account": "a\u{0}", "MsgBody": text}),
            90008,
        ),
        (
            Call::One,
            json!({"To_Account": "bob", "MsgLifeTime": 604_801, "MsgBody": text}),
            90026,
        ),
        (
            Call::One,
            json!({"To_Account": "bob", "MsgRandom": "x", "MsgBody": text}),
            90005,
        ),
        (Call::One, with_offline(json!({"PushFlag": 2})), 90001),
        (
            Call::Many,
            json!({"To_Account": crowd, "MsgBody": text}),
            90011,
        ),
        (
            Call::Push,
            json!({"To_Account": crowd, "OfflinePushInfo": {"Desc": "x"}}),
            90018,
        ),
        (Call::Push, json!({"To_Account": ["bob"]}), 90001),
        (Call::Group, json!({"MsgBody": text}), 10004),
        (
            Call::Group,
            json!({"To_Account": ["bob"], "MsgBody": text}),
            10015,
        ),
        (Call::Group, group(json!({"To_Account": crowd})), 10005),
        (
            Call::Group,
            group(json!({"To_Account": ["bob"], "From_Account": "a\u{0}"})),
            10012,
        ),
    ] {
        assert_eq!(of_body(call, &body), expected, "{call:?} {body}");
    }
    for (call, expected) in [(Call::One, 90001), (Call::Group, 10011)] {
        for body in [
            "",
            "{",
            "[]",
            "{} {}",
            r#"{"To_Account": }"#,
            r#"{"MsgBody": [{"#,
        ] {
            let problem = ordered_with(&DRIVERS, call, body).unwrap_err();
            assert_eq!(code(Some(call), &problem), expected, "{call:?} {body:?}");
        }
    }
}

#[test]
fn req_77_every_problem_that_there_is_has_a_code_other_than_0() {
    for call in [None].into_iter().chain(Call::ALL.map(Some)) {
        for status in 400..600 {
            let mut problem = Problem::new(Code::Invalid, "x");
            problem.status = status;
            assert!(code(call, &problem) >= 10002, "{call:?} {status}");
        }
    }
    for (status, call, expected) in [
        (403, Call::One, 90009),
        (403, Call::Group, 10007),
        (404, Call::One, 60009),
        (405, Call::Many, 60008),
        (408, Call::Many, 60008),
        (413, Call::One, 93000),
        (413, Call::Group, 80002),
        (413, Call::Push, 90056),
        (415, Call::Push, 60008),
        (503, Call::One, 91000),
        (503, Call::Group, 10002),
    ] {
        let mut problem = Problem::new(Code::Invalid, "x");
        problem.status = status;
        assert_eq!(code(Some(call), &problem), expected, "{call:?} {status}");
    }
}

#[test]
fn req_77_a_daemon_that_stops_says_try_again() {
    let stopping = Problem::from(StoreError::Closed);
    assert_eq!(stopping.status, 503);
    assert_eq!(code(Some(Call::One), &stopping), 91000);
    assert_eq!(code(Some(Call::Group), &stopping), 10002);
}

#[test]
fn under_tencents_paths_the_status_is_tencents_and_under_ours_the_problems() {
    let problem = || Problem::new(Code::StorageFull, "no room");
    for (path, status, kind) in [
        ("/v1/im/messages", 503, "application/problem+json"),
        ("/v4/openim/sendmsg", 200, "application/json"),
    ] {
        let response = Dialect::of(path).refuse(Some(Call::One), problem());
        assert_eq!(response.status(), status, "{path}");
        assert_eq!(response.headers()["content-type"], kind, "{path}");
        assert_eq!(response.headers()["retry-after"], "5", "{path}");
    }
}

#[test]
fn every_code_is_in_the_manual_page() {
    let page = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../packaging/man/nudged-im.7.md"
    );
    let page = std::fs::read_to_string(page).unwrap();
    let source = include_str!("../codes.rs");
    let constants = source.lines().filter(|line| line.starts_with("pub const "));
    let codes: Vec<_> = constants
        .filter_map(|line| line.split_once(" = ")?.1.strip_suffix(';'))
        .collect();
    assert!(codes.len() > 20, "{codes:?}");
    for code in codes {
        assert!(page.contains(code), "{code} is not in nudged-im(7)");
    }
}

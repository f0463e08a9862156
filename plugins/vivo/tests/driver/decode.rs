//! Where in vivo's answer its word on each device stands; `list` and `again` are the flows of several
//! requests.

mod again;
mod list;

use nudged_driver_kit::test::Captures;
use nudged_plugin_api::Class::{
    self, Accepted, BadRequest, Credential, GrantExpired, InvalidToken, QuotaExceeded, Throttled,
    Unavailable,
};
use nudged_plugin_api::{Decoded, HttpResponse};

use crate::account::{decode, verdict, verdicts};

type Capture = (&'static str, u16, Class, &'static str, &'static str);

/// Each answer to a message for one device, with its code and text.
#[rustfmt::skip]
pub const CAPTURES: &[Capture] = &[
    ("send-accepted.json", 200, Accepted, "", ""),
    ("send-reg-id-invalid.json", 200, InvalidToken, "10302", "regId不合法 (status 1)"),
    ("send-token-expired.json", 200, GrantExpired, "10000", "权限认证失败"),
    ("send-quota.json", 200, QuotaExceeded, "10070", "发送总量超出限制"),
    // Of a list.
    ("save-accepted.json", 200, Accepted, "", ""),
    ("push-partial.json", 200, Accepted, "", ""),
];

pub fn captures() -> Captures {
    Captures::of(env!("CARGO_MANIFEST_DIR"))
}

fn captured(file: &str) -> HttpResponse {
    captures().response(file, 200)
}

#[test]
fn each_single_answer_means_what_vivo_says_it_means() {
    for (file, status, class, code, text) in CAPTURES {
        let verdict = verdict(&captures().response(file, *status));
        assert_eq!(verdict.class, *class, "{file}");
        assert_eq!((&*verdict.code, &*verdict.text), (*code, *text), "{file}");
    }
    let accepted = verdict(&captured("send-accepted.json"));
    assert_eq!(accepted.vendor_id.as_deref(), Some("542000000000000000"));
    captures().assert_all(CAPTURES.iter().map(|row| row.0));
}

#[test]
fn the_two_answers_to_a_list_make_a_verdict_for_each() {
    let tokens = ["r1", "r2"];
    let save =
        br#"{"classification":1,"step":"save","grant":"abc","request_id":"b-1","push_mode":0}"#;
    let Decoded::FollowUp(next) = decode(&tokens, &captured("save-accepted.json"), save) else {
        panic!("no second request");
    };
    let body: serde_json::Value = serde_json::from_slice(&next.request.body).unwrap();
    assert_eq!(
        body,
        serde_json::json!({"appId": 105000001, "regIds": ["r1", "r2"],
            "taskId": "542000000000000001", "requestId": "b-1", "pushMode": 0})
    );
    let verdicts = verdicts(decode(&tokens, &captured("push-partial.json"), &next.memo));
    assert_eq!(
        [verdicts[0].class, verdicts[1].class],
        [Accepted, InvalidToken]
    );
    assert_eq!(verdicts[0].vendor_id.as_deref(), Some("542000000000000001"));
}

#[test]
fn an_answer_that_is_not_vivos_is_judged_by_its_status() {
    for body in [
        "",
        "<html>",
        "{",
        "[]",
        "null",
        "[0]",
        r#"{"result":"x"}"#,
        r#"{"result":{}}"#,
    ] {
        for (http, class) in [
            (302, Unavailable),
            (400, BadRequest),
            (401, GrantExpired),
            (403, Credential),
            (404, Credential),
            (408, Unavailable),
            (413, BadRequest),
            (429, Throttled),
            (500, Unavailable),
            (599, Unavailable),
        ] {
            let verdict = verdict(&HttpResponse::new(http, body));
            assert_eq!(verdict.class, class, "{http} {body}");
            assert_eq!(verdict.code, format!("HTTP {http}"), "{body}");
        }
        let verdict = verdict(&HttpResponse::new(200, body));
        assert_eq!(
            (verdict.class, verdict.code.as_str()),
            (Unavailable, "no result"),
            "{body}"
        );
    }
    // A result of 0 that HTTP belies is no success.
    assert_eq!(
        verdict(&HttpResponse::new(404, r#"{"result":0}"#)).class,
        Credential
    );
}

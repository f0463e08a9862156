//! Answers as vivo's reference gives them, one file each.

use nudged_plugin_api::Class::{self, Accepted, GrantExpired, InvalidToken, QuotaExceeded};
use nudged_plugin_api::{Decoded, HttpResponse};

use crate::case::{decode, verdict, verdicts};

fn capture(file: &str) -> HttpResponse {
    let path = format!("{}/tests/captures/{file}", env!("CARGO_MANIFEST_DIR"));
    let body = std::fs::read(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    HttpResponse::new(200, body)
}

#[test]
fn each_single_answer_means_what_vivo_says_it_means() {
    let table: [(&str, Class, &str, &str); 4] = [
        ("send-accepted.json", Accepted, "", ""),
        (
            "send-reg-id-invalid.json",
            InvalidToken,
            "10302",
            "regId不合法 (status 1)",
        ),
        (
            "send-token-expired.json",
            GrantExpired,
            "10000",
            "权限认证失败",
        ),
        (
            "send-quota.json",
            QuotaExceeded,
            "10070",
            "发送总量超出限制",
        ),
    ];
    for (file, class, code, text) in table {
        let verdict = verdict(&capture(file));
        assert_eq!(verdict.class, class, "{file}");
        assert_eq!(
            (verdict.code.as_str(), verdict.text.as_str()),
            (code, text),
            "{file}"
        );
    }
    let accepted = verdict(&capture("send-accepted.json"));
    assert_eq!(accepted.vendor_id.as_deref(), Some("542000000000000000"));
}

#[test]
fn the_two_answers_to_a_list_make_a_verdict_for_each() {
    let tokens = ["r1", "r2"];
    let save =
        br#"{"classification":1,"step":"save","grant":"abc","request_id":"b-1","push_mode":0}"#;
    let Decoded::FollowUp(next) = decode(&tokens, &capture("save-accepted.json"), save) else {
        panic!("no second request");
    };
    let body: serde_json::Value = serde_json::from_slice(&next.request.body).unwrap();
    assert_eq!(
        body,
        serde_json::json!({"appId": 105000001, "regIds": ["r1", "r2"],
            "taskId": "542000000000000001", "requestId": "b-1", "pushMode": 0})
    );
    let verdicts = verdicts(decode(&tokens, &capture("push-partial.json"), &next.memo));
    assert_eq!(
        [verdicts[0].class, verdicts[1].class],
        [Accepted, InvalidToken]
    );
    assert_eq!(verdicts[0].vendor_id.as_deref(), Some("542000000000000001"));
}

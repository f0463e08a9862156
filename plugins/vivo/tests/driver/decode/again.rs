//! Texts that vivo takes for tests: once more with the sender's name in front.

use nudged_plugin_api::Class::BadRequest;
use nudged_plugin_api::{Decoded, FollowUp, HttpResponse, Rendered, Scope};
use serde_json::{Value, json};

use crate::account::{
    TOKENS, body, channel, decode, encode, message, noticed, plain, rendered, verdict, verdicts,
};

fn ok(body: &str) -> HttpResponse {
    HttpResponse::new(200, body)
}

fn coded(code: i64) -> HttpResponse {
    ok(&json!({"result": code, "desc": "words"}).to_string())
}

fn next(decoded: Decoded) -> (Value, FollowUp) {
    match decoded {
        Decoded::FollowUp(next) => (serde_json::from_slice(&next.request.body).unwrap(), next),
        other => panic!("{other:?}"),
    }
}

fn trial(case: Value) -> Rendered {
    encode(plain(case)).unwrap()
}

#[test]
fn a_text_that_looks_like_a_test_is_told_and_sent_once_more_with_a_name() {
    for (case, title, content, field) in [
        (
            json!({"title": "Ann", "body": "1"}),
            "Ann",
            "Ann: 1",
            "body",
        ),
        (
            json!({"title": "Ann", "body": "Test!"}),
            "Ann",
            "Ann: Test!",
            "body",
        ),
        (
            json!({"title": "Ann", "body": "测试"}),
            "Ann",
            "Ann: 测试",
            "body",
        ),
        (
            json!({"title": "", "body": "1"}),
            "a new message",
            "a new message: 1",
            "body",
        ),
        (
            json!({"title": "10086", "body": "Hi"}),
            "a new message: 10086",
            "Hi",
            "title",
        ),
    ] {
        let first = trial(case.clone());
        assert_eq!(noticed(&first), [field], "{case}");
        for code in [10085, 10104] {
            let (again, follow_up) = next(decode(&TOKENS[..1], &coded(code), &first.memo));
            assert_eq!(
                (&again["title"], &again["content"]),
                (&json!(title), &json!(content))
            );
            // The same request else, so that vivo can drop repeats.
            assert_eq!(again["requestId"], body(&first)["requestId"]);
            assert_eq!(follow_up.request.url, first.request.url);
            assert_eq!(follow_up.request.headers, first.request.headers);
            // Once only.
            let verdicts = verdicts(decode(&TOKENS[..1], &coded(code), &follow_up.memo));
            assert_eq!(
                (verdicts[0].class, verdicts[0].scope),
                (BadRequest, Scope::Message)
            );
        }
        // Any other word is what it is.
        let verdicts = verdicts(decode(&TOKENS[..1], &coded(10103), &first.memo));
        assert_eq!(verdicts[0].class, BadRequest);
    }
}

#[test]
fn other_texts_and_real_tests_leave_nothing_behind() {
    for case in [
        json!({}),
        json!({"title": "Ann", "body": "latest news"}),
        json!({"title": "Ann", "body": "😀"}),
        json!({"title": "Ann", "body": "1", "test": true}),
    ] {
        let rendered = trial(case.clone());
        assert_eq!(rendered.memo, b"", "{case}");
        assert_eq!(noticed(&rendered), [""; 0], "{case}");
    }
    assert_eq!(verdict(&coded(10085)).class, BadRequest);
}

#[test]
fn a_list_is_saved_and_pushed_once_more() {
    let message = message(plain(json!({"title": "Ann", "body": "1"})));
    let first = rendered(&channel(), &message, &TOKENS).unwrap();
    let saved = ok(r#"{"result":0,"taskId":"5420"}"#);
    let (_, push) = next(decode(&TOKENS, &saved, &first.memo));
    let (again, save) = next(decode(&TOKENS, &coded(10085), &push.memo));
    assert_eq!(again["content"], "Ann: 1");
    assert!(save.request.url.ends_with("/message/saveListPayload"));
    let saved = ok(r#"{"result":0,"taskId":"5421"}"#);
    let (second, push) = next(decode(&TOKENS, &saved, &save.memo));
    assert_eq!(second["taskId"], "5421");
    assert_eq!(second["regIds"], json!(TOKENS));
    let refused = verdicts(decode(&TOKENS, &coded(10085), &push.memo));
    assert_eq!(refused[0].class, BadRequest);
    // Refused when it is saved, it is saved again.
    let (again, _) = next(decode(&TOKENS, &coded(10104), &first.memo));
    assert_eq!(again["content"], "Ann: 1");
}

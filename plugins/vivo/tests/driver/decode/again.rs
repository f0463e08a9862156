//! Texts that vivo takes for tests: once more with the sender's name in front. And quotas, which
//! are of the class that vivo names.

use nudged_plugin_api::Class::{BadRequest, Credential, QuotaExceeded};
use nudged_plugin_api::{Decoded, FollowUp, HttpResponse, Rendered, Scope};
use serde_json::{Value, json};

use crate::case::{
    NOW, TOKENS, body, channel, decode, encode, message, noticed, plain, rendered, settings,
    verdict, verdicts,
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

#[test]
fn a_quota_is_of_the_class_that_vivo_names() {
    let operational = settings().with("classification", "operational");
    let operational = nudged_plugin_api::Driver::open(&operational, NOW);
    let operational: nudged_vivo::Vivo = operational.unwrap();
    let system = message(plain(json!({"category": "IM"})));
    let offer = message(plain(json!({"category": "NEWS"})));
    for tokens in [&TOKENS[..1], &TOKENS] {
        for driver in [&channel(), &operational] {
            let memo = |message| rendered(driver, message, tokens).unwrap().memo;
            let scope = |memo: &[u8], code| {
                let targets = crate::case::targets(tokens);
                let answer = coded(code);
                let exchange = nudged_plugin_api::Exchange::with_memo(&targets, &answer, memo);
                let decoded = nudged_plugin_api::Driver::decode(driver, exchange, NOW);
                let verdict = verdicts(decoded).remove(0);
                (verdict.class, verdict.scope)
            };
            let (system, offer) = (memo(&system), memo(&offer));
            assert_eq!(scope(&system, 10073), (QuotaExceeded, Scope::MessageClass));
            assert_eq!(scope(&offer, 10070), (QuotaExceeded, Scope::MessageClass));
            // vivo counted it in the other class: this one's messages may pass.
            assert_eq!(scope(&system, 10070), (QuotaExceeded, Scope::Message));
            assert_eq!(scope(&offer, 10073), (QuotaExceeded, Scope::Message));
            assert_eq!(scope(&system, 10082), (Credential, Scope::MessageClass));
            assert_eq!(scope(&system, 10252), (QuotaExceeded, Scope::Account));
        }
    }
}

#[test]
fn a_word_is_blamed_on_the_smallest_thing_that_it_speaks_of() {
    for (code, scope) in [
        (10043, Scope::Account),
        (10072, Scope::Account),
        (10094, Scope::Credential),
        (10206, Scope::Credential),
        (10103, Scope::Message),
        (10096, Scope::Message),
        // It may be another app's regId.
        (10302, Scope::Credential),
        (10040, Scope::Unsaid),
    ] {
        assert_eq!(verdict(&coded(code)).scope, scope, "{code}");
    }
    for (status, scope) in [(1, Scope::Credential), (2, Scope::Token), (3, Scope::Token)] {
        let user = json!({"userid": TOKENS[0], "status": status});
        let answer = json!({"result": 10302, "desc": "", "invalidUser": user});
        assert_eq!(verdict(&ok(&answer.to_string())).scope, scope, "{status}");
    }
}

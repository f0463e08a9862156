//! Texts that Xiaomi takes for tests: once more with the sender's name in front. And what each
//! word speaks of.

use nudged_plugin_api::Class::BadRequest;
use nudged_plugin_api::{Decoded, Driver, Exchange, HttpResponse, Scope, Verdict};
use serde_json::json;

use crate::account::{NOW, REGID, channel};
use crate::case::{encode, field, message_of, noticed, rendered, targets_of};

fn coded(code: i64) -> HttpResponse {
    let body = json!({"result": "error", "code": code, "reason": "words"});
    HttpResponse::new(200, body.to_string())
}

fn decode(tokens: &[&str], response: &HttpResponse, memo: &[u8]) -> Decoded {
    let targets = targets_of(tokens);
    channel().decode(Exchange::with_memo(&targets, response, memo), NOW)
}

fn verdict(response: &HttpResponse) -> Verdict {
    match decode(&[REGID], response, b"") {
        Decoded::Verdicts(mut verdicts) => verdicts.remove(0),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_text_that_speaks_of_a_test_is_told_and_sent_once_more_with_a_name() {
    let driver = channel();
    let tokens = [REGID, "b+/=", REGID];
    for (title, body, expected) in [
        (Some("Ann"), "test", "Ann: test"),
        (Some("Ann"), "测试 1", "Ann: 测试 1"),
        (None, "test", "a new message: test"),
    ] {
        let mut case = json!({"body": body, "ext": "e"});
        if let Some(title) = title {
            case["title"] = json!(title);
        }
        let first = encode(&driver, &message_of(case), &targets_of(&tokens)).unwrap();
        assert_eq!(noticed(&first), ["body"]);
        for code in [10041, 20315] {
            let Decoded::FollowUp(next) = decode(&tokens, &coded(code), &first.memo) else {
                panic!("no second request");
            };
            // But for the text it is the same.
            let fields = |body: &[u8]| -> Vec<(String, String)> {
                let fields = form_urlencoded::parse(body);
                fields.into_owned().collect()
            };
            let mut first_fields = fields(&first.request.body);
            for (name, value) in &mut first_fields {
                if name == "description" {
                    *value = expected.to_owned();
                }
                if name == "title" && title.is_none() {
                    "a new message".clone_into(value);
                }
            }
            assert_eq!(fields(&next.request.body), first_fields);
            assert_eq!(next.request.headers, first.request.headers);
            // Once only.
            let again = decode(&tokens, &coded(code), &next.memo);
            let Decoded::Verdicts(verdicts) = again else {
                panic!("a third request");
            };
            assert_eq!((verdicts.len(), verdicts[0].class), (3, BadRequest));
        }
        let other = decode(&tokens, &coded(27001), &first.memo);
        assert!(matches!(other, Decoded::Verdicts(_)));
    }
}

#[test]
fn other_texts_leave_nothing_behind() {
    for case in [
        json!({"title": "Ann", "body": "1"}),
        json!({"title": "Ann", "body": "latest"}),
        json!({"kind": "background", "ext": "test"}),
    ] {
        let rendered = rendered(case.clone());
        assert_eq!(rendered.memo, b"", "{case}");
        assert_eq!(noticed(&rendered), [""; 0], "{case}");
    }
    for memo in [&b"garbage"[..], b"\xff", b"\n", b"\nrest"] {
        let decoded = decode(&[REGID], &coded(10041), memo);
        assert!(matches!(decoded, Decoded::Verdicts(_)));
    }
    assert_eq!(
        field(&rendered(json!({"title": "t"})), "title").as_deref(),
        Some("a new message")
    );
}

#[test]
fn a_channel_that_xiaomi_does_not_know_becomes_the_certificates() {
    let settings = crate::account::settings().with("channel_id", "chat");
    let driver = nudged_xiaomi::Xiaomi::open(&settings, NOW).unwrap();
    let case = |channel| message_of(json!({"title": "t", "channel_id": channel}));
    let first = encode(&driver, &case("news"), &targets_of(&[REGID])).unwrap();
    assert_eq!(field(&first, "extra.channel_id").as_deref(), Some("news"));
    assert_eq!(noticed(&first), ["channel_id"]);
    let Decoded::FollowUp(next) = decode(&[REGID], &coded(27001), &first.memo) else {
        panic!("no second request");
    };
    let body = String::from_utf8(next.request.body).unwrap();
    assert!(body.contains("extra.channel_id=chat"), "{body}");
    assert!(matches!(
        decode(&[REGID], &coded(27001), &next.memo),
        Decoded::Verdicts(_)
    ));
    let own = encode(&driver, &case("chat"), &targets_of(&[REGID])).unwrap();
    assert_eq!(own.memo, b"");
}

#[test]
fn a_word_is_blamed_on_the_smallest_thing_that_it_speaks_of() {
    for (code, scope) in [
        (21301, Scope::Credential),
        (22001, Scope::Credential),
        (10004, Scope::Account),
        (10031, Scope::Account),
        (200_002, Scope::Account),
        // Private messages have no quota.
        (200_001, Scope::MessageClass),
        (27001, Scope::Message),
        (10041, Scope::Message),
        (65009, Scope::Message),
        (66007, Scope::Token),
        // It may be another package's, or another region's.
        (10029, Scope::Credential),
        // Xiaomi's documents leave them open.
        (10032, Scope::Unsaid),
        (10034, Scope::Unsaid),
        (26003, Scope::Unsaid),
    ] {
        assert_eq!(verdict(&coded(code)).scope, scope, "{code}");
    }
    let gone = json!({"result": "error", "code": 20301, "reason": "No valid targets!"});
    let gone = HttpResponse::new(200, gone.to_string());
    assert_eq!(verdict(&gone).scope, Scope::Credential);
}

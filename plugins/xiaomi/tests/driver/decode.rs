//! Where in Xiaomi's answer its word on the devices stands, and what it makes the driver send once more.

use nudged_driver_kit::test::Captures;
use nudged_plugin_api::Class::{
    self, Accepted, BadRequest, Credential, InvalidToken, QuotaExceeded, Throttled, Unavailable,
};
use nudged_plugin_api::{Decoded, Driver, Exchange, HttpResponse, Timestamp, Verdict};
use serde_json::json;

use crate::account::{
    NOW, REGID, channel, encode, field, message_of, noticed, open, rendered, settings, targets_of,
};

type Capture = (&'static str, u16, Class, &'static str, &'static str);

/// Each answer to a request for one device, with its code and some of its text.
#[rustfmt::skip]
pub const CAPTURES: &[Capture] = &[
    ("accepted.json", 200, Accepted, "", ""),
    ("accepted-with-quota.json", 200, Accepted, "", ""),
    ("no-valid-targets.json", 200, InvalidToken, "20301", "No valid targets!; 发送消息失败; Send message failed; trace Xcm1"),
    ("quota.json", 200, QuotaExceeded, "200001", "day quota 20000"),
    ("too-fast.json", 200, Throttled, "200002", "QPS exceeded; 超过QPS限制; trace Xcm4"),
    ("wrong-secret.json", 200, Credential, "21301", "认证失败"),
    ("wrong-channel.json", 200, BadRequest, "27001", "does not fit"),
    ("bad-gateway.html", 502, Unavailable, "HTTP 502", ""),
];

pub fn captures() -> Captures {
    Captures::of(env!("CARGO_MANIFEST_DIR"))
}

fn decoded(tokens: &[&str], response: &HttpResponse, memo: &[u8]) -> Decoded {
    let targets = targets_of(tokens);
    channel().decode(Exchange::with_memo(&targets, response, memo), NOW)
}

pub fn decode_at(tokens: &[&str], response: &HttpResponse, now: Timestamp) -> Vec<Verdict> {
    let targets = targets_of(tokens);
    match channel().decode(Exchange::new(&targets, response), now) {
        Decoded::Verdicts(verdicts) => verdicts,
        other => panic!("{other:?}"),
    }
}

pub fn decode_for(tokens: &[&str], response: &HttpResponse) -> Vec<Verdict> {
    decode_at(tokens, response, NOW)
}

pub fn decode_one(response: &HttpResponse) -> Verdict {
    decode_for(&["token"], response).pop().unwrap()
}

/// A refusal with this code.
pub fn error(code: i64) -> HttpResponse {
    let body = json!({"result": "error", "reason": "", "code": code, "description": "说明"});
    HttpResponse::new(200, body.to_string())
}

#[test]
fn each_capture_means_what_xiaomi_says_it_means() {
    for (file, status, class, code, text) in CAPTURES {
        let verdict = decode_one(&captures().response(file, *status));
        assert_eq!(verdict.class, *class, "{file}");
        assert_eq!(verdict.code, *code, "{file}");
        assert!(verdict.text.contains(text), "{file}: {}", verdict.text);
    }
    captures().assert_all(CAPTURES.iter().map(|row| row.0));
}

#[test]
fn every_device_of_an_accepted_batch_gets_the_messages_id() {
    let verdicts = decode_for(&["a", "b", "c"], &captures().response("accepted.json", 200));
    assert_eq!(verdicts.len(), 3);
    for verdict in verdicts {
        assert_eq!(verdict.class, Accepted);
        assert_eq!(verdict.vendor_id.as_deref(), Some("scm00b1234"));
    }
}

#[test]
fn the_id_is_read_from_data_that_is_a_text_too() {
    let body = r#"{"result":"ok","code":0,"data":"{\"id\":\"scm1\"}"}"#;
    let verdict = decode_one(&HttpResponse::new(200, body));
    assert_eq!(verdict.vendor_id.as_deref(), Some("scm1"));
}

#[test]
fn code_and_result_must_both_say_yes() {
    for body in [
        r#"{"result":"error","code":0,"data":{"id":"x"}}"#,
        r#"{"result":"ok","data":{"id":"x"}}"#,
        r#"{"code":0,"data":{"id":"x"}}"#,
        r#"{"result":"error","reason":"Unsaid."}"#,
    ] {
        assert_eq!(
            decode_one(&HttpResponse::new(200, body)).class,
            Unavailable,
            "{body}"
        );
    }
    let contradiction = r#"{"result":"ok","code":200002}"#;
    assert_eq!(
        decode_one(&HttpResponse::new(200, contradiction)).class,
        Throttled
    );
    let quoted = r#"{"result":"ok","code":"0"}"#;
    assert_eq!(decode_one(&HttpResponse::new(200, quoted)).class, Accepted);
}

#[test]
fn a_body_that_is_no_answer_of_xiaomis_is_judged_by_its_status() {
    for body in [
        "",
        "<html>",
        "{",
        "[]",
        "null",
        "{}",
        r#"{"code":{}}"#,
        "\u{0}",
    ] {
        for (http, class) in [
            (200, Unavailable),
            (302, Unavailable),
            (400, BadRequest),
            (401, Credential),
            (403, Credential),
            (404, Credential),
            (408, Unavailable),
            (413, BadRequest),
            (429, Throttled),
            (500, Unavailable),
            (502, Unavailable),
        ] {
            let verdict = decode_one(&HttpResponse::new(http, body));
            assert_eq!(verdict.class, class, "{http} {body}");
            assert_eq!(verdict.code, format!("HTTP {http}"), "{body}");
        }
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
            let Decoded::FollowUp(next) = decoded(&tokens, &error(code), &first.memo) else {
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
            let again = decoded(&tokens, &error(code), &next.memo);
            let Decoded::Verdicts(verdicts) = again else {
                panic!("a third request");
            };
            assert_eq!((verdicts.len(), verdicts[0].class), (3, BadRequest));
        }
        let other = decoded(&tokens, &error(27001), &first.memo);
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
        let decoded = decoded(&[REGID], &error(10041), memo);
        assert!(matches!(decoded, Decoded::Verdicts(_)));
    }
    assert_eq!(
        field(&rendered(json!({"title": "t"})), "title").as_deref(),
        Some("a new message")
    );
}

#[test]
fn a_channel_that_xiaomi_does_not_know_becomes_the_certificates() {
    let settings = settings().with("channel_id", "chat");
    let driver = open(settings);
    let case = |channel| message_of(json!({"title": "t", "channel_id": channel}));
    let first = encode(&driver, &case("news"), &targets_of(&[REGID])).unwrap();
    assert_eq!(field(&first, "extra.channel_id").as_deref(), Some("news"));
    assert_eq!(noticed(&first), ["channel_id"]);
    let Decoded::FollowUp(next) = decoded(&[REGID], &error(27001), &first.memo) else {
        panic!("no second request");
    };
    let body = String::from_utf8(next.request.body).unwrap();
    assert!(body.contains("extra.channel_id=chat"), "{body}");
    assert!(matches!(
        decoded(&[REGID], &error(27001), &next.memo),
        Decoded::Verdicts(_)
    ));
    let own = encode(&driver, &case("chat"), &targets_of(&[REGID])).unwrap();
    assert_eq!(own.memo, b"");
}

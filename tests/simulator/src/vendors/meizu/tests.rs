use std::time::Duration;

use http::Request;
use http::header::CONTENT_TYPE;
use serde_json::{Value, json};

use super::*;
use crate::net::exchange::Verdict;

const SECRET: &str = "s3cr3t";
const FORM: &str = "application/x-www-form-urlencoded;charset=UTF-8";

fn meizu() -> Meizu {
    let meizu = Meizu::new(Arc::new(World::new(true, Duration::ZERO)));
    meizu.secrets().insert("10000".into(), SECRET.into());
    meizu
}

/// Every field that the README shows in a notification.
fn message() -> Value {
    json!({
        "noticeBarInfo": {
            "noticeBarType": 0, "noticeMsgType": 1, "title": "Hello", "content": "New message",
        },
        "noticeExpandInfo": { "noticeExpandType": 1, "noticeExpandContent": "more" },
        "clickTypeInfo": { "clickType": 0, "parameters": { "ext": "c1" } },
        "pushTimeInfo": { "offLine": 1, "validTime": 24 },
        "advanceInfo": {
            "suspend": 1, "clearNoticeBar": 1, "notifyKey": "a_B-9",
            "notificationType": { "vibrate": 1, "lights": 1, "sound": 1 },
        },
        "extra": {
            "callback": "https://p.example.com/mz", "callback.param": "m-1", "callback.type": "3",
        },
    })
}

fn encode(fields: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new())
        .extend_pairs(fields)
        .finish()
}

fn signed(fields: &[(&str, &str)]) -> String {
    let head = head(PUSH_PATH, FORM);
    let form = form::parse(&head.headers, encode(fields).as_bytes()).unwrap();
    let sign = sign(&form, SECRET);
    encode(&[fields, &[("sign", &sign)]].concat())
}

fn body(push_ids: &str, message: &Value) -> String {
    signed(&[
        ("appId", "10000"),
        ("pushIds", push_ids),
        ("messageJson", &message.to_string()),
    ])
}

fn head(path: &str, content_type: &str) -> Parts {
    let request = Request::post(path).header(CONTENT_TYPE, content_type);
    request.body(()).unwrap().into_parts().0
}

struct Answer {
    body: Value,
    reached: Vec<String>,
    received: Option<crate::Received>,
}

impl Answer {
    fn code(&self) -> &str {
        self.body["code"].as_str().unwrap()
    }
}

fn ask(meizu: &Meizu, content_type: &str, body: &str) -> Answer {
    let head = head(PUSH_PATH, content_type);
    let (reply, reached, received) = match meizu.judge(&(), &head, body.as_bytes()).verdict {
        Verdict::Refused { reply, .. } => (reply, Vec::new(), None),
        Verdict::Accepted(acceptance) => {
            let Acceptance {
                reply,
                targets,
                received,
                ..
            } = *acceptance;
            (reply, targets, received)
        }
    };
    assert_eq!(reply.status, StatusCode::OK);
    Answer {
        body: serde_json::from_slice(&reply.body).unwrap(),
        reached,
        received,
    }
}

fn push(message: &Value) -> Answer {
    ask(&meizu(), FORM, &body("RA50aaa,RA50bbb", message))
}

#[test]
fn signs_are_those_of_the_readme() {
    let read = |fields: &[(&str, &str)]| {
        let head = head(PUSH_PATH, FORM);
        form::parse(&head.headers, encode(fields).as_bytes()).unwrap()
    };
    let own = read(&[
        ("appId", "10000"),
        ("sign", "whatever"),
        ("pushIds", "RA50aaa,RA50bbb"),
        (
            "messageJson",
            r#"{"noticeBarInfo":{"title":"Hello","content":"New message"}}"#,
        ),
    ]);
    let documented = read(&[
        ("appId", "10000"),
        ("pushIds", "RA50c6348036344485d01776773577c64740465480a6b"),
        (
            "messageJson",
            r#"{"title":"title","content":"content","pushTimeInfo":{"offLine":1,"validTime":24}}"#,
        ),
    ]);

    assert_eq!(sign(&own, SECRET), "225f29f631aa27a6547bc80ce1b41468");
    assert_eq!(
        sign(&documented, "<APP_SECRET>"),
        "ac076ff25d9900015a681cb5172aa53b"
    );
}

#[test]
fn the_documented_message_is_accepted_and_recorded() {
    let answer = push(&message());

    assert_eq!(answer.code(), "200");
    assert_eq!(answer.body["value"], json!({}));
    assert_eq!(answer.body["redirect"], "");
    assert!(answer.body["msgId"].as_str().unwrap().starts_with("NS"));
    let received = answer.received.unwrap();
    assert_eq!(received.tokens, ["RA50aaa", "RA50bbb"]);
    assert_eq!(received.token, "RA50aaa");
    assert_eq!(received.body["appId"], "10000");
    assert_eq!(received.body["messageJson"], message());
    assert_eq!(answer.body["msgId"], *received.vendor_id);
}

#[test]
fn the_documented_form_is_read_as_it_was_meant() {
    let encoded = "appId=10000&pushIds=RA50aaa%2CRA50bbb&messageJson=%7B%22noticeBarInfo%22%3A\
        %7B%22noticeBarType%22%3A0%2C%22noticeMsgType%22%3A1%2C%22title%22%3A%22Hello%22%2C\
        %22content%22%3A%22New+message%22%7D%7D";
    let form = form::parse(&head(PUSH_PATH, FORM).headers, encoded.as_bytes()).unwrap();
    let body = format!("{encoded}&sign={}", sign(&form, SECRET));

    assert_eq!(ask(&meizu(), FORM, &body).code(), "200");
}

#[test]
fn good_variants_are_accepted() {
    for (pointer, value) in [
        (
            "/clickTypeInfo",
            json!({ "clickType": 1, "activity": "com.example.Main" }),
        ),
        (
            "/clickTypeInfo",
            json!({ "clickType": 2, "url": "https://example.com/a" }),
        ),
        (
            "/clickTypeInfo",
            json!({ "clickType": 2, "url": "chat://room/1" }),
        ),
        (
            "/clickTypeInfo",
            json!({ "clickType": 3, "customAttribute": "a" }),
        ),
        ("/pushTimeInfo/validTime", json!(72)),
        ("/pushTimeInfo/offLine", json!(0)),
        ("/noticeBarInfo/title", json!("\u{4f60}".repeat(32))),
        ("/noticeBarInfo/content", json!("\u{4f60}".repeat(100))),
        ("/extra/callback.type", json!(1)),
    ] {
        let mut message = message();
        *message.pointer_mut(pointer).unwrap() = value.clone();
        assert_eq!(push(&message).code(), "200", "{pointer} {value}");
    }
    let least = json!({ "noticeBarInfo": { "title": "t", "content": "c" } });
    assert_eq!(push(&least).code(), "200");
}

#[test]
fn a_message_out_of_bounds_is_a_wrong_parameter() {
    for (pointer, value) in [
        ("", json!([])),
        ("", json!({ "title": "t", "content": "c" })),
        ("/noticeBarInfo", json!({ "title": "t" })),
        ("/noticeBarInfo", json!({ "content": "c" })),
        ("/noticeBarInfo/title", json!("")),
        ("/noticeBarInfo/title", json!("x".repeat(33))),
        ("/noticeBarInfo/title", json!(1)),
        ("/noticeBarInfo/content", json!("x".repeat(101))),
        ("/noticeBarInfo/noticeMsgType", json!("1")),
        ("/noticeBarInfo/noticeBarType", json!(1)),
        ("/noticeExpandInfo/noticeExpandType", json!(3)),
        ("/clickTypeInfo/clickType", json!(4)),
        ("/clickTypeInfo", json!({ "clickType": 1 })),
        (
            "/clickTypeInfo",
            json!({ "clickType": 1, "activity": "Main activity" }),
        ),
        ("/clickTypeInfo", json!({ "clickType": 2 })),
        (
            "/clickTypeInfo",
            json!({ "clickType": 2, "url": "example.com/a" }),
        ),
        (
            "/clickTypeInfo",
            json!({ "clickType": 2, "url": format!("https://e.com/{}", "x".repeat(1000)) }),
        ),
        ("/clickTypeInfo", json!({ "clickType": 3 })),
        ("/clickTypeInfo/parameters", json!("{\"ext\":\"c1\"}")),
        ("/pushTimeInfo/validTime", json!(0)),
        ("/pushTimeInfo/validTime", json!(73)),
        ("/pushTimeInfo/validTime", json!("24")),
        ("/pushTimeInfo/offLine", json!(true)),
        ("/advanceInfo/notifyKey", json!("123456789")),
        ("/advanceInfo/notifyKey", json!("a.b")),
        ("/advanceInfo/notificationType/sound", json!(2)),
        ("/advanceInfo", json!({ "channel": "im" })),
        ("/extra/callback", json!("x".repeat(129))),
        ("/extra/callback.param", json!("x".repeat(65))),
        ("/extra/callback.type", json!(4)),
        ("/extra/callback.type", json!("0")),
    ] {
        let mut message = message();
        *message.pointer_mut(pointer).unwrap() = value.clone();
        let answer = push(&message);
        assert_eq!(answer.code(), "1005", "{pointer} {value}");
        assert_eq!(answer.body["value"], json!({}));
    }
}

#[test]
fn a_form_that_is_not_as_documented_is_refused() {
    let meizu = meizu();
    let message = message().to_string();
    let good = [
        ("appId", "10000"),
        ("pushIds", "RA50aaa"),
        ("messageJson", message.as_str()),
    ];
    let with = |at: usize, value| {
        let mut fields = good;
        fields[at].1 = value;
        signed(&fields)
    };
    let further = signed(&[&good[..], &[("appKey", "1")]].concat());
    let many = ["RA50aaa"; 101].join(",");
    for (body, code) in [
        (signed(&good), "200"),
        (with(0, "10001"), "110000"),
        (with(1, ""), "110004"),
        (with(1, "RA50aaa,"), "1005"),
        (with(1, "RA50aaa, RA50bbb"), "1005"),
        (with(1, &many), "1005"),
        (with(1, &many[8..]), "200"),
        (with(2, "{"), "1005"),
        (signed(&good[1..]), "110004"),
        (signed(&good[..2]), "110004"),
        (encode(&good), "110004"),
        (further, "1005"),
        (signed(&good) + "&appId=10000", "1005"),
        (signed(&good).replace("RA50aaa", "RA50aab"), "1006"),
        (
            encode(&[&good[..], &[("sign", "225F29F631AA27A6547BC80CE1B41468")]].concat()),
            "1006",
        ),
    ] {
        assert_eq!(ask(&meizu, FORM, &body).code(), code, "{body}");
    }
    let json = ask(&meizu, "application/json", &signed(&good));
    assert_eq!(json.code(), "1005");
}

#[test]
fn only_the_push_interface_is_there() {
    let meizu = meizu();
    let head = head("/garcia/api/server/push/varnished/pushByAlias", FORM);

    let Verdict::Refused { reply, .. } = meizu.judge(&(), &head, b"").verdict else {
        panic!("accepted");
    };

    assert_eq!(reply.status, StatusCode::NOT_FOUND);
}

#[test]
fn failed_push_ids_are_listed_by_code_and_the_others_reached() {
    let meizu = meizu();
    let customers = meizu.world.customers(Vendor::Meizu);
    for (push_id, code) in [
        ("b", "110003"),
        ("c", "110002"),
        ("d", "110003"),
        ("e", "520"),
    ] {
        customers.set_condition(push_id, code);
    }

    let some = ask(&meizu, FORM, &body("a,b,c,d,e", &message()));
    let none = ask(&meizu, FORM, &body("b", &message()));

    assert_eq!(some.code(), "200");
    assert_eq!(
        some.body["value"],
        json!({ "110002": ["c"], "110003": ["b", "d"], "520": ["e"] })
    );
    assert_eq!(some.reached, ["a"]);
    assert_eq!(none.code(), "200");
    assert!(none.reached.is_empty() && none.received.is_none());
}

#[test]
fn the_limit_of_public_messages_spares_private_ones() {
    let meizu = meizu();
    let customers = meizu.world.customers(Vendor::Meizu);
    customers.set_condition("a", PUBLIC_LIMIT);
    let public = json!({ "noticeBarInfo": { "title": "t", "content": "c" } });

    let public = ask(&meizu, FORM, &body("a", &public));
    let private = ask(&meizu, FORM, &body("a", &message()));

    assert_eq!(public.body["value"], json!({ "110011": ["a"] }));
    assert_eq!(private.body["value"], json!({}));
}

#[test]
fn too_many_requests_are_answered_without_a_map() {
    let meizu = meizu();
    meizu.world.customers(Vendor::Meizu).set_rate(Some(0));

    let answer = ask(&meizu, FORM, &body("a", &message()));

    assert_eq!(answer.code(), "110010");
    assert_eq!(answer.body["value"], "");
}

#[test]
fn the_day_is_full_when_its_messages_are_sent() {
    let meizu = meizu();
    meizu
        .world
        .customers(Vendor::Meizu)
        .set_daily_quota(Some(3));

    let codes = ["a,b", "c,d", "c"].map(|push_ids| {
        let answer = ask(&meizu, FORM, &body(push_ids, &message()));
        answer.code().to_owned()
    });

    assert_eq!(codes, ["200", "110019", "200"]);
}

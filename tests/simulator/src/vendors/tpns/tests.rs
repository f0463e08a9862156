mod body;

use std::time::Duration;

use http::Request;
use http::header::CONTENT_TYPE;
use http::request::Builder;
use serde_json::{Value, json};

use super::*;
use crate::testing::{Answer, ask, read, with};

const ID: &str = "1500001048";
const IOS_ID: &str = "1600001048";
const SECRET: &str = "1452fcebae9f3115ba794fb0fff2fd73";
const JSON: &str = "application/json";

fn tpns() -> Tpns {
    let tpns = Tpns::new(Arc::new(World::new(true, Duration::ZERO)));
    tpns.register(ID, SECRET, false);
    tpns.register(IOS_ID, SECRET, true);
    tpns
}

fn now(tpns: &Tpns) -> u64 {
    tpns.world.clock.now_ms() / 1000
}

fn request(content_type: &str, time: &str, access_id: &str, sign: &str) -> Builder {
    Request::post(PUSH_PATH)
        .header(CONTENT_TYPE, content_type)
        .header("AccessId", access_id)
        .header("TimeStamp", time)
        .header("Sign", sign)
}

fn push_as(tpns: &Tpns, access_id: &str, body: &str) -> Answer {
    let time = now(tpns).to_string();
    let sign = sign(SECRET, &time, access_id, body.as_bytes());
    ask(tpns, request(JSON, &time, access_id, &sign), body)
}

fn push(tpns: &Tpns, body: &Value) -> Answer {
    push_as(tpns, ID, &body.to_string())
}

fn ret_code(answer: &Answer) -> i64 {
    answer.body["ret_code"].as_i64().unwrap()
}

fn code(body: &Value) -> i64 {
    ret_code(&push(&tpns(), body))
}

fn ios_code(body: &Value) -> i64 {
    ret_code(&push_as(&tpns(), IOS_ID, &body.to_string()))
}

fn to(audience: &str, tokens: &[&str], ignore_invalid_token: u8) -> Value {
    json!({
        "audience_type": audience,
        "token_list": tokens,
        "ignore_invalid_token": ignore_invalid_token,
        "message_type": "notify",
        "message": { "title": "Hello", "content": "New message" },
    })
}

#[test]
fn signs_are_those_of_the_page() {
    let start = r#"{"audience_type": "account","#;
    let rest = concat!(
        r#""message": {"title": "test title","content": "test content","#,
        r#""android": { "action": {"action_type": 3,"intent": "#,
        r#""xgscheme://com.xg.push/notify_detail?param1=xg"}}},"#,
        r#""message_type": "notify","account_list": ["5822f0eee44c3625ef0000bb"] }"#,
    );
    let newer = format!("{start}{rest}");
    let older = format!(r#"{start}"platform": "android",{rest}"#);

    assert_eq!(
        sign(SECRET, "1565314789", ID, newer.as_bytes()),
        "MDlmMDdkMmE1MThhODgxNGUzNjlkY2Q5NTM0ZjEwYjhhMjlkMTI4NTMxYTE5YWRhYTI4Y2IyNDc2MDVjMWU4NA=="
    );
    assert_eq!(
        sign(SECRET, "1565314789", ID, older.as_bytes()),
        "Y2QyMDc3NDY4MmJmNzhiZmRiNDNlMTdkMWQ1ZDU2YjNlNWI3ODlhMTY3MGZjMTUyN2VmNTRjNjVkMmQ3Yjc2ZA=="
    );
    // Both pass, but nobody has that account here.
    for body in [newer, older] {
        assert_eq!(ret_code(&push_as(&tpns(), ID, &body)), 10_010_005, "{body}");
    }
}

#[test]
fn a_wrong_signature_key_or_time_is_refused() {
    let tpns = tpns();
    let body = to("token_list", &["a"], 0).to_string();
    let time = now(&tpns).to_string();
    let good = sign(SECRET, &time, ID, body.as_bytes());
    let mut digest = <Hmac<Sha256> as Mac>::new_from_slice(SECRET.as_bytes()).unwrap();
    digest.update(format!("{time}{ID}{body}").as_bytes());
    let of_bytes = STANDARD.encode(digest.finalize().into_bytes());
    let hex = STANDARD.decode(&good).unwrap();
    let upper = STANDARD.encode(hex.to_ascii_uppercase());
    let of_other_body = sign(SECRET, &time, ID, b"{}");
    let of_other_key = sign("other", &time, ID, body.as_bytes());
    let unknown = sign(SECRET, &time, "1", body.as_bytes());
    for (time, id, sign, code) in [
        (time.as_str(), ID, good.as_str(), 0),
        (&time, ID, &of_bytes, 1_008_003),
        (&time, ID, &upper, 1_008_003),
        (&time, ID, std::str::from_utf8(&hex).unwrap(), 1_008_003),
        (&time, ID, &of_other_body, 1_008_003),
        (&time, ID, &of_other_key, 1_008_003),
        (&time, "1", &unknown, 1_008_003),
        (&time, IOS_ID, &good, 1_008_003),
        (&time, ID, "", 1_008_003),
    ] {
        let answer = ask(&tpns, request(JSON, time, id, sign), &body);
        assert_eq!(ret_code(&answer), code, "{id} {sign}");
        assert_eq!(answer.status, 200);
    }
    let plain = Request::post(PUSH_PATH).header(CONTENT_TYPE, JSON);
    assert_eq!(ret_code(&ask(&tpns, plain, &body)), 1_008_003);
}

#[test]
fn a_time_counts_for_ten_minutes_in_seconds() {
    let tpns = tpns();
    let body = to("token_list", &["a"], 0).to_string();
    let now = now(&tpns);
    for (time, code) in [
        ((now - 590).to_string(), 0),
        ((now + 590).to_string(), 0),
        ((now - 620).to_string(), 1_008_003),
        ((now + 620).to_string(), 1_008_003),
        ((now * 1000).to_string(), 1_008_003),
        (format!("+{now}"), 1_008_003),
        ("2019-08-09 09:39:49".to_owned(), 1_008_003),
        (String::new(), 1_008_003),
    ] {
        let sign = sign(SECRET, &time, ID, body.as_bytes());
        let answer = ask(&tpns, request(JSON, &time, ID, &sign), &body);
        assert_eq!(ret_code(&answer), code, "{time}");
    }
}

#[test]
fn basic_credentials_are_the_other_way_in() {
    let tpns = tpns();
    let body = to("token_list", &["a"], 0).to_string();
    for (user, code) in [
        (format!("{ID}:{SECRET}"), 0),
        (format!("{ID}:other"), 1_008_003),
        (format!("1:{SECRET}"), 1_008_003),
        (ID.to_owned(), 1_008_003),
    ] {
        let request = Request::post(PUSH_PATH)
            .header(CONTENT_TYPE, JSON)
            .header(AUTHORIZATION, format!("Basic {}", STANDARD.encode(&user)));
        assert_eq!(ret_code(&ask(&tpns, request, &body)), code, "{user}");
    }
}

#[test]
fn only_a_post_of_json_to_the_push_interface_is_read() {
    let tpns = tpns();
    let elsewhere = ask(&tpns, Request::post("/v2/push/app"), "");
    let get = ask(&tpns, Request::get(PUSH_PATH), "");
    assert_eq!((elsewhere.status, get.status), (404, 405));

    for (content_type, body) in [
        ("application/x-www-form-urlencoded", "{}"),
        ("application/json; charset=gbk", "{}"),
        (JSON, "{"),
        (JSON, "[]"),
    ] {
        let time = now(&tpns).to_string();
        let sign = sign(SECRET, &time, ID, body.as_bytes());
        let answer = ask(&tpns, request(content_type, &time, ID, &sign), body);
        assert_eq!(ret_code(&answer), 1_008_001, "{content_type} {body}");
        assert!(answer.received.is_none());
    }
}

#[test]
fn a_push_is_answered_with_an_id_and_recorded() {
    let tpns = tpns();
    let body = with(&to("token_list", &["a", "b"], 0), "/seq", json!(7));

    let answer = push(&tpns, &body);

    assert_eq!(ret_code(&answer), 0);
    assert_eq!(answer.body["seq"], 7);
    assert_eq!(answer.body["environment"], "product");
    assert_eq!(answer.body.get("invalid_targe_list"), None);
    let received = answer.received.unwrap();
    assert_eq!(received.tokens, ["a", "b"]);
    assert_eq!(received.body, body);
    assert_eq!(answer.body["push_id"], *received.vendor_id);
}

#[test]
fn a_single_push_reaches_the_first_token_only() {
    let answer = push(&tpns(), &to("token", &["a", "b"], 0));

    assert_eq!(ret_code(&answer), 0);
    assert_eq!(answer.body["result"], "[0]");
    assert_eq!(answer.reached, ["a"]);
}

#[test]
fn invalid_tokens_are_listed_where_they_are_to_be_ignored() {
    let tpns = tpns();
    let customers = tpns.world.customers(Vendor::Tpns);
    customers.set_condition("b", "1008029");
    customers.set_condition("d", "uninstalled");

    let some = push(&tpns, &to("token_list", &["a", "b", "c", "d"], 1));
    let all = push(&tpns, &to("token", &["b"], 1));
    let none = push(&tpns, &to("token_list", &["a"], 1));

    assert_eq!(ret_code(&some), 0);
    assert_eq!(some.body["invalid_targe_list"], json!(["b", "d"]));
    assert_eq!(some.reached, ["a", "c"]);
    assert_eq!(ret_code(&all), 0);
    assert_eq!(all.body["invalid_targe_list"], json!(["b"]));
    assert!(all.reached.is_empty() && all.received.is_none());
    assert_eq!(none.body["invalid_targe_list"], json!([]));
}

#[test]
fn one_invalid_token_fails_them_all_where_it_is_not_to_be_ignored() {
    let tpns = tpns();
    let customers = tpns.world.customers(Vendor::Tpns);
    customers.set_condition("b", "1008006");

    let answer = push(&tpns, &to("token_list", &["a", "b"], 0));

    assert_eq!(ret_code(&answer), 1_008_029);
    assert_eq!(answer.body.get("invalid_targe_list"), None);
    assert!(answer.reached.is_empty() && answer.received.is_none());
}

#[test]
fn another_code_of_a_token_refuses_the_request() {
    let tpns = tpns();
    let customers = tpns.world.customers(Vendor::Tpns);
    customers.set_condition("b", "1008019");

    assert_eq!(
        ret_code(&push(&tpns, &to("token_list", &["a", "b"], 1))),
        1_008_019
    );
}

#[test]
fn what_is_over_a_rate_or_a_quota_is_too_fast() {
    let tpns = tpns();
    let customers = tpns.world.customers(Vendor::Tpns);
    customers.set_daily_quota(Some(3));
    let codes = [["a", "b"], ["c", "d"]].map(|tokens| {
        let answer = push(&tpns, &to("token_list", &tokens, 0));
        ret_code(&answer)
    });
    assert_eq!(codes, [0, 1_008_028]);
    assert_eq!(ret_code(&push(&tpns, &to("token", &["c"], 0))), 0);

    customers.set_daily_quota(None);
    customers.set_rate(Some(0));
    assert_eq!(ret_code(&push(&tpns, &to("token", &["c"], 0))), 1_008_028);
}

#[test]
fn injected_refusals_have_the_body_of_the_service() {
    let tpns = tpns();
    let acceptance = push(&tpns, &to("token", &["a"], 0)).acceptance.unwrap();
    for (status, reason, code) in [
        (200, Some("1008023"), 1_008_023),
        (200, None, 1_008_007),
        (403, None, 1_008_003),
        (429, None, 1_008_028),
        (500, None, 1_008_004),
    ] {
        let fault = StatusFault {
            status,
            reason,
            timestamp_ms: None,
        };
        let (reason, reply) = tpns.refusal(&fault, &acceptance);
        let answer = read(&reply, None);
        assert_eq!((answer.status, ret_code(&answer)), (status, code));
        assert_eq!(reason, code.to_string());
    }
}

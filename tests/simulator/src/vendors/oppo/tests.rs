use std::time::Duration;

use http::Request;
use http::header::CONTENT_TYPE;

use super::*;
use crate::net::exchange::Verdict;
use crate::testing::{self, Answer, read, with};

mod many;
mod notification;

const KEY: &str = "ak123";
const SECRET: &str = "ms456";
const FORM: &str = "application/x-www-form-urlencoded;charset=UTF-8";
const REGID_A: &str = "OPPO_CN_0123456789abcdef0123456789abcdef";
/// The message of the worked example, still encoded.
const EXAMPLE: &str = "message=%7B%22target_type%22%3A2%2C%22target_value%22%3A%22OPPO_CN_\
    0123456789abcdef0123456789abcdef%22%2C%22notification%22%3A%7B%22app_message_id%22%3A%22m-1\
    %22%2C%22style%22%3A1%2C%22title%22%3A%22Hello%22%2C%22content%22%3A%22New+message%22%2C%22\
    click_action_type%22%3A0%2C%22action_parameters%22%3A%22%7B%5C%22ext%5C%22%3A%5C%22c1%5C%22\
    %7D%22%2C%22off_line%22%3Atrue%2C%22off_line_ttl%22%3A86400%2C%22channel_id%22%3A%22chat%22\
    %2C%22category%22%3A%22IM%22%2C%22notify_level%22%3A2%2C%22call_back_url%22%3A%22https%3A\
    %2F%2Fp.example.com%2Foppo%22%2C%22call_back_parameter%22%3A%22m-1%22%7D%7D";

fn oppo() -> Oppo {
    let oppo = Oppo::new(Arc::new(World::new(true, Duration::ZERO)));
    oppo.register(KEY, SECRET);
    oppo.register("ak124", SECRET);
    oppo
}

fn ask(oppo: &Oppo, path: &str, body: &str) -> Answer {
    let request = Request::post(path).header(CONTENT_TYPE, FORM);
    let answer = testing::ask(oppo, request, body);
    assert_eq!(answer.status, 200);
    answer
}

fn encode(fields: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new())
        .extend_pairs(fields)
        .finish()
}

fn now_ms(oppo: &Oppo) -> u64 {
    oppo.world.clock.now_ms()
}

fn auth(oppo: &Oppo, app_key: &str, at_ms: u64) -> Answer {
    let timestamp = at_ms.to_string();
    let sign = auth::signature(app_key, &timestamp, SECRET);
    let fields = [
        ("app_key", app_key),
        ("timestamp", &timestamp),
        ("sign", &sign),
    ];
    ask(oppo, AUTH, &encode(&fields))
}

fn grant(oppo: &Oppo, app_key: &str) -> String {
    let answer = auth(oppo, app_key, now_ms(oppo));
    answer.body["data"]["auth_token"]
        .as_str()
        .unwrap()
        .to_owned()
}

/// A form to one of the interfaces, with a fresh grant.
fn call(oppo: &Oppo, interface: &str, fields: &[(&str, &str)]) -> Answer {
    let grant = grant(oppo, KEY);
    let body = encode(&[&[("auth_token", grant.as_str())], fields].concat());
    ask(oppo, &format!("{NOTIFICATIONS}{interface}"), &body)
}

fn notification() -> Value {
    json!({
        "style": 1, "title": "Hello", "content": "New message", "click_action_type": 0,
        "action_parameters": "{\"ext\":\"c1\"}", "off_line": true, "off_line_ttl": 86400,
        "channel_id": "chat", "category": "IM", "notify_level": 2,
        "call_back_url": "https://p.example.com/oppo", "call_back_parameter": "m-1",
    })
}

fn message(regid: &str, notification: &Value) -> Value {
    json!({
        "target_type": 2, "target_value": regid, "verify_registration_id": false,
        "notification": notification,
    })
}

fn push(oppo: &Oppo, message: &Value) -> Answer {
    call(oppo, "unicast", &[("message", &message.to_string())])
}

fn push_to(oppo: &Oppo, regid: &str) -> Answer {
    push(oppo, &message(regid, &notification()))
}

/// The same as form fields.
fn plain(notification: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let fields = notification.as_object().unwrap().iter();
    fields
        .map(|(name, value)| (name.clone(), text(value)))
        .collect()
}

fn save(oppo: &Oppo, notification: &Value) -> Answer {
    let fields = plain(notification);
    let fields: Vec<(&str, &str)> = fields
        .iter()
        .map(|(a, b)| (a.as_str(), b.as_str()))
        .collect();
    call(oppo, "save_message_content", &fields)
}

fn saved_id(oppo: &Oppo, notification: &Value) -> String {
    let answer = save(oppo, notification);
    answer.body["data"]["message_id"]
        .as_str()
        .unwrap()
        .to_owned()
}

fn broadcast(oppo: &Oppo, id: &str, regids: &str) -> Answer {
    let fields = [
        ("message_id", id),
        ("target_type", "2"),
        ("target_value", regids),
    ];
    call(oppo, "broadcast", &fields)
}

fn changed(changes: &[(&str, Value)]) -> Value {
    changes.iter().fold(notification(), |all, (name, value)| {
        with(&all, &format!("/{name}"), value.clone())
    })
}

#[test]
fn signatures_are_those_of_the_reference() {
    assert_eq!(
        auth::signature(KEY, "1767000000000", SECRET),
        "3fe64a08f7b29ffd22277d8d470c13380b7e286daff3ef4ac7b675434eddec0d"
    );
}

#[test]
fn a_grant_is_given_for_a_fresh_signature() {
    let oppo = oppo();
    let now = now_ms(&oppo);
    let answer = auth(&oppo, KEY, now);

    assert_eq!(
        (answer.code().as_str(), &answer.body["message"]),
        ("0", &json!("Success"))
    );
    assert!(answer.body["data"]["create_time"].as_u64().unwrap() >= now);
    assert!(answer.acceptance.unwrap().is_grant);
    for (app_key, at_ms, code) in [
        (KEY, now - 590_000, "0"),
        (KEY, now + 590_000, "0"),
        (KEY, now - 601_000, "19"),
        (KEY, now + 610_000, "19"),
        (KEY, now / 1000, "19"),
        ("ak125", now, "14"),
    ] {
        assert_eq!(
            auth(&oppo, app_key, at_ms).code(),
            code,
            "{app_key} {at_ms}"
        );
    }
}

#[test]
fn every_lack_of_a_grants_request_has_its_code() {
    let oppo = oppo();
    let timestamp = now_ms(&oppo).to_string();
    let sign = auth::signature(KEY, &timestamp, SECRET);
    let good = [
        ("app_key", KEY),
        ("sign", &*sign),
        ("timestamp", &*timestamp),
    ];
    for (at, code) in [(0, "15"), (1, "17"), (2, "18")] {
        let mut fields = good.to_vec();
        fields.remove(at);
        assert_eq!(ask(&oppo, AUTH, &encode(&fields)).code(), code);
    }
    let upper = sign.to_uppercase();
    let wrong = [good[0], ("sign", &upper), good[2]];
    assert_eq!(ask(&oppo, AUTH, &encode(&wrong)).code(), "16");
    let further = [&good[..], &[("master_secret", SECRET)]].concat();
    assert_eq!(ask(&oppo, AUTH, &encode(&further)).code(), "41");
}

#[test]
fn the_documented_message_is_accepted_and_recorded() {
    let oppo = oppo();
    let body = format!("auth_token={}&{EXAMPLE}", grant(&oppo, KEY));
    let answer = ask(&oppo, "/server/v1/message/notification/unicast", &body);

    assert_eq!(
        (answer.code().as_str(), &answer.body["message"]),
        ("0", &json!("Success"))
    );
    let received = answer.received.unwrap();
    assert_eq!(answer.body["data"]["messageId"], *received.vendor_id);
    assert_eq!(received.tokens, [REGID_A]);
    let notification = &received.body["message"]["notification"];
    assert_eq!(notification["title"], "Hello");
    assert_eq!(notification["action_parameters"], "{\"ext\":\"c1\"}");
}

#[test]
fn only_a_good_grant_opens_the_interfaces() {
    let oppo = oppo();
    let message = message("a", &notification()).to_string();
    let unicast = |grant: Option<&str>, header: Option<&str>| {
        let mut fields = vec![("message", message.as_str())];
        fields.extend(grant.map(|grant| ("auth_token", grant)));
        let mut request = Request::post("/server/v1/message/notification/unicast");
        request = request.header(CONTENT_TYPE, FORM);
        if let Some(header) = header {
            request = request.header("auth_token", header);
        }
        testing::ask(&oppo, request, &encode(&fields)).code()
    };
    let good = grant(&oppo, KEY);
    assert_eq!(unicast(Some(&good), None), "0");
    assert_eq!(unicast(Some(&good), Some(&good)), "0");
    assert_eq!(unicast(Some(&good), Some("other")), "11");
    assert_eq!(unicast(Some("other"), None), "11");
    assert_eq!(unicast(None, Some(&good)), "29");
    assert_eq!(unicast(Some(""), None), "29");
    oppo.world.clock.advance(Duration::from_secs(24 * 3600 - 5));
    assert_eq!(unicast(Some(&good), None), "0");
    oppo.world.clock.advance(Duration::from_secs(5));
    assert_eq!(unicast(Some(&good), None), "11");
}

#[test]
fn what_is_no_documented_request_is_refused() {
    let oppo = oppo();
    let json = Request::post(AUTH).header(CONTENT_TYPE, "application/json");
    assert_eq!(testing::ask(&oppo, json, "{}").code(), "25");
    let get = Request::get(AUTH);
    assert_eq!(testing::ask(&oppo, get, "").code(), "12");
    let unknown = Request::post("/server/v1/message/notification/unicast2");
    assert_eq!(testing::ask(&oppo, unknown, "").status, 404);
    assert_eq!(ask(&oppo, AUTH, "app_key=a&app_key=a").code(), "41");
}

#[test]
fn a_failing_device_alone_refuses_the_request() {
    let oppo = oppo();
    let customers = oppo.world.customers(Vendor::Oppo);
    for (regid, condition) in [("b", "10000"), ("c", "41"), ("d", "regid_invalid")] {
        customers.set_condition(regid, condition);
    }

    assert_eq!(push_to(&oppo, "a").reached, ["a"]);
    assert_eq!(push_to(&oppo, "b").code(), "10000");
    assert_eq!(push_to(&oppo, "c").code(), "41");
    let lost = push_to(&oppo, "d");
    assert!(lost.code() == "0" && lost.received.is_none());
}

#[test]
fn a_message_goes_to_a_device_once() {
    let oppo = oppo();
    let named = changed(&[("app_message_id", json!("m-1"))]);
    let [to_a, to_b] = ["a", "b"].map(|regid| message(regid, &named));

    assert_eq!(push(&oppo, &to_a).code(), "0");
    assert_eq!(push(&oppo, &to_a).code(), "32");
    let list = json!([to_a, to_b, to_b]).to_string();
    let batch = call(&oppo, "unicast_batch", &[("messages", &list)]);
    assert_eq!(batch.body["data"][0]["errorCode"], 32);
    assert_eq!(batch.body["data"][2]["errorCode"], 32);
    assert_eq!(batch.reached, ["b"]);
    oppo.book().repeats_succeed = true;
    let again = push(&oppo, &to_a);
    assert!(again.code() == "0" && again.received.is_none());
}

#[test]
fn a_message_that_a_fault_kept_away_is_no_repeat() {
    let oppo = oppo();
    let named = changed(&[("app_message_id", json!("m-1"))]);
    let text = message("a", &named).to_string();
    let body = encode(&[("auth_token", &*grant(&oppo, KEY)), ("message", &*text)]);
    let request = Request::post(format!("{NOTIFICATIONS}unicast")).header(CONTENT_TYPE, FORM);
    let (head, ()) = request.body(()).unwrap().into_parts();

    let Verdict::Accepted(untaken) = oppo.judge(&(), &head, body.as_bytes()).verdict else {
        panic!("refused");
    };
    drop(untaken);

    assert_eq!(push(&oppo, &message("a", &named)).code(), "0");
}

#[test]
fn the_day_is_full_for_marketing_only() {
    let oppo = oppo();
    oppo.world.customers(Vendor::Oppo).set_daily_quota(Some(2));
    let news = changed(&[("category", json!("NEWS"))]);
    let id = saved_id(&oppo, &news);

    assert_eq!(broadcast(&oppo, &id, "a;b;c").code(), "33");
    assert_eq!(broadcast(&oppo, &id, "a;b").code(), "0");
    assert_eq!(push(&oppo, &message("a", &news)).code(), "33");
    assert_eq!(push_to(&oppo, "a").code(), "0");
    let messages = json!([message("a", &news), message("b", &notification())]).to_string();
    let batch = call(&oppo, "unicast_batch", &[("messages", &messages)]);
    assert_eq!(batch.body["data"][0]["errorCode"], 33);
    assert_eq!(batch.reached, ["b"]);
}

#[test]
fn too_many_requests_are_refused() {
    let oppo = oppo();
    oppo.world.customers(Vendor::Oppo).set_rate(Some(0));

    assert_eq!(push_to(&oppo, "a").code(), "13");
}

#[test]
fn injected_refusals_have_the_services_form() {
    let oppo = oppo();
    let pushed = push_to(&oppo, "a").acceptance.unwrap();
    let granted = auth(&oppo, KEY, now_ms(&oppo)).acceptance.unwrap();
    for (acceptance, status, reason, code) in [
        (&pushed, 200, Some("33"), "33"),
        (&pushed, 503, None, "-1"),
        (&pushed, 429, None, "13"),
        (&pushed, 401, None, "11"),
        (&granted, 401, Some("invalid_client"), "16"),
        (&granted, 200, Some("26"), "26"),
    ] {
        let fault = StatusFault {
            status,
            reason,
            timestamp_ms: None,
        };
        let (recorded, reply) = oppo.refusal(&fault, acceptance);
        let answer = read(&reply, None);
        assert_eq!((answer.status, recorded.as_str()), (status, code));
        assert_eq!(answer.code(), code);
    }
}

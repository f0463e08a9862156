mod body;
mod list;
mod repeat;

use std::time::Duration;

use http::Request;
use http::header::CONTENT_TYPE;
use http::request::Builder;
use serde_json::{Value, json};

use super::*;
use crate::testing::{Answer, ask, read, with};

const APP: i64 = 105_000_001;
const KEY: &str = "0a1b2c3d-key";
const SECRET: &str = "s3cr3t-vivo";
const REG_ID: &str = "12345678901234567890123";

fn vivo() -> Vivo {
    let vivo = Vivo::new(Arc::new(World::new(true, Duration::ZERO)));
    vivo.register(APP, KEY, SECRET);
    vivo
}

fn json_to(path: &str) -> Builder {
    Request::post(path).header(CONTENT_TYPE, "application/json; charset=UTF-8")
}

/// The number in the answer; the HTTP status when there is none.
fn result(answer: &Answer) -> i64 {
    match answer.body["result"].as_i64() {
        Some(result) => {
            assert_eq!(answer.status, 200);
            result
        }
        None => i64::from(answer.status),
    }
}

fn signed(vivo: &Vivo) -> Value {
    let now = i64::try_from(vivo.world.clock.now_ms()).unwrap();
    signed_at(now)
}

fn signed_at(timestamp: i64) -> Value {
    let sign = auth::sign_of(APP, KEY, timestamp, SECRET);
    json!({ "appId": APP, "appKey": KEY, "timestamp": timestamp, "sign": sign })
}

fn auth(vivo: &Vivo, body: &Value) -> Answer {
    ask(vivo, json_to(AUTH), &body.to_string())
}

fn grant(vivo: &Vivo) -> String {
    let customers = vivo.world.customers(Vendor::Vivo);
    customers
        .issue(&APP.to_string(), vivo.world.clock.now_secs())
        .token
}

fn post(vivo: &Vivo, path: &str, body: &Value) -> Answer {
    let request = json_to(path).header("authToken", grant(vivo));
    ask(vivo, request, &body.to_string())
}

/// The worked example of a message to one.
fn message() -> Value {
    json!({
        "appId": APP, "regId": REG_ID, "notifyType": 4, "title": "Hello",
        "content": "New message", "timeToLive": 86400, "skipType": 1, "skipContent": "",
        "networkType": -1, "classification": 1, "category": "IM",
        "clientCustomMap": { "ext": "{\"conv\":\"c1\"}" },
        "extra": { "callback": "https://p.example.com/vivo", "callback.param": "m-1" },
        "requestId": "m-1", "pushMode": 0,
    })
}

fn send(vivo: &Vivo, message: &Value) -> Answer {
    post(vivo, SEND, message)
}

#[test]
fn the_sign_is_the_md5_of_id_key_time_and_secret_without_blanks_around() {
    let sign = "ee8faa61d636d93440109fb0f5632dc9";

    assert_eq!(auth::sign_of(APP, KEY, 1_767_000_000_000, SECRET), sign);
    let padded = auth::sign_of(APP, " 0a1b2c3d-key", 1_767_000_000_000, "s3cr3t-vivo\n");
    assert_eq!(padded, sign);
}

#[test]
fn who_signs_gets_a_token_that_pushes_for_a_day() {
    let vivo = vivo();

    let answer = auth(&vivo, &signed(&vivo));
    assert_eq!(result(&answer), 0);
    assert!(answer.acceptance.unwrap().is_grant);
    let token = answer.body["authToken"].as_str().unwrap();
    let push = |request_id: &str| {
        let body = with(&message(), "/requestId", json!(request_id));
        let request = json_to(SEND).header("authToken", token);
        result(&ask(&vivo, request, &body.to_string()))
    };
    assert_eq!(push("a"), 0);
    vivo.world.clock.advance(Duration::from_secs(86_390));
    assert_eq!(push("b"), 0);
    vivo.world.clock.advance(Duration::from_secs(10));
    assert_eq!(push("c"), 10000);
}

#[test]
fn an_auth_that_is_not_as_documented_is_refused() {
    let vivo = vivo();
    let good = signed(&vivo);
    let now = good["timestamp"].as_i64().unwrap();
    let upper = good["sign"].as_str().unwrap().to_uppercase();
    for (body, code) in [
        (with(&good, "/appId", Value::Null), 10200),
        (with(&good, "/appId", json!("105000001")), 10200),
        (with(&good, "/appId", json!(105_000_002)), 10205),
        (with(&good, "/appKey", Value::Null), 10201),
        (with(&good, "/appKey", json!("")), 10201),
        (with(&good, "/appKey", json!("other")), 10202),
        (with(&good, "/timestamp", Value::Null), 10203),
        (with(&good, "/timestamp", json!(now.to_string())), 10207),
        (with(&good, "/sign", Value::Null), 10204),
        (with(&good, "/sign", json!(upper)), 10206),
        (with(&good, "/timestamp", json!(now + 1)), 10206),
        // Seconds, too old, too new.
        (signed_at(now / 1000), 10207),
        (signed_at(now - 601_000), 10207),
        (signed_at(now + 660_000), 10207),
        (with(&good, "/appSecret", json!(SECRET)), 400),
        (json!([]), 400),
    ] {
        let answer = auth(&vivo, &body);
        assert_eq!(result(&answer), code, "{body}");
        assert!(answer.body.get("authToken").is_none());
        vivo.world.clock.advance(Duration::from_millis(150));
    }
    for timestamp in [now - 590_000, now + 590_000] {
        assert_eq!(result(&auth(&vivo, &signed_at(timestamp))), 0);
    }
}

#[test]
fn ten_auths_a_second_are_the_most() {
    let vivo = vivo();
    for number in 1..=10 {
        assert_eq!(result(&auth(&vivo, &signed(&vivo))), 0, "{number}");
    }

    assert_eq!(result(&auth(&vivo, &signed(&vivo))), 10093);
    vivo.world.clock.advance(Duration::from_secs(1));
    assert_eq!(result(&auth(&vivo, &signed(&vivo))), 0);
}

#[test]
fn the_worked_example_is_accepted_and_recorded() {
    let answer = send(&vivo(), &message());

    assert_eq!(result(&answer), 0);
    let task_id = answer.body["taskId"].as_str().unwrap();
    assert_eq!(task_id.len(), 18);
    let received = answer.received.unwrap();
    assert_eq!(received.tokens, [REG_ID]);
    assert_eq!(received.body, message());
    assert_eq!(received.vendor_id, task_id);
}

#[test]
fn only_post_of_json_with_a_token_to_a_known_interface_is_heard() {
    let vivo = vivo();
    let body = message().to_string();
    let asked = |request: Builder| result(&ask(&vivo, request, &body));
    let token = grant(&vivo);

    assert_eq!(asked(json_to("/message/all")), 404);
    let get = Request::get(SEND).header("authToken", &token);
    assert_eq!(asked(get), 405);
    let form = Request::post(SEND)
        .header("authToken", &token)
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded");
    assert_eq!(asked(form), 415);
    assert_eq!(asked(json_to(SEND)), 10000);
    let bearer = json_to(SEND).header("authToken", format!("Bearer {token}"));
    assert_eq!(asked(bearer), 10000);
    let authorization = json_to(SEND).header("authorization", &token);
    assert_eq!(asked(authorization), 10000);
    let bad = json_to(SEND).header("authToken", &token);
    assert_eq!(result(&ask(&vivo, bad, "{")), 400);
    assert_eq!(asked(json_to(SEND).header("authToken", &token)), 0);
    vivo.world.customers(Vendor::Vivo).revoke_grants();
    assert_eq!(asked(json_to(SEND).header("authToken", &token)), 10000);
}

#[test]
fn a_device_that_is_not_to_be_had_is_named() {
    let vivo = vivo();
    for (condition, code, status) in [
        ("1", 10302, Some(1)),
        ("2", 10302, Some(2)),
        ("3", 10302, Some(3)),
        ("10302", 10302, Some(1)),
        ("10311", 10311, None),
        ("10303", 10303, None),
        ("4", 0, None),
    ] {
        vivo.world
            .customers(Vendor::Vivo)
            .set_condition(REG_ID, condition);
        let answer = send(&vivo, &message());
        assert_eq!(result(&answer), code, "{condition}");
        assert_eq!(answer.body["invalidUser"]["status"].as_i64(), status);
        if status.is_some() {
            assert_eq!(answer.body["invalidUser"]["userid"], REG_ID);
        }
        assert_eq!(answer.reached.is_empty(), code != 0);
    }
}

#[test]
fn a_test_reaches_devices_for_tests_only_and_costs_nothing() {
    let vivo = vivo();
    vivo.world.customers(Vendor::Vivo).set_daily_quota(Some(0));
    let test = with(&message(), "/pushMode", json!(1));

    let answer = send(&vivo, &test);
    assert_eq!(result(&answer), 10302);
    assert_eq!(answer.body["invalidUser"]["status"], 4);
    vivo.add_test_device(APP, REG_ID);
    assert_eq!(result(&send(&vivo, &test)), 0);
}

#[test]
fn a_request_id_is_good_for_one_push_that_was_taken() {
    let vivo = vivo();
    let customers = vivo.world.customers(Vendor::Vivo);
    customers.set_condition(REG_ID, "10311");
    assert_eq!(result(&send(&vivo, &message())), 10311);
    customers.clear_condition(REG_ID);

    let first = send(&vivo, &message());
    let again = send(&vivo, &message());
    let other = send(&vivo, &with(&message(), "/requestId", json!("m-2")));

    assert_eq!(first.reached, [REG_ID]);
    assert_eq!(again.body, first.body);
    assert!(again.reached.is_empty() && again.received.is_none());
    assert_eq!(other.reached, [REG_ID]);
}

#[test]
fn the_day_is_full_in_the_code_of_the_class() {
    for (class, category, code) in [(1, "IM", 10073), (0, "NEWS", 10070)] {
        let vivo = vivo();
        vivo.world.customers(Vendor::Vivo).set_daily_quota(Some(1));
        let body = with(&message(), "/classification", json!(class));
        let body = with(&body, "/category", json!(category));

        assert_eq!(result(&send(&vivo, &body)), 0);
        let body = with(&body, "/requestId", json!("m-2"));
        assert_eq!(result(&send(&vivo, &body)), code);
        vivo.world.clock.advance(Duration::from_secs(86_400));
        assert_eq!(result(&send(&vivo, &body)), 0);
    }
}

#[test]
fn pushes_are_refused_over_the_rate() {
    let vivo = vivo();
    vivo.world.customers(Vendor::Vivo).set_rate(Some(0));

    assert_eq!(result(&send(&vivo, &message())), 10072);
    assert_eq!(result(&auth(&vivo, &signed(&vivo))), 0);
}

#[test]
fn an_app_may_send_what_vivo_holds_nothing_against() {
    let bare = with(&message(), "/category", Value::Null);
    let operational = with(&bare, "/classification", json!(0));
    let test = with(&message(), "/pushMode", json!(1));
    for (state, body, code) in [
        (10043, &message(), 10043),
        (10043, &test, 10043),
        (10045, &message(), 10045),
        (10045, &test, 0),
        (10082, &message(), 10082),
        (10082, &operational, 0),
        (10096, &bare, 10096),
        (10096, &message(), 0),
    ] {
        let vivo = vivo();
        vivo.add_test_device(APP, REG_ID);
        vivo.set_state(APP, Some(state));
        assert_eq!(result(&send(&vivo, body)), code, "{state} {body}");
        vivo.set_state(APP, None);
        assert_eq!(result(&send(&vivo, body)), 0);
    }
}

#[test]
fn injected_refusals_have_the_form_of_vivos_own() {
    for (status, reason, is_grant, code) in [
        (200, Some("10072"), false, Some(10072)),
        (401, None, false, Some(10000)),
        (401, None, true, Some(10206)),
        (429, None, false, Some(10072)),
        (429, None, true, Some(10093)),
        (503, None, false, Some(10040)),
        (502, None, false, None),
        (400, None, false, None),
    ] {
        let (_, reply) = Refusal::injected(status, reason, is_grant).into_answer();
        let answer = read(&reply, None);
        assert_eq!(answer.status, status);
        assert_eq!(answer.body["result"].as_i64(), code, "{status} {reason:?}");
    }
}

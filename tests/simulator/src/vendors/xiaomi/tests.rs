use std::time::Duration;

use http::Request;
use http::header::CONTENT_TYPE;
use http::request::Builder;

use super::*;
use crate::testing::{self, Answer, read};

mod message;
mod recall;
mod status;

const SECRET: &str = "AbCdEf0123456789==";
const V2: &str = "/v2/message/regid";
const V3: &str = "/v3/message/regid";
const MULTI: &str = "/v2/multi_messages/regids";
const FORM: &str = "application/x-www-form-urlencoded;charset=UTF-8";
/// The worked example of the reference.
const EXAMPLE: &str = "registration_id=regidA%3D%2CregidB%3D&restricted_package_name=\
    com.example.app&pass_through=0&title=Hello&description=New+message&payload=%7B%7D&\
    notify_type=-1&notify_id=41207&time_to_live=86400000&extra.notify_effect=1&\
    extra.channel_id=100123&extra.ext=%7B%22conv%22%3A%22c1%22%7D&\
    extra.callback=https%3A%2F%2Fpush.example.com%2Fmi&extra.callback.param=m-1&\
    extra.callback.type=243";
/// Another one, a text for each.
const MULTI_EXAMPLE: &str = "messages=%5B%7B%22target%22%3A%22regidA%22%2C%22message%22%3A%7B\
    %22title%22%3A%22Hi%22%2C%22description%22%3A%22A%22%2C%22pass_through%22%3A0%2C\
    %22restricted_package_name%22%3A%22com.example.app%22%2C%22notify_type%22%3A-1%2C\
    %22extra%22%3A%7B%22notify_effect%22%3A%221%22%2C%22ext%22%3A%22%7B%7D%22%7D%7D%7D%5D";

fn xiaomi() -> Xiaomi {
    let xiaomi = Xiaomi::new(Arc::new(World::new(true, Duration::ZERO)));
    xiaomi.set_up(SECRET, |app| {
        app.packages = ["com.example.app", "com.example.other"]
            .map(Into::into)
            .into();
        app.channels = [("100123".into(), true), ("100124".into(), false)].into();
        app.templates = [("T1".into(), 2)].into();
    });
    xiaomi
}

fn request(path: &str) -> Builder {
    Request::post(path)
        .header(AUTHORIZATION, format!("key={SECRET}"))
        .header(CONTENT_TYPE, FORM)
}

fn ask(xiaomi: &Xiaomi, path: &str, body: &str) -> Answer {
    let answer = testing::ask(xiaomi, request(path), body);
    let result = if answer.code() == "0" { "ok" } else { "error" };
    assert_eq!(answer.body["result"], result);
    answer
}

/// The example with some fields set; an empty value takes one out.
fn with(fields: &[(&str, &str)]) -> String {
    let mut all: Vec<(String, String)> = form_urlencoded::parse(EXAMPLE.as_bytes())
        .map(|(name, value)| (name.into_owned(), value.into_owned()))
        .filter(|(name, _)| !fields.iter().any(|(other, _)| other == name))
        .collect();
    let set = fields.iter().filter(|(_, value)| !value.is_empty());
    all.extend(set.map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    encode(&all)
}

fn encode<A: AsRef<str>, B: AsRef<str>>(fields: &[(A, B)]) -> String {
    form_urlencoded::Serializer::new(String::new())
        .extend_pairs(fields)
        .finish()
}

fn to(regids: &str) -> String {
    with(&[("registration_id", regids)])
}

fn public_to(regids: &str) -> String {
    with(&[("registration_id", regids), ("extra.channel_id", "")])
}

fn push(fields: &[(&str, &str)]) -> String {
    ask(&xiaomi(), V3, &with(fields)).code()
}

fn entry(target: &str) -> Value {
    json!({ "target": target, "message": {
        "title": "Hi", "description": "A", "pass_through": 0, "notify_type": -1,
        "restricted_package_name": "com.example.app", "notify_id": 1,
        "extra": { "notify_effect": "1", "ext": "{}" },
    }})
}

fn multi(xiaomi: &Xiaomi, entries: &Value) -> Answer {
    ask(xiaomi, MULTI, &encode(&[("messages", entries.to_string())]))
}

#[test]
fn the_documented_message_is_accepted_and_recorded() {
    for path in [V2, V3] {
        let answer = ask(&xiaomi(), path, EXAMPLE);

        assert_eq!((answer.status, answer.code().as_str()), (200, "0"));
        assert_eq!(answer.body["info"], "Received push messages for 2 REGID");
        assert_eq!(answer.body["description"], "\u{6210}\u{529f}");
        let received = answer.received.unwrap();
        assert_eq!(answer.body["data"]["id"], *received.vendor_id);
        assert_eq!(received.tokens, ["regidA=", "regidB="]);
        assert_eq!(received.body["title"], "Hello");
        assert_eq!(received.body["extra.ext"], r#"{"conv":"c1"}"#);
        let kept = format!("{:?}", received.headers);
        assert!(!kept.contains("AbCd"), "{kept}");
    }
}

#[test]
fn a_text_for_each_is_accepted_and_recorded() {
    let answer = ask(&xiaomi(), MULTI, MULTI_EXAMPLE);

    assert_eq!(answer.code(), "0");
    assert_eq!(answer.body["info"], "Received push messages for 1 REGID");
    assert!(answer.body["data"].get("channel_exceed_quota").is_none());
    let received = answer.received.unwrap();
    assert_eq!(received.tokens, ["regidA"]);
    assert_eq!(
        received.body["messages"][0]["message"]["extra"]["ext"],
        "{}"
    );
}

#[test]
fn the_secret_follows_key_and_nothing_else() {
    let xiaomi = xiaomi();
    let build = |value: Option<&str>| {
        let request = Request::post(V3).header(CONTENT_TYPE, FORM);
        match value {
            Some(value) => request.header(AUTHORIZATION, value),
            None => request,
        }
    };
    for (value, code) in [
        (Some("key=AbCdEf0123456789=="), "0"),
        (Some("Key=AbCdEf0123456789=="), "21301"),
        (Some("key= AbCdEf0123456789=="), "21301"),
        (Some("key=\"AbCdEf0123456789==\""), "21301"),
        (Some("Bearer AbCdEf0123456789=="), "21301"),
        (Some("key=other"), "21301"),
        (None, "21301"),
    ] {
        let answer = testing::ask(&xiaomi, build(value), EXAMPLE);
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (200, code),
            "{value:?}"
        );
    }
}

#[test]
fn what_is_no_documented_request_is_refused() {
    let xiaomi = xiaomi();
    let json = Request::post(V3)
        .header(AUTHORIZATION, format!("key={SECRET}"))
        .header(CONTENT_TYPE, "application/json");
    assert_eq!(testing::ask(&xiaomi, json, EXAMPLE).code(), "10007");
    let twice = format!("{EXAMPLE}&title=a");
    assert_eq!(ask(&xiaomi, V3, &twice).code(), "10008");
    let unknown = testing::ask(&xiaomi, request("/v1/message/regid"), EXAMPLE);
    assert_eq!((unknown.status, unknown.code().as_str()), (404, "10020"));
    let get = testing::ask(&xiaomi, request(V3).method("GET"), "");
    assert_eq!((get.status, get.code().as_str()), (405, "10021"));
}

#[test]
fn dead_regids_are_passed_over_unless_they_are_all() {
    let xiaomi = xiaomi();
    let customers = xiaomi.world.customers(Vendor::Xiaomi);
    for (regid, code) in [("dead", "16"), ("bad", "66007"), ("away", "32")] {
        customers.set_condition(regid, code);
    }

    let some = ask(&xiaomi, V3, &to("a,dead,b,bad,away"));
    let each = multi(&xiaomi, &json!([entry("dead"), entry("a")]));

    assert_eq!(some.code(), "0");
    assert_eq!(some.body["info"], "Received push messages for 3 REGID");
    assert_eq!(some.reached, ["a", "b"]);
    assert_eq!(
        (each.code().as_str(), &each.reached[..]),
        ("0", &["a".to_owned()][..])
    );
    for (regids, code) in [
        ("dead", "20301"),
        ("bad", "66007"),
        ("dead,bad", "20301"),
        ("away", "0"),
    ] {
        let answer = ask(&xiaomi, V3, &to(regids));
        assert_eq!(answer.code(), code, "{regids}");
        assert!(answer.received.is_none());
    }
    let none = multi(&xiaomi, &json!([entry("dead")]));
    assert_eq!(none.code(), "20301");
    assert_eq!(none.body["reason"], "No valid targets!");
}

#[test]
fn limits_are_of_public_messages_only() {
    let xiaomi = xiaomi();
    let customers = xiaomi.world.customers(Vendor::Xiaomi);
    customers.set_condition("sated", "128");
    customers.set_daily_quota(Some(3));

    assert_eq!(ask(&xiaomi, V3, &public_to("sated,a")).reached, ["a"]);
    assert_eq!(ask(&xiaomi, V3, &to("sated,a")).reached, ["sated", "a"]);
    assert_eq!(ask(&xiaomi, V3, &public_to("a,b,c")).code(), "200001");
    assert_eq!(ask(&xiaomi, V3, &public_to("a,b")).code(), "0");
    assert_eq!(ask(&xiaomi, V3, &to("a,b,c")).code(), "0");
}

#[test]
fn a_full_day_cuts_a_list_of_messages_by_channel() {
    let xiaomi = xiaomi();
    let customers = xiaomi.world.customers(Vendor::Xiaomi);
    customers.set_daily_quota(Some(1));
    let on = |target: &str, channel: &str| {
        testing::with(&entry(target), "/message/extra/channel_id", json!(channel))
    };

    let entries = json!([entry("a"), entry("b"), on("c", "100124"), on("d", "100123")]);
    let answer = multi(&xiaomi, &entries);

    assert_eq!(answer.code(), "0");
    assert_eq!(
        answer.body["data"]["channel_exceed_quota"],
        "100124:1 no_channel:1"
    );
    assert_eq!(answer.reached, ["a", "d"]);
}

#[test]
fn too_many_requests_are_refused() {
    let xiaomi = xiaomi();
    xiaomi.world.customers(Vendor::Xiaomi).set_rate(Some(0));

    assert_eq!(ask(&xiaomi, V3, EXAMPLE).code(), "200002");
}

#[test]
fn injected_refusals_have_the_services_form() {
    let xiaomi = xiaomi();
    let acceptance = ask(&xiaomi, V3, EXAMPLE).acceptance.unwrap();
    for (status, reason, code) in [
        (200, Some("200001"), "200001"),
        (503, None, "10009"),
        (429, None, "200002"),
        (401, None, "21301"),
    ] {
        let fault = StatusFault {
            status,
            reason,
            timestamp_ms: None,
        };
        let (recorded, reply) = xiaomi.refusal(&fault, &acceptance);
        let answer = read(&reply, None);
        assert_eq!((answer.status, recorded.as_str()), (status, code));
        assert_eq!(answer.code(), code);
        assert_eq!(answer.body["result"], "error");
    }
}

//! Whether Xiaomi takes an AppSecret: a question about no messages.

use nudged_plugin_api::info::Probe;
use nudged_plugin_api::{Class, Context, Driver, HttpResponse, Method};
use nudged_xiaomi::Xiaomi;

use crate::account::{NOW, SECRET, channel};

#[test]
fn a_probe_asks_for_the_last_second_and_sends_nothing() {
    assert_eq!(Xiaomi::describe().probe, Probe::Request);
    let request = channel().probe(&Context::new(NOW, None)).unwrap();
    assert_eq!(request.method, Method::Get);
    assert_eq!(
        request.url,
        "https://api.xmpush.xiaomi.com/v1/trace/messages/status\
         ?begin_time=1789999999000&end_time=1790000000000"
    );
    let authorization = ("authorization".to_owned(), format!("key={SECRET}"));
    assert_eq!(request.headers, [authorization]);
    assert!(request.body.is_empty());
    assert_eq!(channel().account().as_deref(), Some("com.example.chat"));
}

#[test]
fn an_answer_proves_the_secret_and_a_refusal_of_it_does_not() {
    let probed = |status, body: &str| {
        let verdict = channel().probed(&HttpResponse::new(status, body), NOW);
        verdict.map_err(|verdict| verdict.class)
    };
    let ok = r#"{"result":"ok","code":0,"data":{"data":[]},"trace_id":"Xcm1"}"#;
    let wrong = include_str!("../captures/wrong-secret.json");
    let fast = include_str!("../captures/too-fast.json");
    assert_eq!(probed(200, ok), Ok(()));
    assert_eq!(probed(200, wrong), Err(Class::Credential));
    assert_eq!(probed(200, fast), Err(Class::Throttled));
    assert_eq!(probed(502, "<html>"), Err(Class::Unavailable));
    assert_eq!(probed(200, "{}"), Err(Class::Unavailable));
}

//! Whole requests, one case a file: a message, and what Xiaomi must be sent for it.
//!
//! The expected bodies were written from the API's parameter table and encoded by another
//! program than the driver. They stand one field a line, byte for byte.

use nudged_plugin_api::Method;
use nudged_xiaomi::Xiaomi;
use serde_json::{Value, json};

use nudged_plugin_api::Driver;

use crate::account::{NOW, REGID};
use crate::case::{encode, message_of, settings_of, take, targets_of};

#[test]
fn every_message_becomes_its_golden_request() {
    let directory = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden");
    let mut count = 0;
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        let name = path.display();
        let mut case: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        let driver = Xiaomi::open(&settings_of(take(&mut case, "settings")), NOW).unwrap();
        let tokens: Vec<String> = match take(&mut case, "tokens") {
            None => vec![REGID.to_owned()],
            Some(tokens) => serde_json::from_value(tokens).unwrap(),
        };
        let message = message_of(take(&mut case, "message").unwrap());
        let rendered = encode(&driver, &message, &targets_of(&tokens))
            .unwrap_or_else(|error| panic!("{name}: {error}"));

        assert_eq!(rendered.request.method, Method::Post, "{name}");
        let headers = rendered.request.headers.iter();
        let headers: Vec<_> = headers.map(|(n, v)| json!([n, v])).collect();
        let body = String::from_utf8(rendered.request.body).unwrap();
        let notices = rendered.notices.iter();
        let notices: Vec<_> = notices.map(|notice| notice.field.as_str()).collect();
        let got = json!({
            "url": rendered.request.url,
            "headers": headers,
            "body": body.split('&').collect::<Vec<_>>(),
            "class": rendered.class,
            "notices": notices,
        });
        assert_eq!(got, take(&mut case, "expected").unwrap(), "{name}\n{got:#}");
        assert_eq!(case, json!({}), "{name}: unknown keys");
        count += 1;
    }
    assert!(count >= 20, "{count} cases");
}

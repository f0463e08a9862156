//! Whole requests, one case a file: a message, and what vivo must be sent for it.
//!
//! The expected requests were written by hand from the vendor's reference. `tokens` is the
//! number of devices, `then` the second request of a list.

use nudged_plugin_api::{Decoded, Driver, HttpRequest, HttpResponse, Method};
use nudged_vivo::Vivo;
use serde_json::{Value, json};

use crate::case::{NOW, TOKENS, decode, message, rendered, settings};

fn shown(request: &HttpRequest) -> Value {
    assert_eq!(request.method, Method::Post);
    let headers: Vec<_> = request.headers.iter().map(|(n, v)| json!([n, v])).collect();
    let body: Value = serde_json::from_slice(&request.body).unwrap();
    json!({"url": request.url, "headers": headers, "body": body})
}

#[test]
fn every_message_becomes_its_golden_request() {
    let directory = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden");
    let mut count = 0;
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        let name = path.display();
        let mut case: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        let mut take = |key| case.as_object_mut().unwrap().remove(key);
        let mut all = settings();
        for (key, value) in take("settings")
            .iter()
            .flat_map(|case| case.as_object().unwrap())
        {
            all = match value {
                Value::Number(number) => all.with(key, number.as_i64().unwrap()),
                text => all.with(key, text.as_str().unwrap()),
            };
        }
        let driver = Vivo::open(&all, NOW).unwrap();
        let tokens = take("tokens").map_or(1, |tokens| tokens.as_u64().unwrap() as usize);
        let tokens = &TOKENS[..tokens];
        let message = message(take("message").unwrap());
        let rendered =
            rendered(&driver, &message, tokens).unwrap_or_else(|error| panic!("{name}: {error}"));

        let got = shown(&rendered.request);
        assert_eq!(got, take("request").unwrap(), "{name}\n{got:#}");
        assert_eq!(json!(rendered.class), take("class").unwrap(), "{name}");
        let notices: Vec<_> = rendered
            .notices
            .iter()
            .map(|notice| &notice.field)
            .collect();
        let expected = take("notices").unwrap_or_else(|| json!([]));
        assert_eq!(json!(notices), expected, "{name}: {:?}", rendered.notices);
        let saved = HttpResponse::new(200, r#"{"result":0,"desc":"success","taskId":"5420"}"#);
        match (take("then"), decode(tokens, &saved, &rendered.memo)) {
            (None, Decoded::Verdicts(_)) => {}
            (Some(then), Decoded::FollowUp(follow_up)) => {
                let got = shown(&follow_up.request);
                assert_eq!(got, then, "{name}\n{got:#}");
            }
            (_, other) => panic!("{name}: {other:?}"),
        }
        assert_eq!(case, json!({}), "{name}: unknown keys");
        count += 1;
    }
    assert!(count >= 18, "{count} cases");
}

#[test]
fn bytes_are_the_same_every_time() {
    let message = message(json!({"title": "t", "body": "b", "collapse_key": "room"}));
    let driver = crate::case::channel();
    let first = rendered(&driver, &message, &TOKENS).unwrap();
    assert_eq!(first, rendered(&driver, &message, &TOKENS).unwrap());
}

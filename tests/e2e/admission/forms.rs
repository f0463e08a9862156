//! The form of a notification: what is no JSON, or JSON of another shape, is refused with the
//! place or the field, however deep it is nested.

use nudged_rig::{Reply, Rig};
use serde_json::json;

use super::{Change, nothing_was_accepted, raw, send};
use crate::world::{problem, rig, text, to_token, token};

#[tokio::test]
async fn what_is_no_json_is_refused_with_the_place() {
    let rig = rig().await;
    for (body, place) in [
        (&b"{\"to\":[}"[..], "line 1 column 8"),
        (b"{\"to\":[],\n\"message\":", "line 2 column 10"),
        (b"", "line 1 column 0"),
        (b"\xff\xfe", "line 1 column 1"),
        (b"hello", "line 1 column 1"),
        (
            b"{\"to\":[{\"user\":\"\xff\"}],\"message\":{}}",
            "line 1 column 17",
        ),
    ] {
        let problem = problem(post(&rig, body.to_vec()).await, 400, "bad_request");
        assert!(text(&problem, "detail").contains(place), "{problem:#}");
        assert!(!text(&problem, "hint").is_empty(), "{problem:#}");
    }
    let two = format!("{0}{0}", to_token(1, "twice"));
    let problem = problem(post(&rig, two).await, 400, "bad_request");
    assert!(text(&problem, "hint").contains("ndjson"), "{problem:#}");
    nothing_was_accepted(&rig).await;
}

#[tokio::test]
async fn what_has_another_form_is_refused_with_the_path_of_the_field() {
    let rig = rig().await;
    let cases: [(Change, &str, &str); 14] = [
        (|n| n["tto"] = json!([]), "tto", "unknown field `tto`"),
        (
            |n| n["message"]["titel"] = json!("x"),
            "message.titel",
            "unknown field `titel`, expected one of",
        ),
        (|n| n["to"] = json!("bob"), "to", "expected an array"),
        (
            |n| n["to"] = json!([{"user": "a"}, {"user": 7}]),
            "to[1].user",
            "expected a string",
        ),
        (
            |n| n["to"][0]["usr"] = json!("a"),
            "to[0].usr",
            "unknown field",
        ),
        (
            |n| n["message"]["kind"] = json!("sms"),
            "message.kind",
            "unknown variant `sms`, expected one of `alert`",
        ),
        (
            |n| n["message"]["badge"] = json!({"set": -1}),
            "message.badge.set",
            "",
        ),
        (
            |n| n["message"]["click"] = json!({"action": "explode"}),
            "message.click.action",
            "unknown variant",
        ),
        (
            |n| n["message"] = json!("hello"),
            "message",
            "expected an object",
        ),
        (
            |n| n["message"]["kind"] = json!(5),
            "message.kind",
            "expected one of `alert`",
        ),
        (
            |n| n["message"]["badge"] = json!(5),
            "message.badge",
            "expected {\"set\": N}",
        ),
        (|n| n["ttl"] = json!("1h"), "ttl", "expected a whole number"),
        (|n| n["ttl"] = json!(-1), "ttl", "expected a whole number"),
        (
            |n| n["test"] = json!("yes"),
            "test",
            "expected true or false",
        ),
    ];
    for (change, field, detail) in cases {
        let reply = send(&rig, change).await;
        let problem = problem(reply, 400, "bad_request");
        assert_eq!(problem["field"], field, "{problem:#}");
        assert!(text(&problem, "detail").contains(detail), "{problem:#}");
    }
    for body in ["{}", "[]", "null", "7", "{\"to\":[{\"user\":\"bob\"}]}"] {
        problem(post(&rig, body).await, 400, "bad_request");
    }
    nothing_was_accepted(&rig).await;
}

#[tokio::test]
async fn deep_nesting_is_passed_on_or_refused_and_hurts_nobody() {
    let rig = rig().await;
    let nested = |depth: usize| format!("{}1{}", "[".repeat(depth), "]".repeat(depth));
    let with = |depth: usize, rest: &str| {
        let to = format!(
            "\"to\":[{{\"channel\":\"ios\",\"token\":\"{}\"}}]",
            token(1)
        );
        format!("{{{to},{}}}", rest.replace('@', &nested(depth)))
    };
    let custom = r#""message":{"body":"x"},"options":{"apns":{"custom":{"deep":@}}}"#;
    let activity = r#""message":{"kind":"live_activity","live_activity":{"event":"update","content_state":{"a":@}}}"#;
    let unknown = r#""message":{"body":"x"},"deep":@"#;

    post(&rig, with(50, custom)).await.expect(202);
    for depth in [50, 1000, 30_000] {
        for rest in [custom, activity, unknown] {
            let reply = post(&rig, with(depth, rest)).await;
            assert!([202, 400, 422].contains(&reply.status), "{:?}", reply.body);
        }
    }
    problem(post(&rig, "[".repeat(60_000)).await, 400, "bad_request");

    rig.deliver(&to_token(2, "still here")).await.unwrap();
    let received = rig.simulator.received();
    let deep = received.iter().find(|it| !it.body["deep"].is_null());
    assert_eq!(deep.unwrap().body["deep"].to_string(), nested(50));
}

async fn post(rig: &Rig, body: impl Into<bytes::Bytes>) -> Reply {
    raw(rig, "application/json", body).await
}

//! The values of a notification: one of the right form that cannot be sent is refused with the
//! field, the reason and what would do instead; so are options that a driver does not know.

use nudged_rig::FCM;
use serde_json::json;

use super::{Change, nothing_was_accepted, send};
use crate::world::{problem, rig, text, to_token, token};

#[tokio::test]
async fn what_cannot_be_sent_is_refused_with_the_field_and_the_reason() {
    let rig = rig().await;
    let cases: [(Change, &str, &str); 26] = [
        (|n| n["to"] = json!([]), "to", "at least one"),
        (
            |n| n["to"] = vec![json!({"user": "bob"}); 10_001].into(),
            "to",
            "at most 10000",
        ),
        (|n| n["to"] = json!([{}]), "to[0]", "a user"),
        (
            |n| n["to"] = json!([{"user": "bob"}, {"device": "phone"}]),
            "to[1]",
            "a user",
        ),
        (
            |n| n["to"] = json!([{"channel": "ios"}]),
            "to[0]",
            "a channel and a token",
        ),
        (
            |n| n["to"] = json!([{"token": "t"}]),
            "to[0]",
            "a channel and a token",
        ),
        (
            |n| n["to"] = json!([{"user": "bob", "channel": "ios", "token": "t"}]),
            "to[0]",
            "a user",
        ),
        (
            |n| n["to"] = json!([{"user": ""}]),
            "to[0].user",
            "must not be empty",
        ),
        (
            |n| n["to"] = json!([{"user": "a\u{0}b"}]),
            "to[0].user",
            "control characters",
        ),
        (
            |n| n["to"] = json!([{"user": "x".repeat(257)}]),
            "to[0].user",
            "at most 256",
        ),
        (
            |n| n["to"][0]["channel"] = json!("huawei"),
            "to[0].channel",
            "\"huawei\"",
        ),
        (
            |n| n["to"][0]["token"] = json!("x".repeat(4097)),
            "to[0].token",
            "4097 bytes long, at most 4096",
        ),
        (
            |n| n["to"][0]["token"] = json!(""),
            "to[0].token",
            "must not be empty",
        ),
        (
            |n| n["to"][0]["token"] = json!("a\r\nb: c"),
            "to[0].token",
            "control characters",
        ),
        (
            |n| n["to"][0]["badge"] = json!({"set": 100_000}),
            "to[0].badge",
            "at most 99999",
        ),
        (
            |n| n["message"]["badge"] = json!({"add": 100_000}),
            "message.badge",
            "at most 99999",
        ),
        (|n| n["ttl"] = json!(2_419_201), "ttl", "at most 2419200"),
        (|n| n["ttl"] = json!(u64::MAX), "ttl", "at most 2419200"),
        (
            |n| n["message"] = json!({}),
            "message",
            "a title, a body or elements",
        ),
        (
            |n| n["message"] = json!({"title": "", "body": "", "ext": "x"}),
            "message",
            "a title, a body or elements",
        ),
        (
            |n| n["message"]["click"] = json!({"action": "open_url", "value": "javascript:x"}),
            "message.click.value",
            "http:// or https://",
        ),
        (
            |n| n["message"]["click"] = json!({"action": "open_page"}),
            "message.click.value",
            "open_page",
        ),
        (
            |n| n["message"]["click"] = json!({"action": "open_app", "value": "x"}),
            "message.click.value",
            "open_app",
        ),
        (
            |n| n["message"]["kind"] = json!("live_activity"),
            "message.live_activity",
            "needs its content",
        ),
        (
            |n| n["message"]["live_activity"] = json!({"event": "update"}),
            "message.live_activity",
            "only a message of kind live_activity",
        ),
        (
            |n| n["idempotency_key"] = json!("k".repeat(129)),
            "idempotency_key",
            "at most 128",
        ),
    ];
    for (change, field, detail) in cases {
        let reply = send(&rig, change).await;
        let problem = problem(reply, 422, "invalid");
        assert_eq!(problem["field"], field, "{problem:#}");
        assert!(text(&problem, "detail").contains(detail), "{problem:#}");
    }
    nothing_was_accepted(&rig).await;
}

#[tokio::test]
async fn an_unknown_channel_or_vendor_is_refused_with_a_list_of_the_known() {
    let rig = rig().await;
    let cases: [(Change, &str); 2] = [
        (|n| n["to"][0]["channel"] = json!("huawei"), "to[0].channel"),
        (|n| n["options"] = json!({"hms": {}}), "options.hms"),
    ];
    for (change, field) in cases {
        let problem = problem(send(&rig, change).await, 422, "invalid");
        assert_eq!(problem["field"], field, "{problem:#}");
        let hint = text(&problem, "hint");
        assert!(hint.contains("android (certificate id 2)"), "{problem:#}");
        assert!(hint.contains("ios (certificate id 1)"), "{problem:#}");
    }
    let problem = problem(
        send(&rig, |n| n["app"] = json!("other")).await,
        422,
        "invalid",
    );
    assert_eq!(problem["hint"], "app other has no channels", "{problem:#}");
}

#[tokio::test]
async fn options_that_the_driver_refuses_are_refused_at_once() {
    let rig = rig().await;
    let cases: [(Change, &str); 5] = [
        (
            |n| n["options"] = json!({"apns": {"interruption_level": "loud"}}),
            "options.apns.interruption_level",
        ),
        (
            |n| n["options"] = json!({"apns": {"relevance_score": 2}}),
            "options.apns.relevance_score",
        ),
        (
            |n| n["options"] = json!({"apns": {"no_such_option": 1}}),
            "options.apns.no_such_option",
        ),
        (|n| n["options"] = json!({"apns": [1]}), "options.apns"),
        (
            |n| {
                n["to"] = json!([{"channel": "android", "token": "t"}]);
                n["options"] = json!({"fcm": {"no_such_option": 1}});
            },
            "options.fcm.no_such_option",
        ),
    ];
    for (change, field) in cases {
        let problem = problem(send(&rig, change).await, 422, "invalid");
        assert_eq!(problem["field"], field, "{problem:#}");
    }
    nothing_was_accepted(&rig).await;
}

#[tokio::test]
async fn options_concern_only_the_channels_of_their_vendor() {
    let rig = rig().await;
    let mut notification = to_token(1, "both");
    notification["to"] = json!([
        {"channel": "ios", "token": token(1)},
        {"channel": "android", "token": FCM.token},
    ]);
    notification["options"] = json!({"apns": {"custom": {"answer": 42}}});

    let id = rig.accept(&notification).await.unwrap();

    let outcomes = rig.client.outcomes(&id, 2).await.unwrap();
    assert!(outcomes.iter().all(|it| it["outcome"] == "accepted"));
    for message in rig.simulator.received() {
        let answer = &message.body["answer"];
        match message.vendor.as_str() {
            "apns" => assert_eq!(*answer, 42),
            _ => assert!(!message.body.to_string().contains("answer")),
        }
    }
}

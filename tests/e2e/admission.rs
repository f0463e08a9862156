//! What is accepted, what is refused, and in which words.

use std::time::Duration;

use http::Method;
use nudged_rig::{APNS, DEADLINE, FCM, Reply, Rig};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;

use crate::support::{problem, rig, text, to_token, token};

const NOTIFICATIONS: &str = "/v1/notifications";
/// `socket.max_body` when nothing else is configured.
const MAX_BODY: usize = 1 << 20;

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
    let cases: [(Change, &str, &str); 12] = [
        (|n| n["tto"] = json!([]), "tto", "unknown field `tto`"),
        (
            |n| n["message"]["titel"] = json!("x"),
            "message.titel",
            "unknown field `titel`, expected one of",
        ),
        (|n| n["to"] = json!("bob"), "to", "expected a sequence"),
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
        (|n| n["message"] = json!("hello"), "message", "expected"),
        (|n| n["ttl"] = json!("1h"), "ttl", "expected u64"),
        (|n| n["ttl"] = json!(-1), "ttl", "expected u64"),
        (|n| n["test"] = json!("yes"), "test", "expected a boolean"),
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

#[tokio::test]
async fn a_body_of_another_type_is_refused() {
    let rig = rig().await;
    let body = to_token(1, "x").to_string();
    for kind in ["text/plain", "multipart/form-data; boundary=x", "text/json"] {
        let reply = raw(&rig, kind, body.clone()).await;
        let problem = problem(reply, 415, "unsupported_media_type");
        let detail = text(&problem, "detail");
        assert!(detail.contains(kind), "{problem:#}");
        assert!(detail.contains("application/json"), "{problem:#}");
    }
    for kind in [
        "application/json",
        "application/json; charset=utf-8",
        // What curl -d says without being asked.
        "application/x-www-form-urlencoded",
    ] {
        raw(&rig, kind, body.clone()).await.expect(202);
    }
    let path = "/v1/apps/default/users/bob/devices/phone";
    let reply = rig
        .client
        .raw(Method::PUT, path, "text/plain", "{}")
        .await
        .unwrap();
    problem(reply, 415, "unsupported_media_type");
}

#[tokio::test]
async fn a_body_may_be_as_long_as_the_limit_and_no_longer() {
    let rig = rig().await;

    raw(&rig, "application/json", padded(MAX_BODY))
        .await
        .expect(202);
    let reply = raw(&rig, "application/json", padded(MAX_BODY + 1)).await;

    let problem = problem(reply, 413, "too_large");
    assert!(
        text(&problem, "hint").contains("socket.max_body"),
        "{problem:#}"
    );
}

#[tokio::test]
async fn who_sends_far_too_much_hears_so_before_the_end() {
    let rig = rig().await;
    let (mut read, mut write) = connect(&rig).await.into_split();
    let head = head("application/json", "content-length: 1073741824");
    let endless = tokio::spawn(async move {
        write.write_all(head.as_bytes()).await?;
        let chunk = [b' '; 8192];
        loop {
            write.write_all(&chunk).await?;
        }
        #[expect(unreachable_code, reason = "says what the task fails with")]
        std::io::Result::Ok(())
    });

    let mut answer = Vec::new();
    let _reset = in_time(read.read_to_end(&mut answer)).await;

    let answer = String::from_utf8(answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
    assert!(answer.contains("\"code\":\"too_large\""), "{answer}");
    // The daemon has hung up, so there is an end to the writing too.
    in_time(endless).await.unwrap().unwrap_err();
    rig.deliver(&to_token(1, "others are served"))
        .await
        .unwrap();
}

#[tokio::test]
async fn what_is_too_long_for_the_vendor_is_explained_and_never_sent() {
    let rig = rig().await;
    let mut notification = to_token(1, "x");
    notification["message"]["body"] = json!("x".repeat(5000));

    let event = rig.deliver(&notification).await.unwrap();

    assert_eq!(event["outcome"], "rejected", "{event}");
    let trace = rig.client.trace(text(&event, "id")).await.unwrap();
    let trace = trace.expect(200);
    let outcome = &trace["deliveries"][0]["outcome"];
    assert!(!text(outcome, "remedy").is_empty(), "{trace:#}");
    assert_eq!(rig.simulator.counts().apns.requests, 0);
}

#[tokio::test]
async fn a_bad_line_of_a_stream_is_refused_alone_and_in_its_place() {
    let rig = rig().await;
    let lines = [
        to_token(1, "first").to_string(),
        "{\"to\":".to_owned(),
        String::new(),
        to_token(2, "second").to_string(),
        json!({"to": [{"channel": "nokia", "token": "t"}], "message": {"body": "x"}}).to_string(),
        padded(MAX_BODY + 1),
        padded(3 * MAX_BODY),
        json!({"to": [{"user": 7}], "message": {"body": "x"}}).to_string(),
        to_token(3, "third").to_string(),
    ];

    let answers = rig.client.send_lines(&lines).await.unwrap();

    let told: Vec<Value> = answers
        .iter()
        .map(|it| {
            json!([
                it["problem"]["line"],
                it["problem"]["code"],
                it["problem"]["field"]
            ])
        })
        .collect();
    let accepted = json!([null, null, null]);
    let expected = [
        accepted.clone(),
        json!([2, "bad_request", "to"]),
        accepted.clone(),
        json!([5, "invalid", "to[0].channel"]),
        json!([6, "too_large", null]),
        json!([7, "too_large", null]),
        json!([8, "bad_request", "to[0].user"]),
        accepted,
    ];
    assert_eq!(told, expected);
    for (at, body) in [(0, "first"), (2, "second"), (7, "third")] {
        let id = text(&answers[at], "id");
        let event = rig.client.outcomes(id, 1).await.unwrap().remove(0);
        let arrived = rig.simulator.received();
        let message = arrived
            .iter()
            .find(|it| it.vendor_id == text(&event, "vendor_id"));
        assert_eq!(message.unwrap().body["aps"]["alert"]["body"], body);
    }
}

#[tokio::test]
async fn a_long_stream_is_answered_line_by_line_in_order() {
    let rig = rig().await;
    let lines: Vec<String> = (0..1500)
        .map(|n| match n % 3 {
            0 => "nonsense".to_owned(),
            1 => to_token(n, "x").to_string(),
            _ => json!({"to": [{"user": format!("u{n}")}], "message": {"body": "x"}}).to_string(),
        })
        .collect();

    let answers = rig.client.send_lines(&lines).await.unwrap();

    assert_eq!(answers.len(), lines.len());
    for (n, answer) in answers.iter().enumerate() {
        match n % 3 {
            0 => assert_eq!(answer["problem"]["line"], n + 1, "{answer}"),
            1 => assert_eq!(answer["deliveries"], 1, "{answer}"),
            _ => {
                let why = format!("no_device: u{n}");
                assert_eq!(text(answer, "explanation"), why, "{answer}");
            }
        }
    }
    let all = |counts: &nudged_simulator::Counts| counts.apns.distinct_tokens == 500;
    assert!(rig.simulator.wait_for(DEADLINE, all).await);
}

#[tokio::test]
async fn a_stream_is_answered_before_it_ends() {
    let rig = rig().await;
    let mut stream = rig.client.open_stream().await.unwrap();
    let line = to_token(1, "now").to_string();
    let (half, rest) = line.split_at(20);

    for _ in 0..3 {
        assert!(stream.write(half.to_owned()).await);
        assert!(stream.write(format!("{rest}\n")).await);
        let answer = stream.answers.next().await.unwrap().unwrap();
        assert_eq!(answer["deliveries"], 1, "{answer}");
    }
    // The last line needs no end.
    assert!(stream.write(line.clone()).await);
    stream.finish();

    let answer = stream.answers.next().await.unwrap().unwrap();
    assert_eq!(answer["deliveries"], 1, "{answer}");
    assert_eq!(stream.answers.next().await.unwrap(), None);
}

#[tokio::test]
async fn of_a_stream_that_breaks_off_the_whole_lines_count() {
    let rig = rig().await;
    let mut socket = connect(&rig).await;
    let head = head("application/x-ndjson", "transfer-encoding: chunked");
    let whole = to_token(1, "whole").to_string() + "\n";
    // Would be a good one, but nobody can know that it is all of it.
    let half = to_token(2, "half").to_string();
    let piece = format!("{whole}{half}");
    let length = piece.len() + 1;
    let sent = format!("{head}{length:x}\r\n{piece}");

    socket.write_all(sent.as_bytes()).await.unwrap();
    let accepted = |counts: &nudged_simulator::Counts| counts.apns.accepted == 1;
    assert!(rig.simulator.wait_for(DEADLINE, accepted).await);
    drop(socket);
    rig.deliver(&to_token(3, "afterwards")).await.unwrap();

    let bodies: Vec<Value> = rig
        .simulator
        .received()
        .into_iter()
        .map(|it| it.body["aps"]["alert"]["body"].clone())
        .collect();
    assert_eq!(bodies, ["whole", "afterwards"]);
    let status = rig.client.get("/v1/status").await.unwrap().expect(200);
    assert_eq!(status["totals"]["notifications"], 2, "{status:#}");
}

#[tokio::test]
async fn a_path_or_method_that_is_not_there_is_a_problem_too() {
    let rig = rig().await;
    for path in [
        "/",
        "/v1",
        "/v2/notifications",
        "/v1/notifications/",
        "/v1/apps/a/users/b",
    ] {
        let reply = rig.client.get(path).await.unwrap();
        let problem = problem(reply, 404, "not_found");
        assert!(
            text(&problem, "hint").contains("/openapi.json"),
            "{problem:#}"
        );
    }
    for (method, path) in [
        (Method::GET, NOTIFICATIONS),
        (Method::DELETE, NOTIFICATIONS),
        (Method::POST, "/v1/health"),
        (Method::GET, "/v1/reload"),
        (Method::POST, "/v1/apps/a/users/b/devices/c"),
        (Method::PATCH, "/v1/events"),
    ] {
        let reply = rig
            .client
            .raw(method.clone(), path, "application/json", "{}")
            .await
            .unwrap();
        assert!(reply.headers.contains_key("allow"), "{method} {path}");
        let problem = problem(reply, 405, "method_not_allowed");
        let detail = text(&problem, "detail");
        assert!(
            detail.contains(path) && detail.contains(method.as_str()),
            "{problem:#}"
        );
    }
    for query in ["since=x", "follow=maybe", "sinse=0"] {
        let path = format!("/v1/events?{query}");
        problem(rig.client.get(&path).await.unwrap(), 400, "bad_request");
    }
}

#[tokio::test]
async fn a_key_that_was_used_gets_the_first_answer_again() {
    let mut rig = rig().await;
    let mut notification = to_token(1, "once");
    notification["idempotency_key"] = json!("order-4711");
    let first = rig.client.send(&notification).await.unwrap().expect(202);
    rig.client.outcomes(text(&first, "id"), 1).await.unwrap();

    let second = rig.client.send(&notification).await.unwrap().expect(202);
    // The key decides, not what it comes with.
    notification["message"]["body"] = json!("changed");
    let third = rig.client.send(&notification).await.unwrap().expect(202);
    rig.restart().await.unwrap();
    let fourth = rig.client.send(&notification).await.unwrap().expect(202);
    notification["idempotency_key"] = json!("order-4712");
    let other = rig.deliver(&notification).await.unwrap();

    assert_eq!([&second, &third, &fourth], [&first; 3]);
    assert_ne!(other["id"], first["id"]);
    assert_eq!(rig.simulator.counts().apns.requests, 2);
}

#[tokio::test]
async fn a_key_that_is_used_at_once_by_many_is_sent_once() {
    let rig = rig().await;
    let mut notification = to_token(1, "once");
    notification["idempotency_key"] = json!("k");

    let calls = (0..20).map(|_| rig.client.send(&notification));
    let answers: Vec<Value> = futures_util::future::join_all(calls)
        .await
        .into_iter()
        .map(|reply| reply.unwrap().expect(202))
        .collect();

    assert!(answers.iter().all(|it| *it == answers[0]), "{answers:#?}");
    rig.client
        .outcomes(text(&answers[0], "id"), 1)
        .await
        .unwrap();
    rig.deliver(&to_token(2, "afterwards")).await.unwrap();
    assert_eq!(rig.simulator.counts().apns.requests, 2);
}

#[tokio::test]
async fn a_key_that_a_stream_repeats_is_sent_once() {
    let rig = rig().await;
    let lines: Vec<String> = (0..600)
        .map(|n| {
            let mut notification = to_token(n % 3, "once");
            notification["idempotency_key"] = json!(format!("k{}", n % 3));
            notification.to_string()
        })
        .collect();

    let answers = rig.client.send_lines(&lines).await.unwrap();

    assert_eq!(answers.len(), 600);
    for (n, answer) in answers.iter().enumerate() {
        assert_eq!(*answer, answers[n % 3]);
    }
    for answer in &answers[..3] {
        rig.client.outcomes(text(answer, "id"), 1).await.unwrap();
    }
    assert_eq!(rig.simulator.counts().apns.requests, 3);
}

#[tokio::test]
async fn a_key_of_a_refused_notification_is_free_again() {
    let rig = rig().await;
    let refused = send(&rig, |n| {
        n["idempotency_key"] = json!("k");
        n["ttl"] = json!(u64::MAX);
    });
    problem(refused.await, 422, "invalid");

    let reply = send(&rig, |n| n["idempotency_key"] = json!("k")).await;

    assert_eq!(reply.expect(202)["deliveries"], 1);
}

#[tokio::test]
async fn a_device_is_told_once_however_often_it_is_named() {
    let rig = rig().await;
    rig.register("bob", "phone", "ios", APNS.token)
        .await
        .unwrap();
    let notification = json!({
        "to": [
            {"user": "bob"},
            {"user": "bob", "device": "phone"},
            {"channel": "ios", "token": APNS.token},
            {"user": "bob"},
        ],
        "message": {"body": "once"},
    });

    let accepted = rig.client.send(&notification).await.unwrap().expect(202);

    assert_eq!(accepted["deliveries"], 1, "{accepted}");
    rig.client.outcomes(text(&accepted, "id"), 1).await.unwrap();
    rig.deliver(&to_token(2, "afterwards")).await.unwrap();
    assert_eq!(rig.simulator.counts().apns.requests, 2);
}

#[tokio::test]
async fn who_has_no_device_is_named_and_the_others_are_told() {
    let rig = rig().await;
    rig.register("bob", "phone", "ios", APNS.token)
        .await
        .unwrap();
    let to = |to: Value| json!({"to": to, "message": {"body": "hello"}});

    let nobody = to(json!([{"user": "alice"}]));
    let nobody = rig.client.send(&nobody).await.unwrap().expect(202);
    let wrong_device = to(json!([{"user": "bob", "device": "watch"}]));
    let wrong_device = rig.client.send(&wrong_device).await.unwrap().expect(202);
    let some = to(json!([{"user": "alice"}, {"user": "bob"}, {"user": "dave"}]));
    let some = rig.client.send(&some).await.unwrap().expect(202);

    for (answer, deliveries, named) in [
        (&nobody, 0, "alice"),
        (&wrong_device, 0, "bob"),
        (&some, 1, "alice, dave"),
    ] {
        assert_eq!(answer["deliveries"], deliveries, "{answer}");
        let explanation = text(answer, "explanation");
        assert!(explanation.starts_with("no_device"), "{answer}");
        assert!(explanation.contains(named), "{answer}");
    }
    rig.client.outcomes(text(&some, "id"), 1).await.unwrap();
}

#[tokio::test]
async fn a_device_whose_channel_is_gone_is_explained() {
    let rig = rig().await;
    rig.register("bob", "phone", "ios", APNS.token)
        .await
        .unwrap();
    rig.home.remove_channel("ios").unwrap();
    rig.client
        .post("/v1/reload", &Value::Null)
        .await
        .unwrap()
        .expect(200);

    let notification = json!({
        "to": [{"user": "bob"}, {"user": "alice"}],
        "message": {"body": "hello"},
    });
    let accepted = rig.client.send(&notification).await.unwrap().expect(202);

    assert_eq!(accepted["deliveries"], 0, "{accepted}");
    let explanation = text(&accepted, "explanation");
    for part in [
        "no_channel",
        "bob/phone",
        "certificate id 1",
        "no_device: alice",
    ] {
        assert!(explanation.contains(part), "{part}: {accepted}");
    }
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

#[tokio::test]
async fn pipelined_requests_are_answered_in_order() {
    let rig = rig().await;
    let mut socket = connect(&rig).await;
    let paths = ["/v1/health", "/v1/nowhere", "/v1/channels", "/v1/health"];
    let mut requests = String::new();
    for path in paths {
        requests += &format!("GET {path} HTTP/1.1\r\nhost: localhost\r\n\r\n");
    }
    let body = to_token(1, "pipelined").to_string();
    let length = format!("content-length: {}\r\nconnection: close", body.len());
    requests += &head("application/json", &length);
    requests += &body;

    socket.write_all(requests.as_bytes()).await.unwrap();
    let mut answers = String::new();
    in_time(socket.read_to_string(&mut answers)).await.unwrap();

    let statuses: Vec<&str> = answers
        .split("HTTP/1.1 ")
        .skip(1)
        .map(|it| &it[..3])
        .collect();
    assert_eq!(statuses, ["200", "404", "200", "200", "202"], "{answers}");
    let at = |text: &str| answers.find(text).unwrap_or_else(|| panic!("no {text}"));
    assert!(at("\"ready\"") < at("/v1/nowhere"));
    assert!(at("/v1/nowhere") < at("\"channels\":["));
}

#[tokio::test]
async fn callers_that_never_finish_their_words_hold_nobody_up() {
    let rig = rig().await;
    let mut slow = Vec::new();
    let unfinished_body = head("application/json", "content-length: 100") + "{\"to\":";
    for words in [
        "",
        "G",
        "GET /v1/health HTTP/1.1\r\nhost: loc",
        &unfinished_body,
    ] {
        for _ in 0..25 {
            let mut socket = connect(&rig).await;
            socket.write_all(words.as_bytes()).await.unwrap();
            slow.push(socket);
        }
    }

    for n in 0..10 {
        let event = rig.deliver(&to_token(n, "quick")).await.unwrap();
        assert_eq!(event["outcome"], "accepted");
    }
    let mut byte = [0];
    for socket in &mut slow {
        let answer = tokio::time::timeout(Duration::ZERO, socket.read(&mut byte)).await;
        assert!(answer.is_err(), "the daemon still listens to the slow");
    }
}

#[tokio::test]
async fn what_is_no_http_is_cut_off_and_hurts_nobody() {
    let rig = rig().await;
    let long = format!("GET /{} HTTP/1.1\r\n\r\n", "x".repeat(1 << 20));
    let many = format!("GET / HTTP/1.1\r\n{}\r\n", "a: b\r\n".repeat(10_000));
    for words in [
        "\u{0}\u{1}\u{2}\r\n\r\n",
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        "\u{16}\u{3}\u{1}\u{2}\u{0}\r\n\r\n",
        "GET /v1/health HTTP/9.9\r\n\r\n",
        "POST /v1/notifications HTTP/1.1\r\ncontent-length: -1\r\n\r\n",
        "POST /v1/notifications HTTP/1.1\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n",
        &long,
        &many,
    ] {
        let (mut read, mut write) = connect(&rig).await.into_split();
        // The daemon may hang up before it has read all.
        let _cut = write.write_all(words.as_bytes()).await;
        let mut answer = Vec::new();
        let _reset = in_time(read.read_to_end(&mut answer)).await;
        let answer = String::from_utf8_lossy(&answer);
        assert!(
            answer.is_empty() || answer.starts_with("HTTP/1.1 4"),
            "{answer}"
        );
    }
    rig.deliver(&to_token(1, "still here")).await.unwrap();
}

#[tokio::test]
async fn the_openapi_document_describes_every_route() {
    let rig = rig().await;

    let document = rig.client.get("/openapi.json").await.unwrap().expect(200);

    assert!(text(&document, "openapi").starts_with("3."));
    let mut routes: Vec<(&str, &str)> = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            routes.push((method, path));
            let responses = operation["responses"].as_object().unwrap();
            assert!(!responses.is_empty(), "{method} {path}");
            let summary = text(operation, "summary").len() + text(operation, "description").len();
            assert!(summary > 0, "{method} {path} says what it does");
        }
    }
    routes.sort_unstable();
    let device = "/v1/apps/{app}/users/{user}/devices/{device}";
    let settings = "/v1/apps/{app}/users/{user}/settings";
    let expected = [
        ("delete", device),
        ("delete", "/v1/notifications/{id}"),
        ("get", "/v1/apps/{app}/users/{user}/devices"),
        ("get", device),
        ("get", settings),
        ("get", "/v1/channels"),
        ("get", "/v1/devices/export"),
        ("get", "/v1/drivers"),
        ("get", "/v1/events"),
        ("get", "/v1/health"),
        ("get", "/v1/notifications/{id}"),
        ("get", "/v1/status"),
        ("patch", settings),
        ("post", "/v1/devices/import"),
        ("post", "/v1/im/messages"),
        ("post", "/v1/notifications"),
        ("post", "/v1/notifications/preview"),
        ("post", "/v1/reload"),
        ("put", device),
        ("put", "/v1/apps/{app}/users/{user}/devices/{device}/state"),
        ("put", settings),
    ];
    assert_eq!(routes, expected);
    // Each of them is there: none is answered by the fallbacks.
    for (method, path) in routes {
        let path = path
            .replace("{app}", "default")
            .replace("{user}", "bob")
            .replace("{device}", "phone")
            .replace("{id}", "x");
        let method = Method::from_bytes(method.to_uppercase().as_bytes()).unwrap();
        let reply = rig
            .client
            .raw(method, &path, "application/json", "{}")
            .await
            .unwrap();
        let hint = text(&reply.body, "hint");
        assert!(!hint.contains("/openapi.json"), "{}", reply.what);
    }
    let mut references = Vec::new();
    collect_references(&document, &mut references);
    assert!(references.len() > 20, "{references:?}");
    for reference in references {
        let pointer = reference.strip_prefix('#').unwrap();
        assert!(document.pointer(pointer).is_some(), "no {reference}");
    }
    for schema in [
        "NotificationSpec",
        "RecipientSpec",
        "MessageSpec",
        "Problem",
        "DeviceView",
        "Event",
    ] {
        let there = document.pointer(&format!("/components/schemas/{schema}"));
        assert!(there.is_some(), "no schema {schema}");
    }
}

type Change = fn(&mut Value);

/// Sends a good notification that was changed.
async fn send(rig: &Rig, change: impl FnOnce(&mut Value)) -> Reply {
    let mut notification = to_token(1, "hello");
    change(&mut notification);
    rig.client.send(&notification).await.unwrap()
}

async fn post(rig: &Rig, body: impl Into<bytes::Bytes>) -> Reply {
    raw(rig, "application/json", body).await
}

async fn raw(rig: &Rig, kind: &str, body: impl Into<bytes::Bytes>) -> Reply {
    let reply = rig.client.raw(Method::POST, NOTIFICATIONS, kind, body);
    reply.await.unwrap()
}

/// A good notification of so many bytes.
fn padded(length: usize) -> String {
    let mut text = to_token(1, "long").to_string();
    let last = text.pop().unwrap();
    let missing = length - text.len() - 1;
    text.push_str(&" ".repeat(missing));
    text.push(last);
    text
}

/// The head of a request that posts notifications.
fn head(kind: &str, more: &str) -> String {
    format!(
        "POST {NOTIFICATIONS} HTTP/1.1\r\nhost: localhost\r\ncontent-type: {kind}\r\n{more}\r\n\r\n"
    )
}

async fn connect(rig: &Rig) -> UnixStream {
    UnixStream::connect(rig.home.socket()).await.unwrap()
}

async fn in_time<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(DEADLINE, future).await.unwrap()
}

async fn nothing_was_accepted(rig: &Rig) {
    let status = rig.client.get("/v1/status").await.unwrap().expect(200);
    assert_eq!(status["totals"]["notifications"], 0, "{status:#}");
    assert_eq!(status["totals"]["deliveries"], 0, "{status:#}");
    assert_eq!(rig.simulator.counts().apns.requests, 0);
}

fn collect_references<'a>(value: &'a Value, found: &mut Vec<&'a str>) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                match member.as_str() {
                    Some(reference) if name == "$ref" => found.push(reference),
                    _ => collect_references(member, found),
                }
            }
        }
        Value::Array(items) => {
            for item in items {
                collect_references(item, found);
            }
        }
        _ => {}
    }
}

//! The body of a request: of which type it may be and how long, for the daemon, which says so
//! before it has read all, and for the vendor, which never hears of what is too long.

use http::Method;
use nudged_rig::APNS;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::{MAX_BODY, connect, head, in_time, padded, raw};
use crate::world::{problem, rig, taken_by, text, to_token, token};

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
async fn what_is_too_long_for_the_vendor_is_cut_and_told_at_once() {
    let rig = rig().await;
    let mut notification = to_token(1, "x");
    notification["message"]["body"] = json!("x".repeat(5000));

    let answer = rig.client.post("/v1/notifications", &notification).await;
    let answer = answer.unwrap().expect(202);

    let notice = &answer["notices"][0];
    assert_eq!(
        (text(notice, "channel"), text(notice, "field")),
        ("ios", "message.body")
    );
    assert!(
        text(notice, "text").starts_with("was cut from 5000 to "),
        "{answer:#}"
    );
    let events = rig.client.outcomes(text(&answer, "id"), 1).await.unwrap();
    assert_eq!(events[0]["outcome"], "accepted", "{events:#?}");
}

/// Half an emoji, and a byte order mark: what JavaScript and Windows make of a message.
#[tokio::test]
async fn half_an_emoji_and_a_byte_order_mark_cost_no_message() {
    let rig = rig().await;
    let token = token(1);
    let body = format!(
        r#"{{"to":[{{"channel":"ios","token":"{token}"}}],"message":{{"title":"T","body":"cut here \ud83d"}}}}"#
    );
    for (front, n) in [("", 0), ("\u{feff}", 1)] {
        let sent = format!("{front}{body}");
        let reply = raw(&rig, "application/json", sent).await;
        let id = text(&reply.expect(202), "id").to_owned();
        rig.client.outcomes(&id, 1).await.unwrap();
        let taken = taken_by(&rig, APNS);
        let shown = taken[n].body.pointer("/aps/alert/body");
        assert_eq!(shown, Some(&json!("cut here \u{fffd}")));
    }
}

/// What stands for an unpaired surrogate looks like all others, and would make two users one.
#[tokio::test]
async fn half_an_emoji_in_an_identifier_is_refused_and_makes_no_two_users_one() {
    let rig = rig().await;
    let message = r#""message":{"title":"T","body":"b"}"#;
    let name = r"z\ud83d";
    for (field, body) in [
        (
            "to[0].user",
            format!(r#"{{"to":[{{"user":"{name}"}}],{message}}}"#),
        ),
        (
            "idempotency_key",
            format!(r#"{{"to":[{{"user":"bob"}}],"idempotency_key":"{name}",{message}}}"#),
        ),
        (
            "app",
            format!(r#"{{"app":"{name}","to":[{{"user":"bob"}}],{message}}}"#),
        ),
    ] {
        let refused = problem(raw(&rig, "application/json", body).await, 422, "invalid");
        assert_eq!(refused["field"], field, "{refused:#}");
        assert!(
            text(&refused, "detail").contains("an unpaired surrogate"),
            "{refused:#}"
        );
    }
    let line = format!(
        r#"{{"user":"{name}","device":"p","channel":"ios","token":"{}"}}"#,
        token(1)
    );
    let answers = rig
        .client
        .post_lines("/v1/devices/import", line)
        .await
        .unwrap();
    assert_eq!(answers[0]["refused"][0]["field"], "user", "{answers:#?}");
}

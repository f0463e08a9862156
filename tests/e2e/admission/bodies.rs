//! The body of a request: of which type it may be and how long, for the daemon, which says so
//! before it has read all, and for the vendor, which never hears of what is too long.

use http::Method;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::{MAX_BODY, connect, head, in_time, padded, raw};
use crate::support::{problem, rig, text, to_token};

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

//! HTTP itself: routes that are not there, requests in one go, callers that are slow, and what
//! is no HTTP at all.

use std::time::Duration;

use http::Method;
use nudged_rig::Rig;
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::{NOTIFICATIONS, connect, head, in_time};
use crate::world::{problem, rig, text, to_token};

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
async fn what_is_no_http_is_told_so_and_hurts_nobody() {
    let rig = rig().await;
    let long = format!("GET /{} HTTP/1.1\r\n\r\n", "x".repeat(1 << 20));
    let many = format!("GET / HTTP/1.1\r\n{}\r\n", "a: b\r\n".repeat(10_000));
    for (words, status) in [
        ("\u{0}\u{1}\u{2}\r\n\r\n", 400),
        ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505),
        ("\u{16}\u{3}\u{1}\u{2}\u{0}\r\n\r\n", 400),
        ("GET /v1/health HTTP/9.9\r\n\r\n", 505),
        (
            "POST /v1/notifications HTTP/1.1\r\ncontent-length: -1\r\n\r\n",
            400,
        ),
        (
            "POST /v1/notifications HTTP/1.1\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n",
            400,
        ),
        (
            "POST /v1/notifications HTTP/1.1\r\ntransfer-encoding: gzip\r\n\r\n",
            501,
        ),
        (&long, 414),
        (&many, 431),
    ] {
        let answer = said(&rig, words).await;
        let shown = &words[..words.len().min(80)];
        let start = format!("HTTP/1.1 {status} ");
        assert!(answer.starts_with(&start), "{shown:?}: {answer}");
        let (_, body) = answer.split_once("\r\n\r\n").unwrap();
        let problem: Value = serde_json::from_str(body).unwrap();
        assert_eq!(problem["status"], status, "{problem:#}");
        assert!(!text(&problem, "detail").is_empty(), "{problem:#}");
    }
    rig.deliver(&to_token(1, "still here")).await.unwrap();
}

/// What a caller is answered that says this and ends its sending.
async fn said(rig: &Rig, words: &str) -> String {
    let (mut read, mut write) = connect(rig).await.into_split();
    let mut answer = String::new();
    let (read, written) = tokio::join!(in_time(read.read_to_string(&mut answer)), async {
        write.write_all(words.as_bytes()).await?;
        write.shutdown().await
    });
    read.unwrap();
    written.unwrap();
    answer
}

#[tokio::test]
async fn what_was_accepted_is_answered_whatever_the_caller_writes_or_ends_after_it() {
    let rig = rig().await;
    let body = to_token(1, "half closed").to_string();
    let length = format!("content-length: {}", body.len());
    let post = head("application/json", &length) + &body;
    for _ in 0..50 {
        let answer = said(&rig, &post).await;
        assert!(answer.starts_with("HTTP/1.1 202 "), "{answer}");
    }
    for more in ["\r\n", "P", &post[..40]] {
        let mut socket = connect(&rig).await;
        let words = format!("{post}{more}");
        socket.write_all(words.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        while !answer.ends_with(b"}") {
            let read = in_time(socket.read_buf(&mut answer)).await.unwrap();
            assert!(read > 0, "it ends without an answer: {more:?}");
        }
        assert!(answer.starts_with(b"HTTP/1.1 202 "), "{more:?}");
    }
}

#[tokio::test]
async fn a_body_that_no_handler_reads_breaks_nobodys_pipe() {
    let rig = rig().await;
    let mut socket = connect(&rig).await;
    let body = vec![b' '; 200_000];
    let head = format!(
        "GET /v1/health HTTP/1.1\r\nhost: localhost\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    for _ in 0..5 {
        socket.write_all(head.as_bytes()).await.unwrap();
        in_time(socket.write_all(&body)).await.unwrap();
        let mut answer = Vec::new();
        while !answer.ends_with(b"}") {
            let read = in_time(socket.read_buf(&mut answer)).await.unwrap();
            assert!(read > 0, "it ends without an answer");
        }
        assert!(answer.starts_with(b"HTTP/1.1 200 "));
    }
}

#[tokio::test]
async fn requests_with_chunked_bodies_are_all_answered_on_one_connection() {
    let rig = rig().await;
    let mut socket = connect(&rig).await;
    let mut words = String::new();
    for n in 1..=20 {
        let body = to_token(n, "chunked").to_string();
        words += &head("application/json", "transfer-encoding: chunked");
        words += &format!("{:x}\r\n{body}\r\n0\r\n\r\n", body.len());
    }
    socket.write_all(words.as_bytes()).await.unwrap();

    let mut answers = String::new();
    while answers.matches("HTTP/1.1 202 ").count() < 20 {
        let mut read = [0; 4096];
        let length = in_time(socket.read(&mut read)).await.unwrap();
        assert!(length > 0, "it ends without an answer: {answers}");
        answers += std::str::from_utf8(&read[..length]).unwrap();
    }
    assert!(!answers.contains("connection: close"), "{answers}");
}

use super::*;

#[tokio::test(start_paused = true)]
async fn who_is_turned_away_hears_it_instead_of_any_answer() {
    let problem = Problem::new(Code::TooManyConnections, "too many");
    for (words, expected) in [
        (GOOD, &[503_u16] as &[u16]),
        ("GET / HTTP/9.9\r\n\r\n", &[503]),
        ("GET / HTTP/1.1\r\n", &[503]),
        ("", &[]),
    ] {
        let mut met = meet_with(Some(problem.clone()));
        met.write(words).await;
        let answers = met.rest().await;
        assert_eq!(statuses(&answers), expected, "{words:?}: {answers}");
        if !expected.is_empty() {
            assert!(answers.contains("retry-after: 5\r\n"), "{answers}");
            assert!(answers.contains("connection: close"), "{answers}");
        }
        met.serving.await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn a_client_of_tencents_that_is_turned_away_hears_it_in_tencents_form() {
    let problem = Problem::new(Code::TooManyConnections, "too many");
    for (path, status) in [
        ("/v4/openim/sendmsg", 200),
        ("/v1/im/messages?call=sendmsg", 503),
    ] {
        let mut met = meet_with(Some(problem.clone()));
        met.write(format!(
            "POST {path} HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\n{{}}"
        ))
        .await;
        let answer = met.rest().await;
        assert!(
            answer.starts_with(&format!("HTTP/1.1 {status}")),
            "{answer}"
        );
        let (_, body) = answer.split_once("\r\n\r\n").unwrap();
        let body: serde_json::Value = serde_json::from_str(body).unwrap();
        assert_eq!(body["ActionStatus"], "FAIL", "{body}");
        assert_ne!(body["ErrorCode"], 0, "{body}");
        assert_eq!(body["code"], "too_many_connections", "{body}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_client_of_tencents_whose_request_cannot_be_read_hears_it_in_tencents_form() {
    let long = "x".repeat(70_000);
    let host = "host: x\r\n";
    let good = GOOD.replace("hello", "{\"a\":");
    let good = good.replace("content-length: 5", "content-length: 6");
    let sendmsg = "POST /v4/openim/sendmsg?sdkappid=1 HTTP/1.1\r\n";
    let im = "POST /v1/im/messages?call=sendmsg HTTP/1.1\r\n";
    for (words, status, code) in [
        (
            format!("{sendmsg}{host}content-length: abc\r\n\r\n{{}}"),
            200,
            "bad_request",
        ),
        (
            format!("{sendmsg}{host}content-length: 1\r\ncontent-length: 2\r\n\r\n"),
            200,
            "bad_request",
        ),
        (
            format!("{sendmsg}{host}content-length: 18446744073709551615\r\n\r\n{{}}"),
            200,
            "too_large",
        ),
        (
            format!("{sendmsg}transfer-encoding: gzip\r\n\r\n"),
            200,
            "not_implemented",
        ),
        (format!("{sendmsg}nothing\r\n\r\n"), 200, "bad_request"),
        (format!("{sendmsg}a: {long}\r\n\r\n"), 200, "head_too_large"),
        (sendmsg.replace("sdkappid", &long), 200, "uri_too_long"),
        (
            sendmsg.replace("1.1", "3.0") + "\r\n",
            200,
            "version_not_supported",
        ),
        (
            sendmsg.replace("/v4", "http://x/v4") + "content-length: abc\r\n\r\n",
            200,
            "bad_request",
        ),
        // Never whole.
        (format!("{sendmsg}{host}"), 200, "request_timeout"),
        (format!("\r\n{sendmsg}"), 200, "request_timeout"),
        (format!("{im}{host}"), 408, "request_timeout"),
        (
            format!("{im}content-length: abc\r\n\r\n"),
            400,
            "bad_request",
        ),
        // Behind another one, whose body ends in the middle of a line.
        (
            format!("{good}{sendmsg}content-length: abc\r\n\r\n{GOOD}"),
            200,
            "bad_request",
        ),
    ] {
        let mut met = meet();
        met.write(&words).await;

        let answers = met.rest().await;

        let shown = &words[..words.len().min(200)];
        let answer = &answers[answers.rfind("HTTP/1.1 ").unwrap()..];
        let start = format!("HTTP/1.1 {status} ");
        assert!(answer.starts_with(&start), "{shown:?}: {answer}");
        let (_, body) = answer.split_once("\r\n\r\n").unwrap();
        let body: serde_json::Value = serde_json::from_str(body).unwrap();
        assert_eq!(body["ActionStatus"], "FAIL", "{shown:?}: {body}");
        assert_ne!(body["ErrorCode"], 0, "{body}");
        assert_eq!(body["code"], code, "{shown:?}: {body}");
    }
    // And nobody else.
    let words = format!("{}POST /echo HTTP/1.1\r\ncontent-length: abc\r\n\r\n", GOOD);
    let answer = answers(words.as_bytes()).await;
    assert_eq!(statuses(&answer), [200, 400], "{answer}");
    assert!(!answer.contains("ActionStatus"), "{answer}");
}

use std::future::pending;

use axum::extract::Request;
use axum::response::IntoResponse;
use axum::routing::{get, post};
use futures_util::StreamExt;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::*;
use crate::api::problem::Code;

/// The body of the one good request of these tests, and what it is answered.
const GOOD: &str = "POST /echo HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\n\r\nhello";

fn router() -> Router {
    let echo =
        async |request: Request| match super::super::body::whole(request.into_body(), 64).await {
            Ok(body) => ([(header::CONTENT_TYPE, "text/plain")], body).into_response(),
            Err(problem) => problem.into_response(),
        };
    let stream = async |request: Request| {
        let parts = request.into_body().into_data_stream();
        Body::from_stream(parts.map(|part| part.map(|_| "line\n")))
    };
    let wordy = async |request: Request| {
        let parts = request.into_body().into_data_stream();
        Body::from_stream(parts.map(|part| part.map(|_| "x".repeat(4096))))
    };
    let unknown = async || Problem::new(Code::NotFound, "there is none");
    let wrong = async || Problem::new(Code::MethodNotAllowed, "not this");
    Router::new()
        .route("/echo", post(echo))
        .route("/ignore", post(async || "done").get(async || "got"))
        .route("/stream", post(stream))
        .route("/wordy", post(wordy))
        .route("/never", get(async || pending::<String>().await))
        .route("/silence", get(async || silence()))
        .route("/flood", get(async || flood()))
        .fallback(unknown)
        .method_not_allowed_fallback(wrong)
}

/// An answer that begins and goes on for ever.
fn silence() -> Body {
    let begun = futures_util::stream::iter([Ok::<_, Infallible>("line\n")]);
    Body::from_stream(begun.chain(futures_util::stream::pending()))
}

/// An answer that is there faster than it is read.
fn flood() -> Body {
    let line = || Ok::<_, Infallible>("line\n");
    Body::from_stream(futures_util::stream::repeat_with(line))
}

struct Met {
    caller: UnixStream,
    stop: watch::Sender<bool>,
    serving: tokio::task::JoinHandle<()>,
}

fn meet_with(turned_away: Option<Problem>) -> Met {
    let (here, caller) = UnixStream::pair().unwrap();
    let (stop, stopped) = watch::channel(false);
    let peer = Arc::new(Peer::of(&here).unwrap());
    let welcome = Welcome {
        router: router(),
        turned_away,
        max_body: 256,
    };
    Met {
        caller,
        stop,
        serving: tokio::spawn(serve(here, peer, welcome, stopped)),
    }
}

fn meet() -> Met {
    meet_with(None)
}

impl Met {
    async fn write(&mut self, words: impl AsRef<[u8]>) {
        self.caller.write_all(words.as_ref()).await.unwrap();
    }

    /// Reads until what was read ends so.
    async fn read_until(&mut self, end: &str) -> String {
        let mut read = Vec::new();
        let mut byte = [0];
        while !read.ends_with(end.as_bytes()) {
            let length = self.caller.read(&mut byte).await.unwrap();
            assert_eq!(length, 1, "it ends: {}", String::from_utf8_lossy(&read));
            read.push(byte[0]);
        }
        String::from_utf8(read).unwrap()
    }

    async fn rest(&mut self) -> String {
        let mut rest = String::new();
        self.caller.read_to_string(&mut rest).await.unwrap();
        rest
    }

    async fn end_sending(&mut self) {
        self.caller.shutdown().await.unwrap();
    }
}

/// Lets the other side do all that it can do now.
async fn settle() {
    for _ in 0..20 {
        tokio::task::yield_now().await;
    }
}

/// The statuses of all answers, and whether each has a body that is all there and, when it is a
/// refusal, a problem.
fn statuses(mut answers: &str) -> Vec<u16> {
    let mut statuses = Vec::new();
    while !answers.is_empty() {
        let (head, rest) = answers.split_once("\r\n\r\n").expect("a head");
        let status = head
            .strip_prefix("HTTP/1.1 ")
            .or(head.strip_prefix("HTTP/1.0 "));
        let status: u16 = status.expect("a status line")[..3].parse().unwrap();
        if status == 100 {
            answers = rest;
            continue;
        }
        let length = head
            .lines()
            .find_map(|it| it.strip_prefix("content-length: "));
        let length = length.expect("a length").parse().unwrap();
        let (body, rest) = rest.split_at(length);
        if status >= 400 {
            assert!(head.contains("application/problem+json"), "{head}");
            let problem: Problem = serde_json::from_str(body).unwrap();
            assert_eq!(problem.status, status);
            assert!(!problem.detail.is_empty());
        }
        answers = rest;
        statuses.push(status);
    }
    statuses
}

/// What a caller is answered that says this and ends its sending.
async fn answers(words: &[u8]) -> String {
    let (mut met, words) = (meet(), words.to_vec());
    let (mut read, mut write) = met.caller.split();
    let mut answers = String::new();
    let (read, _) = tokio::join!(read.read_to_string(&mut answers), async {
        // It may be cut off.
        let _ = write.write_all(&words).await;
        let _ = write.shutdown().await;
    });
    read.unwrap();
    answers
}

#[tokio::test]
async fn every_form_of_a_request_has_its_answer_and_none_a_bare_end() {
    let chunked = "POST /echo HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n";
    let fields = |n: usize| format!("GET /ignore HTTP/1.1\r\n{}\r\n", "a: b\r\n".repeat(n));
    let target = |n: usize| format!("GET /{} HTTP/1.1\r\n\r\n", "x".repeat(n));
    let with = |field: &str| format!("POST /echo HTTP/1.1\r\nhost: x\r\n{field}\r\n\r\nhello");
    let many = GOOD.repeat(40);
    let cases: Vec<(Vec<u8>, &[u16])> = [
        // Well formed, if odd.
        (GOOD.to_owned(), &[200_u16] as &[u16]),
        (format!("\r\n{GOOD}"), &[200]),
        (format!("{GOOD}\r\n"), &[200]),
        (format!("{GOOD}\r\n\r\n{GOOD}"), &[200, 200]),
        (format!("{GOOD}{GOOD}"), &[200, 200]),
        (many, &[200; 40]),
        (GOOD.replace("\r\n", "\n"), &[200]),
        (GOOD.replace("host: x\r\n", ""), &[200]),
        (GOOD.replace("host: x", "host:"), &[200]),
        (GOOD.replace("host: x", "HOST:\tx"), &[200]),
        (GOOD.replace("1.1", "1.0"), &[200]),
        (GOOD.replace("/echo", "http://x/echo"), &[200]),
        (GOOD.replace("/echo", "/echo?a=b"), &[200]),
        (with("content-length: 5\r\ncontent-length: 5"), &[200]),
        (with("content-length: 5\r\nconnection: close"), &[200]),
        (
            with("content-length: 5\r\nupgrade: websocket\r\nconnection: upgrade"),
            &[200],
        ),
        (with("content-length: 5\r\nexpect: 100-continue"), &[200]),
        (with("content-length: 0"), &[200, 400]),
        (format!("{chunked}5\r\nhello\r\n0\r\n\r\n"), &[200]),
        (
            format!("{chunked}5;a=b\r\nhello\r\n0\r\nx: y\r\n\r\n"),
            &[200],
        ),
        (format!("{chunked}0\r\n\r\n"), &[200]),
        (
            "POST /ignore HTTP/1.1\r\ncontent-length: 5\r\n\r\nhello".into(),
            &[200],
        ),
        ("GET /ignore HTTP/1.1\r\n\r\n".into(), &[200]),
        (fields(100), &[200]),
        // Of good form, but not for this socket.
        ("GET /nowhere HTTP/1.1\r\n\r\n".into(), &[404]),
        ("OPTIONS * HTTP/1.1\r\n\r\n".into(), &[404]),
        ("get /echo HTTP/1.1\r\n\r\n".into(), &[405]),
        ("TRACE /echo HTTP/1.1\r\n\r\n".into(), &[405]),
        ("CONNECT x:1 HTTP/1.1\r\n\r\n".into(), &[404]),
        (with("content-length: 5\r\nexpect: a-miracle"), &[417]),
        (
            with("content-length: 100").replace("hello", &"x".repeat(100)),
            &[413],
        ),
        (with("content-length: 1000000"), &[413]),
        (with("content-length: 18446744073709551615"), &[413]),
        (
            format!("{chunked}50\r\n{}\r\n0\r\n\r\n", "x".repeat(0x50)),
            &[413],
        ),
        (with("transfer-encoding: gzip"), &[501]),
        (with("transfer-encoding: gzip, chunked"), &[501]),
        (
            with("transfer-encoding: chunked\r\ntransfer-encoding: chunked"),
            &[501],
        ),
        (with("transfer-encoding: identity"), &[501]),
        (with("transfer-encoding: chunked, gzip"), &[501]),
        // Other versions, other protocols.
        ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".into(), &[505]),
        ("GET / HTTP/2.0\r\n\r\n".into(), &[505]),
        ("GET / HTTP/1.2\r\n\r\n".into(), &[505]),
        ("GET / HTTP/9.9\r\nhost: x\r\n\r\n".into(), &[505]),
        ("GET / HTTP/0.9\r\n\r\n".into(), &[505]),
        ("GET / http/1.1\r\n\r\n".into(), &[400]),
        ("GET / HTTP/1\r\n\r\n".into(), &[400]),
        ("GET / HTTP/11\r\n\r\n".into(), &[400]),
        ("GET / FTP/1.1\r\n\r\n".into(), &[400]),
        ("GET /\r\n\r\n".into(), &[400]),
        ("\u{16}\u{3}\u{1}\u{2}\u{0}\u{1}\r\n\r\n".into(), &[400]),
        ("{\"to\":[],\"message\":{}}\r\n\r\n".into(), &[400]),
        ("SSH-2.0-OpenSSH_9.9\r\n".into(), &[400]),
        ("EHLO x\r\nQUIT\r\n\r\n".into(), &[400]),
        // Too long.
        (target(60_000), &[404]),
        (target(70_000), &[414]),
        (target(1 << 20), &[414]),
        (fields(101), &[431]),
        (fields(10_000), &[431]),
        (
            format!("GET / HTTP/1.1\r\na: {}\r\n\r\n", "x".repeat(1 << 17)),
            &[431],
        ),
        // Bad heads.
        ("\u{0}\u{1}\u{2}\r\n\r\n".into(), &[400]),
        (" GET / HTTP/1.1\r\n\r\n".into(), &[400]),
        ("GET  / HTTP/1.1\r\n\r\n".into(), &[400]),
        ("GET /a b HTTP/1.1\r\n\r\n".into(), &[400]),
        ("GET /a\u{0}b HTTP/1.1\r\n\r\n".into(), &[400]),
        ("G(T / HTTP/1.1\r\n\r\n".into(), &[400]),
        ("GET http:// HTTP/1.1\r\n\r\n".into(), &[400]),
        ("GET / HTTP/1.1 \r\n\r\n".into(), &[400]),
        ("GET / HTTP/1.1\r\n folded\r\n\r\n".into(), &[400]),
        ("GET / HTTP/1.1\r\na: b\r\n c\r\n\r\n".into(), &[400]),
        ("GET / HTTP/1.1\r\na : b\r\n\r\n".into(), &[400]),
        ("GET / HTTP/1.1\r\n: b\r\n\r\n".into(), &[400]),
        ("GET / HTTP/1.1\r\nnothing\r\n\r\n".into(), &[400]),
        ("GET / HTTP/1.1\r\na: b\u{0}c\r\n\r\n".into(), &[400]),
        ("GET / HTTP/1.1\r\na: b\rc\r\n\r\n".into(), &[400]),
        ("GET / HTTP/1.1\r\na[b]: c\r\n\r\n".into(), &[400]),
        (
            "GET / HTTP/1.1\r\nhost: a\r\nhost: b\r\n\r\n".into(),
            &[400],
        ),
        (with("content-length: -1"), &[400]),
        (with("content-length: +5"), &[400]),
        (with("content-length: 0x5"), &[400]),
        (with("content-length: 5 5"), &[400]),
        (with("content-length: 5, 6"), &[400]),
        (with("content-length: five"), &[400]),
        (with("content-length:"), &[400]),
        (with("content-length: 99999999999999999999"), &[400]),
        (with("content-length: 5\r\ncontent-length: 6"), &[400]),
        (
            with("transfer-encoding: chunked").replace("1.1", "1.0"),
            &[400],
        ),
        // Bad bodies.
        (format!("{chunked}x\r\nhello\r\n0\r\n\r\n"), &[400]),
        (format!("{chunked}-5\r\nhello\r\n0\r\n\r\n"), &[400]),
        (format!("{chunked}fffffffffffffffff\r\nhello\r\n"), &[400]),
        (format!("{chunked}5\r\nhelloX\r\n0\r\n\r\n"), &[400]),
        (format!("{chunked}5\r\nhello\r\n"), &[400]),
        (format!("{chunked}5\r\nhel"), &[400]),
        (with("content-length: 6"), &[400]),
        // Broken off.
        ("G".into(), &[400]),
        ("GET / HTTP/1.1".into(), &[400]),
        ("GET / HTTP/1.1\r\nhost: x\r\n".into(), &[400]),
        (format!("{GOOD}GET"), &[200, 400]),
        (format!("{GOOD}\u{0}\r\n\r\n"), &[200, 400]),
        (format!("{GOOD}GET / HTTP/3.0\r\n\r\n{GOOD}"), &[200, 505]),
    ]
    .into_iter()
    .map(|(words, statuses)| (words.into_bytes(), statuses))
    .chain([
        (b"GET /\xff HTTP/1.1\r\n\r\n".to_vec(), &[400_u16] as &[u16]),
        (b"GET / HTTP/1.1\r\n\xff: b\r\n\r\n".to_vec(), &[400]),
        (vec![0xff; 300], &[400]),
    ])
    .collect();
    assert!(cases.len() > 100);
    let mut wrong = Vec::new();
    for (words, expected) in cases {
        let answers = answers(&words).await;
        let statuses = statuses(&answers);
        if statuses != expected {
            let shown = String::from_utf8_lossy(&words[..words.len().min(200)]);
            wrong.push(format!(
                "{shown:?}: {statuses:?} for {expected:?}: {answers}"
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn a_caller_that_only_ends_or_says_nothing_is_owed_nothing() {
    for words in ["", "\r\n", "\r\n\r\n"] {
        assert_eq!(answers(words.as_bytes()).await, "");
    }
}

#[tokio::test]
async fn an_answer_waits_for_nothing_that_is_still_to_come() {
    for more in ["", "\r\n", "P", "POST /echo HTTP/1.1\r\nhost: x\r\n"] {
        let mut met = meet();
        met.write(format!("{GOOD}{more}")).await;

        let answer = met.read_until("hello").await;

        assert_eq!(statuses(&answer), [200], "{more:?}");
        // And it goes on.
        let rest = match more.strip_prefix("POST") {
            Some(_) => "content-length: 5\r\n\r\nhello",
            None => GOOD.strip_prefix(more).unwrap_or(GOOD),
        };
        met.write(rest).await;
        assert_eq!(statuses(&met.read_until("hello").await), [200], "{more:?}");
    }
}

#[tokio::test]
async fn a_refusal_says_where_the_mistake_is_and_quotes_nothing() {
    for (words, detail) in [
        (
            "GET / HTTP/1.1\r\na: b\r\nsecret\r\n\r\n",
            "line 3 of the head has no colon",
        ),
        (
            "GET / HTTP/1.1\r\nsecret : b\r\n\r\n",
            "line 2 of the head has no name",
        ),
        (
            "GET / HTTP/1.1\r\na: b\r\n secret\r\n\r\n",
            "line 3 of the head begins with a blank",
        ),
        (
            "GET / HTTP/1.1\r\na: \u{1}secret\r\n\r\n",
            "line 2 of the head has a control character",
        ),
        ("secret\r\n\r\n", "line 1 of the head is no request line"),
        (
            "GET /secret HTTP/7.0\r\n\r\n",
            "the request is HTTP/7.0, expected HTTP/1.1",
        ),
        (
            "GET /secret HTTP/1.1\r\nb: secret",
            "broke off after 31 bytes",
        ),
        ("\u{16}\u{3}secret\r\n\r\n", "this is a TLS handshake"),
        (
            "GET secret:// HTTP/1.1\r\n\r\nsecret",
            "the target of the request is no path",
        ),
        (
            "POST /secret HTTP/1.0\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
            "the request has a transfer-encoding, which HTTP/1.0 does not know",
        ),
    ] {
        let answer = answers(words.as_bytes()).await;
        assert!(answer.contains(detail), "{words:?}: {answer}");
        assert!(!answer.contains("secret"), "{answer}");
        assert!(answer.contains("connection: close"), "{answer}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_head_that_does_not_come_whole_in_time_is_answered_and_silence_is_not() {
    let (idle, head) = (PATIENCE.idle, PATIENCE.head);
    for (words, statuses_of, after) in [
        ("", &[] as &[u16], idle),
        ("\r\n", &[], head),
        ("GET / HTTP/1.1\r\nhost: x\r\n", &[408], head),
        (GOOD, &[200], idle),
        (&format!("{GOOD}POST"), &[200, 408], idle),
    ] {
        let mut met = meet();
        let start = Instant::now();
        met.write(words).await;
        let answers = met.rest().await;
        assert_eq!(statuses(&answers), statuses_of, "{words:?}: {answers}");
        met.serving.await.unwrap();
        let took = start.elapsed();
        assert!(took >= after && took < after + head, "{words:?}: {took:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_connection_lives_as_long_as_requests_come() {
    let mut met = meet();
    for _ in 0..10 {
        met.write(&GOOD[..20]).await;
        tokio::time::sleep(PATIENCE.head - Duration::from_secs(1)).await;
        met.write(&GOOD[20..]).await;
        assert_eq!(statuses(&met.read_until("hello").await), [200]);
        tokio::time::sleep(PATIENCE.idle - Duration::from_secs(1)).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_handler_may_take_longer_than_a_caller() {
    let mut met = meet();
    met.write("GET /never HTTP/1.1\r\n\r\n").await;
    tokio::time::sleep(Duration::from_secs(3600)).await;
    assert!(!met.serving.is_finished());
}

#[tokio::test]
async fn a_body_that_nobody_reads_is_out_of_the_way_of_the_next_request() {
    let mut met = meet();
    let head = "POST /ignore HTTP/1.1\r\ncontent-length: 256\r\n\r\n";
    for _ in 0..20 {
        met.write(head).await;
        met.write(&[b'x'; 100]).await;
        settle().await;
        met.write(&[b'x'; 156]).await;
        let answer = met.read_until("done").await;
        assert!(!answer.contains("connection: close"), "{answer}");
    }
}

#[tokio::test]
async fn a_body_that_is_too_long_to_be_read_in_vain_ends_the_connection_after_the_answer() {
    for head in ["content-length: 100000", "transfer-encoding: chunked"] {
        let mut met = meet();
        met.write(format!("POST /ignore HTTP/1.1\r\n{head}\r\n\r\n"))
            .await;

        let answer = met.read_until("done").await;

        assert!(answer.contains("connection: close"), "{answer}");
        // Who goes on writing for a while learns of it by reading, not by a broken pipe.
        met.write("5\r\nhello\r\n").await;
        assert_eq!(met.rest().await, "");
        met.end_sending().await;
        met.serving.await.unwrap();
    }
}

#[tokio::test]
async fn a_caller_that_waits_to_be_told_to_go_on_is_told_or_answered() {
    let expects = "content-length: 5\r\nexpect: 100-continue\r\n\r\n";
    let mut met = meet();
    met.write(format!("POST /echo HTTP/1.1\r\n{expects}")).await;
    assert!(
        met.read_until("\r\n\r\n")
            .await
            .starts_with("HTTP/1.1 100 ")
    );
    met.write("hello").await;
    assert_eq!(statuses(&met.read_until("hello").await), [200]);

    met.write(format!("POST /ignore HTTP/1.1\r\n{expects}"))
        .await;
    let answer = met.rest().await;

    assert_eq!(statuses(&answer), [200]);
    assert!(answer.contains("connection: close"), "{answer}");
}

#[tokio::test]
async fn a_stream_of_answers_goes_on_after_the_caller_has_ended_its_sending() {
    let mut met = meet();
    met.write("GET /silence HTTP/1.1\r\n\r\n").await;
    met.end_sending().await;
    met.read_until("line\n").await;
    settle().await;
    assert!(!met.serving.is_finished());
}

#[tokio::test(start_paused = true)]
async fn a_follower_that_has_gone_is_noticed_although_nothing_happens() {
    for ends_first in [false, true] {
        let mut met = meet();
        met.write("GET /silence HTTP/1.1\r\n\r\n").await;
        met.read_until("line\n").await;
        if ends_first {
            met.end_sending().await;
            tokio::time::sleep(Duration::from_secs(30)).await;
        }
        drop(met.caller);
        met.serving.await.unwrap();
    }
}

#[tokio::test]
async fn a_stream_ends_when_the_caller_ends_it_or_breaks_it_off() {
    let head = "POST /stream HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n";
    let mut met = meet();
    met.write(format!("{head}2\r\nx\n\r\n")).await;
    met.read_until("line\n").await;
    met.write("2\r\nx\n\r\n0\r\n\r\n").await;
    met.read_until("0\r\n\r\n").await;
    met.write(GOOD).await;
    assert_eq!(statuses(&met.read_until("hello").await), [200]);

    let mut met = meet();
    met.write(format!("{head}2\r\nx\n\r\n")).await;
    met.read_until("line\n").await;
    met.end_sending().await;
    met.rest().await;
    met.serving.await.unwrap();
}

#[tokio::test]
async fn a_daemon_that_stops_answers_what_was_written_before() {
    let mut met = meet();
    met.write(GOOD).await;
    met.read_until("hello").await;
    met.write(GOOD).await;
    met.stop.send_replace(true);
    let answer = met.rest().await;
    assert_eq!(statuses(&answer), [200]);
    assert!(answer.contains("connection: close"), "{answer}");
    met.serving.await.unwrap();
    assert!(met.caller.write_all(b"GET").await.is_err());
}

#[tokio::test]
async fn a_daemon_that_stops_waits_for_a_head_that_has_begun() {
    let mut met = meet();
    met.write(&GOOD[..10]).await;
    settle().await;
    met.stop.send_replace(true);
    settle().await;
    met.write(&GOOD[10..]).await;
    let answer = met.rest().await;
    assert_eq!(statuses(&answer), [200], "{answer}");
    assert!(answer.contains("connection: close"), "{answer}");
}

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
async fn a_caller_that_reads_nothing_is_read_no_further_and_in_the_end_cut_off() {
    let mut met = meet();
    met.write("POST /wordy HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n")
        .await;
    let lines = b"2\r\nx\n\r\n".repeat(1000);
    let mut written = 0;
    // Until it reads no more, however often it has the chance to.
    let mut refused = 0;
    while refused < 5000 {
        match met.caller.try_write(&lines) {
            Ok(length) => (written, refused) = (written + length, 0),
            Err(_) => refused += 1,
        }
        assert!(written < 64 << 20, "it reads for ever");
        tokio::task::yield_now().await;
    }
    // Its answers fill the buffers: no more is done for it.
    assert!(!met.serving.is_finished());
    let start = Instant::now();
    met.serving.await.unwrap();
    assert!(start.elapsed() >= PATIENCE.idle);
}

#[tokio::test(start_paused = true)]
async fn a_follower_that_pauses_is_not_cut_off() {
    let mut met = meet();
    met.write("GET /flood HTTP/1.1\r\n\r\n").await;
    tokio::time::sleep(PATIENCE.idle * 10).await;
    assert!(!met.serving.is_finished());
    met.read_until("line\n").await;
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

/// With a body of one chunk, or of none.
fn chunked(path: &str, body: &str) -> String {
    let chunk = match body.len() {
        0 => String::new(),
        length => format!("{length:x}\r\n{body}\r\n"),
    };
    format!("POST {path} HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n{chunk}0\r\n\r\n")
}

#[tokio::test]
async fn what_is_written_behind_a_chunked_body_is_answered_on_the_same_connection() {
    let too_long = "x".repeat(100);
    for (first, status) in [
        (chunked("/echo", "hello"), 200),
        (chunked("/echo", ""), 200),
        // Those of which something is left.
        (chunked("/ignore", "hello"), 200),
        (chunked("/nowhere", "hello"), 404),
        (chunked("/echo", &too_long), 413),
    ] {
        let mut met = meet();
        let last = chunked("/echo", "the last");
        met.write(format!("{first}{GOOD}{first}{last}")).await;

        let answers = met.read_until("the last").await;

        assert_eq!(statuses(&answers), [status, 200, status, 200], "{first:?}");
        assert!(!answers.contains("connection: close"), "{answers}");
        met.write(GOOD).await;
        assert_eq!(statuses(&met.read_until("hello").await), [200]);
    }
}

#[tokio::test(start_paused = true)]
async fn a_daemon_that_stops_waits_a_moment_for_half_a_request_and_answers_it() {
    for words in [
        "POST /echo HTTP/1.1\r\ncontent-length: 50\r\n\r\nx",
        "POST /echo HTTP/1.1\r\ncontent-length: 50\r\n\r\n",
        "POST /echo HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhel",
        "POST /ignore HTTP/1.1\r\ncontent-length: 50\r\n\r\nx",
        "POST /echo HTTP/1.1\r\nhost: x\r\n",
        "POST",
    ] {
        let mut met = meet();
        met.write(words).await;
        settle().await;
        let start = Instant::now();
        met.stop.send_replace(true);

        let answer = met.rest().await;

        let expected: u16 = if words.contains("ignore") { 200 } else { 503 };
        assert_eq!(statuses(&answer), [expected], "{words:?}: {answer}");
        assert!(answer.contains("connection: close"), "{answer}");
        assert_eq!(expected == 503, answer.contains("\"stopping\""), "{answer}");
        assert!(start.elapsed() < lent::REST * 2, "{words:?}");
        met.end_sending().await;
        met.serving.await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn a_daemon_that_stops_takes_a_body_that_comes_a_moment_later() {
    let mut met = meet();
    let (first, second) = GOOD.split_at(GOOD.len() - 3);
    met.write(first).await;
    settle().await;
    met.stop.send_replace(true);
    tokio::time::sleep(lent::REST / 2).await;
    met.write(second).await;
    assert_eq!(statuses(&met.rest().await), [200]);
}

#[tokio::test]
async fn a_length_that_is_none_is_named_whatever_the_body_is() {
    let huge = format!("1{}", "0".repeat(30));
    for length in [
        "-1",
        "+58",
        "58, 58",
        "",
        "0x5",
        "5 5",
        &huge,
        "5\r\ncontent-length: 6",
    ] {
        for body in [
            "",
            "hello",
            "{\"a\": 1}",
            "\u{16}\u{3}",
            "PRI * HTTP/2.0",
            "a HTTP/7.0\r\n",
            GOOD,
        ] {
            let words = format!("POST /echo HTTP/1.1\r\ncontent-length: {length}\r\n\r\n{body}");
            let answer = answers(words.as_bytes()).await;
            assert_eq!(statuses(&answer), [400], "{words:?}: {answer}");
            let detail = "the content-length is no number of bytes, or there are several";
            assert!(answer.contains(detail), "{words:?}: {answer}");
        }
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

#[tokio::test]
async fn half_a_body_that_is_read_at_the_stop_only_is_answered_with_the_stop() {
    let mut met = meet();
    met.stop.send_replace(true);
    met.write("POST /echo HTTP/1.1\r\ncontent-length: 50\r\n\r\nx")
        .await;

    let answer = met.rest().await;

    assert_eq!(statuses(&answer), [503], "{answer}");
    assert!(answer.contains("\"stopping\""), "{answer}");
}

#[tokio::test(start_paused = true)]
async fn a_caller_that_reads_no_answers_holds_up_no_stop() {
    for words in [GOOD, "GET /flood HTTP/1.1\r\n\r\n"] {
        let met = meet();
        let mut refused = 0;
        let mut written = 0;
        while refused < 5000 && written < 64 << 20 {
            match met.caller.try_write(words.repeat(100).as_bytes()) {
                Ok(length) => (written, refused) = (written + length, 0),
                Err(_) => refused += 1,
            }
            tokio::task::yield_now().await;
        }
        let start = Instant::now();
        met.stop.send_replace(true);

        met.serving.await.unwrap();

        assert!(start.elapsed() <= UNHEARD + lent::REST * 2, "{words:?}");
    }
}

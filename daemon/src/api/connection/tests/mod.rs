mod bodies;
mod forms;
mod rejection;
mod stop;
mod timeouts;

use super::*;
use crate::api::refusal::Refusal;
use axum::extract::Request;
use axum::response::IntoResponse;
use axum::routing::{get, post};
use futures_util::StreamExt;
use nudged_wire::Code;
use std::future::pending;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// The body of the one good request of these tests, and what it is answered.
const GOOD: &str = "POST /echo HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\n\r\nhello";

fn router() -> Router {
    let echo =
        async |request: Request| match super::super::body::whole(request.into_body(), 64).await {
            Ok(body) => ([(header::CONTENT_TYPE, "text/plain")], body).into_response(),
            Err(problem) => Refusal(problem).into_response(),
        };
    let stream = async |request: Request| {
        let parts = request.into_body().into_data_stream();
        Body::from_stream(parts.map(|part| part.map(|_| "line\n")))
    };
    let wordy = async |request: Request| {
        let parts = request.into_body().into_data_stream();
        Body::from_stream(parts.map(|part| part.map(|_| "x".repeat(4096))))
    };
    let unknown = async || Refusal(Problem::new(Code::NotFound, "there is none"));
    let wrong = async || Refusal(Problem::new(Code::MethodNotAllowed, "not this"));
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

fn meet_with(rejection: Option<Problem>) -> Met {
    let (here, caller) = UnixStream::pair().unwrap();
    let (stop, stopped) = watch::channel(false);
    let peer = Arc::new(Peer::of(&here).unwrap());
    let settings = ConnectionSettings {
        router: router(),
        rejection,
        max_body: 256,
    };
    Met {
        caller,
        stop,
        serving: tokio::spawn(serve(here, peer, settings, stopped)),
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

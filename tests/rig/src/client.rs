//! A caller of the daemon: HTTP/1.1 over its socket, connections kept and used again.

mod stream;

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HOST};
use http::{HeaderMap, Method, Request};
use http_body_util::channel::Channel;
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::client::conn::http1::SendRequest;
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::UnixStream;

use crate::daemon::DEADLINE;

pub use stream::{LineWriter, Lines, Stream};

type Body = BoxBody<Bytes, std::convert::Infallible>;

/// Why a call has no answer.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The socket does not accept.
    #[error("{socket} cannot be connected to")]
    Connect {
        /// The socket.
        socket: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The connection ended before the first byte of an answer.
    #[error("{what} was not answered before the connection ended")]
    Unanswered {
        /// What was asked for.
        what: String,
        /// What happened.
        source: hyper::Error,
    },
    /// The connection broke.
    #[error("{what} broke off")]
    Broken {
        /// What was asked for.
        what: String,
        /// What happened.
        source: hyper::Error,
    },
    /// The answer is no JSON.
    #[error("{what} was answered with what is no JSON: {text}")]
    NotJson {
        /// What was asked for.
        what: String,
        /// The answer.
        text: String,
    },
    /// Nothing came in time.
    #[error("{what} had no answer within {DEADLINE:?}")]
    Late {
        /// What was asked for.
        what: String,
    },
}

/// An answer.
#[derive(Debug, Clone)]
pub struct Reply {
    /// What was asked for.
    pub what: String,
    /// HTTP status.
    pub status: u16,
    /// HTTP headers.
    pub headers: HeaderMap,
    /// The JSON, null when there is none.
    pub body: Value,
}

impl Reply {
    /// The body, if the status is this one; else a panic that shows the answer.
    #[track_caller]
    pub fn expect(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}: {:#}", self.what, self.body);
        self.body
    }
}

/// A caller.
#[derive(Debug)]
pub struct Client {
    socket: PathBuf,
    idle: Mutex<Vec<SendRequest<Body>>>,
}

impl Client {
    /// Of the daemon at this socket; connects when needed.
    pub fn new(socket: &Path) -> Client {
        Client {
            socket: socket.to_owned(),
            idle: Mutex::default(),
        }
    }

    /// Another one of the same daemon, with connections of its own.
    pub fn another(&self) -> Client {
        Client::new(&self.socket)
    }

    /// GET.
    pub async fn get(&self, path: &str) -> Result<Reply, ClientError> {
        self.call(Method::GET, path, None, Bytes::new()).await
    }

    /// POST of JSON.
    pub async fn post(&self, path: &str, body: &Value) -> Result<Reply, ClientError> {
        self.raw(Method::POST, path, "application/json", body.to_string())
            .await
    }

    /// PUT of JSON.
    pub async fn put(&self, path: &str, body: &Value) -> Result<Reply, ClientError> {
        self.raw(Method::PUT, path, "application/json", body.to_string())
            .await
    }

    /// DELETE.
    pub async fn delete(&self, path: &str) -> Result<Reply, ClientError> {
        self.call(Method::DELETE, path, None, Bytes::new()).await
    }

    /// Sends one notification.
    pub async fn send(&self, notification: &Value) -> Result<Reply, ClientError> {
        self.post("/v1/notifications", notification).await
    }

    /// Sends notifications as one stream and returns the lines of the answer.
    pub async fn send_lines(&self, lines: &[String]) -> Result<Vec<Value>, ClientError> {
        self.post_lines("/v1/notifications", lines.join("\n") + "\n")
            .await
    }

    /// Sends lines as one stream and returns the lines of the answer.
    pub async fn post_lines(
        &self,
        path: &str,
        body: impl Into<Bytes>,
    ) -> Result<Vec<Value>, ClientError> {
        let what = format!("POST {path} (stream)");
        let request = request(Method::POST, path, Some(NDJSON), full(body.into()));
        self.answers(&what, request).await
    }

    /// The lines of an answer that ends.
    pub async fn get_lines(&self, path: &str) -> Result<Vec<Value>, ClientError> {
        let what = format!("GET {path} (stream)");
        let request = request(Method::GET, path, None, full(Bytes::new()));
        self.answers(&what, request).await
    }

    async fn answers(&self, what: &str, request: Request<Body>) -> Result<Vec<Value>, ClientError> {
        let answer = timed(what, self.exchange(what, request)).await?;
        let mut lines = Lines::of(what, answer);
        let mut values = Vec::new();
        while let Some(line) = lines.next().await? {
            values.push(line);
        }
        Ok(values)
    }

    /// A stream whose lines are sent one by one.
    pub async fn open_stream(&self) -> Result<Stream, ClientError> {
        self.open_stream_to("/v1/notifications").await
    }

    /// A stream of something else.
    pub async fn open_stream_to(&self, path: &str) -> Result<Stream, ClientError> {
        let what = format!("POST {path} (open stream)");
        let (sender, body) = Channel::new(16);
        let request = request(Method::POST, path, Some(NDJSON), body.boxed());
        let answer = timed(&what, self.exchange(&what, request)).await?;
        Ok(Stream {
            sender: Some(sender),
            answers: Lines::of(&what, answer),
        })
    }

    /// The stream of events, `query` as in `since=0&follow=true`.
    pub async fn events(&self, query: &str) -> Result<Lines, ClientError> {
        let path = format!("/v1/events?{query}");
        let what = format!("GET {path}");
        let request = request(Method::GET, &path, None, full(Bytes::new()));
        let answer = timed(&what, self.exchange(&what, request)).await?;
        Ok(Lines::of(&what, answer))
    }

    /// What became of a notification.
    pub async fn trace(&self, id: &str) -> Result<Reply, ClientError> {
        self.get(&format!("/v1/notifications/{id}")).await
    }

    /// Waits until `count` deliveries of a notification have ended, and returns their events.
    pub async fn outcomes(&self, id: &str, count: usize) -> Result<Vec<Value>, ClientError> {
        let what = format!("the outcome of {id}");
        let ended = async {
            let mut events = self.events("since=0&follow=true").await?;
            let mut found = Vec::with_capacity(count);
            while found.len() < count {
                match events.next().await? {
                    Some(event) if event["id"] == id => found.push(event),
                    Some(_) => {}
                    None => return Err(ClientError::Late { what: what.clone() }),
                }
            }
            Ok(found)
        };
        timed(&what, ended).await
    }

    /// Sends a body of any kind.
    pub async fn raw(
        &self,
        method: Method,
        path: &str,
        content_type: &str,
        body: impl Into<Bytes>,
    ) -> Result<Reply, ClientError> {
        self.call(method, path, Some(content_type), body.into())
            .await
    }

    async fn call(
        &self,
        method: Method,
        path: &str,
        content_type: Option<&str>,
        body: Bytes,
    ) -> Result<Reply, ClientError> {
        let what = format!("{method} {path}");
        let request = request(method, path, content_type, full(body));
        let answered = async {
            let mut sender = self.connection(&what).await?;
            let broken = |source| ClientError::Broken {
                what: what.clone(),
                source,
            };
            let answer = sender
                .send_request(request)
                .await
                .map_err(unanswered(&what))?;
            let (head, body) = answer.into_parts();
            let body = body.collect().await.map_err(broken)?.to_bytes();
            self.idle().push(sender);
            Ok(Reply {
                status: head.status.as_u16(),
                headers: head.headers,
                body: json(&what, &body)?,
                what: what.clone(),
            })
        };
        timed(&what, answered).await
    }

    /// One request on a connection of its own, whose answer is read by the caller.
    async fn exchange(&self, what: &str, request: Request<Body>) -> Result<Incoming, ClientError> {
        let mut sender = self.connect(what).await?;
        let answer = sender
            .send_request(request)
            .await
            .map_err(unanswered(what))?;
        Ok(answer.into_body())
    }

    async fn connection(&self, what: &str) -> Result<SendRequest<Body>, ClientError> {
        loop {
            let Some(mut idle) = self.idle().pop() else {
                return self.connect(what).await;
            };
            if idle.ready().await.is_ok() {
                return Ok(idle);
            }
        }
    }

    async fn connect(&self, what: &str) -> Result<SendRequest<Body>, ClientError> {
        let stream =
            UnixStream::connect(&self.socket)
                .await
                .map_err(|source| ClientError::Connect {
                    socket: self.socket.clone(),
                    source,
                })?;
        let (sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
            .await
            .map_err(|source| ClientError::Broken {
                what: what.to_owned(),
                source,
            })?;
        // Its end is told to whoever waits for an answer.
        tokio::spawn(async move { connection.await.ok() });
        Ok(sender)
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<SendRequest<Body>>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn unanswered(what: &str) -> impl FnOnce(hyper::Error) -> ClientError {
    let what = what.to_owned();
    move |source| ClientError::Unanswered { what, source }
}

const NDJSON: &str = "application/x-ndjson";

fn request(method: Method, path: &str, content_type: Option<&str>, body: Body) -> Request<Body> {
    let mut request = Request::builder()
        .method(method)
        .uri(path)
        .header(HOST, "localhost");
    if let Some(content_type) = content_type {
        request = request.header(CONTENT_TYPE, content_type);
    }
    request
        .body(body)
        .expect("paths and types of the tests are valid")
}

fn full(body: Bytes) -> Body {
    Full::new(body).boxed()
}

fn json(what: &str, bytes: &[u8]) -> Result<Value, ClientError> {
    if bytes.is_empty() {
        return Ok(Value::Null);
    }
    serde_json::from_slice(bytes).map_err(|_| ClientError::NotJson {
        what: what.to_owned(),
        text: String::from_utf8_lossy(bytes).into_owned(),
    })
}

async fn timed<T>(
    what: &str,
    future: impl Future<Output = Result<T, ClientError>>,
) -> Result<T, ClientError> {
    match tokio::time::timeout(DEADLINE, future).await {
        Ok(result) => result,
        Err(_) => Err(ClientError::Late {
            what: what.to_owned(),
        }),
    }
}

//! HTTP/1.1 on a Unix socket: one connection a request, answers whole or line by line.

use std::io::{self, Read};
use std::path::PathBuf;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::{Method, Request, Response, header};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full, StreamBody};
use hyper::body::{Frame, Incoming};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::net::UnixStream;
use tokio::sync::mpsc;

use super::error::CtlError;
use nudged_wire::Ended;

/// Longest whole answer in bytes: a thousand deliveries, each with its attempts, are a few MiB.
const MAX_RESPONSE: usize = 64 << 20;
/// Longest line of a stream in bytes; a device or an event is some hundred.
const MAX_LINE: usize = 4 << 20;
/// How a line begins that is no line of the stream any more.
const PROBLEM: &[u8] = br#"{"problem":"#;
const CHUNK: usize = 64 << 10;

type Body = UnsyncBoxBody<Bytes, io::Error>;
/// A body as it is made; a mistake breaks it off.
pub type Pieces = mpsc::Receiver<io::Result<Bytes>>;

/// The daemon, by its socket.
pub struct Client {
    socket: PathBuf,
    timeout: Duration,
}

impl Client {
    /// Nothing is opened yet. An answer, or the next part of one, may take so long.
    pub fn new(socket: PathBuf, timeout: Duration) -> Self {
        Self { socket, timeout }
    }

    pub async fn get(&self, path: &str) -> Result<ApiResponse, CtlError> {
        self.request(Method::GET, path, Vec::new()).await
    }

    /// Asks with a JSON body, or with none. Must be something that does no harm when it is
    /// asked twice: where the daemon hangs up, as one that is being restarted may, the next one
    /// is asked.
    pub async fn request(
        &self,
        method: Method,
        path: &str,
        json: Vec<u8>,
    ) -> Result<ApiResponse, CtlError> {
        let request = format!("{method} {path}");
        let json = Bytes::from(json);
        let once = async || {
            let body = Full::new(json.clone())
                .map_err(|never| match never {})
                .boxed_unsync();
            let response = self
                .exchange(method.clone(), path, "application/json", body, &request)
                .await?;
            whole(response.into_body(), &request, MAX_RESPONSE).await
        };
        let answer = async {
            match once().await {
                Err(CtlError::Disconnected(_)) => once().await,
                answer => answer,
            }
        };
        let body = self.within(answer).await?;
        Ok(ApiResponse { request, body })
    }

    /// Asks with a value as the JSON body.
    pub async fn request_with(
        &self,
        method: Method,
        path: &str,
        body: &impl Serialize,
    ) -> Result<ApiResponse, CtlError> {
        self.request(method, path, encode(body)?).await
    }

    /// Requests lines that are there.
    pub async fn lines(&self, path: &str) -> Result<ResponseLines, CtlError> {
        let mut lines = self.follow(path).await?;
        lines.timeout = Some(self.timeout);
        Ok(lines)
    }

    /// Requests lines of what is yet to happen: there may be none for long.
    pub async fn follow(&self, path: &str) -> Result<ResponseLines, CtlError> {
        let request = format!("GET {path}");
        let body = Full::default()
            .map_err(|never| match never {})
            .boxed_unsync();
        let asking = self.exchange(Method::GET, path, "", body, &request);
        let response = self.within(asking).await?;
        Ok(ResponseLines::of(response, request))
    }

    /// Sends lines as they are read, and hears the answers meanwhile.
    pub async fn upload(
        &self,
        path: &str,
        from: Box<dyn Read + Send>,
    ) -> Result<ResponseLines, CtlError> {
        self.stream(path, read(from)).await
    }

    /// Sends pieces as they come, and hears the answers meanwhile.
    pub async fn stream(&self, path: &str, pieces: Pieces) -> Result<ResponseLines, CtlError> {
        let request = format!("POST {path}");
        let pieces = futures_util::stream::unfold(pieces, |mut pieces| async {
            let piece = pieces.recv().await?;
            Some((piece.map(Frame::data), pieces))
        });
        let body = StreamBody::new(pieces).boxed_unsync();
        let asking = self.exchange(Method::POST, path, "application/x-ndjson", body, &request);
        let response = self.within(asking).await?;
        // Whoever makes the lines may take as long as it wants.
        Ok(ResponseLines::of(response, request))
    }

    async fn within<T>(
        &self,
        asking: impl Future<Output = Result<T, CtlError>>,
    ) -> Result<T, CtlError> {
        let answer = tokio::time::timeout(self.timeout, asking).await;
        answer.map_err(|_| CtlError::TimedOut(self.timeout))?
    }

    async fn exchange(
        &self,
        method: Method,
        path: &str,
        kind: &str,
        body: Body,
        request: &str,
    ) -> Result<Response<Incoming>, CtlError> {
        let stream =
            UnixStream::connect(&self.socket)
                .await
                .map_err(|source| CtlError::Unreachable {
                    socket: self.socket.clone(),
                    source,
                })?;
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
        // Its mistakes come out of the request or of the body.
        tokio::spawn(connection);
        let mut message = Request::builder()
            .method(method)
            .uri(path)
            .header(header::HOST, "nudged")
            .header(
                header::USER_AGENT,
                concat!("nudgectl/", env!("CARGO_PKG_VERSION")),
            );
        if !kind.is_empty() {
            message = message.header(header::CONTENT_TYPE, kind);
        }
        let message = message
            .body(body)
            .map_err(|error| CtlError::Usage(error.to_string()))?;
        let response = sender.send_request(message).await?;
        if response.status().is_success() {
            return Ok(response);
        }
        let status = response.status();
        let body = whole(response.into_body(), request, MAX_RESPONSE).await?;
        Err(match serde_json::from_slice(&body) {
            Ok(problem) => CtlError::Refused(Box::new(problem)),
            Err(_) => CtlError::BadResponse {
                request: request.to_owned(),
                answer: format!("{status}: {}", excerpt(&body)),
            },
        })
    }
}

/// Reads a whole body: what answers on that socket may be no nudged, and have no end.
async fn whole(mut body: Incoming, request: &str, limit: usize) -> Result<Bytes, CtlError> {
    let mut whole = BytesMut::new();
    while let Some(frame) = body.frame().await.transpose()? {
        let Ok(data) = frame.into_data() else {
            continue;
        };
        if whole.len() + data.len() > limit {
            return Err(CtlError::TooLong {
                request: request.to_owned(),
                limit,
            });
        }
        whole.extend_from_slice(&data);
    }
    Ok(whole.freeze())
}

/// A whole answer.
pub struct ApiResponse {
    request: String,
    /// As it came.
    pub body: Bytes,
}

impl ApiResponse {
    pub fn parse<T: DeserializeOwned>(&self) -> Result<T, CtlError> {
        serde_json::from_slice(&self.body).map_err(|error| CtlError::BadResponse {
            request: self.request.clone(),
            answer: format!("{error} in {}", excerpt(&self.body)),
        })
    }
}

/// An answer that comes line by line.
pub struct ResponseLines {
    request: String,
    body: Incoming,
    buffer: BytesMut,
    /// How long the next part may take; none = for ever.
    timeout: Option<Duration>,
}

impl ResponseLines {
    fn of(response: Response<Incoming>, request: String) -> Self {
        Self {
            request,
            body: response.into_body(),
            buffer: BytesMut::new(),
            timeout: None,
        }
    }

    /// As [`ResponseLines::next`], where a problem as a line of its own ends the answer.
    pub async fn next_or_ended(&mut self) -> Result<Option<Bytes>, CtlError> {
        let line = self.next().await?;
        let problem = line.as_deref().filter(|line| line.starts_with(PROBLEM));
        match problem.map(serde_json::from_slice) {
            Some(Ok(Ended { problem })) => Err(CtlError::Refused(Box::new(problem))),
            _ => Ok(line),
        }
    }

    /// The next line without its end; none when the daemon has nothing more to say.
    pub async fn next(&mut self) -> Result<Option<Bytes>, CtlError> {
        loop {
            while let Some(line) = take_line(&mut self.buffer) {
                if !line.trim_ascii().is_empty() {
                    return Ok(Some(line));
                }
            }
            if self.buffer.len() > MAX_LINE {
                return Err(CtlError::TooLong {
                    request: format!("a line of {}", self.request),
                    limit: MAX_LINE,
                });
            }
            let frame = match self.timeout {
                None => self.body.frame().await,
                Some(timeout) => tokio::time::timeout(timeout, self.body.frame())
                    .await
                    .map_err(|_| CtlError::TimedOut(timeout))?,
            };
            match frame.transpose()? {
                Some(frame) => {
                    if let Ok(data) = frame.into_data() {
                        self.buffer.extend_from_slice(&data);
                    }
                }
                None if self.buffer.trim_ascii().is_empty() => return Ok(None),
                None => return Ok(Some(self.buffer.split().freeze())),
            }
        }
    }
}

fn take_line(buffer: &mut BytesMut) -> Option<Bytes> {
    let end = buffer.iter().position(|byte| *byte == b'\n')?;
    let mut line = buffer.split_to(end + 1);
    line.truncate(end);
    Some(line.freeze())
}

/// Reads on a thread of its own: standard input has no other way to be waited for.
fn read(mut from: Box<dyn Read + Send>) -> Pieces {
    let (put, take) = mpsc::channel(4);
    tokio::task::spawn_blocking(move || {
        loop {
            let mut chunk = vec![0; CHUNK];
            let piece = match from.read(&mut chunk) {
                Ok(0) => return,
                Ok(length) => {
                    chunk.truncate(length);
                    Ok(Bytes::from(chunk))
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => Err(error),
            };
            let failed = piece.is_err();
            if put.blocking_send(piece).is_err() || failed {
                return;
            }
        }
    });
    take
}

/// A value as JSON.
pub fn encode(value: &impl Serialize) -> Result<Vec<u8>, CtlError> {
    serde_json::to_vec(value).map_err(|error| CtlError::Output(error.into()))
}

/// A segment of a path, or a value of a query, with everything encoded that could end it.
pub fn encoded(text: &str) -> String {
    let mut to = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'~') {
            to.push(char::from(byte));
        } else {
            to.push_str(&format!("%{byte:02X}"));
        }
    }
    to
}

fn excerpt(body: &[u8]) -> String {
    String::from_utf8_lossy(body).chars().take(200).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_cannot_leave_their_place_in_the_path() {
        assert_eq!(encoded("bob-1_x~"), "bob-1_x~");
        assert_eq!(encoded("../a/b?c#d e"), "%2E%2E%2Fa%2Fb%3Fc%23d%20e");
        assert_eq!(encoded("ž"), "%C5%BE");
    }

    #[test]
    fn lines_come_out_one_by_one() {
        let mut buffer = BytesMut::from(&b"{\"a\":1}\n\n{\"b\""[..]);
        assert_eq!(take_line(&mut buffer).as_deref(), Some(&b"{\"a\":1}"[..]));
        assert_eq!(take_line(&mut buffer).as_deref(), Some(&b""[..]));
        assert_eq!(take_line(&mut buffer), None);
        assert_eq!(&buffer[..], b"{\"b\"");
    }
}

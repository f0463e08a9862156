//! A response not yet sent, and the ways in which a request can end.

use std::time::Duration;

use bytes::Bytes;
use h2::Reason;
use h2::server::SendResponse;
use http::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use http::{Response, StatusCode};
use serde_json::Value;
use tokio::sync::mpsc::UnboundedSender;

/// What a request task asks of its connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    GoAway,
    Cut,
    /// With a TCP reset.
    Abort,
}

/// A response not yet sent.
#[derive(Debug, Clone)]
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) headers: Vec<(HeaderName, HeaderValue)>,
    pub(crate) body: Bytes,
    /// The body comes a byte at a time, so long apart, and has no end.
    pub(crate) drip: Option<Duration>,
}

impl Reply {
    pub(crate) fn empty(status: StatusCode) -> Reply {
        Reply {
            status,
            headers: Vec::new(),
            body: Bytes::new(),
            drip: None,
        }
    }

    pub(crate) fn json(status: StatusCode, body: &Value) -> Reply {
        Reply::typed(status, "application/json; charset=UTF-8", body.to_string())
    }

    pub(crate) fn text(status: StatusCode, body: impl Into<Bytes>) -> Reply {
        Reply::typed(status, "text/plain; charset=UTF-8", body)
    }

    pub(crate) fn html(status: StatusCode, body: impl Into<Bytes>) -> Reply {
        Reply::typed(status, "text/html", body)
    }

    pub(crate) fn with(mut self, name: HeaderName, value: HeaderValue) -> Reply {
        self.headers.push((name, value));
        self
    }

    /// The response without its body, and the body.
    pub(crate) fn into_parts(self) -> (Response<()>, Bytes) {
        let mut response = Response::new(());
        *response.status_mut() = self.status;
        response.headers_mut().extend(self.headers);
        (response, self.body)
    }

    fn typed(status: StatusCode, media: &'static str, body: impl Into<Bytes>) -> Reply {
        let mut reply = Reply::empty(status).with(CONTENT_TYPE, HeaderValue::from_static(media));
        reply.body = body.into();
        reply
    }
}

/// A body byte by byte, then blanks for ever.
pub(crate) fn dripped(body: Bytes) -> impl Iterator<Item = Bytes> + Send {
    let bytes = (0..body.len()).map(move |at| body.slice(at..=at));
    bytes.chain(std::iter::repeat(Bytes::from_static(b" ")))
}

/// Where a reply goes, whatever the protocol; dropped unused, it ends the request unanswered.
pub(crate) trait Respond: Send {
    /// Sends it; a peer that has gone away is no concern of ours.
    fn send(&mut self, reply: Reply);

    /// Not processed, and the connection is to end.
    fn go_away(&mut self, orders: &UnboundedSender<Order>);

    /// No answer will come.
    fn reset(&mut self);
}

impl Respond for SendResponse<Bytes> {
    fn send(&mut self, reply: Reply) {
        let drip = reply.drip;
        let (response, body) = reply.into_parts();
        if let Some(pause) = drip {
            if let Ok(mut stream) = self.send_response(response, false) {
                tokio::spawn(async move {
                    for byte in dripped(body) {
                        tokio::time::sleep(pause).await;
                        if stream.send_data(byte, false).is_err() {
                            return;
                        }
                    }
                });
            }
        } else if let Ok(mut stream) = self.send_response(response, body.is_empty())
            && !body.is_empty()
        {
            let _gone = stream.send_data(body, true);
        }
    }

    fn go_away(&mut self, orders: &UnboundedSender<Order>) {
        // REFUSED_STREAM is how HTTP/2 says "not processed, send it again".
        self.send_reset(Reason::REFUSED_STREAM);
        let _closing = orders.send(Order::GoAway);
    }

    fn reset(&mut self) {
        self.send_reset(Reason::INTERNAL_ERROR);
    }
}

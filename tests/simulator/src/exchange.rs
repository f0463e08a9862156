//! One request and its reply: read the body, let the vendor judge, let a fault befall it,
//! write it down, answer. Knows neither vendor's rules nor how connections are made.

use std::future::poll_fn;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use h2::server::SendResponse;
use h2::{Reason, RecvStream};
use http::header::{CONTENT_TYPE, HeaderName, HeaderValue, RETRY_AFTER};
use http::request::Parts;
use http::{Request, Response, StatusCode};
use serde_json::Value;
use tokio::sync::mpsc::UnboundedSender;

use crate::fault::{FaultKind, Vendor};
use crate::record::Received;
use crate::world::World;

/// Far over every vendor's limit, so that "too large" is the vendor's answer, not ours.
const BODY_CAP: usize = 1 << 20;

/// A vendor behind the wire.
pub(crate) trait Service: Send + Sync + 'static {
    /// What the vendor remembers of one connection.
    type Peer: Send + Sync + 'static;

    /// Whose connections these are counted as.
    const VENDOR: Vendor;

    /// A new connection, with the client certificate (DER) that came with it.
    fn greet(&self, client_certificate: Option<&[u8]>) -> Self::Peer;

    /// What the vendor says when nothing goes wrong on its side.
    fn judge(&self, peer: &Self::Peer, head: &Parts, body: &[u8]) -> Judged;

    /// The vendor's own form of an injected refusal, and its reason.
    fn refusal(&self, fault: &StatusFault<'_>, acceptance: &Acceptance) -> (String, Reply);
}

/// A vendor's word on a request.
pub(crate) struct Judged {
    pub(crate) vendor: Vendor,
    pub(crate) verdict: Verdict,
}

pub(crate) enum Verdict {
    Refused { reason: String, reply: Reply },
    Accepted(Box<Acceptance>),
}

/// A request without fault.
pub(crate) struct Acceptance {
    pub(crate) vendor: Vendor,
    pub(crate) target: String,
    pub(crate) credential: Option<String>,
    pub(crate) received: Option<Received>,
    pub(crate) reply: Reply,
}

/// The refusing faults, in one shape.
pub(crate) struct StatusFault<'a> {
    pub(crate) status: u16,
    pub(crate) reason: Option<&'a str>,
    pub(crate) timestamp_ms: Option<u64>,
}

/// What a request task asks of its connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    GoAway,
    Cut,
}

/// A response not yet sent.
#[derive(Debug, Clone)]
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) headers: Vec<(HeaderName, HeaderValue)>,
    pub(crate) body: Bytes,
}

impl Reply {
    pub(crate) fn empty(status: StatusCode) -> Reply {
        Reply {
            status,
            headers: Vec::new(),
            body: Bytes::new(),
        }
    }

    pub(crate) fn json(status: StatusCode, body: &Value) -> Reply {
        Reply::empty(status)
            .with(
                CONTENT_TYPE,
                HeaderValue::from_static("application/json; charset=UTF-8"),
            )
            .carrying(body.to_string())
    }

    pub(crate) fn with(mut self, name: HeaderName, value: HeaderValue) -> Reply {
        self.headers.push((name, value));
        self
    }

    fn carrying(mut self, body: impl Into<Bytes>) -> Reply {
        self.body = body.into();
        self
    }

    /// Sends it; a peer that has gone away is no concern of ours.
    pub(crate) fn send(self, respond: &mut SendResponse<Bytes>) {
        let mut response = Response::new(());
        *response.status_mut() = self.status;
        response.headers_mut().extend(self.headers);
        if let Ok(mut stream) = respond.send_response(response, self.body.is_empty())
            && !self.body.is_empty()
        {
            let _gone = stream.send_data(self.body, true);
        }
    }
}

/// Answers one request, in whatever time that takes.
pub(crate) async fn answer<S: Service>(
    service: &S,
    world: &World,
    peer: &S::Peer,
    request: Request<RecvStream>,
    mut respond: SendResponse<Bytes>,
    orders: &UnboundedSender<Order>,
) {
    let (head, stream) = request.into_parts();
    let Some(body) = read(stream).await else {
        respond.send_reset(Reason::CANCEL);
        return;
    };
    answer_read(service, world, peer, head, body, respond, orders).await;
}

/// Answers a request whose body is there.
pub(crate) async fn answer_read<S: Service>(
    service: &S,
    world: &World,
    peer: &S::Peer,
    head: Parts,
    body: Bytes,
    mut respond: SendResponse<Bytes>,
    orders: &UnboundedSender<Order>,
) {
    let Judged { vendor, verdict } = service.judge(peer, &head, &body);
    match verdict {
        Verdict::Refused { reason, reply } => {
            world.record.refuse(vendor, &reason);
            pause(world.delay).await;
            reply.send(&mut respond);
        }
        Verdict::Accepted(acceptance) => match world.take_fault(vendor, &acceptance.target) {
            None => accept(world, *acceptance, Duration::ZERO, &mut respond).await,
            Some(kind) => {
                world.record.fault(vendor, kind.name(), !kind.is_counted());
                befall(service, world, kind, *acceptance, respond, orders).await;
            }
        },
    }
}

async fn accept(
    world: &World,
    acceptance: Acceptance,
    late: Duration,
    respond: &mut SendResponse<Bytes>,
) {
    let reply = write_down(world, acceptance);
    pause(world.delay + late).await;
    reply.send(respond);
}

async fn befall<S: Service>(
    service: &S,
    world: &World,
    kind: FaultKind,
    acceptance: Acceptance,
    mut respond: SendResponse<Bytes>,
    orders: &UnboundedSender<Order>,
) {
    match kind {
        FaultKind::Status {
            status,
            reason,
            retry_after,
            timestamp_ms,
        } => {
            let fault = StatusFault {
                status,
                reason: reason.as_deref(),
                timestamp_ms,
            };
            let (reason, mut reply) = service.refusal(&fault, &acceptance);
            let retry_after = retry_after.and_then(|text| HeaderValue::try_from(text).ok());
            if let Some(value) = retry_after {
                reply = reply.with(RETRY_AFTER, value);
            }
            world.record.refuse(acceptance.vendor, &reason);
            pause(world.delay).await;
            reply.send(&mut respond);
        }
        FaultKind::OauthStatus { status, error } => {
            let fault = StatusFault {
                status,
                reason: Some(&error),
                timestamp_ms: None,
            };
            let (reason, reply) = service.refusal(&fault, &acceptance);
            world.record.refuse(acceptance.vendor, &reason);
            reply.send(&mut respond);
        }
        FaultKind::GoAway => {
            // REFUSED_STREAM is how HTTP/2 says "not processed, send it again".
            respond.send_reset(Reason::REFUSED_STREAM);
            let _closing = orders.send(Order::GoAway);
        }
        FaultKind::Reset => respond.send_reset(Reason::INTERNAL_ERROR),
        FaultKind::Drop => cut(orders, &respond).await,
        FaultKind::LoseReply => {
            write_down(world, acceptance);
            cut(orders, &respond).await;
        }
        FaultKind::Hang { ms: None } => std::future::pending().await,
        FaultKind::Hang { ms: Some(ms) } => {
            pause(Duration::from_millis(ms)).await;
            respond.send_reset(Reason::INTERNAL_ERROR);
        }
        FaultKind::Delay { ms } => {
            accept(world, acceptance, Duration::from_millis(ms), &mut respond).await;
        }
        FaultKind::Garbage => garbage(acceptance.vendor).send(&mut respond),
    }
}

fn write_down(world: &World, acceptance: Acceptance) -> Reply {
    let Acceptance {
        vendor,
        target,
        credential,
        received,
        reply,
    } = acceptance;
    world
        .record
        .accept(vendor, &target, credential.as_deref(), received);
    reply
}

/// The stream must live until the connection is gone, or its end would be seen as a reset.
async fn cut(orders: &UnboundedSender<Order>, _held: &SendResponse<Bytes>) {
    let _closing = orders.send(Order::Cut);
    std::future::pending().await
}

fn garbage(vendor: Vendor) -> Reply {
    let status = match vendor {
        Vendor::Apns => StatusCode::INTERNAL_SERVER_ERROR,
        Vendor::Fcm | Vendor::Oauth => StatusCode::OK,
    };
    Reply::empty(status)
        .with(CONTENT_TYPE, HeaderValue::from_static("text/html"))
        .carrying("<!DOCTYPE html><html><title>Error</title><p>That\u{2019}s an error.</html>")
}

async fn pause(length: Duration) {
    if !length.is_zero() {
        tokio::time::sleep(length).await;
    }
}

async fn read(mut stream: RecvStream) -> Option<Bytes> {
    let mut body = BytesMut::new();
    while let Some(chunk) = poll_fn(|cx| stream.poll_data(cx)).await {
        let chunk = chunk.ok()?;
        // The window was granted to us and must be given back, or the peer stalls.
        let _gone = stream.flow_control().release_capacity(chunk.len());
        body.extend_from_slice(&chunk);
        if body.len() > BODY_CAP {
            return None;
        }
    }
    Some(body.freeze())
}

/// Headers as the record keeps them: a credential is cut down to its scheme.
pub(crate) fn recorded_headers(head: &Parts) -> Vec<(String, String)> {
    head.headers
        .iter()
        .map(|(name, value)| {
            let value = String::from_utf8_lossy(value.as_bytes());
            let value = if name == http::header::AUTHORIZATION {
                let scheme = value.split(' ').next().unwrap_or_default();
                format!("{scheme} \u{2026}")
            } else {
                value.into_owned()
            };
            (name.as_str().to_owned(), value)
        })
        .collect()
}

impl FaultKind {
    fn name(&self) -> &'static str {
        match self {
            FaultKind::Status { .. } => "status",
            FaultKind::GoAway => "go_away",
            FaultKind::Reset => "reset",
            FaultKind::Drop => "drop",
            FaultKind::LoseReply => "lose_reply",
            FaultKind::Hang { .. } => "hang",
            FaultKind::Delay { .. } => "delay",
            FaultKind::Garbage => "garbage",
            FaultKind::OauthStatus { .. } => "oauth_status",
        }
    }

    /// Whether the request is counted elsewhere, as accepted or refused.
    fn is_counted(&self) -> bool {
        matches!(
            self,
            FaultKind::Status { .. }
                | FaultKind::OauthStatus { .. }
                | FaultKind::Delay { .. }
                | FaultKind::LoseReply
        )
    }
}

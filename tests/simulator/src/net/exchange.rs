//! One request and its reply: read the body, let the vendor judge, let a fault happen to it,
//! write it down, answer. Knows no vendor's rules, nor how connections are made or broken.

use std::future::poll_fn;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use h2::server::SendResponse;
use h2::{Reason, RecvStream};
use http::Request;
use http::request::Parts;
use serde_json::Value;
use tokio::sync::mpsc::UnboundedSender;

use crate::clock::machine_us;
use crate::faults::FaultTarget;
use crate::faults::inject::inject;
pub(crate) use crate::net::reply::{Order, Reply, Respond};
use crate::record::{Raw, Received};
use crate::vendors::Vendor;
use crate::world::World;

/// Far over every vendor's limit, so that "too large" is the vendor's answer, not ours.
pub(crate) const MAX_BODY: usize = 1 << 20;

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
    /// Device tokens that it reaches; of a request for a grant the account.
    pub(crate) targets: Vec<String>,
    /// It asked for a grant at the vendor's token endpoint, not for a push.
    pub(crate) is_grant: bool,
    /// It took a message back from its targets, and brought none.
    pub(crate) is_recall: bool,
    /// The grant or provider token that came with it.
    pub(crate) credential: Option<String>,
    pub(crate) received: Option<Received>,
    /// The request as it came.
    pub(crate) raw: Option<Raw>,
    pub(crate) reply: Reply,
    /// What the vendor notes once no fault has kept the request from being accepted.
    pub(crate) on_accept: Option<OnAccept>,
}

/// Such as the ids by which a vendor knows a message that comes a second time.
pub(crate) type OnAccept = Box<dyn FnOnce() + Send>;

/// A push that a batching vendor takes.
pub(crate) struct Push<'a> {
    pub(crate) head: &'a Parts,
    /// The tokens that it reaches: those that fail belong into the reply only.
    pub(crate) tokens: Vec<String>,
    /// The body, or the fields of a form as one JSON object.
    pub(crate) body: Value,
    pub(crate) vendor_id: String,
    pub(crate) credential: Option<String>,
    pub(crate) reply: Reply,
}

impl Acceptance {
    /// What a vendor says to a push, for the record too unless it reaches nobody.
    pub(crate) fn of_push(vendor: Vendor, at_ms: u64, push: Push<'_>) -> Acceptance {
        let received = push.tokens.first().map(|first| Received {
            vendor: vendor.name().to_owned(),
            token: first.clone(),
            tokens: push.tokens.clone(),
            at_ms,
            at_us: machine_us(),
            method: push.head.method.to_string(),
            path: push.head.uri.path().to_owned(),
            headers: recorded_headers(push.head),
            body: push.body,
            vendor_id: push.vendor_id,
            provider_token_kid: None,
            client_certificate: None,
        });
        Acceptance {
            vendor,
            targets: push.tokens,
            is_grant: false,
            is_recall: false,
            credential: push.credential,
            received,
            raw: None,
            reply: push.reply,
            on_accept: None,
        }
    }

    /// What a token endpoint says to an account.
    pub(crate) fn of_grant(vendor: Vendor, account: &str, reply: Reply) -> Acceptance {
        Acceptance {
            vendor,
            targets: vec![account.to_owned()],
            is_grant: true,
            is_recall: false,
            credential: None,
            received: None,
            raw: None,
            reply,
            on_accept: None,
        }
    }

    /// What a vendor says to somebody who takes a message back.
    pub(crate) fn of_recall(
        vendor: Vendor,
        tokens: Vec<String>,
        credential: String,
        reply: Reply,
    ) -> Acceptance {
        Acceptance {
            vendor,
            targets: tokens,
            is_grant: false,
            is_recall: true,
            credential: Some(credential),
            received: None,
            raw: None,
            reply,
            on_accept: None,
        }
    }

    /// With something to be done when it is accepted.
    pub(crate) fn on_accept(self, on_accept: impl FnOnce() + Send + 'static) -> Acceptance {
        Acceptance {
            on_accept: Some(Box::new(on_accept)),
            ..self
        }
    }

    fn fault_target(&self) -> FaultTarget<'_> {
        FaultTarget {
            vendor: self.vendor,
            is_grant: self.is_grant,
            targets: &self.targets,
        }
    }
}

impl Judged {
    /// A refusal, or what was accepted.
    pub(crate) fn of(vendor: Vendor, checked: Result<Acceptance, (String, Reply)>) -> Judged {
        let verdict = match checked {
            Ok(acceptance) => Verdict::Accepted(Box::new(acceptance)),
            Err((reason, reply)) => Verdict::Refused { reason, reply },
        };
        Judged { vendor, verdict }
    }
}

/// The refusing faults, in one shape.
pub(crate) struct StatusFault<'a> {
    pub(crate) status: u16,
    pub(crate) reason: Option<&'a str>,
    pub(crate) timestamp_ms: Option<u64>,
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
pub(crate) async fn answer_read<S: Service, R: Respond>(
    service: &S,
    world: &World,
    peer: &S::Peer,
    head: Parts,
    body: Bytes,
    mut respond: R,
    orders: &UnboundedSender<Order>,
) {
    let Judged { vendor, verdict } = service.judge(peer, &head, &body);
    match verdict {
        Verdict::Refused { reason, reply } => {
            world.record.refuse(vendor, &reason);
            pause(world.delay).await;
            respond.send(reply);
        }
        Verdict::Accepted(mut acceptance) => {
            world.count_early_retries(&acceptance);
            if world.record.keeps() && !acceptance.is_grant && !acceptance.is_recall {
                acceptance.raw = Some(raw(vendor, &head, &body));
            }
            match world.take_fault(acceptance.fault_target()) {
                None => accept(world, *acceptance, Duration::ZERO, &mut respond).await,
                Some(kind) => {
                    world.record.fault(vendor, kind.name(), !kind.is_counted());
                    inject(service, world, kind, *acceptance, respond, orders).await;
                }
            }
        }
    }
}

pub(crate) async fn accept(
    world: &World,
    acceptance: Acceptance,
    late: Duration,
    respond: &mut impl Respond,
) {
    let reply = write_down(world, acceptance);
    pause(world.delay + late).await;
    respond.send(reply);
}

pub(crate) fn write_down(world: &World, mut acceptance: Acceptance) -> Reply {
    let received = acceptance.received.take();
    let raw = acceptance.raw.take();
    if let Some(on_accept) = acceptance.on_accept.take() {
        on_accept();
    }
    world.record.accept(&acceptance, received, raw);
    acceptance.reply
}

pub(crate) async fn pause(length: Duration) {
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
        if body.len() > MAX_BODY {
            return None;
        }
    }
    Some(body.freeze())
}

fn raw(vendor: Vendor, head: &Parts, body: &[u8]) -> Raw {
    let target = head.uri.path_and_query().map(|it| it.as_str());
    Raw {
        vendor: vendor.name().to_owned(),
        method: head.method.to_string(),
        target: target.unwrap_or_default().to_owned(),
        headers: recorded_headers(head),
        body: String::from_utf8_lossy(body).into_owned(),
    }
}

/// Headers as the record keeps them: a credential is cut down to its scheme.
pub(crate) fn recorded_headers(head: &Parts) -> Vec<(String, String)> {
    head.headers
        .iter()
        .map(|(name, value)| {
            let value = String::from_utf8_lossy(value.as_bytes());
            let value = if name == http::header::AUTHORIZATION {
                let scheme = value.split([' ', '=']).next().unwrap_or_default();
                format!("{scheme} \u{2026}")
            } else {
                value.into_owned()
            };
            (name.as_str().to_owned(), value)
        })
        .collect()
}

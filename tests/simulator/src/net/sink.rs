//! The APNs listener for benchmarks: every request is still checked, few are given a task.
//!
//! A connection's inbox is emptied, then all replies go out in one flush. A request that is
//! not plainly good (first with its provider token, anything odd, a planned fault) takes
//! the ordinary way with all its checks; so the sink is never more lenient, only cheaper.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::future::poll_fn;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use h2::RecvStream;
use h2::server::{Connection, SendResponse};
use http::header::HeaderName;
use http::{HeaderValue, Request, Response};
use serde::Deserialize;
use serde::de::{IgnoredAny, MapAccess, Visitor};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::{Instant, Sleep};

use crate::clock::machine_us;
use crate::net::exchange::{Order, answer_read};
use crate::net::server::Wire;
use crate::net::wire::Fuse;
use crate::record::Tally;
use crate::vendors::apns::{Apns, Connection as Peer};
use crate::world::World;

const APNS_ID: HeaderName = HeaderName::from_static("apns-id");

pub(crate) async fn converse(
    service: &Arc<Apns>,
    world: &Arc<World>,
    connection: Connection<Wire, Bytes>,
    peer: Arc<Peer>,
    fuse: Fuse,
) {
    let (order, mut orders) = mpsc::unbounded_channel();
    let mut sink = Sink {
        service,
        world,
        connection,
        peer,
        reading: Vec::new(),
        odd: VecDeque::new(),
        late: VecDeque::new(),
        alarm: Box::pin(tokio::time::sleep_until(Instant::now())),
        tally: Tally::default(),
    };
    let mut tasks = JoinSet::new();
    loop {
        tokio::select! {
            biased;
            Some(order) = orders.recv() => match order {
                Order::GoAway => sink.connection.graceful_shutdown(),
                Order::Cut => return,
                Order::Abort => return fuse.light(),
            },
            Some(_ended) = tasks.join_next(), if !tasks.is_empty() => {}
            odd = poll_fn(|cx| sink.poll_odd(cx)) => {
                let Some(odd) = odd else { return };
                let (service, world) = (service.clone(), world.clone());
                let (peer, order) = (sink.peer.clone(), order.clone());
                tasks.spawn(async move {
                    let Inbound { head, body, respond, .. } = odd;
                    answer_read(&*service, &world, &peer, head, body, respond, &order).await;
                });
            }
        }
    }
}

struct Sink<'a> {
    service: &'a Apns,
    world: &'a World,
    connection: Connection<Wire, Bytes>,
    peer: Arc<Peer>,
    reading: Vec<Inbound>,
    odd: VecDeque<Inbound>,
    late: VecDeque<(Instant, Response<()>, SendResponse<Bytes>)>,
    alarm: std::pin::Pin<Box<Sleep>>,
    tally: Tally,
}

/// A request whose body may still be on its way.
struct Inbound {
    head: http::request::Parts,
    stream: RecvStream,
    body: Bytes,
    respond: SendResponse<Bytes>,
}

impl Sink<'_> {
    /// Ready with a request for the ordinary way, or with `None` when the connection is over.
    fn poll_odd(&mut self, cx: &mut Context<'_>) -> Poll<Option<Inbound>> {
        let polled = self.poll_all(cx);
        self.world.record.accept_bulk(&mut self.tally);
        polled
    }

    fn poll_all(&mut self, cx: &mut Context<'_>) -> Poll<Option<Inbound>> {
        loop {
            self.send_late(cx);
            // Each accept also flushes what was answered before it: so take in everything
            // that has arrived first, and answer then.
            loop {
                match self.connection.poll_accept(cx) {
                    Poll::Ready(Some(Ok((request, respond)))) => self.begin(request, respond),
                    Poll::Ready(_) => return Poll::Ready(None),
                    Poll::Pending => break,
                }
            }
            let before = self.tally.tokens.len() + self.late.len();
            for mut inbound in std::mem::take(&mut self.reading) {
                match inbound.poll_body(cx) {
                    Poll::Pending => self.reading.push(inbound),
                    Poll::Ready(Err(_)) => {}
                    Poll::Ready(Ok(())) => self.glance(inbound),
                }
            }
            if let Some(odd) = self.odd.pop_front() {
                return Poll::Ready(Some(odd));
            }
            if self.tally.tokens.len() + self.late.len() == before {
                return Poll::Pending;
            }
        }
    }

    fn begin(&mut self, request: Request<RecvStream>, respond: SendResponse<Bytes>) {
        let (head, stream) = request.into_parts();
        self.reading.push(Inbound {
            head,
            stream,
            body: Bytes::new(),
            respond,
        });
    }

    /// Answers a plainly good request; puts any other aside.
    fn glance(&mut self, mut inbound: Inbound) {
        if self.world.is_faulty() {
            return self.odd.push_back(inbound);
        }
        let Some(token) = self
            .service
            .glance(&self.peer, &inbound.head, inbound.body.len())
        else {
            return self.odd.push_back(inbound);
        };
        let Ok(body) = serde_json::from_slice::<Glimpse<'_>>(&inbound.body) else {
            return self.odd.push_back(inbound);
        };
        self.tally.tokens.push(token);
        if let Some(sent_us) = body.sent_us() {
            self.tally
                .latencies_us
                .push(machine_us().saturating_sub(sent_us));
        }
        let id = match inbound.head.headers.remove(APNS_ID) {
            Some(id) => id,
            None => self.peer.next_id(),
        };
        let response = plain_success(id);
        if self.world.delay.is_zero() {
            let _gone = inbound.respond.send_response(response, true);
        } else {
            let due = Instant::now() + self.world.delay;
            self.world.record.reply_delayed();
            self.late.push_back((due, response, inbound.respond));
        }
    }

    /// All delays are equal, so the queue is in order of time.
    fn send_late(&mut self, cx: &mut Context<'_>) {
        while let Some((due, _, _)) = self.late.front() {
            let due = *due;
            if due > Instant::now() {
                if self.alarm.deadline() != due {
                    self.alarm.as_mut().reset(due);
                }
                if self.alarm.as_mut().poll(cx).is_pending() {
                    return;
                }
            }
            if let Some((_, response, mut respond)) = self.late.pop_front() {
                self.world.record.replies_sent(1);
                let _gone = respond.send_response(response, true);
            }
        }
    }
}

impl Drop for Sink<'_> {
    fn drop(&mut self) {
        self.world.record.replies_sent(self.late.len());
    }
}

impl Inbound {
    fn poll_body(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), h2::Error>> {
        loop {
            match self.stream.poll_data(cx) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(None) => return Poll::Ready(Ok(())),
                Poll::Ready(Some(Err(error))) => return Poll::Ready(Err(error)),
                Poll::Ready(Some(Ok(chunk))) => {
                    let _gone = self.stream.flow_control().release_capacity(chunk.len());
                    self.body = match self.body.is_empty() {
                        // Nearly always the whole body at once, so nothing is copied.
                        true => chunk,
                        false => [&self.body[..], &chunk[..]].concat().into(),
                    };
                }
            }
        }
    }
}

fn plain_success(id: HeaderValue) -> Response<()> {
    let mut response = Response::new(());
    response.headers_mut().insert(APNS_ID, id);
    response
}

/// What the sink reads of a payload: that `aps` is an object, and the time of sending,
/// which a load generator puts into the app's own data as `{"sent_us": …}`.
#[derive(Deserialize)]
struct Glimpse<'a> {
    #[serde(rename = "aps")]
    _aps: AnyObject,
    #[serde(borrow, default)]
    ext: Option<Cow<'a, str>>,
}

#[derive(Deserialize)]
struct Sent {
    sent_us: u64,
}

impl Glimpse<'_> {
    fn sent_us(&self) -> Option<u64> {
        let sent: Sent = serde_json::from_str(self.ext.as_deref()?).ok()?;
        Some(sent.sent_us)
    }
}

struct AnyObject;

impl<'de> Deserialize<'de> for AnyObject {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(AnyObject)
    }
}

impl<'de> Visitor<'de> for AnyObject {
    type Value = AnyObject;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<AnyObject, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(AnyObject)
    }
}

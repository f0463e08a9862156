//! One HTTP/1.1 connection: keep-alive, one request after the other.
//!
//! A reset is unknown here, so every request without an answer ends its connection.

use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::channel::Channel;
use http_body_util::{BodyExt, Either, Full, Limited};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::sync::mpsc::{self, UnboundedSender};
use tokio_rustls::server::TlsStream;

use crate::net::exchange::{MAX_BODY, Order, Reply, Respond, Service, answer_read};
use crate::net::reply::dripped;
use crate::net::wire::Socket;
use crate::world::World;

type Body = Either<Full<Bytes>, Channel<Bytes>>;

/// The request gets no answer.
#[derive(Debug, thiserror::Error)]
#[error("unanswered")]
struct Unanswered;

pub(crate) async fn converse<S: Service>(
    service: &S,
    world: &World,
    stream: TlsStream<Socket>,
    peer: &S::Peer,
) {
    let (order, mut orders) = mpsc::unbounded_channel();
    let fuse = stream.get_ref().0.fuse();
    let answers = service_fn(|request: Request<Incoming>| {
        let order = order.clone();
        async move { answer(service, world, peer, request, &order).await }
    });
    let connection = http1::Builder::new().serve_connection(TokioIo::new(stream), answers);
    tokio::select! {
        // Whatever the order, there is no way but to cut.
        order = orders.recv() => if order == Some(Order::Abort) {
            fuse.light();
        },
        _ended = connection => {}
    }
}

async fn answer<S: Service>(
    service: &S,
    world: &World,
    peer: &S::Peer,
    request: Request<Incoming>,
    orders: &UnboundedSender<Order>,
) -> Result<Response<Body>, Unanswered> {
    let (head, body) = request.into_parts();
    let body = Limited::new(body, MAX_BODY)
        .collect()
        .await
        .map_err(|_| Unanswered)?
        .to_bytes();
    let mut outbox = None;
    answer_read(
        service,
        world,
        peer,
        head,
        body,
        Outbox(&mut outbox),
        orders,
    )
    .await;
    let reply = outbox.ok_or(Unanswered)?;
    let drip = reply.drip;
    let (response, body) = reply.into_parts();
    Ok(response.map(|()| match drip {
        None => Either::Left(Full::new(body)),
        Some(pause) => Either::Right(drip_out(body, pause)),
    }))
}

fn drip_out(body: Bytes, pause: Duration) -> Channel<Bytes> {
    let (mut sender, channel) = Channel::new(1);
    tokio::spawn(async move {
        for byte in dripped(body) {
            tokio::time::sleep(pause).await;
            if sender.send_data(byte).await.is_err() {
                return;
            }
        }
    });
    channel
}

/// Holds the reply until the request's task is over.
struct Outbox<'a>(&'a mut Option<Reply>);

impl Respond for Outbox<'_> {
    fn send(&mut self, reply: Reply) {
        *self.0 = Some(reply);
    }

    fn go_away(&mut self, _orders: &UnboundedSender<Order>) {}

    fn reset(&mut self) {}
}

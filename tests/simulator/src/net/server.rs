//! A listener: TLS, HTTP/2 or HTTP/1.1, one task per connection.
//!
//! In: a bound socket and a vendor. Out: nothing but bytes. What a request means is the
//! vendor's business; here connections are only opened, ended in order, or cut.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use h2::server::Connection;
use rustls::ServerConfig;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc::{self, UnboundedReceiver};
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use crate::faults::inject::inject_into_connection;
use crate::net::exchange::{Order, Service, answer};
use crate::net::http1;
use crate::net::meter::Meter;
use crate::net::sink;
use crate::net::wire::{Fuse, Plain, Socket};
use crate::vendors::Vendor;
use crate::vendors::apns::Apns;
use crate::world::World;

/// How long a client may take for TLS, and again for the HTTP/2 preface.
const HANDSHAKE: Duration = Duration::from_secs(10);
const WINDOW: u32 = 1 << 24;

pub(crate) type Wire = Plain<TlsStream<Socket>>;

/// Serves a vendor over HTTP/2 until the task is aborted; dropping the set of connections cuts them all.
pub(crate) async fn serve<S: Service>(
    listener: TcpListener,
    tls: Arc<ServerConfig>,
    service: Arc<S>,
    world: Arc<World>,
) {
    let door = Door::new(tls, service, world, S::VENDOR);
    door.keep(listener, |door, stream, peer| async move {
        let fuse = stream.get_ref().0.fuse();
        let Some(connection) = http2(stream).await else {
            return;
        };
        let _open = door.open();
        converse(&door.service, &door.world, connection, peer, fuse).await;
    })
    .await;
}

/// The same over HTTP/1.1.
pub(crate) async fn serve_http1<S: Service>(
    listener: TcpListener,
    tls: Arc<ServerConfig>,
    service: Arc<S>,
    world: Arc<World>,
) {
    let door = Door::new(tls, service, world, S::VENDOR);
    door.keep(listener, |door, stream, peer| async move {
        let _open = door.open();
        http1::converse(&*door.service, &door.world, stream, &peer).await;
    })
    .await;
}

/// The same for APNs built for benchmarks.
pub(crate) async fn serve_sink(
    listener: TcpListener,
    tls: Arc<ServerConfig>,
    service: Arc<Apns>,
    world: Arc<World>,
) {
    let door = Door::new(tls, service, world, Vendor::Apns);
    door.keep(listener, |door, stream, peer| async move {
        let fuse = stream.get_ref().0.fuse();
        let Some(connection) = http2(stream).await else {
            return;
        };
        let _open = door.open();
        sink::converse(&door.service, &door.world, connection, peer, fuse).await;
    })
    .await;
}

struct Door<S> {
    tls: TlsAcceptor,
    service: Arc<S>,
    world: Arc<World>,
    vendor: Vendor,
}

impl<S: Service> Door<S> {
    fn new(
        tls: Arc<ServerConfig>,
        service: Arc<S>,
        world: Arc<World>,
        vendor: Vendor,
    ) -> Arc<Door<S>> {
        Arc::new(Door {
            tls: TlsAcceptor::from(tls),
            service,
            world,
            vendor,
        })
    }

    async fn keep<F, Fut>(self: Arc<Self>, listener: TcpListener, converse: F)
    where
        F: Fn(Arc<Self>, TlsStream<Socket>, Arc<S::Peer>) -> Fut + Copy + Send + 'static,
        Fut: Future<Output = ()> + Send,
    {
        let mut connections = JoinSet::new();
        loop {
            tokio::select! {
                Some(_ended) = connections.join_next(), if !connections.is_empty() => {}
                accepted = listener.accept() => match accepted {
                    Ok((socket, _)) => {
                        let door = self.clone();
                        connections.spawn(async move { door.admit(socket, converse).await });
                    }
                    // Out of descriptors, most likely: let some connections end first.
                    Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
                },
            }
        }
    }

    async fn admit<F, Fut>(self: Arc<Self>, socket: TcpStream, converse: F)
    where
        F: Fn(Arc<Self>, TlsStream<Socket>, Arc<S::Peer>) -> Fut,
        Fut: Future<Output = ()>,
    {
        if let Some(kind) = self.world.take_fault_of_connections(self.vendor) {
            self.world.record.fault(self.vendor, kind.name(), false);
            return inject_into_connection(&kind, socket).await;
        }
        let Ok(Some((stream, peer))) =
            tokio::time::timeout(HANDSHAKE, self.shake_hands(socket)).await
        else {
            return;
        };
        converse(self, stream, Arc::new(peer)).await;
    }

    async fn shake_hands(&self, socket: TcpStream) -> Option<(TlsStream<Socket>, S::Peer)> {
        socket.set_nodelay(true).ok()?;
        let meter = Meter::new(self.world.record.tls_records(self.vendor));
        let tls = self.tls.accept(Socket::new(socket, meter)).await.ok()?;
        let certificate = tls
            .get_ref()
            .1
            .peer_certificates()
            .and_then(|chain| chain.first());
        let peer = self.service.greet(certificate.map(|der| der.as_ref()));
        Some((tls, peer))
    }

    fn open(&self) -> Open<'_> {
        Open::new(&self.world, self.vendor)
    }
}

async fn http2(stream: TlsStream<Socket>) -> Option<Connection<Wire, Bytes>> {
    // h2 cannot change this announcement later, so the real APNs' "1 until the first
    // authenticated success" is not played; both vendors' usual number stands at once.
    let handshake = h2::server::Builder::new()
        .max_concurrent_streams(1000)
        .initial_window_size(WINDOW)
        .initial_connection_window_size(WINDOW)
        .handshake(Plain(stream));
    tokio::time::timeout(HANDSHAKE, handshake).await.ok()?.ok()
}

/// A connection in the counts, for as long as it lives.
struct Open<'a>(&'a World, Vendor);

impl<'a> Open<'a> {
    fn new(world: &'a World, vendor: Vendor) -> Open<'a> {
        world.record.connection_opened(vendor);
        Open(world, vendor)
    }
}

impl Drop for Open<'_> {
    fn drop(&mut self) {
        self.0.record.connection_closed(self.1);
    }
}

async fn converse<S: Service>(
    service: &Arc<S>,
    world: &Arc<World>,
    mut connection: Connection<Wire, Bytes>,
    peer: Arc<S::Peer>,
    fuse: Fuse,
) {
    let (order, mut orders) = mpsc::unbounded_channel();
    // Requests end with their connection: dropping the set aborts those that hang.
    let mut requests = JoinSet::new();
    loop {
        tokio::select! {
            biased;
            order = next_order(&mut orders) => match order {
                Order::GoAway => connection.graceful_shutdown(),
                Order::Cut => return,
                Order::Abort => return fuse.light(),
            },
            Some(_ended) = requests.join_next(), if !requests.is_empty() => {}
            accepted = connection.accept() => match accepted {
                Some(Ok((request, respond))) => {
                    let (service, world) = (service.clone(), world.clone());
                    let (peer, order) = (peer.clone(), order.clone());
                    requests.spawn(async move {
                        answer(&*service, &world, &peer, request, respond, &order).await;
                    });
                }
                Some(Err(_)) | None => return,
            },
        }
    }
}

/// Never ends by itself: the caller holds a sender.
async fn next_order(orders: &mut UnboundedReceiver<Order>) -> Order {
    match orders.recv().await {
        Some(order) => order,
        None => std::future::pending().await,
    }
}

//! One HTTP/2 connection: its birth, its task and its death.
//!
//! In: a TLS stream. Out: a handle for requests, and word to the pool when the peer changes
//! its limit, wants no more requests, answers a PING or is gone. Refuses to know requests and
//! other connections.

use std::fmt;
use std::future::{Future, poll_fn};
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Weak};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use h2::client::{Builder, Connection, SendRequest};
use h2::{Ping, PingPong};
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio_rustls::client::TlsStream;

use super::plain::Plain;
use super::pool::Pool;
use super::pulse::{Beat, Pulse};
use super::wire::Wire;
use crate::transport::dial::{Dialer, Origin};
use crate::transport::error::TransportError;

const STREAM_WINDOW: u32 = 1 << 20;
const CONNECTION_WINDOW: u32 = 8 << 20;
/// Longest head of an answer.
pub const HEADER_LIST: u32 = 64 << 10;
/// Cancelled streams whose late frames are still recognised.
const CANCELLED: usize = 1024;

/// Names a connection for as long as the daemon runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ConnectionId(u64);

impl ConnectionId {
    fn next() -> Self {
        static LAST: AtomicU64 = AtomicU64::new(0);
        Self(LAST.fetch_add(1, Ordering::Relaxed) + 1)
    }
}

impl fmt::Display for ConnectionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

type Io = Plain<TlsStream<TcpStream>>;

/// A connection that answered once and has no task yet.
pub struct Fresh {
    pub id: ConnectionId,
    pub sender: SendRequest<Bytes>,
    pub limit: usize,
    pub wire: Arc<Wire>,
    /// Of the peer; none behind a proxy.
    pub address: Option<IpAddr>,
    connection: Connection<Io, Bytes>,
    ping: PingPong,
}

/// Dials, shakes hands and waits for the answer to a first PING. By then the peer's settings
/// are known, and so is its refusal of our certificate: TLS 1.3 sends that after the handshake.
pub async fn open(dialer: &Dialer, origin: &Origin) -> Result<Fresh, TransportError> {
    let stream = dialer.dial(origin).await?;
    let peer = stream.get_ref().0.peer_addr().ok();
    let address = peer.filter(|_| !dialer.has_proxy()).map(|peer| peer.ip());
    let (stream, wire) = Plain::new(stream);
    let failed = |error| unserved(origin.shown(), error, &wire);
    let (sender, mut connection) = Builder::new()
        .enable_push(false)
        .initial_window_size(STREAM_WINDOW)
        .initial_connection_window_size(CONNECTION_WINDOW)
        .max_header_list_size(HEADER_LIST)
        .max_concurrent_reset_streams(CANCELLED)
        .handshake(stream)
        .await
        .map_err(failed)?;
    let mut ping = connection.ping_pong().expect("asked for once");
    ping.send_ping(Ping::opaque()).map_err(failed)?;
    poll_fn(|cx| {
        if let Poll::Ready(ended) = Pin::new(&mut connection).poll(cx) {
            return Poll::Ready(Err(ended.err().unwrap_or(h2::Reason::NO_ERROR.into())));
        }
        ping.poll_pong(cx).map_ok(drop)
    })
    .await
    .map_err(failed)?;
    Ok(Fresh {
        id: ConnectionId::next(),
        sender,
        limit: connection.max_concurrent_send_streams(),
        wire,
        address,
        connection,
        ping,
    })
}

/// Names the end of a connection that served nobody; nothing was sent, so nothing is in doubt.
fn unserved(host: &str, error: h2::Error, wire: &Wire) -> TransportError {
    let host = host.to_owned();
    match wire.cause() {
        Some(source) => TransportError::Tls { host, source },
        None => {
            let source = Arc::new(error);
            TransportError::Handshake { host, source }
        }
    }
}

impl Fresh {
    /// Starts the task that moves frames until the connection ends. Dropping the returned
    /// sender lets it end when its streams have.
    pub fn run(self, pool: Weak<Pool>, idle_ping: Duration) -> oneshot::Sender<()> {
        let (retire, retired) = oneshot::channel();
        let task = Task {
            id: self.id,
            pool,
            limit: self.limit,
            connection: self.connection,
            wire: Arc::clone(&self.wire),
            open: Some((self.sender, retired)),
            pulse: Pulse::new(self.ping, self.wire, idle_ping),
        };
        tokio::spawn(task);
        retire
    }
}

struct Task {
    id: ConnectionId,
    pool: Weak<Pool>,
    limit: usize,
    connection: Connection<Io, Bytes>,
    wire: Arc<Wire>,
    /// While it takes requests; h2 closes the connection when no handle and no stream is left.
    open: Option<(SendRequest<Bytes>, oneshot::Receiver<()>)>,
    pulse: Pulse,
}

impl Future for Task {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = &mut *self;
        if let Poll::Ready(ended) = Pin::new(&mut this.connection).poll(cx) {
            this.end(ended.err());
            return Poll::Ready(());
        }
        let limit = this.connection.max_concurrent_send_streams();
        if limit != this.limit {
            this.limit = limit;
            this.tell(|pool, id| pool.limit_changed(id, limit));
        }
        if let Some((sender, retired)) = &mut this.open {
            // Only an error of the connection, such as a GOAWAY, keeps this handle from being
            // ready: it never sent anything.
            if let Poll::Ready(Err(error)) = sender.poll_ready(cx) {
                this.open = None;
                this.end(Some(error));
            } else if Pin::new(retired).poll(cx).is_ready() {
                this.open = None;
            }
        }
        loop {
            let busy = || this.pool.upgrade().is_none_or(|pool| pool.is_busy(this.id));
            match ready!(this.pulse.poll(cx, busy)) {
                Beat::Alive => this.tell(|pool, id| pool.alive(id)),
                Beat::Late => this.tell(|pool, id| pool.late(id)),
                Beat::Mute => {
                    tracing::debug!(connection = %this.id, "no answer to a ping");
                    let flooded = this.wire.is_flooded();
                    this.tell(|pool, id| pool.mute(id, flooded));
                    // Dropping the connection ends its streams with an error.
                    return Poll::Ready(());
                }
            }
        }
    }
}

impl Task {
    fn end(&self, error: Option<h2::Error>) {
        self.tell(|pool, id| {
            let error = error.map(|error| unserved(pool.origin().shown(), error, &self.wire));
            pool.closed(id, error);
        });
    }

    fn tell(&self, word: impl FnOnce(&Arc<Pool>, ConnectionId)) {
        if let Some(pool) = self.pool.upgrade() {
            word(&pool, self.id);
        }
    }
}

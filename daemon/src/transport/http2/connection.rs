//! One HTTP/2 connection: its birth, its task and its death.
//!
//! In: a TLS stream. Out: a handle for requests, and reports to its owner when the peer changes
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

use super::connection_state::{ConnectionState, MAX_HEADER_LIST};
use super::ping::{PingResult, Pinger};
use super::stream::UnvectoredStream;
use crate::transport::dial::{Dialer, Origin};
use crate::transport::error::TransportError;

const STREAM_WINDOW: u32 = 1 << 20;
const CONNECTION_WINDOW: u32 = 8 << 20;
/// Cancelled streams whose late frames are still recognised.
const MAX_CANCELLED: usize = 1024;

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

/// What a connection's task reports.
pub enum ConnectionEvent {
    /// The peer allows this many streams now.
    LimitChanged(usize),
    /// The peer has answered a PING.
    PingAnswered,
    /// The answer to a PING is late.
    PingLate,
    /// The peer has not answered a PING: the connection ends with all that is in flight on it.
    PingLost {
        /// Whether it sent more heads of answers than anybody reads.
        flooded: bool,
    },
    /// It takes no more requests; the error is for those who wait, in case it has served nobody.
    Closed(Option<TransportError>),
}

/// Whoever opened a connection, and is told what happens to it.
pub trait ConnectionOwner: Send + Sync {
    /// Something happened to a connection.
    fn handle_event(self: Arc<Self>, id: ConnectionId, event: ConnectionEvent);

    /// Whether a connection has requests in flight. One that takes no more lives for those that
    /// it has.
    fn is_busy(&self, id: ConnectionId) -> bool;
}

type Io = UnvectoredStream<TlsStream<TcpStream>>;

/// A connection that answered once and has no task yet.
pub struct NewConnection {
    pub id: ConnectionId,
    pub sender: SendRequest<Bytes>,
    pub limit: usize,
    pub connection_state: Arc<ConnectionState>,
    /// Of the peer; none behind a proxy.
    pub address: Option<IpAddr>,
    host: String,
    connection: Connection<Io, Bytes>,
    ping: PingPong,
}

/// Dials, shakes hands and waits for the answer to a first PING. By then the peer's settings
/// are known, and so is its refusal of our certificate: TLS 1.3 sends that after the handshake.
pub async fn open(dialer: &Dialer, origin: &Origin) -> Result<NewConnection, TransportError> {
    let stream = dialer.dial(origin).await?;
    let peer = stream.get_ref().0.peer_addr().ok();
    let address = peer.filter(|_| !dialer.has_proxy()).map(|peer| peer.ip());
    let (stream, connection_state) = UnvectoredStream::new(stream);
    let failed = |error| unserved(origin.shown(), error, &connection_state);
    let (sender, mut connection) = Builder::new()
        .enable_push(false)
        .initial_window_size(STREAM_WINDOW)
        .initial_connection_window_size(CONNECTION_WINDOW)
        .max_header_list_size(MAX_HEADER_LIST)
        .max_concurrent_reset_streams(MAX_CANCELLED)
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
    Ok(NewConnection {
        id: ConnectionId::next(),
        sender,
        limit: connection.max_concurrent_send_streams(),
        connection_state,
        address,
        host: origin.shown().to_owned(),
        connection,
        ping,
    })
}

/// Names the end of a connection that served nobody; nothing was sent, so nothing is in doubt.
fn unserved(host: &str, error: h2::Error, connection_state: &ConnectionState) -> TransportError {
    let host = host.to_owned();
    match connection_state.cause() {
        Some(source) => TransportError::Tls { host, source },
        None => {
            let source = Arc::new(error);
            TransportError::Handshake { host, source }
        }
    }
}

impl NewConnection {
    /// Starts the task that moves frames until the connection ends. Dropping the returned
    /// sender lets it end when its streams have.
    pub fn run(self, owner: Weak<dyn ConnectionOwner>, idle_ping: Duration) -> oneshot::Sender<()> {
        let (retire, retired) = oneshot::channel();
        let task = Task {
            id: self.id,
            host: self.host,
            owner,
            limit: self.limit,
            connection: self.connection,
            connection_state: Arc::clone(&self.connection_state),
            open: Some((self.sender, retired)),
            pinger: Pinger::new(self.ping, self.connection_state, idle_ping),
        };
        tokio::spawn(task);
        retire
    }
}

struct Task {
    id: ConnectionId,
    host: String,
    owner: Weak<dyn ConnectionOwner>,
    limit: usize,
    connection: Connection<Io, Bytes>,
    connection_state: Arc<ConnectionState>,
    /// While it takes requests; h2 closes the connection when no handle and no stream is left.
    open: Option<(SendRequest<Bytes>, oneshot::Receiver<()>)>,
    pinger: Pinger,
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
            this.report(ConnectionEvent::LimitChanged(limit));
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
            let busy = || {
                this.owner
                    .upgrade()
                    .is_none_or(|owner| owner.is_busy(this.id))
            };
            match ready!(this.pinger.poll(cx, busy)) {
                PingResult::Answered => this.report(ConnectionEvent::PingAnswered),
                PingResult::Late => this.report(ConnectionEvent::PingLate),
                PingResult::Lost => {
                    tracing::debug!(connection = %this.id, "no answer to a ping");
                    let flooded = this.connection_state.is_flooded();
                    this.report(ConnectionEvent::PingLost { flooded });
                    // Dropping the connection ends its streams with an error.
                    return Poll::Ready(());
                }
            }
        }
    }
}

impl Task {
    fn end(&self, error: Option<h2::Error>) {
        let error = error.map(|error| unserved(&self.host, error, &self.connection_state));
        self.report(ConnectionEvent::Closed(error));
    }

    fn report(&self, event: ConnectionEvent) {
        if let Some(owner) = self.owner.upgrade() {
            owner.handle_event(self.id, event);
        }
    }
}

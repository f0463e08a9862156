//! One caller's connection, and its end. Whatever was asked is answered: a request that cannot be
//! read too, and that of a caller which has ended its sending.
//!
//! A daemon that stops answers what was begun, and tells in the answer that it was the last. A
//! connection on which nothing was begun is shut for reading first and read to its end then: what
//! the caller had written before is answered, and what it writes after that fails at once and was
//! never taken. So nobody has to guess. A connection that was quiet for too long ends in the same
//! way.

mod lent;
#[cfg(test)]
mod tests;

use std::convert::Infallible;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderValue, header};
use axum::response::Response;
use bytes::Bytes;
use hyper::body::{Frame, Incoming, SizeHint};
use hyper::server::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::net::UnixStream;
use tokio::sync::watch;
use tokio::time::Instant;
use tower::Service;

use self::lent::Shelf;
use super::malformed::{self, End, Seen};
use super::router;
use super::wire::{Ends, Patience, Wire};
use crate::access::Peer;
use nudged_wire::Problem;

/// A caller's requests may be so far apart, and so long may a head take.
const PATIENCE: Patience = Patience {
    idle: Duration::from_secs(60),
    head: Duration::from_secs(15),
};
/// With one that is turned away.
const IMPATIENCE: Patience = Patience {
    idle: Duration::from_secs(2),
    head: Duration::from_secs(2),
};
/// How long a daemon that stops waits for a caller that takes none of its answers.
const UNHEARD: Duration = Duration::from_secs(10);
/// Bytes of answers that wait for a caller which does not read them, some ten thousand lines;
/// with more, no more is done for it.
const UNREAD: usize = 1 << 20;

/// Bytes, besides those of a body, that are read and dropped at the end.
const DROPPED: usize = 1 << 20;

/// How a caller is met.
#[derive(Clone)]
pub struct Welcome {
    /// What answers it.
    pub router: Router,
    /// Instead of every answer.
    pub turned_away: Option<Problem>,
    /// Longest body, in bytes, that is read although nobody wants it.
    pub max_body: usize,
}

/// Serves a caller until it has gone, or was told to go.
pub async fn serve(
    stream: UnixStream,
    peer: Arc<Peer>,
    welcome: Welcome,
    mut stopped: watch::Receiver<bool>,
) {
    let wire = Arc::new(Wire::new(stream));
    let most = welcome.max_body.saturating_add(DROPPED);
    let turned_away = welcome.turned_away.clone();
    let mut patience = match turned_away {
        None => PATIENCE,
        Some(_) => IMPATIENCE,
    };
    let service = {
        let wire = wire.clone();
        let shelf = Arc::<Shelf>::default();
        hyper::service::service_fn(move |request| {
            let (wire, shelf) = (wire.clone(), shelf.clone());
            answer(request, wire, shelf, peer.clone(), welcome.clone())
        })
    };
    let mut connection = http1::Builder::new()
        .half_close(true)
        .header_read_timeout(None)
        .max_header_size(malformed::MAX_HEAD)
        .max_buf_size(UNREAD)
        .serve_connection(TokioIo::new(Ends::of(wire.clone())), service);
    let mut stopping = false;
    let ended = {
        let mut gone = pin!(wire.gone());
        let mut due = pin!(tokio::time::sleep(patience.head));
        loop {
            tokio::select! {
                biased;
                ended = &mut connection => break ended,
                _ = stopped.wait_for(|stopped| *stopped), if !stopping => {
                    stopping = true;
                    wire.close();
                    // Nobody holds the stop up with half a request, or by not listening.
                    patience.head = patience.head.min(lent::REST);
                    patience.idle = patience.idle.min(UNHEARD);
                    due.as_mut().reset(Instant::now() + patience.head);
                }
                () = &mut gone, if !wire.is_gone() => {}
                () = &mut due, if stopping || !wire.is_late() => {
                    let now = Instant::now();
                    // A head may begin meanwhile, for which there is less time.
                    let later = now + patience.head;
                    let next = wire.due(patience).unwrap_or(later);
                    if next <= now && (wire.is_stuck() || stopping && wire.is_stalled()) {
                        tracing::debug!("a caller that reads no answers is cut off");
                        return;
                    }
                    if next <= now {
                        wire.cut();
                    }
                    due.as_mut().reset(if next > now { next.min(later) } else { later });
                }
            }
            // Polled anew, it reads, and comes to [`Ends`].
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "connection ended");
        let parts = connection.into_parts();
        let end = match (stopping, wire.is_late()) {
            (true, _) => End::Stopping,
            (false, true) => End::Late,
            (false, false) => End::Caller,
        };
        let seen = Seen {
            unread: &parts.read_buf,
            last: parts.io.inner().last(),
        };
        if let Some((problem, path)) = malformed::unread(&error, seen, end) {
            let response = router::refused(path, turned_away.unwrap_or(problem));
            wire.say(&malformed::raw(response)).await;
        }
    }
    wire.hang_up(most).await;
}

/// Answers a request, and sees to it that its body is out of the way then.
async fn answer(
    request: hyper::Request<Incoming>,
    wire: Arc<Wire>,
    shelf: Arc<Shelf>,
    peer: Arc<Peer>,
    mut welcome: Welcome,
) -> Result<Response<Answer>, Infallible> {
    let under_way = UnderWay::begin(wire.clone());
    let turned_away = welcome.turned_away.take();
    let is_last = turned_away.is_some();
    let refused = turned_away.or_else(|| malformed::unfit(&request));
    let mut request = shelf.lend(request, &wire);
    let mut response = match refused {
        Some(problem) => {
            let response = router::refused(request.uri().path(), problem);
            drop(request);
            response
        }
        None => {
            request.extensions_mut().insert(peer);
            welcome.router.call(request).await?
        }
    };
    let is_read = shelf.read_out(welcome.max_body).await;
    if is_last || !is_read || under_way.0.is_closing() {
        let close = HeaderValue::from_static("close");
        response.headers_mut().insert(header::CONNECTION, close);
    }
    Ok(response.map(|body| Answer {
        body,
        under_way,
        shelf,
    }))
}

/// A request, until its answer is all there.
struct UnderWay(Arc<Wire>);

impl UnderWay {
    fn begin(wire: Arc<Wire>) -> Self {
        wire.begin();
        Self(wire)
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.end();
    }
}

/// The body of an answer.
struct Answer {
    body: Body,
    under_way: UnderWay,
    shelf: Arc<Shelf>,
}

impl hyper::body::Body for Answer {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        if self.under_way.0.is_gone() {
            let gone = std::io::Error::from(std::io::ErrorKind::BrokenPipe);
            return Poll::Ready(Some(Err(axum::Error::new(gone))));
        }
        let frame = Pin::new(&mut self.body).poll_frame(context);
        if let Poll::Ready(None) = frame {
            self.under_way.0.end();
        }
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for Answer {
    fn drop(&mut self) {
        // A stream of answers holds the body that it answers, and leaves it at its own end. Then
        // nobody is left to read it.
        self.body = Body::empty();
        self.shelf.clear();
    }
}

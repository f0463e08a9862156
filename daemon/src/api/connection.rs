//! One caller's connection, and its end. Whatever was asked is answered: a request that cannot be
//! read too, and that of a caller which has ended its sending.
//!
//! A daemon that stops answers what was begun, and says in the answer that it was the last. A
//! connection on which nothing was begun is shut for reading first and read to its end then: what
//! the caller had written before is answered, and what it writes after that fails at once and was
//! never taken. So nobody has to guess. A connection that was quiet for too long ends in the same
//! way.

mod lent;
mod stream;
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

use self::lent::ReturnedBody;
use self::stream::{CallerStream, HyperStream, RequestTimeouts};
use super::malformed::{self, HeadEnd, UnparsedHead};
use super::router;
use crate::access::Peer;
use nudged_wire::Problem;

/// A caller's requests may be so far apart, and so long may a head take.
const TIMEOUTS: RequestTimeouts = RequestTimeouts {
    idle: Duration::from_secs(60),
    head: Duration::from_secs(15),
};
/// With a caller that is refused.
const REJECTED_TIMEOUTS: RequestTimeouts = RequestTimeouts {
    idle: Duration::from_secs(2),
    head: Duration::from_secs(2),
};
/// How long a daemon that stops waits for a caller that takes none of its answers.
const UNREAD_TIMEOUT: Duration = Duration::from_secs(10);
/// Bytes of answers that wait for a caller which does not read them, some ten thousand lines;
/// with more, no more is done for it.
const MAX_BUFFERED: usize = 1 << 20;

/// Bytes, besides those of a body, that are read and dropped at the end.
const MAX_DROPPED: usize = 1 << 20;

/// How a connection is served.
#[derive(Clone)]
pub struct ConnectionSettings {
    pub router: Router,
    /// Instead of every answer.
    pub rejection: Option<Problem>,
    /// Longest body, in bytes, that is read although nobody wants it.
    pub max_body: usize,
}

/// Serves a caller until it has gone, or the daemon closes the connection.
pub async fn serve(
    stream: UnixStream,
    peer: Arc<Peer>,
    settings: ConnectionSettings,
    mut stopped: watch::Receiver<bool>,
) {
    let caller = Arc::new(CallerStream::new(stream));
    let max = settings.max_body.saturating_add(MAX_DROPPED);
    let rejection = settings.rejection.clone();
    let mut timeouts = match rejection {
        None => TIMEOUTS,
        Some(_) => REJECTED_TIMEOUTS,
    };
    let service = {
        let caller = caller.clone();
        let returned = Arc::<ReturnedBody>::default();
        hyper::service::service_fn(move |request| {
            let (caller, returned) = (caller.clone(), returned.clone());
            answer(request, caller, returned, peer.clone(), settings.clone())
        })
    };
    let mut connection = http1::Builder::new()
        .half_close(true)
        .header_read_timeout(None)
        .max_header_size(malformed::MAX_HEAD)
        .max_buf_size(MAX_BUFFERED)
        .serve_connection(TokioIo::new(HyperStream::of(caller.clone())), service);
    let mut stopping = false;
    let ended = {
        let mut gone = pin!(caller.gone());
        let mut due = pin!(tokio::time::sleep(timeouts.head));
        loop {
            tokio::select! {
                biased;
                ended = &mut connection => break ended,
                _ = stopped.wait_for(|stopped| *stopped), if !stopping => {
                    stopping = true;
                    caller.close();
                    // Nobody holds the stop up with half a request, or by not listening.
                    timeouts.head = timeouts.head.min(lent::REST_TIMEOUT);
                    timeouts.idle = timeouts.idle.min(UNREAD_TIMEOUT);
                    due.as_mut().reset(Instant::now() + timeouts.head);
                }
                () = &mut gone, if !caller.is_gone() => {}
                () = &mut due, if stopping || !caller.is_late() => {
                    let now = Instant::now();
                    // A head may begin meanwhile, for which there is less time.
                    let later = now + timeouts.head;
                    let next = caller.due(timeouts).unwrap_or(later);
                    if next <= now && (caller.is_stuck() || stopping && caller.is_stalled()) {
                        tracing::debug!("a caller that reads no answers is cut off");
                        return;
                    }
                    if next <= now {
                        caller.cut();
                    }
                    due.as_mut().reset(if next > now { next.min(later) } else { later });
                }
            }
            // Polled anew, it reads, and comes to [`HyperStream`].
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "connection ended");
        let parts = connection.into_parts();
        let end = match (stopping, caller.is_late()) {
            (true, _) => HeadEnd::Stopping,
            (false, true) => HeadEnd::Late,
            (false, false) => HeadEnd::Caller,
        };
        let head = UnparsedHead {
            unread: &parts.read_buf,
            last: parts.io.inner().last(),
        };
        if let Some((problem, path)) = malformed::unread(&error, head, end) {
            let response = router::refused(path, rejection.unwrap_or(problem));
            caller.say(&malformed::raw(response)).await;
        }
    }
    caller.hang_up(max).await;
}

/// Answers a request, and sees to it that its body is out of the way then.
async fn answer(
    request: hyper::Request<Incoming>,
    caller: Arc<CallerStream>,
    returned: Arc<ReturnedBody>,
    peer: Arc<Peer>,
    mut settings: ConnectionSettings,
) -> Result<Response<AnswerBody>, Infallible> {
    let pending = PendingRequest::begin(caller.clone());
    let rejection = settings.rejection.take();
    let is_last = rejection.is_some();
    let refused = rejection.or_else(|| malformed::unfit(&request));
    let mut request = returned.lend(request, &caller);
    let mut response = match refused {
        Some(problem) => {
            let response = router::refused(request.uri().path(), problem);
            drop(request);
            response
        }
        None => {
            request.extensions_mut().insert(peer);
            settings.router.call(request).await?
        }
    };
    let is_read = returned.read_out(settings.max_body).await;
    if is_last || !is_read || pending.0.is_closing() {
        let close = HeaderValue::from_static("close");
        response.headers_mut().insert(header::CONNECTION, close);
    }
    Ok(response.map(|body| AnswerBody {
        body,
        pending,
        returned,
    }))
}

/// A request, until its answer is all there.
struct PendingRequest(Arc<CallerStream>);

impl PendingRequest {
    fn begin(caller: Arc<CallerStream>) -> Self {
        caller.begin();
        Self(caller)
    }
}

impl Drop for PendingRequest {
    fn drop(&mut self) {
        self.0.end();
    }
}

/// The body of an answer.
struct AnswerBody {
    body: Body,
    pending: PendingRequest,
    returned: Arc<ReturnedBody>,
}

impl hyper::body::Body for AnswerBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        if self.pending.0.is_gone() {
            let gone = std::io::Error::from(std::io::ErrorKind::BrokenPipe);
            return Poll::Ready(Some(Err(axum::Error::new(gone))));
        }
        let frame = Pin::new(&mut self.body).poll_frame(context);
        if let Poll::Ready(None) = frame {
            self.pending.0.end();
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

impl Drop for AnswerBody {
    fn drop(&mut self) {
        // A stream of answers holds the body that it answers, and leaves it at its own end. Then
        // nobody is left to read it.
        self.body = Body::empty();
        self.returned.clear();
    }
}

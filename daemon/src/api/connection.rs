//! One caller's connection, and its end: a daemon that stops answers what was begun, and tells
//! in the answer that it was the last. A connection on which nothing was begun is shut for
//! reading first and read to its end then: what the caller had written before is answered, and
//! what it writes after that fails at once and was never taken. So nobody has to guess.

use std::io::{self, IoSlice};
use std::os::fd::{AsFd, AsRawFd};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderValue, header};
use bytes::Bytes;
use hyper::body::{Frame, Incoming, SizeHint};
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use nix::sys::socket::{Shutdown, shutdown};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::UnixStream;
use tokio::sync::watch;
use tower::Service;

use super::access::Peer;

/// A slow caller is cut off before it has sent its headers.
const HEADERS: Duration = Duration::from_secs(15);

/// Serves a caller until it has gone, or was told to go.
pub async fn serve(stream: UnixStream, router: Router, mut stopped: watch::Receiver<bool>) {
    let Ok(credentials) = stream.peer_cred() else {
        return;
    };
    let peer = Arc::new(Peer::new(credentials.uid(), credentials.gid()));
    let talk = Arc::<Talk>::default();
    let service = {
        let talk = talk.clone();
        hyper::service::service_fn(move |request: hyper::Request<Incoming>| {
            let mut request = request.map(Body::new);
            request.extensions_mut().insert(peer.clone());
            let begun = Begun::of(talk.clone());
            let answer = router.clone().call(request);
            async move {
                let mut response = answer.await?;
                if begun.0.stopping.load(Ordering::Relaxed) {
                    let close = HeaderValue::from_static("close");
                    response.headers_mut().insert(header::CONNECTION, close);
                }
                Ok::<_, std::convert::Infallible>(response.map(|body| Answer { body, begun }))
            }
        })
    };
    let socket = TokioIo::new(Watched {
        stream,
        talk: talk.clone(),
        shut: false,
    });
    let mut connection = pin!(
        http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEADERS)
            .serve_connection(socket, service)
    );
    let ended = tokio::select! {
        ended = &mut connection => Some(ended),
        _ = stopped.wait_for(|stopped| *stopped) => None,
    };
    let ended = match ended {
        Some(ended) => ended,
        None => {
            talk.stopping.store(true, Ordering::Relaxed);
            // Polled anew, it reads, and comes to [`Watched`].
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "connection ended");
    }
}

/// What a connection and its requests know of each other.
#[derive(Default)]
struct Talk {
    /// Something was read that is not answered yet.
    begun: AtomicBool,
    stopping: AtomicBool,
}

/// A request, until its answer has gone.
struct Begun(Arc<Talk>);

impl Begun {
    fn of(talk: Arc<Talk>) -> Self {
        talk.begun.store(true, Ordering::Relaxed);
        Self(talk)
    }
}

impl Drop for Begun {
    fn drop(&mut self) {
        self.0.begun.store(false, Ordering::Relaxed);
    }
}

/// The body of an answer.
struct Answer {
    body: Body,
    begun: Begun,
}

impl hyper::body::Body for Answer {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let frame = Pin::new(&mut self.body).poll_frame(context);
        if let Poll::Ready(None) = frame {
            self.begun.0.begun.store(false, Ordering::Relaxed);
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

/// The stream, which knows whether something was begun.
struct Watched {
    stream: UnixStream,
    talk: Arc<Talk>,
    shut: bool,
}

impl AsyncRead for Watched {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let talk = &self.talk;
        let is_idle = !talk.begun.load(Ordering::Relaxed);
        if is_idle && !self.shut && talk.stopping.load(Ordering::Relaxed) {
            // The caller may be gone; then this read says so.
            let _ = shutdown(self.stream.as_fd().as_raw_fd(), Shutdown::Read);
            self.shut = true;
        }
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(context, buffer))?;
        if buffer.filled().len() > before {
            self.talk.begun.store(true, Ordering::Relaxed);
        } else if self.shut && self.talk.begun.load(Ordering::Relaxed) {
            // An end of our own making: hyper would take it for that of the caller, and drop
            // the answer. It reads again after that.
            return Poll::Pending;
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Watched {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, parts)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

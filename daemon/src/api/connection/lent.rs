//! A request's body, lent to whoever handles the request. What was not read of it comes back and
//! is read here, as far as it is short: the caller sees its answer, and the connection goes on.
//!
//! In: the body. Out: whether nothing of it is left. Refuses to know what it says. A daemon that
//! stops waits for the rest of no body for long: whoever reads it is told [`Stopping`].

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::BoxError;
use axum::body::Body;
use axum::http::{Request, header};
use bytes::Bytes;
use futures_util::FutureExt;
use http_body_util::BodyExt;
use hyper::body::{Body as _, Frame, Incoming, SizeHint};
use tokio::time::{Sleep, sleep, timeout};

use super::super::body::Stopping;
use super::super::wire::Wire;
use crate::sync::Mutex;

/// How long the rest of a body may take to come that nobody wants, or that the stop waits for.
pub const REST: Duration = Duration::from_secs(2);

/// Where bodies come back to, one at a time.
#[derive(Default)]
pub struct Shelf(Mutex<Option<Left>>);

/// What came back.
struct Left {
    body: Incoming,
    /// Nothing more of it comes: the caller waits to be told to go on, has broken off, or was too
    /// slow.
    is_dry: bool,
}

impl Shelf {
    /// The request with a body that comes back.
    pub fn lend(self: &Arc<Self>, request: Request<Incoming>, wire: &Arc<Wire>) -> Request<Body> {
        let is_dry = request.headers().contains_key(header::EXPECT);
        request.map(|body| match body.is_end_stream() {
            true => Body::empty(),
            false => Body::new(Lent {
                left: Some(Left { body, is_dry }),
                shelf: self.clone(),
                wire: wire.clone(),
                patience: None,
            }),
        })
    }

    /// Reads what came back, if that is at most so many bytes; false when something is left.
    pub async fn read_out(&self, most: usize) -> bool {
        let Some(Left { mut body, is_dry }) = self.take() else {
            return true;
        };
        let most = u64::try_from(most).unwrap_or(u64::MAX);
        if is_dry || body.size_hint().lower() > most {
            return false;
        }
        let reading = async {
            let mut left = most;
            while let Some(frame) = body.frame().await {
                let Ok(frame) = frame else {
                    return false;
                };
                let length = frame.data_ref().map_or(0, Bytes::len);
                match left.checked_sub(u64::try_from(length).unwrap_or(u64::MAX)) {
                    Some(less) => left = less,
                    None => return false,
                }
            }
            true
        };
        timeout(REST, reading).await.unwrap_or(false)
    }

    /// Gives up what came back.
    pub fn clear(&self) {
        self.take();
    }

    fn take(&self) -> Option<Left> {
        self.0.lock().take()
    }
}

/// The body in other hands.
struct Lent {
    /// There until it is read to its end, or dropped.
    left: Option<Left>,
    shelf: Arc<Shelf>,
    wire: Arc<Wire>,
    /// Until when a daemon that stops waits for more of it.
    patience: Option<Pin<Box<Sleep>>>,
}

impl Lent {
    /// Whether nothing more is waited for. The connection is polled anew when the daemon stops.
    fn is_given_up(&mut self, context: &mut Context<'_>) -> bool {
        self.wire.is_closing() && {
            let patience = self.patience.get_or_insert_with(|| Box::pin(sleep(REST)));
            patience.poll_unpin(context).is_ready()
        }
    }
}

impl hyper::body::Body for Lent {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let Some(left) = &mut self.left else {
            return Poll::Ready(None);
        };
        left.is_dry = false;
        match Pin::new(&mut left.body).poll_frame(context) {
            Poll::Ready(Some(Ok(frame))) => Poll::Ready(Some(Ok(frame))),
            Poll::Ready(Some(Err(error))) => {
                left.is_dry = true;
                let error = match self.wire.is_stopped() {
                    true => Stopping.into(),
                    false => error.into(),
                };
                Poll::Ready(Some(Err(error)))
            }
            Poll::Ready(None) => {
                // A chunked body does not know by itself that it has ended.
                self.left = None;
                Poll::Ready(None)
            }
            Poll::Pending if self.is_given_up(context) => {
                if let Some(left) = &mut self.left {
                    left.is_dry = true;
                }
                Poll::Ready(Some(Err(Stopping.into())))
            }
            Poll::Pending => Poll::Pending,
        }
    }

    fn is_end_stream(&self) -> bool {
        self.left
            .as_ref()
            .is_none_or(|left| left.body.is_end_stream())
    }

    fn size_hint(&self) -> SizeHint {
        self.left
            .as_ref()
            .map(|left| left.body.size_hint())
            .unwrap_or_default()
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        let left = self.left.take();
        let left = left.filter(|left| !left.body.is_end_stream());
        *self.shelf.0.lock() = left;
    }
}

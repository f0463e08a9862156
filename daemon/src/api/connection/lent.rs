//! A request's body, lent to whoever handles the request. What was not read of it comes back and
//! is read here, as far as it is short: the caller sees its answer, and the connection goes on.
//!
//! In: the body. Out: whether nothing of it is left. Refuses to know what it says. A daemon that
//! stops waits for the rest of no body for long: whoever reads it gets [`Stopping`].

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
use super::stream::CallerStream;
use crate::sync::Mutex;

/// How long the rest of a body may take to come that nobody wants, or that the stop waits for.
pub const REST_TIMEOUT: Duration = Duration::from_secs(2);

/// Where bodies come back to, one at a time.
#[derive(Default)]
pub struct ReturnedBody(Mutex<Option<UnreadBody>>);

/// What came back.
struct UnreadBody {
    body: Incoming,
    /// Nothing more of it comes: the caller waits for a 100-continue, has broken off, or was too
    /// slow.
    is_dry: bool,
}

impl ReturnedBody {
    /// The request with a body that comes back.
    pub fn lend(
        self: &Arc<Self>,
        request: Request<Incoming>,
        caller: &Arc<CallerStream>,
    ) -> Request<Body> {
        let is_dry = request.headers().contains_key(header::EXPECT);
        request.map(|body| match body.is_end_stream() {
            true => Body::empty(),
            false => Body::new(LentBody {
                left: Some(UnreadBody { body, is_dry }),
                returned: self.clone(),
                caller: caller.clone(),
                deadline: None,
            }),
        })
    }

    /// Reads what came back, if that is at most so many bytes; false when something is left.
    pub async fn read_out(&self, max: usize) -> bool {
        let Some(UnreadBody { mut body, is_dry }) = self.take() else {
            return true;
        };
        let max = u64::try_from(max).unwrap_or(u64::MAX);
        if is_dry || body.size_hint().lower() > max {
            return false;
        }
        let reading = async {
            let mut left = max;
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
        timeout(REST_TIMEOUT, reading).await.unwrap_or(false)
    }

    /// Gives up what came back.
    pub fn clear(&self) {
        self.take();
    }

    fn take(&self) -> Option<UnreadBody> {
        self.0.lock().take()
    }
}

/// The body in other hands.
struct LentBody {
    /// There until it is read to its end, or dropped.
    left: Option<UnreadBody>,
    returned: Arc<ReturnedBody>,
    caller: Arc<CallerStream>,
    /// Until when a daemon that stops waits for more of it.
    deadline: Option<Pin<Box<Sleep>>>,
}

impl LentBody {
    /// Whether nothing more is waited for. The connection is polled anew when the daemon stops.
    fn is_given_up(&mut self, context: &mut Context<'_>) -> bool {
        self.caller.is_closing() && {
            let deadline = self
                .deadline
                .get_or_insert_with(|| Box::pin(sleep(REST_TIMEOUT)));
            deadline.poll_unpin(context).is_ready()
        }
    }
}

impl hyper::body::Body for LentBody {
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
                let error = match self.caller.is_stopped() {
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

impl Drop for LentBody {
    fn drop(&mut self) {
        let left = self.left.take();
        let left = left.filter(|left| !left.body.is_end_stream());
        *self.returned.0.lock() = left;
    }
}

//! A request's body, lent to whoever handles the request. What was not read of it comes back and
//! is read here, as far as it is known to be short: the caller sees its answer, and the
//! connection goes on.
//!
//! In: the body. Out: whether nothing of it is left. Refuses to know what it says.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::Body;
use axum::http::{Request, header};
use bytes::Bytes;
use http_body_util::BodyExt;
use hyper::body::{Body as _, Frame, Incoming, SizeHint};
use tokio::time::timeout;

/// How long the rest of a body may take to come.
const REST: Duration = Duration::from_secs(2);

/// Where bodies come back to, one at a time.
#[derive(Default)]
pub struct Shelf(Mutex<Option<Left>>);

/// What came back.
struct Left {
    body: Incoming,
    /// The caller sends nothing before it is told to go on.
    waits: bool,
}

impl Shelf {
    /// The request with a body that comes back.
    pub fn lend(self: &Arc<Self>, request: Request<Incoming>) -> Request<Body> {
        let waits = request.headers().contains_key(header::EXPECT);
        request.map(|body| match body.is_end_stream() {
            true => Body::empty(),
            false => Body::new(Lent {
                left: Some(Left { body, waits }),
                shelf: self.clone(),
            }),
        })
    }

    /// Reads what came back, if that is known to be at most so many bytes; false when something
    /// is left.
    pub async fn read_out(&self, most: usize) -> bool {
        let Some(Left { mut body, waits }) = self.take() else {
            return true;
        };
        let most = u64::try_from(most).unwrap_or(u64::MAX);
        let is_short = body.size_hint().exact().is_some_and(|left| left <= most);
        if waits || !is_short {
            return false;
        }
        let reading = async {
            while let Some(frame) = body.frame().await {
                if frame.is_err() {
                    return false;
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
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// The body in other hands.
struct Lent {
    /// Always there until it is dropped.
    left: Option<Left>,
    shelf: Arc<Shelf>,
}

impl hyper::body::Body for Lent {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        match &mut self.left {
            Some(left) => {
                left.waits = false;
                Pin::new(&mut left.body).poll_frame(context)
            }
            None => Poll::Ready(None),
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
        *self.shelf.0.lock().unwrap_or_else(PoisonError::into_inner) = left;
    }
}

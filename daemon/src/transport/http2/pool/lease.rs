//! A slot on a connection, which comes back whatever becomes of its request.
//!
//! In: how the request ended. Out: a report of that to the pool, once. Refuses to know
//! which connection is the best.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use h2::client::SendRequest;
use tokio::time::Instant;

use super::Pool;
use crate::transport::http2::connection::ConnectionId;

/// How a request ended on its connection.
pub(super) enum StreamEnd {
    Answered { after: Duration },
    TimedOut,
    Dropped,
}

/// A slot for one stream on a connection; dropping it gives the slot back.
pub struct StreamLease {
    pub(super) pool: Option<Arc<Pool>>,
    pub(super) id: ConnectionId,
    pub(super) sender: Option<SendRequest<Bytes>>,
    pub(super) since: Instant,
    pub(super) end: StreamEnd,
}

impl StreamLease {
    /// The connection.
    pub fn connection(&self) -> ConnectionId {
        self.id
    }

    /// The handle to send one request with.
    pub fn take_sender(&mut self) -> SendRequest<Bytes> {
        self.sender.take().expect("a lease is for one request")
    }

    /// Notes that the peer answered.
    pub fn answered(&mut self) {
        let after = self.since.elapsed();
        self.end = StreamEnd::Answered { after };
    }

    /// Notes that the peer did not answer in time.
    pub fn timed_out(&mut self) {
        self.end = StreamEnd::TimedOut;
    }
}

impl Drop for StreamLease {
    fn drop(&mut self) {
        if let Some(pool) = self.pool.take() {
            let end = std::mem::replace(&mut self.end, StreamEnd::Dropped);
            pool.give_back(self.id, end);
        }
    }
}

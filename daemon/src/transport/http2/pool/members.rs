//! The books of a pool: its connections with what is known of each, who waits for one, and what
//! became of the last try to connect.
//!
//! In: what the pool has seen. Out: which connection may be used, and who gets the error of a
//! failed dial. Opens nothing; refuses to know leases' lives.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use h2::client::SendRequest;
use tokio::sync::oneshot;
use tokio::time::Instant;

use super::StreamLease;
use crate::transport::error::{Processed, TransportError};
use crate::transport::http2::connection::ConnectionId;
use crate::transport::http2::connection_state::ConnectionState;
use crate::transport::http2::latency::LatencyTracker;

/// How long a new connection may take to raise its limit before another is opened beside it:
/// APNs allows one stream until the first request has proved who we are.
const WARM_UP: Duration = Duration::from_secs(1);
const FIRST_DELAY: Duration = Duration::from_millis(100);
const MAX_DELAY: Duration = Duration::from_secs(10);

#[derive(Default)]
pub(super) struct PoolState {
    pub(super) members: Vec<Member>,
    pub(super) waiting: VecDeque<WaitingCaller>,
    /// Connections that were given up, and whether their peers flooded them.
    pub(super) lost: VecDeque<(ConnectionId, bool)>,
    pub(super) dialing: bool,
    pub(super) failures: u32,
    /// End of the pause after a failure, and that failure.
    pub(super) pause: Option<(Instant, TransportError)>,
}

/// Somebody who waits for a slot on a connection that was heard within `max_silence`.
pub(super) struct WaitingCaller {
    pub(super) max_silence: Duration,
    pub(super) turn: oneshot::Sender<Result<StreamLease, TransportError>>,
}

pub(super) struct Member {
    pub(super) id: ConnectionId,
    pub(super) sender: SendRequest<Bytes>,
    pub(super) connection_state: Arc<ConnectionState>,
    pub(super) trust: Trust,
    /// Dropped with the member: its task ends when its streams have.
    pub(super) _retire: oneshot::Sender<()>,
    pub(super) active: usize,
    pub(super) limit: usize,
    pub(super) timeouts: u32,
    pub(super) latency: LatencyTracker,
    /// Answered a request.
    pub(super) proven: bool,
    pub(super) since: Instant,
}

/// Whether a connection gets requests.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Trust {
    /// If it was heard lately.
    Full,
    /// It was asked whether it lives.
    Asked,
    /// It should have answered that.
    Late,
}

impl Member {
    /// Gives it no requests until it has answered a PING.
    pub(super) fn ask(&mut self) {
        if self.trust == Trust::Full {
            self.trust = Trust::Asked;
            self.connection_state.ask();
        }
    }

    pub(super) fn is_trusted(&self, max_silence: Duration, now: Instant) -> bool {
        self.trust == Trust::Full
            && now.saturating_duration_since(self.connection_state.last_heard()) <= max_silence
    }

    pub(super) fn is_warming(&self, now: Instant) -> bool {
        (!self.proven || self.limit <= 1) && now < self.since + WARM_UP
    }
}

impl PoolState {
    pub(super) fn member(&mut self, id: ConnectionId) -> Option<&mut Member> {
        self.members.iter_mut().find(|member| member.id == id)
    }

    pub(super) fn trust(&mut self, id: ConnectionId, trust: Trust) {
        if let Some(member) = self.member(id) {
            member.trust = trust;
        }
    }

    /// Connections that owe no answer to a PING for long.
    pub(super) fn prompt(&self) -> impl Iterator<Item = &Member> {
        let members = self.members.iter();
        members.filter(|member| member.trust != Trust::Late)
    }

    pub(super) fn is_slow(&self, id: ConnectionId) -> bool {
        let others = self.members.iter().filter(|member| member.id != id);
        let own = self.members.iter().find(|member| member.id == id);
        own.is_some_and(|own| {
            own.latency
                .is_slow_beside(others.map(|other| other.latency))
        })
    }

    /// Remembers a failure to connect, and how long it keeps from the next try.
    pub(super) fn failed(&mut self, error: TransportError) {
        debug_assert_eq!(error.processed(), Processed::No);
        let pause = FIRST_DELAY.saturating_mul(1 << self.failures.min(10));
        self.failures = self.failures.saturating_add(1);
        let until = Instant::now() + pause.min(MAX_DELAY);
        self.refuse(&error);
        self.pause = Some((until, error));
    }

    /// Fails all who wait, unless a living connection can serve them yet.
    pub(super) fn refuse(&mut self, error: &TransportError) {
        if self.members.is_empty() {
            for waiting in self.waiting.drain(..) {
                // Whoever is gone needs no error.
                let _ = waiting.turn.send(Err(error.clone()));
            }
        }
    }
}

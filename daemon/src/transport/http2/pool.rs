//! The connections to one origin and who may use them.
//!
//! In: callers that want a stream, and reports of the connections' tasks. Out: leases, in
//! order of arrival, on the least loaded connection that is known to live. Opens a further
//! connection only when all are full or leave a PING unanswered, and only one at a time.
//! Refuses to know requests and responses.

mod lease;
mod members;

use std::net::IpAddr;
use std::sync::{Arc, Weak};
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::{Instant, timeout};

use super::address::moves;
use super::connection::{ConnectionEvent, ConnectionId, ConnectionOwner, NewConnection, open};
use super::latency::LatencyTracker;
use super::ping::PING_TIMEOUT;
use crate::sync::{Mutex, MutexGuard};
use crate::transport::dial::{Dialer, Origin};
use crate::transport::error::TransportError;

use lease::StreamEnd;
pub use lease::StreamLease;
use members::{Member, PoolState, Trust, WaitingCaller};

/// Time-outs in a row after which a connection gets no more requests.
const MAX_TIMEOUTS: u32 = 3;
/// Connections whose sudden end is remembered, for the requests that ended with them.
const MAX_LOST: usize = 16;

/// What a pool keeps to.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Most connections.
    pub connections: usize,
    /// Most streams on one, whatever the peer allows.
    pub streams: usize,
    /// From name lookup until the connection has answered once.
    pub connect_timeout: Duration,
    /// For one request.
    pub request_timeout: Duration,
    /// Silence of an idle connection.
    pub idle_ping: Duration,
    /// Longest response body.
    pub max_response_body: usize,
}

/// The connections of one identity to one origin.
pub struct Pool {
    origin: Origin,
    dialer: Arc<Dialer>,
    limits: Limits,
    state: Mutex<PoolState>,
}

impl Pool {
    /// A pool without connections.
    pub fn new(origin: Origin, dialer: Arc<Dialer>, limits: Limits) -> Arc<Self> {
        Arc::new(Self {
            origin,
            dialer,
            limits,
            state: Mutex::default(),
        })
    }

    /// Where its connections go.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// What it keeps to.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Connections that take requests.
    pub fn connections(&self) -> usize {
        self.state().members.len()
    }

    /// Streams that all its connections together would have; none before there is one.
    pub fn capacity(&self) -> Option<usize> {
        let state = self.state();
        let most = state.members.iter().map(|member| member.limit).max()?;
        Some(most.min(self.limits.streams) * self.limits.connections)
    }

    /// When a connection was heard last; none when it takes no more requests.
    fn last_heard(&self, id: ConnectionId) -> Option<Instant> {
        Some(self.state().member(id)?.connection_state.last_heard())
    }

    /// Gives a connection no more requests.
    pub fn retire(self: &Arc<Self>, id: ConnectionId) {
        let mut state = self.state();
        state.members.retain(|member| member.id != id);
        self.settle(&mut state);
    }

    /// A slot for one stream on a connection that was heard within `max_silence`, or has answered a
    /// PING since; at once or when it is this caller's turn.
    pub async fn lease(
        self: &Arc<Self>,
        max_silence: Duration,
    ) -> Result<StreamLease, TransportError> {
        let answer = {
            let mut state = self.state();
            if state.waiting.is_empty()
                && let Some(lease) = self.place(&mut state, max_silence)
            {
                return Ok(lease);
            }
            let (turn, answer) = oneshot::channel();
            state.waiting.push_back(WaitingCaller { max_silence, turn });
            self.settle(&mut state);
            answer
        };
        answer
            .await
            .expect("a pool answers all who wait, and they hold it")
    }

    /// Why a connection was given up, if it was.
    pub fn cause(&self, id: ConnectionId) -> Option<TransportError> {
        let state = self.state();
        let (_, flooded) = state.lost.iter().find(|(lost, _)| *lost == id)?;
        let host = self.origin.shown().to_owned();
        Some(match flooded {
            true => TransportError::Flooded { host },
            false => TransportError::Silent {
                host,
                after: PING_TIMEOUT,
            },
        })
    }

    fn state(&self) -> MutexGuard<'_, PoolState> {
        self.state.lock()
    }

    /// A slot on the least loaded connection that has one and is known to live. Where none is,
    /// those with a free slot are asked.
    fn place(
        self: &Arc<Self>,
        state: &mut PoolState,
        max_silence: Duration,
    ) -> Option<StreamLease> {
        let now = Instant::now();
        let most = self.limits.streams;
        let room = |member: &&mut Member| member.active < member.limit.min(most);
        let members = state.members.iter_mut();
        let found = members
            .filter(|member| room(member) && member.is_trusted(max_silence, now))
            .min_by_key(|member| member.active);
        let Some(member) = found else {
            let members = state.members.iter_mut();
            members.filter(room).for_each(Member::ask);
            return None;
        };
        member.active += 1;
        Some(StreamLease {
            pool: Some(Arc::clone(self)),
            id: member.id,
            sender: Some(member.sender.clone()),
            since: now,
            end: StreamEnd::Dropped,
        })
    }

    /// After any change: serves who waits, and dials if that is not enough.
    fn settle(self: &Arc<Self>, state: &mut PoolState) {
        while let Some(first) = state.waiting.pop_front() {
            if first.turn.is_closed() {
                continue;
            }
            let Some(lease) = self.place(state, first.max_silence) else {
                state.waiting.push_front(first);
                break;
            };
            if let Err(Ok(mut lease)) = first.turn.send(Ok(lease)) {
                // Gone in this very moment. The lock is held, so the lease must not return
                // its slot by itself.
                lease.pool = None;
                if let Some(member) = state.member(lease.id) {
                    member.active -= 1;
                }
            }
        }
        if !state.waiting.is_empty() {
            self.dial(state);
        }
    }

    fn dial(self: &Arc<Self>, state: &mut PoolState) {
        let now = Instant::now();
        if state.dialing
            || state.prompt().count() >= self.limits.connections
            || state
                .prompt()
                .any(|it| it.trust == Trust::Asked || it.is_warming(now))
        {
            return;
        }
        match &state.pause {
            Some((until, error)) if now < *until => {
                let error = error.clone();
                state.refuse(&error);
            }
            _ => {
                state.dialing = true;
                tokio::spawn(dial(
                    Arc::downgrade(self),
                    Arc::clone(&self.dialer),
                    self.origin.clone(),
                    self.limits.clone(),
                ));
            }
        }
    }

    fn dialed(self: &Arc<Self>, result: Result<NewConnection, TransportError>) {
        let mut state = self.state();
        state.dialing = false;
        match result {
            Ok(new) => {
                let (id, limit, sender) = (new.id, new.limit, new.sender.clone());
                tracing::debug!(connection = %id, host = self.origin.shown(), "connected");
                if let Some(address) = new.address {
                    tokio::spawn(follow(
                        Arc::downgrade(self),
                        id,
                        self.origin.clone(),
                        address,
                    ));
                }
                let owner: Weak<dyn ConnectionOwner> = Arc::<Self>::downgrade(self);
                state.members.push(Member {
                    id,
                    sender,
                    connection_state: Arc::clone(&new.connection_state),
                    trust: Trust::Full,
                    _retire: new.run(owner, self.limits.idle_ping),
                    active: 0,
                    limit,
                    timeouts: 0,
                    latency: LatencyTracker::default(),
                    proven: false,
                    since: Instant::now(),
                });
            }
            Err(error) => state.failed(error),
        }
        self.settle(&mut state);
    }

    fn give_back(self: &Arc<Self>, id: ConnectionId, end: StreamEnd) {
        let mut state = self.state();
        let Some(member) = state.member(id) else {
            return;
        };
        member.active -= 1;
        member.connection_state.ended();
        match end {
            StreamEnd::Answered { after } => {
                member.timeouts = 0;
                member.proven = true;
                member.latency.learn(after);
                state.failures = 0;
                if state.is_slow(id) {
                    tracing::debug!(connection = %id, "retired: others are much quicker");
                    state.members.retain(|member| member.id != id);
                }
            }
            StreamEnd::TimedOut => {
                // The next try goes elsewhere, unless this one answers a PING.
                member.ask();
                member.timeouts += 1;
                if member.timeouts >= MAX_TIMEOUTS {
                    tracing::debug!(connection = %id, "retired: {MAX_TIMEOUTS} time-outs in a row");
                    state.members.retain(|member| member.id != id);
                }
            }
            StreamEnd::Dropped => {}
        }
        if !state.waiting.is_empty() {
            self.settle(&mut state);
        }
    }
}

impl ConnectionOwner for Pool {
    fn handle_event(self: Arc<Self>, id: ConnectionId, event: ConnectionEvent) {
        let mut state = self.state();
        match event {
            ConnectionEvent::LimitChanged(limit) => {
                if let Some(member) = state.member(id) {
                    member.limit = limit;
                }
            }
            ConnectionEvent::PingAnswered => state.trust(id, Trust::Full),
            ConnectionEvent::PingLate => state.trust(id, Trust::Late),
            ConnectionEvent::PingLost { flooded } => {
                state.members.retain(|member| member.id != id);
                state.lost.truncate(MAX_LOST - 1);
                state.lost.push_front((id, flooded));
            }
            ConnectionEvent::Closed(error) => {
                let Some(at) = state.members.iter().position(|member| member.id == id) else {
                    return;
                };
                let member = state.members.swap_remove(at);
                if let (false, Some(error)) = (member.proven, error) {
                    // Served nobody: dialing again at once would only repeat it.
                    state.failed(error);
                }
            }
        }
        self.settle(&mut state);
    }

    fn is_busy(&self, id: ConnectionId) -> bool {
        self.state()
            .member(id)
            .is_none_or(|member| member.active > 0)
    }
}

/// Retires a connection when its name has moved; ends with it.
async fn follow(pool: Weak<Pool>, id: ConnectionId, origin: Origin, address: IpAddr) {
    let heard = || pool.upgrade()?.last_heard(id);
    if moves(address.to_canonical(), heard, || origin.addresses()).await
        && let Some(pool) = pool.upgrade()
    {
        tracing::debug!(connection = %id, host = origin.shown(), %address, "retired: the name has moved");
        pool.retire(id);
    }
}

async fn dial(pool: Weak<Pool>, dialer: Arc<Dialer>, origin: Origin, limits: Limits) {
    let after = limits.connect_timeout;
    let result = match timeout(after, open(&dialer, &origin)).await {
        Ok(result) => result,
        Err(_) => {
            let host = origin.shown().to_owned();
            Err(TransportError::ConnectTimedOut { host, after })
        }
    };
    if let Err(error) = &result {
        tracing::debug!(host = origin.shown(), %error, "no connection");
    }
    if let Some(pool) = pool.upgrade() {
        pool.dialed(result);
    }
}

//! PING and the wait for its answer: finds a peer that vanished.
//!
//! In: the clock, when the peer was heard last, whether the connection is busy, and the pool's
//! wish. Out: that the peer lives, is late with its answer, or is lost. Refuses to know streams.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use h2::{Ping, PingPong};
use tokio::time::{Instant, Sleep, sleep_until};

use super::connection_state::ConnectionState;

/// A connection with requests in flight that is silent for so long is asked whether it lives.
/// Vendors answer within a second or two; one who needs longer answers the PING all the same.
const MAX_SILENCE: Duration = Duration::from_secs(5);
/// With no answer by then another connection is opened beside it: several round trips to
/// anywhere on earth.
pub const LATE_AFTER: Duration = Duration::from_millis(500);
/// With no answer by then it is given up, which is several retransmissions of a lost packet.
pub const PING_TIMEOUT: Duration = Duration::from_secs(5);

/// What the peer's answers to PINGs say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PingResult {
    /// It has answered.
    Answered,
    /// It should have.
    Late,
    /// It will not.
    Lost,
}

/// PING and the wait for its answer.
pub struct Pinger {
    ping: PingPong,
    connection_state: Arc<ConnectionState>,
    idle: Duration,
    /// When the PING went out that is not answered yet.
    asked: Option<Instant>,
    reported_late: bool,
    timer: Pin<Box<Sleep>>,
}

impl Pinger {
    /// Asks when the pool wants it, a busy connection that has fallen silent, and an idle one
    /// after `idle`.
    pub fn new(ping: PingPong, connection_state: Arc<ConnectionState>, idle: Duration) -> Self {
        Self {
            ping,
            connection_state,
            idle,
            asked: None,
            reported_late: false,
            timer: Box::pin(sleep_until(Instant::now() + idle.min(MAX_SILENCE))),
        }
    }

    /// The next beat. `busy` is asked seldom.
    pub fn poll(&mut self, cx: &mut Context<'_>, busy: impl Fn() -> bool) -> Poll<PingResult> {
        loop {
            let wished = self.connection_state.is_asked(cx.waker());
            if let Some(asked) = self.asked {
                match self.ping.poll_pong(cx) {
                    Poll::Ready(Ok(_)) => {
                        self.asked = None;
                        self.reported_late = false;
                        self.wait_until(Instant::now() + self.idle.min(MAX_SILENCE));
                        return Poll::Ready(PingResult::Answered);
                    }
                    // The connection knows by itself.
                    Poll::Ready(Err(_)) => return Poll::Pending,
                    Poll::Pending => {}
                }
                ready!(self.timer.as_mut().poll(cx));
                if self.reported_late {
                    return Poll::Ready(PingResult::Lost);
                }
                self.reported_late = true;
                self.wait_until(asked + PING_TIMEOUT);
                return Poll::Ready(PingResult::Late);
            }
            if !wished {
                ready!(self.timer.as_mut().poll(cx));
            }
            let now = Instant::now();
            let silent = now.saturating_duration_since(self.connection_state.last_heard());
            let due = wished || silent >= self.idle || silent >= MAX_SILENCE && busy();
            if due && self.ping.send_ping(Ping::opaque()).is_ok() {
                self.asked = Some(now);
                self.wait_until(now + LATE_AFTER);
            } else {
                // Who is not silent long enough is looked at when it would be.
                let left = MAX_SILENCE
                    .checked_sub(silent)
                    .filter(|left| !left.is_zero());
                self.wait_until(now + left.unwrap_or(MAX_SILENCE).min(self.idle));
            }
        }
    }

    fn wait_until(&mut self, then: Instant) {
        self.timer.as_mut().reset(then);
    }
}

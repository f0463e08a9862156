//! PING and the wait for its answer: finds a peer that vanished without a word.
//!
//! In: the clock, when the peer was heard last, whether the connection is busy, and the pool's
//! wish. Out: that the peer lives, is late with its answer, or is mute. Refuses to know streams.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use h2::{Ping, PingPong};
use tokio::time::{Instant, Sleep, sleep_until};

use super::wire::Wire;

/// A connection with requests under way that is silent for so long is asked whether it lives.
/// Vendors answer within a second or two; one who needs longer answers the PING all the same.
const SILENCE: Duration = Duration::from_secs(5);
/// With no answer by then another connection is opened beside it: several round trips to
/// anywhere on earth.
pub const LATE: Duration = Duration::from_millis(500);
/// With no answer by then it is given up, which is several retransmissions of a lost packet.
pub const MUTE: Duration = Duration::from_secs(5);

/// What the peer's answers to PINGs say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Beat {
    /// It has answered.
    Alive,
    /// It should have.
    Late,
    /// It will not.
    Mute,
}

/// PING and the wait for its answer.
pub struct Pulse {
    ping: PingPong,
    wire: Arc<Wire>,
    idle: Duration,
    /// When the PING went out that is not answered yet.
    asked: Option<Instant>,
    told_late: bool,
    timer: Pin<Box<Sleep>>,
}

impl Pulse {
    /// Asks when the pool wants it, a busy connection that has fallen silent, and an idle one
    /// after `idle`.
    pub fn new(ping: PingPong, wire: Arc<Wire>, idle: Duration) -> Self {
        Self {
            ping,
            wire,
            idle,
            asked: None,
            told_late: false,
            timer: Box::pin(sleep_until(Instant::now() + idle.min(SILENCE))),
        }
    }

    /// The next beat. `busy` is asked seldom.
    pub fn poll(&mut self, cx: &mut Context<'_>, busy: impl Fn() -> bool) -> Poll<Beat> {
        loop {
            let wished = self.wire.is_asked(cx.waker());
            if let Some(asked) = self.asked {
                match self.ping.poll_pong(cx) {
                    Poll::Ready(Ok(_)) => {
                        self.asked = None;
                        self.told_late = false;
                        self.wait_until(Instant::now() + self.idle.min(SILENCE));
                        return Poll::Ready(Beat::Alive);
                    }
                    // The connection knows by itself.
                    Poll::Ready(Err(_)) => return Poll::Pending,
                    Poll::Pending => {}
                }
                ready!(self.timer.as_mut().poll(cx));
                if self.told_late {
                    return Poll::Ready(Beat::Mute);
                }
                self.told_late = true;
                self.wait_until(asked + MUTE);
                return Poll::Ready(Beat::Late);
            }
            if !wished {
                ready!(self.timer.as_mut().poll(cx));
            }
            let now = Instant::now();
            let silent = now.saturating_duration_since(self.wire.last_heard());
            let due = wished || silent >= self.idle || silent >= SILENCE && busy();
            if due && self.ping.send_ping(Ping::opaque()).is_ok() {
                self.asked = Some(now);
                self.wait_until(now + LATE);
            } else {
                // Who is not silent long enough is looked at when it would be.
                let left = SILENCE.checked_sub(silent).filter(|left| !left.is_zero());
                self.wait_until(now + left.unwrap_or(SILENCE).min(self.idle));
            }
        }
    }

    fn wait_until(&mut self, then: Instant) {
        self.timer.as_mut().reset(then);
    }
}

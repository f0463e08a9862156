//! PING and the wait for its answer: finds a peer that vanished without a word.
//!
//! In: the clock, and whether the connection is busy. Out: that the peer is dead. Refuses to
//! know streams and pools.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use h2::{Ping, PingPong};
use tokio::time::{Instant, Sleep, sleep_until};

/// How often a busy connection is asked whether it lives.
const BUSY_PING: Duration = Duration::from_secs(60);
/// How long the answer may take.
const PONG: Duration = Duration::from_secs(20);

/// PING and the wait for its answer.
pub struct Pulse {
    ping: PingPong,
    every: Duration,
    idle: Duration,
    last: Instant,
    waiting: bool,
    timer: Pin<Box<Sleep>>,
}

impl Pulse {
    /// Asks a busy connection each minute and an idle one after `idle`.
    pub fn new(ping: PingPong, idle: Duration) -> Self {
        let every = idle.min(BUSY_PING);
        let last = Instant::now();
        Self {
            ping,
            every,
            idle,
            last,
            waiting: false,
            timer: Box::pin(sleep_until(last + every)),
        }
    }

    /// Ready when the peer is dead.
    pub fn poll(&mut self, cx: &mut Context<'_>, busy: impl Fn() -> bool) -> Poll<()> {
        loop {
            if self.waiting {
                match self.ping.poll_pong(cx) {
                    Poll::Ready(Ok(_)) => {
                        self.waiting = false;
                        self.timer.as_mut().reset(self.last + self.every);
                    }
                    // The connection knows by itself.
                    Poll::Ready(Err(_)) => return Poll::Pending,
                    Poll::Pending => return self.timer.as_mut().poll(cx),
                }
            }
            if self.timer.as_mut().poll(cx).is_pending() {
                return Poll::Pending;
            }
            let now = Instant::now();
            let due = busy() || now >= self.last + self.idle;
            if due && self.ping.send_ping(Ping::opaque()).is_ok() {
                self.last = now;
                self.waiting = true;
                self.timer.as_mut().reset(now + PONG);
            } else {
                self.timer.as_mut().reset(now + self.every);
            }
        }
    }
}

//! Signals as events.

use tokio::signal::unix::{Signal, SignalKind, signal};

/// What a signal asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignalEvent {
    /// Read the configuration anew (HUP).
    Reload,
    /// Stop (TERM, INT).
    Stop,
}

/// The signals that the daemon listens to.
pub struct Signals {
    hangup: Signal,
    terminate: Signal,
    interrupt: Signal,
    /// Whether it is to stop; nobody takes that back.
    stop: bool,
}

impl Signals {
    pub fn listen() -> std::io::Result<Self> {
        Ok(Self {
            hangup: signal(SignalKind::hangup())?,
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            stop: false,
        })
    }

    pub async fn next(&mut self) -> SignalEvent {
        let Self {
            hangup,
            terminate,
            interrupt,
            stop,
        } = self;
        tokio::select! {
            biased;
            () = stopped(terminate, interrupt, stop) => SignalEvent::Stop,
            _ = hangup.recv() => SignalEvent::Reload,
        }
    }

    /// Returns when the daemon is to stop; what asks for a reload meanwhile is kept for later.
    pub async fn stop(&mut self) {
        stopped(&mut self.terminate, &mut self.interrupt, &mut self.stop).await;
    }
}

/// Once told, it is so for whoever asks again.
async fn stopped(terminate: &mut Signal, interrupt: &mut Signal, stop: &mut bool) {
    if !*stop {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        *stop = true;
    }
}

//! What systemd is told.

use sd_notify::NotifyState;

/// Tells systemd; without systemd nobody listens, and that is fine.
fn tell(states: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(states) {
        tracing::debug!(%error, "systemd cannot be told");
    }
}

/// The socket is open and the configuration in use.
pub fn ready(status: &str) {
    tell(&[NotifyState::Ready, NotifyState::Status(status)]);
}

/// A reload has begun. Both in one message, as systemd wants them.
pub fn reloading() {
    match NotifyState::monotonic_usec_now() {
        Ok(time) => tell(&[NotifyState::Reloading, time]),
        Err(_) => tell(&[NotifyState::Reloading]),
    }
}

/// The daemon is going.
pub fn stopping(status: &str) {
    tell(&[NotifyState::Stopping, NotifyState::Status(status)]);
}

/// One line for `systemctl status`.
pub fn status(status: &str) {
    tell(&[NotifyState::Status(status)]);
}

/// The daemon is alive.
pub fn watchdog() {
    tell(&[NotifyState::Watchdog]);
}

/// How often systemd wants to hear that, if it does.
pub fn watchdog_interval() -> Option<std::time::Duration> {
    sd_notify::watchdog_enabled().map(|timeout| timeout / 3)
}

//! What systemd is notified of: ready, reloading, stopping, alive, and how it goes.
//!
//! In: events of the process. Out: messages on systemd's socket; without systemd nobody listens. Refuses
//! to know why.

use std::io::IoSlice;
use std::os::fd::{AsRawFd, BorrowedFd};
use std::os::unix::net::UnixDatagram;
use std::time::{Duration, Instant};

use nix::sys::socket::{ControlMessage, MsgFlags, sendmsg};
use sd_notify::NotifyState;

/// Notifies systemd; without systemd nobody listens, and that is fine.
fn notify(states: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(states) {
        tracing::debug!(%error, "cannot notify systemd");
    }
}

/// The socket is open and the configuration in use.
pub fn ready(status: &str) {
    notify(&[NotifyState::Ready, NotifyState::Status(status)]);
}

/// A reload has begun. Both in one message, as systemd wants them.
pub fn reloading() {
    match NotifyState::monotonic_usec_now() {
        Ok(time) => notify(&[NotifyState::Reloading, time]),
        Err(_) => notify(&[NotifyState::Reloading]),
    }
}

/// Has systemd keep a socket for the next process, under this name. Says whether it
/// was handed over; whether systemd has room for it (`FileDescriptorStoreMax=`) is not answered.
pub fn store_socket(name: &str, socket: BorrowedFd<'_>) -> bool {
    let Some(systemd) = std::env::var_os("NOTIFY_SOCKET") else {
        return false;
    };
    let stored = (|| {
        let socket_of_systemd = UnixDatagram::unbound()?;
        socket_of_systemd.connect(systemd)?;
        let text = format!("FDSTORE=1\nFDNAME={name}\n");
        let sockets = [socket.as_raw_fd()];
        sendmsg::<()>(
            socket_of_systemd.as_raw_fd(),
            &[IoSlice::new(text.as_bytes())],
            &[ControlMessage::ScmRights(&sockets)],
            MsgFlags::empty(),
            None,
        )?;
        Ok::<_, std::io::Error>(())
    })();
    if let Err(error) = &stored {
        tracing::debug!(%error, "cannot hand the socket to systemd");
    }
    stored.is_ok()
}

/// Has systemd let go of a socket that it keeps.
pub fn remove_socket(name: &str) {
    notify(&[
        NotifyState::Custom("FDSTOREREMOVE=1"),
        NotifyState::Custom(&format!("FDNAME={name}")),
    ]);
}

/// Work of a start or a reload that may take longer than systemd waits for either.
pub struct Progress {
    reported: Instant,
}

impl Progress {
    /// How long systemd hears nothing, and then how often it does.
    const REPORT_INTERVAL: Duration = Duration::from_secs(5);
    /// So much longer systemd waits from then on; a slow disk may hold up one step for long.
    const TIMEOUT_EXTENSION: Duration = Duration::from_secs(120);

    /// It begins now.
    pub fn start() -> Self {
        Self {
            reported: Instant::now(),
        }
    }

    /// It goes on, and is so far.
    pub fn report(&mut self, status: impl FnOnce() -> String) {
        if !self.is_due(Instant::now()) {
            return;
        }
        let status = status();
        tracing::info!(status, "not ready yet");
        let longer = u32::try_from(Self::TIMEOUT_EXTENSION.as_micros()).unwrap_or(u32::MAX);
        notify(&[
            NotifyState::ExtendTimeoutUsec(longer),
            NotifyState::Status(&status),
        ]);
    }

    fn is_due(&mut self, now: Instant) -> bool {
        let due = now.saturating_duration_since(self.reported) >= Self::REPORT_INTERVAL;
        if due {
            self.reported = now;
        }
        due
    }
}

/// The daemon is going.
pub fn stopping(status: &str) {
    notify(&[NotifyState::Stopping, NotifyState::Status(status)]);
}

/// One line for `systemctl status`.
pub fn status(status: &str) {
    notify(&[NotifyState::Status(status)]);
}

/// The daemon is alive.
pub fn watchdog() {
    notify(&[NotifyState::Watchdog]);
}

/// How often systemd wants to hear that, if it does.
pub fn watchdog_interval() -> Option<std::time::Duration> {
    sd_notify::watchdog_enabled().map(|timeout| timeout / 3)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_takes_long_is_told_now_and_then() {
        let mut progress = Progress::start();
        let begun = progress.reported;
        let is_due = |seconds: &u64| progress.is_due(begun + Duration::from_secs(*seconds));
        let times: Vec<u64> = (0..=21).filter(is_due).collect();
        assert_eq!(times, [5, 10, 15, 20]);
        assert!(Progress::TIMEOUT_EXTENSION > 10 * Progress::REPORT_INTERVAL);
    }
}

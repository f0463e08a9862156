//! Accepts connections: those that get a slot are served, the others are refused with a problem, and
//! the end of the daemon waits for the end of all.
//!
//! In: the socket and its limits. Out: served connections. Refuses to know what is asked on them.

use crate::api::refusal::Refusal;
use crate::sync::Mutex;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::response::IntoResponse;
use nix::sys::resource::{Resource, getrlimit};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::{Semaphore, mpsc, watch};
use tokio::task::JoinHandle;

use super::connection::{self, ConnectionSettings};
use super::malformed;
use super::slots::{self, ConnectionLimits, ConnectionSlots, Full};
use crate::access::Peer;
use crate::config::SocketSection;
use crate::telemetry::RateLimitedLog;
use nudged_wire::{Code, Problem};

/// A listener that cannot accept, for want of file descriptors, tries again then.
const ACCEPT_INTERVAL: Duration = Duration::from_millis(100);
/// Refused connections whose request is read before it is answered. More are answered unread, which
/// not every client understands.
const MAX_REJECTING: usize = 64;

static REJECTED: RateLimitedLog<u32> = RateLimitedLog::new(u32::MAX, |uid, more| {
    tracing::warn!(uid, more, "more connections refused within a minute");
});
static ACCEPT_FAILED: RateLimitedLog<()> = RateLimitedLog::new((), |(), more| {
    tracing::warn!(
        more,
        "more connections could not be accepted within a minute"
    );
});

/// The open socket, with its connections.
pub struct Listener {
    stop: watch::Sender<bool>,
    accepting: JoinHandle<()>,
    left: mpsc::Receiver<()>,
}

impl Listener {
    /// Serves `router` on the socket. The `file` is that of a socket that nobody keeps.
    pub fn serve(
        listener: UnixListener,
        file: Option<PathBuf>,
        router: Router,
        settings: &SocketSection,
    ) -> Self {
        let (stop, stopped) = watch::channel(false);
        let (present, left) = mpsc::channel(1);
        let limits = ConnectionLimits::of(connections(settings), settings.max_connections_per_user);
        let ours = nix::unistd::geteuid().as_raw();
        let callers = Callers {
            slots: Arc::new(Mutex::new(ConnectionSlots::new(limits, ours))),
            rejecting: Arc::new(Semaphore::new(MAX_REJECTING)),
            connection: ConnectionSettings {
                router,
                rejection: None,
                max_body: settings.max_body,
            },
            stopped,
            present,
        };
        Self {
            stop,
            accepting: tokio::spawn(accept(listener, file, callers)),
            left,
        }
    }

    /// Accepts nothing more, and returns when all requests that have begun are answered.
    pub async fn close(mut self) {
        self.stop.send_replace(true);
        let _ = self.accepting.await;
        // Nobody sends: it ends when everybody has left.
        while self.left.recv().await.is_some() {}
    }
}

/// As many as the operator wants, if there are file descriptors for them.
fn connections(settings: &SocketSection) -> usize {
    let wanted = settings.max_connections;
    // A system that does not say has no limit.
    let limit = getrlimit(Resource::RLIMIT_NOFILE).map_or(u64::MAX, |(soft, _)| soft);
    let max = slots::fitting(usize::try_from(limit).unwrap_or(usize::MAX));
    if max < wanted {
        tracing::warn!(
            "socket.max_connections is {wanted}, but of {limit} file descriptors {max} are left for connections; \
             no more are taken: raise LimitNOFILE of the service, or lower the key"
        );
    }
    wanted.min(max)
}

struct Callers {
    slots: Arc<Mutex<ConnectionSlots>>,
    rejecting: Arc<Semaphore>,
    connection: ConnectionSettings,
    stopped: watch::Receiver<bool>,
    /// Each caller has one.
    present: mpsc::Sender<()>,
}

impl Callers {
    fn come(&self, stream: UnixStream) {
        // Who is gone already has nobody who could be served.
        let Ok(peer) = Peer::of(&stream) else {
            return;
        };
        let uid = peer.uid;
        match ConnectionSlot::take(&self.slots, uid) {
            Ok(slot) => self.serve(stream, peer, self.connection.clone(), slot),
            Err(full) => {
                let problem = self.problem(uid, full);
                REJECTED.log(uid, || {
                    tracing::warn!(uid, why = problem.detail, "connection refused");
                });
                let Ok(permit) = self.rejecting.clone().try_acquire_owned() else {
                    // Into the empty buffer of a new socket it goes without waiting.
                    let _ = stream.try_write(&malformed::raw(Refusal(problem).into_response()));
                    return;
                };
                let connection = ConnectionSettings {
                    rejection: Some(problem),
                    ..self.connection.clone()
                };
                self.serve(stream, peer, connection, permit);
            }
        }
    }

    fn serve(
        &self,
        stream: UnixStream,
        peer: Peer,
        connection: ConnectionSettings,
        slot: impl Send + 'static,
    ) {
        let serving = connection::serve(stream, Arc::new(peer), connection, self.stopped.clone());
        let present = self.present.clone();
        tokio::spawn(async move {
            serving.await;
            drop((slot, present));
        });
    }

    fn problem(&self, uid: u32, full: Full) -> Problem {
        let limits = lock(&self.slots).limits();
        let (detail, hint) = match full {
            Full::User(has) => (
                format!("user {uid} has {has} connections already, all that one user may have"),
                "close some, or keep one open for many requests; the operator sets the limit with socket.max_connections_per_user in nudged.toml",
            ),
            Full::All => (
                format!(
                    "all of the {} connections that there may be are taken",
                    limits.max
                ),
                "send again later; the operator sets the limit with socket.max_connections in nudged.toml",
            ),
        };
        Problem::new(Code::TooManyConnections, detail).hint(hint)
    }
}

/// A caller's slot; free again when dropped.
struct ConnectionSlot {
    slots: Arc<Mutex<ConnectionSlots>>,
    uid: u32,
}

impl ConnectionSlot {
    fn take(slots: &Arc<Mutex<ConnectionSlots>>, uid: u32) -> Result<Self, Full> {
        lock(slots).take(uid)?;
        Ok(Self {
            slots: slots.clone(),
            uid,
        })
    }
}

impl Drop for ConnectionSlot {
    fn drop(&mut self) {
        lock(&self.slots).leave(self.uid);
    }
}

fn lock(slots: &Mutex<ConnectionSlots>) -> std::sync::MutexGuard<'_, ConnectionSlots> {
    slots.lock()
}

async fn accept(listener: UnixListener, file: Option<PathBuf>, callers: Callers) {
    let mut stopped = callers.stopped.clone();
    loop {
        let accepted = tokio::select! {
            _ = stopped.wait_for(|stopped| *stopped) => break,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, _)) => callers.come(stream),
            Err(error) => {
                let write = || tracing::warn!(%error, "cannot accept a connection");
                ACCEPT_FAILED.log((), write);
                tokio::time::sleep(ACCEPT_INTERVAL).await;
            }
        }
    }
    // Where the socket is kept, callers wait in its backlog for the next process.
    let Some(file) = file else { return };
    // New callers find nobody at once; those who came before are served.
    let _ = std::fs::remove_file(file);
    let Ok(listener) = listener.into_std() else {
        return;
    };
    while let Ok((stream, _)) = listener.accept() {
        let _ = stream.set_nonblocking(true);
        if let Ok(stream) = UnixStream::from_std(stream) {
            callers.come(stream);
        }
    }
}

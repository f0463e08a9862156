//! Takes callers in, as many as there is room for, tells the others, and sees all of them out.

use crate::api::refusal::Refusal;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::response::IntoResponse;
use nix::sys::resource::{Resource, getrlimit};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::{Semaphore, mpsc, watch};
use tokio::task::JoinHandle;

use super::connection::{self, Welcome};
use super::malformed;
use super::peer::Peer;
use super::places::{self, Full, Places, Room};
use crate::config::SocketSection;
use crate::telemetry::Seldom;
use nudged_wire::{Code, Problem};

/// A listener that cannot accept, for want of file descriptors, tries again then.
const ACCEPT_AGAIN: Duration = Duration::from_millis(100);
/// Callers without a place that are heard before they are told so. More are told at once, which
/// not every caller understands.
const TURNED_AWAY: usize = 64;

static FULL: Seldom<u32> = Seldom::new(u32::MAX, |uid, more| {
    tracing::warn!(uid, more, "turned away again within a minute");
});
static NOT_ACCEPTED: Seldom<()> = Seldom::new((), |(), more| {
    tracing::warn!(more, "again no connection could be accepted");
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
        let (here, left) = mpsc::channel(1);
        let room = Room::of(connections(settings), settings.max_connections_per_user);
        let ours = nix::unistd::geteuid().as_raw();
        let callers = Callers {
            places: Arc::new(Mutex::new(Places::new(room, ours))),
            turned_away: Arc::new(Semaphore::new(TURNED_AWAY)),
            welcome: Welcome {
                router,
                turned_away: None,
                max_body: settings.max_body,
            },
            stopped,
            here,
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
    let most = places::fitting(usize::try_from(limit).unwrap_or(usize::MAX));
    if most < wanted {
        tracing::warn!(
            "socket.max_connections is {wanted}, but of {limit} file descriptors {most} are left for connections; \
             no more are taken: raise LimitNOFILE of the service, or lower the key"
        );
    }
    wanted.min(most)
}

struct Callers {
    places: Arc<Mutex<Places>>,
    turned_away: Arc<Semaphore>,
    welcome: Welcome,
    stopped: watch::Receiver<bool>,
    /// Each caller has one.
    here: mpsc::Sender<()>,
}

impl Callers {
    fn come(&self, stream: UnixStream) {
        // Who is gone already has nobody who could be served.
        let Ok(peer) = Peer::of(&stream) else {
            return;
        };
        let uid = peer.uid;
        match Place::take(&self.places, uid) {
            Ok(place) => self.serve(stream, peer, self.welcome.clone(), place),
            Err(full) => {
                let problem = self.problem(uid, full);
                FULL.tell(uid, || {
                    tracing::warn!(uid, why = problem.detail, "a connection is turned away");
                });
                let Ok(permit) = self.turned_away.clone().try_acquire_owned() else {
                    // Into the empty buffer of a new socket it goes without waiting.
                    let _ = stream.try_write(&malformed::raw(Refusal(problem).into_response()));
                    return;
                };
                let welcome = Welcome {
                    turned_away: Some(problem),
                    ..self.welcome.clone()
                };
                self.serve(stream, peer, welcome, permit);
            }
        }
    }

    fn serve(&self, stream: UnixStream, peer: Peer, welcome: Welcome, place: impl Send + 'static) {
        let serving = connection::serve(stream, Arc::new(peer), welcome, self.stopped.clone());
        let here = self.here.clone();
        tokio::spawn(async move {
            serving.await;
            drop((place, here));
        });
    }

    fn problem(&self, uid: u32, full: Full) -> Problem {
        let room = lock(&self.places).room();
        let (detail, hint) = match full {
            Full::User(has) => (
                format!("user {uid} has {has} connections already, all that one user may have"),
                "close some, or keep one open for many requests; the operator sets the limit with socket.max_connections_per_user in nudged.toml",
            ),
            Full::All => (
                format!(
                    "all of the {} connections that there may be are taken",
                    room.most
                ),
                "send again later; the operator sets the limit with socket.max_connections in nudged.toml",
            ),
        };
        Problem::new(Code::TooManyConnections, detail).hint(hint)
    }
}

/// A caller's place.
struct Place {
    places: Arc<Mutex<Places>>,
    uid: u32,
}

impl Place {
    fn take(places: &Arc<Mutex<Places>>, uid: u32) -> Result<Self, Full> {
        lock(places).take(uid)?;
        Ok(Self {
            places: places.clone(),
            uid,
        })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        lock(&self.places).leave(self.uid);
    }
}

fn lock(places: &Mutex<Places>) -> std::sync::MutexGuard<'_, Places> {
    places.lock().unwrap_or_else(PoisonError::into_inner)
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
                NOT_ACCEPTED.tell((), write);
                tokio::time::sleep(ACCEPT_AGAIN).await;
            }
        }
    }
    // Where the socket is kept, callers wait in its backlog for the next process.
    let Some(file) = file else { return };
    // Callers are told at once that nobody is there; those who came before are served.
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

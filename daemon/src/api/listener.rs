//! Takes callers in, as many as there is room for, and sees them out.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::task::JoinHandle;

use super::connection;

/// A listener that cannot accept, for want of file descriptors, tries again then.
const ACCEPT_AGAIN: Duration = Duration::from_millis(100);

/// The open socket, with its connections.
pub struct Listener {
    stop: watch::Sender<bool>,
    accepting: JoinHandle<()>,
    room: Arc<Semaphore>,
    most: u32,
}

impl Listener {
    /// Serves `router` on the socket. The `file` is that of a socket that nobody keeps.
    pub fn serve(
        listener: UnixListener,
        file: Option<PathBuf>,
        router: Router,
        max_connections: usize,
    ) -> Self {
        let (stop, stopped) = watch::channel(false);
        let room = Arc::new(Semaphore::new(max_connections));
        let callers = Callers {
            room: room.clone(),
            router,
            stopped,
        };
        Self {
            stop,
            accepting: tokio::spawn(accept(listener, file, callers)),
            room,
            most: u32::try_from(max_connections).unwrap_or(u32::MAX),
        }
    }

    /// Accepts nothing more, and returns when all requests that have begun are answered.
    pub async fn close(self) {
        self.stop.send_replace(true);
        let _ = self.accepting.await;
        // Whoever is gone has left its place.
        let _ = self.room.acquire_many(self.most).await;
    }
}

struct Callers {
    room: Arc<Semaphore>,
    router: Router,
    stopped: watch::Receiver<bool>,
}

impl Callers {
    fn come(&self, stream: UnixStream, place: Option<OwnedSemaphorePermit>) {
        let serving = connection::serve(stream, self.router.clone(), self.stopped.clone());
        tokio::spawn(async move {
            serving.await;
            drop(place);
        });
    }
}

async fn accept(listener: UnixListener, file: Option<PathBuf>, callers: Callers) {
    let mut stopped = callers.stopped.clone();
    loop {
        let accepted = tokio::select! {
            _ = stopped.wait_for(|stopped| *stopped) => break,
            // Past the limit callers wait in the socket's backlog.
            accepted = next(&listener, &callers.room) => accepted,
        };
        match accepted {
            Ok((stream, place)) => callers.come(stream, Some(place)),
            Err(error) => {
                tracing::warn!(%error, "cannot accept a connection");
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
            callers.come(stream, callers.room.clone().try_acquire_owned().ok());
        }
    }
}

async fn next(
    listener: &UnixListener,
    room: &Arc<Semaphore>,
) -> std::io::Result<(UnixStream, OwnedSemaphorePermit)> {
    let place = room
        .clone()
        .acquire_owned()
        .await
        .map_err(std::io::Error::other)?;
    let (stream, _) = listener.accept().await?;
    Ok((stream, place))
}

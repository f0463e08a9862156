//! The socket: from systemd or our own, with the peer's uid on every request.

use std::os::unix::fs::FileTypeExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use nix::sys::stat::{Mode, umask};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinHandle;
use tower::Service;

use super::access::Peer;
use crate::config::Socket;

/// Why there is no socket.
#[derive(Debug, thiserror::Error)]
pub enum BindError {
    /// Another daemon is there.
    #[error("{0}: another daemon is listening")]
    Taken(PathBuf),
    /// Something is there that is no socket.
    #[error("{0}: is no socket and is left alone")]
    NotASocket(PathBuf),
    /// The system refused.
    #[error("{path}: cannot listen: {source}")]
    System {
        /// The path.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
}

/// A slow caller is cut off before it has sent its headers.
const HEADERS: Duration = Duration::from_secs(15);
/// A listener that cannot accept, for want of file descriptors, tries again then.
const ACCEPT_AGAIN: Duration = Duration::from_millis(100);

/// The open socket, with its connections.
pub struct Listener {
    stop: watch::Sender<bool>,
    accepting: JoinHandle<GracefulShutdown>,
}

/// The file of a socket that we made; what systemd opened is systemd's.
pub struct SocketFile(Option<PathBuf>);

impl SocketFile {
    /// Removes it: callers are told at once that nobody is there.
    pub fn remove(&self) {
        if let Some(path) = &self.0 {
            let _ = std::fs::remove_file(path);
        }
    }
}

/// Opens the socket, or takes the one that systemd opened.
pub fn bind(settings: &Socket) -> Result<(UnixListener, SocketFile), BindError> {
    let path = &settings.path;
    let system = |source| BindError::System {
        path: path.clone(),
        source,
    };
    if let Some(inherited) = listenfd::ListenFd::from_env()
        .take_unix_listener(0)
        .map_err(system)?
    {
        inherited.set_nonblocking(true).map_err(system)?;
        return Ok((
            UnixListener::from_std(inherited).map_err(system)?,
            SocketFile(None),
        ));
    }
    clear(path)?;
    // The mode must hold from the first moment on, so chmod would come too late.
    let before = umask(Mode::from_bits_truncate(!settings.mode & 0o777));
    let bound = UnixListener::bind(path);
    umask(before);
    Ok((bound.map_err(system)?, SocketFile(Some(path.clone()))))
}

/// Removes the socket of a daemon that is gone.
fn clear(path: &Path) -> Result<(), BindError> {
    let system = |source| BindError::System {
        path: path.to_owned(),
        source,
    };
    let metadata = match std::fs::symlink_metadata(path) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(system(error)),
    };
    if !metadata.file_type().is_socket() {
        return Err(BindError::NotASocket(path.to_owned()));
    }
    match std::os::unix::net::UnixStream::connect(path) {
        Ok(_) => Err(BindError::Taken(path.to_owned())),
        Err(_) => std::fs::remove_file(path).map_err(system),
    }
}

impl Listener {
    /// Serves `router` on the socket.
    pub fn serve(listener: UnixListener, router: Router, max_connections: usize) -> Self {
        let (stop, stopped) = watch::channel(false);
        let accepting = tokio::spawn(accept(listener, router, max_connections, stopped));
        Self { stop, accepting }
    }

    /// Accepts nothing more, and returns when all requests that have begun are answered.
    pub async fn close(self) {
        self.stop.send_replace(true);
        if let Ok(connections) = self.accepting.await {
            connections.shutdown().await;
        }
    }
}

async fn accept(
    listener: UnixListener,
    router: Router,
    max_connections: usize,
    mut stopped: watch::Receiver<bool>,
) -> GracefulShutdown {
    let connections = GracefulShutdown::new();
    let room = Arc::new(Semaphore::new(max_connections));
    loop {
        let stream = tokio::select! {
            _ = stopped.wait_for(|stopped| *stopped) => return connections,
            // Past the limit callers wait in the socket's backlog.
            stream = next(&listener, &room) => stream,
        };
        let (stream, place) = match stream {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::warn!(%error, "cannot accept a connection");
                tokio::time::sleep(ACCEPT_AGAIN).await;
                continue;
            }
        };
        let Ok(credentials) = stream.peer_cred() else {
            continue;
        };
        let peer = Arc::new(Peer::new(credentials.uid(), credentials.gid()));
        let router = router.clone();
        let service = hyper::service::service_fn(move |request: Request<Incoming>| {
            let mut request = request.map(axum::body::Body::new);
            request.extensions_mut().insert(peer.clone());
            router.clone().call(request)
        });
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEADERS)
            .pipeline_flush(true)
            .serve_connection(TokioIo::new(stream), service);
        let connection = connections.watch(connection);
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(%error, "connection ended");
            }
            drop(place);
        });
    }
}

async fn next(
    listener: &UnixListener,
    room: &Arc<Semaphore>,
) -> std::io::Result<(UnixStream, tokio::sync::OwnedSemaphorePermit)> {
    let place = room
        .clone()
        .acquire_owned()
        .await
        .map_err(std::io::Error::other)?;
    let (stream, _) = listener.accept().await?;
    Ok((stream, place))
}

//! Where callers connect: a socket that somebody kept from one process to the next, or a new
//! one of our own.
//!
//! In: the path, and what systemd passes (`LISTEN_FDS`). Out: a listening socket. Refuses to
//! know who serves it.

use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::fs::{FileTypeExt, PermissionsExt};
use std::path::{Path, PathBuf};

use nix::sys::stat::{Mode, umask};
use tokio::net::UnixListener;

use crate::config::SocketSection;

/// Our name for the socket that systemd keeps for us, in `LISTEN_FDNAMES` too.
pub const FDSTORE_NAME: &str = "listener";

/// Why there is no socket.
#[derive(Debug, thiserror::Error)]
pub enum BindError {
    /// Another daemon is there.
    #[error("{0}: another daemon is listening")]
    Taken(PathBuf),
    /// Something is there that is no socket.
    #[error("{0}: is no socket and is left alone")]
    NotASocket(PathBuf),
    #[error("{path}: cannot listen: {source}")]
    System {
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
}

pub struct Bound {
    pub listener: UnixListener,
    /// Its file, while it goes with the process: nobody keeps the socket.
    pub file: Option<PathBuf>,
    /// The one that was kept is of no use any more.
    pub outdated: bool,
}

impl Bound {
    /// To be kept.
    pub fn socket(&self) -> BorrowedFd<'_> {
        self.listener.as_fd()
    }
}

/// Takes the socket that systemd opened, else the one that it has kept for us; else opens one.
pub fn bind(settings: &SocketSection) -> Result<Bound, BindError> {
    let path = &settings.path;
    let system = |source| BindError::System {
        path: path.clone(),
        source,
    };
    let (kept, opened): (Vec<_>, Vec<_>) = passed()
        .map_err(system)?
        .into_iter()
        .partition(|(name, _)| name == FDSTORE_NAME);
    let use_of = |listener: std::os::unix::net::UnixListener, outdated| {
        listener.set_nonblocking(true).map_err(system)?;
        Ok(Bound {
            listener: UnixListener::from_std(listener).map_err(system)?,
            file: None,
            outdated,
        })
    };
    if let Some((_, opened)) = opened.into_iter().next() {
        return use_of(opened, !kept.is_empty());
    }
    let outdated = !kept.is_empty();
    if let Some((_, kept)) = kept.into_iter().next()
        && leads_to(path, &kept)
    {
        let mode = std::fs::Permissions::from_mode(settings.mode & 0o777);
        std::fs::set_permissions(path, mode).map_err(system)?;
        return use_of(kept, false);
    }
    clear(path)?;
    // The mode must hold from the first moment on, so chmod would come too late.
    let before = umask(Mode::from_bits_truncate(!settings.mode & 0o777));
    let bound = UnixListener::bind(path);
    umask(before);
    Ok(Bound {
        listener: bound.map_err(system)?,
        file: Some(path.clone()),
        outdated,
    })
}

/// The sockets that systemd passes, with their names.
fn passed() -> std::io::Result<Vec<(String, std::os::unix::net::UnixListener)>> {
    let names = std::env::var("LISTEN_FDNAMES").unwrap_or_default();
    let mut passed = listenfd::ListenFd::from_env();
    let mut names = names.split(':');
    let mut sockets = Vec::with_capacity(passed.len());
    for at in 0..passed.len() {
        let name = names.next().unwrap_or_default().to_owned();
        if let Some(socket) = passed.take_unix_listener(at)? {
            sockets.push((name, socket));
        }
    }
    Ok(sockets)
}

/// Whether who connects to the path comes to this socket. The path may have been changed, or
/// its directory made anew.
fn leads_to(path: &Path, socket: &std::os::unix::net::UnixListener) -> bool {
    let address = socket.local_addr().ok();
    let bound = address.as_ref().and_then(|it| it.as_pathname());
    bound == Some(path)
        && std::fs::symlink_metadata(path).is_ok_and(|it| it.file_type().is_socket())
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

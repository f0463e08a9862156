//! Plays systemd: hears what a daemon tells, holds its listening socket from one process to
//! the next, as a socket unit does, or keeps the one that the daemon hands over, as the file
//! descriptor store does.

use std::ffi::OsString;
use std::io::IoSliceMut;
use std::os::fd::{AsFd, AsRawFd, FromRawFd, OwnedFd, RawFd};
use std::os::unix::net::UnixListener;
use std::path::PathBuf;

use nix::sys::socket::{ControlMessageOwned, MsgFlags, recvmsg};
use tokio::io::Interest;
use tokio::net::UnixDatagram;

use crate::artifacts::Artifacts;
use crate::daemon::{DEADLINE, Daemon, Passed};
use crate::home::Home;
use crate::rig::RigError;

/// Who makes the listening socket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keeping {
    /// systemd, as `nudged.socket` says.
    Activated,
    /// The daemon, which has systemd keep it.
    Stored,
    /// The daemon, and nobody keeps it.
    Nothing,
}

/// The name of a socket that comes from a socket unit.
const UNIT: &str = "nudged.socket";
/// Longest message, in bytes.
const MAX_MESSAGE: usize = 4096;

/// What stands over the daemon.
#[derive(Debug)]
pub struct Supervisor {
    keeping: Keeping,
    notify: UnixDatagram,
    path: PathBuf,
    kept: Option<(OwnedFd, String)>,
}

impl Supervisor {
    /// Nothing runs yet; a socket unit listens already.
    pub fn new(home: &Home, keeping: Keeping) -> std::io::Result<Supervisor> {
        let path = home.path().join("notify.sock");
        let _absent = std::fs::remove_file(&path);
        let kept = match keeping {
            Keeping::Activated => {
                let _absent = std::fs::remove_file(home.socket());
                let listener = UnixListener::bind(home.socket())?;
                Some((listener.into(), UNIT.to_owned()))
            }
            Keeping::Stored | Keeping::Nothing => None,
        };
        Ok(Supervisor {
            keeping,
            notify: UnixDatagram::bind(&path)?,
            path,
            kept,
        })
    }

    /// Starts a daemon and hands it what is kept.
    pub fn start(
        &self,
        artifacts: &Artifacts,
        home: &Home,
        logged: &str,
    ) -> Result<Daemon, RigError> {
        let more = [("NOTIFY_SOCKET", OsString::from(&self.path))];
        let passed = self.kept.as_ref().map(|(socket, name)| Passed {
            socket: socket.as_fd(),
            name,
        });
        Ok(Daemon::spawn_with(
            &artifacts.nudged,
            home,
            logged,
            &more,
            passed,
        )?)
    }

    /// Whether a socket is kept.
    pub fn keeps(&self) -> bool {
        self.kept.is_some()
    }

    /// Waits until the daemon says this; keeps what it hands over meanwhile.
    pub async fn told(&mut self, line: &str) -> Result<(), RigError> {
        let wait = async {
            loop {
                let lines = self.hear().await?;
                if lines.iter().any(|it| it == line) {
                    return Ok(());
                }
            }
        };
        tokio::time::timeout(DEADLINE, wait)
            .await
            .map_err(|_| RigError::Unexpected(format!("{line} was not told in time")))?
    }

    async fn hear(&mut self) -> Result<Vec<String>, RigError> {
        let notify = &self.notify;
        let receive = || received(notify.as_raw_fd());
        let (text, sockets) = notify.async_io(Interest::READABLE, receive).await?;
        let lines: Vec<String> = text.lines().map(str::to_owned).collect();
        let name = lines.iter().find_map(|it| it.strip_prefix("FDNAME="));
        let name = name.unwrap_or("stored").to_owned();
        if self.keeping == Keeping::Stored && lines.iter().any(|it| it == "FDSTORE=1") {
            // There is room for one: FileDescriptorStoreMax=1.
            if let Some(socket) = sockets.into_iter().next()
                && self.kept.is_none()
            {
                self.kept = Some((socket, name));
            }
        } else if lines.iter().any(|it| it == "FDSTOREREMOVE=1")
            && self.kept.as_ref().is_some_and(|(_, kept)| *kept == name)
        {
            self.kept = None;
        }
        Ok(lines)
    }
}

/// A message, and the descriptors that came with it.
fn received(from: RawFd) -> std::io::Result<(String, Vec<OwnedFd>)> {
    let mut bytes = [0; MAX_MESSAGE];
    let mut space = nix::cmsg_space!([RawFd; 4]);
    let mut parts = [IoSliceMut::new(&mut bytes)];
    let flags = MsgFlags::MSG_CMSG_CLOEXEC;
    let message = recvmsg::<()>(from, &mut parts, Some(&mut space), flags)?;
    let mut sockets = Vec::new();
    for part in message.cmsgs()? {
        if let ControlMessageOwned::ScmRights(descriptors) = part {
            // SAFETY: the kernel has made them for this process just now; nobody else has them.
            sockets.extend(
                descriptors
                    .into_iter()
                    .map(|fd| unsafe { OwnedFd::from_raw_fd(fd) }),
            );
        }
    }
    let length = message.bytes;
    let text = String::from_utf8_lossy(&bytes[..length]).into_owned();
    Ok((text, sockets))
}

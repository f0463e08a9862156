//! Who is at the other end of a connection, as the kernel knows it from the moment of the
//! connect: user, group and supplementary groups.
//!
//! Asks no name service: that may take seconds, and it knows which groups a user should be in,
//! not which ones this process is in.

use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd};

use nix::libc;
use tokio::net::UnixStream;

/// A caller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Peer {
    pub uid: u32,
    pub gids: Vec<u32>,
}

impl Peer {
    /// Who has connected.
    pub fn of(stream: &UnixStream) -> io::Result<Self> {
        let credentials = stream.peer_cred()?;
        let mut gids = vec![credentials.gid()];
        match groups(stream.as_fd()) {
            Ok(groups) => gids.extend(groups),
            // Before Linux 4.13. Fewer groups may do less.
            Err(error) => tracing::debug!(%error, "the caller's groups are not known"),
        }
        Ok(Self {
            uid: credentials.uid(),
            gids,
        })
    }
}

/// SO_PEERGROUPS of socket(7); libc does not name it.
#[cfg(not(any(target_arch = "sparc", target_arch = "sparc64")))]
const SO_PEERGROUPS: libc::c_int = 59;
#[cfg(any(target_arch = "sparc", target_arch = "sparc64"))]
const SO_PEERGROUPS: libc::c_int = 0x3d;

fn groups(socket: BorrowedFd<'_>) -> io::Result<Vec<u32>> {
    let mut groups = vec![0_u32; 32];
    loop {
        let size = size_of_val(groups.as_slice());
        let mut size = libc::socklen_t::try_from(size).map_err(io::Error::other)?;
        // SAFETY: the kernel writes at most `size` bytes, which `groups` has, and no group is
        // invalid; it leaves in `size` what it wrote, or what it wants.
        let result = unsafe {
            libc::getsockopt(
                socket.as_raw_fd(),
                libc::SOL_SOCKET,
                SO_PEERGROUPS,
                groups.as_mut_ptr().cast(),
                &mut size,
            )
        };
        let error = io::Error::last_os_error();
        let count = usize::try_from(size).map_err(io::Error::other)? / size_of::<u32>();
        if result == 0 {
            groups.truncate(count);
            return Ok(groups);
        }
        if error.raw_os_error() != Some(libc::ERANGE) || count <= groups.len() {
            return Err(error);
        }
        groups.resize(count, 0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_groups_are_those_of_the_process_that_connects() {
        let (here, _there) = UnixStream::pair().unwrap();

        let peer = Peer::of(&here).unwrap();

        assert_eq!(peer.uid, nix::unistd::geteuid().as_raw());
        assert_eq!(peer.gids[0], nix::unistd::getegid().as_raw());
        let own = nix::unistd::getgroups().unwrap();
        let own: Vec<u32> = own.into_iter().map(nix::unistd::Gid::as_raw).collect();
        assert_eq!(peer.gids[1..], own);
    }
}

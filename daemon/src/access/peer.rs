//! Who is at the other end of a connection, as the kernel knows it from the moment of the
//! connect: user, group and supplementary groups.
//!
//! Asks no name service: that may take seconds, and it knows which groups a user should be in,
//! not which ones this process is in.

use std::io;
use std::os::fd::AsFd;

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
        match nudged_peer::groups(stream.as_fd()) {
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

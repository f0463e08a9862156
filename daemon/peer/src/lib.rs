//! The groups of the process at the other end of a Unix socket, as the kernel knows them from
//! the moment of the connect.
//!
//! The one system call that the daemon needs and no crate offers: it stands apart so that the
//! daemon itself is free of unsafe code.

use std::io;
use std::os::fd::{AsRawFd, BorrowedFd};

use nix::libc;

/// SO_PEERGROUPS of socket(7); libc does not name it.
#[cfg(not(any(target_arch = "sparc", target_arch = "sparc64")))]
const SO_PEERGROUPS: libc::c_int = 59;
#[cfg(any(target_arch = "sparc", target_arch = "sparc64"))]
const SO_PEERGROUPS: libc::c_int = 0x3d;

/// The supplementary groups of the peer. An error before Linux 4.13.
pub fn groups(socket: BorrowedFd<'_>) -> io::Result<Vec<u32>> {
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
    use std::os::fd::AsFd;
    use std::os::unix::net::UnixStream;

    use super::*;

    #[test]
    fn they_are_those_of_the_process_that_connects() {
        let (here, _there) = UnixStream::pair().unwrap();

        let groups = groups(here.as_fd()).unwrap();

        let own = nix::unistd::getgroups().unwrap();
        let own: Vec<u32> = own.into_iter().map(nix::unistd::Gid::as_raw).collect();
        assert_eq!(groups, own);
    }
}

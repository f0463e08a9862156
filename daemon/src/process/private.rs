//! What this process has is nobody else's: the files that it makes, and its memory.
//!
//! In: nothing. Out: a umask, and a process that no debugger of the same user may look into and
//! that leaves no core. Done first, before there is a thread or a secret.

use nix::sys::prctl;
use nix::sys::stat::{Mode, umask};

/// Keeps others out from now on.
pub fn protect() {
    umask(Mode::S_IRWXG | Mode::S_IRWXO);
    // Its memory holds keys. A kernel that refuses keeps what protects other processes.
    let _ = prctl::set_dumpable(false);
}

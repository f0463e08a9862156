//! File descriptors: each connection is one.
//!
//! In: nothing. Out: a process that may have as many as the system lets it. Done before the
//! database and the socket are opened, which see how many there are.

use nix::sys::resource::{Resource, getrlimit, setrlimit};

/// Raises the limit as far as that goes.
pub fn raise() {
    if let Ok((soft, hard)) = getrlimit(Resource::RLIMIT_NOFILE)
        && soft < hard
    {
        // With fewer, the listener takes fewer connections, and says so.
        let _ = setrlimit(Resource::RLIMIT_NOFILE, hard, hard);
    }
}

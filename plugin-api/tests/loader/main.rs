//! The daemon's loader against real libraries: other versions, two at once, bad files.
//!
//! 1.0.0 is the first release, so "older" and "newer" are made here: plugin-api is copied
//! under another version number, with or without additions, and drivers and a small host
//! program are built against each copy. This process is the 1.0.0 host; the others run as
//! programs of their own. The first run builds abi_stable once more, later ones nothing.

#![allow(
    clippy::unwrap_used,
    reason = "a test that panics has failed: that is what it is for"
)]
#![cfg(feature = "host")]

mod bad_files;
mod corruption;
mod drivers;
mod fixtures;
mod versions;

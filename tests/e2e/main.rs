//! The daemon from outside: its socket, files and signals, with real drivers and simulated
//! vendors. Each test has a daemon, a directory and vendors of its own.
//!
//! There is one axis, the daemon's stages; a new test goes where the fault would be that it finds:
//!
//! - `admission`: who may ask, and what is accepted, refused or foretold;
//! - `registry`: users' devices and tokens, their state and settings;
//! - `queue`: what is accepted stays so, and is in the operator's hands;
//! - `dispatch`: when and how a vendor is asked, and whose trouble holds up whom;
//! - `outcome`: how a delivery ends, and who is told;
//! - `process`: start, reload, stop, and what is seen of secrets;
//! - `ctl`: nudgectl;
//! - `drivers`: each vendor's requests, and drivers as files;
//! - `requirements`: the numbered rules of IM offline push. A test of one of them goes there,
//!   whatever stage keeps it, and has the number in its name: `req_20_…`.
//!
//! `world` is what they share: rigs, Bob and his phones, programs, somebody else at the socket.

#![allow(
    clippy::unwrap_used,
    reason = "a test that panics has failed: that is what it is for"
)]

mod admission;
mod ctl;
mod dispatch;
mod drivers;
mod outcome;
mod process;
mod queue;
mod registry;
mod requirements;
mod world;

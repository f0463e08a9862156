//! The daemon from outside: its socket, files and signals, with real drivers and simulated
//! vendors. Each test has a daemon, a directory and vendors of its own.

#![allow(
    clippy::unwrap_used,
    reason = "a test that panics has failed: that is what it is for"
)]

mod admission;
mod audit;
mod brake;
mod budget;
mod channel_add;
mod connections;
mod crash;
mod ctl;
mod defaults;
mod delivery;
mod devices;
mod disk;
mod events;
mod faults;
mod import;
mod plugins;
mod preview;
mod process;
mod queue;
mod quotas;
mod reload;
mod requirements;
mod retry;
mod revoke;
mod rights;
mod soak;
mod states;
mod stranger;
mod support;
mod tencent;
mod tombstones;
mod vendors;

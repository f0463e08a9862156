//! A real nudged and simulated vendors in a temporary directory.
//!
//! - `artifacts` builds the daemon and its drivers, or takes them from where they are;
//! - `home` lays out the directory that the daemon lives in;
//! - `vendor` knows each vendor: its channel, and how to read what it got;
//! - `daemon` is the process, `client` a caller of its socket;
//! - `rig` is all of it together, which most tests start from;
//! - `demo` sends one notification to each vendor and shows it;
//! - `crash` kills the daemon again and again and counts what was lost, `outage` does the same
//!   with its disk, which `shim` lets fail, `restart` with the daemon stopped in order; `power`
//!   takes back what a power cut would;
//! - `faults` lets vendors fail in every way and looks at the channel beside, `soak` does so
//!   at random for as long as one likes;
//! - `load` measures how fast it is, and what that costs, `fanout` the same for one message
//!   to a million devices; `cost` is what the kernel knows of a process;
//! - `devices` measures the registry with a million devices in it, or ten; `backlog` the queue
//!   with a million notifications in it;
//! - `clock` lets the daemon's clock be wrong;
//! - `silent_proxy` is a way to a vendor that forgets its connections;
//! - `supervisor` plays systemd; `signals` end a program in order.
//!
//! It knows the daemon from outside only: its command line, files, signals and socket.

pub mod admission_cost;
pub mod artifacts;
pub mod backlog;
mod caller;
pub mod client;
pub mod clock;
mod cost;
pub mod crash;
pub mod daemon;
pub mod demo;
pub mod devices;
pub mod fanout;
pub mod faults;
pub mod home;
pub mod load;
pub mod outage;
pub mod power;
pub mod restart;
pub mod rig;
pub mod shim;
mod signals;
pub mod silent_proxy;
pub mod soak;
pub mod supervisor;
pub mod vendor;

pub use artifacts::Artifacts;
pub use client::{Client, Reply};
pub use clock::Clock;
pub use daemon::{DEADLINE, Daemon};
pub use home::{Home, Settings};
pub use rig::{Rig, RigError, RigOptions};
pub use shim::{DISK_FAULTS, Disk, DiskFault};
pub use signals::{StopSignal, StopSignals, until_stopped};
pub use silent_proxy::SilentProxy;
pub use vendor::{APNS, BASICS, FCM, HUAWEI, Shown, VENDORS, Vendor, XIAOMI};

/// An error and what caused it, in one line.
pub fn causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}

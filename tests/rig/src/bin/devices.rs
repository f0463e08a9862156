//! `cargo devices`: the registry with a million devices in it, or ten.

use std::process::ExitCode;

use clap::Parser;
use nudged_rig::devices::{self, Plan};

/// Fills a daemon with devices and measures how fast they are found and changed.
///
/// The devices go in by import over the socket, in no order; then users at random are looked
/// up, report a state, or a token, over several connections. Beside it stands an empty request
/// (GET /v1/health), so that figures of different machines can be compared: read them as ratios.
/// Resident memory is the daemon's. A million devices take about a minute and half a gigabyte below the directory
/// for temporary files (TMPDIR), ten million some ten times that.
#[derive(Debug, Parser)]
#[command(name = "cargo devices")]
struct Arguments {
    /// Devices
    #[arg(long, default_value_t = 1_000_000)]
    count: u64,
    /// Seconds for each rate
    #[arg(long, default_value_t = 5)]
    seconds: u64,
    /// Connections that ask at once
    #[arg(long, default_value_t = 16)]
    connections: usize,
}

#[tokio::main]
async fn main() -> ExitCode {
    nudged_rig::until_stopped(work()).await
}

async fn work() -> ExitCode {
    let arguments = Arguments::parse();
    let plan = Plan {
        count: arguments.count.max(1),
        seconds: arguments.seconds.max(1),
        connections: arguments.connections.max(1),
    };
    match devices::run(&plan, |step| eprintln!("{step}")).await {
        Ok(figures) => {
            print!("{figures}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("devices: {}", nudged_rig::causes(&error));
            ExitCode::FAILURE
        }
    }
}

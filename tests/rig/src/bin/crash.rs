//! `cargo crash`: kills nudged under load, or lets its disk fail, again and again, and counts.

use std::process::ExitCode;

use clap::Parser;
use nudged_rig::crash::{self, Plan};
use nudged_rig::supervisor::Keeping;
use nudged_rig::{DISK_FAULTS, RigError, outage, restart};
use serde::Serialize;

/// Kills nudged under load again and again; tells what was lost and what came twice.
///
/// The last line of the output is one JSON object. Exits with 1 when anything accepted was
/// lost or not explained, or when more came twice than was in flight at the kills. With
/// --disk also when anything refused was sent, or the disk was not used again within 5 s. With
/// --restart when anybody was refused, or anything came twice at all. With --power each kill
/// is a power cut: what was not brought to the disk is lost.
#[derive(Debug, Parser)]
#[command(name = "cargo crash")]
struct Arguments {
    /// Let its disk fail instead: full, broken, read-only
    #[arg(long)]
    disk: bool,
    /// Let it be restarted in order instead, with this socket
    #[arg(long, value_name = "SOCKET", conflicts_with = "disk")]
    restart: Option<Socket>,
    /// Cut the power of its disk, too
    #[arg(long, conflicts_with_all = ["disk", "restart"])]
    power: bool,
    /// How often it is killed, or its disk fails
    #[arg(long, default_value_t = 100)]
    rounds: usize,
    /// Decides the moments; random unless given
    #[arg(long)]
    seed: Option<u64>,
}

/// Who keeps the listening socket while the daemon is restarted.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Socket {
    /// systemd's socket unit
    Unit,
    /// systemd's file descriptor store
    Store,
}

/// Rounds between two lines of progress.
const TELL: usize = 50;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    nudged_rig::until_stopped(work()).await
}

async fn work() -> ExitCode {
    let Arguments {
        disk,
        restart,
        power,
        rounds,
        seed,
    } = Arguments::parse();
    let seed = seed.unwrap_or_else(|| fastrand::u64(..));
    eprintln!("{rounds} rounds, --seed {seed}");
    if disk {
        return told(fail(rounds, seed).await, outage::Report::is_soon);
    }
    if let Some(socket) = restart {
        return told(stop(socket, rounds, seed).await, restart::Report::is_good);
    }
    told(kill(power, rounds, seed).await, crash::Report::is_good)
}

async fn kill(power: bool, rounds: usize, seed: u64) -> Result<crash::Report, RigError> {
    let plan = Plan {
        artifacts: None,
        rounds,
        seed,
        power,
    };
    crash::run(plan, |round, accepted, arrived| {
        if round % TELL == 0 {
            eprintln!("round {round}: {accepted} accepted, {arrived} arrived");
        }
    })
    .await
}

async fn stop(socket: Socket, rounds: usize, seed: u64) -> Result<restart::Report, RigError> {
    let plan = restart::Plan {
        artifacts: None,
        rounds,
        seed,
        keeping: match socket {
            Socket::Unit => Keeping::Activated,
            Socket::Store => Keeping::Stored,
        },
    };
    restart::run(plan, |round, took| {
        if round % TELL == 0 {
            eprintln!("restart {round}: {took} ms");
        }
    })
    .await
}

async fn fail(rounds: usize, seed: u64) -> Result<outage::Report, RigError> {
    let plan = outage::Plan {
        artifacts: None,
        faults: DISK_FAULTS.into_iter().cycle().take(rounds).collect(),
        seed,
    };
    outage::run(plan, |fault, resume| {
        eprintln!("{fault:?}: over {resume} ms after its end");
    })
    .await
}

fn told<R: Serialize>(report: Result<R, RigError>, is_good: fn(&R) -> bool) -> ExitCode {
    match report {
        Ok(report) => {
            // Numbers and names only: that always becomes JSON.
            println!("{}", serde_json::to_string(&report).unwrap_or_default());
            if is_good(&report) {
                ExitCode::SUCCESS
            } else {
                ExitCode::FAILURE
            }
        }
        Err(error) => {
            eprintln!("crash: {}", nudged_rig::causes(&error));
            ExitCode::FAILURE
        }
    }
}

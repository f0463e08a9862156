//! `cargo crash`: kills nudged under load, or lets its disk fail, again and again, and counts.

use std::process::ExitCode;

use clap::Parser;
use nudged_rig::crash::{self, Plan};
use nudged_rig::{DISK_FAULTS, RigError, outage};
use serde::Serialize;

/// Kills nudged under load again and again; tells what was lost and what came twice.
///
/// The last line of the output is one JSON object. Exits with 1 when anything accepted was
/// lost or not explained, or when more came twice than was in flight at the kills. With
/// --disk also when anything refused was sent, or the disk was not used again within 5 s.
#[derive(Debug, Parser)]
#[command(name = "cargo crash")]
struct Arguments {
    /// Let its disk fail instead: full, broken, read-only
    #[arg(long)]
    disk: bool,
    /// How often it is killed, or its disk fails
    #[arg(long, default_value_t = 100)]
    rounds: usize,
    /// Decides the moments; random unless given
    #[arg(long)]
    seed: Option<u64>,
}

/// Rounds between two lines of progress.
const TELL: usize = 50;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let Arguments { disk, rounds, seed } = Arguments::parse();
    let seed = seed.unwrap_or_else(|| fastrand::u64(..));
    eprintln!("{rounds} rounds, --seed {seed}");
    if disk {
        return told(fail(rounds, seed).await, outage::Report::is_soon);
    }
    told(kill(rounds, seed).await, crash::Report::is_good)
}

async fn kill(rounds: usize, seed: u64) -> Result<crash::Report, RigError> {
    let plan = Plan {
        artifacts: None,
        rounds,
        seed,
    };
    crash::run(plan, |round, accepted, arrived| {
        if round % TELL == 0 {
            eprintln!("round {round}: {accepted} accepted, {arrived} arrived");
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

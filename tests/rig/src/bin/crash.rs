//! `cargo crash`: kills nudged under load, again and again, and counts.

use std::process::ExitCode;

use clap::Parser;
use nudged_rig::crash::{self, Plan};

/// Kills nudged under load again and again; tells what was lost and what came twice.
///
/// The last line of the output is one JSON object. Exits with 1 when anything accepted was
/// lost or not explained, or when more came twice than was in flight at the kills.
#[derive(Debug, Parser)]
#[command(name = "cargo crash")]
struct Arguments {
    /// How often it is killed
    #[arg(long, default_value_t = 100)]
    rounds: usize,
    /// Decides the moments of the kills; random unless given
    #[arg(long)]
    seed: Option<u64>,
}

/// Rounds between two lines of progress.
const TELL: usize = 50;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let Arguments { rounds, seed } = Arguments::parse();
    let seed = seed.unwrap_or_else(|| fastrand::u64(..));
    eprintln!("{rounds} rounds, --seed {seed}");
    let plan = Plan {
        artifacts: None,
        rounds,
        seed,
    };
    let report = crash::run(plan, |round, accepted, arrived| {
        if round % TELL == 0 {
            eprintln!("round {round}: {accepted} accepted, {arrived} arrived");
        }
    });
    match report.await {
        Ok(report) => {
            let good = report.is_good();
            // Numbers and names only: that always becomes JSON.
            println!("{}", serde_json::to_string(&report).unwrap_or_default());
            if good {
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

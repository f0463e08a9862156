//! `cargo soak`: mixed load for as long as one likes, while vendors fail at random.

use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use nudged_rig::soak::{self, Length, Plan};

/// Sends in every way, reports tokens and reloads while vendors fail at random; tells what
/// became of every notification, and whether memory, files and disk stayed as they were.
///
/// The last line of the output is one JSON object. Exits with 1 when a delivery has no outcome
/// or two, something was lost, or the daemon died. What it held is shown only.
#[derive(Debug, Parser)]
#[command(name = "cargo soak")]
struct Arguments {
    /// How long
    #[arg(long, default_value_t = 10.0)]
    minutes: f64,
    /// Decides what is sent, and what fails when; random unless given
    #[arg(long)]
    seed: Option<u64>,
}

/// Seconds between two lines of progress.
const TELL: usize = 10;

#[tokio::main]
async fn main() -> ExitCode {
    nudged_rig::until_stopped(work()).await
}

async fn work() -> ExitCode {
    let Arguments { minutes, seed } = Arguments::parse();
    let seed = seed.unwrap_or_else(|| fastrand::u64(..));
    let Ok(length) = Duration::try_from_secs_f64(minutes * 60.0) else {
        eprintln!("soak: {minutes} minutes cannot be waited");
        return ExitCode::FAILURE;
    };
    eprintln!("{minutes} minutes, --seed {seed}");
    let plan = Plan {
        artifacts: None,
        length: Length::Time(length),
        seed,
    };
    let mut second = 0;
    let report = soak::run(plan, |line| {
        if second % TELL == 0 {
            eprintln!("{line}");
        }
        second += 1;
    });
    match report.await {
        Ok(report) => {
            print!("{report}");
            // Numbers and names only: that always becomes JSON.
            println!("{}", serde_json::to_string(&report).unwrap_or_default());
            match report.is_good() {
                true => ExitCode::SUCCESS,
                false => ExitCode::FAILURE,
            }
        }
        Err(error) => {
            eprintln!("soak: {}", nudged_rig::causes(&error));
            ExitCode::FAILURE
        }
    }
}

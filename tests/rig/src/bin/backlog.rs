//! `cargo backlog`: a queue that grows to a million.

use std::process::ExitCode;

use clap::Parser;
use nudged_rig::backlog::{self, Plan};

/// Lets the queue of a held channel grow and measures at each length.
///
/// How soon a daemon with such a queue is ready again, after a stop and after a kill; how soon
/// it has counted; what the queue takes on the disk and in memory; and the processor time of
/// accepting and of sending with so many queued. The files are in the kernel's cache. A million
/// take some minutes and a gigabyte below the directory for temporary files (TMPDIR). Exits
/// with 1 when a start took longer than 2 s.
#[derive(Debug, Parser)]
#[command(name = "cargo backlog")]
struct Arguments {
    /// Lengths of the queue
    #[arg(
        long,
        value_delimiter = ',',
        default_value = "1000,10000,100000,1000000"
    )]
    queued: Vec<usize>,
    /// Notifications accepted and sent at each length
    #[arg(long, default_value_t = 20_000)]
    step: usize,
    /// A JSON object for each length, instead of a line
    #[arg(long)]
    json: bool,
}

#[tokio::main]
async fn main() -> ExitCode {
    nudged_rig::until_stopped(work()).await
}

async fn work() -> ExitCode {
    let Arguments {
        mut queued,
        step,
        json,
    } = Arguments::parse();
    queued.sort_unstable();
    let plan = Plan {
        queued,
        step: step.max(1),
    };
    let mut soon = true;
    let measured = backlog::run(&plan, |figures| {
        soon &= figures.is_soon();
        if json {
            // Numbers only: that always becomes JSON.
            println!("{}", serde_json::to_string(figures).unwrap_or_default());
        } else {
            println!("{figures}");
        }
    });
    match measured.await {
        Ok(()) if soon => ExitCode::SUCCESS,
        Ok(()) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("backlog: {}", nudged_rig::causes(&error));
            ExitCode::FAILURE
        }
    }
}

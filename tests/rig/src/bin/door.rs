//! `cargo door`: what telling senders at the door what will not be shown costs.

use std::process::ExitCode;

use clap::Parser;
use nudged_rig::admission_cost::{self, Size};
use nudged_rig::{APNS, RigError};

/// Measures what it costs to ask a driver, before a notification is accepted, what its vendor will
/// not show of it.
///
/// The same notifications go to a channel whose driver is asked and to one that has none; nothing
/// is sent. Processor time is that of the daemon alone, the median of all rounds.
#[derive(Debug, Parser)]
#[command(name = "cargo door")]
struct Arguments {
    /// Notifications to one user in a round
    #[arg(long, default_value_t = 5000)]
    notifications: usize,
    /// Recipients of one notification, each of whom gets another content
    #[arg(long, default_value_t = 10_000)]
    recipients: usize,
    /// How often each is measured
    #[arg(long, default_value_t = 5)]
    rounds: usize,
}

#[tokio::main]
async fn main() -> ExitCode {
    nudged_rig::until_stopped(work()).await
}

async fn work() -> ExitCode {
    let Arguments {
        notifications,
        recipients,
        rounds,
    } = Arguments::parse();
    let size = Size {
        notifications,
        recipients,
        rounds,
    };
    match run(size).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("door: {}", nudged_rig::causes(&error));
            ExitCode::FAILURE
        }
    }
}

async fn run(size: Size) -> Result<(), RigError> {
    println!("{:<48} {:>9} {:>9}", "", "not asked", "asked");
    for figures in admission_cost::run(APNS, size).await? {
        println!("{figures}");
    }
    Ok(())
}

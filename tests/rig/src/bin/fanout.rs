//! `cargo fanout`: one message to very many devices of vendors that take batches.

use std::process::ExitCode;

use clap::Parser;
use nudged_rig::{RigError, VENDORS, fanout};
use nudged_simulator::Vendor as Service;

/// Sends one message to a million tokens of each vendor that takes batches, and measures.
///
/// Processor time is that of the daemon alone, without its start. A run is over when the
/// vendor's stand-in has counted, and the daemon recorded, every token.
#[derive(Debug, Parser)]
#[command(name = "cargo fanout")]
struct Arguments {
    /// Tokens of a run, rounded up to thousands
    #[arg(long, default_value_t = 1_000_000)]
    tokens: usize,
    /// Only these vendors, by their drivers' names
    #[arg(long, value_delimiter = ',', value_name = "DRIVER")]
    vendors: Vec<String>,
}

#[tokio::main]
async fn main() -> ExitCode {
    nudged_rig::until_stopped(work()).await
}

async fn work() -> ExitCode {
    match run(&Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("fanout: {}", nudged_rig::causes(&error));
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: &Arguments) -> Result<(), RigError> {
    for service in Service::BATCHING {
        let wanted = |name: &String| *name == service.name();
        if !arguments.vendors.is_empty() && !arguments.vendors.iter().any(wanted) {
            continue;
        }
        let Some(vendor) = VENDORS.iter().find(|it| it.name == service.name()) else {
            continue;
        };
        println!("{}", fanout::run(*vendor, service, arguments.tokens).await?);
    }
    Ok(())
}

//! `cargo load`: how fast nudged is, and what that costs.

use std::process::ExitCode;

use clap::{Parser, ValueEnum};
use nudged_rig::load::{self, Plan};

/// Sends notifications through nudged to a sink over TLS, and measures.
///
/// Processor time is that of the daemon alone, without its start. A run is over when the
/// sink has counted, and the daemon recorded, every one.
#[derive(Debug, Parser)]
#[command(name = "cargo load")]
struct Arguments {
    /// Notifications of a run
    #[arg(long, default_value_t = 100_000)]
    notifications: usize,
    /// Measure another client beside it: the same requests to the same sink
    #[arg(long, value_name = "CLIENT")]
    against: Option<Rival>,
    /// End with one JSON object in a line
    #[arg(long)]
    json: bool,
    /// Connections of callers that send one notification a request
    #[arg(long, default_value_t = 16)]
    connections: usize,
    /// The sink answers so many milliseconds later
    #[arg(long, default_value_t = 0, value_name = "MS")]
    delay_ms: u64,
    /// How notifications are handed over
    #[arg(long, default_value = "both")]
    case: Case,
    /// How often all of it is done; medians are shown
    #[arg(long, default_value_t = 3)]
    repetitions: usize,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Rival {
    /// nghttp2's benchmark client, Debian's nghttp2-client
    H2load,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Case {
    /// As one NDJSON stream
    Stream,
    /// One a request
    Single,
    /// First so, then so
    Both,
}

const MISSING: u8 = 2;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    if arguments.against.is_some() && !load::is_installed() {
        eprintln!("load: there is no h2load here; `apt-get install nghttp2-client` brings it");
        return ExitCode::from(MISSING);
    }
    let plan = Plan {
        notifications: arguments.notifications.max(1),
        connections: arguments.connections.max(1),
        delay_ms: arguments.delay_ms,
        stream: arguments.case != Case::Single,
        single: arguments.case != Case::Stream,
        against_h2load: arguments.against.is_some(),
        repetitions: arguments.repetitions.max(1),
    };
    match load::run(&plan, |line| eprintln!("{line}")).await {
        Ok(report) => {
            print!("{report}");
            if arguments.json {
                println!("{}", report.json());
            }
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("load: {}", nudged_rig::causes(&error));
            ExitCode::FAILURE
        }
    }
}

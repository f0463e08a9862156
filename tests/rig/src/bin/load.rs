//! `cargo load`: how fast nudged is, and what that costs.

use std::process::ExitCode;

use clap::{Parser, ValueEnum};
use nudged_rig::load::{self, Case, Plan, Rival};

/// Sends notifications through nudged to a sink over TLS, and measures.
///
/// Processor time is that of the daemon alone, without its start. A run is over when the
/// sink has counted, and the daemon recorded, every one. Other clients are measured in the
/// same repetitions, start included; a ratio is theirs divided by ours.
#[derive(Debug, Parser)]
#[command(name = "cargo load")]
struct Arguments {
    /// Notifications of a run
    #[arg(long, default_value_t = 100_000)]
    notifications: usize,
    /// Measure other clients beside it: the same requests to the same sink
    #[arg(long, value_name = "CLIENT", value_delimiter = ',')]
    against: Vec<Client>,
    /// End with one JSON object in a line, alone on the standard output
    #[arg(long)]
    json: bool,
    /// Connections of callers that send one notification a request
    #[arg(long, default_value_t = 16)]
    connections: usize,
    /// The sink answers so many milliseconds later
    #[arg(long, default_value_t = 0, value_name = "MS")]
    delay_ms: u64,
    /// How notifications are handed over
    #[arg(
        long,
        alias = "case",
        value_delimiter = ',',
        default_value = "stream,single"
    )]
    cases: Vec<Way>,
    /// How often all of it is done; medians are shown
    #[arg(long, alias = "repetitions", default_value_t = 5)]
    repeat: usize,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Client {
    /// nghttp2's benchmark client, Debian's nghttp2-client
    H2load,
    /// The a2 crate
    A2,
    /// A loop around the reqwest crate
    Reqwest,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Way {
    /// As one NDJSON stream
    Stream,
    /// One a request
    Single,
    /// One message to all, of a vendor that takes a thousand tokens a request
    Fanout,
}

const MISSING: u8 = 2;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    nudged_rig::until_stopped(work()).await
}

async fn work() -> ExitCode {
    let arguments = Arguments::parse();
    let mut against: Vec<_> = arguments.against.into_iter().map(Rival::from).collect();
    let mut cases: Vec<_> = arguments.cases.into_iter().map(Case::from).collect();
    against.sort_unstable();
    against.dedup();
    cases.sort_unstable();
    cases.dedup();
    if against.iter().any(|rival| !rival.is_there()) {
        eprintln!("load: there is no h2load here; `apt-get install nghttp2-client` brings it");
        return ExitCode::from(MISSING);
    }
    let plan = Plan {
        notifications: arguments.notifications.max(1),
        connections: arguments.connections.max(1),
        delay_ms: arguments.delay_ms,
        cases,
        against,
        repetitions: arguments.repeat.max(1),
    };
    match load::run(&plan, |line| eprintln!("{line}")).await {
        Ok(report) if arguments.json => {
            eprint!("{report}");
            println!("{}", report.json());
            ExitCode::SUCCESS
        }
        Ok(report) => {
            print!("{report}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("load: {}", nudged_rig::causes(&error));
            ExitCode::FAILURE
        }
    }
}

impl From<Client> for Rival {
    fn from(client: Client) -> Rival {
        match client {
            Client::H2load => Rival::H2load,
            Client::A2 => Rival::A2,
            Client::Reqwest => Rival::Reqwest,
        }
    }
}

impl From<Way> for Case {
    fn from(way: Way) -> Case {
        match way {
            Way::Stream => Case::Stream,
            Way::Single => Case::Single,
            Way::Fanout => Case::Fanout,
        }
    }
}

//! `cargo faults`: lets vendors fail in every way, and looks at what becomes of everything.

use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use clap::builder::PossibleValuesParser;
use nudged_rig::faults::{self, Plan, Row, Scenario};
use nudged_rig::{APNS, FCM, HUAWEI, VENDORS, Vendor, XIAOMI};

/// Lets a vendor fail while the same traffic goes to it and to another beside it; tells what
/// became of every notification, and how the other fared.
///
/// Exits with 1 when a notification has no outcome or two, or a wrong one, something was lost
/// or sent after its lifetime, a Retry-After was undercut, or the daemon died. Times are shown only.
#[derive(Debug, Parser)]
#[command(name = "cargo faults")]
struct Arguments {
    /// Only this one; may be given several times
    #[arg(long, value_name = "NAME", value_parser = PossibleValuesParser::new(Scenario::ALL.map(Scenario::name)), hide_possible_values = true)]
    scenario: Vec<String>,
    /// The vendor that fails; may be given several times
    #[arg(long, value_name = "NAME", value_parser = PossibleValuesParser::new(VENDORS.map(|it| it.name)), default_values = DEFAULT.map(|it| it.name))]
    vendor: Vec<String>,
    /// Show the scenarios, and do nothing
    #[arg(long)]
    list: bool,
    /// End with one JSON object in a line
    #[arg(long)]
    json: bool,
    /// How late a slow vendor answers; the daemon waits 3 s
    #[arg(long, default_value_t = 5, value_name = "SECONDS")]
    slow_seconds: u64,
    /// Notifications for each of the two channels before the fault
    #[arg(long, default_value_t = 300)]
    before: usize,
    /// The same while it lasts
    #[arg(long, default_value_t = 600)]
    during: usize,
    /// How many of them a second
    #[arg(long, default_value_t = 100)]
    rate: u32,
}

/// Two that speak HTTP/2, one that speaks HTTP/1.1, and one that does and gives grants.
const DEFAULT: [Vendor; 4] = [APNS, FCM, XIAOMI, HUAWEI];

#[tokio::main]
async fn main() -> ExitCode {
    nudged_rig::until_stopped(work()).await
}

async fn work() -> ExitCode {
    let arguments = Arguments::parse();
    if arguments.list {
        for scenario in Scenario::ALL {
            println!("{:<16} {}", scenario.name(), scenario.says());
        }
        return ExitCode::SUCCESS;
    }
    let json = arguments.json;
    let plan = plan(arguments);
    println!("{}", Row::HEAD);
    let report = faults::run(&plan, |row| println!("{row}")).await;
    let good = report.rows.iter().filter(|row| row.is_good()).count();
    println!("{good} of {} good", report.rows.len());
    if json {
        println!("{}", report.json());
    }
    match report.is_good() {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    }
}

fn plan(arguments: Arguments) -> Plan {
    let mut scenarios = Scenario::ALL.to_vec();
    if !arguments.scenario.is_empty() {
        scenarios.retain(|it| arguments.scenario.iter().any(|name| name == it.name()));
    }
    let mut vendors = VENDORS.to_vec();
    vendors.retain(|it| arguments.vendor.iter().any(|name| name == it.name));
    Plan {
        artifacts: None,
        scenarios,
        vendors,
        before: arguments.before,
        during: arguments.during,
        a_second: arguments.rate,
        slow: Duration::from_secs(arguments.slow_seconds),
    }
}

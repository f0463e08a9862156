//! `cargo demo`: real notifications, from the socket to simulated vendors.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use nudged_rig::{Artifacts, Home, Rig, RigError, RigOptions, StopSignals, VENDORS, demo};

/// Starts nudged and simulated vendors, sends a notification to each, shows what arrived.
#[derive(Debug, Parser)]
#[command(name = "cargo demo")]
struct Arguments {
    /// End after the notifications, with 0 only if all arrived as they should
    #[arg(long)]
    once: bool,
    /// Use this directory and leave it there
    #[arg(long, value_name = "DIR")]
    keep: Option<PathBuf>,
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(Arguments::parse()).await {
        Ok(code) => code,
        Err(error) => {
            eprintln!("demo: {}", nudged_rig::causes(&error));
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> Result<ExitCode, RigError> {
    println!("1. Building nudged and its drivers (takes minutes the first time)");
    let artifacts = Artifacts::get()?;
    // From here on there is something to tidy up.
    let mut signals = StopSignals::listen()?;
    let (mut rig, good) = match signals.or(show(&arguments, artifacts)).await {
        Ok(shown) => shown?,
        Err(told) => return Ok(told.exit_code()),
    };
    if !arguments.once {
        play(&rig);
        signals.received().await;
    }
    rig.terminate().await?;
    Ok(if good {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Starts everything and sends to each vendor; says whether all arrived as it should.
async fn show(arguments: &Arguments, artifacts: Artifacts) -> Result<(Rig, bool), RigError> {
    println!("2. Starting simulated vendors, and nudged in a directory of its own");
    let home = match &arguments.keep {
        Some(path) => Home::kept(path)?,
        None => Home::temporary()?,
    };
    let options = RigOptions {
        artifacts: Some(artifacts),
        home: Some(home),
        vendors: VENDORS.to_vec(),
        ..RigOptions::default()
    };
    let rig = Rig::start(options).await?;
    println!("   {}", rig.home.path().display());

    println!("3. Registering a device per vendor and sending to its user\n");
    let mut problems = Vec::new();
    let mut rows = Vec::new();
    let mut trace = String::new();
    for vendor in VENDORS {
        let sent = demo::send(&rig, vendor).await?;
        rows.push(sent.row());
        problems.extend(sent.problems());
        trace = sent.trace();
    }
    println!("{}", demo::table(&rows));
    println!("What nudged tells of the last one afterwards:\n\n{trace}");
    for problem in &problems {
        println!("!! {problem}");
    }
    let good = problems.is_empty();
    if good {
        println!(
            "All {} notifications arrived as they were sent.",
            VENDORS.len()
        );
    }
    Ok((rig, good))
}

fn play(rig: &Rig) {
    let socket = rig.home.socket();
    let socket = socket.display();
    let nudgectl = rig.artifacts.nudgectl.display();
    let control = rig.simulator.control_url();
    println!(
        r#"
It keeps running for you. In another terminal:

  export NUDGED_SOCKET={socket}
  {nudgectl} send --user bob --title Carol --body 'And you?' --wait
  {nudgectl} status
  {nudgectl} events --follow

  curl --unix-socket {socket} http://localhost/v1/notifications \
    -H 'content-type: application/json' \
    -d '{{"to":[{{"user":"alice"}}],"message":{{"title":"Carol","body":"Coming?"}}}}'

What the vendors have received:  curl {control}/received
Let the next one fail once:      curl {control}/faults -H 'content-type: application/json' \
                                   -d '{{"times":1,"kind":{{"status":{{"status":503}}}}}}'
Configuration and log:           {}

Ctrl-C ends it, and so does SIGTERM."#,
        rig.home.path().display()
    );
}

//! The command line: what the daemon is asked for, and how it ends.
//!
//! In: the arguments. Out: what they ask to be printed, or a daemon that has served; the exit code.
//! Refuses to know how the stages are built: `start` does.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;

use super::plan::{self, PreviousPlan};
use super::signal::Signals;
use super::start::{Daemon, StartError};
use super::{check, descriptors, private, setup};
use crate::driver::Loader;
use crate::telemetry::log;
use nudged_wire::plain;
use nudged_wire::terminal::panic;

/// Gets a message to a phone whose app is not running.
#[derive(Debug, Parser)]
#[command(version, after_help = AFTER_HELP)]
struct Arguments {
    /// Main configuration file; channels.d beside it holds the channels.
    #[arg(long, default_value = nudged_wire::MAIN_FILE)]
    config: PathBuf,
    /// Read and open everything as a start would, report what is wrong, and exit.
    #[arg(long)]
    check: bool,
    /// With --check: report as JSON.
    #[arg(long, requires = "check")]
    json: bool,
    /// Print as JSON where the configuration keeps channels and drivers, with the description of
    /// each driver, and exit.
    #[arg(long, conflicts_with = "check")]
    drivers: bool,
    /// Print the OpenAPI document of the socket, and exit.
    #[arg(long, conflicts_with_all = ["check", "drivers"])]
    openapi: bool,
}

const AFTER_HELP: &str = "\
Signals:
  HUP        reload configuration, credentials and drivers: all of it or nothing
  TERM, INT  refuse new requests, wait for answers in flight (shutdown.grace), exit

Environment:
  NUDGED_LOG  what is logged, such as info or nudged::dispatch=debug

Exit codes:
  0   ended as asked, or the check found nothing wrong
  1   failed while running: the database or the socket
  2   the command line is wrong
  78  the configuration was refused";

/// EX_CONFIG of sysexits.h, which systemd shows as CONFIG.
const EXIT_CONFIG: u8 = 78;

/// What is ready within this time gets ready before it stops: callers who wait at its socket have an
/// answer then.
const STOP_DELAY: Duration = Duration::from_secs(5);

fn print_check(arguments: &Arguments) -> ExitCode {
    let checked = check::run(&arguments.config);
    if arguments.json {
        print_json(&checked);
    } else {
        let mut out = std::io::stdout().lock();
        for line in &checked.lines {
            // Whoever closed the pipe has seen enough.
            let _ = writeln!(out, "{}", plain(line));
        }
        for problem in &checked.problems {
            eprintln!("{}", plain(&problem.to_string()));
        }
    }
    match checked.ok {
        true => ExitCode::SUCCESS,
        false => ExitCode::from(EXIT_CONFIG),
    }
}

fn print_json(value: &impl serde::Serialize) -> ExitCode {
    let mut out = std::io::stdout().lock();
    let written = serde_json::to_writer(&mut out, value).map_err(std::io::Error::from);
    match written.and_then(|()| writeln!(out)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("cannot write the output: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Everything from the command line on.
pub fn main() -> ExitCode {
    let arguments = Arguments::parse();
    private::protect();
    panic::print();
    descriptors::raise();
    if arguments.openapi {
        return print_json(&crate::api::document());
    }
    if arguments.drivers {
        return print_json(&setup::of(&arguments.config));
    }
    if arguments.check {
        return print_check(&arguments);
    }
    log::start();
    match run(&arguments.config) {
        Ok(()) => ExitCode::SUCCESS,
        Err(StartError::Config(problems)) => {
            for problem in &problems.0 {
                tracing::error!(%problem, "configuration refused");
            }
            ExitCode::from(EXIT_CONFIG)
        }
        Err(error) => {
            tracing::error!(%error, "cannot start");
            ExitCode::FAILURE
        }
    }
}

fn run(config: &Path) -> Result<(), StartError> {
    let loader = Loader::default();
    let plan = plan::make(config, &loader, &PreviousPlan::default())?.lenient();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(workers())
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let mut signals = Signals::listen()?;
        let stop = async {
            signals.stop().await;
            tokio::time::sleep(STOP_DELAY).await;
        };
        match Daemon::start(plan, loader, stop).await? {
            Some(daemon) => daemon.run(signals).await,
            None => tracing::info!("stopped before it was ready"),
        }
        Ok(())
    })
}

/// Two at least: one that waits for the disk or computes for a driver holds nobody up. Few,
/// because each more costs memory and wake-ups and sends no faster.
fn workers() -> usize {
    std::thread::available_parallelism()
        .map_or(2, usize::from)
        .clamp(2, 4)
}

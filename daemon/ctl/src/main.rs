//! `nudgectl`: the operator's command.
//!
//! In: a command line. Out: one request on the daemon's socket, and its answer as text for
//! people or, with `--json`, as it came. Knows the daemon by its socket; about files it asks
//! the daemon's program, which starts with the same code.

#![forbid(unsafe_code)]

mod args;
mod client;
mod commands;
mod error;
mod print;
mod program;
mod session;

use std::process::ExitCode;

use clap::Parser;

use args::Args;
use error::CtlError;
use print::Out;

fn main() -> ExitCode {
    nudged_wire::terminal::panic::print();
    match run(Args::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            print::note(&error.lines());
            ExitCode::from(error.code())
        }
    }
}

fn run(args: Args) -> Result<(), CtlError> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(CtlError::Runtime)?;
    let done = runtime.block_on(commands::run(args, &mut Out::stdout()));
    // A thread may still wait for standard input; nobody needs what it would read.
    runtime.shutdown_background();
    done
}

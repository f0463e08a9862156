//! The daemon.

use std::process::ExitCode;

fn main() -> ExitCode {
    nudged::process::main()
}

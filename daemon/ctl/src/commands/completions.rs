use clap::CommandFactory;
use clap_complete::Shell;

use crate::args::Args;
use crate::error::CtlError;
use crate::session::Session;

/// Prints what a shell sources to complete our command line.
pub fn run(session: &mut Session<'_>, shell: Shell) -> Result<(), CtlError> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Args::command(), "nudgectl", &mut script);
    session.out.file(&script)
}

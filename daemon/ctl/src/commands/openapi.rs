use crate::error::CtlError;
use crate::session::Session;

/// Prints the document that the daemon of this version serves, without the daemon.
pub fn run(session: &mut Session<'_>) -> Result<(), CtlError> {
    session.value(&crate::program::openapi()?)
}

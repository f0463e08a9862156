//! An end in order for programs that have a daemon and a directory to tidy up.
//!
//! In: what a program does, and the signals that ask it to end. Out: what came of it, or which
//! signal it was; daemons are killed and directories removed with the work, when it is dropped.

use std::io;
use std::process::ExitCode;

use tokio::signal::unix::{Signal, SignalKind, signal};

/// A signal that asked for the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Told(i32);

impl Told {
    /// As a shell tells it.
    pub fn exit_code(self) -> ExitCode {
        ExitCode::from(128 + u8::try_from(self.0).unwrap_or_default())
    }
}

/// The signals that ask a program to end.
#[derive(Debug)]
pub struct Ends([Signal; 3]);

impl Ends {
    /// Listens from now on: none of them kills the program any more.
    pub fn listen() -> io::Result<Ends> {
        let kinds = [
            SignalKind::terminate(),
            SignalKind::interrupt(),
            SignalKind::hangup(),
        ];
        let [terminate, interrupt, hangup] = kinds.map(signal);
        Ok(Ends([terminate?, interrupt?, hangup?]))
    }

    /// The next one.
    pub async fn told(&mut self) -> Told {
        let Ends([terminate, interrupt, hangup]) = self;
        let kind = tokio::select! {
            _ = terminate.recv() => SignalKind::terminate(),
            _ = interrupt.recv() => SignalKind::interrupt(),
            _ = hangup.recv() => SignalKind::hangup(),
        };
        Told(kind.as_raw_value())
    }

    /// Does the work to its end, or drops it when told to.
    pub async fn or<T>(&mut self, work: impl Future<Output = T>) -> Result<T, Told> {
        tokio::select! {
            done = work => Ok(done),
            told = self.told() => Err(told),
        }
    }
}

/// A program's whole work, which a signal ends.
pub async fn until_told(work: impl Future<Output = ExitCode>) -> ExitCode {
    let mut ends = match Ends::listen() {
        Ok(ends) => ends,
        Err(error) => {
            eprintln!("cannot listen to signals: {error}");
            return ExitCode::FAILURE;
        }
    };
    ends.or(work).await.unwrap_or_else(Told::exit_code)
}

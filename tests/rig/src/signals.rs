//! An end in order for programs that have a daemon and a directory to tidy up.
//!
//! In: what a program does, and the signals that ask it to end. Out: what came of it, or which
//! signal it was; daemons are killed and directories removed with the work, when it is dropped.

use std::io;
use std::process::ExitCode;

use tokio::signal::unix::{Signal, SignalKind, signal};

/// A signal that asked for the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StopSignal(i32);

impl StopSignal {
    /// As a shell reports it.
    pub fn exit_code(self) -> ExitCode {
        ExitCode::from(128 + u8::try_from(self.0).unwrap_or_default())
    }
}

/// The signals that ask a program to end.
#[derive(Debug)]
pub struct StopSignals([Signal; 3]);

impl StopSignals {
    /// Listens from now on: none of them kills the program any more.
    pub fn listen() -> io::Result<StopSignals> {
        let kinds = [
            SignalKind::terminate(),
            SignalKind::interrupt(),
            SignalKind::hangup(),
        ];
        let [terminate, interrupt, hangup] = kinds.map(signal);
        Ok(StopSignals([terminate?, interrupt?, hangup?]))
    }

    /// The next one.
    pub async fn received(&mut self) -> StopSignal {
        let StopSignals([terminate, interrupt, hangup]) = self;
        let kind = tokio::select! {
            _ = terminate.recv() => SignalKind::terminate(),
            _ = interrupt.recv() => SignalKind::interrupt(),
            _ = hangup.recv() => SignalKind::hangup(),
        };
        StopSignal(kind.as_raw_value())
    }

    /// Does the work to its end, or drops it when a signal comes.
    pub async fn or<T>(&mut self, work: impl Future<Output = T>) -> Result<T, StopSignal> {
        tokio::select! {
            done = work => Ok(done),
            signal = self.received() => Err(signal),
        }
    }
}

/// A program's whole work, which a signal ends.
pub async fn until_stopped(work: impl Future<Output = ExitCode>) -> ExitCode {
    let mut signals = match StopSignals::listen() {
        Ok(ends) => ends,
        Err(error) => {
            eprintln!("cannot listen to signals: {error}");
            return ExitCode::FAILURE;
        }
    };
    signals.or(work).await.unwrap_or_else(StopSignal::exit_code)
}

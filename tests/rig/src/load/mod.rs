//! How fast is it, and what does that cost?
//!
//! Notifications go from the socket to a sink over TLS, all with a text of their own, to
//! 10,000 tokens. A run is over when the sink has counted every one of them and the daemon
//! has recorded every outcome; the processor time is that of the daemon alone, without its
//! start. In the same repetition others send the same requests to the same sink, and record
//! nothing; theirs is with their start.
//!
//! - `sink` is the vendor, a process of its own;
//! - `notification` prepares requests, `sender` sends them;
//! - `ours` is a run of the daemon, `rival` one of another client;
//! - `figures` is what a run came to, `report` takes medians and shows them.

mod figures;
mod notification;
mod ours;
mod report;
mod rival;
mod sender;
mod sink;

use crate::artifacts::{ArtifactError, Artifacts};
use crate::client::ClientError;
use crate::daemon::DaemonError;
use crate::rig::RigError;

pub use figures::Figures;
pub use report::Report;
pub use rival::Rival;

use rival::Rivals;
use sink::Sink;

/// What is to be measured.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Notifications of a run.
    pub notifications: usize,
    /// Connections of callers that send one notification a request.
    pub connections: usize,
    /// The sink answers so much later.
    pub delay_ms: u64,
    /// Ways of handing over.
    pub cases: Vec<Case>,
    /// Whom to measure beside it.
    pub against: Vec<Rival>,
    /// How often all of it is done.
    pub repetitions: usize,
}

/// One way of handing notifications over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Case {
    /// As lines of one stream.
    Stream,
    /// One a request.
    Single,
    /// As one message to as many tokens, of a vendor that takes a thousand a request.
    Fanout,
}

impl Case {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Case::Stream => "stream",
            Case::Single => "single",
            Case::Fanout => "fanout",
        }
    }
}

/// Who sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Sender {
    Rival(Rival),
    Ours(Case),
}

impl Sender {
    fn name(self) -> &'static str {
        match self {
            Sender::Rival(rival) => rival.name(),
            Sender::Ours(case) => case.name(),
        }
    }
}

/// Why there is no result.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// There is nothing to run.
    #[error(transparent)]
    Artifacts(#[from] ArtifactError),
    /// The daemon did not start or stop.
    #[error(transparent)]
    Daemon(#[from] DaemonError),
    /// A call had no answer.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// A file, process or connection failed.
    #[error("{what}: {source}")]
    System {
        /// What was being done.
        what: &'static str,
        /// What the system said.
        source: std::io::Error,
    },
    /// The daemon did not accept a notification.
    #[error("a notification was answered with {0}")]
    Refused(String),
    /// The sink did not get what was sent, or got it more than once.
    #[error("of {sent} notifications the sink counts {counted} (tokens: {tokens}): {counts}")]
    Inexact {
        /// How many were sent.
        sent: usize,
        /// How many arrived.
        counted: u64,
        /// Distinct tokens among them.
        tokens: u64,
        /// All that the sink knows.
        counts: String,
    },
    /// Not everything arrived in time.
    #[error("after {seconds} s the sink has {counted} of {sent}, the daemon {recorded} outcomes")]
    Late {
        /// How long was waited.
        seconds: u64,
        /// How many were sent.
        sent: usize,
        /// How many arrived.
        counted: u64,
        /// Outcomes recorded.
        recorded: u64,
    },
    /// Another client failed.
    #[error("{0} failed: {1}")]
    Rival(String, String),
    /// The fan-out failed.
    #[error(transparent)]
    Fanout(#[from] RigError),
}

/// Adds what was being done to an I/O error.
fn doing(what: &'static str) -> impl FnOnce(std::io::Error) -> LoadError {
    move |source| LoadError::System { what, source }
}

/// Measures; `progress` hears of each run.
pub async fn run(plan: &Plan, mut progress: impl FnMut(String)) -> Result<Report, LoadError> {
    progress("building".into());
    let artifacts = Artifacts::get()?;
    let sink = Sink::start(&Artifacts::simulator()?, plan.delay_ms).await?;
    let rivals = Rivals::prepare(&plan.against, &artifacts, &sink).await?;
    let mut senders: Vec<Sender> = plan.against.iter().copied().map(Sender::Rival).collect();
    senders.extend(plan.cases.iter().copied().map(Sender::Ours));
    let mut report = Report::new(plan);
    for repetition in 1..=plan.repetitions.max(1) {
        for sender in &senders {
            let figures = match (sender, &rivals) {
                (Sender::Rival(rival), Some(rivals)) => {
                    rivals.run(*rival, &sink, plan.notifications).await?
                }
                (Sender::Rival(_), None) => continue,
                (Sender::Ours(case), _) => ours::run(&artifacts, &sink, plan, *case).await?,
            };
            let of = plan.repetitions.max(1);
            progress(format!("{repetition}/{of} {}: {figures}", sender.name()));
            report.add(*sender, figures);
        }
        // There and back, so that a machine that slows down slows down nobody more.
        senders.reverse();
    }
    Ok(report)
}

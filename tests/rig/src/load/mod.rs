//! How fast is it, and what does that cost?
//!
//! Notifications go from the socket to a sink over TLS, all with a text of their own, to
//! 10,000 tokens. A run is over when the sink has counted every one of them and the daemon
//! has recorded every outcome; the processor time is that of the daemon alone, without its
//! start. Beside it h2load sends the same requests to the same sink: a client in C that
//! records nothing.
//!
//! - `sink` is the vendor, a process of its own;
//! - `notification` prepares requests, `sender` sends them;
//! - `rival` is h2load;
//! - `report` takes medians and shows them.

mod notification;
mod report;
mod rival;
mod sender;
mod sink;

use std::path::Path;
use std::time::Duration;

use tokio::time::Instant;

use crate::artifacts::{ArtifactError, Artifacts};
use crate::client::{Client, ClientError};
use crate::daemon::{Daemon, DaemonError};
use crate::home::{Home, Settings};
use crate::vendor::{APNS, APNS_KEY, APNS_TEAM, APNS_TOPIC};

pub use report::{Figures, Report};
pub use rival::is_installed;

use crate::cost::{Cpu, peak_rss_mib};
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
    /// Measure a stream.
    pub stream: bool,
    /// Measure single requests.
    pub single: bool,
    /// Measure h2load beside it.
    pub against_h2load: bool,
    /// How often all of it is done.
    pub repetitions: usize,
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
    /// h2load failed.
    #[error("h2load failed: {0}")]
    Rival(String),
}

/// Adds what was being done to an I/O error.
fn doing(what: &'static str) -> impl FnOnce(std::io::Error) -> LoadError {
    move |source| LoadError::System { what, source }
}

/// One way of sending.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Case {
    Stream,
    Single,
}

/// Measures; `progress` hears of each run.
pub async fn run(plan: &Plan, mut progress: impl FnMut(String)) -> Result<Report, LoadError> {
    progress("building".into());
    let artifacts = Artifacts::get()?;
    let sink = Sink::start(&Artifacts::simulator()?, plan.delay_ms).await?;
    let mut report = Report::new(plan);
    for repetition in 1..=plan.repetitions.max(1) {
        let mut tell = |name: &str, figures: &Figures| {
            progress(format!(
                "{repetition}/{} {name}: {figures}",
                plan.repetitions.max(1)
            ));
        };
        let rival = match plan.against_h2load {
            true => Some(rival::run(&artifacts, &sink, plan.notifications).await?),
            false => None,
        };
        let stream = match plan.stream {
            true => Some(one_run(&artifacts, &sink, plan, Case::Stream).await?),
            false => None,
        };
        let single = match plan.single {
            true => Some(one_run(&artifacts, &sink, plan, Case::Single).await?),
            false => None,
        };
        for (name, figures) in [("h2load", &rival), ("stream", &stream), ("single", &single)] {
            if let Some(figures) = figures {
                tell(name, figures);
            }
        }
        report.add(rival, stream, single);
    }
    Ok(report)
}

/// How often it is looked whether all has arrived.
const LOOK_AGAIN: Duration = Duration::from_millis(5);

async fn one_run(
    artifacts: &Artifacts,
    sink: &Sink,
    plan: &Plan,
    case: Case,
) -> Result<Figures, LoadError> {
    let home = furnish(artifacts, sink).map_err(doing("laying out the daemon's directory"))?;
    let daemon = Daemon::start(&artifacts.nudged, &home, "warn").await?;
    let client = Client::new(&home.socket());
    sink.reset().await?;

    let cpu = Cpu::of(daemon.pid()).map_err(doing("reading the daemon's processor time"))?;
    let before = cpu
        .seconds()
        .map_err(doing("reading the daemon's processor time"))?;
    let began = Instant::now();
    let socket = home.socket();
    let (accepted_us, took) = tokio::try_join!(
        send(&socket, &client, plan, case),
        all_arrived(sink, &client, plan.notifications, began),
    )?;
    let after = cpu
        .seconds()
        .map_err(doing("reading the daemon's processor time"))?;

    let counts = sink.exact_counts(plan.notifications).await?;
    let peak_rss_mib = peak_rss_mib(daemon.pid()).map_err(doing("reading the daemon's memory"))?;
    daemon.terminate().await?;
    let mut figures = Figures::of(plan.notifications, took, after - before);
    figures.p50_ms = counts.p50_ms;
    figures.p99_ms = counts.p99_ms;
    figures.peak_rss_mib = Some(peak_rss_mib);
    figures.set_accepted(accepted_us);
    Ok(figures)
}

fn furnish(artifacts: &Artifacts, sink: &Sink) -> std::io::Result<Home> {
    let home = Home::temporary()?;
    home.configure(&Settings {
        request_timeout: "30s".into(),
        ..Settings::default()
    })?;
    home.install(artifacts.driver(APNS.name).map_err(std::io::Error::other)?)?;
    home.write("ca.pem", std::fs::read(sink.file("ca.pem"))?)?;
    home.write(
        "key.p8",
        std::fs::read(sink.file(&format!("apns/AuthKey_{APNS_KEY}.p8")))?,
    )?;
    let settings = format!(
        "key = \"../key.p8\"\nkey_id = \"{APNS_KEY}\"\nteam_id = \"{APNS_TEAM}\"\n\
         topic = \"{APNS_TOPIC}\"\nendpoint = \"{}\"\n",
        sink.url()
    );
    home.write_channel(APNS.channel, &APNS.channel_file(&settings, ""))?;
    Ok(home)
}

/// Sends all; how long each single caller waited for its answer.
async fn send(
    socket: &Path,
    client: &Client,
    plan: &Plan,
    case: Case,
) -> Result<Vec<u32>, LoadError> {
    match case {
        Case::Stream => sender::stream(client, plan.notifications)
            .await
            .map(|()| Vec::new()),
        Case::Single => sender::single(socket, plan.notifications, plan.connections).await,
    }
}

/// Waits until the sink and the daemon have counted all; how long that took.
async fn all_arrived(
    sink: &Sink,
    client: &Client,
    sent: usize,
    began: Instant,
) -> Result<Duration, LoadError> {
    let patience = Duration::from_secs(60 + sent as u64 / 1000);
    loop {
        let counted = sink.counts().await?.apns.accepted;
        let recorded = match counted >= sent as u64 {
            true => recorded(client).await?,
            false => 0,
        };
        if recorded >= sent as u64 {
            return Ok(began.elapsed());
        }
        if began.elapsed() > patience {
            let seconds = patience.as_secs();
            return Err(LoadError::Late {
                seconds,
                sent,
                counted,
                recorded,
            });
        }
        tokio::time::sleep(LOOK_AGAIN).await;
    }
}

async fn recorded(client: &Client) -> Result<u64, LoadError> {
    let status = client.get("/v1/status").await?.body;
    let outcomes = status["totals"]["outcomes"].as_object();
    Ok(outcomes
        .into_iter()
        .flatten()
        .filter_map(|(_, count)| count.as_u64())
        .sum())
}

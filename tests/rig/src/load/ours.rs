//! Runs of the daemon.
//!
//! In: the sink and how to hand over. Out: figures, if every notification arrived once and
//! has its outcome.

use std::path::Path;
use std::time::Duration;

use nudged_simulator::Vendor as Service;
use tokio::time::Instant;

use super::sink::Sink;
use super::{Case, Figures, LoadError, Plan, doing, sender};
use crate::artifacts::Artifacts;
use crate::client::Client;
use crate::cost::{Cpu, peak_rss_mib};
use crate::daemon::Daemon;
use crate::fanout;
use crate::home::{Home, Settings};
use crate::vendor::{APNS, APNS_KEY, APNS_TEAM, APNS_TOPIC, VENDORS};

/// A vendor that takes a thousand tokens a request.
const TO_MANY: Service = Service::Xiaomi;
/// How often it is looked whether all has arrived.
const POLL_INTERVAL: Duration = Duration::from_millis(5);

/// Has the daemon send all, handed over in this way.
pub(super) async fn run(
    artifacts: &Artifacts,
    sink: &Sink,
    plan: &Plan,
    case: Case,
) -> Result<Figures, LoadError> {
    if case == Case::Fanout {
        return fan_out(plan.notifications).await;
    }
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
    figures.notifications_per_write = counts.apns.notifications_per_write();
    figures.set_accepted(accepted_us);
    if plan.delay_ms > 0 {
        figures.set_streams(plan.delay_ms, counts.max_in_flight, counts.apns.connections);
    }
    Ok(figures)
}

/// One message to as many tokens.
async fn fan_out(tokens: usize) -> Result<Figures, LoadError> {
    let vendor = VENDORS.iter().find(|it| it.name == TO_MANY.name());
    let run = fanout::run(*vendor.expect("it is there"), TO_MANY, tokens).await?;
    let mut figures = Figures::of(run.tokens as usize, run.took, run.cpu_seconds);
    figures.peak_rss_mib = Some(run.peak_rss_mib);
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
        Case::Stream | Case::Fanout => sender::stream(client, plan.notifications)
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
        tokio::time::sleep(POLL_INTERVAL).await;
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

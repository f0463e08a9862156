//! The registry with very many devices in it: how fast it is filled, asked and changed, and
//! what it costs in memory and on disk.
//!
//! Everything goes over the socket. Beside it stands an empty request, so that the figures can be
//! read as ratios on any machine.
//!
//! - `person` makes up users and their devices;
//! - `rate` asks over several connections for some seconds;
//! - `report` shows it.

mod person;
mod rate;
mod report;

use std::time::{Duration, Instant};

use bytes::Bytes;

pub use report::{Figures, Rate};

use crate::client::Client;
use crate::cost::{Cpu, bytes_of, peak_rss_mib, rss_mib};
use crate::rig::{Rig, RigError, RigOptions};
use crate::vendor::APNS;

/// What is to be measured.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Devices.
    pub count: u64,
    /// Seconds for each rate.
    pub seconds: u64,
    /// Connections that ask at once.
    pub connections: usize,
}

const IMPORT: &str = "/v1/devices/import";
/// Where the database has its records, apart from its journals.
const RECORDS: &str = "keyspaces";
/// Lines that are written together.
const TOGETHER: u64 = 200;
/// The database works on by itself for no longer than this.
const REST_TIMEOUT: Duration = Duration::from_secs(600);

/// Measures; `progress` hears of each step.
pub async fn run(plan: &Plan, mut progress: impl FnMut(&str)) -> Result<Figures, RigError> {
    let mut rig = Rig::start(RigOptions {
        vendors: vec![APNS],
        logged: "warn".into(),
        ..RigOptions::default()
    })
    .await?;
    let pid = rig.daemon()?.pid();
    let data = rig.home.path().join("data");
    let cpu = Cpu::of(pid)?;
    let mut figures = Figures {
        count: plan.count,
        connections: plan.connections,
        empty_rss_mib: rss_mib(pid)?,
        ..Figures::default()
    };
    let socket = rig.home.socket();
    let rate = async |of: rate::Request| rate::measure(&socket, plan, of).await;

    progress("an empty request");
    figures.empty = rate(rate::Request::Health).await?;

    progress("importing");
    let (before, began) = (cpu.seconds()?, Instant::now());
    import(&rig.client, plan.count).await?;
    figures.import_seconds = began.elapsed().as_secs_f64();
    figures.import_cpu_seconds = cpu.seconds()? - before;
    figures.import_rss_mib = rss_mib(pid)?;

    progress("waiting for the database to come to rest");
    let began = Instant::now();
    cpu.rest(REST_TIMEOUT).await?;
    figures.rest_seconds = began.elapsed().as_secs_f64();
    figures.rest_rss_mib = rss_mib(pid)?;
    figures.disk = bytes_of(&data.join(RECORDS))?;
    figures.journals = bytes_of(&data)? - figures.disk;

    progress("lookups");
    figures.lookup = rate(rate::Request::Lookup).await?;
    figures.lookup_rss_mib = rss_mib(pid)?;
    progress("state changes");
    figures.state = rate(rate::Request::State).await?;
    progress("reports of tokens");
    figures.report = rate(rate::Request::Report).await?;
    figures.peak_rss_mib = peak_rss_mib(pid)?;

    progress("restarting");
    rig.terminate().await?;
    let began = Instant::now();
    rig.launch().await?;
    rig.client.get("/v1/health").await?.expect(200);
    figures.start_seconds = began.elapsed().as_secs_f64();
    rig.terminate().await?;

    progress("restarting with another setting: all tokens are looked at");
    let file = std::fs::read_to_string(rig.home.channel_file(APNS.channel))?;
    let other = file.replacen("topic =", "environment = \"production\"\ntopic =", 1);
    rig.home.write_channel(APNS.channel, &other)?;
    let began = Instant::now();
    rig.launch().await?;
    // The socket is there before; it is answered when all is done.
    rig.client.get("/v1/health").await?.expect(200);
    figures.forms_seconds = began.elapsed().as_secs_f64();
    figures.forms_cpu_seconds = Cpu::of(rig.daemon()?.pid())?.seconds()?;
    rig.terminate().await?;
    Ok(figures)
}

async fn import(client: &Client, count: u64) -> Result<(), RigError> {
    let (mut writer, mut answers) = client.open_stream_to(IMPORT).await?.split();
    let write = async move {
        for first in (0..count).step_by(TOGETHER as usize) {
            let mut lines = String::with_capacity(TOGETHER as usize * 220);
            for n in first..count.min(first + TOGETHER) {
                person::line(n, &mut lines);
            }
            if !writer.write(Bytes::from(lines)).await {
                break;
            }
        }
    };
    let read = async {
        let mut accepted = 0;
        while let Some(answer) = answers.next().await? {
            if !answer["refused"].is_null() || !answer["problem"].is_null() {
                return Err(RigError::Unexpected(answer.to_string()));
            }
            accepted += answer["accepted"].as_u64().unwrap_or_default();
        }
        Ok(accepted)
    };
    let ((), accepted) = tokio::join!(write, read);
    match accepted? {
        accepted if accepted == count => Ok(()),
        accepted => Err(RigError::Unexpected(format!(
            "{accepted} of {count} devices were taken"
        ))),
    }
}

//! A queue that grows: what it takes on the disk and in memory, how soon a daemon with such a
//! queue is ready again, and whether accepting and sending cost more the longer it is.
//!
//! One daemon goes through all lengths. Its channel is held while the queue is filled over
//! the socket; at each length it is stopped and started, killed and started, and then takes
//! and sends a fixed number more.
//!
//! - `report` shows it.

mod report;

use std::time::{Duration, Instant};

use bytes::Bytes;
use nudged_simulator::Options;
use serde_json::{Value, json};

pub use report::Figures;

use crate::client::Client;
use crate::cost::{Cpu, bytes_of, peak_rss_mib, rss_mib};
use crate::rig::{Rig, RigError, RigOptions};
use crate::supervisor::{Keeping, Supervisor};
use crate::vendor::APNS;

/// What is to be measured.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Lengths of the queue, rising.
    pub queued: Vec<usize>,
    /// Notifications that are accepted, and then sent, at each length.
    pub step: usize,
}

/// Lines that are written together.
const TOGETHER: usize = 64;
/// Device tokens that are sent to.
const TOKENS: usize = 10_000;
/// How often it is looked whether something has happened.
const POLL_INTERVAL: Duration = Duration::from_millis(5);
/// The database works on by itself for no longer than this.
const REST_TIMEOUT: Duration = Duration::from_secs(60);
/// Nothing else takes longer.
const TIMEOUT: Duration = Duration::from_secs(600);

/// Measures; `progress` is given the figures of each length.
pub async fn run(plan: &Plan, mut progress: impl FnMut(&Figures)) -> Result<(), RigError> {
    let rig = Rig::prepare(RigOptions {
        vendors: vec![APNS],
        logged: "warn".into(),
        simulator: Options {
            sink: true,
            ..Options::default()
        },
        ..RigOptions::default()
    })
    .await?;
    let mut run = Run {
        supervisor: Supervisor::new(&rig.home, Keeping::Nothing)?,
        rig,
        sent: 0,
    };
    let mut daemon = run.start().await?.0;
    run.order("hold").await?;
    let mut queued = 0;
    for length in &plan.queued {
        let mut figures = Figures {
            queued: *length,
            ..Figures::default()
        };
        let cpu = Cpu::of(daemon.pid())?;
        let (before, began) = (cpu.seconds()?, Instant::now());
        let more = length.saturating_sub(queued);
        run.submit(more).await?;
        queued += more;
        figures.fill_seconds = began.elapsed().as_secs_f64();
        figures.fill_cpu = cpu.seconds()? - before;
        figures.filled = more;
        figures.filled_rss_mib = rss_mib(daemon.pid())?;
        cpu.rest(REST_TIMEOUT).await?;
        figures.disk = bytes_of(&run.rig.home.path().join("data"))?;

        run.stop(daemon).await?;
        let (after_stop, ready) = run.start().await?;
        figures.ready_seconds = ready;
        after_stop.kill9().await?;
        let (started, ready) = run.start().await?;
        daemon = started;
        figures.ready_after_kill_seconds = ready;
        figures.start_rss_mib = rss_mib(daemon.pid())?;
        let began = Instant::now();
        run.until("the count", |status| {
            status["queue"]["counting"] != true
                && status["queue"]["ready"].as_u64() == Some(queued as u64)
        })
        .await?;
        figures.counted_seconds = ready + began.elapsed().as_secs_f64();

        let cpu = Cpu::of(daemon.pid())?;
        cpu.rest(REST_TIMEOUT).await?;
        let before = cpu.seconds()?;
        run.submit(plan.step).await?;
        figures.submit_cpu = (cpu.seconds()? - before) * 1e5 / plan.step as f64;
        cpu.rest(REST_TIMEOUT).await?;
        let before = cpu.seconds()?;
        let sent = run.send(plan.step).await?;
        figures.send_cpu = (cpu.seconds()? - before) * 1e5 / sent as f64;
        queued = queued + plan.step - sent;
        figures.peak_rss_mib = peak_rss_mib(daemon.pid())?;
        progress(&figures);
    }
    run.stop(daemon).await
}

struct Run {
    rig: Rig,
    supervisor: Supervisor,
    /// Numbers the notifications.
    sent: usize,
}

impl Run {
    /// A daemon, and the seconds until it has said that it is ready.
    async fn start(&mut self) -> Result<(crate::daemon::Daemon, f64), RigError> {
        let began = Instant::now();
        let daemon = self
            .supervisor
            .start(&self.rig.artifacts, &self.rig.home, "warn")?;
        self.supervisor.told("READY=1").await?;
        let took = began.elapsed().as_secs_f64();
        self.rig.client = Client::new(&self.rig.home.socket());
        Ok((daemon, took))
    }

    async fn stop(&mut self, daemon: crate::daemon::Daemon) -> Result<(), RigError> {
        daemon.terminate().await?;
        Ok(())
    }

    async fn order(&self, what: &str) -> Result<(), RigError> {
        let path = format!("/v1/queue/{what}");
        let channel = json!({"channel": APNS.channel});
        self.rig.client.post(&path, &channel).await?.expect(200);
        Ok(())
    }

    async fn status(&self) -> Result<Value, RigError> {
        Ok(self.rig.client.get("/v1/status").await?.expect(200))
    }

    async fn until(&self, what: &str, holds: impl Fn(&Value) -> bool) -> Result<Value, RigError> {
        let end = Instant::now() + TIMEOUT;
        loop {
            let status = self.status().await?;
            if holds(&status) {
                return Ok(status);
            }
            if Instant::now() >= end {
                let problem = format!("{what} does not come: {}", status["queue"]);
                return Err(RigError::Unexpected(problem));
            }
            tokio::time::sleep(POLL_INTERVAL).await;
        }
    }

    /// Sends so many notifications as one stream.
    async fn submit(&mut self, count: usize) -> Result<(), RigError> {
        let first = self.sent;
        self.sent += count;
        let (mut writer, mut answers) = self.rig.client.open_stream().await?.split();
        let write = async move {
            for from in (first..first + count).step_by(TOGETHER) {
                let mut lines = String::with_capacity(TOGETHER * 320);
                for number in from..(first + count).min(from + TOGETHER) {
                    lines.push_str(&notification(number));
                    lines.push('\n');
                }
                if !writer.write(Bytes::from(lines)).await {
                    break;
                }
            }
        };
        let read = async {
            let mut accepted = 0;
            while let Some(answer) = answers.next().await? {
                if !answer["id"].is_string() {
                    return Err(RigError::Unexpected(answer.to_string()));
                }
                accepted += 1;
            }
            Ok(accepted)
        };
        let ((), accepted) = tokio::join!(write, read);
        match accepted? {
            accepted if accepted == count => Ok(()),
            accepted => Err(RigError::Unexpected(format!(
                "{accepted} of {count} notifications were accepted"
            ))),
        }
    }

    /// Lets the channel send at least so many, and holds it again; how many it sent.
    async fn send(&mut self, count: usize) -> Result<usize, RigError> {
        let outcomes = |status: &Value| {
            let outcomes = status["totals"]["outcomes"].as_object();
            let counts = outcomes.into_iter().flatten();
            counts.filter_map(|(_, count)| count.as_u64()).sum::<u64>() as usize
        };
        let before = outcomes(&self.status().await?);
        self.order("release").await?;
        self.until("the sending", |status| outcomes(status) - before >= count)
            .await?;
        self.order("hold").await?;
        let status = self
            .until("the end of the sending", |status| {
                status["queue"]["in_flight"] == 0
            })
            .await?;
        Ok(outcomes(&status) - before)
    }
}

fn notification(number: usize) -> String {
    let token = format!("{:064x}", number % TOKENS);
    json!({
        "to": [{"channel": APNS.channel, "token": token}],
        "message": {
            "title": "Carol in Weekend plans",
            "body": format!("Message {number:012}: shall we take the early train, or rather sleep in?"),
            "ext": "{\"conversation\":\"c-20391\"}",
        },
        "ttl": 86_400,
    })
    .to_string()
}

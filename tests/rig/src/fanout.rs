//! One message to a million tokens: what it takes, vendor by vendor.
//!
//! The notifications are lines of one stream, a thousand recipients each, all with the same
//! message. A run is over when the vendor's stand-in, which checks every request in full and
//! keeps none, has counted every token, and the daemon has recorded every outcome. Beside it
//! the driver alone encodes the same batches: what is left of the way when nothing is stored
//! or sent.

use std::fmt;
use std::time::{Duration, Instant};

use bytes::Bytes;
use nudged_plugin_api::call::{EncodeCall, EncodeJob, Encoded};
use nudged_plugin_api::host::Library;
use nudged_plugin_api::info::Kind;
use nudged_plugin_api::{
    Authorize, File, Grant, Info, Message, Settings, Target, Timestamp, Value,
};
use nudged_simulator::{Options, Vendor as Service};
use serde_json::json;

use crate::cost::{Cpu, peak_rss_mib};
use crate::rig::{Rig, RigError, RigOptions};
use crate::vendor::Vendor;

/// Recipients of a line; the API takes no more in one notification.
const OF_A_LINE: usize = 1000;
/// How long is waited for the last outcome.
const TIMEOUT: Duration = Duration::from_secs(600);
const POLL_INTERVAL: Duration = Duration::from_millis(20);

/// What a vendor's fan-out took.
#[derive(Debug)]
pub struct Figures {
    /// The vendor.
    pub vendor: &'static str,
    /// Tokens that were reached.
    pub tokens: u64,
    /// Requests that reached them.
    pub requests: u64,
    /// From the first line to the last outcome.
    pub took: Duration,
    /// Processor time of the daemon.
    pub cpu_seconds: f64,
    /// The most memory that the daemon had.
    pub peak_rss_mib: f64,
    /// Tokens a second that the driver alone encodes, through frames, on one core.
    pub encoded_a_second: f64,
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.took.as_secs_f64();
        write!(
            f,
            "{:<8} {:>9} tokens in {:>5} requests, {seconds:>5.1} s ({:>7.0}/s), {:>5.1} CPU-s \
             of the daemon, peak {:>3.0} MiB; encode alone {:>8.0} tokens/s",
            self.vendor,
            self.tokens,
            self.requests,
            self.tokens as f64 / seconds,
            self.cpu_seconds,
            self.peak_rss_mib,
            self.encoded_a_second,
        )
    }
}

/// Sends one message to so many tokens of a vendor.
pub async fn run(vendor: Vendor, service: Service, tokens: usize) -> Result<Figures, RigError> {
    let lines = tokens.div_ceil(OF_A_LINE).max(1);
    let rig = Rig::start(RigOptions {
        vendors: vec![vendor],
        simulator: Options {
            sink: true,
            ..Options::default()
        },
        logged: "warn".into(),
        // The vendor's own rate is for its servers, not for this machine.
        channel_end: "[limits]\nrate = 1000000000\n".into(),
        ..RigOptions::default()
    })
    .await?;
    let encoded_a_second = encode_alone(&rig, vendor, lines);
    let cpu = Cpu::of(rig.daemon()?.pid())?;
    let before = cpu.seconds()?;
    let began = Instant::now();

    let (mut writer, mut answers) = rig.client.open_stream().await?.split();
    let write = async move {
        for line in 0..lines {
            if !writer.write(Bytes::from(notification(vendor, line))).await {
                break;
            }
        }
    };
    let read = async {
        let mut count = 0;
        while let Some(answer) = answers.next().await? {
            if answer["id"].is_null() {
                return Err(RigError::Unexpected(answer.to_string()));
            }
            count += 1;
        }
        Ok(count)
    };
    let ((), accepted) = tokio::join!(write, read);
    let accepted: usize = accepted?;
    let wanted = (accepted * OF_A_LINE) as u64;
    let ended = async {
        loop {
            let status = rig.client.get("/v1/status").await?.expect(200);
            if status["totals"]["outcomes"]["accepted"].as_u64() >= Some(wanted) {
                return Ok::<_, RigError>(());
            }
            tokio::time::sleep(POLL_INTERVAL).await;
        }
    };
    match tokio::time::timeout(TIMEOUT, ended).await {
        Ok(ended) => ended?,
        Err(_) => {
            return Err(RigError::Unexpected(format!(
                "not all of {wanted} tokens were reached: {:?}",
                rig.simulator.counts().of(service)
            )));
        }
    }
    let took = began.elapsed();
    let cpu_seconds = cpu.seconds()? - before;
    let peak_rss_mib = peak_rss_mib(rig.daemon()?.pid())?;
    let counts = rig.simulator.counts().of(service).clone();
    if counts.messages != wanted || counts.distinct_tokens != wanted {
        return Err(RigError::Unexpected(format!(
            "{wanted} tokens were sent to, and {counts:?} counted"
        )));
    }
    Ok(Figures {
        vendor: vendor.title,
        tokens: counts.messages,
        requests: counts.accepted,
        took,
        cpu_seconds,
        peak_rss_mib,
        encoded_a_second,
    })
}

fn notification(vendor: Vendor, line: usize) -> String {
    let to: Vec<_> = (0..OF_A_LINE)
        .map(|at| json!({"channel": vendor.channel, "token": vendor.numbered(line * OF_A_LINE + at)}))
        .collect();
    let message = json!({
        "title": "Weather warning",
        "body": "Heavy rain from noon on: take the train, or an umbrella.",
        "ext": r#"{"warning":"w-20391"}"#,
    });
    format!("{}\n", json!({"to": to, "message": message}))
}

/// Tokens a second through the driver's frames, of batches as large as it takes.
fn encode_alone(rig: &Rig, vendor: Vendor, lines: usize) -> f64 {
    let file = rig.artifacts.driver(vendor.name).expect("it is installed");
    let library = Library::load(file).expect("the daemon has loaded it");
    let info = library.describe().expect("it describes itself");
    let settings = settings(rig, vendor, &info);
    let now = Timestamp::from_seconds(1_767_000_000);
    let channel = library.open(settings, now).expect("the settings are good");
    let grant = match channel.authorize(now).expect("it answers") {
        Authorize::NotNeeded => None,
        Authorize::Ready(grant) => Some(grant),
        _ => Some(Grant::new("granted", now, 3600)),
    };
    let batch = info.batch as usize;
    let message = {
        let mut message = Message::new(
            "Weather warning",
            "Heavy rain from noon on: take the train, or an umbrella.",
        );
        message.ext = Some(r#"{"warning":"w-20391"}"#.to_owned());
        message
    };
    let targets: Vec<Target> = (0..batch)
        .map(|at| {
            let id = format!("0198c6b4-2a51-7c3e-9a4d-{at:012x}");
            Target::new(id, vendor.numbered(at))
        })
        .collect();
    let job = EncodeJob {
        message: 0,
        targets,
    };
    let call = EncodeCall {
        now,
        grant,
        messages: vec![message],
        jobs: vec![job; 4],
    };
    let began = Instant::now();
    let mut tokens = 0;
    while tokens < lines * OF_A_LINE {
        let encoded = channel.encode(&call).expect("it encodes");
        assert!(
            encoded.iter().all(|it| matches!(it, Encoded::Rendered(_))),
            "{encoded:?}"
        );
        tokens += call.jobs.len() * batch;
    }
    tokens as f64 / began.elapsed().as_secs_f64()
}

/// The settings of the vendor's channel file, as the daemon gives them to the driver.
fn settings(rig: &Rig, vendor: Vendor, info: &Info) -> Settings {
    let file = rig.home.channel_file(vendor.channel);
    let text = std::fs::read_to_string(&file).expect("it was written just now");
    let table: toml::Table = text.parse().expect("the daemon reads it");
    let written = table["settings"].as_table().expect("it has settings");
    let defaults = info.settings.iter().filter_map(|setting| {
        let default = setting.default.as_deref()?;
        let table: toml::Table = format!("value = {default}").parse().ok()?;
        Some((setting.key.as_str(), table["value"].clone()))
    });
    let written = written
        .iter()
        .map(|(key, value)| (key.as_str(), value.clone()));
    let mut settings = Settings::new();
    for (key, value) in defaults.chain(written) {
        let kind = info.settings.iter().find(|setting| setting.key == key);
        let value = match (value, kind.map(|setting| setting.kind)) {
            (toml::Value::String(name), Some(Kind::File)) => {
                let path = file.parent().expect("it is in a directory").join(name);
                let contents = std::fs::read(&path).expect("the daemon reads it");
                Value::from(File::new(path.display().to_string(), contents))
            }
            (toml::Value::String(text), _) => text.into(),
            (toml::Value::Integer(number), _) => number.into(),
            (toml::Value::Boolean(flag), _) => flag.into(),
            (other, _) => panic!("{key} = {other}"),
        };
        settings = settings.with(key, value);
    }
    settings
}

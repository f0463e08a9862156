//! Other clients: the same requests to the same sink, by programs that do nothing else.
//!
//! In: the sink. Out: what a run cost, the program's start included. They get the headers and
//! the body that the daemon made of such a notification. h2load has one body and one set of
//! headers for all, so it goes without the one header that names a message.

use std::process::{Command, Stdio};
use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use p256::ecdsa::signature::Signer;
use p256::ecdsa::{Signature, SigningKey};
use p256::pkcs8::DecodePrivateKey;
use serde_json::{Value, json};

use super::figures::Figures;
use super::notification::{Notification, TOKENS, token};
use super::sink::Sink;
use super::{LoadError, doing};
use crate::artifacts::Artifacts;
use crate::cost;
use crate::rig::{Rig, RigError, RigOptions};
use crate::vendor::{APNS, APNS_KEY, APNS_TEAM};

/// Requests that a rival keeps in flight.
const UNDER_WAY: usize = 500;
/// The header that differs in each message.
const OWN: &str = "apns-id";

/// Another client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rival {
    /// nghttp2's benchmark client, in C: one connection, 500 requests in flight.
    H2load,
    /// The a2 crate, likewise.
    A2,
    /// A loop around the reqwest crate, likewise.
    Reqwest,
}

impl Rival {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Rival::H2load => "h2load",
            Rival::A2 => "a2",
            Rival::Reqwest => "reqwest",
        }
    }

    /// Whether it can be run, or built to be run.
    pub fn is_there(self) -> bool {
        if self != Rival::H2load {
            return true;
        }
        let mut command = Command::new(self.name());
        command
            .arg("--version")
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        command.status().is_ok_and(|status| status.success())
    }
}

/// What the rivals need.
pub(super) struct Rivals {
    directory: tempfile::TempDir,
    request: Copied,
    /// With those that are ours.
    program: Option<std::path::PathBuf>,
}

/// What the daemon makes of a notification.
struct Copied {
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Rivals {
    /// What these need; none is needed for none.
    pub(super) async fn prepare(
        rivals: &[Rival],
        artifacts: &Artifacts,
        sink: &Sink,
    ) -> Result<Option<Rivals>, LoadError> {
        if rivals.is_empty() {
            return Ok(None);
        }
        let program = match rivals.iter().any(|rival| *rival != Rival::H2load) {
            true => Some(Artifacts::rival()?),
            false => None,
        };
        let request = copy(artifacts)
            .await
            .map_err(|error| LoadError::Rival("nobody".into(), crate::causes(&error)))?;
        let directory = tempfile::tempdir().map_err(doing("making the rivals' directory"))?;
        let lines: Vec<String> = (0..TOKENS)
            .map(|number| format!("{}/3/device/{}", sink.url(), token(number)))
            .collect();
        std::fs::write(directory.path().join("body"), &request.body)
            .and_then(|()| std::fs::write(directory.path().join("urls"), lines.join("\n") + "\n"))
            .map_err(doing("writing what the rivals send"))?;
        Ok(Some(Rivals {
            directory,
            request,
            program,
        }))
    }

    /// Has one of them send so many.
    pub(super) async fn run(
        &self,
        rival: Rival,
        sink: &Sink,
        count: usize,
    ) -> Result<Figures, LoadError> {
        let mut command = self.command(rival, sink, count)?;
        sink.reset().await?;
        let run = cost::run(&mut command).map_err(doing("running another client"))?;
        if !run.output.status.success() {
            let words = String::from_utf8_lossy(&run.output.stderr).into_owned();
            return Err(LoadError::Rival(rival.name().into(), words));
        }
        let counts = sink.exact_counts(count).await?;
        let mut figures = Figures::of(count, run.took, run.cpu_seconds);
        figures.peak_rss_mib = run.peak_rss_mib;
        figures.notifications_per_write = counts.apns.notifications_per_write();
        Ok(figures)
    }

    fn command(&self, rival: Rival, sink: &Sink, count: usize) -> Result<Command, LoadError> {
        let body = self.directory.path().join("body");
        let (count, under_way) = (count.to_string(), UNDER_WAY.to_string());
        let headers = self.request.headers.iter();
        let authorization = match rival {
            // It signs by itself.
            Rival::A2 => None,
            _ => Some(("authorization".to_owned(), provider_token(sink)?)),
        };
        let headers = headers.chain(&authorization);
        let headers = headers.map(|(name, value)| format!("{name}: {value}"));
        let mut command = match (rival, &self.program) {
            (Rival::H2load, _) | (_, None) => {
                let mut command = Command::new(rival.name());
                command.args(["-n", &count, "-c", "1", "-t", "1", "-m", &under_way]);
                command.arg("-d").arg(body);
                command.arg("-i").arg(self.directory.path().join("urls"));
                command
            }
            (_, Some(program)) => {
                let mut command = Command::new(program);
                command.arg(rival.name()).arg("--body").arg(body);
                command.args(["--count", &count, "--under-way", &under_way]);
                command.args(["--tokens", &TOKENS.to_string()]);
                command.env("NUDGED_SINK", sink.url().trim_start_matches("https://"));
                command.env("NUDGED_SINK_CA", sink.file("ca.pem"));
                command
            }
        };
        for header in headers {
            command.arg("-H").arg(header);
        }
        if rival == Rival::A2 {
            command.arg("--key").arg(key_file(sink));
            command.args(["--key-id", APNS_KEY, "--team", APNS_TEAM]);
        }
        Ok(command)
    }
}

/// Taken from a vendor that keeps it.
async fn copy(artifacts: &Artifacts) -> Result<Copied, RigError> {
    let options = RigOptions {
        artifacts: Some(artifacts.clone()),
        vendors: vec![APNS],
        ..RigOptions::default()
    };
    let mut rig = Rig::start(options).await?;
    // What was made here a moment ago is JSON.
    let notification =
        serde_json::from_slice(Notification::new().numbered(0)).unwrap_or(Value::Null);
    rig.deliver(&notification).await?;
    let received = rig.simulator.received();
    rig.terminate().await?;
    let Some(received) = received.into_iter().next() else {
        return Err(RigError::NotRunning);
    };
    let headers = received
        .headers
        .into_iter()
        .filter(|(name, _)| !["authorization", OWN].contains(&name.as_str()))
        .collect();
    Ok(Copied {
        headers,
        body: received.body.to_string().into_bytes(),
    })
}

/// The sink's key.
fn key_file(sink: &Sink) -> std::path::PathBuf {
    sink.file(&format!("apns/AuthKey_{APNS_KEY}.p8"))
}

/// A provider token (JWT, ES256) of the sink's key.
fn provider_token(sink: &Sink) -> Result<String, LoadError> {
    let pem = std::fs::read_to_string(key_file(sink)).map_err(doing("reading the sink's key"))?;
    let key = SigningKey::from_pkcs8_pem(&pem)
        .map_err(|error| LoadError::Rival("any".into(), format!("the sink's key: {error}")))?;
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
        .as_secs();
    let part = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let signed = format!(
        "{}.{}",
        part(json!({"alg": "ES256", "kid": APNS_KEY})),
        part(json!({"iss": APNS_TEAM, "iat": now}))
    );
    let signature: Signature = key.sign(signed.as_bytes());
    let signature = URL_SAFE_NO_PAD.encode(signature.to_bytes());
    Ok(format!("bearer {signed}.{signature}"))
}

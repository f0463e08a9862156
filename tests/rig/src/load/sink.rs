//! The vendor of a measurement: the simulator as a process of its own, which only counts.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use serde::Deserialize;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};

use super::notification::TOKENS;
use super::{LoadError, doing};

pub(super) struct Sink {
    directory: tempfile::TempDir,
    addresses: Addresses,
    _process: Child,
}

#[derive(Debug, Deserialize)]
struct Addresses {
    apns: String,
    control: String,
}

/// What the sink has counted.
#[derive(Debug, Deserialize)]
pub(super) struct Counts {
    pub(super) apns: VendorCounts,
    pub(super) p50_ms: Option<f64>,
    pub(super) p99_ms: Option<f64>,
    /// Requests that were open at once, when answers are late.
    pub(super) max_in_flight: u64,
}

#[derive(Debug, Deserialize)]
pub(super) struct VendorCounts {
    pub(super) requests: u64,
    pub(super) accepted: u64,
    pub(super) distinct_tokens: u64,
    pub(super) connections: u64,
    tls_records: u64,
}

impl VendorCounts {
    /// A write is at least one record, so these are the least that a write had.
    pub(super) fn notifications_per_write(&self) -> Option<f64> {
        (self.tls_records > 0).then(|| self.accepted as f64 / self.tls_records as f64)
    }
}

impl Sink {
    pub(super) async fn start(program: &Path, delay_ms: u64) -> Result<Sink, LoadError> {
        let directory = tempfile::tempdir().map_err(doing("making the sink's directory"))?;
        let mut process = Command::new(program)
            .arg("--dir")
            .arg(directory.path())
            .arg("--sink")
            .arg("--delay-ms")
            .arg(delay_ms.to_string())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .map_err(doing("starting the sink"))?;
        let stdout = process.stdout.take().expect("it is piped");
        let mut line = String::new();
        BufReader::new(stdout)
            .read_line(&mut line)
            .await
            .map_err(doing("awaiting the sink"))?;
        let addresses = serde_json::from_str(&line)
            .map_err(|error| doing("awaiting the sink")(error.into()))?;
        Ok(Sink {
            directory,
            addresses,
            _process: process,
        })
    }

    /// Where to push to.
    pub(super) fn url(&self) -> &str {
        &self.addresses.apns
    }

    /// A file that a customer would have from the vendor.
    pub(super) fn file(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    pub(super) async fn reset(&self) -> Result<(), LoadError> {
        self.call("POST", "/reset").await.map(|_| ())
    }

    pub(super) async fn counts(&self) -> Result<Counts, LoadError> {
        let json = self.call("GET", "/counts").await?;
        serde_json::from_str(&json)
            .map_err(|error| doing("reading the sink's counts")(error.into()))
    }

    /// The counts, if they are exactly those of so many notifications.
    pub(super) async fn exact_counts(&self, sent: usize) -> Result<Counts, LoadError> {
        let counts = self.counts().await?;
        let VendorCounts {
            requests,
            accepted,
            distinct_tokens,
            ..
        } = counts.apns;
        let tokens = sent.min(TOKENS) as u64;
        if accepted != sent as u64 || requests != accepted || distinct_tokens != tokens {
            let all = self.call("GET", "/counts").await?;
            return Err(LoadError::Inexact {
                sent,
                counted: accepted,
                tokens: distinct_tokens,
                counts: all,
            });
        }
        Ok(counts)
    }

    async fn call(&self, method: &str, path: &str) -> Result<String, LoadError> {
        let address = self.addresses.control.trim_start_matches("http://");
        let exchange = async {
            let mut stream = TcpStream::connect(address).await?;
            let request =
                format!("{method} {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n");
            stream.write_all(request.as_bytes()).await?;
            let mut answer = String::new();
            stream.read_to_string(&mut answer).await?;
            Ok(answer)
        };
        let answer = exchange.await.map_err(doing("asking the sink"))?;
        Ok(answer
            .split_once("\r\n\r\n")
            .map(|(_, body)| body.to_owned())
            .unwrap_or_default())
    }
}

//! h2load: the same requests to the same sink, by a client that does nothing else.

use std::process::{Command, Stdio};
use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use p256::ecdsa::signature::Signer;
use p256::ecdsa::{Signature, SigningKey};
use p256::pkcs8::DecodePrivateKey;
use serde_json::{Value, json};
use tokio::time::Instant;

use super::notification::{Notification, TOKENS, token};
use super::report::Figures;
use super::sink::Sink;
use super::{LoadError, doing};
use crate::artifacts::Artifacts;
use crate::cost::seconds_of_children;
use crate::rig::{Rig, RigError, RigOptions};
use crate::vendor::{APNS, APNS_KEY, APNS_TEAM};

/// Requests that h2load keeps under way.
const UNDER_WAY: usize = 500;

/// Whether there is an h2load to measure against.
pub fn is_installed() -> bool {
    let mut command = Command::new("h2load");
    command
        .arg("--version")
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

pub(super) async fn run(
    artifacts: &Artifacts,
    sink: &Sink,
    count: usize,
) -> Result<Figures, LoadError> {
    let request = request_of_the_daemon(artifacts).await.map_err(|error| {
        LoadError::Rival(format!("no request to copy: {}", crate::causes(&error)))
    })?;
    let directory = tempfile::tempdir().map_err(doing("making h2load's directory"))?;
    let (body, urls) = (directory.path().join("body"), directory.path().join("urls"));
    let lines: Vec<String> = (0..TOKENS)
        .map(|number| format!("{}/3/device/{}", sink.url(), token(number)))
        .collect();
    std::fs::write(&body, &request.body).map_err(doing("writing h2load's body"))?;
    std::fs::write(&urls, lines.join("\n") + "\n").map_err(doing("writing h2load's URLs"))?;

    let mut command = Command::new("h2load");
    command.args([
        "-n",
        &count.to_string(),
        "-c",
        "1",
        "-t",
        "1",
        "-m",
        &UNDER_WAY.to_string(),
    ]);
    command.arg("-d").arg(&body).arg("-i").arg(&urls);
    for (name, value) in &request.headers {
        command.arg("-H").arg(format!("{name}: {value}"));
    }
    command
        .arg("-H")
        .arg(format!("authorization: bearer {}", provider_token(sink)?));

    sink.reset().await?;
    let before = seconds_of_children().map_err(doing("reading h2load's processor time"))?;
    let began = Instant::now();
    let output = command.output().map_err(doing("running h2load"))?;
    let took = began.elapsed();
    let after = seconds_of_children().map_err(doing("reading h2load's processor time"))?;
    if !output.status.success() {
        return Err(LoadError::Rival(
            String::from_utf8_lossy(&output.stderr).into_owned(),
        ));
    }
    sink.exact_counts(count).await?;
    Ok(Figures::of(count, took, after - before))
}

struct Copied {
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

/// What the daemon makes of such a notification, taken from a vendor that keeps it.
async fn request_of_the_daemon(artifacts: &Artifacts) -> Result<Copied, RigError> {
    let options = RigOptions {
        artifacts: Some(artifacts.clone()),
        vendors: vec![APNS],
        ..RigOptions::default()
    };
    let mut rig = Rig::start(options).await?;
    // What was made here a moment ago is JSON.
    let notification =
        serde_json::from_slice(Notification::new().numbered(1)).unwrap_or(Value::Null);
    rig.deliver(&notification).await?;
    let received = rig.simulator.received();
    rig.terminate().await?;
    let Some(received) = received.into_iter().next() else {
        return Err(RigError::NotRunning);
    };
    let headers = received
        .headers
        .into_iter()
        .filter(|(name, _)| name != "authorization")
        .collect();
    Ok(Copied {
        headers,
        body: received.body.to_string().into_bytes(),
    })
}

/// A provider token (JWT, ES256) of the sink's key.
fn provider_token(sink: &Sink) -> Result<String, LoadError> {
    let pem = std::fs::read_to_string(sink.file(&format!("apns/AuthKey_{APNS_KEY}.p8")))
        .map_err(doing("reading the sink's key"))?;
    let key = SigningKey::from_pkcs8_pem(&pem)
        .map_err(|error| LoadError::Rival(format!("the sink's key: {error}")))?;
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
    Ok(format!(
        "{signed}.{}",
        URL_SAFE_NO_PAD.encode(signature.to_bytes())
    ))
}

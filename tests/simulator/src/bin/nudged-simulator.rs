//! Runs the simulators and leaves in a directory what a customer would have from the vendors.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Parser;
use nudged_simulator::{Options, Simulator, Vendor};
use serde_json::json;
use tokio::signal::unix::{SignalKind, signal};

const TEAM: &str = "SIMTEAM001";
const KEY: &str = "SIMKEY0001";
const TOPIC: &str = "com.example.chat";
const PROJECT: &str = "simulated-project";

/// Strict stand-ins for push vendors on loopback.
///
/// Writes ca.pem, apns/AuthKey_SIMKEY0001.p8 (team SIMTEAM001, topic com.example.chat),
/// apns/certificate.pem (certificate and key), fcm/service-account.json and addresses.json
/// into DIR, prints the addresses as one line of JSON when ready, and runs until SIGTERM
/// or SIGINT.
#[derive(Debug, Parser)]
#[command(name = "nudged-simulator", version)]
struct Arguments {
    /// Directory for credentials and addresses; made if absent
    #[arg(long)]
    dir: PathBuf,
    /// Port of APNs; 0 is any free one
    #[arg(long, default_value_t = 0, value_name = "PORT")]
    apns_port: u16,
    /// Port of FCM and its token endpoint; 0 is any free one
    #[arg(long, default_value_t = 0, value_name = "PORT")]
    fcm_port: u16,
    /// Port of another vendor, such as meizu=9443; repeatable; any free one unless said
    #[arg(long = "port", value_name = "VENDOR=PORT", value_parser = vendor_port)]
    ports: Vec<(Vendor, u16)>,
    /// Port of the control endpoint (plain HTTP); 0 is any free one
    #[arg(long, default_value_t = 0, value_name = "PORT")]
    control_port: u16,
    /// Benchmark mode: check and count APNs requests at least cost, keep no messages
    #[arg(long)]
    sink: bool,
    /// Answer every request so many milliseconds later
    #[arg(long, default_value_t = 0, value_name = "MS")]
    delay_ms: u64,
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("nudged-simulator: {error}");
            let mut source = error.source();
            while let Some(cause) = source {
                eprintln!("  because: {cause}");
                source = cause.source();
            }
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> Result<(), Box<dyn std::error::Error>> {
    // Before anything is promised, or an early signal would kill without a word.
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let simulator = Simulator::start(Options {
        apns_port: arguments.apns_port,
        fcm_port: arguments.fcm_port,
        ports: arguments.ports.into_iter().collect(),
        control_port: arguments.control_port,
        sink: arguments.sink,
        delay_ms: arguments.delay_ms,
    })
    .await?;
    let addresses = furnish(&simulator, &arguments.dir)?;
    println!("{addresses}");
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    Ok(())
}

fn vendor_port(text: &str) -> Result<(Vendor, u16), String> {
    let (name, port) = text.split_once('=').ok_or("not VENDOR=PORT")?;
    let vendor = Vendor::BATCHING
        .into_iter()
        .find(|vendor| vendor.name() == name)
        .ok_or_else(|| {
            let known = Vendor::BATCHING.map(Vendor::name).join(", ");
            format!("{name} is none of {known}")
        })?;
    let port = port.parse().map_err(|_| format!("{port} is no port"))?;
    Ok((vendor, port))
}

/// Writes every file; addresses.json last, so that whoever sees it finds the rest.
fn furnish(simulator: &Simulator, dir: &Path) -> std::io::Result<String> {
    fs::create_dir_all(dir.join("apns"))?;
    fs::create_dir_all(dir.join("fcm"))?;
    fs::write(dir.join("ca.pem"), simulator.ca_pem())?;
    fs::write(
        dir.join(format!("apns/AuthKey_{KEY}.p8")),
        simulator.apns().add_key(TEAM, KEY, &[TOPIC]),
    )?;
    let certificate = simulator.apns().issue_certificate(TOPIC, &[], 365);
    fs::write(
        dir.join("apns/certificate.pem"),
        certificate.certificate_pem + &certificate.key_pem,
    )?;
    fs::write(
        dir.join("fcm/service-account.json"),
        simulator.fcm().add_service_account(PROJECT),
    )?;
    let mut addresses = json!({
        "token": simulator.fcm().token_url(),
        "control": simulator.control_url(),
        "pid": std::process::id(),
    });
    for (vendor, url) in simulator.urls() {
        addresses[vendor.name()] = url.into();
    }
    let addresses = addresses.to_string();
    let unfinished = dir.join("addresses.json.new");
    fs::write(&unfinished, format!("{addresses}\n"))?;
    fs::rename(unfinished, dir.join("addresses.json"))?;
    Ok(addresses)
}

//! Everything together: the vendors' stand-ins in this process, a daemon beside it.

use std::ffi::OsString;
use std::time::Duration;

use nix::sys::signal::Signal;
use nudged_simulator::{Options, Simulator, StartError};
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::artifacts::{ArtifactError, Artifacts};
use crate::client::{Client, ClientError};
use crate::daemon::{Daemon, DaemonError, Log};
use crate::home::{Home, Settings};
use crate::power::Power;
use crate::shim::Disk;
use crate::vendor::{BASICS, Vendor};

/// How often it is looked whether the queue is empty.
const POLL_INTERVAL: Duration = Duration::from_millis(10);

/// What a run starts with.
#[derive(Debug)]
pub struct RigOptions {
    /// Programs and drivers; built when absent.
    pub artifacts: Option<Artifacts>,
    /// Where the daemon lives; a temporary directory when absent.
    pub home: Option<Home>,
    /// The vendors' stand-ins.
    pub simulator: Options,
    /// `nudged.toml`.
    pub settings: Settings,
    /// Vendors with a channel.
    pub vendors: Vec<Vendor>,
    /// How much the daemon logs.
    pub logged: String,
    /// TOML for the end of each channel file, such as `[limits]`.
    pub channel_end: String,
    /// Whether the daemon's disk can be made to fail.
    pub bad_disk: bool,
    /// What else the daemon has in its environment.
    pub environment: Vec<(&'static str, OsString)>,
    /// Whether the power can be cut.
    pub power_cuts: bool,
}

impl Default for RigOptions {
    fn default() -> RigOptions {
        RigOptions {
            artifacts: None,
            home: None,
            simulator: Options::default(),
            settings: Settings::default(),
            vendors: BASICS.to_vec(),
            logged: "info".into(),
            channel_end: String::new(),
            bad_disk: false,
            environment: Vec::new(),
            power_cuts: false,
        }
    }
}

/// Why a run could not go on.
#[derive(Debug, thiserror::Error)]
pub enum RigError {
    /// There is nothing to run.
    #[error(transparent)]
    Artifacts(#[from] ArtifactError),
    /// The vendors' stand-ins did not start.
    #[error("the simulator did not start")]
    Simulator(#[from] StartError),
    /// The daemon did not do what it was told.
    #[error(transparent)]
    Daemon(#[from] DaemonError),
    /// A call had no answer.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// A file could not be written.
    #[error("the run's directory cannot be used")]
    Directory(#[from] std::io::Error),
    /// Something else came out than what was put in.
    #[error("{0}")]
    Unexpected(String),
    /// The daemon was killed and not started again.
    #[error("nudged is not running")]
    NotRunning,
}

/// A daemon, its vendors, its directory, and a caller.
#[derive(Debug)]
pub struct Rig {
    // First, so that it ends before its vendors and its directory do.
    daemon: Option<Daemon>,
    logged: String,
    disk: Option<Disk>,
    environment: Vec<(&'static str, OsString)>,
    power: Option<Power>,
    /// The vendors' stand-ins.
    pub simulator: Simulator,
    /// The directory.
    pub home: Home,
    /// The caller.
    pub client: Client,
    /// Programs and drivers.
    pub artifacts: Artifacts,
}

impl Rig {
    /// Starts all of it; the daemon is ready on return.
    pub async fn start(options: RigOptions) -> Result<Rig, RigError> {
        let mut rig = Rig::prepare(options).await?;
        rig.launch().await?;
        Ok(rig)
    }

    /// All but the daemon.
    pub async fn prepare(options: RigOptions) -> Result<Rig, RigError> {
        let artifacts = match options.artifacts {
            Some(artifacts) => artifacts,
            None => Artifacts::get()?,
        };
        let simulator = Simulator::start(options.simulator).await?;
        let home = match options.home {
            Some(home) => home,
            None => Home::temporary()?,
        };
        home.write("ca.pem", simulator.ca_pem())?;
        home.configure(&options.settings)?;
        for vendor in BASICS.iter().chain(&options.vendors) {
            home.install(artifacts.driver(vendor.name)?)?;
        }
        for vendor in &options.vendors {
            vendor.furnish(&simulator, &home, &options.channel_end)?;
        }
        let client = Client::new(&home.socket());
        let disk = match options.bad_disk {
            true => Some(Disk::build(home.path(), &home.path().join("data"))?),
            false => None,
        };
        let power = match options.power_cuts {
            true => Some(Power::build(home.path(), &home.path().join("data"))?),
            false => None,
        };
        Ok(Rig {
            daemon: None,
            disk,
            environment: options.environment,
            power,
            logged: options.logged,
            simulator,
            home,
            client,
            artifacts,
        })
    }

    /// Starts the daemon, on what an earlier one left.
    pub async fn launch(&mut self) -> Result<(), RigError> {
        let mut daemon = self.spawn()?;
        daemon.ready().await?;
        self.daemon = Some(daemon);
        // Connections to an earlier daemon are of no use.
        self.client = Client::new(&self.home.socket());
        Ok(())
    }

    /// As [`Rig::launch`], but waits for nothing, and leaves the daemon to the caller.
    pub fn spawn(&self) -> Result<Daemon, RigError> {
        let disk = self.disk.as_ref().map(Disk::environment);
        let power = self.power.as_ref().map(Power::environment);
        let more = disk.or(power).into_iter().flatten();
        let more: Vec<_> = more.chain(self.environment.iter().cloned()).collect();
        let program = &self.artifacts.nudged;
        Ok(Daemon::spawn(program, &self.home, &self.logged, &more)?)
    }

    /// The power that the daemon's disk has, when it can be cut.
    pub fn power(&self) -> Option<&Power> {
        self.power.as_ref()
    }

    /// The daemon's process.
    pub fn daemon(&self) -> Result<&Daemon, RigError> {
        self.daemon.as_ref().ok_or(RigError::NotRunning)
    }

    /// The daemon's disk, when it can be made to fail.
    pub fn disk(&self) -> Result<&Disk, RigError> {
        let no_disk = || RigError::Unexpected("this run was started with a good disk".to_owned());
        self.disk.as_ref().ok_or_else(no_disk)
    }

    /// Kills the daemon without warning.
    pub async fn kill9(&mut self) -> Result<(), RigError> {
        let daemon = self.daemon.take().ok_or(RigError::NotRunning)?;
        Ok(daemon.kill9().await?)
    }

    /// Asks the daemon to stop and waits until it has.
    pub async fn terminate(&mut self) -> Result<std::process::ExitStatus, RigError> {
        let daemon = self.daemon.take().ok_or(RigError::NotRunning)?;
        Ok(daemon.terminate().await?)
    }

    /// Stops the daemon in order and starts it again.
    pub async fn restart(&mut self) -> Result<(), RigError> {
        self.terminate().await?;
        self.launch().await
    }

    /// Asks the daemon to reload.
    pub fn hup(&self) -> Result<(), RigError> {
        Ok(self.daemon()?.signal(Signal::SIGHUP)?)
    }

    /// What the daemon has logged since it was started.
    pub fn log(&self) -> String {
        self.daemon.as_ref().map(Daemon::log).unwrap_or_default()
    }

    /// The daemon's log, to wait for something or to keep.
    pub fn log_view(&self) -> Result<Log, RigError> {
        Ok(self.daemon()?.log_view())
    }

    /// Reports a device of the default app.
    pub async fn register(
        &self,
        user: &str,
        device: &str,
        channel: &str,
        token: &str,
    ) -> Result<Value, RigError> {
        let path = format!("/v1/apps/default/users/{user}/devices/{device}");
        let report = json!({"channel": channel, "token": token});
        Ok(self.client.put(&path, &report).await?.expect(200))
    }

    /// Sends a notification that must be accepted, and returns its id.
    pub async fn accept(&self, notification: &Value) -> Result<String, RigError> {
        let accepted = self.client.send(notification).await?.expect(202);
        Ok(accepted["id"].as_str().unwrap_or_default().to_owned())
    }

    /// Waits until nothing is queued any more; false when that takes longer.
    pub async fn drained(&self, max_wait: Duration) -> Result<bool, RigError> {
        let until = Instant::now() + max_wait;
        loop {
            let status = self.client.get("/v1/status").await?.expect(200);
            let left = ["ready", "waiting", "in_flight"].map(|it| &status["queue"][it]);
            if left.iter().all(|left| **left == 0) {
                return Ok(true);
            }
            if Instant::now() >= until {
                return Ok(false);
            }
            tokio::time::sleep(POLL_INTERVAL).await;
        }
    }

    /// As [`Rig::accept`] for one recipient, and waits for the outcome: its event.
    pub async fn deliver(&self, notification: &Value) -> Result<Value, RigError> {
        let id = self.accept(notification).await?;
        let mut events = self.client.outcomes(&id, 1).await?;
        Ok(events.pop().unwrap_or_default())
    }
}

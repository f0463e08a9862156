//! From the command line to a daemon that serves, and back down again.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use clap::Parser;
use tokio::sync::watch;

use super::meaning::Meanings;
use super::plan::{self, Before, Plan};
use super::reload::{How, Parts, Reload};
use super::signal::{Asked, Signals};
use super::{check, descriptors, housekeeping, notify, private, setup, shutdown};
use crate::admission::Admission;
use crate::api::{self, Api, BindError, Feed, Listener, StreamPlaces};
use crate::config::ConfigProblems;
use crate::dispatch::{Dispatch, Operator, Presence, Revoker, Routes};
use crate::driver::Loader;
use crate::outcome::{Brakes, Events, Outcomes, Stats};
use crate::queue::{Holds, Queue, Revocations};
use crate::quota::Ledger;
use crate::registry::Registry;
use crate::store::{Store, StoreError, StoreSettings};
use crate::telemetry::log;
use nudged_wire::plain;
use nudged_wire::terminal::panic;

/// Gets a message to a phone whose app is not running.
#[derive(Debug, Parser)]
#[command(version, after_help = AFTER_HELP)]
struct Arguments {
    /// Main configuration file; channels.d beside it holds the channels.
    #[arg(long, default_value = nudged_wire::MAIN_FILE)]
    config: PathBuf,
    /// Read and open everything as a start would, report what is wrong, and exit.
    #[arg(long)]
    check: bool,
    /// With --check: report as JSON.
    #[arg(long, requires = "check")]
    json: bool,
    /// Print as JSON where the configuration keeps channels and drivers, with the description of
    /// each driver, and exit.
    #[arg(long, conflicts_with = "check")]
    drivers: bool,
    /// Print the OpenAPI document of the socket, and exit.
    #[arg(long, conflicts_with_all = ["check", "drivers"])]
    openapi: bool,
}

const AFTER_HELP: &str = "\
Signals:
  HUP        reload configuration, credentials and drivers: all of it or nothing
  TERM, INT  refuse new requests, wait for answers in flight (shutdown.grace), exit

Environment:
  NUDGED_LOG  what is logged, such as info or nudged::dispatch=debug

Exit codes:
  0   ended as asked, or the check found nothing wrong
  1   failed while running: the database or the socket
  2   the command line is wrong
  78  the configuration was refused";

/// EX_CONFIG of sysexits.h, which systemd shows as CONFIG.
const REFUSED: u8 = 78;

/// Why the daemon did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The configuration was refused.
    #[error(transparent)]
    Config(#[from] ConfigProblems),
    /// The database could not be opened.
    #[error(transparent)]
    Store(StoreError),
    /// Another daemon has the database open.
    #[error("{0}: another nudged uses this database; each needs its own store.path")]
    InUse(PathBuf),
    /// The socket could not be opened.
    #[error(transparent)]
    Socket(#[from] BindError),
    /// The system gave no runtime, thread or signal.
    #[error("the system refused: {0}")]
    System(#[from] std::io::Error),
}

impl From<StoreError> for StartError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Open { path, source } if matches!(*source, fjall::Error::Locked) => {
                Self::InUse(path)
            }
            error => Self::Store(error),
        }
    }
}

/// What is ready within this time gets ready before it stops: callers who wait at its socket have an
/// answer then.
const NEARLY: Duration = Duration::from_secs(5);

fn checked(arguments: &Arguments) -> ExitCode {
    let checked = check::run(&arguments.config);
    if arguments.json {
        printed(&checked);
    } else {
        let mut out = std::io::stdout().lock();
        for line in &checked.lines {
            // Whoever closed the pipe has seen enough.
            let _ = writeln!(out, "{}", plain(line));
        }
        for problem in &checked.problems {
            eprintln!("{}", plain(&problem.to_string()));
        }
    }
    match checked.ok {
        true => ExitCode::SUCCESS,
        false => ExitCode::from(REFUSED),
    }
}

fn printed(value: &impl serde::Serialize) -> ExitCode {
    let mut out = std::io::stdout().lock();
    let written = serde_json::to_writer(&mut out, value).map_err(std::io::Error::from);
    match written.and_then(|()| writeln!(out)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("cannot write the output: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Everything from the command line on.
pub fn main() -> ExitCode {
    let arguments = Arguments::parse();
    private::keep();
    panic::print();
    descriptors::raise();
    if arguments.openapi {
        return printed(&crate::api::document());
    }
    if arguments.drivers {
        return printed(&setup::of(&arguments.config));
    }
    if arguments.check {
        return checked(&arguments);
    }
    log::start();
    match run(&arguments.config) {
        Ok(()) => ExitCode::SUCCESS,
        Err(StartError::Config(problems)) => {
            for problem in &problems.0 {
                tracing::error!(%problem, "configuration refused");
            }
            ExitCode::from(REFUSED)
        }
        Err(error) => {
            tracing::error!(%error, "cannot start");
            ExitCode::FAILURE
        }
    }
}

fn run(config: &Path) -> Result<(), StartError> {
    let loader = Loader::default();
    let plan = plan::make(config, &loader, &Before::default())?.lenient();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(workers())
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let mut signals = Signals::listen()?;
        let stop = async {
            signals.stop().await;
            tokio::time::sleep(NEARLY).await;
        };
        match Daemon::start(plan, loader, stop).await? {
            Some(daemon) => daemon.run(signals).await,
            None => tracing::info!("stopped before it was ready"),
        }
        Ok(())
    })
}

/// A limit in MiB as bytes; 0 is none.
fn mib(limit: u64) -> Option<u64> {
    (limit > 0).then(|| limit.saturating_mul(1 << 20))
}

/// Two at least: one that waits for the disk or computes for a driver holds nobody up. Few,
/// because each more costs memory and wake-ups and sends no faster.
fn workers() -> usize {
    std::thread::available_parallelism()
        .map_or(2, usize::from)
        .clamp(2, 4)
}

/// A daemon that serves.
pub struct Daemon {
    api: Arc<Api>,
    listener: Listener,
    grace: Duration,
    housekeeping: tokio::task::JoinHandle<()>,
    stop: watch::Sender<bool>,
}

impl Daemon {
    /// Builds the stages from the end of the flow to its beginning, and opens the socket last. None
    /// if it is to stop before anything is served.
    pub async fn start(
        plan: Plan,
        loader: Loader,
        stop: impl Future<Output = ()>,
    ) -> Result<Option<Self>, StartError> {
        let config = plan.config.clone();
        let store = Store::open(&StoreSettings {
            path: config.store.path.clone(),
            min_free: config.store.min_free_mib << 20,
            most: mib(config.store.max_mib),
        })?;
        let stats = Arc::<Stats>::default();
        let routes = Arc::<Routes>::default();
        let events = Arc::new(Events::new(store.clone())?);
        let rules = Arc::new(ArcSwap::from_pointee(config.rules()));
        let registry = Arc::new(Registry::new(store.clone()));
        let queue = Arc::new(Queue::new(store.clone()));
        let revocations = Arc::new(Revocations::open(store.clone())?);
        let holds = Arc::new(Holds::open(store.clone())?);
        let ledger = Arc::new(Ledger::open(&store)?);
        let brakes = Arc::new(Brakes::new(rules.clone()));
        let outcomes = Arc::new(Outcomes::new(
            store.clone(),
            queue.clone(),
            registry.clone(),
            stats.clone(),
            events.clone(),
            revocations.clone(),
            brakes.clone(),
        ));
        let known = routes.clone();
        outcomes.form_by(move |channel, token| {
            let table = known.now();
            let form = table.by_id(channel).map(|it| it.form(token.to_owned()));
            form.and_then(Result::ok)
                .unwrap_or_else(|| token.to_owned())
        });
        let dispatch = Arc::new(Dispatch::new(
            queue.clone(),
            outcomes.clone(),
            Presence::new(registry.clone(), revocations.clone(), rules.clone()),
            holds.clone(),
            stats.clone(),
            ledger.clone(),
        ));
        let revoker = Arc::new(Revoker::new(
            store.clone(),
            registry.clone(),
            revocations.clone(),
            outcomes.clone(),
            dispatch.clone(),
        ));
        let operator = Arc::new(Operator::new(
            store.clone(),
            queue.clone(),
            outcomes.clone(),
            dispatch.clone(),
            holds,
            ledger.clone(),
        ));
        let admission = Arc::new(Admission::new(
            store.clone(),
            routes.clone(),
            registry.clone(),
            queue.clone(),
            outcomes.clone(),
            stats.clone(),
            rules.clone(),
        ));
        let reload = Arc::new(Reload::new(Parts {
            file: config.file.clone(),
            loader,
            routes: routes.clone(),
            dispatch: dispatch.clone(),
            rules,
            registry: registry.clone(),
            meanings: Meanings::open(store.clone())?,
        }));
        let mut bound = api::bind(&config.socket)?;
        if bound.outdated {
            notify::forget(api::KEPT);
        }
        // What is kept for the next process keeps its file.
        if bound.file.is_some() && notify::keep(api::KEPT, bound.socket()) {
            bound.file = None;
        }
        let Some(begun) = reload.begin(plan, stop).await else {
            notify::stopping("stopping before it was ready");
            if let Some(file) = bound.file {
                let _ = std::fs::remove_file(file);
            }
            return Ok(None);
        };
        for warning in begun.warnings {
            tracing::warn!(warning, "look at this");
        }
        let feed = Arc::new(Feed::new(events.clone(), routes.clone()));
        let api = Arc::new(Api {
            admission,
            registry,
            queue: queue.clone(),
            routes: routes.clone(),
            dispatch,
            revocations,
            revoker,
            operator,
            brakes,
            ledger,
            reload,
            events,
            feed,
            places: Arc::new(StreamPlaces::new(config.socket.max_event_streams)),
            stats,
            store: store.clone(),
            life: Arc::default(),
            max_body: config.socket.max_body,
        });
        let listener = Listener::serve(
            bound.listener,
            bound.file,
            api::router(api.clone()),
            &config.socket,
        );
        let (stop, stopped) = watch::channel(false);
        tokio::spawn(api.revoker.clone().run(stopped.clone()));
        tokio::spawn(api.feed.clone().run(stopped.clone()));
        housekeeping::count(api.clone(), stopped.clone());
        let housekeeping = tokio::spawn(housekeeping::run(
            api.clone(),
            outcomes,
            housekeeping::Keep {
                retention: config.store.retention,
                traces: mib(config.store.max_trace_mib),
            },
            stopped,
        ));
        let (count, broken) = (routes.now().routes().count(), routes.now().broken().len());
        let version = env!("CARGO_PKG_VERSION");
        tracing::info!(version, channels = count, broken, socket = %config.socket.path.display(), "ready");
        notify::ready(&housekeeping::channels(&api));
        Ok(Some(Self {
            api,
            listener,
            grace: config.shutdown.grace,
            housekeeping,
            stop,
        }))
    }

    /// Serves until told to stop, then drains.
    pub async fn run(self, mut signals: Signals) {
        let life = &self.api.life;
        while signals.next().await == Asked::Reload {
            // A reload that takes long holds up no stop; it ends with the process.
            tokio::select! {
                // What came of it is logged and told to systemd by the reload itself.
                _ = self.api.reload.run(life, How::default()) => {}
                () = signals.stop() => break,
            }
        }
        tracing::info!("stopping");
        notify::stopping("finishing what is under way");
        life.stop();
        self.stop.send_replace(true);
        shutdown::drain(self.listener, self.api.dispatch.clone(), self.grace).await;
        let _ = self.housekeeping.await;
        // The last outcomes are written; a commit that asks for an fsync takes them along.
        let last = crate::store::Commit {
            sync: true,
            ..Default::default()
        };
        if let Err(error) = self.api.store.commit(last).await {
            tracing::error!(%error, "the last outcomes may not be on disk");
        }
        tracing::info!("stopped");
    }
}

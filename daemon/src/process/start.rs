//! From a plan to a daemon that serves, and back down again.
//!
//! In: a plan, the drivers' loader, the signals. Out: the stages, built from the end of the flow to its
//! beginning, wired, and drained when they are to stop. Refuses to know the command line.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use tokio::sync::watch;

use super::plan::Plan;
use super::reload::{ReloadTargets, Reloader};
use super::signal::{SignalEvent, Signals};
use super::{housekeeping, notify, shutdown};
use crate::access::Access;
use crate::admission::Admission;
use crate::api::{self, BindError, Feed, Listener, StreamSlots};
use crate::channels::{CertificateMeanings, Routes};
use crate::config::ConfigProblems;
use crate::dispatch::{Dispatch, Operator, Revoker, SendCheck};
use crate::driver::Loader;
use crate::lifecycle::Lifecycle;
use crate::outcome::{Brakes, Events, Outcomes, Stats, Traces};
use crate::queue::{HeldChannels, Queue, Revocations};
use crate::quota::Ledger;
use crate::registry::Registry;
use crate::reloading::ReloadMode;
use crate::store::{Store, StoreError, StoreSettings};

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

/// A limit in MiB as bytes; 0 is none.
fn mib(limit: u64) -> Option<u64> {
    (limit > 0).then(|| limit.saturating_mul(1 << 20))
}

/// A daemon that serves.
pub struct Daemon {
    lifecycle: Arc<Lifecycle>,
    reload: Arc<Reloader>,
    dispatch: Arc<Dispatch>,
    store: Store,
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
            max_bytes: mib(config.store.max_mib),
        })?;
        let stats = Arc::<Stats>::default();
        let routes = Arc::<Routes>::default();
        let events = Arc::new(Events::new(store.clone())?);
        let rules = Arc::new(ArcSwap::from_pointee(config.rules()));
        let registry = Arc::new(Registry::new(store.clone()));
        let queue = Arc::new(Queue::new(store.clone()));
        let revocations = Arc::new(Revocations::open(store.clone())?);
        let holds = Arc::new(HeldChannels::open(store.clone())?);
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
        outcomes.canonicalize_by(move |channel, token| {
            let table = known.current();
            let form = table
                .by_id(channel)
                .map(|it| it.canonical_token(token.to_owned()));
            form.and_then(Result::ok)
                .unwrap_or_else(|| token.to_owned())
        });
        let dispatch = Arc::new(Dispatch::new(
            queue.clone(),
            outcomes.clone(),
            SendCheck::new(registry.clone(), revocations.clone(), rules.clone()),
            holds.clone(),
            stats.clone(),
            ledger.clone(),
        ));
        let traces = Arc::new(Traces::new(store.clone()));
        let revoker = Arc::new(Revoker::new(
            traces.clone(),
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
        let lifecycle = Arc::<Lifecycle>::default();
        let access = Arc::<Access>::default();
        let reload = Arc::new(Reloader::new(ReloadTargets {
            file: config.file.clone(),
            loader,
            lifecycle: lifecycle.clone(),
            access: access.clone(),
            routes: routes.clone(),
            dispatch: dispatch.clone(),
            rules,
            registry: registry.clone(),
            meanings: CertificateMeanings::open(store.clone())?,
        }));
        let mut bound = api::bind(&config.socket)?;
        if bound.outdated {
            notify::remove_socket(api::FDSTORE_NAME);
        }
        // What is kept for the next process keeps its file.
        if bound.file.is_some() && notify::store_socket(api::FDSTORE_NAME, bound.socket()) {
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
            tracing::warn!("{warning}");
        }
        let feed = Arc::new(Feed::new(events, routes.clone()));
        let router = api::router(api::Stages {
            access,
            admission,
            registry: registry.clone(),
            queue: queue.clone(),
            routes: routes.clone(),
            dispatch: dispatch.clone(),
            revocations: revocations.clone(),
            revoker: revoker.clone(),
            operator: operator.clone(),
            brakes: brakes.clone(),
            ledger,
            reload: reload.clone(),
            traces,
            feed: feed.clone(),
            slots: Arc::new(StreamSlots::new(config.socket.max_event_streams)),
            stats,
            lifecycle: lifecycle.clone(),
            store: store.clone(),
            max_body: config.socket.max_body,
        });
        let listener = Listener::serve(bound.listener, bound.file, router, &config.socket);
        let (stop, stopped) = watch::channel(false);
        tokio::spawn(revoker.run(stopped.clone()));
        tokio::spawn(feed.run(stopped.clone()));
        housekeeping::count(registry.clone(), reload.clone(), stopped.clone());
        let housekeeping = tokio::spawn(housekeeping::run(
            housekeeping::HousekeepingStages {
                store: store.clone(),
                queue,
                routes: routes.clone(),
                registry,
                operator,
                revocations,
                brakes,
            },
            outcomes,
            housekeeping::Retention {
                retention: config.store.retention,
                traces: mib(config.store.max_trace_mib),
            },
            stopped,
        ));
        let (count, broken) = (
            routes.current().routes().count(),
            routes.current().broken().len(),
        );
        let version = env!("CARGO_PKG_VERSION");
        tracing::info!(version, channels = count, broken, socket = %config.socket.path.display(), "ready");
        notify::ready(&housekeeping::channels(&routes));
        Ok(Some(Self {
            lifecycle,
            reload,
            dispatch,
            store,
            listener,
            grace: config.shutdown.grace,
            housekeeping,
            stop,
        }))
    }

    /// Serves until told to stop, then drains.
    pub async fn run(self, mut signals: Signals) {
        while signals.next().await == SignalEvent::Reload {
            // A reload that takes long holds up no stop; it ends with the process.
            tokio::select! {
                // What came of it is logged and told to systemd by the reload itself.
                _ = self.reload.run(ReloadMode::default()) => {}
                () = signals.stop() => break,
            }
        }
        tracing::info!("stopping");
        notify::stopping("finishing what is in flight");
        self.lifecycle.stop();
        self.stop.send_replace(true);
        shutdown::drain(self.listener, self.dispatch, self.grace).await;
        let _ = self.housekeeping.await;
        // The last outcomes are written; a commit that asks for an fsync takes them along.
        let last = crate::store::Commit::synced(Vec::new());
        if let Err(error) = self.store.commit(last).await {
            tracing::error!(%error, "the last outcomes may not be on disk");
        }
        tracing::info!("stopped");
    }
}

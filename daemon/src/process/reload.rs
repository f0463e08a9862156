//! Reload as one transaction: read all, check all, then swap all or keep all.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwap;
use nudged_plugin_api::Timestamp;
use tokio::sync::watch;

use super::notify;
use super::plan::{self, Plan};
use crate::api::Life;
use crate::api::access::Policy;
use crate::config::{Config, Problem, Problems};
use crate::dispatch::{Changes, Dispatch, Routes};
use crate::driver::{Catalog, Loader};
use crate::model::{Rules, now};

/// A reload that was tried.
#[derive(Clone, Debug)]
pub struct LastReload {
    /// When.
    pub at: Timestamp,
    /// Why it was not taken; none when it was.
    pub problems: Vec<Problem>,
}

/// Takes a new configuration into use.
pub struct Reload {
    file: PathBuf,
    loader: Loader,
    routes: Arc<Routes>,
    dispatch: Arc<Dispatch>,
    rules: Arc<ArcSwap<Rules>>,
    catalog: ArcSwap<Catalog>,
    policy: ArcSwap<Policy>,
    /// Grows with each policy.
    generation: watch::Sender<u64>,
    last: Mutex<Option<LastReload>>,
    one_at_a_time: tokio::sync::Mutex<()>,
    fixed: Mutex<Option<Fixed>>,
}

/// What is in force from the start to the end of the process.
#[derive(Clone, PartialEq)]
struct Fixed {
    socket: String,
    store: String,
    shutdown: String,
}

/// What a reload did.
#[derive(Debug)]
pub struct Reloaded {
    /// Which channels changed.
    pub changes: Changes,
    /// What works but should be looked at.
    pub warnings: Vec<String>,
}

impl Reload {
    /// Reloads from `file` into these.
    pub fn new(
        file: PathBuf,
        loader: Loader,
        routes: Arc<Routes>,
        dispatch: Arc<Dispatch>,
        rules: Arc<ArcSwap<Rules>>,
    ) -> Self {
        Self {
            file,
            loader,
            routes,
            dispatch,
            rules,
            catalog: ArcSwap::default(),
            policy: ArcSwap::default(),
            generation: watch::Sender::new(0),
            last: Mutex::default(),
            one_at_a_time: tokio::sync::Mutex::default(),
            fixed: Mutex::default(),
        }
    }

    /// Reads, checks and opens everything anew; takes all of it, or keeps all as it was.
    pub async fn run(self: &Arc<Self>, life: &Life) -> Result<Reloaded, Problems> {
        let _one = self.one_at_a_time.lock().await;
        life.reloading(true);
        notify::reloading();
        let this = self.clone();
        // Files, libraries and keys: slow things that must not hold up the sending.
        let made = tokio::task::spawn_blocking(move || plan::make(&this.file, &this.loader)).await;
        let made = made.unwrap_or_else(|_| {
            Err(Problem::new(&self.file, "reading it failed; see the log").into())
        });
        let result = made.map(|plan| self.take(plan));
        life.reloading(false);
        self.report(&result);
        result
    }

    fn report(&self, result: &Result<Reloaded, Problems>) {
        let problems = result
            .as_ref()
            .err()
            .map(|it| it.0.clone())
            .unwrap_or_default();
        // First, so that whoever hears of the reload finds it here.
        let last = LastReload {
            at: now(),
            problems,
        };
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = Some(last);
        match result {
            Ok(reloaded) => {
                for warning in &reloaded.warnings {
                    tracing::warn!(warning, "look at this");
                }
                let changes = &reloaded.changes;
                tracing::info!(started = ?changes.started, replaced = ?changes.replaced,
                    kept = ?changes.kept, stopped = ?changes.stopped, "configuration reloaded");
                notify::ready("configuration reloaded");
            }
            Err(Problems(problems)) => {
                for problem in problems {
                    tracing::error!(%problem, "reload refused, everything stays as it was");
                }
                let first = problems
                    .first()
                    .map(ToString::to_string)
                    .unwrap_or_default();
                notify::ready(&format!(
                    "reload refused, the old configuration stays: {first}"
                ));
            }
        }
    }

    /// Takes a plan into use; cannot fail.
    pub fn take(&self, plan: Plan) -> Reloaded {
        let Plan {
            config,
            policy,
            catalog,
            routes,
            mut warnings,
        } = plan;
        warnings.extend(self.unchangeable(&config));
        self.rules.store(Arc::new(config.rules()));
        self.policy.store(Arc::new(policy));
        self.generation.send_modify(|generation| *generation += 1);
        self.catalog.store(Arc::new(catalog));
        // Tasks before names: what is admitted by a new name finds its task running.
        let changes = self.dispatch.apply(&routes);
        let running = routes
            .into_iter()
            .map(|route| match self.dispatch.view(route.certificate_id) {
                Some((kept, _)) => kept,
                None => route,
            })
            .collect();
        self.routes.swap(running);
        Reloaded { changes, warnings }
    }

    /// Keys that only a restart can change.
    fn unchangeable(&self, config: &Config) -> Vec<String> {
        let now = Fixed {
            socket: format!("{:?}", config.socket),
            store: format!("{:?}", config.store),
            shutdown: format!("{:?}", config.shutdown),
        };
        let mut fixed = self.fixed.lock().unwrap_or_else(PoisonError::into_inner);
        let first = fixed.get_or_insert_with(|| now.clone());
        let mut warnings = Vec::new();
        for (key, differs) in [
            ("socket", first.socket != now.socket),
            ("store", first.store != now.store),
            ("shutdown", first.shutdown != now.shutdown),
        ] {
            if differs {
                warnings.push(format!(
                    "{}: [{key}] has changed, which takes effect at the next restart",
                    config.file.display()
                ));
            }
        }
        warnings
    }

    /// The last reload.
    pub fn last(&self) -> Option<LastReload> {
        self.last
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// The drivers in use.
    pub fn catalog(&self) -> Arc<Catalog> {
        self.catalog.load_full()
    }

    /// Changes with each policy, after it.
    pub fn generation(&self) -> watch::Receiver<u64> {
        self.generation.subscribe()
    }

    /// Who may do what.
    pub fn policy(&self) -> Arc<Policy> {
        self.policy.load_full()
    }
}

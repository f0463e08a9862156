//! Reload as one transaction: read all, check all, then swap all or keep all.

mod cut_off;
mod diff;
mod identity;
mod probe;
mod reconcile;
mod report;
mod restore;
mod startup;

use crate::sync::Mutex;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use arc_swap::ArcSwap;
use futures_util::future::BoxFuture;

use super::notify::{self, Progress};
use super::plan::{self, Plan, PreviousPlan};
use crate::access::Access;
use crate::channels::{self, CertificateMeanings};
use crate::channels::{Route, RouteTable, Routes};
use crate::clock::now;
use crate::config::{ChannelSources, Config, ConfigProblem, ConfigProblems, shown};
use crate::dispatch::Dispatch;
use crate::driver::{Catalog, Loader};
use crate::lifecycle::Lifecycle;
use crate::model::{CertificateId, Rules};
use crate::registry::{CanonicalizeCounts, Registry};
use crate::reloading::{LastReload, ReloadMode, Reloaded, Reloading};
use diff::{ChangedParts, ReloadDiff};
pub use identity::identify;
use startup::StartupSettings;

/// What a configuration is taken into.
pub struct ReloadTargets {
    /// The main file.
    pub file: PathBuf,
    /// Loads drivers.
    pub loader: Loader,
    /// Shows that it reloads.
    pub lifecycle: Arc<Lifecycle>,
    /// Who may do what.
    pub access: Arc<Access>,
    /// The channels.
    pub routes: Arc<Routes>,
    /// Their tasks.
    pub dispatch: Arc<Dispatch>,
    /// What holds for every notification.
    pub rules: Arc<ArcSwap<Rules>>,
    /// How many devices a channel has.
    pub registry: Arc<Registry>,
    /// What certificate ids stand for.
    pub meanings: CertificateMeanings,
}

/// Takes a new configuration into use.
pub struct Reloader {
    file: PathBuf,
    loader: Loader,
    lifecycle: Arc<Lifecycle>,
    access: Arc<Access>,
    registry: Arc<Registry>,
    meanings: CertificateMeanings,
    routes: Arc<Routes>,
    dispatch: Arc<Dispatch>,
    rules: Arc<ArcSwap<Rules>>,
    catalog: ArcSwap<Catalog>,
    last: Mutex<Option<LastReload>>,
    one_at_a_time: tokio::sync::Mutex<()>,
    startup: OnceLock<StartupSettings>,
}

impl Reloader {
    /// Reloads from a file into these.
    pub fn new(parts: ReloadTargets) -> Self {
        let ReloadTargets {
            file,
            loader,
            lifecycle,
            access,
            routes,
            dispatch,
            rules,
            registry,
            meanings,
        } = parts;
        Self {
            file,
            loader,
            lifecycle,
            access,
            registry,
            meanings,
            routes,
            dispatch,
            rules,
            catalog: ArcSwap::default(),
            last: Mutex::default(),
            one_at_a_time: tokio::sync::Mutex::default(),
            startup: OnceLock::new(),
        }
    }

    /// Reads, checks and opens everything anew; takes all of it, or keeps all as it was. Goes on to
    /// its end though nobody waits for it.
    pub async fn run(self: &Arc<Self>, mode: ReloadMode) -> Result<Reloaded, ConfigProblems> {
        let this = self.clone();
        let reloading = tokio::spawn(async move { this.run_locked(&mode).await });
        reloading.await.unwrap_or_else(|_| Err(self.failed()))
    }

    fn failed(&self) -> ConfigProblems {
        ConfigProblem::new(&self.file, "internal error while reading it; see the log").into()
    }

    async fn run_locked(self: &Arc<Self>, how: &ReloadMode) -> Result<Reloaded, ConfigProblems> {
        let _one = self.one_at_a_time.lock().await;
        if how.dry_run {
            return self.apply(how).await;
        }
        self.lifecycle.reloading(true);
        notify::reloading();
        let result = self.apply(how).await;
        self.lifecycle.reloading(false);
        // First, so that whoever hears of the reload finds it here.
        *self.last.lock() = Some(LastReload {
            at: now(),
            problems: result
                .as_ref()
                .err()
                .map(|it| it.0.clone())
                .unwrap_or_default(),
        });
        report::report(&result);
        result
    }

    /// The steps in order: built, compared, asked about, taken.
    async fn apply(self: &Arc<Self>, how: &ReloadMode) -> Result<Reloaded, ConfigProblems> {
        let before = self.routes.current();
        let runs_from = |id, sources: &ChannelSources| {
            let running = self.dispatch.view(id);
            running.is_some_and(|(route, _)| route.inputs.sources == *sources)
        };
        let mut plan = self.build_plan(&before).await?.strict(runs_from)?;
        let (known, time) = (self.meanings.all(), now());
        identify(&mut plan, &known, &how.rebind, time);
        reconcile::reconcile(&mut plan, &before)?;
        plan.warnings.extend(unused(&plan, how));
        // Of what goes on as it is it was said before.
        let advice = plan.advice(|route| reconcile::is_new(route, &before));
        plan.warnings.extend(advice);
        let probes = match how.probe.unwrap_or(plan.config.probe) {
            true => probe::probe(&self.dispatch, &mut plan, &before).await?,
            false => Vec::new(),
        };
        let devices = |id| self.registry.devices_of(id);
        let cut_off = cut_off::cut_off(&plan, &before, &known, devices, time);
        plan.warnings.extend(cut_off);
        let of = match how.restore {
            true => plan.routes.iter().map(|it| it.certificate_id).collect(),
            false => channels::with_changed_settings(&plan.routes, &known),
        };
        if how.dry_run {
            return Ok(Reloaded {
                restorable: channels::count_restorable(&self.registry, &plan.routes, &of).await,
                restored: Vec::new(),
                changes: ReloadDiff::of(&plan, &before).changes(),
                broken: names(&plan),
                probes,
                restart: self.unchangeable(&plan.config),
                warnings: plan.warnings,
            });
        }
        self.learn(&plan).await;
        let routes = plan.routes.clone();
        let diff = ReloadDiff::of(&plan, &before);
        let taken = self.take(plan);
        for (channel, parts) in diff.replaced() {
            tracing::info!(channel, changed = %ChangedParts(parts), "channel is replaced");
        }
        // After: what is reported from now on has its form.
        self.align(&routes).await;
        let done = Reloaded { probes, ..taken };
        // After: what comes back is sent to with the new settings, and has its form.
        Ok(match how.restore {
            true => restore::restore(&self.registry, &routes, done).await,
            false => self.offer(&routes, &of, done).await,
        })
    }

    async fn offer(
        &self,
        routes: &[Arc<Route>],
        of: &BTreeSet<CertificateId>,
        done: Reloaded,
    ) -> Reloaded {
        let min_warned = self.rules.load().brake.day_least;
        restore::offer(&self.registry, routes, of, min_warned, done).await
    }

    async fn build_plan(self: &Arc<Self>, before: &RouteTable) -> Result<Plan, ConfigProblems> {
        let mut used: Vec<String> = before.routes().map(|it| it.info.vendor.clone()).collect();
        used.sort_unstable();
        used.dedup();
        let before = PreviousPlan {
            catalog: self.catalog(),
            used,
        };
        let this = self.clone();
        // Files, libraries and keys: slow things that must not hold up the sending.
        let make = move || plan::make(&this.file, &this.loader, &before);
        let made = tokio::task::spawn_blocking(make).await;
        made.unwrap_or_else(|_| Err(self.failed()))
    }

    /// Takes what a start has made; a channel that cannot be opened keeps none from serving. Takes
    /// nothing, and gives nothing, if it is to stop before.
    pub async fn begin(&self, mut plan: Plan, stop: impl Future<Output = ()>) -> Option<Reloaded> {
        let known = self.meanings.all();
        identify(&mut plan, &known, &BTreeSet::new(), now());
        for channel in &plan.broken {
            for problem in &channel.problems {
                tracing::error!(channel = channel.name, %problem, "channel is broken, the others serve");
            }
        }
        let advice = plan.advice(|_| true);
        plan.warnings.extend(advice);
        self.learn(&plan).await;
        // Before: nothing is sent to two devices that are one. What is left of it when the daemon is
        // to stop is done at the next start.
        tokio::select! {
            () = self.align(&plan.routes) => {}
            () = stop => return None,
        }
        let (routes, of) = (
            plan.routes.clone(),
            channels::with_changed_settings(&plan.routes, &known),
        );
        let taken = self.take(plan);
        // Its settings may have changed while the daemon was down.
        Some(self.offer(&routes, &of, taken).await)
    }

    /// Has the registry know devices as the routes do: by their canonical tokens and by which
    /// channels share an account.
    async fn align(&self, routes: &[Arc<Route>]) {
        let mut progress = Progress::start();
        let seen = |done: &CanonicalizeCounts| {
            progress.report(|| {
                let seen = shown::thousands(done.seen);
                format!("canonicalizing tokens: {seen} devices so far")
            });
        };
        channels::canonicalize(&self.registry, &self.meanings, routes, seen).await;
        channels::share_accounts(&self.registry, &self.meanings).await;
    }

    async fn learn(&self, plan: &Plan) {
        let routes = plan.routes.iter().map(|route| &**route);
        if let Err(error) = self.meanings.learn(routes, now()).await {
            tracing::error!(%error, "cannot store what certificate ids stand for; the next reload tries again");
        }
    }

    /// Takes a plan into use; cannot fail.
    fn take(&self, plan: Plan) -> Reloaded {
        let broken_names = names(&plan);
        let Plan {
            config,
            policy,
            catalog,
            routes,
            broken,
            mut warnings,
            advice: _,
            loose: _,
        } = plan;
        let restart = self.unchangeable(&config);
        warnings.extend(restart.iter().map(|key| {
            let file = config.file.display();
            format!("{file}: [{key}] has changed, which takes effect at the next restart")
        }));
        self.rules.store(Arc::new(config.rules()));
        self.access.replace(policy);
        self.catalog.store(Arc::new(catalog));
        // req 4: in force with the next message, without a restart
        // Tasks before names: what is admitted by a new name finds its task running.
        let changes = self.dispatch.apply(&routes);
        let running = routes
            .into_iter()
            .map(|route| match self.dispatch.view(route.certificate_id) {
                Some((kept, _)) => kept,
                None => route,
            })
            .collect();
        self.routes
            .swap(running, broken.into_iter().map(Arc::new).collect());
        Reloaded {
            changes,
            broken: broken_names,
            probes: Vec::new(),
            restart,
            warnings,
            restorable: Vec::new(),
            restored: Vec::new(),
        }
    }

    /// Whose devices get no push, as no channel has their certificate id any more: those that went
    /// while the daemon was down.
    pub fn orphaned_devices(&self) -> Vec<String> {
        let table = self.routes.current();
        let known = self.meanings.all().into_iter();
        let gone = known.filter(|(id, _)| table.by_id(*id).is_none());
        let warnings = gone.filter_map(|(id, meaning)| {
            let count = cut_off::counted(self.registry.devices_of(id))?;
            Some(cut_off::gone(&meaning.channel, id, &count))
        });
        warnings.collect()
    }

    /// Sections that have changed, which only a restart can do.
    fn unchangeable(&self, config: &Config) -> Vec<String> {
        let new = StartupSettings::of(config);
        let startup = self.startup.get_or_init(|| new.clone());
        let changed = startup.changes(&new).into_iter();
        changed.map(str::to_owned).collect()
    }

    fn catalog(&self) -> Arc<Catalog> {
        self.catalog.load_full()
    }
}

impl Reloading for Reloader {
    fn reload(
        self: Arc<Self>,
        mode: ReloadMode,
    ) -> BoxFuture<'static, Result<Reloaded, ConfigProblems>> {
        Box::pin(async move { self.run(mode).await })
    }

    fn last(&self) -> Option<LastReload> {
        self.last.lock().clone()
    }

    fn catalog(&self) -> Arc<Catalog> {
        Reloader::catalog(self)
    }

    fn file(&self) -> &Path {
        &self.file
    }
}

fn names(plan: &Plan) -> Vec<String> {
    plan.broken.iter().map(|it| it.name.clone()).collect()
}

/// Ids that were to be rebound, but that no channel has.
fn unused(plan: &Plan, how: &ReloadMode) -> Vec<String> {
    let has = |id| plan.routes.iter().any(|it| it.certificate_id == id);
    let unused = how.rebind.iter().filter(|id| !has(**id));
    unused
        .map(|id| format!("certificate id {id} cannot be rebound: no channel has it"))
        .collect()
}

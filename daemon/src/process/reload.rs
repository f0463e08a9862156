//! Reload as one transaction: read all, check all, then swap all or keep all.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwap;
use futures_util::future::BoxFuture;

use super::meaning::Meanings;
use super::plan::{self, Before, Plan};
use super::undo;
use super::{accounts, change, forms, notify};
use crate::access::Access;
use crate::channels::{Route, Routes, Table};
use crate::config::{Config, ConfigProblem, ConfigProblems};
use crate::dispatch::{Dispatch, Probed};
use crate::driver::{Catalog, Loader};
use crate::lifecycle::Lifecycle;
use crate::model::{CertificateId, Rules, now};
use crate::registry::Registry;
use crate::reload::{LastReload, ReloadMode, Reloaded, Reloading};

/// What a configuration is taken into.
pub struct Parts {
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
    pub meanings: Meanings,
}

/// Takes a new configuration into use.
pub struct Reload {
    file: PathBuf,
    loader: Loader,
    lifecycle: Arc<Lifecycle>,
    access: Arc<Access>,
    registry: Arc<Registry>,
    meanings: Meanings,
    routes: Arc<Routes>,
    dispatch: Arc<Dispatch>,
    rules: Arc<ArcSwap<Rules>>,
    catalog: ArcSwap<Catalog>,
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

impl Reload {
    /// Reloads from a file into these.
    pub fn new(parts: Parts) -> Self {
        let Parts {
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
            fixed: Mutex::default(),
        }
    }

    /// Reads, checks and opens everything anew; takes all of it, or keeps all as it was. Goes on to
    /// its end though nobody waits for it.
    pub async fn run(self: &Arc<Self>, mode: ReloadMode) -> Result<Reloaded, ConfigProblems> {
        let this = self.clone();
        let reloading = tokio::spawn(async move { this.whole(&mode).await });
        reloading.await.unwrap_or_else(|_| Err(self.failed()))
    }

    fn failed(&self) -> ConfigProblems {
        ConfigProblem::new(&self.file, "reading it failed; see the log").into()
    }

    async fn whole(self: &Arc<Self>, how: &ReloadMode) -> Result<Reloaded, ConfigProblems> {
        let _one = self.one_at_a_time.lock().await;
        if how.dry_run {
            return self.changed(how).await;
        }
        self.lifecycle.reloading(true);
        notify::reloading();
        let result = self.changed(how).await;
        self.lifecycle.reloading(false);
        self.report(&result);
        result
    }

    /// The steps in order: made, compared, asked about, taken.
    async fn changed(self: &Arc<Self>, how: &ReloadMode) -> Result<Reloaded, ConfigProblems> {
        let before = self.routes.now();
        let in_use = |id| self.dispatch.view(id).map(|(route, _)| route.sources);
        let mut plan = self.made(&before).await?.strict(in_use)?;
        let (known, time) = (self.meanings.all(), now());
        change::identify(&mut plan, &known, &how.rebind, time);
        change::reconcile(&mut plan, &before)?;
        plan.warnings.extend(unused(&plan, how));
        // Of what goes on as it is it was said before.
        let advice = plan.advice(|route| change::is_new(route, &before));
        plan.warnings.extend(advice);
        let probes = match how.probe.unwrap_or(plan.config.probe) {
            true => self.probe(&mut plan, &before).await?,
            false => Vec::new(),
        };
        let devices = |id| self.registry.devices_of(id);
        let cut_off = change::cut_off(&plan, &before, &known, devices, time);
        plan.warnings.extend(cut_off);
        let of = match how.restore {
            true => plan.routes.iter().map(|it| it.certificate_id).collect(),
            false => undo::changed(&plan.routes, &known),
        };
        if how.dry_run {
            return Ok(Reloaded {
                restorable: undo::count(&self.registry, &plan.routes, &of).await,
                restored: Vec::new(),
                changes: change::preview(&plan, &before),
                broken: names(&plan),
                probes,
                restart: self.unchangeable(&plan.config),
                warnings: plan.warnings,
            });
        }
        self.learn(&plan).await;
        let routes = plan.routes.clone();
        let taken = self.take(plan);
        // After: what is reported from now on has its form.
        forms::bring(&self.registry, &self.meanings, &routes).await;
        accounts::tell(&self.registry, &self.meanings).await;
        let done = Reloaded { probes, ..taken };
        // After: what comes back is sent to with the new settings, and has its form.
        Ok(match how.restore {
            true => self.restore(&routes, done).await,
            false => self.offer(&routes, &of, done).await,
        })
    }

    async fn restore(&self, routes: &[Arc<Route>], mut done: Reloaded) -> Reloaded {
        match undo::restore(&self.registry, routes).await {
            Ok(restored) => {
                for it in &restored {
                    tracing::info!(
                        channel = it.channel,
                        devices = it.devices,
                        "devices put back"
                    );
                }
                done.restored = restored;
            }
            Err(error) => done.warnings.push(format!(
                "removed devices cannot be put back, the next nudgectl reload --restore goes on: \
                 {error}"
            )),
        }
        done
    }

    /// Says how many devices of channels whose settings changed were removed on words that may have
    /// been the fault of those they had; in the log only if it is a considerable number.
    async fn offer(
        &self,
        routes: &[Arc<Route>],
        of: &BTreeSet<CertificateId>,
        mut done: Reloaded,
    ) -> Reloaded {
        done.restorable = undo::count(&self.registry, routes, of).await;
        let least = self.rules.load().brake.day_least;
        for it in &done.restorable {
            if it.devices >= least.into() {
                tracing::warn!(channel = it.channel, devices = it.devices, "{}", it.offer());
            }
        }
        done
    }

    async fn made(self: &Arc<Self>, before: &Table) -> Result<Plan, ConfigProblems> {
        let mut used: Vec<String> = before.routes().map(|it| it.info.vendor.clone()).collect();
        used.sort_unstable();
        used.dedup();
        let before = Before {
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
        change::identify(&mut plan, &known, &BTreeSet::new(), now());
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
            () = async {
                forms::bring(&self.registry, &self.meanings, &plan.routes).await;
                accounts::tell(&self.registry, &self.meanings).await;
            } => {}
            () = stop => return None,
        }
        let (routes, of) = (plan.routes.clone(), undo::changed(&plan.routes, &known));
        let taken = self.take(plan);
        // Its settings may have changed while the daemon was down.
        Some(self.offer(&routes, &of, taken).await)
    }

    async fn learn(&self, plan: &Plan) {
        let routes = plan.routes.iter().map(|route| &**route);
        if let Err(error) = self.meanings.learn(routes, now()).await {
            tracing::error!(%error, "what certificate ids stand for cannot be written down; the next reload tries again");
        }
    }

    /// Asks the vendors of new and changed channels whether they take the credential.
    async fn probe(
        &self,
        plan: &mut Plan,
        before: &Table,
    ) -> Result<Vec<(String, Probed)>, ConfigProblems> {
        let asked = change::new_or_changed(plan, before).map(async |route: &Arc<Route>| {
            let probed = self.dispatch.probe(route).await;
            (route.clone(), probed)
        });
        let answers = futures_util::future::join_all(asked).await;
        let mut problems = Vec::new();
        let mut probes = Vec::with_capacity(answers.len());
        for (route, probed) in answers {
            match &probed {
                Probed::Refused(problem, remedy) => {
                    problems.push(ConfigProblem::new(&route.file, problem).hint(remedy));
                }
                Probed::Unknown(why) => plan.warnings.push(format!(
                    "channel {}: it is not known whether the vendor takes the credential: {why}",
                    route.name
                )),
                Probed::Good | Probed::NotPossible => {}
            }
            probes.push((route.name.clone(), probed));
        }
        match problems.is_empty() {
            true => Ok(probes),
            false => Err(ConfigProblems(problems)),
        }
    }

    fn report(&self, result: &Result<Reloaded, ConfigProblems>) {
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
                    kept = ?changes.kept, stopped = ?changes.stopped,
                    next_restart = ?reloaded.restart, "configuration reloaded");
                notify::ready(&match reloaded.restart.is_empty() {
                    true => "configuration reloaded".to_owned(),
                    false => format!(
                        "configuration reloaded, but [{}] at the next restart only",
                        reloaded.restart.join("], [")
                    ),
                });
            }
            Err(ConfigProblems(problems)) => {
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
            lax: _,
        } = plan;
        let restart = self.unchangeable(&config);
        warnings.extend(restart.iter().map(|key| {
            let file = config.file.display();
            format!("{file}: [{key}] has changed, which takes effect at the next restart")
        }));
        self.rules.store(Arc::new(config.rules()));
        self.access.replace(policy);
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
    pub fn left_alone(&self) -> Vec<String> {
        let table = self.routes.now();
        let known = self.meanings.all().into_iter();
        let gone = known.filter(|(id, _)| table.by_id(*id).is_none());
        let said = gone.filter_map(|(id, meaning)| {
            let count = change::counted(self.registry.devices_of(id))?;
            Some(change::gone(&meaning.channel, id, &count))
        });
        said.collect()
    }

    /// Sections that have changed, which only a restart can do.
    fn unchangeable(&self, config: &Config) -> Vec<String> {
        let now = Fixed {
            socket: format!("{:?}", config.socket),
            store: format!("{:?}", config.store),
            shutdown: format!("{:?}", config.shutdown),
        };
        let mut fixed = self.fixed.lock().unwrap_or_else(PoisonError::into_inner);
        let first = fixed.get_or_insert_with(|| now.clone());
        [
            ("socket", first.socket != now.socket),
            ("store", first.store != now.store),
            ("shutdown", first.shutdown != now.shutdown),
        ]
        .into_iter()
        .filter(|(_, differs)| *differs)
        .map(|(key, _)| key.to_owned())
        .collect()
    }

    fn catalog(&self) -> Arc<Catalog> {
        self.catalog.load_full()
    }
}

impl Reloading for Reload {
    fn reload(
        self: Arc<Self>,
        mode: ReloadMode,
    ) -> BoxFuture<'static, Result<Reloaded, ConfigProblems>> {
        Box::pin(async move { self.run(mode).await })
    }

    fn last(&self) -> Option<LastReload> {
        self.last
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    fn catalog(&self) -> Arc<Catalog> {
        Reload::catalog(self)
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

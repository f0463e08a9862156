//! Reload as one transaction: read all, check all, then swap all or keep all.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwap;
use nudged_plugin_api::Timestamp;
use tokio::sync::watch;

use super::meaning::Meanings;
use super::plan::{self, Before, Plan};
use super::undo::{self, Blameless};
use super::{accounts, change, forms, notify};
use crate::api::Life;
use crate::api::access::Policy;
use crate::config::{Config, ConfigProblem, ConfigProblems};
use crate::dispatch::{CredentialCheck, Dispatch, Route, RouteChanges, Routes, Table};
use crate::driver::{Catalog, Loader};
use crate::model::{CertificateId, Rules, now};
use crate::registry::Registry;

/// A reload that was tried.
#[derive(Clone, Debug)]
pub struct LastReload {
    /// When.
    pub at: Timestamp,
    /// Why it was not taken; none when it was.
    pub problems: Vec<ConfigProblem>,
}

/// How a reload is done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct How {
    /// Ask vendors about new credentials first; none = as the configuration says.
    pub probe: Option<bool>,
    /// Certificate ids that may come to stand for another account.
    pub rebind: BTreeSet<CertificateId>,
    /// Put the devices back that settings which are no more may have cost.
    pub restore: bool,
    /// Change nothing.
    pub dry_run: bool,
}

/// What a configuration is taken into.
pub struct Parts {
    /// The main file.
    pub file: PathBuf,
    /// Loads drivers.
    pub loader: Loader,
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
    registry: Arc<Registry>,
    meanings: Meanings,
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
    pub changes: RouteChanges,
    /// Channels that are still broken.
    pub broken: Vec<String>,
    /// What vendors said of new credentials, by channel.
    pub probes: Vec<(String, CredentialCheck)>,
    /// Sections that have changed and take effect at the next restart.
    pub restart: Vec<String>,
    /// What works but should be looked at.
    pub warnings: Vec<String>,
    /// Devices that settings which are no more may have cost, and that are not put back.
    pub restorable: Vec<Blameless>,
    /// Those that were put back.
    pub restored: Vec<Blameless>,
}

impl Reload {
    /// Reloads from a file into these.
    pub fn new(parts: Parts) -> Self {
        let Parts {
            file,
            loader,
            routes,
            dispatch,
            rules,
            registry,
            meanings,
        } = parts;
        Self {
            file,
            loader,
            registry,
            meanings,
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

    /// Reads, checks and opens everything anew; takes all of it, or keeps all as it was. Goes on to
    /// its end though nobody waits for it.
    pub async fn run(
        self: &Arc<Self>,
        life: &Arc<Life>,
        how: How,
    ) -> Result<Reloaded, ConfigProblems> {
        let (this, life) = (self.clone(), life.clone());
        let reloading = tokio::spawn(async move { this.whole(&life, &how).await });
        reloading.await.unwrap_or_else(|_| Err(self.failed()))
    }

    fn failed(&self) -> ConfigProblems {
        ConfigProblem::new(&self.file, "reading it failed; see the log").into()
    }

    async fn whole(self: &Arc<Self>, life: &Life, how: &How) -> Result<Reloaded, ConfigProblems> {
        let _one = self.one_at_a_time.lock().await;
        if how.dry_run {
            return self.changed(how).await;
        }
        life.reloading(true);
        notify::reloading();
        let result = self.changed(how).await;
        life.reloading(false);
        self.report(&result);
        result
    }

    /// The steps in order: made, compared, asked about, taken.
    async fn changed(self: &Arc<Self>, how: &How) -> Result<Reloaded, ConfigProblems> {
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
    ) -> Result<Vec<(String, CredentialCheck)>, ConfigProblems> {
        let asked = change::new_or_changed(plan, before).map(async |route: &Arc<Route>| {
            let probed = self.dispatch.probe(route).await;
            (route.clone(), probed)
        });
        let answers = futures_util::future::join_all(asked).await;
        let mut problems = Vec::new();
        let mut probes = Vec::with_capacity(answers.len());
        for (route, probed) in answers {
            match &probed {
                CredentialCheck::Refused(problem, remedy) => {
                    problems.push(ConfigProblem::new(&route.file, problem).hint(remedy));
                }
                CredentialCheck::Unknown(why) => plan.warnings.push(format!(
                    "channel {}: it is not known whether the vendor takes the credential: {why}",
                    route.name
                )),
                CredentialCheck::Good | CredentialCheck::NotPossible => {}
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

    /// The main file.
    pub fn file(&self) -> &std::path::Path {
        &self.file
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

fn names(plan: &Plan) -> Vec<String> {
    plan.broken.iter().map(|it| it.name.clone()).collect()
}

/// Ids that were to be rebound, but that no channel has.
fn unused(plan: &Plan, how: &How) -> Vec<String> {
    let has = |id| plan.routes.iter().any(|it| it.certificate_id == id);
    let unused = how.rebind.iter().filter(|id| !has(**id));
    unused
        .map(|id| format!("certificate id {id} cannot be rebound: no channel has it"))
        .collect()
}

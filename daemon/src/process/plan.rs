//! From files to channels that are ready for use: everything is read, parsed and checked,
//! and nothing that runs is touched.
//!
//! In: `nudged.toml` and what it points to. Out: a [`Plan`] with the channels that can be opened
//! and those that cannot, each with its reasons; only a mistake in the main file costs all.
//! Refuses to know what runs; the reload compares.

mod permissions;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::access::AccessPolicy;
use crate::channels::{self, OpenContext, SharedInputs};
use crate::channels::{BrokenChannel, Route};
use crate::clock::now;
use crate::config::{
    self, ChannelSources, Config, ConfigProblem, ConfigProblems, FileState, TrustedOwners, source,
};
use crate::credential::roots;
use crate::driver::{Catalog, Loader};
use crate::model::CertificateId;
use crate::transport::{Proxy, Roots, TransportSettings};
use permissions::LooseFile;

/// A whole configuration, checked and opened.
pub struct Plan {
    /// What the files say.
    pub config: Config,
    /// Who may do what.
    pub policy: AccessPolicy,
    /// The drivers that there are.
    pub catalog: Catalog,
    /// The channels that can be opened.
    pub routes: Vec<Arc<Route>>,
    /// Those that cannot.
    pub broken: Vec<BrokenChannel>,
    /// What works but should be looked at.
    pub warnings: Vec<String>,
    /// What the settings of channels cost every message.
    pub advice: Vec<ConfigProblem>,
    /// What others can read or change, and must not.
    pub loose: Vec<LooseFile>,
}

/// Vendors answer in a few hundred bytes, or list the dead tokens of a batch of a thousand;
/// what is longer is no vendor.
const MAX_RESPONSE_BODY: usize = 1 << 20;

/// What was in use so far, for what is not there any more.
#[derive(Default)]
pub struct PreviousPlan {
    /// The drivers.
    pub catalog: Arc<Catalog>,
    /// Those that have a channel open.
    pub used: Vec<String>,
}

/// Reads and opens everything that can be. Fails only where nobody could be served.
pub fn make(file: &Path, loader: &Loader, before: &PreviousPlan) -> Result<Plan, ConfigProblems> {
    let config = config::read(file)?;
    let mut catalog = loader.scan(&config.drivers.directory);
    let mut warnings: Vec<String> = catalog
        .refused()
        .iter()
        .map(|refused| refused.problem.clone())
        .collect();
    let is_used = |vendor: &str| before.used.iter().any(|used| used == vendor);
    warnings.extend(catalog.keep(&before.catalog, is_used));
    let policy = AccessPolicy::new(&config.access)
        .map_err(|problem| ConfigProblem::new(&config.file, problem.to_string()).key("access"))?;
    let trusted = TrustedOwners::here(&config.store.path, &config.channels_directory);
    let mut loose = permissions::of_main(&config, &trusted);
    let (transport, roots) = transport(&config, &trusted, &mut loose)?;
    let shared = Arc::new(SharedInputs {
        transport: config.transport.clone(),
        delivery: config.delivery.clone(),
        roots,
    });
    let time = now();
    let mut advice = Vec::new();
    let mut routes = Vec::with_capacity(config.channels.len());
    let mut broken: Vec<BrokenChannel> =
        config.unreadable.iter().map(channels::unreadable).collect();
    let context = OpenContext {
        config: &config,
        catalog: &catalog,
        transport: &transport,
        shared: &shared,
        trusted: &trusted,
        time,
    };
    for channel in &config.channels {
        match channels::open(channel, &context, &mut warnings) {
            Ok(opened) => {
                advice.extend(opened.advice);
                if !config.allow_lax_permissions {
                    let found = opened.loose.into_iter();
                    loose.extend(found.map(|it| LooseFile::of(&opened.route, it)));
                }
                routes.push(Arc::new(opened.route));
            }
            Err(channel) => broken.push(*channel),
        }
    }
    Ok(Plan {
        config,
        policy,
        catalog,
        routes,
        broken,
        warnings,
        advice,
        loose,
    })
}

impl Plan {
    /// As a start takes it: files that others can read or change are warned of.
    pub fn lenient(mut self) -> Self {
        let loose = std::mem::take(&mut self.loose);
        self.warnings.extend(loose.iter().map(LooseFile::warning));
        self
    }

    /// As a reload or a check takes it; `runs_from` says whether a channel runs that was made from
    /// these sources.
    pub fn strict(
        mut self,
        runs_from: impl Fn(CertificateId, &ChannelSources) -> bool,
    ) -> Result<Self, ConfigProblems> {
        let loose = std::mem::take(&mut self.loose);
        self.warnings.extend(permissions::refuse(loose, runs_from)?);
        Ok(self)
    }

    /// What the settings of these channels cost every message.
    pub fn advice(&self, of: impl Fn(&Route) -> bool) -> Vec<String> {
        let of = self.routes.iter().filter(|route| of(route));
        let advice = of.flat_map(|route| self.advice.iter().filter(|it| it.file == route.file));
        advice.map(ToString::to_string).collect()
    }
}

fn transport(
    config: &Config,
    trusted: &TrustedOwners,
    loose: &mut Vec<LooseFile>,
) -> Result<(TransportSettings, BTreeMap<PathBuf, FileState>), ConfigProblems> {
    let from = &config.transport;
    let (mut extra, mut states) = (Vec::new(), BTreeMap::new());
    for path in &from.extra_roots {
        let read = source::read(path, source::MAX_ROOTS)
            .map_err(|error| ConfigProblem::new(path, error.to_string()))?;
        loose.extend(LooseFile::of_all(
            path,
            trusted.check_file(read.permissions),
        ));
        let name = path.display().to_string();
        let found = roots(&name, &read.contents)
            .map_err(|error| ConfigProblem::new(path, error.to_string()).hint(error.remedy()))?;
        extra.extend(found);
        states.insert(path.clone(), FileState::of(&read));
    }
    let proxy = from
        .proxy
        .as_ref()
        .map(|proxy| Proxy::parse(proxy.reveal()))
        .transpose()
        .map_err(|error| {
            ConfigProblem::new(&config.file, error.to_string()).key("transport.proxy")
        })?;
    let settings = TransportSettings {
        roots: Roots::with_extra(extra),
        proxy,
        connect_timeout: from.connect_timeout,
        request_timeout: from.request_timeout,
        max_response_body: MAX_RESPONSE_BODY,
        max_connections: from.max_connections.max(1),
        ..TransportSettings::default()
    };
    Ok((settings, states))
}

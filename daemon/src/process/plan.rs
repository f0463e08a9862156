//! From files to channels that are ready for use: everything is read, parsed and checked,
//! and nothing that runs is touched.
//!
//! In: `nudged.toml` and what it points to. Out: a [`Plan`] with the channels that can be opened
//! and those that cannot, each with its reasons; only a mistake in the main file costs all.
//! Refuses to know what runs; `change` compares.

use std::path::Path;
use std::sync::Arc;

use nudged_plugin_api::host::OpenError;
use nudged_plugin_api::{Info, Timestamp};

use super::lax::{self, LaxFile};
use super::{candidates, expiry, fingerprint, names, rehearsal, settings, terms};
use crate::api::access::Policy;
use crate::config::{
    self, ChannelFile, Config, ConfigProblem, ConfigProblems, Defaults, Trusted, UnreadableChannel,
    shown, source,
};
use crate::credential::roots;
use crate::dispatch::{BrokenChannel, Route};
use crate::driver::{self, Catalog, Driver, Loader};
use crate::model::now;
use crate::outcome::Backoff;
use crate::transport::{AllowedHosts, Client, Proxy, Roots, TransportSettings};

/// A whole configuration, checked and opened.
pub struct Plan {
    /// What the files say.
    pub config: Config,
    /// Who may do what.
    pub policy: Policy,
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
    pub lax: Vec<LaxFile>,
}

/// Vendors answer in a few hundred bytes, or list the dead tokens of a batch of a thousand;
/// what is longer is no vendor.
const LONGEST_ANSWER: usize = 1 << 20;

/// What was in use so far, for what is not there any more.
#[derive(Default)]
pub struct Before {
    /// The drivers.
    pub catalog: Arc<Catalog>,
    /// Those that have a channel open.
    pub used: Vec<String>,
}

/// Reads and opens everything that can be. Fails only where nobody could be served.
pub fn make(file: &Path, loader: &Loader, before: &Before) -> Result<Plan, ConfigProblems> {
    let config = config::read(file)?;
    let mut catalog = loader.scan(&config.drivers.directory);
    let mut warnings: Vec<String> = catalog
        .refused()
        .iter()
        .map(|refused| refused.problem.clone())
        .collect();
    let is_used = |vendor: &str| before.used.iter().any(|used| used == vendor);
    warnings.extend(catalog.keep(&before.catalog, is_used));
    let policy = Policy::new(&config.access)
        .map_err(|problem| ConfigProblem::new(&config.file, problem).key("access"))?;
    let trusted = Trusted::here(&config.store.path, &config.channels_directory);
    let mut lax = lax::of_main(&config, &trusted);
    let transport = transport(&config, &trusted, &mut lax)?;
    let time = now();
    let mut advice = Vec::new();
    let mut routes = Vec::with_capacity(config.channels.len());
    let mut broken: Vec<BrokenChannel> = config.unreadable.iter().map(unreadable).collect();
    let common = Common {
        config: &config,
        catalog: &catalog,
        transport: &transport,
        trusted: &trusted,
        time,
    };
    for channel in &config.channels {
        let driver = catalog.driver(&channel.driver);
        let named = match driver {
            Some(driver) => names::resolve(channel, &driver.info.settings),
            None => Ok((channel.clone(), Vec::new())),
        };
        // First: what changes while it is read is read again at the next reload.
        let sources = fingerprint::of_sources(channel);
        let made = named.and_then(|(resolved, unneeded)| {
            warnings.extend(unneeded);
            route(&resolved, sources, &common, &mut warnings)
        });
        match made {
            Ok((route, found)) => {
                advice.extend(rehearsal::advice(channel, &route));
                if !config.allow_lax_permissions {
                    lax.extend(found.into_iter().map(|it| LaxFile::of(&route, it)));
                }
                routes.push(Arc::new(route));
            }
            Err(problems) => broken.push(unopened(channel, sources, driver, problems)),
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
        lax,
    })
}

impl Plan {
    /// What the settings of these channels cost every message.
    pub fn advice(&self, of: impl Fn(&Route) -> bool) -> Vec<String> {
        let of = self.routes.iter().filter(|route| of(route));
        let advice = of.flat_map(|route| self.advice.iter().filter(|it| it.file == route.file));
        advice.map(ToString::to_string).collect()
    }
}

fn unreadable(channel: &UnreadableChannel) -> BrokenChannel {
    BrokenChannel {
        name: channel.name.clone(),
        app: channel.app.clone(),
        certificate_id: channel.certificate_id,
        info: nobody(channel.driver.as_deref().unwrap_or_default()),
        defaults: Defaults::default(),
        problems: vec![channel.problem.clone()],
        sources: fingerprint::of_unreadable(channel),
        file: channel.file.clone(),
        credential_expires_at: None,
    }
}

fn unopened(
    channel: &ChannelFile,
    sources: u64,
    driver: Option<&Driver>,
    problems: Vec<ConfigProblem>,
) -> BrokenChannel {
    BrokenChannel {
        name: channel.name.clone(),
        app: Some(channel.app.clone()),
        certificate_id: Some(channel.certificate_id),
        info: driver.map_or_else(|| nobody(&channel.driver), |driver| driver.info.clone()),
        defaults: channel.defaults.clone(),
        problems,
        sources,
        file: channel.file.clone(),
        credential_expires_at: None,
    }
}

/// What is known of a driver that is not there.
fn nobody(vendor: &str) -> Info {
    Info::new(vendor, vendor, "")
}

fn transport(
    config: &Config,
    trusted: &Trusted,
    lax: &mut Vec<LaxFile>,
) -> Result<TransportSettings, ConfigProblems> {
    let from = &config.transport;
    let mut extra = Vec::new();
    for path in &from.extra_roots {
        let read = source::read(path, source::MOST_ROOTS)
            .map_err(|error| ConfigProblem::new(path, error.to_string()))?;
        lax.extend(LaxFile::of_all(path, trusted.written(read.permissions)));
        let name = path.display().to_string();
        let found = roots(&name, &read.contents)
            .map_err(|error| ConfigProblem::new(path, error.to_string()).hint(error.remedy()))?;
        extra.extend(found);
    }
    let proxy = from
        .proxy
        .as_ref()
        .map(|proxy| Proxy::parse(proxy.reveal()))
        .transpose()
        .map_err(|error| {
            ConfigProblem::new(&config.file, error.to_string()).key("transport.proxy")
        })?;
    Ok(TransportSettings {
        roots: Roots::with_extra(extra),
        proxy,
        connect_timeout: from.connect_timeout,
        request_timeout: from.request_timeout,
        max_response_body: LONGEST_ANSWER,
        max_connections: from.max_connections.max(1),
        ..TransportSettings::default()
    })
}

/// What all channels are opened with.
#[derive(Clone, Copy)]
struct Common<'a> {
    config: &'a Config,
    catalog: &'a Catalog,
    transport: &'a TransportSettings,
    trusted: &'a Trusted,
    time: Timestamp,
}

/// Opens a channel. Says too which of its files others can read or change, and must not.
fn route(
    channel: &ChannelFile,
    sources: u64,
    common: &Common<'_>,
    warnings: &mut Vec<String>,
) -> Result<(Route, Vec<ConfigProblem>), Vec<ConfigProblem>> {
    let Common {
        config,
        catalog,
        transport,
        trusted,
        time,
    } = *common;
    // First, as the sources are.
    let opened_with = fingerprint::of_settings(channel);
    let driver = driver(channel, config, catalog).map_err(|problem| vec![problem])?;
    let mut read = settings::read(channel, driver, time, trusted)?;
    let opened = candidates::open(driver, &mut read, time);
    let one =
        |problem: ConfigProblem| vec![settings::without_secrets(channel, &read.secrets, problem)];
    let opened = opened.map_err(|error| match error {
        OpenError::Setting(error) => one(channel
            .problem(&error.setting, error.problem)
            .hint(error.remedy)),
        OpenError::Call(error) => {
            let error = read.secrets.of_call(error);
            one(ConfigProblem::new(&channel.file, error.to_string()))
        }
        error => one(ConfigProblem::new(&channel.file, error.to_string())),
    })?;
    let hosts = AllowedHosts::new(
        driver.info.hosts.iter().map(String::as_str),
        read.urls.iter().map(String::as_str),
    )
    .map_err(|error| {
        one(ConfigProblem::new(
            &channel.file,
            format!("a host of the channel: {error}"),
        ))
    })?;
    let concurrency = channel
        .limits
        .concurrency
        .unwrap_or(driver.info.concurrency);
    let identity = read.identity.as_ref();
    let client = Client::new(transport, identity, driver.info.protocol, concurrency)
        .map_err(|error| one(ConfigProblem::new(&channel.file, error.to_string())))?;
    let credential_expires_at = identity.map(|identity| identity.expires_at);
    if let Some(expires_at) = credential_expires_at
        && expiry::soon(expires_at, time)
    {
        warnings.push(format!(
            "{}: the certificate expires at {}",
            channel.file.display(),
            crate::model::rfc3339(expires_at)
        ));
    }
    let route = Route {
        name: channel.name.clone(),
        app: channel.app.clone(),
        certificate_id: channel.certificate_id,
        info: driver.info.clone(),
        driver: driver::Channel::new(opened, read.secrets),
        defaults: channel.defaults.clone(),
        hosts,
        client,
        concurrency: concurrency as usize,
        rate: channel.limits.rate.or(driver.info.rate),
        terms: terms::of(channel, &driver.info)?,
        backoff: Backoff::try_new(
            config.delivery.first_retry,
            config.delivery.longest_retry,
            config.delivery.longest_hold,
        )
        .expect("the file's spans were checked when it was read"),
        credential_expires_at,
        fingerprint: fingerprint::of_route(sources, driver, config),
        sources,
        settings: opened_with,
        forms: fingerprint::of_forms(opened_with, driver),
        file: channel.file.clone(),
    };
    rehearsal::of_defaults(channel, &route, time, warnings).map_err(|problem| vec![problem])?;
    Ok((route, read.lax))
}

fn driver<'a>(
    channel: &ChannelFile,
    config: &Config,
    catalog: &'a Catalog,
) -> Result<&'a Driver, ConfigProblem> {
    if let Some(driver) = catalog.driver(&channel.driver) {
        return Ok(driver);
    }
    let names: Vec<&str> = catalog
        .drivers()
        .map(|driver| driver.info.vendor.as_str())
        .collect();
    let there = if names.is_empty() {
        "none".to_owned()
    } else {
        names.join(", ")
    };
    let problem = format!(
        "there is no driver {} in {} (usable: {there})",
        shown::name(&channel.driver),
        config.drivers.directory.display()
    );
    let hint = catalog
        .refused()
        .iter()
        .find(|refused| {
            let name = refused.file.file_name().unwrap_or_default();
            // A directory that is refused takes all that is in it along.
            refused.file == config.drivers.directory
                || name.to_string_lossy().contains(&channel.driver)
        })
        .map_or_else(
            || "install its package".to_owned(),
            |refused| refused.problem.clone(),
        );
    Err(channel.problem("driver", problem).hint(hint))
}

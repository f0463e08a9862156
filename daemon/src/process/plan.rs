//! From files to channels that are ready for use: everything is read, parsed and checked,
//! and nothing that runs is touched.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;
use std::sync::Arc;

use nudged_plugin_api::Timestamp;
use nudged_plugin_api::host::OpenError;

use super::{candidates, names, rehearsal, settings, terms};
use crate::api::access::Policy;
use crate::config::{self, ChannelFile, Config, Problem, Problems};
use crate::credential::roots;
use crate::dispatch::Route;
use crate::driver::{Catalog, Driver, Loader};
use crate::model::now;
use crate::outcome::Patience;
use crate::transport::{AllowedHosts, Client, Proxy, Roots, TransportSettings};

/// A whole configuration, checked and opened.
pub struct Plan {
    /// What the files say.
    pub config: Config,
    /// Who may do what.
    pub policy: Policy,
    /// The drivers that there are.
    pub catalog: Catalog,
    /// The channels.
    pub routes: Vec<Arc<Route>>,
    /// What works but should be looked at.
    pub warnings: Vec<String>,
}

/// Vendors answer in a few hundred bytes, or list the dead tokens of a batch of a thousand;
/// what is longer is no vendor.
const LONGEST_ANSWER: usize = 1 << 20;
/// Certificates that expire sooner are worth a warning.
const SOON_DAYS: u64 = 30;

/// Reads and opens everything, or says all that is wrong.
pub fn make(file: &Path, loader: &Loader) -> Result<Plan, Problems> {
    let config = config::read(file)?;
    let catalog = loader.scan(&config.drivers.directory);
    let mut warnings: Vec<String> = catalog
        .refused()
        .iter()
        .map(|refused| refused.problem.clone())
        .collect();
    let policy = Policy::new(&config.access)
        .map_err(|problem| Problem::new(&config.file, problem).key("access"))?;
    let transport = transport(&config)?;
    let time = now();
    let mut routes = Vec::with_capacity(config.channels.len());
    let mut problems = Vec::new();
    for channel in &config.channels {
        match route(channel, &config, &catalog, &transport, time, &mut warnings) {
            Ok(route) => routes.push(Arc::new(route)),
            Err(mut found) => problems.append(&mut found),
        }
    }
    if problems.is_empty() {
        Ok(Plan {
            config,
            policy,
            catalog,
            routes,
            warnings,
        })
    } else {
        Err(Problems(problems))
    }
}

fn transport(config: &Config) -> Result<TransportSettings, Problems> {
    let from = &config.transport;
    let mut extra = Vec::new();
    for path in &from.extra_roots {
        let contents = std::fs::read(path)
            .map_err(|error| Problem::new(path, format!("cannot read: {error}")))?;
        let name = path.display().to_string();
        let found = roots(&name, &contents)
            .map_err(|error| Problem::new(path, error.to_string()).hint(error.remedy()))?;
        extra.extend(found);
    }
    let proxy = from
        .proxy
        .as_deref()
        .map(Proxy::parse)
        .transpose()
        .map_err(|error| Problem::new(&config.file, error.to_string()).key("transport.proxy"))?;
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

fn route(
    channel: &ChannelFile,
    config: &Config,
    catalog: &Catalog,
    transport: &TransportSettings,
    time: Timestamp,
    warnings: &mut Vec<String>,
) -> Result<Route, Vec<Problem>> {
    let driver = driver(channel, config, catalog).map_err(|problem| vec![problem])?;
    let (channel, unneeded) = names::resolve(channel, &driver.info.settings)?;
    let channel = &channel;
    warnings.extend(unneeded);
    let mut read = settings::read(channel, driver, time)?;
    let one = |problem: Problem| vec![problem];
    let opened = candidates::open(driver, &mut read, time).map_err(|error| match error {
        OpenError::Setting(error) => one(channel
            .problem(&error.setting, error.problem)
            .hint(error.remedy)),
        error => one(Problem::new(&channel.file, error.to_string())),
    })?;
    let hosts = AllowedHosts::new(
        driver.info.hosts.iter().map(String::as_str),
        read.urls.iter().map(String::as_str),
    )
    .map_err(|error| {
        one(Problem::new(
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
        .map_err(|error| one(Problem::new(&channel.file, error.to_string())))?;
    let credential_expires_at = identity.map(|identity| identity.expires_at);
    if let Some(expires_at) = credential_expires_at
        && expires_at.seconds_after(time) < SOON_DAYS * 86_400
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
        driver: opened,
        defaults: channel.defaults.clone(),
        secrets: settings::secrets(driver, &read.settings),
        hosts,
        client,
        concurrency: concurrency as usize,
        rate: channel.limits.rate.or(driver.info.rate),
        terms: terms::of(channel, &driver.info)?,
        patience: Patience {
            first_retry: millis(config.delivery.first_retry),
            longest_retry: millis(config.delivery.longest_retry),
        },
        credential_expires_at,
        fingerprint: fingerprint(channel, config, driver, &read),
        file: channel.file.clone(),
    };
    rehearsal::of_defaults(channel, &route, time, warnings).map_err(one)?;
    Ok(route)
}

fn driver<'a>(
    channel: &ChannelFile,
    config: &Config,
    catalog: &'a Catalog,
) -> Result<&'a Driver, Problem> {
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
        "there is no driver {:?} in {} (usable: {there})",
        channel.driver,
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

/// Changes when anything that a route is made from changes.
fn fingerprint(
    channel: &ChannelFile,
    config: &Config,
    driver: &Driver,
    read: &settings::Read,
) -> u64 {
    let mut hasher = DefaultHasher::new();
    (
        &channel.name,
        &channel.app,
        channel.certificate_id,
        &channel.driver,
    )
        .hash(&mut hasher);
    format!(
        "{:?}{:?}{:?}{:?}{:?}",
        channel.settings, channel.defaults, channel.limits, config.transport, config.delivery
    )
    .hash(&mut hasher);
    driver.identity.hash(&mut hasher);
    read.contents.hash(&mut hasher);
    for root in &config.transport.extra_roots {
        std::fs::read(root).unwrap_or_default().hash(&mut hasher);
    }
    hasher.finish()
}

fn millis(duration: std::time::Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

//! From files to channels that are ready for use: everything is read, parsed and checked,
//! and nothing that runs is touched.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;
use std::sync::Arc;

use nudged_plugin_api::Timestamp;
use nudged_plugin_api::host::OpenError;

use super::lax::{self, LaxFile};
use super::{rehearsal, settings, terms};
use crate::api::access::Policy;
use crate::config::{self, ChannelFile, Config, Problem, Problems, Trusted, shown, source};
use crate::credential::roots;
use crate::dispatch::Route;
use crate::driver::{self, Catalog, Driver, Loader};
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
    /// What others can read or change, and must not.
    pub lax: Vec<LaxFile>,
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
    let trusted = Trusted::here(&config.store.path, &config.channels_directory);
    let mut lax = lax::of_main(&config, &trusted);
    let transport = transport(&config, &trusted, &mut lax)?;
    let time = now();
    let mut routes = Vec::with_capacity(config.channels.len());
    let mut problems = Vec::new();
    for channel in &config.channels {
        match route(
            channel,
            &config,
            &catalog,
            &transport,
            time,
            &trusted,
            &mut warnings,
        ) {
            Ok((route, found)) => {
                if !config.allow_lax_permissions {
                    lax.extend(found.into_iter().map(|it| LaxFile::of(&route, it)));
                }
                routes.push(Arc::new(route));
            }
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
            lax,
        })
    } else {
        Err(Problems(problems))
    }
}

fn transport(
    config: &Config,
    trusted: &Trusted,
    lax: &mut Vec<LaxFile>,
) -> Result<TransportSettings, Problems> {
    let from = &config.transport;
    let mut extra = Vec::new();
    for path in &from.extra_roots {
        let read = source::read(path, source::MOST_ROOTS)
            .map_err(|error| Problem::new(path, error.to_string()))?;
        lax.extend(LaxFile::of_all(path, trusted.written(read.permissions)));
        let name = path.display().to_string();
        let found = roots(&name, &read.contents)
            .map_err(|error| Problem::new(path, error.to_string()).hint(error.remedy()))?;
        extra.extend(found);
    }
    let proxy = from
        .proxy
        .as_ref()
        .map(|proxy| Proxy::parse(proxy.reveal()))
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
    trusted: &Trusted,
    warnings: &mut Vec<String>,
) -> Result<(Route, Vec<Problem>), Vec<Problem>> {
    let driver = driver(channel, config, catalog).map_err(|problem| vec![problem])?;
    let read = settings::read(channel, driver, time, trusted)?;
    let one = |problem: Problem| vec![settings::without_secrets(channel, &read.secrets, problem)];
    let opened = driver
        .library
        .open(read.settings.clone(), time)
        .map_err(|error| match error {
            OpenError::Setting(error) => one(channel
                .problem(&error.setting, error.problem)
                .hint(error.remedy)),
            OpenError::Call(error) => {
                let error = read.secrets.of_call(error);
                one(Problem::new(&channel.file, error.to_string()))
            }
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
        fingerprint: fingerprint(channel, config, driver, &read),
        driver: driver::Channel::new(opened, read.secrets),
        defaults: channel.defaults.clone(),
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
        file: channel.file.clone(),
    };
    rehearsal::of_defaults(channel, &route, time, warnings).map_err(|problem| vec![problem])?;
    Ok((route, read.lax))
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
    channel.settings.hash(&mut hasher);
    config.transport.proxy.hash(&mut hasher);
    format!(
        "{:?}{:?}{:?}{:?}",
        channel.defaults, channel.limits, config.transport, config.delivery
    )
    .hash(&mut hasher);
    driver.identity.hash(&mut hasher);
    for contents in &read.contents {
        contents.as_slice().hash(&mut hasher);
    }
    for root in &config.transport.extra_roots {
        let read = source::read(root, source::MOST_ROOTS).ok();
        read.map(|it| it.contents.to_vec()).hash(&mut hasher);
    }
    hasher.finish()
}

fn millis(duration: std::time::Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

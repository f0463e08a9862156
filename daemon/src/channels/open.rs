//! From a channel's file and its driver to a route that is ready for use, or to a broken channel with
//! all that is wrong.
//!
//! In: a channel's file, what all channels are opened with. Out: an [`OpenedChannel`], or a
//! [`BrokenChannel`]. Files, libraries and keys are read here, and nothing is sent. Refuses to know
//! what runs.

mod candidates;
mod class_limits;
mod fingerprint;
mod names;
mod rehearsal;
mod settings;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use nudged_plugin_api::host::OpenError;
use nudged_plugin_api::{Info, Timestamp};

use super::{RouteInputs, SharedInputs};
use crate::channels::{BrokenChannel, Route};
use crate::config::{
    ChannelFile, ChannelSources, Config, ConfigProblem, Defaults, FileSnapshot, TrustedOwners,
    UnreadableChannel, shown,
};
use crate::credential::expiry;
use crate::driver::{self, Catalog, Driver};
use crate::outcome::Backoff;
use crate::transport::{AllowedHosts, Client, TransportSettings};

/// What all channels are opened with.
#[derive(Clone, Copy)]
pub struct OpenContext<'a> {
    pub config: &'a Config,
    pub catalog: &'a Catalog,
    pub transport: &'a TransportSettings,
    pub shared: &'a Arc<SharedInputs>,
    pub trusted: &'a TrustedOwners,
    pub time: Timestamp,
}

/// A channel that can be used.
pub struct OpenedChannel {
    pub route: Route,
    /// What its settings cost every message, by its driver's account.
    pub advice: Vec<ConfigProblem>,
    /// Which of its files others can read or change, and must not.
    pub loose: Vec<ConfigProblem>,
}

static NEXT_SERIAL: AtomicU64 = AtomicU64::new(0);

/// Opens a channel. What works but should be looked at goes to the warnings, opened or not.
pub fn open(
    channel: &ChannelFile,
    context: &OpenContext<'_>,
    warnings: &mut Vec<String>,
) -> Result<OpenedChannel, Box<BrokenChannel>> {
    let driver = context.catalog.driver(&channel.driver);
    let named = match driver {
        Some(driver) => names::resolve(channel, &driver.info.settings),
        None => Ok((channel.clone(), Vec::new())),
    };
    let mut files = FileSnapshot::of(channel.named_paths());
    let sources = ChannelSources::of(channel, &files);
    let opened = named.and_then(|(resolved, unneeded)| {
        warnings.extend(unneeded);
        route(&resolved, sources.clone(), &mut files, context, warnings)
    });
    match opened {
        Ok((route, loose)) => Ok(OpenedChannel {
            advice: rehearsal::advice(channel, &route),
            route,
            loose,
        }),
        Err(problems) => Err(Box::new(unopened(channel, sources, driver, problems))),
    }
}

/// Opens a channel whose settings have the driver's own names.
fn route(
    channel: &ChannelFile,
    sources: ChannelSources,
    files: &mut FileSnapshot,
    context: &OpenContext<'_>,
    warnings: &mut Vec<String>,
) -> Result<(Route, Vec<ConfigProblem>), Vec<ConfigProblem>> {
    let OpenContext {
        config,
        catalog,
        transport,
        shared,
        trusted,
        time,
    } = *context;
    let driver = driver(channel, config, catalog).map_err(|problem| vec![problem])?;
    let mut read = settings::read(channel, driver, files, time, trusted)?;
    let opened_with = fingerprint::of_settings(channel, files);
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
        && expiry::expires_soon(expires_at, time)
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
        driver: driver::OpenChannel::new(opened, read.secrets),
        defaults: channel.defaults.clone(),
        hosts,
        client,
        concurrency: concurrency as usize,
        rate: channel.limits.rate.or(driver.info.rate),
        terms: class_limits::of(channel, &driver.info)?,
        backoff: Backoff::try_new(
            config.delivery.first_retry,
            config.delivery.longest_retry,
            config.delivery.longest_hold,
        )
        .expect("the file's spans were checked when it was read"),
        credential_expires_at,
        inputs: RouteInputs {
            sources,
            driver: driver.identity,
            shared: shared.clone(),
        },
        serial: NEXT_SERIAL.fetch_add(1, Ordering::Relaxed),
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

/// A channel whose file cannot be read.
pub fn unreadable(channel: &UnreadableChannel) -> BrokenChannel {
    BrokenChannel {
        name: channel.name.clone(),
        app: channel.app.clone(),
        certificate_id: channel.certificate_id,
        info: nobody(channel.driver.as_deref().unwrap_or_default()),
        defaults: Defaults::default(),
        problems: vec![channel.problem.clone()],
        sources: ChannelSources::of_unreadable(channel),
        file: channel.file.clone(),
        credential_expires_at: None,
    }
}

fn unopened(
    channel: &ChannelFile,
    sources: ChannelSources,
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

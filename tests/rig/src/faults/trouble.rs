//! A fault, brought about and ended: in the vendor's stand-in, in the daemon's resolver, or in
//! the proxy between them.

use nudged_simulator::{Counts, Fault, Vendor as Service};

use super::names::Names;
use super::proxy::{Failure, Proxy};
use super::{Plan, Scenario};
use crate::home::Settings;
use crate::rig::{Rig, RigError, RigOptions};
use crate::vendor::Vendor;

/// How long the daemon waits, so that a run need not wait long.
const REQUEST_TIMEOUT: &str = "3s";
const CONNECT_TIMEOUT: &str = "connect_timeout = \"3s\"\n";

/// What lets one vendor fail.
pub(super) struct Trouble {
    scenario: Scenario,
    service: Service,
    names: Option<Names>,
    proxy: Option<Proxy>,
}

impl Trouble {
    pub(super) async fn prepare(scenario: Scenario, vendor: Vendor) -> Result<Trouble, RigError> {
        let no_stand_in = || RigError::Unexpected(format!("no stand-in for {}", vendor.name));
        let mut services = Service::ALL.into_iter();
        Ok(Trouble {
            scenario,
            service: services
                .find(|it| it.name() == vendor.name)
                .ok_or_else(no_stand_in)?,
            names: match scenario {
                Scenario::Dns => Some(Names::build()?),
                _ => None,
            },
            proxy: match scenario.needs_proxy() {
                true => Some(Proxy::start().await?),
                false => None,
            },
        })
    }

    /// A daemon that can have it, with channels for these vendors.
    pub(super) async fn rig(&self, plan: &Plan, vendors: [Vendor; 2]) -> Result<Rig, RigError> {
        let mut transport = CONNECT_TIMEOUT.to_owned();
        if let Some(proxy) = &self.proxy {
            transport += &format!("proxy = \"{}\"\n", proxy.url());
        }
        let mut rig = Rig::prepare(RigOptions {
            artifacts: plan.artifacts.clone(),
            vendors: vendors.to_vec(),
            settings: Settings {
                request_timeout: REQUEST_TIMEOUT.into(),
                transport,
                ..Settings::default()
            },
            logged: "warn".into(),
            environment: self
                .names
                .as_ref()
                .map(Names::environment)
                .unwrap_or_default(),
            ..RigOptions::default()
        })
        .await?;
        if self.names.is_some() {
            self.name_the_vendor(&rig, vendors[0])?;
        }
        rig.launch().await?;
        Ok(rig)
    }

    /// Has the vendor reached by a name, where it is an address otherwise.
    fn name_the_vendor(&self, rig: &Rig, vendor: Vendor) -> Result<(), RigError> {
        let text = std::fs::read_to_string(rig.home.channel_file(vendor.channel))?;
        let named: Vec<_> = text
            .lines()
            .map(|line| match line.starts_with("endpoint") {
                true => line.replace("127.0.0.1", "localhost"),
                false => line.to_owned(),
            })
            .collect();
        Ok(rig
            .home
            .write_channel(vendor.channel, &(named.join("\n") + "\n"))?)
    }

    pub(super) fn begin(&self, rig: &Rig, plan: &Plan) -> Result<(), RigError> {
        if let Some(names) = &self.names {
            names.fail()?;
        }
        if let Some(proxy) = &self.proxy {
            let how = match self.scenario {
                Scenario::ProxyHangs => Failure::Hangs,
                _ => Failure::Refuses,
            };
            proxy.fail(self.port(rig)?, how);
        }
        for (every, kind) in self.scenario.kinds(plan.slow) {
            rig.simulator
                .fault(Fault::new(kind).of(self.service).every(every));
        }
        Ok(())
    }

    pub(super) fn end(&self, rig: &Rig) -> Result<(), RigError> {
        rig.simulator.clear_faults();
        if let Some(names) = &self.names {
            names.mend()?;
        }
        if let Some(proxy) = &self.proxy {
            proxy.mend();
        }
        Ok(())
    }

    /// Requests, connections and name lookups that met it.
    pub(super) fn met(&self, counts: &Counts) -> u64 {
        let by_stand_in: u64 = counts.of(self.service).faults.values().sum();
        by_stand_in + self.on_the_way()
    }

    /// Whether all of it has happened: a cut connection, for one, is not yet one that cannot
    /// be made again.
    pub(super) fn is_seen(&self, counts: &Counts, plan: &Plan) -> bool {
        let faults = &counts.of(self.service).faults;
        let kinds = self.scenario.kinds(plan.slow);
        let by_stand_in = kinds
            .iter()
            .all(|(_, kind)| faults.contains_key(kind.name()));
        let is_on_the_way = self.names.is_some() || self.proxy.is_some();
        by_stand_in && (!is_on_the_way || self.on_the_way() > 0)
    }

    fn on_the_way(&self) -> u64 {
        let lookups = self.names.as_ref().map_or(0, Names::failed);
        lookups + self.proxy.as_ref().map_or(0, Proxy::failed)
    }

    /// Tokens that were sent to sooner than the vendor had asked for.
    pub(super) fn undercut(&self, counts: &Counts) -> u64 {
        counts.of(self.service).undercut
    }

    fn port(&self, rig: &Rig) -> Result<u16, RigError> {
        let url = rig.simulator.vendor(self.service).url();
        let port = url.rsplit_once(':').and_then(|(_, port)| port.parse().ok());
        port.ok_or_else(|| RigError::Unexpected(format!("{url} has no port")))
    }
}

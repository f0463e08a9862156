//! Strict stand-ins for push vendors, for the tests of nudged.
//!
//! APNs and FCM over HTTP/2, the batching vendors over HTTP/1.1, all with TLS on loopback.
//! They refuse what the real ones refuse, in the vendor's own words, and are written from
//! the vendors' pages only, never from our drivers: a driver and its simulator that share a
//! mistake would agree in every test.
//!
//! The way of a request:
//! - `net` reads it, asks the vendor, lets a fault happen to it, writes the reply;
//! - `vendors` judge: all rules of one live in its folder, `checks` are what several have in
//!   common, `credentials` make and check what customers get from the vendors' consoles;
//! - `faults` are what goes wrong on demand, `record` keeps what was accepted and counts all.
//!
//! Tests hold a [`Simulator`] and ask it for a vendor: [`Simulator::apns`], [`Simulator::fcm`], ...
//! give what only that one has, and with it all of a [`VendorHandle`], the same for each.
//! `control` is the JSON door for people.

mod checks;
mod clock;
mod control;
mod credentials;
mod faults;
mod handle;
mod net;
mod record;
mod start;
#[cfg(test)]
mod testing;
mod vendors;
mod world;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;

pub use credentials::pki::{ClientCertificate, PkiError};
pub use faults::{Fault, FaultKind};
pub use handle::VendorHandle;
pub use record::{Counts, Raw, Received, VendorCounts};
pub use start::{Options, StartError};
pub use vendors::Vendor;
pub use vendors::apns::ApnsHandle;
pub use vendors::fcm::FcmHandle;
pub use vendors::harmony::HarmonyHandle;
pub use vendors::honor::HonorHandle;
pub use vendors::huawei::HuaweiHandle;
pub use vendors::meizu::MeizuHandle;
pub use vendors::oppo::OppoHandle;
pub use vendors::tpns::TpnsHandle;
pub use vendors::vivo::VivoHandle;
pub use vendors::xiaomi::XiaomiHandle;

use control::Control;
use credentials::pki::Pki;
use net::server;
use start::bind;
use vendors::apns::Apns;
use vendors::fcm::{Fcm, TOKEN_PATH};
use vendors::{Batching, Listeners};
use world::World;

/// The running stand-ins; they end, and cut all connections, when this is dropped.
pub struct Simulator {
    world: Arc<World>,
    pki: Pki,
    apns: Arc<Apns>,
    fcm: Arc<Fcm>,
    batching: Batching,
    /// Of every vendor that listens.
    addresses: BTreeMap<Vendor, SocketAddr>,
    control_address: SocketAddr,
    _listeners: JoinSet<()>,
}

impl Simulator {
    /// Binds all listeners on 127.0.0.1 and serves until dropped.
    pub async fn start(options: Options) -> Result<Simulator, StartError> {
        let (apns_listener, apns_address) = bind("apns", options.apns_port).await?;
        let (fcm_listener, fcm_address) = bind("fcm", options.fcm_port).await?;
        let (control_listener, control_address) = bind("control", options.control_port).await?;

        let pki = Pki::new().map_err(PkiError::from)?;
        let delay = Duration::from_millis(options.delay_ms);
        let world = Arc::new(World::new(!options.sink, delay));
        let apns = Arc::new(Apns::new(world.clone()));
        let token_url = format!("https://{fcm_address}{TOKEN_PATH}");
        let fcm = Arc::new(Fcm::new(world.clone(), token_url));

        let mut listeners = JoinSet::new();
        let tls = pki.server_config(true, "h2")?;
        if options.sink {
            listeners.spawn(server::serve_sink(
                apns_listener,
                tls,
                apns.clone(),
                world.clone(),
            ));
        } else {
            listeners.spawn(server::serve(
                apns_listener,
                tls,
                apns.clone(),
                world.clone(),
            ));
        }
        let tls = pki.server_config(false, "h2")?;
        listeners.spawn(server::serve(fcm_listener, tls, fcm.clone(), world.clone()));
        let mut addresses =
            BTreeMap::from([(Vendor::Apns, apns_address), (Vendor::Fcm, fcm_address)]);
        let batching = Batching::start(&mut Listeners {
            options: &options,
            tls: pki.server_config(false, "http/1.1")?,
            world: world.clone(),
            tasks: &mut listeners,
            addresses: &mut addresses,
        })
        .await?;
        let control = Control {
            world: world.clone(),
            addresses: addresses.clone(),
        };
        listeners.spawn(control::serve(control_listener, control));

        Ok(Simulator {
            world,
            pki,
            apns,
            fcm,
            batching,
            addresses,
            control_address,
            _listeners: listeners,
        })
    }

    /// The vendors that listen, with their base URLs.
    pub fn urls(&self) -> BTreeMap<Vendor, String> {
        let url = |address: &SocketAddr| format!("https://{address}");
        self.addresses
            .iter()
            .map(|(vendor, address)| (*vendor, url(address)))
            .collect()
    }

    /// A vendor, for what all of them have alike.
    pub fn vendor(&self, vendor: Vendor) -> VendorHandle<'_> {
        VendorHandle::new(self, vendor)
    }

    /// What tests do at APNs.
    pub fn apns(&self) -> ApnsHandle<'_> {
        ApnsHandle::new(self.vendor(Vendor::Apns), &self.apns)
    }

    /// What tests do at FCM and its token endpoint.
    pub fn fcm(&self) -> FcmHandle<'_> {
        FcmHandle::new(self.vendor(Vendor::Fcm), &self.fcm)
    }

    /// Base URL of the control endpoint.
    pub fn control_url(&self) -> String {
        format!("http://{}", self.control_address)
    }

    /// The CA that signed the servers' certificates.
    pub fn ca_pem(&self) -> String {
        self.pki.ca_pem()
    }

    /// The accepted messages in order of arrival; none in sink mode.
    pub fn received(&self) -> Vec<Received> {
        self.world.record.received()
    }

    /// The accepted messages as [`Simulator::received`], which are forgotten with this; counts
    /// and faults stay.
    pub fn take_received(&self) -> Vec<Received> {
        self.world.record.take_received()
    }

    /// The requests that the push vendors took, as they came: those that only save a message
    /// for a second one too.
    pub fn raw(&self) -> Vec<Raw> {
        self.world.record.raw()
    }

    /// Counts of everything.
    pub fn counts(&self) -> Counts {
        self.world.record.counts()
    }

    /// Adds a fault to the plan.
    pub fn fault(&self, fault: Fault) {
        self.world.add_fault(fault);
    }

    /// Empties the plan.
    pub fn clear_faults(&self) {
        self.world.clear_faults();
    }

    /// Forgets messages, counts and faults; keys, grants and tokens stay.
    pub fn reset(&self) {
        self.world.clear_faults();
        self.world.record.reset();
    }

    /// Sets the simulator's clock ahead, so that tokens, grants and faults age.
    pub fn advance_clock(&self, by: Duration) {
        self.world.clock.advance(by);
    }

    /// Waits until the counts fulfil the condition; false when the deadline comes first.
    pub async fn wait_for(&self, deadline: Duration, condition: impl Fn(&Counts) -> bool) -> bool {
        self.world.record.wait_for(deadline, condition).await
    }
}

impl std::fmt::Debug for Simulator {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Simulator")
            .field("vendors", &self.addresses)
            .field("control", &self.control_address)
            .finish_non_exhaustive()
    }
}

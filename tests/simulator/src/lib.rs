//! Strict stand-ins for push vendors, for the tests of nudged.
//!
//! APNs and FCM over HTTP/2, the batching vendors over HTTP/1.1, all with TLS on loopback.
//! They refuse what the real ones refuse, in the vendor's own words, and are written from
//! the vendors' pages only, never from our drivers: a driver and its simulator that share a
//! mistake would agree in every test.
//!
//! The way of a request:
//! - `server` accepts TLS and HTTP/2, `http1` the other protocol; both cut when told to;
//! - `exchange` reads the body, asks the vendor, lets a `fault` `befall` it, records, answers;
//! - `apns`, `fcm` and the vendors of `batching` judge: all rules of one live in its folder;
//! - `batching` lists the vendors of its kind, `customers` is what tests say of their tokens,
//!   quotas and grants, `form` and `fields` read their bodies strictly;
//! - `rest`, `client_credentials` and `android` are what several of them have in common: bearer
//!   tokens and lists of tokens, requests for grants, texts meant for the phone;
//! - `record` keeps what was accepted and counts everything;
//! - `sink` is the short cut for benchmarks, `control` the JSON door for people.
//!
//! `pki`, `jwt` and `mint` make and check what customers get from the vendors' consoles.

mod android;
mod apns;
mod batching;
mod befall;
mod client_credentials;
mod clock;
mod control;
mod customers;
mod exchange;
mod fault;
mod fcm;
mod fields;
mod form;
mod harmony;
mod honor;
mod http1;
mod huawei;
mod jwt;
mod latency;
mod meizu;
mod meter;
mod mint;
mod oppo;
mod pki;
mod record;
mod reply;
mod rest;
mod server;
mod sink;
mod start;
#[cfg(test)]
mod testing;
mod tpns;
mod vivo;
mod wire;
mod world;
mod xiaomi;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;

pub use fault::{Fault, FaultKind, Vendor};
pub use pki::{ClientCertificate, PkiError};
pub use record::{Counts, Raw, Received, VendorCounts};
pub use start::{Options, StartError};

use apns::Apns;
use batching::{Batching, Doors};
use control::Control;
use fcm::{Fcm, TOKEN_PATH};
use pki::{Pki, Purpose, Subject, provider_key};
use start::bind;
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
        let batching = Batching::start(&mut Doors {
            options: &options,
            tls: pki.server_config(false, "http/1.1")?,
            world: world.clone(),
            listeners: &mut listeners,
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

    /// Base URL of a vendor.
    ///
    /// # Panics
    /// When there is no stand-in for it: Google's token endpoint is at [`Self::token_url`].
    pub fn url(&self, vendor: Vendor) -> String {
        self.urls()
            .remove(&vendor)
            .unwrap_or_else(|| panic!("no stand-in listens for {}", vendor.name()))
    }

    /// Base URL of APNs.
    pub fn apns_url(&self) -> String {
        self.url(Vendor::Apns)
    }

    /// Base URL of FCM.
    pub fn fcm_url(&self) -> String {
        self.url(Vendor::Fcm)
    }

    /// URL of Google's OAuth token endpoint.
    pub fn token_url(&self) -> String {
        format!("{}{TOKEN_PATH}", self.fcm_url())
    }

    /// Base URL of the control endpoint.
    pub fn control_url(&self) -> String {
        format!("http://{}", self.control_address)
    }

    /// The CA that signed the servers' certificates.
    pub fn ca_pem(&self) -> String {
        self.pki.ca_pem()
    }

    /// Makes a provider key of a team and returns its .p8 file.
    ///
    /// `topics` are bundle IDs; none means every app of the team. Another key id adds a key.
    pub fn apns_key(&self, team_id: &str, key_id: &str, topics: &[&str]) -> String {
        let (pem, verifying) = provider_key();
        self.apns.keys.add(team_id, key_id, topics, verifying);
        pem
    }

    /// Revokes a provider key: its tokens are InvalidProviderToken from now on.
    pub fn apns_revoke_key(&self, key_id: &str) {
        self.apns.keys.revoke(key_id);
    }

    /// Makes a push certificate for both environments; negative days make an expired one.
    ///
    /// Its topics are `topic` and `extra_topics` as given: name `.voip` topics in full.
    pub fn apns_certificate(
        &self,
        topic: &str,
        extra_topics: &[&str],
        days_valid: i64,
    ) -> ClientCertificate {
        self.push_certificate(&Subject {
            topic,
            extra_topics,
            days_valid,
            purpose: Purpose::Push,
            key: None,
        })
    }

    /// Makes another push certificate for the key of one, as a renewal from the same request.
    pub fn apns_renewal(
        &self,
        of: &ClientCertificate,
        topic: &str,
        days_valid: i64,
    ) -> ClientCertificate {
        self.push_certificate(&Subject {
            topic,
            extra_topics: &[],
            days_valid,
            purpose: Purpose::Push,
            key: Some(&of.key_pem),
        })
    }

    /// Makes a certificate that signs apps, for the key of another one; BadCertificate here.
    pub fn apple_distribution_certificate(
        &self,
        key_of: &ClientCertificate,
        days_valid: i64,
    ) -> ClientCertificate {
        self.push_certificate(&Subject {
            topic: "ABC123DEFG",
            extra_topics: &[],
            days_valid,
            purpose: Purpose::Distribution,
            key: Some(&key_of.key_pem),
        })
    }

    /// Makes a certificate of the development environment, which this APNs is not.
    pub fn apns_development_certificate(&self, topic: &str) -> ClientCertificate {
        self.push_certificate(&Subject {
            topic,
            extra_topics: &[],
            days_valid: 365,
            purpose: Purpose::Development,
            key: None,
        })
    }

    /// Revokes a certificate by its serial: BadCertificate from now on.
    pub fn apns_revoke_certificate(&self, serial: &str) {
        self.apns.devices.revoke_certificate(serial);
    }

    /// Says which topic an APNs token belongs to, with its suffix if it is no token of ordinary
    /// notifications; any other is DeviceTokenNotForTopic. A token of which nothing is said belongs
    /// to any app, for its notifications.
    pub fn bind_token(&self, token: &str, topic: &str) {
        self.apns.devices.bind_token(token, topic);
    }

    /// From now on the APNs token is Unregistered since `timestamp_ms`.
    pub fn unregister_token(&self, token: &str, timestamp_ms: u64) {
        self.apns.devices.unregister_token(token, timestamp_ms);
    }

    /// The app is installed again: undoes both `unregister_token`s for this token.
    pub fn register_token(&self, token: &str) {
        self.apns.devices.register_token(token);
        self.fcm.register_token(token);
    }

    /// Makes a service account of a project and returns its JSON key file.
    pub fn fcm_service_account(&self, project_id: &str) -> String {
        self.fcm.accounts.add(project_id)
    }

    /// Deletes a service account: it gets no more grants.
    pub fn fcm_delete_service_account(&self, client_email: &str) {
        self.fcm.accounts.remove(client_email);
    }

    /// Every grant handed out so far is expired now.
    pub fn fcm_revoke_grants(&self) {
        self.fcm.accounts.revoke_grants();
    }

    /// Grants from now on live so long; 3599 seconds unless said.
    pub fn set_grant_lifetime(&self, secs: u64) {
        self.fcm.accounts.set_lifetime(secs);
    }

    /// From now on the FCM token is UNREGISTERED; one of a Live Activity, Unregistered in APNs'
    /// words.
    pub fn fcm_unregister_token(&self, token: &str) {
        self.fcm.unregister_token(token);
    }

    /// Says which project an FCM token was issued for; any other is SENDER_ID_MISMATCH.
    pub fn fcm_bind_token(&self, token: &str, project_id: &str) {
        self.fcm.bind_token(token, project_id);
    }

    /// How many grants the token endpoint has given.
    pub fn grants_issued(&self) -> u64 {
        self.counts().oauth.accepted
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

    /// The messages that the phone of a token has got and still shows, unless it was tapped:
    /// those that were not taken back.
    pub fn shown(&self, vendor: Vendor, token: &str) -> Vec<Received> {
        self.world.record.shown(vendor, token)
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

    fn push_certificate(&self, subject: &Subject<'_>) -> ClientCertificate {
        self.pki
            .push_certificate(subject, self.world.clock.now_secs())
            .expect("the push CA signs any subject")
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

//! A channel that is ready for use: its driver opened, its connections prepared. Made by the reload,
//! replaced whole.
//!
//! In: what the reload opened. Out: what its driver would make of a message, with nothing sent.
//! Refuses to know when it is sent.

use std::path::PathBuf;

use nudged_plugin_api::call::{EncodeCall, EncodeJob, Encoded};
use nudged_plugin_api::{Badge, Grant, Info, Message, Target, Timestamp};

use crate::channels::RouteInputs;
use crate::config::Defaults;
use crate::driver;
use crate::model::CertificateId;
use crate::outcome::Backoff;
use crate::quota::ClassLimits;
use crate::transport::{AllowedHosts, Client};

/// The grant of a rehearsal: like no text of a message, so that it can be masked.
pub const REHEARSAL_GRANT: &str = "grant-of-a-rehearsal";

/// The device of a rehearsal.
#[derive(Clone, Copy, Debug, Default)]
pub struct RehearsalDevice<'a> {
    pub token: &'a str,
    /// A Live Activity's token beside it, where the channel wants both.
    pub beside: Option<&'a str>,
    /// What its icon is to show.
    pub badge: Option<Badge>,
}

/// A channel that is ready for use.
pub struct Route {
    pub name: String,
    pub app: String,
    pub certificate_id: CertificateId,
    /// What its driver says of itself.
    pub info: Info,
    /// Its driver, opened with its settings.
    pub driver: driver::OpenChannel,
    /// What its messages get that do not say.
    pub defaults: Defaults,
    /// Where its driver may send.
    pub hosts: AllowedHosts,
    pub client: Client,
    /// Requests in flight at once.
    pub concurrency: usize,
    /// Requests a second, or devices where the vendor counts those.
    pub rate: Option<u32>,
    /// What holds for its classes of messages.
    pub terms: Vec<ClassLimits>,
    /// Waits where the vendor names none.
    pub backoff: Backoff,
    /// When its client certificate expires.
    pub credential_expires_at: Option<Timestamp>,
    /// All that it was made from.
    pub inputs: RouteInputs,
    /// Which of this process it is, for what is remembered of it: no other route has its number.
    pub serial: u64,
    /// Changes when what its driver is opened with does, and with nothing else: not with its
    /// defaults and limits. Never 0.
    pub settings: u64,
    /// Changes when tokens may have another form: with its settings or its driver.
    pub forms: u64,
    /// The file that it was made from.
    pub file: PathBuf,
}

impl Route {
    /// What its driver would make of a message for a device; none when the driver fails.
    pub fn rehearse(
        &self,
        message: &Message,
        device: RehearsalDevice<'_>,
        now: Timestamp,
    ) -> Option<Encoded> {
        let mut target = Target::new("00000000-0000-0000-0000-000000000000", device.token);
        target.activity_token = device.beside.map(str::to_owned);
        target.badge = device.badge;
        self.rehearse_batch(message, &[target], now)
    }

    /// What its driver would make of a message for several devices in one request. Nothing is
    /// sent, and no grant is fetched for it.
    pub fn rehearse_batch(
        &self,
        message: &Message,
        targets: &[Target],
        now: Timestamp,
    ) -> Option<Encoded> {
        let grant = self.driver.grant_scope();
        let call = EncodeCall {
            now,
            grant: grant.map(|_| Grant::new(REHEARSAL_GRANT, now, 3600)),
            messages: vec![message.clone()],
            jobs: vec![EncodeJob {
                message: 0,
                targets: targets.to_vec(),
            }],
        };
        self.driver.encode(&call).ok()?.pop()
    }
}

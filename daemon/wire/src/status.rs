use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{BrakeView, ChannelClassView, ClassUseView, Holder, KindName, absent};
use crate::ConfigProblem;

/// Whether the daemon serves.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct Health {
    /// `ready`, `reloading`, `stopping`, or `failed` while the database cannot be written.
    pub status: String,
    /// Version of the daemon.
    pub version: String,
    /// Seconds since it started.
    pub uptime_seconds: u64,
    /// Channels whose devices are not removed, because the vendor calls too many tokens dead.
    #[serde(default)]
    pub braked: usize,
    /// Channels that cannot be opened: what is for them waits.
    #[serde(default)]
    pub broken: usize,
}

/// The daemon at a glance.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct Status {
    /// As in health.
    pub status: String,
    /// Version of the daemon.
    pub version: String,
    /// Its process.
    pub pid: u32,
    /// When it started.
    pub started_at: String,
    /// Seconds since then.
    pub uptime_seconds: u64,
    /// What stands in the queue, over all channels.
    pub queue: QueueDepth,
    /// Channels that do not send, by name, and who holds them.
    #[serde(default)]
    pub held: BTreeMap<String, Holder>,
    /// Classes of messages that are held, or whose quota is running out.
    #[serde(default)]
    pub classes: Vec<ChannelClassView>,
    /// Configured channels.
    pub channels: usize,
    /// Those that cannot be opened, by name, and why: what is for them waits.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub broken: BTreeMap<String, Vec<ConfigProblem>>,
    /// Those whose client certificate expires within 30 days or has expired, by name, and when.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub expiring: BTreeMap<String, String>,
    /// Those whose devices are not removed, because the vendor calls too many tokens dead.
    #[serde(default)]
    pub braked: Vec<String>,
    /// Channels that had refusals since their last accepted message which may be their own fault,
    /// by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub suspected: BTreeMap<String, Vec<SuspicionView>>,
    /// Usable drivers.
    pub drivers: usize,
    /// Counted since the start.
    pub totals: Totals,
    /// The last reload.
    pub last_reload: Option<ReloadView>,
    /// The main file of the configuration.
    #[serde(default)]
    pub config: Option<String>,
}

/// What stands in a queue.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize, ToSchema)]
pub struct QueueDepth {
    /// May be sent now.
    pub ready: usize,
    /// Wait for their next try.
    pub waiting: usize,
    /// In flight.
    pub in_flight: usize,
    /// After a start with a long queue: the others are still being counted, and there are more.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub counting: bool,
}

/// Counted since the start.
#[derive(Clone, Debug, Default, Deserialize, Serialize, ToSchema)]
pub struct Totals {
    /// Notifications accepted.
    pub notifications: u64,
    /// Their deliveries.
    pub deliveries: u64,
    /// Requests sent to vendors.
    pub requests: u64,
    /// Ended deliveries by outcome.
    pub outcomes: BTreeMap<String, u64>,
}

/// A reload that was tried.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct ReloadView {
    /// When.
    pub at: String,
    /// Whether it was taken; otherwise everything stayed as it was.
    pub ok: bool,
    /// Why not.
    pub problems: Vec<ConfigProblem>,
}

/// What a reload changed.
#[derive(Clone, Debug, Default, Deserialize, Serialize, ToSchema)]
pub struct ReloadReport {
    /// Always true; a refused reload is a problem.
    pub ok: bool,
    /// New channels.
    pub started: Vec<String>,
    /// Channels that did not change.
    pub kept: Vec<String>,
    /// Channels with new settings, credentials or driver.
    pub replaced: Vec<String>,
    /// Channels whose file is gone.
    pub stopped: Vec<String>,
    /// Sections of the configuration that have changed and take effect at the next restart.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub restart: Vec<String>,
    /// What works but should be looked at.
    pub warnings: Vec<String>,
    /// Channels that could not be opened before and cannot now; they held up nothing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub broken: Vec<String>,
    /// What vendors said of the credentials of new and changed channels, where they were asked.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub probes: Vec<ProbeView>,
    /// Channels whose settings changed, and how many of their devices were removed on words that may
    /// have been the fault of the settings before; a reload with `restore` puts them back. With
    /// `dry_run` and `restore`: all that this would put back.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub restorable: Vec<ChannelDevices>,
    /// With `restore`: how many devices were put back.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub restored: Vec<ChannelDevices>,
    /// Nothing was changed: this is what a reload would do.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub dry_run: bool,
}

/// Devices of a channel.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct ChannelDevices {
    /// The channel.
    pub channel: String,
    /// How many.
    pub devices: u64,
}

/// What a vendor said of a credential.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct ProbeView {
    /// The channel.
    pub channel: String,
    /// What came of it.
    pub result: ProbeResult,
    /// Why it is not known whether the credential is good; empty when it is.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub text: String,
}

/// What came of asking a vendor for its opinion of a credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ProbeResult {
    /// The vendor takes it.
    Good,
    /// The vendor gave no answer that tells.
    Unknown,
    /// The vendor has no way to ask.
    NotPossible,
}

/// How a reload is done.
#[derive(Clone, Debug, Default, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReloadSpec {
    /// Ask the vendors first whether the credentials of new and changed channels are good, and
    /// refuse the reload when one is not. Default: `channels.probe` of the configuration.
    #[serde(default)]
    pub probe: Option<bool>,
    /// Certificate ids that may come to stand for another account, driver or app.
    #[serde(default, deserialize_with = "absent::or_default")]
    pub rebind: Vec<u32>,
    /// Put the devices back that were removed on words which may have been the fault of settings
    /// that their channels have no more: those that changed with this reload or one before.
    #[serde(default)]
    pub restore: bool,
    /// Change nothing, and say what would change.
    #[serde(default, deserialize_with = "absent::or_default")]
    pub dry_run: bool,
}

/// The drivers.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct DriverList {
    /// Loaded ones by vendor, then refused files.
    pub drivers: Vec<DriverView>,
}

/// A driver, or a file that is none.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct DriverView {
    /// Its name in configuration.
    pub vendor: Option<String>,
    /// The vendor's service.
    pub title: Option<String>,
    /// Version of the driver.
    pub version: Option<String>,
    /// `ios`, `android` or `harmony`: what its phones are that do not report it.
    #[serde(default)]
    pub platform: Option<String>,
    /// The library.
    pub file: String,
    /// Whether it can be used.
    pub state: DriverState,
    /// Why not.
    pub problem: Option<String>,
    /// Channels that use it.
    pub channels: Vec<String>,
    /// The kinds of message that it sends besides alerts.
    #[serde(default)]
    pub kinds: Vec<DriverKindView>,
    /// What its channels are configured with.
    pub settings: Vec<SettingView>,
    /// What the vendor allows; none for a file that is no driver.
    #[serde(default)]
    pub limits: Option<DriverLimits>,
    /// Titles of the vendor documents that its facts come from.
    #[serde(default)]
    pub sources: Vec<String>,
}

/// A kind of message that a driver sends.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct DriverKindView {
    /// The kind.
    pub kind: KindName,
    /// To which token: `device` = the one of alerts, `own` = one of its own, `beside` = both.
    pub token: String,
}

/// What a vendor allows, as its driver declares it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct DriverLimits {
    /// Devices in one request.
    pub batch: u32,
    /// Bytes in the body of a request.
    pub max_body: u32,
    /// Requests in flight at once.
    pub concurrency: u32,
    /// How many a second of what `rate_unit` says.
    pub rate: Option<u32>,
    /// `requests` or `devices`.
    pub rate_unit: String,
    /// The classes that the vendor sorts messages into.
    pub classes: Vec<ClassView>,
    /// When the vendor's days begin: at midnight so far ahead of UTC, such as `+08:00`.
    #[serde(default)]
    pub day: String,
    /// The longest texts; longer ones are cut.
    pub texts: Vec<TextLimitView>,
    /// Whether it takes back what it accepted.
    #[serde(default)]
    pub recall: bool,
}

/// A class of messages and what the vendor allows of it. What is absent has no limit, or none
/// that is published.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct ClassView {
    /// Its name.
    pub name: String,
    /// What is counted in it.
    pub help: String,
    /// Messages that one device gets a day.
    pub daily_per_device: Option<u32>,
    /// Messages of the whole app a day, for each of its users. How many those are the vendor
    /// counts; the daemon takes the channel's devices for it, and only warns.
    pub daily_per_user: Option<u32>,
    /// Messages of the whole app a day, however few its users are.
    pub daily_at_least: Option<u64>,
    /// Hours outside which the vendor refuses it, such as `07:00-23:00 +08:00`.
    pub window: Option<String>,
}

/// The longest that a text may be.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct TextLimitView {
    /// Field of the message.
    pub field: String,
    /// The limit.
    pub most: u32,
    /// What it counts: `characters`, `UTF-16 units` or `bytes`.
    pub unit: String,
}

/// Whether a driver can be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DriverState {
    /// It can.
    Loaded,
    /// It cannot.
    Refused,
}

/// A setting of a driver's channels.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct SettingView {
    /// Its key.
    pub key: String,
    /// `text`, `integer`, `boolean`, `choice`, `url`, `file` or `identity`.
    pub kind: String,
    /// Whether a channel needs it.
    pub required: bool,
    /// Whether its value is never shown.
    pub secret: bool,
    /// Its value when absent.
    pub default: Option<String>,
    /// Its allowed values, for a choice.
    pub choices: Vec<String>,
    /// What it is; of what is not needed, why it is not.
    pub help: String,
    /// Other names for it that a channel's file may use.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// Whether it is a field of the vendor's console that a server does not need: taken, and
    /// without effect.
    #[serde(default)]
    pub unneeded: bool,
}

/// The channels.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct ChannelList {
    /// By name.
    pub channels: Vec<ChannelView>,
}

/// A channel and how it fares.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct ChannelView {
    /// Its name.
    pub name: String,
    /// The app; absent when its file cannot be read and it was never seen before.
    pub app: Option<String>,
    /// Its certificate id; absent as the app is.
    pub certificate_id: Option<u32>,
    /// The vendor's account that its tokens belong to, where the driver says.
    #[serde(default)]
    pub account: Option<String>,
    /// Its driver.
    pub driver: String,
    /// Whether it sends.
    pub state: ChannelState,
    /// Why it cannot be opened; empty unless it is broken.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub problems: Vec<ConfigProblem>,
    /// Who holds it.
    #[serde(default)]
    pub held_by: Option<Holder>,
    /// Why it is held.
    pub held_for: Option<String>,
    /// Until when it is held; absent = until the operator releases it.
    pub held_until: Option<String>,
    /// When its client certificate expires.
    pub credential_expires_at: Option<String>,
    /// What stands in its queue.
    #[serde(flatten)]
    pub queue: QueueDepth,
    /// Connections to the vendor.
    pub connections: usize,
    /// Devices that have a token of it; null until they are counted.
    #[serde(default)]
    pub devices: Option<u64>,
    /// Why its devices are not removed, though the vendor calls their tokens dead; null when
    /// they are.
    #[serde(default)]
    pub brake: Option<BrakeView>,
    /// Refusals since its last accepted message whose words leave open whose fault they are.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub suspicions: Vec<SuspicionView>,
    /// What its settings cost every message, by its driver's word.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub advice: Vec<AdviceView>,
    /// The classes that its vendor sorts messages into, and what is used of their quotas.
    #[serde(default)]
    pub classes: Vec<ClassUseView>,
}

/// What a setting, or that it is not set, costs every message.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct AdviceView {
    /// Key of the setting.
    pub key: String,
    /// What it costs and what to do.
    pub text: String,
}

/// Refusals that may be the channel's fault. The next accepted message ends the suspicion.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct SuspicionView {
    /// `credential`: the credential may be wrong, or only the messages that were refused; the
    /// channel is held once different messages are refused alike. `tokens`: the tokens may be dead,
    /// or the settings another app's; no device is removed for it.
    pub about: String,
    /// The vendor's code.
    pub code: String,
    /// The vendor's words.
    pub text: String,
    /// The likely cause, and what to do about it.
    pub remedy: String,
    /// Since when.
    pub since: String,
    /// Refusals since then.
    pub count: u64,
    /// Whether different messages were refused alike.
    pub confirmed: bool,
}

/// Whether a channel sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ChannelState {
    /// It sends.
    Running,
    /// It waits for the vendor, or for the operator.
    Held,
    /// It cannot be opened: what is for it waits until its file is put right.
    Broken,
}

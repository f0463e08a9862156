//! Driver for the Tencent Push Notification Service (TPNS), its `/v3/push/app` API.
//!
//! A channel is one TPNS application, which is for Android or for iOS, opened with its
//! AccessId and SecretKey. The driver turns values into values; the flow through its modules:
//!
//! - [`settings`]: the channel's keys
//! - `encode`: one message and up to 1000 devices become one request, with [`options`], the
//!   sender's own TPNS fields, and `payload`, the request's body
//! - `sign`: the request's proof; TPNS gives no access tokens
//! - `decode`: TPNS's answer becomes a verdict for each device, by the table in `reason`
//!
//! TPNS itself passes a message on to the phone's vendor (Huawei, Xiaomi, APNs, …), with the
//! credentials that were given to TPNS, or brings it over its own connection.

#![forbid(unsafe_code)]

mod decode;
mod encode;
pub mod options;
mod payload;
mod reason;
pub mod settings;
mod sign;

use nudged_plugin_api::{
    Batch, Context, Decoded, Driver, EncodeError, Exchange, Info, Notice, Rendered, SettingError,
    Settings, Timestamp, export_driver,
};

use settings::Channel;

/// An open channel: one application at TPNS.
#[derive(Debug)]
pub struct Tpns {
    channel: Channel,
}

impl Driver for Tpns {
    fn describe() -> Info {
        settings::describe()
    }

    fn open(settings: &Settings, _now: Timestamp) -> Result<Self, SettingError> {
        Channel::read(settings).map(|channel| Self { channel })
    }

    fn account(&self) -> Option<String> {
        Some(self.channel.access_id.clone())
    }

    fn token(&self, token: &str) -> Result<String, EncodeError> {
        encode::check_token(token).map(str::to_owned)
    }

    fn advice(&self) -> Vec<Notice> {
        self.channel.advice()
    }

    fn encode(&self, batch: Batch<'_>, context: &Context<'_>) -> Result<Rendered, EncodeError> {
        encode::request(&self.channel, batch, context)
    }

    fn decode(&self, exchange: Exchange<'_>, now: Timestamp) -> Decoded {
        Decoded::Verdicts(decode::verdicts(exchange, now))
    }
}

export_driver!(Tpns);

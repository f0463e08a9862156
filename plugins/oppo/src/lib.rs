//! Driver for OPPO Push (OPush, HeyTap), which also serves realme and OnePlus phones.
//!
//! A channel is one app of the OPPO push console, opened with its AppKey and MasterSecret.
//! The driver turns values into values; the flow through its modules:
//!
//! - [`settings`]: the channel's keys
//! - `auth`: a signed request is exchanged for an `auth_token` of 24 hours
//! - `encode`: one device becomes one `unicast` request; several become
//!   `save_message_content`, with [`options`], the sender's own OPPO fields, and `payload`, the
//!   notification itself
//! - `memo`: what is remembered of a request until its answer is there
//! - `decode`: OPPO's answer becomes verdicts by the table in `reason`, or, after
//!   `save_message_content`, the `broadcast` request that sends the saved text
//!
//! What OPPO has no notion of (sounds, picture URLs, threads) is left out of the request and
//! told in a notice.

#![forbid(unsafe_code)]

mod auth;
mod decode;
mod encode;
mod memo;
pub mod options;
mod payload;
mod reason;
pub mod settings;

use nudged_plugin_api::{
    Authorize, Batch, Context, Decoded, Driver, EncodeError, Exchange, Grant, HttpResponse, Info,
    Notice, Rendered, SettingError, Settings, Timestamp, Verdict, export_driver,
};

use settings::Channel;

/// An open channel: one app at OPPO.
#[derive(Debug)]
pub struct Oppo {
    channel: Channel,
}

impl Driver for Oppo {
    fn describe() -> Info {
        settings::describe()
    }

    fn open(settings: &Settings, _now: Timestamp) -> Result<Self, SettingError> {
        Channel::read(settings).map(|channel| Self { channel })
    }

    fn account(&self) -> Option<String> {
        Some(self.channel.app_key.clone())
    }

    fn token(&self, token: &str) -> Result<String, EncodeError> {
        encode::check_token(token).map(str::to_owned)
    }

    fn advice(&self) -> Vec<Notice> {
        self.channel.advice()
    }

    fn grant_scope(&self) -> Option<String> {
        Some(auth::scope(&self.channel))
    }

    fn authorize(&self, now: Timestamp) -> Authorize {
        Authorize::Fetch(auth::request(&self.channel, now))
    }

    fn authorized(&self, response: &HttpResponse, now: Timestamp) -> Result<Grant, Verdict> {
        auth::grant(response, now)
    }

    fn encode(&self, batch: Batch<'_>, context: &Context<'_>) -> Result<Rendered, EncodeError> {
        encode::request(&self.channel, batch, context)
    }

    fn decode(&self, exchange: Exchange<'_>, now: Timestamp) -> Decoded {
        decode::decoded(&self.channel, exchange, now)
    }
}

export_driver!(Oppo);

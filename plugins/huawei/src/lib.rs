//! Driver for Huawei Push Kit (HMS): Android, EMUI and HarmonyOS 2 to 4, REST API v1 and v2.
//!
//! A channel is one app in AppGallery Connect. The driver turns values into values; the
//! flow through its modules:
//!
//! - [`settings`]: the channel's keys, and what is wrong with them
//! - `auth`: App ID and app secret are exchanged for an access token (OAuth 2.0)
//! - `encode`: one message and up to a thousand tokens become one `messages:send` request,
//!   with [`options`], the sender's own Push Kit fields, and `payload`, the request's body
//! - `decode`: Push Kit's answer becomes a verdict per token, by the table in `reason`

#![forbid(unsafe_code)]

mod auth;
mod decode;
mod encode;
pub mod options;
mod payload;
mod reason;
pub mod settings;

use nudged_plugin_api::{
    Authorize, Batch, Context, Decoded, Driver, EncodeError, Exchange, Grant, HttpResponse, Info,
    Notice, Rendered, SettingError, Settings, Timestamp, Verdict, export_driver,
};

use settings::Channel;

/// An open channel: one app at Huawei.
pub struct Huawei {
    channel: Channel,
}

impl Driver for Huawei {
    fn describe() -> Info {
        settings::describe()
    }

    fn open(settings: &Settings, _now: Timestamp) -> Result<Self, SettingError> {
        // An app secret carries no expiry: whether it is still in force, the token endpoint says.
        Channel::read(settings).map(|channel| Self { channel })
    }

    fn account(&self) -> Option<String> {
        Some(self.channel.app_id.clone())
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

    fn authorize(&self, _now: Timestamp) -> Authorize {
        Authorize::Fetch(auth::request(&self.channel))
    }

    fn authorized(&self, response: &HttpResponse, now: Timestamp) -> Result<Grant, Verdict> {
        auth::grant(response, now)
    }

    fn encode(&self, batch: Batch<'_>, context: &Context<'_>) -> Result<Rendered, EncodeError> {
        encode::request(&self.channel, batch, context)
    }

    fn decode(&self, exchange: Exchange<'_>, now: Timestamp) -> Decoded {
        Decoded::Verdicts(decode::verdicts(exchange, now))
    }
}

export_driver!(Huawei);

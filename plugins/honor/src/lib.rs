//! Driver for Honor Push, downlink messages of the server API.
//!
//! A channel is one app in Honor's developer console. The driver turns values into values;
//! the flow through its modules:
//!
//! - [`settings`]: the channel's keys, and what is wrong with them
//! - `auth`: client id and secret are exchanged for an access token (OAuth 2.0)
//! - `encode`: one message and up to 1000 tokens become one `sendMessage` request, with
//!   [`options`] for the sender's own Honor fields, and `payload` for the request's body
//! - `decode`: Honor's answer becomes a verdict for each device, by the table in `reason`
//!
//! What Honor has no field for (sound, channel, category, subtitle) is left out of the
//! request and told to the sender in a notice.

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

/// An open channel: one app.
#[derive(Debug)]
pub struct Honor {
    channel: Channel,
    app_id: String,
}

impl Driver for Honor {
    fn describe() -> Info {
        settings::describe()
    }

    fn open(settings: &Settings, _now: Timestamp) -> Result<Self, SettingError> {
        Ok(Self {
            channel: Channel::read(settings)?,
            app_id: settings.require_text("app_id")?.to_owned(),
        })
    }

    fn account(&self) -> Option<String> {
        Some(self.app_id.clone())
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

export_driver!(Honor);

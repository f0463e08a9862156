//! Driver for vivo Push (phones of vivo and iQOO).
//!
//! A channel is one app at vivo, opened with its AppID, AppKey and AppSecret.
//! The driver turns values into values; the flow through its modules:
//!
//! - [`settings`]: the channel's keys, and what is wrong with them
//! - `auth`: a signed request is exchanged for an authToken
//! - `encode`: a message for one regId becomes a `message/send` request, one for several a
//!   `message/saveListPayload` request, with [`options`], the sender's own vivo fields,
//!   [`classification`], the class and category that vivo counts it in, `width`, how it counts
//!   texts, and `payload`, the requests' bodies
//! - `decode`: vivo's answer becomes verdicts, by the table in `reason`, or the second request
//!   of a list, `message/pushToList`; `memo` is what the driver remembers in between
//!
//! What vivo has no notion of is left out of the request and said in a notice; the README
//! lists it.

#![forbid(unsafe_code)]

mod auth;
pub mod classification;
mod decode;
mod encode;
mod memo;
pub mod options;
mod payload;
mod reason;
pub mod settings;
mod width;

use nudged_plugin_api::{
    Authorize, Batch, Context, Decoded, Driver, EncodeError, Exchange, Grant, HttpResponse, Info,
    Rendered, SettingError, Settings, Timestamp, Verdict, export_driver,
};

use settings::Channel;

/// An open channel: one app at vivo.
#[derive(Debug)]
pub struct Vivo {
    channel: Channel,
}

impl Driver for Vivo {
    fn describe() -> Info {
        settings::describe()
    }

    fn open(settings: &Settings, _now: Timestamp) -> Result<Self, SettingError> {
        Channel::read(settings).map(|channel| Self { channel })
    }

    fn account(&self) -> Option<String> {
        Some(self.channel.app_id.to_string())
    }

    fn token(&self, token: &str) -> Result<String, EncodeError> {
        encode::check_token(token).map(str::to_owned)
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

export_driver!(Vivo);

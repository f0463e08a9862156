//! Driver for Huawei Push Kit for HarmonyOS 5 and later, REST API v3.
//!
//! A channel is one project, opened with the key file of a service account. (Android phones
//! of Huawei's have another API and the driver `huawei`.) The driver turns values into
//! values; the flow through its modules:
//!
//! - [`settings`]: the channel's keys, and what is wrong with the key file
//! - `auth`: a JWT is made on the spot, by the key in `sign`; nothing is fetched
//! - `encode`: one message and up to 1000 tokens become one `messages:send` request, with
//!   [`options`] for the sender's own Push Kit fields, and `payload` for the request's body
//! - `decode`: Push Kit's answer becomes a verdict for each device, by the tables in `reason`
//! - `probe`: a test message to nobody shows whether Push Kit takes the JWT
//! - `recall`: what was accepted is taken back by its `notifyId`, `messages:revoke`

#![forbid(unsafe_code)]

mod auth;
mod decode;
mod encode;
pub mod options;
mod payload;
mod probe;
mod reason;
mod recall;
pub mod settings;
mod sign;

use nudged_plugin_api::{
    Authorize, Batch, Context, Decoded, Driver, EncodeError, Exchange, HttpRequest, HttpResponse,
    Info, Recall, Rendered, SettingError, Settings, Timestamp, Verdict, export_driver,
};

use settings::Channel;

/// An open channel: one project.
#[derive(Debug)]
pub struct Harmony {
    channel: Channel,
}

impl Driver for Harmony {
    fn describe() -> Info {
        settings::describe()
    }

    fn open(settings: &Settings, _now: Timestamp) -> Result<Self, SettingError> {
        // A key file carries no expiry: whether the key still lives, Push Kit says.
        Channel::read(settings).map(|channel| Self { channel })
    }

    fn account(&self) -> Option<String> {
        Some(self.channel.account.project_id.clone())
    }

    fn token(&self, token: &str) -> Result<String, EncodeError> {
        encode::check_token(token).map(str::to_owned)
    }

    fn grant_scope(&self) -> Option<String> {
        Some(auth::scope(&self.channel.account))
    }

    fn authorize(&self, now: Timestamp) -> Authorize {
        Authorize::Ready(auth::grant(&self.channel.account, now))
    }

    fn probe(&self, context: &Context<'_>) -> Option<HttpRequest> {
        probe::request(&self.channel, context)
    }

    fn probed(&self, response: &HttpResponse, now: Timestamp) -> Result<(), Verdict> {
        probe::answer(response, now)
    }

    fn encode(&self, batch: Batch<'_>, context: &Context<'_>) -> Result<Rendered, EncodeError> {
        encode::request(&self.channel, batch, context)
    }

    fn decode(&self, exchange: Exchange<'_>, now: Timestamp) -> Decoded {
        Decoded::Verdicts(decode::verdicts(exchange, now))
    }

    fn recall(&self, recall: Recall<'_>, context: &Context<'_>) -> Result<Rendered, EncodeError> {
        recall::request(&self.channel, recall, context)
    }

    fn recalled(&self, exchange: Exchange<'_>, now: Timestamp) -> Vec<Verdict> {
        recall::verdicts(exchange, now)
    }
}

export_driver!(Harmony);

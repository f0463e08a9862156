//! Driver for Firebase Cloud Messaging, HTTP v1 API.
//!
//! A channel is one Firebase project, opened with the key file of a service account.
//! The driver turns values into values; the flow through its modules:
//!
//! - [`settings`]: the channel's keys, and what is wrong with the key file
//! - `auth`: an assertion that `sign` signs is exchanged for an access token (OAuth 2.0)
//! - `encode`: one message and one token become one `messages:send` request, with
//!   [`options`], the sender's own FCM fields, and `payload`, the request's body
//! - `decode`: FCM's answer becomes a verdict, by the table in `reason`, and what APNs said to FCM by
//!   that in `reason::apple`
//! - `probe`: a message that FCM only validates shows whether it takes the credential
//!
//! What FCM has no notion of (a click action other than opening the launcher) is
//! left out of the request; the README lists it.

#![forbid(unsafe_code)]

mod auth;
mod decode;
mod encode;
pub mod options;
mod payload;
mod probe;
mod reason;
pub mod settings;
mod sign;

use nudged_plugin_api::{
    Authorize, Batch, Context, Decoded, Driver, EncodeError, Exchange, Grant, HttpRequest,
    HttpResponse, Info, Notice, Rendered, SettingError, Settings, Timestamp, Verdict,
    export_driver,
};

use settings::Channel;

/// An open channel: one Firebase project.
#[derive(Debug)]
pub struct Fcm {
    channel: Channel,
}

impl Driver for Fcm {
    fn describe() -> Info {
        settings::describe()
    }

    fn open(settings: &Settings, _now: Timestamp) -> Result<Self, SettingError> {
        // A key file carries no expiry: whether the key still lives, the token endpoint says.
        Channel::read(settings).map(|channel| Self { channel })
    }

    fn account(&self) -> Option<String> {
        Some(self.channel.project.clone())
    }

    fn token(&self, token: &str) -> Result<String, EncodeError> {
        encode::check_token(token).map(str::to_owned)
    }

    fn advice(&self) -> Vec<Notice> {
        self.channel.advice()
    }

    fn grant_scope(&self) -> Option<String> {
        Some(auth::scope(&self.channel.account))
    }

    fn authorize(&self, now: Timestamp) -> Authorize {
        Authorize::Fetch(auth::request(&self.channel.account, now))
    }

    fn authorized(&self, response: &HttpResponse, now: Timestamp) -> Result<Grant, Verdict> {
        auth::grant(response, now)
    }

    fn probe(&self, context: &Context<'_>) -> Option<HttpRequest> {
        probe::request(&self.channel, context)
    }

    fn probed(&self, response: &HttpResponse, now: Timestamp) -> Result<(), Verdict> {
        decode::verdict(response, false, now).of_credential()
    }

    fn encode(&self, batch: Batch<'_>, context: &Context<'_>) -> Result<Rendered, EncodeError> {
        encode::request(&self.channel, batch, context)
    }

    fn decode(&self, exchange: Exchange<'_>, now: Timestamp) -> Decoded {
        Decoded::Verdicts(decode::verdicts(exchange, now))
    }
}

export_driver!(Fcm);

//! nudged's driver for the Apple Push Notification service (APNs).
//!
//! Read it beside Apple's "Sending notification requests to APNs":
//! - `settings`: a channel's keys, checked together: one app, one credential, one environment;
//! - `auth`: the signed provider token of a `.p8` key, `certificate`: what a certificate may do;
//! - `push_type`: the eleven values of `apns-push-type` and what each of them demands;
//! - `options`: what a sender may ask of APNs beyond the common message;
//! - `payload` and `encode`: message to JSON body, and to the request around it;
//! - `token`: the one form of a device's token;
//! - `decode`: APNs's answer to a verdict, by the table in `reason`;
//! - `probe`: whose tokens a channel takes, and whether its credential is good.
//!
//! No clock, socket, file or random source: values in, values out.

#![forbid(unsafe_code)]

mod auth;
mod certificate;
mod decode;
mod encode;
mod options;
mod payload;
mod probe;
mod push_type;
mod reason;
mod settings;
mod token;

use nudged_plugin_api::{
    Authorize, Batch, Context, Decoded, Driver, EncodeError, Exchange, HttpRequest, HttpResponse,
    Info, Rendered, SettingError, Settings, Timestamp, Verdict, export_driver,
};

use settings::{Channel, Credential};

/// An open channel: one app of one developer account in one environment.
pub struct Apns {
    channel: Channel,
    account: String,
}

impl Driver for Apns {
    fn describe() -> Info {
        settings::describe()
    }

    fn open(settings: &Settings, now: Timestamp) -> Result<Self, SettingError> {
        let channel = Channel::read(settings, now)?;
        Ok(Self {
            account: probe::account(&channel.topic, settings),
            channel,
        })
    }

    fn account(&self) -> Option<String> {
        Some(self.account.clone())
    }

    fn token(&self, token: &str) -> Result<String, EncodeError> {
        token::form(token)
    }

    fn grant_scope(&self) -> Option<String> {
        match &self.channel.credential {
            Credential::Key(key) => Some(key.scope()),
            Credential::Certificate(_) => None,
        }
    }

    fn authorize(&self, now: Timestamp) -> Authorize {
        match &self.channel.credential {
            Credential::Key(key) => Authorize::Ready(key.sign(now)),
            Credential::Certificate(_) => Authorize::NotNeeded,
        }
    }

    fn probe(&self, context: &Context<'_>) -> Option<HttpRequest> {
        probe::request(&self.channel, context)
    }

    fn probed(&self, response: &HttpResponse, now: Timestamp) -> Result<(), Verdict> {
        decode::verdict(response, now).of_credential()
    }

    fn encode(&self, batch: Batch<'_>, context: &Context<'_>) -> Result<Rendered, EncodeError> {
        encode::request(&self.channel, batch, context)
    }

    fn decode(&self, exchange: Exchange<'_>, now: Timestamp) -> Decoded {
        Decoded::Verdicts(decode::verdicts(exchange, now))
    }
}

export_driver!(Apns);

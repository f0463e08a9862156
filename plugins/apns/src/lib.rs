//! nudged's driver for the Apple Push Notification service (APNs).
//!
//! Read it beside Apple's "Sending notification requests to APNs":
//! - `settings`: a channel's keys, checked together: one app, one credential, one environment;
//! - `auth`: the signed provider token of a `.p8` key, `certificate`: what a certificate may do;
//! - `push_type`: the eleven values of `apns-push-type` and what each of them demands;
//! - `options`: what a sender may ask of APNs beyond the common message;
//! - `payload` and `encode`: message to JSON body, and to the request around it;
//! - `token`: the one form of a device's token;
//! - `decode`: APNs's answer to a verdict, by the plugin API's table of Apple's words;
//! - `probe`: whose tokens a channel takes, and whether its credential is good.
//!
//! No clock, socket, file or random source: values in, values out.

#![forbid(unsafe_code)]

use nudged_plugin_api::info::Kind;
use nudged_plugin_api::{
    Authorize, Batch, Context, Decoded, Driver, EncodeError, Exchange, HttpRequest, HttpResponse,
    Info, KindInfo, Platform, Probe, Protocol, Rendered, Setting, SettingError, Settings,
    Timestamp, TokenUse, Verdict,
};

mod auth;
mod certificate;
mod decode;
mod encode;
#[cfg(test)]
mod fixture;
mod options;
mod payload;
mod probe;
mod push_type;
mod settings;
mod token;

use settings::{Channel, Credential};

/// An open channel: one app of one developer account in one environment.
pub struct Apns {
    channel: Channel,
    account: String,
}

impl Driver for Apns {
    fn describe() -> Info {
        let mut info = Info::new(
            "apns",
            "Apple Push Notification service",
            env!("CARGO_PKG_VERSION"),
        )
        .platform(Platform::Ios)
        .badge()
        .probe(Probe::Request)
        .kinds([
            KindInfo::BACKGROUND,
            KindInfo::voip(TokenUse::Own),
            KindInfo::live_activity(TokenUse::Own),
        ])
        .hosts(settings::HOSTS)
        .classes(push_type::classes())
        .settings(declared_settings())
        .sources([
            "Apple: Sending notification requests to APNs",
            "Apple: Generating a remote notification",
            "Apple: Establishing a token-based connection to APNs",
            "Apple: Establishing a certificate-based connection to APNs",
            "Apple: Handling notification responses from APNs",
            "Apple: Starting and updating Live Activities with ActivityKit push notifications",
        ]);
        info.protocol = Protocol::Http2;
        info.max_body = push_type::LARGEST_PAYLOAD;
        // What APNs usually allows a connection; its SETTINGS frame has the last word.
        info.concurrency = 1000;
        info
    }

    fn open(settings: &Settings, now: Timestamp) -> Result<Self, SettingError> {
        let channel = Channel::open(settings, now)?;
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
        encode::request(&self.channel, batch.message, batch.single(), context)
    }

    fn decode(&self, exchange: Exchange<'_>, now: Timestamp) -> Decoded {
        Decoded::all(
            decode::verdict(exchange.response, now),
            exchange.targets.len(),
        )
    }
}

nudged_plugin_api::export_driver!(Apns);

fn declared_settings() -> [Setting; 10] {
    [
        Setting::new(
            "key",
            Kind::File,
            "The .p8 file of an APNs authentication key, from Certificates, Identifiers & Profiles > Keys; Apple lets you download it once.",
        )
        .aliases(["p8"])
        .secret(),
        Setting::new(
            "key_id",
            Kind::Text,
            "Key ID of the key, 10 characters, shown beside it under Keys.",
        ),
        Setting::new(
            "team_id",
            Kind::Text,
            "Team ID of the developer account, 10 characters, shown under Membership details.",
        ),
        Setting::new(
            "certificate",
            Kind::Identity,
            "Instead of a key: the Apple Push Services certificate with its private key, exported from Keychain Access as .p12 or PEM.",
        )
        .aliases(["p12"]),
        Setting::new(
            "certificate_password",
            Kind::Text,
            "Password that the .p12 file was exported with.",
        )
        .aliases(["p12_password"])
        .secret(),
        Setting::new(
            "topic",
            Kind::Text,
            "Bundle ID of the app, shown under Identifiers, without any suffix; a certificate has it as its subject's UID.",
        )
        .aliases(["bundle_id"]),
        Setting::new(
            "environment",
            Kind::Choice,
            "Where the app's tokens come from: production for App Store, TestFlight and ad hoc builds, sandbox, which Apple's profiles call development, for builds run from Xcode.",
        )
        .choices(["production", "sandbox", "development"])
        .with_default("\"production\""),
        Setting::new(
            "port",
            Kind::Integer,
            "443, or 2197 where a firewall lets only APNs through.",
        )
        .with_default("443"),
        Setting::new(
            "endpoint",
            Kind::Url,
            "Replaces Apple's host and port, for a test server or a proxy.",
        ),
        Setting::new(
            "mutable_content",
            Kind::Boolean,
            "Let every alert pass through the app's notification service extension, which may change it before it is shown.",
        )
        .with_default("false"),
    ]
}

//! Driver for Xiaomi Push (Mi Push, XMPush), the HTTP API for servers.
//!
//! A channel is one app at Xiaomi, opened with its AppSecret, which goes along with every
//! request: there is no access token. The flow through the modules:
//!
//! - [`settings`]: the channel's keys, and what is wrong with them
//! - `encode`: one message and up to a thousand regids become one `POST /v3/message/regid`,
//!   with [`options`], the sender's own Xiaomi fields, `template`, the variables of a message
//!   template, and `payload`, the request's form
//! - `decode`: Xiaomi's answer becomes verdicts, by the table in `reason`, or one more request for
//!   a text that it took for a test
//! - `probe`: asking for the state of no messages shows whether the AppSecret is good
//! - `recall`: what was accepted is taken back by its `notify_id`
//!
//! What Xiaomi cannot show is left out with a notice; the README lists it.

#![forbid(unsafe_code)]

mod decode;
mod encode;
pub mod options;
mod payload;
mod probe;
mod reason;
mod recall;
pub mod settings;
mod template;

use nudged_plugin_api::{
    Batch, Context, Decoded, Driver, EncodeError, Exchange, HttpRequest, HttpResponse, Info,
    Notice, Recall, Rendered, SettingError, Settings, Timestamp, Verdict, export_driver,
};

use settings::Channel;

/// An open channel: one app at Xiaomi.
#[derive(Debug)]
pub struct Xiaomi {
    channel: Channel,
}

impl Driver for Xiaomi {
    fn describe() -> Info {
        settings::describe()
    }

    fn open(settings: &Settings, _now: Timestamp) -> Result<Self, SettingError> {
        // An AppSecret carries no expiry: whether it is still good, only Xiaomi's answers say.
        Channel::read(settings).map(|channel| Self { channel })
    }

    fn account(&self) -> Option<String> {
        // Tokens are of a package; app secrets come and go.
        Some(self.channel.package.clone())
    }

    fn token(&self, token: &str) -> Result<String, EncodeError> {
        encode::check_token(token).map(str::to_owned)
    }

    fn advice(&self) -> Vec<Notice> {
        self.channel.advice()
    }

    fn probe(&self, context: &Context<'_>) -> Option<HttpRequest> {
        Some(probe::request(&self.channel, context.now))
    }

    fn probed(&self, response: &HttpResponse, now: Timestamp) -> Result<(), Verdict> {
        decode::verdict(&[], response, now).of_credential()
    }

    fn encode(&self, batch: Batch<'_>, context: &Context<'_>) -> Result<Rendered, EncodeError> {
        encode::request(&self.channel, batch, context)
    }

    fn decode(&self, exchange: Exchange<'_>, now: Timestamp) -> Decoded {
        decode::decoded(&self.channel, exchange, now)
    }

    fn recall(&self, recall: Recall<'_>, _: &Context<'_>) -> Result<Rendered, EncodeError> {
        recall::request(&self.channel, recall)
    }

    fn recalled(&self, exchange: Exchange<'_>, now: Timestamp) -> Vec<Verdict> {
        recall::verdicts(exchange, now)
    }
}

export_driver!(Xiaomi);

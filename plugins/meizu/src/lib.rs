//! Driver for Meizu (Flyme) Push, the server API for notifications to pushIds.
//!
//! A channel is one app, opened with its AppId and AppSecret. The driver turns values into
//! values; the flow through its modules:
//!
//! - [`settings`]: the channel's keys
//! - `encode`: one message and up to 100 devices become one `varnished/pushByPushId` request,
//!   with [`options`], the sender's own Meizu fields, and `payload`, the JSON in the request's
//!   parameter `messageJson`
//! - `sign`: the request's proof; Meizu gives no access tokens
//! - `decode`: Meizu's answer becomes a verdict for each device, by the two tables in `reason`
//!
//! What Meizu has no notion of (channels, badges, sound files) is told in a notice.

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

/// An open channel: one app at Meizu.
#[derive(Debug)]
pub struct Meizu {
    channel: Channel,
}

impl Driver for Meizu {
    fn describe() -> Info {
        settings::describe()
    }

    fn open(settings: &Settings, _now: Timestamp) -> Result<Self, SettingError> {
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

    fn encode(&self, batch: Batch<'_>, context: &Context<'_>) -> Result<Rendered, EncodeError> {
        encode::request(&self.channel, batch, context)
    }

    fn decode(&self, exchange: Exchange<'_>, now: Timestamp) -> Decoded {
        Decoded::Verdicts(decode::verdicts(exchange, now))
    }
}

export_driver!(Meizu);

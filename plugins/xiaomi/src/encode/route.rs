//! How Xiaomi classes the message: by its notification channel and nothing else.

use nudged_driver_kit::text::present;
use nudged_plugin_api::{EncodeError, Message, Notice, bad_option};

use crate::options::Options;
use crate::settings::{Channel, ChannelClass};

const DAY: u64 = 86_400_000;

/// How Xiaomi classes the message.
pub(super) struct Route<'a> {
    pub channel_id: Option<&'a str>,
    pub class: Class,
    pub template_id: Option<&'a str>,
    /// The channel's own template, whose variables the message fills.
    pub filled: bool,
}

/// The classes that Xiaomi counts messages in.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    Default,
    Public,
    Private,
    /// A channel that only the console knows.
    Unknown,
}

impl Class {
    pub fn name(self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::Public => "public",
            Self::Private => "private",
            Self::Unknown => "",
        }
    }

    /// How long Xiaomi keeps a message for a phone that is offline.
    pub fn max_time_to_live(self) -> u64 {
        match self {
            Self::Default | Self::Public | Self::Unknown => DAY,
            Self::Private => 10 * DAY,
        }
    }
}

/// Channel and template of the message, and so its class.
pub(super) fn route<'a>(
    channel: &'a Channel,
    message: &'a Message,
    options: &'a Options,
    notices: &mut Vec<Notice>,
) -> Result<Route<'a>, EncodeError> {
    let own = channel.channel_id.as_deref();
    let asked = present(&options.channel_id).or(present(&message.channel_id));
    if asked.is_some_and(|asked| !channel.knows(asked)) {
        notices.push(Notice::new(
            "channel_id",
            "is not the certificate's: where Xiaomi's console does not know it, the message goes out \
             in the certificate's (the setting channel_ids lists those that it knows)",
        ));
    }
    // req 46: the certificate's goes along where the message names none.
    let channel_id = asked.or(own);
    // A template belongs to one channel: the configured one is no use to any other.
    let template = channel.template.as_ref().filter(|_| channel_id == own);
    let named = present(&options.template_id);
    if named.is_some() && channel_id.is_none() {
        let problem = "is given without a channel_id, and every template belongs to a channel";
        return Err(bad_option("template_id", problem));
    }
    let template_id = named.or(template.map(|template| template.id.as_str()));
    if options.template_param.is_some() && template_id.is_none() {
        let problem = "is given without a template_id";
        return Err(bad_option("template_param", problem));
    }
    // The setting speaks of the configured channel only.
    let known = channel_id == own;
    let class = match options
        .channel_class
        .or(known.then_some(channel.channel_class))
    {
        _ if channel_id.is_none() => Class::Default,
        Some(ChannelClass::Public) => Class::Public,
        Some(ChannelClass::Private) => Class::Private,
        None => Class::Unknown,
    };
    Ok(Route {
        channel_id,
        class,
        template_id,
        filled: template.is_some_and(|template| template_id == Some(template.id.as_str())),
    })
}

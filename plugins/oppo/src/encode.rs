//! Message and devices to request: `unicast` for one device, `save_message_content` for
//! several, whose answer leads to `broadcast`.
//!
//! In: the channel, the message, its devices and the grant. Out: the request with notices
//! on what OPPO does not show, or which option OPPO would refuse for sure. A message that is too
//! long is fitted, see [`nudged_driver_kit::fit`]. What a tap opens is decided in `click`, what the app
//! is given with it in `extras`.

mod click;
mod extras;

use std::borrow::Cow;

use nudged_driver_kit::fit::{Extras, fitted, spare};
use nudged_driver_kit::text::{Unit, fit, present};
use nudged_driver_kit::{android, token};
use nudged_plugin_api::{
    Badge, Batch, Context, EncodeError, HttpRequest, Kind, Message, Notice, Rendered, Sound,
    Timestamp, too_large,
};
use serde_json::{Map, Value};

use crate::memo::{Level, Step};
use crate::options::{Options, Style};
use crate::payload::{
    MAX_CONTENT, MAX_LONG_CONTENT, MAX_SUB_TITLE, MAX_TITLE, Notification, save, unicast,
};
use crate::settings::{Channel, MAX_BODY};

/// The `notify_level` that apps must apply for.
const STRONG: u8 = 16;
/// Stands between the tokens of a `broadcast`.
pub(crate) const SEPARATOR: &str = ";";
/// Longest token that is sent; OPPO's own have about 40 bytes.
const MAX_TOKEN: usize = 128;
/// Ten days, the longest that OPPO keeps a message.
const MAX_TTL: u64 = 864_000;

/// The request that delivers `batch`, or the first one of two.
pub(crate) fn request(
    channel: &Channel,
    batch: Batch<'_>,
    context: &Context<'_>,
) -> Result<Rendered, EncodeError> {
    let message = batch.message;
    let grant = context.granted()?;
    if message.kind != Kind::Alert {
        return Err(EncodeError::new(
            "KindUnsupported",
            "kind",
            "has no form at OPPO, which only shows notifications",
        ));
    }
    let first = First {
        channel,
        auth_token: grant,
        tokens: token::each(batch.targets, check_token)?,
    };
    let options = Options::read(message)?;
    fitted(message, |message, extras| {
        let batch = Batch::new(message, batch.targets);
        fitting(&first, batch, &options, extras, context.now)
    })
}

/// Refuses what would spoil the requests of other devices, or no phone can have reported.
pub(crate) fn check_token(token: &str) -> Result<&str, EncodeError> {
    let never: [token::Never<'_>; 2] = [
        (
            |c| c == ';',
            "contains a semicolon, which separates registration ids",
        ),
        (
            |c| !c.is_ascii_graphic(),
            "has a blank, control or non-ASCII character, which no registration id has",
        ),
    ];
    token::check(token, "a registration id", MAX_TOKEN, &never)
}

fn fitting(
    first: &First<'_>,
    batch: Batch<'_>,
    options: &Options,
    extras: Extras,
    now: Timestamp,
) -> Result<Rendered, EncodeError> {
    let channel = first.channel;
    let message = batch.message;
    let mut notices = Vec::new();
    let id = batch.id();
    let action = click::action(message, options, &mut notices);
    let none = Default::default();
    let more = match (&options.action_parameters, extras) {
        (Some(more), Extras::Sent) => more,
        (Some(_), Extras::LeftOut) => {
            spare("action_parameters", true, &mut notices);
            &none
        }
        (None, _) => &none,
    };
    let parameters = extras::parameters(message, &action, more, &mut notices)?;
    let text = Text::of(channel, message, options, &mut notices);
    let category = category(channel, message, options, &mut notices);
    let channel_id = channel_id(channel, message, options, &mut notices);
    let ttl = message.lifetime.seconds_left(now).min(MAX_TTL);
    let (badge_operation, badge_count) = badge(&batch, options);
    let call_back_url = options
        .call_back_url
        .as_deref()
        .or(channel.call_back_url.as_deref());
    let call_back_parameter = options
        .call_back_parameter
        .as_deref()
        .or(channel.call_back_parameter.as_deref())
        .unwrap_or(&id);
    let title_parameters = json(options.private_title_parameters.as_ref());
    let content_parameters = json(options.private_content_parameters.as_ref());
    let notification = Notification {
        app_message_id: Some(&id),
        style: text.style.number(),
        title: &text.title,
        sub_title: text.sub_title.as_deref(),
        content: &text.content,
        big_picture_id: options.big_picture_id.as_deref(),
        small_picture_id: options.small_picture_id.as_deref(),
        click_action_type: action.kind(),
        click_action_activity: action.activity(),
        click_action_url: action.url(),
        action_parameters: parameters.as_deref(),
        show_time_type: options.show_start_time.map(|_| 1),
        show_start_time: options.show_start_time,
        show_end_time: options.show_end_time,
        off_line: ttl > 0,
        off_line_ttl: (ttl > 0).then_some(ttl),
        show_ttl: options.show_ttl,
        network_type: options.network_type,
        channel_id,
        category,
        notify_level: notify_level(channel, options, category, &mut notices),
        notify_id: options
            .notify_id
            .or_else(|| present(&message.collapse_key).map(android::notify_id)),
        badge_operation_type: badge_operation,
        badge_message_count: badge_count,
        private_msg_template_id: options.private_msg_template_id.as_deref(),
        private_title_parameters: title_parameters.as_deref(),
        private_content_parameters: content_parameters.as_deref(),
        call_back_url,
        call_back_parameter: call_back_url.map(|_| call_back_parameter),
    };
    unsupported(message, &mut notices);
    let rendered = first.request(&notification)?;
    Ok(rendered.class(class(category)).notices(notices))
}

/// The first request of a batch, but for the notification.
struct First<'a> {
    channel: &'a Channel,
    auth_token: &'a str,
    /// Each once.
    tokens: Vec<&'a str>,
}

impl First<'_> {
    fn request(&self, notification: &Notification<'_>) -> Result<Rendered, EncodeError> {
        let auth_token = self.auth_token;
        // The account may have no right to the level.
        let plain = notification.notify_level.map(|_| Notification {
            notify_level: None,
            ..notification.clone()
        });
        let (path, body, memo) = match self.tokens[..] {
            [token] => {
                let level = plain.map(|plain| Level::Asked(unicast(auth_token, token, &plain)));
                let memo = level.map(|level| Step::Unicast { level: Some(level) }.memo());
                let body = unicast(auth_token, token, notification);
                ("unicast", body, memo.unwrap_or_default())
            }
            _ => {
                let again = Notification {
                    app_message_id: None,
                    ..notification.clone()
                };
                let step = Step::Save {
                    auth_token: auth_token.to_owned(),
                    again: Some(save(auth_token, &again)),
                    level: plain.map(|plain| Level::Asked(save(auth_token, &plain))),
                };
                let body = save(auth_token, notification);
                ("save_message_content", body, step.memo())
            }
        };
        if body.len() > MAX_BODY {
            return Err(too_large("message", body.len(), MAX_BODY, "bytes"));
        }
        Ok(Rendered::new(form(at(self.channel, path), body)).memo(memo))
    }
}

/// Where the calls about notifications are.
pub(crate) fn at(channel: &Channel, path: &str) -> String {
    format!("{}/server/v1/message/notification/{path}", channel.endpoint)
}

/// A form, as every call of OPPO's wants it.
pub(crate) fn form(url: impl Into<String>, body: String) -> HttpRequest {
    HttpRequest::post(url)
        .header(
            "content-type",
            "application/x-www-form-urlencoded;charset=UTF-8",
        )
        .body(body)
}

/// What is read: OPPO wants a title and a content.
struct Text<'a> {
    style: Style,
    title: Cow<'a, str>,
    sub_title: Option<Cow<'a, str>>,
    content: Cow<'a, str>,
}

impl<'a> Text<'a> {
    fn of(
        channel: &'a Channel,
        message: &'a Message,
        options: &Options,
        notices: &mut Vec<Notice>,
    ) -> Self {
        let style = options.style().unwrap_or(channel.style);
        let most = match style {
            Style::LongText => MAX_LONG_CONTENT,
            _ => MAX_CONTENT,
        };
        // req 24: a message without a title has the default one.
        let default = channel.default_title.as_str();
        let (title, from, content) = match (present(&message.title), present(&message.body)) {
            (title, Some(body)) => (title.unwrap_or(default), "body", body),
            // A lone title is what there is to say, so it is the content.
            (title, None) => (default, "title", title.unwrap_or(default)),
        };
        Self {
            style,
            title: fit("title", title, MAX_TITLE, Unit::Utf16, notices),
            sub_title: present(&message.subtitle)
                .map(|text| fit("subtitle", text, MAX_SUB_TITLE, Unit::Utf16, notices)),
            content: fit(from, content, most, Unit::Utf16, notices),
        }
    }
}

fn category<'a>(
    channel: &'a Channel,
    message: &'a Message,
    options: &'a Options,
    notices: &mut Vec<Notice>,
) -> Option<&'a str> {
    // req 48: the option's word goes as it is; the message's may be another vendor's.
    if let Some(category) = options.category.as_deref() {
        return Some(category);
    }
    match present(&message.category) {
        Some(category) if !class(Some(category)).is_empty() => return Some(category),
        Some(_) => notices.push(Notice::new(
            "category",
            "was left out: it is no category of OPPO's, such as IM; options.oppo.category passes \
             any word on",
        )),
        None => {}
    }
    channel.category.as_deref()
}

/// The class that OPPO counts a category in; without a category the channel's registration
/// in the console decides, which nobody here knows.
fn class(category: Option<&str>) -> &'static str {
    match category {
        Some("IM" | "ACCOUNT" | "DEVICE_REMINDER" | "ORDER" | "TODO" | "SUBSCRIPTION") => "service",
        Some("CONTENT" | "MARKETING" | "SOCIAL") => "marketing",
        Some("NEWS") => "news",
        _ => "",
    }
}

/// A level without a category is refused by OPPO: the sender's is left out, the setting's
/// waits for messages with one.
fn notify_level(
    channel: &Channel,
    options: &Options,
    category: Option<&str>,
    notices: &mut Vec<Notice>,
) -> Option<u8> {
    match (options.notify_level, category) {
        (Some(_), None) => {
            notices.push(Notice::new(
                "options.notify_level",
                "was left out: OPPO takes it of messages with a category only, such as IM",
            ));
            None
        }
        (level, category) => {
            let set = channel.notify_level;
            if level == Some(STRONG) && set != level {
                notices.push(Notice::new(
                    "options.notify_level",
                    "is 16, which needs a right: where OPPO has not given it to the app, the \
                     message goes out without a level",
                ));
            }
            level.or(category.and(set))
        }
    }
}

fn channel_id<'a>(
    channel: &'a Channel,
    message: &'a Message,
    options: &'a Options,
    notices: &mut Vec<Notice>,
) -> Option<&'a str> {
    // req 44: the message's goes before the certificate's, and none at all is told.
    let named = options
        .channel_id
        .as_deref()
        .or(present(&message.channel_id));
    let mut tell = |text| notices.push(Notice::new("channel_id", text));
    match (named, channel.channel_id.as_deref()) {
        (Some(named), _) if !channel.knows(named) => tell(
            "is not the certificate's: phones show nothing unless the OPPO push console and the \
             app know it (the setting channel_ids lists those that they do)",
        ),
        (None, None) => tell(
            "is missing here and in the settings: phones with Android 8 or later show nothing \
             without the id of a notification channel",
        ),
        _ => {}
    }
    named.or(channel.channel_id.as_deref())
}

/// `badge_operation_type` (0 sets, 1 adds) and `badge_message_count`.
fn badge(batch: &Batch<'_>, options: &Options) -> (Option<u8>, Option<u32>) {
    // OPPO's numbers are signed and have 32 bits.
    let number = |count: u32| Some(count.min(i32::MAX as u32));
    match (options.badge_operation_type, batch.badge()) {
        (Some(operation), _) => (Some(operation), options.badge_message_count),
        (None, Badge::Set(count)) => (Some(0), number(count)),
        (None, Badge::Add(count)) => (Some(1), number(count)),
        _ => (None, None),
    }
}

/// Says what OPPO has no field for.
fn unsupported(message: &Message, notices: &mut Vec<Notice>) {
    let mut say = |field, text| notices.push(Notice::new(field, text));
    if message.sound != Sound::Default {
        say(
            "sound",
            "was left out: OPPO takes none, and the notification channel decides what is heard",
        );
    }
    if present(&message.image).is_some() {
        say(
            "image",
            "was left out: OPPO shows only pictures that were uploaded to it, see the option \
             big_picture_id",
        );
    }
    if present(&message.thread).is_some() {
        say("thread", "was left out: OPPO does not group messages");
    }
    if message.test {
        say(
            "test",
            "was left out: OPPO has no test messages, so this one is delivered and counted as any",
        );
    }
}

fn json(values: Option<&Map<String, Value>>) -> Option<String> {
    values.map(|values| serde_json::to_string(values).expect("JSON always makes JSON"))
}

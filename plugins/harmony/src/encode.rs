//! Message and devices to request: `POST /v3/{projectId}/messages:send`.
//!
//! In: the channel, the batch, the grant and the time. Out: the request with its class and
//! notices, or which field Push Kit would refuse for sure. What a tap does is decided in `click`.

mod click;

use std::borrow::Cow;

use nudged_driver_kit::fit::{Extras, fitted, whole};
use nudged_driver_kit::text::present;
use nudged_driver_kit::{address, android, token};
use nudged_plugin_api::{
    self as api, Batch, Context, EncodeError, HttpRequest, Kind, Message, Notice, Rendered, Sound,
    too_large,
};

use crate::options::Options;
use crate::payload::{Badge, Body, Destination, Notification, Payload, PushOptions};
use crate::reason::TEST;
use crate::settings::{CATEGORIES, Channel, MARKETING, MAX_PAYLOAD, MAX_TOKEN};

/// `push-type` of notifications.
pub(crate) const ALERT: &str = "0";
/// Fifteen days, the longest that Push Kit keeps a message.
const MAX_TTL: u64 = 1_296_000;
/// Highest number on an icon.
const MAX_BADGE: u32 = 99;
/// Most tokens of a test message (80300030).
const MAX_TEST: usize = 10;
/// Data of a message that wakes the app and says nothing.
const NO_DATA: &str = "{}";

/// The request that delivers the batch.
pub(crate) fn request(
    channel: &Channel,
    batch: Batch<'_>,
    context: &Context<'_>,
) -> Result<Rendered, EncodeError> {
    let bearer = bearer(context)?;
    let tokens = token::each(batch.targets, check_token)?;
    if batch.message.test && tokens.len() > MAX_TEST {
        // The field makes nudged send to these devices one by one.
        let problem = format!(
            "is one of {}, but a test message takes {MAX_TEST}",
            tokens.len()
        );
        return Err(EncodeError::new("TestTooLarge", "token", problem));
    }
    let encode = |message: &Message, extras| {
        let batch = Batch::new(message, batch.targets);
        fitting(channel, batch, extras, context, &bearer, &tokens)
    };
    match batch.message.kind {
        // A call carries ext only: without it the app would ring for nobody.
        Kind::Voip => whole(batch.message, |message| encode(message, Extras::Sent)),
        _ => fitted(batch.message, encode),
    }
}

fn fitting(
    channel: &Channel,
    batch: Batch<'_>,
    extras: Extras,
    context: &Context<'_>,
    bearer: &str,
    tokens: &[&str],
) -> Result<Rendered, EncodeError> {
    let message = batch.message;
    let mut options = Options::read(message)?;
    let mut notices = Vec::new();
    if extras == Extras::LeftOut {
        options.leave_out_extras(&mut notices);
    }
    let plan = Plan {
        channel,
        message,
        options: &options,
    };
    let mut recall_key = String::new();
    let (push_type, payload, class) = match message.kind {
        Kind::Alert => {
            let notification = plan.notification(batch, &mut notices)?;
            let class = class(notification.category);
            recall_key = notification.notify_id.to_string();
            let notification = Box::new(notification);
            (ALERT, Payload::Alert { notification }, class)
        }
        Kind::Background => ("6", plan.extra(&mut notices), ""),
        Kind::Voip => ("10", plan.extra(&mut notices), ""),
        _ => {
            return Err(EncodeError::new(
                "KindUnsupported",
                "kind",
                "is a Live Activity, which this driver has no form for; it knows notifications, \
                 background messages and calls",
            ));
        }
    };
    let body = Body {
        payload,
        target: Destination { token: tokens },
        push_options: PushOptions {
            // Shorter than a second there is not.
            ttl: message.lifetime.seconds_left(context.now).clamp(1, MAX_TTL),
            bi_tag: given_or_id(&options.bi_tag, batch),
            receipt_id: present(&options.receipt_id).or(present(&channel.receipt_id)),
            test_message: message.test,
            collapse_key: options.collapse_key,
            background_mode: options
                .background_mode
                .filter(|_| message.kind == Kind::Background),
        },
    };
    let (json, size) = body.to_json();
    if size > MAX_PAYLOAD {
        return Err(too_large(
            "message",
            size,
            MAX_PAYLOAD,
            "bytes without its tokens",
        ));
    }
    let request = HttpRequest::post(channel.send_url.as_str())
        .header("authorization", bearer)
        .header("content-type", "application/json")
        .header("push-type", push_type)
        .body(json);
    let class = if message.test { TEST } else { class };
    // What Push Kit says of test messages holds up those only.
    let memo = if message.test { TEST } else { "" };
    Ok(Rendered::new(request)
        .class(class)
        .memo(memo)
        .recall_key(recall_key)
        .notices(notices))
}

/// The JWT as a header.
pub(crate) fn bearer(context: &Context<'_>) -> Result<String, EncodeError> {
    Ok(format!("Bearer {}", context.granted()?))
}

/// What Huawei counts a category as; of a word that is not in its documents it alone knows.
fn class(category: &str) -> &'static str {
    match category {
        MARKETING => "marketing",
        known if CATEGORIES.contains(&known) => "service",
        _ => "",
    }
}

/// The batch's id: an equal one at another attempt is a repeat.
fn given_or_id<'a>(given: &'a Option<String>, batch: Batch<'_>) -> Cow<'a, str> {
    match present(given) {
        Some(given) => Cow::Borrowed(given),
        None => Cow::Owned(batch.id()),
    }
}

/// Huawei says nothing of a token's form, so only what no token can be is refused.
pub(crate) fn check_token(token: &str) -> Result<&str, EncodeError> {
    let odd = |c: char| c.is_control() || c.is_whitespace() || matches!(c, '"' | '\\');
    let problem = "has a space, quote, backslash or control character, which no Push Kit token has";
    token::check(
        token,
        "the token that Push Kit gave the app",
        MAX_TOKEN,
        &[(odd, problem)],
    )
}

/// What the message is made from.
struct Plan<'a> {
    channel: &'a Channel,
    message: &'a Message,
    options: &'a Options,
}

impl<'a> Plan<'a> {
    /// Data for the app, which shows what it likes.
    fn extra(&self, notices: &mut Vec<Notice>) -> Payload<'a> {
        let message = self.message;
        for (field, text) in [("title", &message.title), ("body", &message.body)] {
            if present(text).is_some() {
                notices.push(Notice::new(
                    field,
                    "was left out: a background message or call carries ext only",
                ));
            }
        }
        let background = message.kind == Kind::Background;
        Payload::Extra {
            extra_data: present(&message.ext).unwrap_or(NO_DATA),
            proxy_data: present(&self.options.proxy_data).filter(|_| background),
        }
    }

    fn notification(
        &self,
        batch: Batch<'_>,
        notices: &mut Vec<Notice>,
    ) -> Result<Notification<'a>, EncodeError> {
        let (message, options) = (self.message, self.options);
        // req 24: a message without a title has the default one.
        let (title, body) = self.message.title_and_body(&self.channel.default_title);
        let long = options.style == Some(1);
        self.without_a_field(notices);
        Ok(Notification {
            category: self.category(notices),
            title,
            body,
            click_action: click::action(message, options, notices)?,
            image: self.image(notices),
            style: options.style,
            big_title: long.then(|| present(&options.big_title).unwrap_or(title)),
            big_body: long.then(|| present(&options.big_body).unwrap_or(body)),
            inbox_content: match options.style {
                Some(3) => &options.inbox_content,
                _ => &[],
            },
            // Push Kit would number them by itself, but takes back only what we numbered.
            notify_id: options
                .notify_id
                .unwrap_or_else(|| match present(&message.collapse_key) {
                    Some(key) => android::notify_id(key),
                    None => android::notify_id(&batch.id()),
                }),
            app_message_id: given_or_id(&options.app_message_id, batch),
            profile_id: present(&options.profile_id),
            badge: badge(batch.badge(), notices),
            sound: self.sound(notices),
            sound_duration: options.sound_duration,
            foreground_show: options.foreground_show,
        })
    }

    /// The class that sender or operator chose; the driver never guesses one.
    fn category(&self, notices: &mut Vec<Notice>) -> &'a str {
        let of_message = present(&self.message.category);
        let known = of_message.filter(|category| CATEGORIES.contains(category));
        if of_message.is_some() && known.is_none() {
            notices.push(Notice::new(
                "category",
                format!(
                    "was left out: it is no category of Push Kit's, such as IM; {} took its place",
                    present(&self.options.category).unwrap_or(&self.channel.category)
                ),
            ));
        }
        present(&self.options.category)
            .or(known)
            .unwrap_or(&self.channel.category)
    }

    /// Tells what Push Kit has no field for.
    fn without_a_field(&self, notices: &mut Vec<Notice>) {
        let message = self.message;
        for (field, text, why) in [
            (
                "subtitle",
                &message.subtitle,
                "a HarmonyOS notification has none",
            ),
            (
                "channel_id",
                &message.channel_id,
                "HarmonyOS has no notification channels but the category",
            ),
            (
                "thread",
                &message.thread,
                "Push Kit has no field for groups",
            ),
        ] {
            if present(text).is_some() {
                notices.push(Notice::left_out(field, why));
            }
        }
    }

    fn image(&self, notices: &mut Vec<Notice>) -> Option<&'a str> {
        let own = self.options.image.as_deref();
        let image = own.or(present(&self.message.image))?;
        let Err(why) = address::https(image) else {
            return Some(image);
        };
        let text = format!(
            "was left out: Push Kit takes pictures from https:// only, and the address {why}"
        );
        notices.push(Notice::new("image", text));
        None
    }

    /// A file in the app's `rawfile` folder.
    fn sound(&self, notices: &mut Vec<Notice>) -> Option<&'a str> {
        let mut say = |text| notices.push(Notice::new("sound", text));
        match &self.message.sound {
            Sound::Named(name) if is_file(name) => return Some(name),
            Sound::Named(name) if !name.is_empty() => {
                say(
                    "is the system's: Push Kit takes the name of a file in rawfile, without folder",
                );
            }
            Sound::Silent => say("was left out: Push Kit has no field for silence"),
            _ => {}
        }
        None
    }
}

/// A name without folder or scheme.
fn is_file(name: &str) -> bool {
    let odd = |c: char| c.is_control() || c.is_whitespace() || matches!(c, '/' | '\\' | ':');
    !name.is_empty() && !name.starts_with('.') && !name.contains(odd)
}

fn badge(badge: api::Badge, notices: &mut Vec<Notice>) -> Option<Badge> {
    let (set_num, add_num) = match badge {
        api::Badge::Set(count) => (Some(count), None),
        api::Badge::Add(count) if count > 0 => (None, Some(count)),
        _ => return None,
    };
    if set_num.max(add_num) > Some(MAX_BADGE) {
        notices.push(Notice::new("badge", "became 99, the highest number"));
    }
    Some(Badge {
        add_num: add_num.map(|count| count.min(MAX_BADGE)),
        set_num: set_num.map(|count| count.min(MAX_BADGE)),
    })
}

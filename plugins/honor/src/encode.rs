//! Message and devices to request: `POST /api/v1/{appId}/sendMessage`.
//!
//! In: the channel, the batch, the grant and the time. Out: the request with its class and
//! notices, or which field Honor would refuse for sure.

mod click;

use std::borrow::Cow;

use nudged_driver_kit::fit::{Extras, fitted};
use nudged_driver_kit::text::{Unit, fit, present};
use nudged_driver_kit::{address, android, token};
use nudged_plugin_api::{
    self as api, Batch, Context, EncodeError, HttpRequest, Kind, Message, Notice, Rendered, Sound,
    too_large,
};

use crate::options::{Importance, Options};
use crate::payload::{Android, Badge, Body, Notification};
use crate::reason::TEST;
use crate::settings::{Channel, MAX_BODY, MAX_PAYLOAD, MAX_TITLE, MAX_TOKEN};

/// Fifteen days, the longest that Honor keeps a message.
const MAX_TTL: u64 = 1_296_000;
/// Highest number on an icon.
const MAX_BADGE: u32 = 99;
/// Data of a message that wakes the app and says nothing.
const NO_DATA: &str = "{}";

/// The request that delivers the batch.
pub(crate) fn request(
    channel: &Channel,
    batch: Batch<'_>,
    context: &Context<'_>,
) -> Result<Rendered, EncodeError> {
    let grant = context.granted()?;
    let tokens = token::each(batch.targets, check_token)?;
    fitted(batch.message, |message, extras| {
        let batch = Batch::new(message, batch.targets);
        fitting(channel, batch, extras, context, grant, &tokens)
    })
}

fn fitting(
    channel: &Channel,
    batch: Batch<'_>,
    extras: Extras,
    context: &Context<'_>,
    grant: &str,
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
        importance: importance(channel, message, &options, &mut notices),
    };
    let (data, notification) = match message.kind {
        Kind::Alert => {
            let (data, notification) = plan.notification(batch.badge(), &mut notices);
            (data.map(Cow::Owned), Some(notification))
        }
        Kind::Background => (Some(Cow::Borrowed(plan.data(&mut notices))), None),
        _ => {
            return Err(EncodeError::new(
                "KindUnsupported",
                "kind",
                "is a call or a Live Activity, but Honor has notifications and transparent \
                 messages only",
            ));
        }
    };
    let alert = notification.is_some();
    // Shorter than a second Honor does not know.
    let ttl = message.lifetime.seconds_left(context.now).clamp(1, MAX_TTL);
    let body = Body {
        data,
        android: Android {
            ttl: format!("{ttl}s"),
            bi_tag: match present(&options.bi_tag) {
                Some(tag) => Cow::Borrowed(tag),
                None => Cow::Owned(batch.id()),
            },
            target_user_type: u8::from(message.test),
            notification,
        },
        token: tokens,
    };
    let (json, payload) = body.to_json();
    if payload > MAX_PAYLOAD {
        return Err(too_large(
            "message",
            payload,
            MAX_PAYLOAD,
            "bytes without its tokens",
        ));
    }
    let request = HttpRequest::post(channel.send_url.as_str())
        .header("authorization", format!("Bearer {grant}"))
        .header("content-type", "application/json")
        // Without it Honor answers 10001; it must be the time of this very attempt.
        .header("timestamp", context.now.0.to_string())
        .body(json);
    let class = match (message.test, plan.importance) {
        (true, _) => TEST,
        // Only notifications are classified.
        (_, Some(Importance::Normal)) if alert => "normal",
        (_, Some(Importance::Low)) if alert => "low",
        _ => "",
    };
    // What Honor says of test messages holds up those only.
    let memo = if message.test { TEST } else { "" };
    Ok(Rendered::new(request)
        .class(class)
        .memo(memo)
        .notices(notices))
}

/// Honor says nothing of a token's form, so only what no token can be is refused.
pub(crate) fn check_token(token: &str) -> Result<&str, EncodeError> {
    let odd = |c: char| c.is_control() || c.is_whitespace() || matches!(c, '"' | '\\');
    let problem = "has a space, quote, backslash or control character, which no Honor token has";
    token::check(
        token,
        "the token that Honor gave the app",
        MAX_TOKEN,
        &[(odd, problem)],
    )
}

/// The class that sender or operator chose; the driver never guesses one.
fn importance(
    channel: &Channel,
    message: &Message,
    options: &Options,
    notices: &mut Vec<Notice>,
) -> Option<Importance> {
    let category = present(&message.category);
    let of_category = category.and_then(Importance::parse);
    if category.is_some() && of_category.is_none() {
        notices.push(Notice::new(
            "category",
            "was left out: Honor has no categories but the importance NORMAL or LOW",
        ));
    }
    options.importance.or(of_category).or(channel.importance)
}

/// What the message is made from.
struct Plan<'a> {
    channel: &'a Channel,
    message: &'a Message,
    options: &'a Options,
    importance: Option<Importance>,
}

impl<'a> Plan<'a> {
    /// Pass-through data of a message that shows nothing.
    fn data(&self, notices: &mut Vec<Notice>) -> &'a str {
        let message = self.message;
        for (field, text) in [("title", &message.title), ("body", &message.body)] {
            if present(text).is_some() {
                notices.push(Notice::new(
                    field,
                    "was left out: a transparent message carries ext only",
                ));
            }
        }
        present(&message.ext).unwrap_or(NO_DATA)
    }

    /// With what is handed to the app beside it.
    fn notification(
        &self,
        badge: api::Badge,
        notices: &mut Vec<Notice>,
    ) -> (Option<String>, Notification<'a>) {
        let (message, options) = (self.message, self.options);
        let (title, body) = self.message.title_and_body(&self.channel.default_title);
        let title = fit("title", title, MAX_TITLE, Unit::Utf16, notices);
        let body = fit("body", body, MAX_BODY, Unit::Utf16, notices);
        self.without_a_field(notices);
        // Honor wants them equal to title and text.
        let long = options.style == Some(1);
        for (field, own, shown) in [
            ("options.bigTitle", &options.big_title, &title),
            ("options.bigBody", &options.big_body, &body),
        ] {
            if long && present(own).is_some_and(|own| own != *shown) {
                let text = "was left out: Honor wants the unfolded text equal to the folded one";
                notices.push(Notice::new(field, text));
            }
        }
        let (click_action, data) = click::action(self.channel, message, options, notices);
        let notification = Notification {
            big_title: long.then(|| title.clone()),
            big_body: long.then(|| body.clone()),
            title,
            body,
            click_action,
            image: self.image(notices),
            style: options.style,
            importance: self.importance,
            when: present(&options.when),
            buttons: &options.buttons,
            badge: self.badge(badge, notices),
            // Honor numbers notifications by itself where nothing is to be replaced.
            notify_id: options
                .notify_id
                .or_else(|| present(&message.collapse_key).map(android::notify_id)),
            tag: present(&options.tag),
            group: present(&options.group),
        };
        (data, notification)
    }

    /// Tells what Honor has no field for.
    fn without_a_field(&self, notices: &mut Vec<Notice>) {
        let message = self.message;
        let mut left_out = |field: &str, why: &str| {
            notices.push(Notice::left_out(field, why));
        };
        if present(&message.subtitle).is_some() {
            left_out("subtitle", "an Honor notification has none");
        }
        if present(&message.thread).is_some() {
            left_out(
                "thread",
                "Honor shows only the newest notification of a group, which options.honor.group \
                 asks for",
            );
        }
        if present(&message.channel_id).is_some() {
            left_out(
                "channel_id",
                "Honor has no notification channels but its importance",
            );
        }
        match message.sound {
            Sound::Default => {}
            Sound::Silent => left_out(
                "sound",
                "Honor has no field for silence; marketing (LOW) is quiet by itself",
            ),
            _ => left_out("sound", "Honor plays its own sound"),
        }
    }

    /// A picture goes with service messages only, or Honor refuses them whole (80200050).
    fn image(&self, notices: &mut Vec<Notice>) -> Option<&'a str> {
        let own = self.options.image.as_deref();
        let image = own.or(present(&self.message.image))?;
        let why = if let Err(why) = address::https(image) {
            &*format!("Honor takes pictures from https:// only, and the address {why}")
        } else if self.importance != Some(Importance::Normal) {
            "Honor takes pictures with the importance NORMAL only"
        } else {
            return Some(image);
        };
        notices.push(Notice::left_out("image", why));
        None
    }

    fn badge(&self, badge: api::Badge, notices: &mut Vec<Notice>) -> Option<Badge<'a>> {
        let (set_num, add_num) = match badge {
            api::Badge::Set(count) => (Some(count), None),
            api::Badge::Add(count) if count > 0 => (None, Some(count)),
            _ => return None,
        };
        let class = present(&self.options.badge_class).or(self
            .channel
            .launcher
            .as_ref()
            .map(|launcher| launcher.class.as_str()));
        let Some(badge_class) = class else {
            notices.push(Notice::new(
                "badge",
                "was left out: Honor counts it for a class, which the channel's setting \
                 launcher_activity names",
            ));
            return None;
        };
        if set_num.max(add_num) > Some(MAX_BADGE) {
            notices.push(Notice::new("badge", "became 99, Honor's highest number"));
        }
        Some(Badge {
            add_num: add_num.map(|count| count.min(MAX_BADGE)),
            set_num: set_num.map(|count| count.min(MAX_BADGE)),
            badge_class,
        })
    }
}

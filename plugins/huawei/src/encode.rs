//! Message and devices to request: `POST messages:send`.
//!
//! In: the channel, the message, up to a thousand devices and the grant. Out: the request
//! with what there is to say of it, or which field Push Kit would refuse for sure. What is
//! shown is decided in `notification`, what a tap does in `click`; how everything is written,
//! in `payload`.

mod click;
mod notification;

use std::borrow::Cow;

use nudged_driver_kit::fit::{Extras, fitted};
use nudged_driver_kit::text::present;
use nudged_driver_kit::{category, token};
use nudged_plugin_api::{
    Badge, Batch, Context, EncodeError, HttpRequest, Kind, Message, Notice, Rendered, too_large,
};

use crate::options::Options;
use crate::options::forms::Within;
use crate::payload::{self, Android, Body};
use crate::settings::{Channel, MAX_PAYLOAD, MAX_TOKEN};

/// Fifteen days, the longest that Push Kit keeps a message.
const MAX_TTL: u64 = 1_296_000;
/// The shortest: a second, as none at all counts as wrong.
const MIN_TTL: u64 = 1;

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
    let mut plan = Plan {
        channel,
        batch,
        message,
        options: &options,
        notices,
    };
    let ttl = message.lifetime.seconds_left(context.now);
    let (data, android) = match message.kind {
        Kind::Alert => plan.alert(ttl),
        Kind::Background => {
            let data = plan.data()?;
            (Some(Cow::Borrowed(data)), plan.transparent(ttl))
        }
        _ => {
            return Err(EncodeError::new(
                "KindUnsupported",
                "kind",
                "Push Kit for Android has notifications and transparent messages (background), \
                 but no calls and no Live Activities",
            ));
        }
    };
    let class = match &android.notification {
        Some(notification) => class(android.category, notification.importance),
        None => "",
    };
    let body = Body {
        validate_only: options.validate_only == Some(true),
        message: payload::Message {
            data,
            android,
            token: tokens,
        },
    };
    let request = HttpRequest::post(channel.send_url.as_str())
        .header("authorization", format!("Bearer {grant}"))
        .header("content-type", "application/json; charset=UTF-8")
        .body(json(&body, tokens)?);
    Ok(Rendered::new(request).class(class).notices(plan.notices))
}

fn json(body: &Body<'_>, tokens: &[&str]) -> Result<Vec<u8>, EncodeError> {
    let json = serde_json::to_vec(body).expect("texts and numbers always make JSON");
    // No token has a character that JSON would escape, so each takes two quotes and a comma.
    let of_tokens: usize = tokens.iter().map(|token| token.len() + 3).sum();
    let counted = json.len() - (of_tokens - 1);
    if counted > MAX_PAYLOAD {
        return Err(too_large(
            "message",
            counted,
            MAX_PAYLOAD,
            "bytes without its tokens",
        ));
    }
    Ok(json)
}

/// Huawei says nothing of a token's form, so only what no token can be is refused.
pub(crate) fn check_token(token: &str) -> Result<&str, EncodeError> {
    let odd = |c: char| !c.is_ascii_graphic() || matches!(c, '"' | '\'' | '\\');
    let problem = "has a space, quote or other character that no Push Kit token has";
    token::check(token, "a Push Kit token", MAX_TOKEN, &[(odd, problem)])
}

/// What Huawei counts a notification in. Without category and importance its own reading of
/// the text decides, and that is not guessed here.
fn class(category: Option<&str>, importance: Option<&str>) -> &'static str {
    match (category, importance) {
        (Some("MARKETING"), _) | (None, Some("LOW")) => "marketing",
        (Some(_), _) | (None, Some(_)) => "service",
        (None, None) => "",
    }
}

/// What the message is made from, and what was learned on the way.
struct Plan<'a> {
    channel: &'a Channel,
    batch: Batch<'a>,
    message: &'a Message,
    options: &'a Options,
    notices: Vec<Notice>,
}

impl<'a> Plan<'a> {
    fn notice(&mut self, field: &str, text: &str) {
        self.notices.push(Notice::new(field, text));
    }

    /// What notifications and transparent messages have in common.
    fn android(&mut self, ttl: u64) -> Android<'a> {
        let options = self.options;
        let category = self.category();
        Android {
            collapse_key: options.collapse_key.map(Within::get),
            urgency: None,
            category,
            ttl: ttl.clamp(MIN_TTL, MAX_TTL),
            bi_tag: match &options.bi_tag {
                Some(tag) => Cow::Borrowed(tag),
                None => Cow::Owned(self.batch.id()),
            },
            receipt_id: options
                .receipt_id
                .as_deref()
                .or(self.channel.receipt_id.as_deref()),
            fast_app_target: options.fast_app_target.map(Within::get),
            target_user_type: self.message.test.then_some(1),
            notification: None,
        }
    }

    /// The option's word goes as it is; the message's may be another vendor's.
    fn category(&mut self) -> Option<&'a str> {
        // req 48: a category is passed through and never guessed.
        if let Some(category) = self.options.category.as_deref() {
            return Some(category);
        }
        let category = present(&self.message.category)?;
        if category::HUAWEI.contains(&category) {
            return Some(category);
        }
        self.notice(
            "category",
            "was left out: it is no category of Push Kit's, such as IM; options.huawei.category \
             passes any word on",
        );
        None
    }

    /// The text of a transparent message.
    fn data(&self) -> Result<&'a str, EncodeError> {
        present(&self.message.ext).ok_or_else(|| {
            EncodeError::new(
                "ExtRequired",
                "ext",
                "is missing: it is all that a transparent message carries",
            )
        })
    }

    fn transparent(&mut self, ttl: u64) -> Android<'a> {
        let message = self.message;
        for (field, unused) in [
            ("title", present(&message.title).is_some()),
            ("body", present(&message.body).is_some()),
            ("badge", self.batch.badge() != Badge::Keep),
            ("collapse_key", present(&message.collapse_key).is_some()),
        ] {
            if unused {
                self.notice(
                    field,
                    "was left out: a transparent message carries only ext",
                );
            }
        }
        let common = self.android(ttl);
        Android {
            urgency: self
                .options
                .urgency
                .as_deref()
                .or(self.channel.urgency.as_deref()),
            ..common
        }
    }

    /// With what is handed to the app beside it.
    fn alert(&mut self, ttl: u64) -> (Option<Cow<'a, str>>, Android<'a>) {
        let common = self.android(ttl);
        let (data, notification) = self.notification();
        let android = Android {
            category: common.category.or(self.channel.category.as_deref()),
            notification: Some(notification),
            ..common
        };
        (data.map(Cow::Owned), android)
    }
}

//! Message and devices to request: `POST /v3/push/app` for a list of tokens.
//!
//! In: the channel, the batch and the time. Out: the signed request with its notices, or
//! which field TPNS would refuse for sure. What is the platform's own is in `android` and
//! `ios`.

mod android;
mod ios;

use std::collections::BTreeMap;

use nudged_driver_kit::fit::{self, Extras};
use nudged_driver_kit::text::present;
use nudged_driver_kit::token;
use nudged_plugin_api::{
    Badge, Batch, Context, EncodeError, HttpRequest, Kind, Lifetime, Message, Notice, Rendered,
    Timestamp, bad_option, bad_token, too_large,
};
use serde_json::value::RawValue;

use crate::options::Options;
use crate::payload::{self, Body};
use crate::settings::{Channel, MAX_BODY, MAX_MESSAGE, MAX_TOKEN, Platform};
use crate::sign::sign;

/// Seconds, the shortest and the longest that TPNS keeps a message.
const MIN_EXPIRE_TIME: u64 = 800;
const MAX_EXPIRE_TIME: u64 = 259_200;
const EXT: &str = "ext";

/// The request that delivers the batch, with as much of the message as TPNS takes.
pub(crate) fn request(
    channel: &Channel,
    batch: Batch<'_>,
    context: &Context<'_>,
) -> Result<Rendered, EncodeError> {
    fit::fitted(batch.message, |message, extras| {
        fitting(channel, message, extras, batch, context.now)
    })
}

fn fitting(
    channel: &Channel,
    message: &Message,
    extras: Extras,
    batch: Batch<'_>,
    now: Timestamp,
) -> Result<Rendered, EncodeError> {
    let mut notices = Vec::new();
    let mut options = Options::read(message)?;
    if extras == Extras::LeftOut {
        options.leave_out(&mut notices);
    }
    let tokens = token::each(batch.targets, check_token)?;
    let mut plan = Plan {
        channel,
        message,
        options: &options,
        badge: batch.badge(),
        notices: &mut notices,
    };
    let (message_type, content) = plan.message()?;
    let expire_time = plan.expire_time(now);
    let body = Body {
        audience_type: "token_list",
        token_list: &tokens,
        ignore_invalid_token: 1,
        message_type,
        environment: (channel.platform == Platform::Ios)
            .then(|| options.environment.unwrap_or(channel.environment)),
        expire_time,
        multi_pkg: options.multi_pkg,
        plan_id: present(&options.plan_id),
        channel_rules: &options.channel_rules,
        tpns_online_push_type: options.tpns_online_push_type,
        message: &content,
    };
    let body = serde_json::to_vec(&body).expect("texts, numbers and JSON make JSON");
    if body.len() > MAX_BODY {
        return Err(too_large(
            "message",
            body.len(),
            MAX_BODY,
            "bytes as the request",
        ));
    }
    let seconds = now.seconds().to_string();
    let sign = sign(&seconds, &channel.access_id, &body, &channel.secret_key);
    let request = HttpRequest::post(channel.send_url.as_str())
        .header("content-type", "application/json")
        .header("accessid", channel.access_id.as_str())
        .header("timestamp", seconds)
        .header("sign", sign)
        .body(body);
    Ok(Rendered::new(request).notices(notices))
}

/// TPNS says no more of a token's form than its length.
pub(crate) fn check_token(token: &str) -> Result<&str, EncodeError> {
    let token = token.trim();
    if token.len() > MAX_TOKEN {
        let length = token.len();
        return Err(bad_token(format!(
            "is {length} bytes long, TPNS's own tokens have at most {MAX_TOKEN}; a vendor's token is \
             for that vendor's channel"
        )));
    }
    let expected = "the token that TPNS gave the app when registerPush had succeeded";
    let odd = |c: char| !c.is_ascii_graphic();
    let problem = "has a space, control character or letter that no TPNS token has";
    token::check(token, expected, MAX_TOKEN, &[(odd, problem)])
}

/// What the message is made from.
struct Plan<'a, 'n> {
    channel: &'a Channel,
    message: &'a Message,
    options: &'a Options,
    badge: Badge,
    notices: &'n mut Vec<Notice>,
}

impl<'a> Plan<'a, '_> {
    /// `message_type` and `message`.
    fn message(&mut self) -> Result<(&'static str, Box<RawValue>), EncodeError> {
        let silent = match self.message.kind {
            Kind::Alert => false,
            Kind::Background => true,
            _ => {
                return Err(EncodeError::new(
                    "KindUnsupported",
                    "kind",
                    "is a call or a Live Activity, but TPNS has notifications and silent \
                     messages only",
                ));
            }
        };
        let message = match (self.channel.platform, silent) {
            (Platform::Android, false) => self.android_notification()?,
            (Platform::Android, true) => self.android_message()?,
            (Platform::Ios, false) => self.ios_notification()?,
            (Platform::Ios, true) => self.ios_silence()?,
        };
        if self.message.test {
            self.say(
                "test",
                "goes out as an ordinary message: TPNS has no test messages",
            );
        }
        let json = serde_json::to_string(&message).expect("texts and numbers make JSON");
        if json.len() > MAX_MESSAGE {
            let unit = "bytes as TPNS's field message";
            return Err(too_large("message", json.len(), MAX_MESSAGE, unit));
        }
        let json = RawValue::from_string(json).expect("serde_json writes JSON");
        Ok((if silent { "message" } else { "notify" }, json))
    }

    /// What both platforms show.
    fn shown(&self) -> payload::Message<'a> {
        let own = &self.options.message;
        let (title, content) = self.message.title_and_body(&self.channel.default_title);
        payload::Message {
            title: Some(title),
            content: Some(content),
            accept_time: &own.accept_time,
            thread_id: present(&self.message.thread),
            thread_sumtext: present(&own.thread_sumtext),
            xg_media_resources: present(&self.message.image),
            xg_media_audio_resources: present(&own.xg_media_audio_resources),
            ..payload::Message::default()
        }
    }

    /// The app's own data, JSON in a text; none where there is nothing in it.
    fn custom_content(&self) -> Result<Option<String>, EncodeError> {
        let own = &self.options.custom_content;
        let mut content: BTreeMap<&str, &str> =
            own.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
        let ext = present(&self.message.ext);
        if ext.is_some_and(|ext| content.insert(EXT, ext).is_some()) {
            return Err(bad_option(
                "custom_content.ext",
                "is given twice, as the message's own ext already takes this key",
            ));
        }
        let json = || serde_json::to_string(&content).expect("texts make JSON");
        Ok((!content.is_empty()).then(json))
    }

    /// Seconds; TPNS makes 800 of anything shorter, and 0 is for phones that are online.
    fn expire_time(&mut self, now: Timestamp) -> u64 {
        let seconds = self.message.lifetime.seconds_left(now);
        match (self.message.lifetime, seconds) {
            (Lifetime::NowOrNever, _) | (_, 0) => 0,
            (_, 1..MIN_EXPIRE_TIME) => {
                self.say("lifetime", "became 800 seconds, TPNS's shortest");
                MIN_EXPIRE_TIME
            }
            (_, seconds) => seconds.min(MAX_EXPIRE_TIME),
        }
    }

    fn say(&mut self, field: &str, text: &str) {
        self.notices.push(Notice::new(field, text));
    }
}

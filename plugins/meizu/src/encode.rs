//! Message and devices to request: `POST …/varnished/pushByPushId`.
//!
//! In: the channel, the batch and the time. Out: the signed request with its class and
//! notices, or which option Meizu would refuse for sure. A message that is too long is fitted, see
//! [`nudged_driver_kit::fit`]. What a tap does is decided in `click`.

mod click;

use std::borrow::Cow;

use nudged_driver_kit::fit::{Extras, fitted, spare};
use nudged_driver_kit::text::{Unit, fit, present};
use nudged_driver_kit::{android, token};
use nudged_plugin_api::{
    Badge, Batch, Context, EncodeError, HttpRequest, Kind, Lifetime, Message, Notice, Rendered,
    Sound, Timestamp, too_large,
};

use crate::options::{Options, is_notify_key};
use crate::payload::{
    AdvanceInfo, Extra, MessageJson, NoticeBarInfo, NotificationType, PushTimeInfo,
};
use crate::settings::{Channel, MAX_CONTENT, MAX_MESSAGE, MAX_PUSH_ID, MAX_TITLE};
use crate::sign::sign;

const HOUR: u64 = 3600;
/// Hours, the longest that Meizu keeps a message.
const MAX_VALID_TIME: u64 = 72;

/// The request that delivers the batch.
pub(crate) fn request(
    channel: &Channel,
    batch: Batch<'_>,
    context: &Context<'_>,
) -> Result<Rendered, EncodeError> {
    let message = batch.message;
    if message.kind != Kind::Alert {
        return Err(EncodeError::new(
            "KindUnsupported",
            "kind",
            "is no alert: Meizu takes notifications only, new apps get no transparent messages",
        ));
    }
    let push_ids = token::each(batch.targets, check_token)?.join(",");
    let options = Options::read(message)?;
    fitted(message, |message, extras| {
        let batch = Batch::new(message, batch.targets);
        fitting(channel, batch, context.now, &options, extras, &push_ids)
    })
}

fn fitting(
    channel: &Channel,
    batch: Batch<'_>,
    now: Timestamp,
    options: &Options,
    extras: Extras,
    push_ids: &str,
) -> Result<Rendered, EncodeError> {
    let message = batch.message;
    let mut notices = Vec::new();
    without_a_field(message, batch.badge(), options, &mut notices);
    // req 24: a message without a title has the default one.
    let (title, content) = message.title_and_body(&channel.default_title);
    let message_type = options.message_type().unwrap_or(channel.message_type);
    let sent = extras == Extras::Sent;
    let mut body = MessageJson {
        notice_bar_info: NoticeBarInfo {
            notice_bar_type: options.notice_bar_info.notice_bar_type.unwrap_or(0),
            notice_msg_type: message_type,
            title: fit("title", title, MAX_TITLE, Unit::Utf16, &mut notices),
            content: fit("body", content, MAX_CONTENT, Unit::Utf16, &mut notices),
        },
        notice_expand_info: options.notice_expand_info.as_ref().filter(|_| sent),
        click_type_info: click::info(channel, message, options, extras, &mut notices),
        push_time_info: push_time(message.lifetime, now, options),
        advance_info: advance(message, options),
        vip_info: options.vip_info.as_ref().filter(|_| sent),
        extra: extra(channel, options),
        restricted_package_names: &options.restricted_package_names,
    };
    for (option, given) in [
        ("noticeExpandInfo", options.notice_expand_info.is_some()),
        ("vipInfo", options.vip_info.is_some()),
    ] {
        spare(option, given && !sent, &mut notices);
    }
    let mut json = body.json();
    if json.len() > MAX_MESSAGE {
        let parameters = &mut body.click_type_info.parameters;
        let own = &options.click_type_info.parameters;
        if !own.contains_key(click::SELF_DEFINED)
            && parameters.remove(click::SELF_DEFINED).is_some()
        {
            notices.push(Notice::new(
                "ext",
                "went as the parameter ext only: with sk the message would be too long",
            ));
            json = body.json();
        }
    }
    if json.len() > MAX_MESSAGE {
        return Err(too_large(
            "message",
            json.len(),
            MAX_MESSAGE,
            "bytes as messageJson",
        ));
    }
    let request = HttpRequest::post(channel.send_url.as_str())
        .header(
            "content-type",
            "application/x-www-form-urlencoded;charset=UTF-8",
        )
        .body(form(channel, push_ids, &json));
    Ok(Rendered::new(request)
        .class(message_type.name())
        .notices(notices))
}

/// The signed form.
fn form(channel: &Channel, push_ids: &str, message_json: &str) -> String {
    let parameters = [
        ("appId", channel.app_id.as_str()),
        ("pushIds", push_ids),
        ("messageJson", message_json),
    ];
    let sign = sign(&parameters, &channel.app_secret);
    form_urlencoded::Serializer::new(String::with_capacity(
        256 + 2 * (message_json.len() + push_ids.len()),
    ))
    .extend_pairs(parameters)
    .append_pair("sign", &sign)
    .finish()
}

/// Meizu says nothing of a pushId's form, so only what no pushId can be is refused.
pub(crate) fn check_token(push_id: &str) -> Result<&str, EncodeError> {
    let never: [token::Never<'_>; 2] = [
        (|c| c == ',', "has a comma, which separates pushIds"),
        (
            |c| !c.is_ascii_graphic(),
            "has a space, control character or letter that no pushId has",
        ),
    ];
    token::check(push_id, "a pushId", MAX_PUSH_ID, &never)
}

/// Tells what Meizu has no field for.
fn without_a_field(message: &Message, badge: Badge, options: &Options, notices: &mut Vec<Notice>) {
    let mut left_out = |field: &str, why: &str| {
        notices.push(Notice::left_out(field, why));
    };
    let vip_subtitle = options
        .vip_info
        .as_ref()
        .and_then(|vip| present(&vip.subtitle));
    if present(&message.subtitle).is_some() && vip_subtitle.is_none() {
        left_out(
            "subtitle",
            "only apps that Meizu gave the right have one, in the option vipInfo.subtitle",
        );
    }
    let expand = options.notice_expand_info.as_ref();
    let own_picture = expand.and_then(|expand| present(&expand.notice_expand_img_url));
    if present(&message.image).is_some() && own_picture.is_none() {
        left_out(
            "image",
            "Meizu shows only pictures that were uploaded to it, in the option noticeExpandInfo",
        );
    }
    if present(&message.channel_id).is_some() {
        left_out("channel_id", "Meizu has no notification channels");
    }
    if present(&message.category).is_some() {
        left_out(
            "category",
            "Meizu has none; the option noticeBarInfo.noticeMsgType says public or private",
        );
    }
    if present(&message.thread).is_some() {
        left_out("thread", "Meizu does not group notifications by thread");
    }
    if badge != Badge::Keep {
        left_out("badge", "Meizu cannot change the number on the icon");
    }
    // req 35: who plays no sound of the app's has the system's, and no failure.
    if let Sound::Named(_) = message.sound {
        notices.push(Notice::new(
            "sound",
            "became the system's: Meizu plays no other",
        ));
    }
    if message.test {
        notices.push(Notice::new(
            "test",
            "goes out as an ordinary message: Meizu has no test messages",
        ));
    }
}

/// Hours, rounded up: a message rather stays too long than dies early.
fn push_time(lifetime: Lifetime, now: Timestamp, options: &Options) -> PushTimeInfo {
    let own = &options.push_time_info;
    let hours = match (own.valid_time, lifetime.seconds_left(now)) {
        (Some(hours), _) => Some(u64::from(hours)),
        (None, 0) => None,
        (None, seconds) => Some(seconds.div_ceil(HOUR).min(MAX_VALID_TIME)),
    };
    let off_line = own.off_line.unwrap_or(u8::from(hours.is_some()));
    PushTimeInfo {
        off_line,
        // Meizu wants it when the message is to be kept, and has no use for it else.
        valid_time: (off_line == 1).then(|| hours.unwrap_or(1)),
    }
}

fn advance<'a>(message: &'a Message, options: &'a Options) -> AdvanceInfo<'a> {
    let own = &options.advance_info;
    let heard = u8::from(message.sound != Sound::Silent);
    AdvanceInfo {
        suspend: own.suspend,
        clear_notice_bar: own.clear_notice_bar,
        fix_display: own.fix_display,
        fix_start_display_time: present(&own.fix_start_display_time),
        fix_end_display_time: present(&own.fix_end_display_time),
        notification_type: NotificationType {
            vibrate: own.notification_type.vibrate.unwrap_or(heard),
            lights: own.notification_type.lights.unwrap_or(1),
            sound: own.notification_type.sound.unwrap_or(heard),
        },
        notify_key: present(&own.notify_key)
            .or(present(&message.collapse_key))
            .map(notify_key),
    }
}

/// A key that Meizu takes: the key itself, or eight hex digits made of it.
fn notify_key(key: &str) -> Cow<'_, str> {
    match is_notify_key(key) {
        true => Cow::Borrowed(key),
        false => Cow::Owned(format!("{:08x}", android::notify_id(key))),
    }
}

fn extra<'a>(channel: &'a Channel, options: &'a Options) -> Option<Extra<'a>> {
    let own = &options.extra;
    Some(Extra {
        callback: present(&own.callback).or(channel.callback_url.as_deref())?,
        callback_param: present(&own.callback_param).or(channel.callback_param.as_deref()),
        callback_type: options.callback_type().unwrap_or(channel.callback_type),
    })
}

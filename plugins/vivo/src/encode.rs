//! Message and regIds to request: `message/send` for one, `message/saveListPayload` for more.
//!
//! In: the channel, the batch and the grant. Out: the request with what there is to say of it,
//! or which option vivo would refuse for sure. A message that is too long is fitted, see
//! [`nudged_driver_kit::fit`]. One that vivo may take for a test leaves behind what to send if so.
//! The second request of a list is made in `decode`, when vivo has named the task; [`push_to_list`]
//! is what it looks like.

mod custom;
mod skip;
mod sort;
mod texts;

use nudged_driver_kit::android::notify_id;
use nudged_driver_kit::fit::{Extras, fitted};
use nudged_driver_kit::text::present;
use nudged_driver_kit::token;
use nudged_driver_kit::trial::{Trial, names_a_test, says_nothing};
use nudged_plugin_api::{
    Badge, Batch, Context, EncodeError, HttpRequest, Kind, Lifetime, Message, Notice, Rendered,
    Sound, Target, Timestamp, bad_token,
};

use crate::classification::Classification;
use crate::memo::{Again, Memo, Stage};
use crate::options::Options;
use crate::payload::{self, Extra, PushToList, json};
use crate::settings::{Channel, MAX_REG_ID};

/// Shortest time that vivo keeps a message.
const MIN_TTL: u64 = 60;
/// The same for a list, by the older reference; the newer one does not say.
const MIN_LIST_TTL: u64 = 900;
/// Longest time, by the newer reference; the older one has seven days.
const MAX_TTL: u64 = 86_400;

/// The request that delivers the batch's message, or saves it for a list.
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
            "is nothing that vivo has: it shows notifications and has no silent messages, calls \
             or Live Activities, expected alert",
        ));
    }
    let grant = context.granted()?;
    let list = token::each(batch.targets, check_token)?.len() > 1;
    let options = Options::read(message)?;
    fitted(message, |message, extras| {
        let make = |message: &Message| {
            let batch = Batch::new(message, batch.targets);
            made(channel, batch, context.now, &options, extras)
        };
        let made = make(message)?;
        let mut notices = made.notices;
        let trial = Trial::of(message, &channel.default_title, looks_like_test);
        let trial = trial.filter(|_| !message.test);
        if let Some(trial) = &trial {
            notices.push(Notice::new(
                trial.field,
                "looks like a test, which vivo may refuse; the message then goes out once more \
                 with the sender's name in front",
            ));
        }
        let again = trial.and_then(|trial| make(&trial.again?).ok());
        let again = again.map(|again| Again {
            grant: grant.to_owned(),
            body: again.body,
        });
        let stage = match list {
            false => Stage::Send,
            true => Stage::Save {
                grant: grant.to_owned(),
                request_id: batch.id(),
                push_mode: u8::from(message.test),
            },
        };
        let memo = Memo {
            classification: made.classification.number(),
            stage,
            again,
        };
        let path = memo.stage.path();
        Ok(Rendered::new(post(channel, path, grant, made.body.into()))
            .class(made.classification.name())
            .memo(memo.bytes(channel))
            .notices(notices))
    })
}

/// A message's body, and what there is to say of it.
struct Made {
    body: String,
    classification: Classification,
    notices: Vec<Notice>,
}

/// What is sent of a message to one regId, or saved for a list.
fn made(
    channel: &Channel,
    batch: Batch<'_>,
    now: Timestamp,
    options: &Options,
    extras: Extras,
) -> Result<Made, EncodeError> {
    let message = batch.message;
    let id = batch.id();
    let list = !token::is_one(batch.targets);
    let mut notices = Vec::new();
    let sorted = sort::sort(channel, message, options, &mut notices)?;
    let (title, content) = texts::shown(channel, message, &mut notices);
    let skip = skip::of(channel, message, &mut notices);
    // Saving and pushing are two requests: an id of both would make the second a repeat.
    let request_id = if list {
        format!("save-{id}")
    } else {
        id.clone()
    };
    let body = payload::Message {
        app_id: channel.app_id,
        reg_id: (!list).then(|| batch.single().token.as_str()),
        notify_type: notify_type(channel, message, options, &mut notices),
        title,
        content,
        time_to_live: time_to_live(message, list, now, &mut notices),
        client_custom_map: custom::map(message, options, extras, &skip, &mut notices)?,
        skip_type: skip.kind,
        skip_content: skip.content,
        network_type: options.network_type,
        classification: sorted.classification.number(),
        category: sorted.category,
        extra: extra(channel, options, &id),
        request_id: &request_id,
        push_mode: (!list).then_some(u8::from(message.test)),
        notify_id: options
            .notify_id
            .or_else(|| present(&message.collapse_key).map(notify_id)),
        profile_id: options.profile_id(),
        send_online: options
            .send_online
            .or((message.lifetime == Lifetime::NowOrNever).then_some(true)),
        foreground_show: options.foreground_show,
        add_badge: add_badge(batch.badge(), options, &mut notices),
    };
    unsupported(message, &mut notices);
    Ok(Made {
        body: json(&body),
        classification: sorted.classification,
        notices,
    })
}

/// What vivo takes for a test.
fn looks_like_test(text: &str) -> bool {
    names_a_test(text) || says_nothing(text)
}

/// The second request of a list: pushes the saved message to its regIds.
pub(crate) fn push_to_list(
    channel: &Channel,
    targets: &[Target],
    task_id: &str,
    (grant, request_id, push_mode): (&str, &str, u8),
) -> HttpRequest {
    let body = PushToList {
        app_id: channel.app_id,
        reg_ids: token::once(targets),
        task_id,
        request_id,
        push_mode,
    };
    post(channel, "pushToList", grant, json(&body).into())
}

pub(crate) fn post(channel: &Channel, path: &str, grant: &str, body: Vec<u8>) -> HttpRequest {
    HttpRequest::post(format!("{}/message/{path}", channel.origin))
        // vivo writes it authToken; header names have no case.
        .header("authtoken", grant)
        .header("content-type", "application/json")
        .body(body)
}

/// vivo says little of a regId's form, digits or `v2-` with what follows it, so only what none
/// can be is refused.
pub(crate) fn check_token(reg_id: &str) -> Result<&str, EncodeError> {
    const EXPECTED: &str = "expected digits, or v2- with what follows it";
    let odd = |c: char| !c.is_ascii_graphic() || matches!(c, '"' | '\'' | '\\' | ',');
    let problem = format!("has a character that no regId has, {EXPECTED}");
    token::check(reg_id, "a regId", MAX_REG_ID, &[(odd, &problem)])?;
    if is_rounded(reg_id) {
        return Err(bad_token(format!(
            "is a number that a spreadsheet or a program rounded, {EXPECTED}"
        )));
    }
    Ok(reg_id)
}

/// `1.53463E+22`.
fn is_rounded(text: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    text.split_once(['e', 'E'])
        .is_some_and(|(number, exponent)| {
            exponent.strip_prefix('+').is_some_and(digits) && digits(&number.replacen('.', "", 1))
        })
}

fn notify_type(
    channel: &Channel,
    message: &Message,
    options: &Options,
    notices: &mut Vec<Notice>,
) -> u8 {
    if let Sound::Named(_) = message.sound {
        notices.push(Notice::new(
            "sound",
            "is the system's sound: vivo plays no sound of the app's",
        ));
    }
    match (options.notify_type, &message.sound) {
        (Some(asked), _) => asked,
        (None, Sound::Silent) => 1,
        (None, _) => channel.notify_type,
    }
}

fn time_to_live(message: &Message, list: bool, now: Timestamp, notices: &mut Vec<Notice>) -> u64 {
    let least = if list { MIN_LIST_TTL } else { MIN_TTL };
    let left = message.lifetime.seconds_left(now);
    // A message for phones that are online now is not kept, whatever stands here.
    if message.lifetime != Lifetime::NowOrNever && left < least {
        notices.push(Notice::new(
            "lifetime",
            format!("is {least} seconds, the shortest that vivo takes here"),
        ));
    }
    left.clamp(least, MAX_TTL)
}

fn extra<'a>(channel: &'a Channel, options: &'a Options, id: &'a str) -> Option<Extra<'a>> {
    let (callback, callback_id) = (&channel.callback_url, &channel.callback_id);
    (callback.is_some() || callback_id.is_some()).then(|| Extra {
        callback: callback.as_deref(),
        callback_id: callback_id.as_deref(),
        callback_param: options.callback_param().unwrap_or(id),
    })
}

fn add_badge(badge: Badge, options: &Options, notices: &mut Vec<Notice>) -> Option<bool> {
    if options.add_badge.is_some() {
        return options.add_badge;
    }
    let problem = match badge {
        Badge::Add(0) | Badge::Keep => return None,
        Badge::Add(1) => return Some(true),
        Badge::Add(_) => "grows by one: vivo cannot add more at once",
        _ => "stays as it is: vivo can only add one to it",
    };
    notices.push(Notice::new("badge", problem));
    matches!(badge, Badge::Add(_)).then_some(true)
}

/// What vivo has no field for.
fn unsupported(message: &Message, notices: &mut Vec<Notice>) {
    for (field, value, problem) in [
        (
            "subtitle",
            &message.subtitle,
            "was left out: vivo shows a title and a text",
        ),
        (
            "image",
            &message.image,
            "was left out: vivo shows no pictures",
        ),
        (
            "channel_id",
            &message.channel_id,
            "was left out: at vivo class and category stand for the Android channel",
        ),
        (
            "thread",
            &message.thread,
            "was left out: vivo does not group notifications",
        ),
    ] {
        if present(value).is_some() {
            notices.push(Notice::new(field, problem));
        }
    }
}

//! Message and regIds to request: `message/send` for one, `message/saveListPayload` for more.
//!
//! In: the channel, the batch and the grant. Out: the request with what there is to say of it,
//! or which field vivo would refuse for sure. The second request of a list is made in
//! `decode`, when vivo has named the task; [`push_to_list`] is what it looks like.

mod skip;
mod texts;

use std::collections::BTreeMap;

use nudged_plugin_api::android::notify_id;
use nudged_plugin_api::text::{Unit, present};
use nudged_plugin_api::{
    Badge, Batch, Context, EncodeError, HttpRequest, Kind, Lifetime, Message, Notice, Rendered,
    Sound, Target, Timestamp, bad_option, token,
};

use crate::classification;
use crate::memo::{Memo, reg_ids};
use crate::options::Options;
use crate::payload::{self, Extra, PushToList, json};
use crate::settings::{Channel, MAX_REG_ID};

use skip::Skip;
pub(crate) use texts::length;

/// Shortest time that vivo keeps a message.
const MIN_TTL: u64 = 60;
/// The same for a list, by the older reference; the newer one does not say.
const MIN_LIST_TTL: u64 = 900;
/// Longest time, by the newer reference; the older one has seven days.
const MAX_TTL: u64 = 86_400;
/// Most pairs of custom data, and most characters of all of them.
const MAX_PAIRS: usize = 10;
const MAX_CUSTOM: usize = 1024;

/// The request that delivers the batch's message, or saves it for a list.
pub(crate) fn rendered(
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
    let grant = context
        .grant
        .ok_or_else(|| EncodeError::new("NoGrant", "grant", "is missing, expected an authToken"))?;
    check_tokens(batch.targets)?;
    let options = Options::read(message)?;
    let id = batch.id();
    let list = reg_ids(batch.targets).len() > 1;
    let push_mode = u8::from(message.test);
    let mut notices = Vec::new();
    let sorted = classification::sort(channel, message, &options, &mut notices)?;
    let (title, content) = texts::shown(channel, message, &mut notices);
    let skip = skip::of(message, &mut notices)?;
    // Saving and pushing are two requests: an id of both would make the second a repeat.
    let request_id = if list {
        format!("save-{id}")
    } else {
        id.clone()
    };
    let body = payload::Message {
        app_id: channel.app_id,
        reg_id: (!list).then(|| batch.single().token.as_str()),
        notify_type: notify_type(channel, message, &options, &mut notices),
        title,
        content,
        time_to_live: time_to_live(message, list, context.now, &mut notices),
        client_custom_map: custom_map(message, &options, &skip)?,
        skip_type: skip.kind,
        skip_content: skip.content,
        network_type: options.network_type,
        classification: sorted.classification.number(),
        category: sorted.category,
        extra: extra(channel, &options, &id),
        request_id: &request_id,
        push_mode: (!list).then_some(push_mode),
        notify_id: options
            .notify_id
            .or_else(|| present(&message.collapse_key).map(notify_id)),
        profile_id: options.profile_id(),
        send_online: options
            .send_online
            .or((message.lifetime == Lifetime::NowOrNever).then_some(true)),
        foreground_show: options.foreground_show,
        add_badge: add_badge(batch.badge(), &options, &mut notices),
    };
    unsupported(message, &mut notices);
    let path = if list { "saveListPayload" } else { "send" };
    let request = post(channel, path, &grant.value, json(&body));
    let rendered = Rendered::new(request)
        .class(sorted.classification.name())
        .notices(notices);
    if !list {
        return Ok(rendered);
    }
    let memo = Memo::Save {
        grant: grant.value.clone(),
        request_id: id,
        push_mode,
    };
    Ok(rendered.memo(memo.bytes()))
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
        reg_ids: reg_ids(targets),
        task_id,
        request_id,
        push_mode,
    };
    post(channel, "pushToList", grant, json(&body))
}

fn post(channel: &Channel, path: &str, grant: &str, body: Vec<u8>) -> HttpRequest {
    HttpRequest::post(format!("{}/message/{path}", channel.origin))
        // vivo writes it authToken; header names have no case.
        .header("authtoken", grant)
        .header("content-type", "application/json")
        .body(body)
}

/// vivo says little of a regId's form, so only what none can be is refused.
fn check_tokens(targets: &[Target]) -> Result<(), EncodeError> {
    let odd = |c: char| !c.is_ascii_graphic() || matches!(c, '"' | '\'' | '\\' | ',');
    let problem = "has a character that no regId has, expected digits, or v2- with what follows it";
    let mut tokens = targets.iter().map(|target| target.token.as_str());
    tokens.try_for_each(|token| token::check(token, "a regId", MAX_REG_ID, &[(odd, problem)]))
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

fn custom_map<'a>(
    message: &'a Message,
    options: &'a Options,
    skip: &Skip<'_>,
) -> Result<BTreeMap<&'a str, &'a str>, EncodeError> {
    let mut map: BTreeMap<&str, &str> = options
        .client_custom_map
        .iter()
        .flatten()
        .map(|(key, value)| (key.as_str(), value.as_str()))
        .collect();
    let ext = present(&message.ext).filter(|_| skip.carries_ext);
    if ext.is_some_and(|ext| map.insert("ext", ext).is_some()) {
        return Err(bad_option(
            "clientCustomMap.ext",
            "is given twice, as the message's own ext already takes this key",
        ));
    }
    if map.len() > MAX_PAIRS {
        let problem = format!(
            "makes {} pairs with ext, at most {MAX_PAIRS} pass",
            map.len()
        );
        return Err(bad_option("clientCustomMap", problem));
    }
    let size: usize = map
        .iter()
        .map(|(key, value)| Unit::Utf16.length(key) + Unit::Utf16.length(value))
        .sum();
    if size > MAX_CUSTOM {
        let field = match ext {
            Some(_) => "ext",
            None => "options.clientCustomMap",
        };
        return Err(EncodeError::new(
            "PayloadTooLarge",
            field,
            format!(
                "makes {size} characters of custom data with its key, the limit is {MAX_CUSTOM}"
            ),
        ));
    }
    Ok(map)
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
            "is left out: vivo shows a title and a text",
        ),
        (
            "image",
            &message.image,
            "is left out: vivo shows no pictures",
        ),
        (
            "channel_id",
            &message.channel_id,
            "is left out: at vivo class and category stand for the Android channel",
        ),
        (
            "thread",
            &message.thread,
            "is left out: vivo does not group notifications",
        ),
    ] {
        if present(value).is_some() {
            notices.push(Notice::new(field, problem));
        }
    }
}

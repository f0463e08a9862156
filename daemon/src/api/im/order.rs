//! A call and its body to a notification of ours.
//!
//! In: what a chat server sent, and which drivers the app has. Out: the notification, the key
//! by which a repeat is known, and notices; or a problem with the path in the caller's own
//! body. Pure. Refuses to know devices, settings and what a text is made of.

use std::collections::BTreeSet;

use super::body::{Body, Extension, Offline};
use super::call::Call;
use super::dedupe::dedupe;
use super::options::Options;
use super::problem::{invalid, missing};
use super::recipients::{Recipients, recipients};
use super::{elements, kind, offline, sdk};
use crate::admission::Dedupe;
use crate::admission::check_name;
use crate::model::platform_named;
use nudged_wire::Problem;
use nudged_wire::{
    BadgeChange, ConversationKind, ConversationSpec, ElementKind, ElementSpec, MentionsSpec,
    MessageSpec, NoticeView, NotificationSpec, PlatformSpec, SenderSpec,
};

/// Longest that Tencent keeps a message, in seconds.
const MAX_LIFE_TIME: i64 = 604_800;

/// What a call asks for.
#[derive(Debug)]
pub struct Order {
    pub spec: NotificationSpec,
    /// By what a repeat is known.
    pub dedupe: Option<Dedupe>,
    /// What of the body goes no further.
    pub notices: Vec<NoticeView>,
    /// What stands among the recipients and is no account, and why not.
    pub refused: Vec<(String, Problem)>,
}

/// On whose behalf a call comes.
#[derive(Clone, Copy, Debug)]
pub struct CallOrigin<'a> {
    pub app: &'a str,
    /// Who sends what names no sender.
    pub admin: Option<&'a str>,
    /// The drivers that the app has channels of.
    pub drivers: &'a BTreeSet<&'a str>,
}

/// Reads a call.
pub fn order(call: Call, origin: CallOrigin<'_>, mut body: Body) -> Result<Order, Problem> {
    let names = sdk::understand(&mut body)?;
    match of_rest(call, origin, body) {
        Ok(mut order) => {
            order.notices = names.notices(order.notices);
            Ok(order)
        }
        Err(problem) => Err(names.own(problem)),
    }
}

/// Reads a call in the names of the REST API.
fn of_rest(call: Call, origin: CallOrigin<'_>, mut body: Body) -> Result<Order, Problem> {
    let extension = body.nudged.take().unwrap_or_default();
    let Recipients { to, refused } = recipients(call, &body, &extension)?;
    let (sender, conversation) = sender_and_conversation(call, origin, &body, &extension)?;
    let online_only = body.online_only_flag.is_set();
    let (ttl, stored) = life_time(call, &body)?;
    let (message, options, of_kind) = message(call, &body)?;
    let (options, mut notices) = options.keep(origin.drivers);
    notices.extend(of_kind);
    let mut spec = NotificationSpec {
        app: Some(origin.app.to_owned()),
        to,
        sender,
        conversation,
        mentions: mentions(&body),
        message,
        options,
        // req 31: PushFlag 1 is no push. req 62: nor is a life time of 0.
        push: stored && !online_only && !body.offline.push_flag.is_set(),
        ttl,
        ..NotificationSpec::default()
    };
    spec.message
        .platforms
        .retain(|name, _| platform_named(name).is_some() || origin.drivers.contains(name.as_str()));
    let dedupe = dedupe(call, &body, &spec);
    Ok(Order {
        spec,
        dedupe,
        notices,
        refused,
    })
}

fn sender_and_conversation(
    call: Call,
    origin: CallOrigin<'_>,
    body: &Body,
    extension: &Extension,
) -> Result<(Option<SenderSpec>, Option<ConversationSpec>), Problem> {
    let filled = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
    let user = body.from_account.as_deref().or(origin.admin);
    if let Some(user) = user {
        check_name(user, "From_Account")?;
    }
    let sender = SenderSpec {
        user: user.map(str::to_owned),
        name: filled(&extension.sender_name),
    };
    let conversation = if call == Call::Group {
        let Some(group) = &body.group_id.0 else {
            return Err(missing("GroupId", "the group that the message is for"));
        };
        check_name(group, "GroupId")?;
        // A topic is a conversation of its own, which users mute by its own id.
        let topic = body.topic_id.as_ref();
        if let Some(topic) = topic {
            check_name(topic, "TopicId")?;
        }
        Some(ConversationSpec {
            kind: ConversationKind::Group,
            id: Some(topic.unwrap_or(group).clone()),
            name: filled(&extension.group_name),
        })
    } else {
        user.map(|user| ConversationSpec {
            kind: ConversationKind::C2c,
            id: Some(user.to_owned()),
            name: None,
        })
    };
    let sender = (sender != SenderSpec::default()).then_some(sender);
    Ok((sender, conversation))
}

fn mentions(body: &Body) -> MentionsSpec {
    let mut mentions = MentionsSpec::default();
    for at in body.group_at_info.iter() {
        if at.all.is_set() {
            mentions.all = true;
        } else if let Some(user) = &at.account.0 {
            mentions.users.push(user.clone());
        }
    }
    mentions
}

/// The lifetime, and whether the message is for more than those who are online.
fn life_time(call: Call, body: &Body) -> Result<(Option<u64>, bool), Problem> {
    match body.msg_life_time.0 {
        None => Ok((None, true)),
        // A bare push is not stored by default, and says OnlineOnlyFlag when it means that.
        Some(0) => Ok((None, call == Call::Push)),
        Some(seconds @ 1..=MAX_LIFE_TIME) => Ok((Some(seconds as u64), true)),
        Some(other) => Err(invalid(
            "MsgLifeTime",
            format!("is {other} s, expected 0 to {MAX_LIFE_TIME} (7 days)"),
        )),
    }
}

fn message(call: Call, body: &Body) -> Result<(MessageSpec, Options, Option<NoticeView>), Problem> {
    let fields = &body.offline.fields;
    // Where every field is absent, so is the object.
    let offline = Some(fields).filter(|fields| **fields != Offline::default());
    if call == Call::Push && offline.is_none() {
        return Err(missing(
            "OfflinePushInfo",
            "an object that says what to push",
        ));
    }
    if offline.is_none() && body.msg_body.is_empty() {
        return Err(missing("MsgBody", "an array of elements"));
    }
    let read = elements::read(&body.msg_body, offline.is_none())?;
    let mut message = MessageSpec {
        elements: read.elements,
        ..MessageSpec::default()
    };
    let no_unread = |word: &str| word == "NoUnread";
    let mut control = body.send_msg_control.iter();
    if control.any(|word| word.as_deref().is_some_and(no_unread)) {
        message.badge = Some(BadgeChange::Keep);
    }
    let mut options = Options::default();
    let mut notice = None;
    if let Some(offline) = offline {
        offline::write(offline, call != Call::Push, &mut message)?;
        options = Options::read(offline)?;
        notice = kind::write(&offline.apns, &mut message)?;
    } else {
        message.ext = read.custom.ext.0;
        if let Some(sound) = offline::sound(&read.custom.sound) {
            // The element's sound is a file of the iPhone app.
            let ios = PlatformSpec {
                sound: Some(sound),
                ..PlatformSpec::default()
            };
            message.platforms.insert("ios".to_owned(), ios);
        }
    }
    if message.elements.is_empty() && message.title.is_none() && message.body.is_none() {
        // req 64: nothing to show is no mistake here, and this is how it is said.
        message.elements.push(ElementSpec {
            kind: ElementKind::Custom,
            text: None,
        });
    }
    Ok((message, options, notice))
}

//! Which part of a message takes the room, where it is too long and cannot be fitted.
//!
//! In: the refusal, what is left of the message, and how the driver encodes it. Out: the refusal at
//! the path of the smallest part without which there would be room: a sender can shorten that, and
//! not "the message". A driver that names a part itself knows better.

use crate::text::present;
use nudged_plugin_api::{EncodeError, LiveActivity, Message, Rendered, TOO_LARGE};

/// How a driver calls the whole of a message.
const WHOLE: &str = "message";

/// The refusal, at the part that takes the room.
pub(super) fn blamed(
    refusal: EncodeError,
    message: &Message,
    mut encode: impl FnMut(&Message) -> Result<Rendered, EncodeError>,
) -> EncodeError {
    if refusal.field != WHOLE {
        return refusal;
    }
    let mut helps = |less: &Message| !matches!(encode(less), Err(error) if error.code == TOO_LARGE);
    let mut parts = parts(message);
    parts.sort_by_key(|part| std::cmp::Reverse(part.size));
    let without = |part: &Part| {
        let mut less = message.clone();
        (part.leave_out)(&mut less);
        less
    };
    let found = parts.iter().find(|part| helps(&without(part)));
    let Some(part) = found.or(parts.first()) else {
        return refusal;
    };
    let (field, size) = match part.field {
        OPTIONS => option(message, part.size, &mut helps),
        field => (field.to_owned(), part.size),
    };
    let problem = format!(
        "has {size} bytes of a message that {}: shorten it, or leave it out",
        refusal.problem
    );
    EncodeError::new(refusal.code, field, problem)
}

const OPTIONS: &str = "options";

/// A part of a message, and how it is without it.
struct Part {
    field: &'static str,
    size: usize,
    leave_out: fn(&mut Message),
}

/// A field, what it says, and how a message is without it.
type Row<'a> = (&'static str, Option<&'a str>, fn(&mut Message));

/// Those that are there.
fn parts(message: &Message) -> Vec<Part> {
    let activity = message.live_activity.as_ref();
    let of_activity =
        |part: fn(&LiveActivity) -> &Option<String>| activity.and_then(|it| present(part(it)));
    let parts: [Row<'_>; 12] = [
        ("ext", present(&message.ext), |it| it.ext = None),
        ("body", present(&message.body), |it| it.body = None),
        ("title", present(&message.title), |it| it.title = None),
        ("subtitle", present(&message.subtitle), |it| {
            it.subtitle = None
        }),
        ("image", present(&message.image), |it| it.image = None),
        ("channel_id", present(&message.channel_id), |it| {
            it.channel_id = None
        }),
        ("category", present(&message.category), |it| {
            it.category = None
        }),
        ("thread", present(&message.thread), |it| it.thread = None),
        ("collapse_key", present(&message.collapse_key), |it| {
            it.collapse_key = None
        }),
        (OPTIONS, present(&message.options), |it| it.options = None),
        (
            "live_activity.content_state",
            of_activity(|it| &it.content_state),
            |it| {
                if let Some(activity) = &mut it.live_activity {
                    activity.content_state = None;
                }
            },
        ),
        (
            "live_activity.attributes",
            of_activity(|it| &it.attributes),
            |it| {
                if let Some(activity) = &mut it.live_activity {
                    activity.attributes = None;
                }
            },
        ),
    ];
    let there = parts.into_iter().filter_map(|(field, text, leave_out)| {
        Some(Part {
            field,
            size: text?.len(),
            leave_out,
        })
    });
    there.collect()
}

/// The path of the option that takes the room, and its size: as deep as one member is to blame.
fn option(
    message: &Message,
    size: usize,
    helps: &mut impl FnMut(&Message) -> bool,
) -> (String, usize) {
    use serde_json::Value;

    let mut found = (OPTIONS.to_owned(), size);
    let text = message.options.as_deref().unwrap_or_default();
    let Ok(whole) = serde_json::from_str::<Value>(text) else {
        return found;
    };
    let mut pointer = String::new();
    while let Some(Value::Object(members)) = whole.pointer(&pointer) {
        let mut members: Vec<_> = members
            .iter()
            .map(|(key, value)| (key, value.to_string().len()))
            .collect();
        members.sort_by_key(|(_, size)| std::cmp::Reverse(*size));
        let smaller = members.iter().find(|(key, _)| {
            let mut less = whole.clone();
            if let Some(Value::Object(members)) = less.pointer_mut(&pointer) {
                members.remove(*key);
            }
            let mut shorter = message.clone();
            shorter.options = Some(less.to_string());
            helps(&shorter)
        });
        // A driver may have read the options before, and not look again.
        let largest = members.first().filter(|(_, size)| size * 2 > found.1);
        let Some(&(key, size)) = smaller.or(largest) else {
            break;
        };
        pointer.push('/');
        pointer.push_str(&key.replace('~', "~0").replace('/', "~1"));
        found = (format!("{}.{key}", found.0), size);
    }
    found
}

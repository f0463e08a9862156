//! The one rule by which a message that is longer than its vendor takes is fitted, never lost.
//!
//! In: a message, and how the driver encodes it. Out: the request of as much of it as the vendor
//! takes, with a notice for each loss. First the text is cut, then the title, then pictures and
//! the like are left out, then `ext`, then all that is not text. What is left out is the least
//! in this order that lets the rest through; after that title and text are as long as there is
//! room. Only what has nothing left to show is refused.

mod room;

use std::borrow::Cow;

use crate::mend::mended;
use crate::text::{Unit, cut, present};
use nudged_plugin_api::{Click, EncodeError, Kind, Message, Notice, Rendered, Sound, TOO_LARGE};

/// Before anything is left out, the text is cut to so many characters, but no further.
const LEAST_TEXT: usize = 20;
/// And the title to so many.
const LEAST_TITLE: usize = 10;

/// Whether a driver sends what only its own options say and what can be spared, such as texts of
/// a longer style or data of the app's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extras {
    /// All that there is.
    Sent,
    /// None: the message is too long for them. The driver says in notices which it left out.
    LeftOut,
}

/// Says in a notice that an option of the driver's own, by its path, was left out, if it is there.
pub fn spare(option: &str, is_there: bool, notices: &mut Vec<Notice>) {
    if is_there {
        let option = format!("options.{option}");
        notices.push(Notice::left_out(option, "the message is too long for it"));
    }
}

/// Encodes `message`, or as much of it as its vendor takes; what a sender wrote nearly right, such as
/// an address with a blank in it, it is given right.
///
/// `encode` refuses with [`too_large`](nudged_plugin_api::too_large) what is too long, in whatever unit; any
/// other refusal stands. It is called with ever less of the message, so it must be a function of
/// what it is given, and never take a longer text for shorter.
pub fn fitted(
    message: &Message,
    mut encode: impl FnMut(&Message, Extras) -> Result<Rendered, EncodeError>,
) -> Result<Rendered, EncodeError> {
    if !shows(message.kind) {
        return whole(message, |message| encode(message, Extras::Sent));
    }
    let message = &*mended(message);
    let refusal = match encode(message, Extras::Sent) {
        Err(error) if error.code == TOO_LARGE => error,
        answer => return answer,
    };
    let whole = Lengths::of(message);
    let mut search = Search {
        message,
        encode,
        left_out: Vec::new(),
        lengths: Lengths {
            title: whole.title.min(LEAST_TITLE),
            text: whole.text.min(LEAST_TEXT),
        },
    };
    if !search.leave_out()? {
        let rest = search.shaped();
        let mut encode = search.encode;
        return Err(room::blamed(refusal, &rest, |less| {
            encode(less, Extras::LeftOut)
        }));
    }
    search.put_back()?;
    search.grow(whole)?;
    let fitted = search.shaped();
    let extras = extras(&search.left_out);
    let mut rendered = (search.encode)(&fitted, extras)?;
    // A whole character may take more than there was room for.
    let lengths = Lengths::of(&fitted);
    let mut losses = losses(&search.left_out, lengths, whole, message, &refusal);
    // The driver cut the same field to a limit of its own before: one loss, one notice. What it
    // says of a click is about the one that took the message's place.
    rendered.notices.retain(|told| {
        told.field == "click" || !losses.iter().any(|loss| loss.field == told.field)
    });
    losses.append(&mut rendered.notices);
    Ok(rendered.notices(losses))
}

/// As [`fitted`], for a message of which data is all that there is: nothing of it is cut, and the part
/// that takes the room is named.
pub fn whole(
    message: &Message,
    mut encode: impl FnMut(&Message) -> Result<Rendered, EncodeError>,
) -> Result<Rendered, EncodeError> {
    let message = &*mended(message);
    match encode(message) {
        Err(error) if error.code == TOO_LARGE => Err(room::blamed(error, message, encode)),
        answer => answer,
    }
}

/// Of other kinds, data is all that there is, and half of it is worth nothing.
fn shows(kind: Kind) -> bool {
    matches!(kind, Kind::Alert | Kind::Voip)
}

/// A part of a message that it can do without.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Image,
    Subtitle,
    Extras,
    Thread,
    Ext,
    ClickElse,
    Click,
    Sound,
    Category,
    ChannelId,
}

/// In the order in which they are left out.
const PARTS: [Part; 10] = [
    Part::Image,
    Part::Subtitle,
    Part::Extras,
    Part::Thread,
    Part::Ext,
    Part::ClickElse,
    Part::Click,
    Part::Sound,
    Part::Category,
    Part::ChannelId,
];

impl Part {
    fn is_in(self, message: &Message) -> bool {
        match self {
            Self::Image => present(&message.image).is_some(),
            Self::Subtitle => present(&message.subtitle).is_some(),
            Self::Extras => present(&message.options).is_some(),
            Self::Thread => present(&message.thread).is_some(),
            Self::Ext => present(&message.ext).is_some(),
            Self::ClickElse => has_else(message),
            Self::Click => message.click != Click::OpenApp,
            Self::Sound => matches!(message.sound, Sound::Named(_)),
            Self::Category => present(&message.category).is_some(),
            Self::ChannelId => present(&message.channel_id).is_some(),
        }
    }

    fn leave_out(self, message: &mut Message) {
        match self {
            Self::Image => message.image = None,
            Self::Subtitle => message.subtitle = None,
            // The driver does.
            Self::Extras => {}
            Self::Thread => message.thread = None,
            Self::Ext => message.ext = None,
            Self::ClickElse => message.click_else = None,
            Self::Click => message.click = message.click_else.take().unwrap_or_default(),
            Self::Sound => message.sound = Sound::Default,
            Self::Category => message.category = None,
            Self::ChannelId => message.channel_id = None,
        }
    }

    /// What became of it; none where the driver says it.
    fn loss(self, left_out: &[Self], message: &Message) -> Option<(&'static str, &'static str)> {
        Some(match self {
            Self::Image => ("image", "was left out"),
            Self::Subtitle => ("subtitle", "was left out"),
            Self::Extras => return None,
            Self::Thread => ("thread", "was left out"),
            Self::Ext => ("ext", "was left out"),
            // Where it was needed, the driver told that the message's own cannot be done.
            Self::ClickElse => return None,
            Self::Click if has_else(message) && !left_out.contains(&Self::ClickElse) => {
                ("click", "becomes the channel's own")
            }
            Self::Click => ("click", "opens the app"),
            Self::Sound => ("sound", "is the system's"),
            Self::Category => ("category", "was left out"),
            Self::ChannelId => ("channel_id", "was left out"),
        })
    }
}

/// Whether a click of the channel's stands behind the message's own.
fn has_else(message: &Message) -> bool {
    let other = message.click_else.as_ref();
    message.click != Click::OpenApp && other.is_some_and(|it| *it != Click::OpenApp)
}

/// How long title and text are, in characters. A message without a text has its title for one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Lengths {
    title: usize,
    text: usize,
}

/// Which field is the text, and what it says.
fn text(message: &Message) -> (&'static str, &str) {
    match (present(&message.body), present(&message.title)) {
        (Some(body), _) => ("body", body),
        (None, title) => ("title", title.unwrap_or_default()),
    }
}

fn title(message: &Message) -> &str {
    match (present(&message.body), present(&message.title)) {
        (Some(_), Some(title)) => title,
        _ => "",
    }
}

impl Lengths {
    fn of(message: &Message) -> Self {
        Self {
            title: Unit::Characters.length(title(message)),
            text: Unit::Characters.length(text(message).1),
        }
    }
}

struct Search<'a, F> {
    message: &'a Message,
    encode: F,
    left_out: Vec<Part>,
    lengths: Lengths,
}

impl<F: FnMut(&Message, Extras) -> Result<Rendered, EncodeError>> Search<'_, F> {
    /// Leaves out as little as lets the shortest texts through. Says whether they get through.
    fn leave_out(&mut self) -> Result<bool, EncodeError> {
        let mut parts = PARTS.iter().filter(|part| part.is_in(self.message));
        loop {
            if fits(
                &mut self.encode,
                &shaped(self.message, &self.left_out, self.lengths),
                &self.left_out,
            )? {
                return Ok(true);
            }
            if let Some(part) = parts.next() {
                self.left_out.push(*part);
            } else if self.lengths.title.max(self.lengths.text) > 1 {
                // Something to show is more than nothing.
                self.lengths.title = self.lengths.title.min(1);
                self.lengths.text = self.lengths.text.min(1);
            } else {
                return Ok(false);
            }
        }
    }

    /// What was left out before a larger part may find room now; the dearest first.
    fn put_back(&mut self) -> Result<(), EncodeError> {
        for at in (0..self.left_out.len().saturating_sub(1)).rev() {
            let part = self.left_out.remove(at);
            if !self.fits()? {
                self.left_out.insert(at, part);
            }
        }
        Ok(())
    }

    /// Lets the title grow, and then the text, as far as there is room.
    fn grow(&mut self, whole: Lengths) -> Result<(), EncodeError> {
        self.longest(whole.title, |lengths| &mut lengths.title)?;
        self.longest(whole.text, |lengths| &mut lengths.text)
    }

    fn longest(
        &mut self,
        most: usize,
        length: fn(&mut Lengths) -> &mut usize,
    ) -> Result<(), EncodeError> {
        let (mut fitting, mut beyond) = (*length(&mut self.lengths), most + 1);
        let mut next = most;
        while fitting + 1 < beyond {
            *length(&mut self.lengths) = next;
            if self.fits()? {
                fitting = next;
            } else {
                beyond = next;
            }
            next = fitting.midpoint(beyond);
        }
        *length(&mut self.lengths) = fitting;
        Ok(())
    }

    fn fits(&mut self) -> Result<bool, EncodeError> {
        let shaped = self.shaped();
        fits(&mut self.encode, &shaped, &self.left_out)
    }

    fn shaped(&self) -> Message {
        shaped(self.message, &self.left_out, self.lengths)
    }
}

fn extras(left_out: &[Part]) -> Extras {
    if left_out.contains(&Part::Extras) {
        Extras::LeftOut
    } else {
        Extras::Sent
    }
}

fn fits(
    encode: &mut impl FnMut(&Message, Extras) -> Result<Rendered, EncodeError>,
    shaped: &Message,
    left_out: &[Part],
) -> Result<bool, EncodeError> {
    match encode(shaped, extras(left_out)) {
        Ok(_) => Ok(true),
        Err(error) if error.code == TOO_LARGE => Ok(false),
        Err(error) => Err(error),
    }
}

/// The message without some of its parts, and with texts of these lengths.
fn shaped(message: &Message, left_out: &[Part], lengths: Lengths) -> Message {
    let mut shaped = message.clone();
    let to = |text: &mut Option<String>, most| {
        let shorter = text
            .as_deref()
            .map(|text| cut(text, most, Unit::Characters));
        if let Some(Cow::Owned(shorter)) = shorter {
            *text = Some(shorter);
        }
    };
    if present(&message.body).is_some() {
        to(&mut shaped.title, lengths.title);
        to(&mut shaped.body, lengths.text);
    } else {
        to(&mut shaped.title, lengths.text);
    }
    left_out.iter().for_each(|part| part.leave_out(&mut shaped));
    shaped
}

/// Longest reason that a notice gives, in bytes.
const MOST_REASON: usize = 200;

fn losses(
    left_out: &[Part],
    lengths: Lengths,
    whole: Lengths,
    message: &Message,
    refusal: &EncodeError,
) -> Vec<Notice> {
    let the = if refusal.field == "message" {
        "the "
    } else {
        ""
    };
    let reason = format!("{the}{} {}", refusal.field, refusal.problem);
    let reason = cut(&reason, MOST_REASON, Unit::Bytes);
    let why = |what: String| format!("{what}: {reason}");
    let mut losses = Vec::new();
    for (field, length, whole) in [
        (text(message).0, lengths.text, whole.text),
        ("title", lengths.title, whole.title),
    ] {
        if length < whole {
            let what = format!("was cut from {whole} to {length} characters");
            losses.push(Notice::new(field, why(what)));
        }
    }
    let parts = left_out
        .iter()
        .filter_map(|part| part.loss(left_out, message));
    losses.extend(parts.map(|(field, what)| Notice::new(field, why(what.to_owned()))));
    losses
}

#[cfg(test)]
mod tests;

//! What needs no rehearsal: a message like one that came through whole, and no longer.
//!
//! In: a channel and a message. Out: whether its driver is known to have nothing to say of it.
//! A rehearsal costs about as much as admitting a message does, and chat messages are alike but
//! for their words. Refuses to know drivers: what it misses, the trace tells.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Mutex, PoisonError};

use nudged_plugin_api::{Click, Kind, Message, Sound};

use crate::dispatch::Route;

/// Shapes that are remembered; when there are more, all are forgotten.
const MOST: usize = 4096;
/// Texts as short as this may be words that a vendor takes for a test.
const SHORT: usize = 4;
/// Bytes of a message whose sum fits every vendor, in whatever way it is escaped.
const FITS: usize = 600;

/// Bytes and characters of title, text and data.
type Lengths = [usize; 6];

/// What came through whole so far.
#[derive(Default)]
pub struct Quiet(Mutex<HashMap<u64, Lengths>>);

impl Quiet {
    /// Whether a message like this one, and as long, came through whole before.
    pub fn knows(&self, route: &Route, message: &Message) -> bool {
        let Some((shape, lengths)) = measured(route.fingerprint, message) else {
            return false;
        };
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let longest = known.get(&shape);
        longest.is_some_and(|longest| lengths.iter().zip(longest).all(|(it, most)| it <= most))
    }

    /// A message came through whole.
    pub fn learn(&self, route: &Route, message: &Message) {
        let Some((shape, lengths)) = measured(route.fingerprint, message) else {
            return;
        };
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MOST && !known.contains_key(&shape) {
            known.clear();
        }
        let longest = known.entry(shape).or_default();
        let both: Lengths = std::array::from_fn(|at| longest[at].max(lengths[at]));
        // Two that fit do not make one that has the longest of each fit.
        if *longest == Lengths::default() || both[0] + both[2] + both[4] <= FITS || both == lengths
        {
            *longest = both;
        }
    }
}

/// What is alike in messages that are told apart by their words only; none = each is rehearsed.
fn measured(fingerprint: u64, message: &Message) -> Option<(u64, Lengths)> {
    if message.kind != Kind::Alert || message.options.is_some() {
        return None;
    }
    let texts = [&message.title, &message.body, &message.ext].map(|it| it.as_deref());
    let mut lengths = Lengths::default();
    for (at, text) in texts.into_iter().enumerate() {
        let text = text.unwrap_or_default();
        lengths[2 * at] = text.len();
        lengths[2 * at + 1] = text.chars().count();
    }
    let is_short = |text: Option<&str>, chars: usize| text.is_some() && chars <= SHORT;
    if is_short(texts[1], lengths[3]) || message.body.is_none() {
        return None;
    }
    let mut hasher = DefaultHasher::new();
    fingerprint.hash(&mut hasher);
    texts.map(|it| it.is_some()).hash(&mut hasher);
    (message.test, message.priority as u8).hash(&mut hasher);
    for text in [
        &message.subtitle,
        &message.image,
        &message.channel_id,
        &message.category,
    ] {
        text.hash(&mut hasher);
    }
    // Another one for each conversation.
    for text in [&message.thread, &message.collapse_key] {
        let form = text.as_deref().map(|it| (it.is_ascii(), it.len()));
        form.hash(&mut hasher);
    }
    match &message.sound {
        Sound::Named(name) => name.hash(&mut hasher),
        Sound::Silent => 1.hash(&mut hasher),
        _ => 0.hash(&mut hasher),
    }
    match &message.click {
        Click::OpenApp => 0.hash(&mut hasher),
        click => format!("{click:?}{:?}", message.click_else).hash(&mut hasher),
    }
    Some((hasher.finish(), lengths))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_alike_but_for_their_words_have_one_shape_and_others_have_others() {
        let of = |change: fn(&mut Message)| {
            let mut message = Message::new("Carol", "Lunch at noon?");
            message.ext = Some("{}".to_owned());
            change(&mut message);
            measured(7, &message)
        };
        let (shape, lengths) = of(|_| {}).expect("an alert");
        assert_eq!(lengths, [5, 5, 14, 14, 2, 2]);
        let other = of(|it| it.body = Some("午饭？吃什么".to_owned())).expect("an alert");
        assert_eq!(other, (shape, [5, 5, 18, 6, 2, 2]));
        for change in [
            (|it| it.ext = None) as fn(&mut Message),
            |it| it.image = Some("https://a.test/x.png".to_owned()),
            |it| it.sound = Sound::Named("ping".to_owned()),
            |it| it.collapse_key = Some("é".to_owned()),
            |it| it.category = Some("IM".to_owned()),
            |it| it.click = Click::Page("chat".to_owned()),
            |it| it.test = true,
        ] {
            assert_ne!(of(change).expect("an alert").0, shape);
        }
        // A vendor may take these for a test, and options are the driver's to read.
        assert_eq!(of(|it| it.body = Some("test".to_owned())), None);
        assert_eq!(of(|it| it.options = Some("{}".to_owned())), None);
        assert_eq!(of(|it| it.kind = Kind::Voip), None);
    }
}

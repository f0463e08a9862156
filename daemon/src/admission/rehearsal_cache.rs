//! Which messages need no rehearsal: those like one that came through whole, and no longer.
//!
//! In: a channel and a message. Out: whether its driver is known to have nothing to say of it.
//! A rehearsal costs about as much as admitting a message does, and chat messages are alike but
//! for their words. Refuses to know drivers: what it misses is in the trace.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use nudged_driver_kit::trial::{names_a_test, says_nothing};
use nudged_plugin_api::{Badge, Click, Kind, Lifetime, Message, Sound, Timestamp};

use crate::channels::Route;
use crate::sync::Mutex;

/// Shapes that are remembered; when there are more, all are forgotten.
const MAX_SHAPES: usize = 4096;
/// Lifetimes that are longer, in seconds, are alike within a day.
const DAY: u64 = 86_400;
/// Bytes of a message whose sum fits every vendor, in whatever way it is escaped.
const MAX_FITTING_BYTES: usize = 600;

/// Bytes and characters of title, text and data.
type Lengths = [usize; 6];

/// What a device gets.
#[derive(Clone, Copy)]
pub struct DeviceContent<'a> {
    pub message: &'a Message,
    /// What its icon is to show.
    pub badge: Option<Badge>,
    pub now: Timestamp,
}

/// What came through whole so far.
#[derive(Default)]
pub struct RehearsalCache(Mutex<HashMap<u64, Lengths>>);

impl RehearsalCache {
    /// Whether a message like this one, and as long, came through whole before.
    pub fn knows(&self, route: &Route, sample: &DeviceContent<'_>) -> bool {
        let Some((shape, lengths)) = measured(route.serial, sample) else {
            return false;
        };
        let known = self.0.lock();
        let longest = known.get(&shape);
        longest.is_some_and(|longest| lengths.iter().zip(longest).all(|(it, most)| it <= most))
    }

    /// A message came through whole.
    pub fn learn(&self, route: &Route, sample: &DeviceContent<'_>) {
        let Some((shape, lengths)) = measured(route.serial, sample) else {
            return;
        };
        let mut known = self.0.lock();
        if known.len() >= MAX_SHAPES && !known.contains_key(&shape) {
            known.clear();
        }
        let longest = known.entry(shape).or_default();
        let both: Lengths = std::array::from_fn(|at| longest[at].max(lengths[at]));
        // Two that fit do not make one that has the longest of each fit.
        if *longest == Lengths::default()
            || both[0] + both[2] + both[4] <= MAX_FITTING_BYTES
            || both == lengths
        {
            *longest = both;
        }
    }
}

/// What is alike in messages that differ in their texts only; none = each is rehearsed.
fn measured(route: u64, sample: &DeviceContent<'_>) -> Option<(u64, Lengths)> {
    let message = sample.message;
    if message.kind != Kind::Alert || message.options.is_some() || message.body.is_none() {
        return None;
    }
    // What some vendors take for a test is noticed at admission too.
    let mut words = [&message.title, &message.body].into_iter().flatten();
    if words.any(|text| says_nothing(text) || names_a_test(text)) {
        return None;
    }
    let texts = [&message.title, &message.body, &message.ext].map(|it| it.as_deref());
    let mut lengths = Lengths::default();
    for (at, text) in texts.into_iter().enumerate() {
        let text = text.unwrap_or_default();
        lengths[2 * at] = text.len();
        lengths[2 * at + 1] = text.chars().count();
    }
    let mut hasher = DefaultHasher::new();
    route.hash(&mut hasher);
    texts.map(|it| it.is_some()).hash(&mut hasher);
    (message.test, message.priority as u8).hash(&mut hasher);
    lifetime(message.lifetime, sample.now).hash(&mut hasher);
    badge(sample.badge).hash(&mut hasher);
    if let Some(ext) = &message.ext {
        skeleton(ext, &mut hasher);
    }
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

/// Vendors have a shortest and a longest one: the former are of seconds, the latter of days.
fn lifetime(lifetime: Lifetime, now: Timestamp) -> Option<(bool, u64)> {
    match lifetime {
        Lifetime::Until(end) => {
            let seconds = end.millis_after(now).div_ceil(1000);
            Some(match seconds <= DAY {
                true => (true, seconds),
                false => (false, seconds.div_ceil(DAY)),
            })
        }
        _ => None,
    }
}

/// Vendors add one or set a number, up to some digits.
fn badge(badge: Option<Badge>) -> (u8, u32) {
    let digits = |number: u32| number.checked_ilog10().map_or(0, |it| it + 1);
    match badge {
        None => (0, 0),
        Some(Badge::Set(number)) => (1, digits(number)),
        Some(Badge::Add(1)) => (2, 0),
        Some(Badge::Add(number)) => (3, digits(number)),
        Some(_) => (4, 0),
    }
}

/// The names in an ext and what kinds of values they have, for drivers that read it; of a text
/// that is no JSON object, that it is none.
fn skeleton(ext: &str, hasher: &mut impl Hasher) {
    let bytes = ext.as_bytes();
    let is_object = bytes.trim_ascii_start().starts_with(b"{");
    is_object.hash(hasher);
    let mut at = if is_object { 0 } else { bytes.len() };
    while let Some(byte) = bytes.get(at) {
        at += 1;
        match byte {
            b'"' => {
                let begin = at;
                while let Some(byte) = bytes.get(at).filter(|byte| **byte != b'"') {
                    at += if *byte == b'\\' { 2 } else { 1 };
                }
                let text = &bytes[begin..at.min(bytes.len())];
                at += 1;
                let rest = bytes.get(at..).unwrap_or_default();
                match rest.trim_ascii_start().first() {
                    Some(b':') => text.hash(hasher),
                    _ => (b'"', text.is_empty()).hash(hasher),
                }
            }
            byte if byte.is_ascii_whitespace() => {}
            // Of a number, that it is one.
            b'0'..=b'9' | b'.' | b'+' | b'-' => {
                let digit = |byte: &&u8| matches!(byte, b'0'..=b'9' | b'.' | b'+' | b'-');
                at += bytes[at..].iter().take_while(digit).count();
                b'0'.hash(hasher);
            }
            byte => byte.hash(hasher),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_seconds(1_900_000_000);

    fn sample(message: &Message, badge: Option<Badge>) -> DeviceContent<'_> {
        let now = NOW;
        DeviceContent {
            message,
            badge,
            now,
        }
    }

    #[test]
    fn what_vendors_have_words_about_is_part_of_the_shape() {
        let shape = |ttl: Option<u64>, badge: Option<Badge>, ext: &str| {
            let mut message = Message::new("Carol", "Lunch at noon?");
            message.lifetime = match ttl {
                Some(ttl) => Lifetime::Until(NOW.plus_seconds(ttl)),
                None => Lifetime::NowOrNever,
            };
            message.ext = Some(ext.to_owned());
            measured(7, &sample(&message, badge)).expect("an alert").0
        };
        let ext = r#"{"id":"m1","n":{"seq":12}}"#;
        let usual = shape(Some(3600), None, ext);
        for alike in [
            r#"{"id":"m\"22","n":{"seq":7}}"#,
            r#"{"id": "x", "n": {"seq": 3}}"#,
        ] {
            assert_eq!(shape(Some(3600), None, alike), usual, "{alike}");
        }
        for other in [
            r#"{"id":1,"n":{"seq":12}}"#,
            r#"{"ie":"m1","n":{"seq":12}}"#,
            r#"{"id":"","n":{"seq":12}}"#,
            r#"["id"]"#,
            r#"{"id"#,
            "m1",
        ] {
            assert_ne!(shape(Some(3600), None, other), usual, "{other}");
        }
        for ttl in [None, Some(1), Some(59), Some(86_401), Some(30 * DAY)] {
            assert_ne!(shape(ttl, None, ext), usual, "{ttl:?}");
        }
        let week = shape(Some(7 * DAY), None, ext);
        assert_eq!(shape(Some(6 * DAY + 5), None, ext), week);
        assert_ne!(shape(Some(7 * DAY + 1), None, ext), week);
        let badges = [
            Badge::Set(0),
            Badge::Set(5),
            Badge::Set(100),
            Badge::Add(1),
            Badge::Add(5),
        ];
        let shapes = badges.map(|badge| shape(Some(3600), Some(badge), ext));
        let different: std::collections::BTreeSet<u64> = shapes.into_iter().collect();
        assert_eq!(different.len(), badges.len());
        assert!(!different.contains(&usual));
        let counted = shape(Some(3600), Some(Badge::Set(6)), ext);
        assert!(different.contains(&counted));
    }

    #[test]
    fn messages_alike_but_for_their_words_have_one_shape_and_others_have_others() {
        let of = |change: fn(&mut Message)| {
            let mut message = Message::new("Carol", "Lunch at noon?");
            message.ext = Some("{}".to_owned());
            change(&mut message);
            measured(7, &sample(&message, None))
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
        assert_eq!(of(|it| it.body = Some("this is a test".to_owned())), None);
        assert_eq!(of(|it| it.body = Some("123456".to_owned())), None);
        assert_eq!(of(|it| it.title = Some("10086".to_owned())), None);
        assert_eq!(of(|it| it.options = Some("{}".to_owned())), None);
        assert_eq!(of(|it| it.kind = Kind::Voip), None);
    }
}

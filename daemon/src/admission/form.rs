//! The forms of bare tokens, asked of their drivers for many notifications at once: each call
//! costs more than a token.
//!
//! In: notifications as they came. Out: for each, the forms of the tokens in it, in the order of
//! its recipients. What is wrong otherwise is told by `resolve`; such a token is not asked about.

use std::iter::Peekable;
use std::vec::IntoIter;

use nudged_plugin_api::text::present;

use super::Ask;
use super::resolve::{MOST, check_token};
use crate::channels::{Entry, Form, Table};
use nudged_wire::RecipientSpec;
use nudged_wire::{Code, Problem};

/// The forms of the tokens of one notification.
pub struct Forms(Peekable<IntoIter<(usize, Form)>>);

impl Forms {
    /// Of these notifications, as far as they could be read.
    pub fn of_all<'a>(table: &Table, asks: impl Iterator<Item = Option<&'a Ask>>) -> Vec<Self> {
        let mut forms = Vec::with_capacity(asks.size_hint().0);
        let mut channels: Vec<Asked<'_>> = Vec::new();
        for (number, ask) in asks.enumerate() {
            forms.push(Vec::new());
            let Some(ask) = ask.filter(|ask| ask.spec.to.len() <= MOST) else {
                continue;
            };
            for (at, recipient) in ask.spec.to.iter().enumerate() {
                let Some((channel, token)) = bare(recipient) else {
                    continue;
                };
                let entry = table.by_name(ask.app(), channel);
                let Some(entry) = entry.filter(|_| check_token(token, "").is_ok()) else {
                    continue;
                };
                let same = |it: &&mut Asked<'_>| std::ptr::eq(it.channel, entry);
                match channels.iter_mut().find(same) {
                    Some(asked) => asked.add(number, at, token),
                    None => {
                        let mut asked = Asked::of(entry);
                        asked.add(number, at, token);
                        channels.push(asked);
                    }
                }
            }
        }
        let several = channels.len() > 1;
        for asked in channels {
            let answers = asked.channel.forms(asked.tokens);
            for ((number, at), form) in asked.places.into_iter().zip(answers) {
                forms[number].push((at, form));
            }
        }
        if several {
            forms
                .iter_mut()
                .for_each(|it| it.sort_by_key(|(at, _)| *at));
        }
        let forms = forms.into_iter();
        forms.map(|it| Self(it.into_iter().peekable())).collect()
    }

    /// The form of the token of the recipient at this place, if it was asked for.
    pub fn of(&mut self, at: usize) -> Option<Form> {
        while self.0.peek().is_some_and(|(place, _)| *place < at) {
            self.0.next();
        }
        self.0
            .next_if(|(place, _)| *place == at)
            .map(|(_, form)| form)
    }
}

/// What one channel's driver is asked.
struct Asked<'a> {
    channel: &'a Entry,
    places: Vec<(usize, usize)>,
    tokens: Vec<String>,
}

impl<'a> Asked<'a> {
    fn of(channel: &'a Entry) -> Self {
        Self {
            channel,
            places: Vec::new(),
            tokens: Vec::new(),
        }
    }

    fn add(&mut self, number: usize, at: usize, token: &str) {
        self.places.push((number, at));
        self.tokens.push(token.to_owned());
    }
}

/// Channel and token of a recipient that is nothing else.
pub fn bare(recipient: &RecipientSpec) -> Option<(&str, &str)> {
    match recipient {
        RecipientSpec {
            user,
            device,
            channel: Some(channel),
            token: Some(token),
            ..
        } if present(user).is_none() && present(device).is_none() => Some((channel, token)),
        _ => None,
    }
}

/// What a caller is told of a token that its driver refuses. The app is at fault, and nothing that
/// the caller could change in a notification.
pub fn refused(error: nudged_plugin_api::EncodeError, vendor: &str, field: &str) -> Problem {
    Problem::new(Code::Invalid, error.problem)
        .field(field)
        .hint(format!(
            "have the app report the token as the vendor's library gives it to the phone; the \
             {vendor} driver refuses this one ({})",
            error.code
        ))
}

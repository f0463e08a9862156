//! The canonical tokens of recipients that are a channel and a token, asked of their drivers for
//! many notifications at once: a call costs more than a token.
//!
//! In: notifications as they came. Out: for each, its canonical tokens in the order of its
//! recipients. What can be no token is left out; `resolve` says what is wrong with it.

use std::vec::IntoIter;

use nudged_plugin_api::text::present;

use super::submission::Submission;
use crate::channels::{CanonicalToken, RouteEntry, RouteTable, TokenProblem};
use crate::model::MAX_RECIPIENTS;
use nudged_wire::RecipientSpec;

/// The canonical tokens of one notification.
pub struct BareTokens<'t>(IntoIter<BareToken<'t>>);

/// The position of a recipient, its channel, and its canonical token.
type BareToken<'t> = (usize, &'t RouteEntry, CanonicalToken);

impl<'t> BareTokens<'t> {
    /// Of each of these notifications; none = it could not be read.
    pub fn of_all<'a>(
        table: &'t RouteTable,
        submissions: impl Iterator<Item = Option<&'a Submission>>,
    ) -> Vec<Self> {
        let mut forms: Vec<Vec<BareToken<'t>>> = Vec::with_capacity(submissions.size_hint().0);
        let mut channels: Vec<TokenCall<'t>> = Vec::new();
        for (number, submission) in submissions.enumerate() {
            forms.push(Vec::new());
            let Some(submission) =
                submission.filter(|submission| submission.spec.to.len() <= MAX_RECIPIENTS)
            else {
                continue;
            };
            for (at, recipient) in submission.spec.to.iter().enumerate() {
                let Some((channel, token)) = bare(recipient) else {
                    continue;
                };
                let entry = table.by_name(submission.app(), channel);
                let Some(entry) = entry.filter(|_| TokenProblem::of(token).is_none()) else {
                    continue;
                };
                let same = |it: &&mut TokenCall<'t>| std::ptr::eq(it.channel, entry);
                match channels.iter_mut().find(same) {
                    Some(call) => call.add(number, at, token),
                    None => {
                        let mut call = TokenCall::of(entry);
                        call.add(number, at, token);
                        channels.push(call);
                    }
                }
            }
        }
        let several = channels.len() > 1;
        for call in channels {
            let answers = call.channel.canonical_tokens(call.tokens);
            for ((number, at), form) in call.places.into_iter().zip(answers) {
                forms[number].push((at, call.channel, form));
            }
        }
        if several {
            forms
                .iter_mut()
                .for_each(|it| it.sort_by_key(|(at, ..)| *at));
        }
        let forms = forms.into_iter();
        forms.map(|it| Self(it.into_iter())).collect()
    }

    /// Channel and canonical token of the recipient at this position, if its driver was asked.
    pub fn of(&mut self, at: usize) -> Option<(&'t RouteEntry, CanonicalToken)> {
        while self.0.as_slice().first()?.0 < at {
            self.0.next();
        }
        if self.0.as_slice().first()?.0 > at {
            return None;
        }
        self.0.next().map(|(_, channel, form)| (channel, form))
    }
}

/// What one channel's driver is asked.
struct TokenCall<'a> {
    channel: &'a RouteEntry,
    places: Vec<(usize, usize)>,
    tokens: Vec<String>,
}

impl<'a> TokenCall<'a> {
    fn of(channel: &'a RouteEntry) -> Self {
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

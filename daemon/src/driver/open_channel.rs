//! An open channel whose driver gives no secrets away: every text of it, a panic's too, has passed
//! the channel's own [`Secrets`] before anybody sees it, and shows no whole token of the devices
//! that it is about: vendors repeat them.
//!
//! In: the calls of `host::Channel`. Out: its answers. Requests go as they are: secrets belong
//! in them.

use nudged_plugin_api::call::{DecodeCall, DecodedItem, EncodeCall, Encoded, RecallCall};
use nudged_plugin_api::host::{self, CallError};
use nudged_plugin_api::{
    Authorize, Decoded, EncodeError, Grant, HttpRequest, HttpResponse, Notice, Target, Timestamp,
    Verdict,
};

use crate::credential::{Secrets, Tokens};

/// An open channel of a driver.
pub struct OpenChannel {
    driver: host::Channel,
    secrets: Secrets,
}

impl OpenChannel {
    /// A channel with the secrets that its driver was given.
    pub fn new(driver: host::Channel, secrets: Secrets) -> Self {
        Self { driver, secrets }
    }

    pub fn secrets(&self) -> &Secrets {
        &self.secrets
    }

    /// Account that grants belong to.
    pub fn grant_scope(&self) -> Option<&str> {
        self.driver.grant_scope()
    }

    /// The vendor's account that tokens belong to; none on drivers that do not say, or say what
    /// must not be seen.
    pub fn account(&self) -> Option<&str> {
        let account = self.driver.account();
        account.filter(|account| !self.secrets.are_in(account))
    }

    /// What the settings cost every message, as the driver says it.
    pub fn advice(&self) -> Vec<Notice> {
        let mut advice = self.driver.advice().to_vec();
        for notice in &mut advice {
            self.hide(&mut notice.field);
            self.hide(&mut notice.text);
        }
        advice
    }

    /// The canonical form of each token, or why it can be none of the vendor's; in their order.
    pub fn tokens(
        &self,
        tokens: Vec<String>,
    ) -> Result<Vec<Result<String, EncodeError>>, CallError> {
        let mut forms = self
            .driver
            .tokens(tokens)
            .map_err(|error| self.failed(error))?;
        for error in forms.iter_mut().filter_map(|form| form.as_mut().err()) {
            self.hide(&mut error.field);
            self.hide(&mut error.problem);
            self.hide(&mut error.code);
        }
        Ok(forms)
    }

    /// How to come by a grant.
    pub fn authorize(&self, now: Timestamp) -> Result<Authorize, CallError> {
        self.driver
            .authorize(now)
            .map_err(|error| self.failed(error))
    }

    /// The vendor's answer to a request for a grant.
    pub fn authorized(
        &self,
        response: HttpResponse,
        now: Timestamp,
    ) -> Result<Result<Grant, Verdict>, CallError> {
        match self.driver.authorized(response, now) {
            Ok(answer) => Ok(answer.map_err(|mut verdict| {
                self.verdict(&mut verdict);
                verdict
            })),
            Err(error) => Err(self.failed(error)),
        }
    }

    /// One request or refusal per job, in their order.
    pub fn encode(&self, call: &EncodeCall) -> Result<Vec<Encoded>, CallError> {
        let targets = call.jobs.iter().map(|job| &*job.targets);
        self.hidden(self.driver.encode(call), targets, Self::encoded)
    }

    /// What each answer means, one per job in their order.
    pub fn decode(&self, call: &DecodeCall) -> Result<Vec<DecodedItem>, CallError> {
        let targets = call.jobs.iter().map(|job| &*job.targets);
        self.hidden(self.driver.decode(call), targets, Self::decoded)
    }

    /// One request or refusal per recall, in their order.
    pub fn recall(&self, call: &RecallCall) -> Result<Vec<Encoded>, CallError> {
        let targets = call.jobs.iter().map(|job| &*job.targets);
        self.hidden(self.driver.recall(call), targets, Self::encoded)
    }

    /// What each answer to a recall means.
    pub fn recalled(&self, call: &DecodeCall) -> Result<Vec<DecodedItem>, CallError> {
        let targets = call.jobs.iter().map(|job| &*job.targets);
        self.hidden(self.driver.recalled(call), targets, Self::decoded)
    }

    /// The request that shows whether the credential is good, if there is one.
    pub fn probe(
        &self,
        grant: Option<Grant>,
        now: Timestamp,
    ) -> Result<Option<HttpRequest>, CallError> {
        let probing = self.driver.probe(grant, now);
        probing.map_err(|error| self.failed(error))
    }

    /// The vendor's answer to that.
    pub fn probed(
        &self,
        response: HttpResponse,
        now: Timestamp,
    ) -> Result<Result<(), Verdict>, CallError> {
        match self.driver.probed(response, now) {
            Ok(answer) => Ok(answer.map_err(|mut verdict| {
                self.verdict(&mut verdict);
                verdict
            })),
            Err(error) => Err(self.failed(error)),
        }
    }

    /// The items of an answer, each without the secrets of its devices.
    fn hidden<'a, I>(
        &self,
        items: Result<Vec<I>, CallError>,
        targets: impl Iterator<Item = &'a [Target]>,
        hide: impl Fn(&Self, &mut I, &[Target]),
    ) -> Result<Vec<I>, CallError> {
        let mut items = match items {
            Ok(items) => items,
            Err(error) => return Err(self.failed_for(error, targets)),
        };
        // Of what nobody asked for, at least the channel's own secrets are hidden.
        let targets = targets.chain(std::iter::repeat(&[][..]));
        for (item, targets) in items.iter_mut().zip(targets) {
            hide(self, item, targets);
        }
        Ok(items)
    }

    fn encoded(&self, item: &mut Encoded, targets: &[Target]) {
        match item {
            Encoded::Rendered(rendered) => {
                for notice in &mut rendered.notices {
                    self.hide(&mut notice.field);
                    self.hide(&mut notice.text);
                }
            }
            Encoded::Refused(error) => {
                let tokens = tokens(targets);
                for text in [&mut error.field, &mut error.problem, &mut error.code] {
                    self.hide_with(&tokens, text);
                }
            }
            Encoded::Panicked(text) => self.hide_with(&tokens(targets), text),
        }
    }

    fn decoded(&self, item: &mut DecodedItem, targets: &[Target]) {
        match item {
            DecodedItem::Decoded(Decoded::Verdicts(verdicts)) => {
                // Made at the first text: accepted is mostly said without any.
                let mut made = None;
                for verdict in verdicts {
                    let texts = [&mut verdict.code, &mut verdict.text, &mut verdict.remedy];
                    for text in texts.into_iter().filter(|text| !text.is_empty()) {
                        self.hide_with(made.get_or_insert_with(|| tokens(targets)), text);
                    }
                    if let Some(id) = &mut verdict.vendor_id {
                        self.hide(id);
                    }
                }
            }
            DecodedItem::Panicked(text) => self.hide_with(&tokens(targets), text),
            _ => {}
        }
    }

    fn verdict(&self, verdict: &mut Verdict) {
        self.hide(&mut verdict.code);
        self.hide(&mut verdict.text);
        self.hide(&mut verdict.remedy);
        if let Some(id) = &mut verdict.vendor_id {
            self.hide(id);
        }
    }

    fn failed(&self, error: CallError) -> CallError {
        self.secrets.of_call(error)
    }

    /// A call that failed as a whole may speak of any of its devices.
    fn failed_for<'a>(
        &self,
        error: CallError,
        targets: impl Iterator<Item = &'a [Target]>,
    ) -> CallError {
        let tokens = Tokens::of(targets.flatten().flat_map(of_target));
        match self.failed(error) {
            CallError::Panicked(text) => CallError::Panicked(tokens.hide(text)),
            CallError::BadCall(text) => CallError::BadCall(tokens.hide(text)),
            error => error,
        }
    }

    fn hide_with(&self, tokens: &Tokens<'_>, text: &mut String) {
        self.hide(text);
        *text = tokens.hide(std::mem::take(text));
    }

    fn hide(&self, text: &mut String) {
        if !text.is_empty() {
            *text = self.secrets.hide(std::mem::take(text));
        }
    }
}

fn tokens(targets: &[Target]) -> Tokens<'_> {
    Tokens::of(targets.iter().flat_map(of_target))
}

fn of_target(target: &Target) -> impl Iterator<Item = &str> {
    std::iter::once(&*target.token).chain(target.activity_token.as_deref())
}

impl Secrets {
    /// A failed call without secrets.
    pub(crate) fn of_call(&self, error: CallError) -> CallError {
        match error {
            CallError::Panicked(text) => CallError::Panicked(self.hide(text)),
            CallError::BadCall(text) => CallError::BadCall(self.hide(text)),
            error => error,
        }
    }
}

#[cfg(test)]
mod tests;

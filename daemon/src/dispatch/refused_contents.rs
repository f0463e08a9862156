//! Contents that the vendor has refused for their own sake: of one that goes to many devices not each
//! asks again, one does for all. Pure; is told the time.
//!
//! In: refusals, and the deliveries that were given them. Out: whose turn it is, and until when the
//! others wait. Every device is asked for once, as one may take what another refuses: through FCM
//! one message goes to Android phones and, by Apple's rules, to iPhones. For the same reason the end
//! of one delivery is no other's.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;

use nudged_plugin_api::frame::to_bytes;
use nudged_plugin_api::{Class, Lifetime, Scope, Timestamp, Verdict};

use crate::model::{Attempt, AttemptClass, Delivery, DeliveryId, TimestampExt};
use crate::outcome::Backoff;

/// Contents that were refused, and who waits to have them sent again.
#[derive(Debug, Default)]
pub struct RefusedContents {
    refused: HashMap<DeliveryId, u64>,
    contents: HashMap<u64, RefusedContent>,
    requests: u64,
    /// When it was last looked for what can be forgotten.
    looked: Timestamp,
}

/// One content.
#[derive(Debug)]
struct RefusedContent {
    class: Class,
    code: String,
    text: String,
    remedy: String,
    /// When it may be tried again.
    until: Timestamp,
    /// Tries since it was refused first.
    tries: u32,
    probe: Option<ContentProbe>,
}

/// The request that finds out.
#[derive(Debug)]
struct ContentProbe {
    request: u64,
    /// The first of its deliveries.
    first: DeliveryId,
    since: Timestamp,
}

/// Why one is not sent for now.
#[derive(Debug, PartialEq, Eq)]
pub struct ContentWait {
    /// Until when.
    pub until: Timestamp,
    /// The try that was none.
    pub attempt: Attempt,
}

/// Deliveries that are remembered; what comes beyond asks for itself.
const MAX_REMEMBERED: usize = 10_000;
/// A request that finds out and was not answered for so long is lost.
const PROBE_TIMEOUT: Duration = Duration::from_secs(60);
/// When it is looked again for a request that finds out.
const PROBE_INTERVAL: Duration = Duration::from_secs(5);
/// What was not tried again for so long has ended otherwise.
const FORGET_DELAY: Duration = Duration::from_secs(3_600);

/// Whether a refusal that is not final may be of the message, so that all who have the same share
/// it. It need not be: then one that is accepted ends it.
// req 73: the message is blamed before the channel is.
pub fn is_of_content(verdict: &Verdict) -> bool {
    match verdict.scope {
        Scope::Message => !matches!(verdict.class, Class::Accepted | Class::Unavailable),
        // Of a credential that only devices of one kind have need of, such as iPhones at FCM.
        Scope::Unsaid | Scope::Token => verdict.class == Class::Credential,
        _ => false,
    }
}

/// What a delivery says, whenever it ends to be of use.
pub fn content_of(delivery: &Delivery) -> u64 {
    let mut message = delivery.content.message.clone();
    message.lifetime = Lifetime::NowOrNever;
    let mut hasher = DefaultHasher::new();
    delivery.content.app.hash(&mut hasher);
    to_bytes(&message).hash(&mut hasher);
    hasher.finish()
}

impl RefusedContents {
    /// Whether everybody may be sent.
    pub fn is_empty(&self) -> bool {
        self.refused.is_empty()
    }

    /// A delivery of this content was refused, and is to be tried again `at` then.
    pub fn refused(
        &mut self,
        id: DeliveryId,
        content: u64,
        verdict: &Verdict,
        at: Timestamp,
        backoff: Backoff,
        now: Timestamp,
    ) {
        if self.refused.len() >= MAX_REMEMBERED && now.since(self.looked) >= PROBE_TIMEOUT {
            self.looked = now;
            self.forget(now);
        }
        if self.refused.len() >= MAX_REMEMBERED {
            return;
        }
        self.refused.insert(id, content);
        let found = self
            .contents
            .entry(content)
            .or_insert_with(|| RefusedContent {
                class: verdict.class,
                code: String::new(),
                text: String::new(),
                remedy: String::new(),
                until: at,
                tries: 0,
                probe: None,
            });
        found.class = verdict.class;
        found.code.clone_from(&verdict.code);
        found.text.clone_from(&verdict.text);
        found.remedy.clone_from(&verdict.remedy);
        if found.probe.take().is_some() {
            found.tries = found.tries.saturating_add(1);
        }
        let wait = now.plus(backoff.pause(found.tries, 1000));
        found.until = found.until.max(at).max(wait);
    }

    /// The next request: what goes into it goes together.
    pub fn next_request(&mut self) -> u64 {
        self.requests += 1;
        self.requests
    }

    /// Whether a delivery waits, or goes with this request.
    pub fn wait(&mut self, id: DeliveryId, request: u64, now: Timestamp) -> Option<ContentWait> {
        let content = self.contents.get_mut(self.refused.get(&id)?)?;
        if content.until > now {
            return Some(content.withheld(content.until, now));
        }
        match &content.probe {
            Some(probe) if probe.request == request => None,
            // One of a clock that was ahead is lost, too.
            Some(ContentProbe { since, .. })
                if *since <= now && now.since(*since) < PROBE_TIMEOUT =>
            {
                Some(content.withheld(now.plus(PROBE_INTERVAL), now))
            }
            _ => {
                content.probe = Some(ContentProbe {
                    request,
                    first: id,
                    since: now,
                });
                None
            }
        }
    }

    /// A delivery was accepted: whoever waits with it may go.
    pub fn accepted(&mut self, id: DeliveryId) {
        let Some(content) = self.refused.get(&id).copied() else {
            return;
        };
        self.contents.remove(&content);
        self.refused.retain(|_, of| *of != content);
    }

    /// A delivery has ended otherwise.
    pub fn ended(&mut self, id: DeliveryId) {
        self.no_answer(id);
        self.refused.remove(&id);
    }

    /// There was no answer to a delivery: if it was the one that was to find out, another one does.
    pub fn no_answer(&mut self, id: DeliveryId) {
        let content = self.refused.get(&id);
        if let Some(content) = content.and_then(|content| self.contents.get_mut(content)) {
            content.probe.take_if(|probe| probe.first == id);
        }
    }

    /// One of each content is tried at once.
    pub fn retry_now(&mut self, now: Timestamp) {
        for content in self.contents.values_mut() {
            content.until = content.until.min(now);
            content.tries = 0;
        }
    }

    /// Forgets what nobody has tried for long.
    fn forget(&mut self, now: Timestamp) {
        self.contents
            .retain(|_, content| now.since(content.until) < FORGET_DELAY);
        let contents = &self.contents;
        self.refused.retain(|_, of| contents.contains_key(of));
    }
}

impl RefusedContent {
    fn withheld(&self, until: Timestamp, now: Timestamp) -> ContentWait {
        let reason = match self.text.is_empty() {
            true => &self.code,
            false => &self.text,
        };
        ContentWait {
            until,
            attempt: Attempt {
                at: now,
                class: AttemptClass::Verdict(self.class),
                code: self.code.clone(),
                text: format!(
                    "not sent: the vendor refused the same message alike, and one delivery of it \
                     is tried for all; its reason was: {reason}"
                ),
                remedy: self.remedy.clone(),
                ..Attempt::default()
            },
        }
    }
}

#[cfg(test)]
mod tests;

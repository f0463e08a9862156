//! What is special about some device tokens and certificates; all others are good, and the tokens
//! of ordinary notifications.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::push_type::split;
use super::reason::{Reason, Refusal};

#[derive(Debug, Default)]
pub(crate) struct Devices {
    book: Mutex<Book>,
    /// Whether `book` says anything, so that the sink need not lock it.
    known: AtomicBool,
}

#[derive(Debug, Default)]
struct Book {
    /// Topic that a token belongs to, where it was said.
    bound: HashMap<String, String>,
    /// When a token died, UNIX milliseconds.
    unregistered: HashMap<String, u64>,
    /// Serial numbers.
    revoked_certificates: HashSet<String>,
}

impl Devices {
    pub(crate) fn bind_token(&self, token: &str, topic: &str) {
        self.note(|book| {
            book.bound.insert(token.to_owned(), topic.to_owned());
        });
    }

    pub(crate) fn unregister_token(&self, token: &str, timestamp_ms: u64) {
        self.note(|book| {
            book.unregistered.insert(token.to_owned(), timestamp_ms);
        });
    }

    pub(crate) fn register_token(&self, token: &str) {
        self.note(|book| {
            book.unregistered.remove(token);
        });
    }

    pub(crate) fn revoke_certificate(&self, serial: &str) {
        self.note(|book| {
            book.revoked_certificates.insert(serial.to_owned());
        });
    }

    pub(crate) fn is_empty(&self) -> bool {
        !self.known.load(Ordering::Acquire)
    }

    pub(crate) fn is_revoked(&self, serial: &str) -> bool {
        self.lock().revoked_certificates.contains(serial)
    }

    /// Whether a token may be pushed under a topic. PushKit, ActivityKit and WidgetKit give tokens
    /// of their own, each good for the topic with its suffix only, and
    /// `registerForRemoteNotifications` gives one that is for none of those.
    pub(crate) fn check(&self, token: &str, topic: &str) -> Result<(), Refusal> {
        let is_of_alerts = || split(topic).1.is_empty();
        if self.is_empty() {
            return match is_of_alerts() {
                true => Ok(()),
                false => Err(Reason::DeviceTokenNotForTopic.into()),
            };
        }
        let book = self.lock();
        let is_its_own = match book.bound.get(token) {
            Some(own) => own == topic,
            None => is_of_alerts(),
        };
        if !is_its_own {
            return Err(Reason::DeviceTokenNotForTopic.into());
        }
        match book.unregistered.get(token) {
            Some(timestamp_ms) => Err(Refusal::unregistered(*timestamp_ms)),
            None => Ok(()),
        }
    }

    fn note(&self, change: impl FnOnce(&mut Book)) {
        change(&mut self.lock());
        self.known.store(true, Ordering::Release);
    }

    fn lock(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

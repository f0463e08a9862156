//! What OPPO keeps: its apps, the texts that they saved, and which message ids have been
//! sent to whom.

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use super::Oppo;

#[derive(Debug, Default)]
pub(super) struct Book {
    /// By app key.
    pub(super) apps: HashMap<String, App>,
    /// By the id that we gave.
    pub(super) saved: HashMap<String, Saved>,
    sent: HashSet<Sent>,
    pub(super) repeats_succeed: bool,
}

#[derive(Debug, Clone)]
pub(super) struct App {
    pub(super) master_secret: String,
    /// It may ask for `notify_level` 16.
    pub(super) is_strong: bool,
}

/// A text for broadcasts.
#[derive(Debug, Clone)]
pub(super) struct Saved {
    pub(super) app_key: String,
    pub(super) app_message_id: Option<String>,
    pub(super) is_service: bool,
    pub(super) notification: Value,
}

/// One message to one device, by the customer's own id.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Sent {
    pub(super) app_key: String,
    pub(super) app_message_id: String,
    pub(super) regid: String,
}

impl Book {
    pub(super) fn has_sent(&self, sent: &Sent) -> bool {
        self.sent.contains(sent)
    }

    pub(super) fn note(&mut self, sent: Vec<Sent>) {
        self.sent.extend(sent);
    }

    /// The id of a text: of one that an app saves again, the one that it has.
    pub(super) fn save(&mut self, saved: Saved, fresh_id: String) -> String {
        let is_same = |other: &Saved| {
            saved.app_message_id.is_some()
                && saved.app_message_id == other.app_message_id
                && saved.app_key == other.app_key
        };
        if let Some((id, _)) = self.saved.iter().find(|(_, other)| is_same(other)) {
            return id.clone();
        }
        self.saved.insert(fresh_id.clone(), saved);
        fresh_id
    }
}

crate::handle::vendor_handle! {
    /// OPPO, as tests set it up.
    OppoHandle of Oppo
}

impl OppoHandle<'_> {
    /// Registers an app at OPPO.
    pub fn add_account(&self, app_key: &str, master_secret: &str) {
        self.service.register(app_key, master_secret);
    }

    /// The app may send with `notify_level` 16 from now on.
    pub fn allow_strong_reminders(&self, app_key: &str) {
        if let Some(app) = self.service.book().apps.get_mut(app_key) {
            app.is_strong = true;
        }
    }

    /// How OPPO answers a message whose `app_message_id` it has sent to the device before:
    /// with success (and a new id) or, unless said, with 32. It never sends it again.
    pub fn set_repeats_succeed(&self, succeed: bool) {
        self.service.book().repeats_succeed = succeed;
    }
}

//! What vivo keeps of its customers: apps, saved texts, and the ids of requests done.

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use super::message::Message;
use crate::net::exchange::Reply;
use crate::vendors::customers::Rate;

const AUTHS_A_SECOND: u64 = 10;
/// The interface names no number.
const TASK_LIFETIME_MS: u64 = 24 * 60 * 60 * 1000;

#[derive(Debug, Default)]
pub(super) struct Book {
    pub(super) apps: HashMap<i64, App>,
    tasks: HashMap<String, Task>,
    /// The replies to pushes that were taken.
    done: HashMap<RequestKey, Reply>,
}

#[derive(Debug)]
pub(super) struct App {
    pub(super) key: String,
    pub(super) secret: String,
    pub(super) auths: Rate,
    /// The number with which vivo refuses what the app may not do.
    pub(super) state: Option<i64>,
    pub(super) test_devices: HashSet<String>,
}

impl App {
    pub(super) fn new(key: &str, secret: &str) -> App {
        App {
            key: key.to_owned(),
            secret: secret.to_owned(),
            auths: Rate::of(Some(AUTHS_A_SECOND)),
            state: None,
            test_devices: HashSet::new(),
        }
    }
}

/// A text saved for many.
#[derive(Debug, Clone)]
pub(super) struct Task {
    pub(super) app_id: i64,
    pub(super) body: Value,
    pub(super) message: Message,
    pub(super) saved_ms: u64,
}

/// What makes a request the same as another one.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct RequestKey {
    pub(super) path: String,
    pub(super) app_id: i64,
    pub(super) request_id: String,
}

impl Book {
    pub(super) fn save(&mut self, id: &str, task: Task) {
        self.tasks.insert(id.to_owned(), task);
    }

    /// A saved text, unless it is another app's or too old.
    pub(super) fn task(&self, id: &str, app_id: i64, now_ms: u64) -> Option<Task> {
        let task = self.tasks.get(id)?;
        let is_fresh = now_ms < task.saved_ms + TASK_LIFETIME_MS;
        (task.app_id == app_id && is_fresh).then(|| task.clone())
    }

    pub(super) fn forget_tasks(&mut self) {
        self.tasks.clear();
    }

    pub(super) fn reply_to(&self, key: &RequestKey) -> Option<Reply> {
        self.done.get(key).cloned()
    }

    pub(super) fn is_done(&mut self, key: RequestKey, reply: Reply) {
        self.done.insert(key, reply);
    }
}

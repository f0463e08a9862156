//! What callers were told, what vendors took, and, at the end, whether that fits.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use nudged_simulator::Received;
use serde::Serialize;
use serde_json::Value;

use super::CHANNELS;
use crate::client::Client;
use crate::rig::RigError;

/// Shared by all callers.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    book: Mutex<Book>,
    sent: AtomicUsize,
    accepted: AtomicUsize,
    reports: AtomicUsize,
    stopped: AtomicBool,
}

#[derive(Debug, Default)]
struct Book {
    /// How many outcomes each notification must have, by id.
    due: HashMap<String, usize>,
    /// Ids of notifications to tokens, which must arrive, by their marks.
    to_tokens: HashMap<String, String>,
    /// Marks of what arrived, each once.
    arrived: HashSet<String>,
    /// Arrivals beyond the first for each device.
    duplicated: usize,
    /// Marks and tokens of what arrived, to find those.
    seen: HashSet<(String, String)>,
}

/// What became of all notifications.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Account {
    /// Deliveries that were accepted or suppressed with an answer.
    pub deliveries: usize,
    /// How they ended.
    pub outcomes: BTreeMap<String, usize>,
    /// Deliveries without an outcome, and outcomes beyond the first.
    pub unexplained: usize,
    /// Notifications to tokens that no vendor ever got.
    pub lost: usize,
    /// Messages that a vendor got for the same device again.
    pub duplicated: usize,
}

impl Ledger {
    /// A mark that no other notification has.
    pub(super) fn mark(&self) -> String {
        format!("s{}", self.sent.fetch_add(1, Ordering::Relaxed))
    }

    /// Notes an answer, which must be an acceptance; `mark` of what goes to a token.
    pub(super) fn accept(&self, mark: Option<String>, answer: &Value) -> Result<(), RigError> {
        let Some(id) = answer["id"].as_str() else {
            let problem = format!("a notification was answered with {answer}");
            return Err(RigError::Unexpected(problem));
        };
        let count = |name: &str| answer[name].as_u64().unwrap_or_default() as usize;
        let mut book = self.book();
        let due = count("deliveries") + count("suppressed");
        book.due.insert(id.to_owned(), due);
        if let Some(mark) = mark {
            book.to_tokens.insert(mark, id.to_owned());
        }
        self.accepted.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }

    pub(super) fn reported(&self) {
        self.reports.fetch_add(1, Ordering::Relaxed);
    }

    /// Notes what vendors took.
    pub(super) fn arrived(&self, received: Vec<Received>) {
        let mut book = self.book();
        for message in received {
            let vendor = CHANNELS.iter().find(|it| it.name == message.vendor);
            let Some(mark) = vendor.map(|it| it.shown(&message).ext) else {
                continue;
            };
            for token in message.tokens {
                let is_new = book.seen.insert((mark.clone(), token));
                book.duplicated += usize::from(!is_new);
            }
            book.arrived.insert(mark);
        }
    }

    pub(super) fn accepted(&self) -> usize {
        self.accepted.load(Ordering::Relaxed)
    }

    pub(super) fn reports(&self) -> usize {
        self.reports.load(Ordering::Relaxed)
    }

    /// Callers shall end.
    pub(super) fn stop(&self) {
        self.stopped.store(true, Ordering::Relaxed);
    }

    pub(super) fn goes_on(&self) -> bool {
        !self.stopped.load(Ordering::Relaxed)
    }

    /// Holds what was promised against all events, once nothing is queued any more.
    pub(super) async fn settle(&self, client: &Client) -> Result<Account, RigError> {
        let mut account = Account::default();
        let mut told = HashMap::<(String, u64), usize>::new();
        let mut events = client.events("since=0").await?;
        while let Some(event) = events.next().await? {
            let id = event["id"].as_str().unwrap_or_default().to_owned();
            let outcome = event["outcome"].as_str().unwrap_or_default();
            *account.outcomes.entry(outcome.to_owned()).or_default() += 1;
            let n = event["n"].as_u64().unwrap_or(u64::MAX);
            *told.entry((id, n)).or_default() += 1;
        }
        let book = self.book();
        for (id, due) in &book.due {
            account.deliveries += due;
            for n in 0..*due as u64 {
                let times = told.remove(&(id.clone(), n)).unwrap_or(0);
                account.unexplained += times.abs_diff(1);
            }
        }
        // What is left was told of deliveries that nobody knows.
        account.unexplained += told.len();
        let marks = book.to_tokens.keys();
        account.lost = marks.filter(|mark| !book.arrived.contains(*mark)).count();
        account.duplicated = book.duplicated;
        Ok(account)
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

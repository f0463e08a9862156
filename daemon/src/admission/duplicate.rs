//! One key, one send.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash, Hasher};

use nudged_plugin_api::Timestamp;
use nudged_plugin_api::frame::to_bytes;
use tokio::sync::{Mutex, MutexGuard};

use super::{Answer, Ask};
use crate::api::problem::{Code, Problem};
use crate::api::schema::Accepted;
use crate::model::{Given, Reason, now};
use crate::store::{Space, Store, Write};

/// Longest idempotency key, in bytes.
const LONGEST: usize = 128;
/// Keys that may be looked up and written at once; two of the same wait for each other.
const STRIPES: usize = 64;

/// The keys that were given.
pub struct Keys {
    store: Store,
    stripes: [Mutex<()>; STRIPES],
}

impl Keys {
    pub fn new(store: Store) -> Self {
        Self {
            store,
            stripes: std::array::from_fn(|_| Mutex::new(())),
        }
    }

    /// Keeps others from using the same keys until the guards are dropped.
    pub async fn lock(&self, asks: impl Iterator<Item = &Ask>) -> Vec<MutexGuard<'_, ()>> {
        // In rising order, so that two callers never wait for each other.
        let stripes: BTreeSet<usize> = asks
            .filter_map(|ask| ask.key().ok().flatten())
            .map(|key| {
                let mut hasher = DefaultHasher::new();
                key.hash(&mut hasher);
                hasher.finish() as usize % STRIPES
            })
            .collect();
        let mut guards = Vec::with_capacity(stripes.len());
        for stripe in stripes {
            guards.push(self.stripes[stripe].lock().await);
        }
        guards
    }

    /// What was answered to this key, if it was used: in this call, or before.
    pub fn given(
        &self,
        key: &[u8],
        here: &BTreeMap<Vec<u8>, Answer>,
    ) -> Result<Option<Answer>, Problem> {
        if let Some(answer) = here.get(key) {
            return Ok(Some(answer.clone()));
        }
        let given: Option<Given> = self.store.get(Space::Keys, key)?;
        Ok(given
            .filter(|given| given.until > now())
            .map(|given| Answer {
                accepted: Accepted {
                    id: given.id,
                    deliveries: given.deliveries as usize,
                    suppressed: given.suppressed as usize,
                    explanation: given.explanation,
                },
                silent: given
                    .unreachable
                    .into_iter()
                    .map(|user| (user, Reason::NoDevice))
                    .collect(),
            }))
    }
}

/// The key as it is stored.
pub fn key(app: &str, key: Option<&str>) -> Result<Option<Vec<u8>>, Problem> {
    let Some(key) = key.filter(|key| !key.is_empty()) else {
        return Ok(None);
    };
    if key.len() > LONGEST {
        let detail = format!("is {} bytes long, at most {LONGEST} are allowed", key.len());
        return Err(Problem::new(Code::Invalid, detail).field("idempotency_key"));
    }
    Ok(Some([app.as_bytes(), &[0], key.as_bytes()].concat()))
}

/// The key of a repeat by another protocol's rules; no text has the byte before it.
pub fn windowed(app: &str, key: &str) -> Vec<u8> {
    [app.as_bytes(), &[0, 0xff], key.as_bytes()].concat()
}

/// The write that remembers the answer to a key.
pub fn remember(ask: &Ask, key: &[u8], answer: &Answer, until: Timestamp) -> Write {
    let accepted = &answer.accepted;
    let silent = answer.silent.iter().filter(|_| ask.dedupe.is_some());
    let given = Given {
        id: accepted.id.clone(),
        deliveries: accepted.deliveries as u64,
        suppressed: accepted.suppressed as u64,
        explanation: accepted.explanation.clone(),
        until,
        unreachable: silent
            .filter(|(_, reason)| matches!(reason, Reason::NoDevice | Reason::TokenDead))
            .map(|(user, _)| user.clone())
            .collect(),
    };
    Write::put(Space::Keys, key, to_bytes(&given))
}

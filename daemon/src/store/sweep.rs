//! Forgets what has been kept long enough.

use nudged_plugin_api::Timestamp;

use super::{Commit, Keyspace, Store, StoreError, Write, decoded};
use crate::model::{Content, IdempotencyRecord, NotificationId, Revocation, Trace};

/// Records that one step removes.
const STEP: usize = 1000;

/// Removes traces, shared contents, revocations and events of notifications from before `before`, and
/// idempotency keys that have run out by `now`. What still waits stays, however old.
pub async fn sweep(store: &Store, before: Timestamp, now: Timestamp) -> Result<usize, StoreError> {
    let mut removed = 0;
    let end = NotificationId::floor(before.0).to_bytes();
    removed += sweep_space(store, Keyspace::Trace, &end, |bytes| {
        Ok(decoded::<Trace>(Keyspace::Trace, bytes)?.outcome.is_some())
    })
    .await?;
    removed += sweep_space(store, Keyspace::Content, &end, |bytes| {
        Ok(decoded::<Content>(Keyspace::Content, bytes)?.expires_at < now)
    })
    .await?;
    // As long as something may wait for its turn, it must be known not to be sent.
    removed += sweep_space(store, Keyspace::Revoked, &end, |bytes| {
        Ok(decoded::<Revocation>(Keyspace::Revoked, bytes)?.expires_at < now)
    })
    .await?;
    removed += sweep_space(store, Keyspace::Keys, &[0xff; 4], |bytes| {
        Ok(decoded::<IdempotencyRecord>(Keyspace::Keys, bytes)?.until < now)
    })
    .await?;
    removed += sweep_events(store, &end).await?;
    Ok(removed)
}

/// Removes about `count` of the oldest traces, and the events that point to them. What still waits
/// stays, however old.
pub async fn sweep_oldest(store: &Store, count: usize) -> Result<usize, StoreError> {
    // Keys begin with an id, so the one that stands `count` later bounds them.
    let mut keys = store.keys(Keyspace::Trace)?;
    let end = match keys.nth(count) {
        Some(key) => key?.to_vec(),
        None => vec![0xff; 21],
    };
    drop(keys);
    let ended = |bytes: &[u8]| Ok(decoded::<Trace>(Keyspace::Trace, bytes)?.outcome.is_some());
    let removed = sweep_space(store, Keyspace::Trace, &end, ended).await?;
    Ok(removed + sweep_events(store, &end).await?)
}

/// Removes the records up to `end` that have ended. Ids begin with their time, so keys
/// that begin with an id are in the order of time.
async fn sweep_space(
    store: &Store,
    keyspace: Keyspace,
    end: &[u8],
    ended: impl Fn(&[u8]) -> Result<bool, StoreError>,
) -> Result<usize, StoreError> {
    let mut removed = 0;
    let mut from = Vec::new();
    loop {
        let mut keys = Vec::new();
        let mut last = None;
        for record in store.range(keyspace, &from, end).take(STEP) {
            let (key, value) = record?;
            if ended(&value)? {
                keys.push(Write::remove(keyspace, key.to_vec()));
            }
            last = Some(key);
        }
        let Some(last) = last else { return Ok(removed) };
        removed += keys.len();
        store.commit(Commit::of(keys)).await?;
        from = [&last[..], &[0]].concat();
    }
}

/// Events point to traces; those whose trace is gone go too.
async fn sweep_events(store: &Store, end: &[u8]) -> Result<usize, StoreError> {
    let mut removed = 0;
    // After a restart, numbers go on from the last: no cursor may stand before it.
    let last = store.last_key(Keyspace::Events)?;
    loop {
        let mut keys = Vec::new();
        for record in store.range(Keyspace::Events, &[], &[0xff; 9]).take(STEP) {
            let (key, id) = record?;
            if id[..] >= *end || Some(&key) == last.as_ref() {
                break;
            }
            keys.push(Write::remove(Keyspace::Events, key.to_vec()));
        }
        if keys.is_empty() {
            return Ok(removed);
        }
        removed += keys.len();
        store.commit(Commit::of(keys)).await?;
    }
}

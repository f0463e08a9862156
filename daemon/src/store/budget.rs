//! Keeps the database within what the operator gives it: forgets the oldest traces early, and
//! has what was removed leave the disk.

use tokio::sync::oneshot;

use crate::store::{Keyspace, Store, StoreError, sweep_oldest};

/// Of the room for traces, so much is filled after some were forgotten: not each minute anew.
const FILLED: f64 = 0.8;
/// What comes and goes with notifications.
const PASSING: [Keyspace; 6] = [
    Keyspace::Ready,
    Keyspace::Waiting,
    Keyspace::Content,
    Keyspace::Trace,
    Keyspace::Events,
    Keyspace::Keys,
];

/// Forgets the oldest traces when they take more than `most` bytes; none = as many as fit.
pub async fn trim_traces(store: &Store, most: Option<u64>) -> Result<(), StoreError> {
    let (taken, count) = store.size_of(Keyspace::Trace)?;
    let Some(surplus) = surplus(taken, count, most) else {
        return Ok(());
    };
    let removed = sweep_oldest(store, surplus).await?;
    compact(store, &[Keyspace::Trace, Keyspace::Events]).await?;
    tracing::info!(
        removed,
        "removed the oldest traces and events early: they exceed store.max_trace_mib"
    );
    Ok(())
}

/// When the whole database takes too much: what was removed leaves the disk now, not some day.
pub async fn compact_if_over_budget(store: &Store) -> Result<(), StoreError> {
    match store.check_free_space() {
        Err(StoreError::OverBudget { .. }) => compact(store, &PASSING).await,
        _ => Ok(()),
    }
}

/// How many of so many traces are too many.
fn surplus(taken: u64, count: usize, max_bytes: Option<u64>) -> Option<usize> {
    let max_bytes = max_bytes.filter(|max_bytes| taken > *max_bytes)?;
    let keep = max_bytes as f64 * FILLED / taken as f64;
    Some((count as f64 * (1.0 - keep)).ceil() as usize)
}

/// On a thread of its own, which a daemon that stops does not wait for.
async fn compact(store: &Store, keyspaces: &'static [Keyspace]) -> Result<(), StoreError> {
    let store = store.clone();
    let (done, ended) = oneshot::channel();
    let compacting = move || {
        // Nobody listens any more when the daemon stops.
        let _ = done.send(
            keyspaces
                .iter()
                .try_for_each(|keyspace| store.compact_one(*keyspace)),
        );
    };
    std::thread::Builder::new()
        .name("compact".to_owned())
        .spawn(compacting)
        .map_err(fjall::Error::from)?;
    ended.await.unwrap_or(Err(StoreError::Closed))
}

#[cfg(test)]
mod tests {
    use super::surplus;

    #[test]
    fn traces_are_too_many_once_they_take_more_than_their_room_and_then_a_fifth_of_it_is_freed() {
        assert_eq!(surplus(1000, 10, None), None);
        assert_eq!(surplus(1000, 10, Some(1000)), None);
        assert_eq!(surplus(1001, 1001, Some(1000)), Some(201));
        assert_eq!(surplus(4000, 1000, Some(1000)), Some(800));
    }
}

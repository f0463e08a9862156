use crate::sync::Mutex;
use std::sync::Arc;

use nudged_plugin_api::frame::to_bytes;

use std::path::Path;

use super::commit::Durability;
use super::*;
use crate::model::{DeliveryId, NotificationId, Outcome, Trace};

fn open(path: &Path) -> Store {
    Store::open(&StoreSettings {
        path: path.to_owned(),
        min_free: 0,
        max_bytes: None,
    })
    .expect("a new database")
}

fn numbered(value: &str) -> Commit {
    Commit {
        numbered: vec![NumberedWrite {
            keyspace: Keyspace::Ready,
            prefix: vec![0, 0, 0, 1],
            value: value.into(),
        }],
        durability: Durability::Accepting,
        ..Commit::default()
    }
}

#[tokio::test]
async fn numbers_rise_in_the_order_of_commits_and_across_a_restart() {
    let dir = tempfile::tempdir().expect("a directory");
    let seen = Arc::new(Mutex::new(Vec::new()));
    for _ in 0..2 {
        let store = open(dir.path());
        for _ in 0..3 {
            let seen = seen.clone();
            let mut commit = numbered("x");
            commit.on_commit = Some(Box::new(move |n| seen.lock().push(n)));
            store.commit(commit).await.expect("committed");
        }
        drop(store);
        wait_for_unlock(dir.path());
    }
    let seen = seen.lock();
    assert_eq!(seen[..3], [1, 2, 3]);
    // A start leaves out what may have been given before a power cut.
    let again = seen[3];
    assert!(again > 3, "{seen:?}");
    assert_eq!(seen[3..], [again, again + 1, again + 2]);
}

#[tokio::test]
async fn a_sum_that_several_commits_change_is_written_as_it_is_at_the_last_of_them() {
    use std::sync::atomic::{AtomicU8, Ordering};
    let dir = tempfile::tempdir().expect("a directory");
    let store = open(dir.path());
    let sum = Arc::<AtomicU8>::default();
    let commit = || {
        let sum = sum.clone();
        Commit {
            lazy: Some(Box::new(move || {
                let sum = sum.load(Ordering::Relaxed);
                vec![Write::put(Keyspace::Quotas, *b"key", vec![sum])]
            })),
            ..numbered("x")
        }
    };
    // The first to be made is the last to be written.
    let first = commit();
    sum.store(3, Ordering::Relaxed);
    store.commit(commit()).await.expect("committed");
    sum.store(5, Ordering::Relaxed);
    store.commit(first).await.expect("committed");
    assert_eq!(
        store
            .read(Keyspace::Quotas, b"key")
            .expect("read")
            .as_deref(),
        Some(&[5][..])
    );
}

/// The committer closes the database on its own thread.
fn wait_for_unlock(path: &Path) {
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(30);
    while std::time::Instant::now() < deadline {
        if Store::open(&StoreSettings {
            path: path.to_owned(),
            min_free: 0,
            max_bytes: None,
        })
        .is_ok()
        {
            return;
        }
        std::thread::yield_now();
    }
    panic!("the database stayed locked");
}

#[tokio::test]
async fn without_room_nothing_new_is_accepted_but_outcomes_are() {
    let dir = tempfile::tempdir().expect("a directory");
    let settings = StoreSettings {
        path: dir.path().to_owned(),
        min_free: u64::MAX,
        max_bytes: None,
    };
    let store = Store::open(&settings).expect("a new database");
    let refused = store.commit(numbered("x")).await;
    assert!(
        matches!(refused, Err(StoreError::Full { .. })),
        "{refused:?}"
    );
    let outcome = Commit::of(vec![Write::put(
        Keyspace::Trace,
        *b"key",
        b"value".to_vec(),
    )]);
    store.commit(outcome).await.expect("committed");
    assert_eq!(store.prefix(Keyspace::Ready, &[]).count(), 0);
    assert_eq!(
        store
            .read(Keyspace::Trace, b"key")
            .expect("read")
            .as_deref(),
        Some(&b"value"[..])
    );
}

#[tokio::test]
async fn a_second_daemon_is_kept_out() {
    let dir = tempfile::tempdir().expect("a directory");
    let _store = open(dir.path());
    let second = Store::open(&StoreSettings {
        path: dir.path().to_owned(),
        min_free: 0,
        max_bytes: None,
    });
    assert!(matches!(second, Err(StoreError::Open { .. })));
}

/// Keeps the committer busy until the sender is dropped.
fn gate(store: &Store) -> impl Future<Output = std::sync::mpsc::Sender<()>> + use<> {
    let store = store.clone();
    async move {
        let (open, closed) = std::sync::mpsc::channel();
        let gate = Commit {
            on_commit: Some(Box::new(move |_| while closed.recv().is_ok() {})),
            ..Commit::default()
        };
        drop(store.reserve().await.expect("room").submit(gate));
        open
    }
}

fn put(value: &str) -> Commit {
    Commit::of(vec![Write::put(Keyspace::Devices, *b"key", value.into())])
}

#[tokio::test]
async fn commits_are_written_in_the_order_in_which_they_were_submitted() {
    let dir = tempfile::tempdir().expect("a directory");
    let store = open(dir.path());
    let open = gate(&store).await;
    let first = store.reserve().await.expect("room");
    let second = store.reserve().await.expect("room");
    // The order of the reservations does not matter.
    let early = second.submit(put("early"));
    let removed = store
        .reserve()
        .await
        .expect("room")
        .submit(Commit::of(vec![Write::remove(Keyspace::Devices, *b"key")]));
    let late = first.submit(put("late"));
    drop(open);
    for pending in [early, removed, late] {
        pending.await.expect("written");
    }
    let value = store.read(Keyspace::Devices, b"key").expect("read");
    assert_eq!(value.as_deref(), Some(&b"late"[..]));
}

#[tokio::test]
async fn what_is_built_on_a_refused_commit_is_refused() {
    let dir = tempfile::tempdir().expect("a directory");
    let store = Store::open(&StoreSettings {
        path: dir.path().to_owned(),
        min_free: u64::MAX,
        max_bytes: None,
    })
    .expect("a new database");
    let new = numbered("x");
    let on_new = Commit {
        dependency: CommitDependency {
            after: vec![new.dependency.state.clone()],
            ..CommitDependency::default()
        },
        ..put("x")
    };
    let on_that = Commit {
        dependency: CommitDependency {
            after: vec![on_new.dependency.state.clone()],
            ..CommitDependency::default()
        },
        ..put("x")
    };
    let open = gate(&store).await;
    let mut pending = Vec::new();
    for commit in [new, on_new, on_that, put("free")] {
        pending.push(store.reserve().await.expect("room").submit(commit));
    }
    drop(open);
    let mut results = Vec::new();
    for pending in pending {
        results.push(pending.await);
    }
    assert!(
        matches!(
            results[..],
            [
                Err(StoreError::Full { .. }),
                Err(StoreError::DependencyRefused),
                Err(StoreError::DependencyRefused),
                Ok(())
            ]
        ),
        "{results:?}"
    );
}

fn syncs(store: &Store) -> u64 {
    store
        .shared
        .syncs
        .load(std::sync::atomic::Ordering::Relaxed)
}

#[tokio::test]
async fn what_was_written_without_fsync_gets_one_though_nobody_comes() {
    let dir = tempfile::tempdir().expect("a directory");
    let store = open(dir.path());
    store.commit(put("x")).await.expect("written");
    assert_eq!(syncs(&store), 0);
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(30);
    while syncs(&store) == 0 {
        assert!(std::time::Instant::now() < deadline, "never fsynced");
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn the_last_event_outlives_a_sweep_so_that_no_cursor_comes_twice() {
    let dir = tempfile::tempdir().expect("a directory");
    let store = open(dir.path());
    let event = |id: u8| NumberedWrite {
        keyspace: Keyspace::Events,
        prefix: Vec::new(),
        value: vec![id; 20],
    };
    let commit = Commit {
        numbered: vec![event(0), event(0), event(0)],
        ..Commit::default()
    };
    store.commit(commit).await.expect("committed");
    let after = nudged_plugin_api::Timestamp(1_000_000);
    let removed = sweep(&store, after, after).await.expect("swept");
    assert_eq!(removed, 2);
    let last = store.last_key(Keyspace::Events).expect("read");
    assert_eq!(last.as_deref(), Some(&3_u64.to_be_bytes()[..]));
}

#[tokio::test]
async fn over_its_budget_the_database_takes_nothing_new_but_outcomes() {
    let dir = tempfile::tempdir().expect("a directory");
    let settings = StoreSettings {
        path: dir.path().to_owned(),
        min_free: 0,
        max_bytes: Some(0),
    };
    let store = Store::open(&settings).expect("a new database");
    let refused = store.commit(numbered("x")).await;
    assert!(
        matches!(refused, Err(StoreError::OverBudget { .. })),
        "{refused:?}"
    );
    let outcome = Commit::of(vec![Write::put(
        Keyspace::Trace,
        *b"key",
        b"value".to_vec(),
    )]);
    store.commit(outcome).await.expect("committed");
}

#[tokio::test]
async fn the_oldest_traces_go_first_with_their_events_and_what_waits_stays() {
    let dir = tempfile::tempdir().expect("a directory");
    let store = open(dir.path());
    let mut commit = Commit::default();
    for n in 0..10 {
        let waits = n == 1;
        let trace = Trace {
            outcome: (!waits).then(Outcome::default),
            ..Trace::default()
        };
        let notification = NotificationId::floor(1000 + n);
        let key = DeliveryId { notification, n: 0 }.to_bytes();
        let put = Write::put(Keyspace::Trace, key, to_bytes(&trace));
        commit.writes.push(put);
        if !waits {
            commit.numbered.push(NumberedWrite {
                keyspace: Keyspace::Events,
                prefix: Vec::new(),
                value: key.to_vec(),
            });
        }
    }
    store.commit(commit).await.expect("committed");
    let left = |keyspace| store.prefix(keyspace, &[]).count();

    assert_eq!(sweep_oldest(&store, 4).await.expect("swept"), 3 + 3);
    assert_eq!((left(Keyspace::Trace), left(Keyspace::Events)), (7, 6));
    store.compact_one(Keyspace::Trace).expect("compacted");
    assert!(store.size_of(Keyspace::Trace).expect("open").0 > 0);

    // The last event stays: numbers go on from it.
    sweep_oldest(&store, 100).await.expect("swept");
    assert_eq!((left(Keyspace::Trace), left(Keyspace::Events)), (1, 1));
}

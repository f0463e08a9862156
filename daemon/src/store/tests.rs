use std::sync::{Arc, Mutex};

use super::*;

fn open(path: &Path) -> Store {
    Store::open(&StoreSettings {
        path: path.to_owned(),
        min_free: 0,
    })
    .expect("a new database")
}

fn numbered(value: &str) -> Commit {
    Commit {
        numbered: vec![Numbered {
            space: Space::Ready,
            prefix: vec![0, 0, 0, 1],
            value: value.into(),
        }],
        durable: true,
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
            commit.landed = Some(Box::new(move |n| seen.lock().expect("unpoisoned").push(n)));
            store.commit(commit).await.expect("committed");
        }
        drop(store);
        wait_for_unlock(dir.path());
    }
    assert_eq!(*seen.lock().expect("unpoisoned"), [1, 2, 3, 4, 5, 6]);
}

/// The committer closes the database on its own thread.
fn wait_for_unlock(path: &Path) {
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(30);
    while std::time::Instant::now() < deadline {
        if Store::open(&StoreSettings {
            path: path.to_owned(),
            min_free: 0,
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
    };
    let store = Store::open(&settings).expect("a new database");
    let refused = store.commit(numbered("x")).await;
    assert!(
        matches!(refused, Err(StoreError::Full { .. })),
        "{refused:?}"
    );
    let outcome = Commit {
        writes: vec![Write::put(Space::Trace, *b"key", b"value".to_vec())],
        ..Commit::default()
    };
    store.commit(outcome).await.expect("committed");
    assert_eq!(store.prefix(Space::Ready, &[]).count(), 0);
    assert_eq!(
        store.read(Space::Trace, b"key").expect("read").as_deref(),
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
    });
    assert!(matches!(second, Err(StoreError::Open { .. })));
}

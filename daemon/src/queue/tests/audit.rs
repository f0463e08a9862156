//! A queue that is damaged, and one that is not.

use super::*;

#[tokio::test]
async fn a_sound_queue_has_nothing_damaged_and_nothing_lost() {
    let dir = tempfile::tempdir().expect("a directory");
    let store = store(&dir);
    let queue = Queue::new(store.clone());
    for count in [3, 1] {
        push(&queue, deliveries(count)).await.expect("pushed");
    }
    let lane = queue.lane(CHANNEL);
    let mut leases = lane.lease(now(), 4).expect("leased");
    postpone(&store, leases.remove(0), now().plus_seconds(9)).await;

    let found = super::super::audit(&store).expect("read");

    assert_eq!((found.queued, found.traces), (4, 4));
    assert!(
        found.damaged.is_empty() && found.lost.is_empty(),
        "{found:?}"
    );
}

#[tokio::test]
async fn records_that_cannot_be_read_and_deliveries_that_stand_nowhere_are_found() {
    let dir = tempfile::tempdir().expect("a directory");
    let store = store(&dir);
    let queue = Queue::new(store.clone());
    let pushed = deliveries(3);
    push(&queue, pushed.clone()).await.expect("pushed");
    let keys: Vec<_> = store
        .prefix(Keyspace::Ready, &[])
        .map(|record| record.expect("read").0)
        .collect();
    let commit = Commit::of(vec![
        Write::put(Keyspace::Ready, keys[0].to_vec(), b"garbage".to_vec()),
        Write::remove(Keyspace::Ready, keys[1].to_vec()),
    ]);
    store.commit(commit).await.expect("committed");

    let found = super::super::audit(&store).expect("read");

    assert_eq!(found.queued, 1);
    assert_eq!(found.lost, [pushed[0].id, pushed[1].id]);
    assert_eq!(found.damaged.len(), 1, "{found:?}");
    assert_eq!(found.damaged[0].key, keys[0].to_vec());
    assert_eq!(found.damaged[0].keyspace, Keyspace::Ready);
}

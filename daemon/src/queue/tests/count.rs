//! How much stands in a lane.

use super::*;

#[tokio::test]
async fn a_long_queue_is_counted_beside_and_right_in_the_end() {
    let dir = tempfile::tempdir().expect("a directory");
    {
        let queue = Queue::new(store(&dir));
        push(&queue, deliveries(25_000)).await.expect("pushed");
    }
    let store = store(&dir);
    let queue = Queue::new(store.clone());
    let lane = queue.lane(CHANNEL);

    // What changes meanwhile counts too.
    push(&queue, deliveries(3)).await.expect("pushed");
    let leases = lane.lease(now(), 5).expect("read");
    assert_eq!(leases.len(), 5);
    for (n, lease) in leases.into_iter().enumerate() {
        match n {
            0 => postpone(&store, lease, now().plus_seconds(60)).await,
            1 => drop(lease),
            _ => settle(&store, lease).await,
        }
    }

    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(30);
    while lane.depth().counting {
        assert!(std::time::Instant::now() < deadline);
        std::thread::yield_now();
    }
    let depth = lane.depth();
    assert_eq!(
        (depth.ready, depth.waiting, depth.in_flight),
        (24_999, 1, 0)
    );
}

//! Whose turn it is, and who goes together.

use nudged_plugin_api::{Kind, Lifetime, Priority};

use super::*;

/// One of each rank, what can wait longest first.
fn by_rank() -> [Vec<Delivery>; 4] {
    [
        deliveries_of(1, |it| it.priority = Priority::Normal),
        deliveries(1),
        deliveries_of(1, |it| it.kind = Kind::Voip),
        deliveries_of(1, |it| it.lifetime = Lifetime::NowOrNever),
    ]
}

#[tokio::test]
async fn calls_and_what_is_now_or_never_go_first_and_what_can_wait_goes_last() {
    let dir = tempfile::tempdir().expect("a directory");
    let pushed = by_rank();
    let expected = [&pushed[2], &pushed[3], &pushed[1], &pushed[0]].map(|it| it[0].id);
    let again = {
        let queue = Queue::new(store(&dir));
        for deliveries in pushed {
            push(&queue, deliveries).await.expect("pushed");
        }
        let leases = queue.lane(CHANNEL).lease(now(), 10).expect("leased");
        assert_eq!(ids(&leases), expected);
        expected
    };
    // So it is when they come from the database.
    let queue = Queue::new(store(&dir));
    let lane = queue.lane(CHANNEL);
    assert_eq!(lane.depth().ready, 4);
    assert!(lane.oldest().expect("read").is_some());
    assert_eq!(ids(&lane.lease(now(), 10).expect("leased")), again);
}

#[tokio::test]
async fn deliveries_of_every_rank_can_be_claimed_whether_they_are_loaded_or_not() {
    let dir = tempfile::tempdir().expect("a directory");
    let queue = Queue::new(store(&dir));
    let lane = queue.lane(CHANNEL);
    for deliveries in by_rank() {
        push(&queue, deliveries).await.expect("pushed");
    }
    drop(lane.lease(now(), 1).expect("leased"));
    assert_eq!(claim(&lane, Scan::ready(CHANNEL)).leases.len(), 4);
    assert_eq!(lane.lease(now(), 10).expect("leased").len(), 4);
}

const LINGERING: LeaseLimit = LeaseLimit {
    linger: Duration::from_millis(5),
    ..LIMIT
};

fn together(lane: &Arc<Lane>, time: Timestamp) -> Vec<Vec<Lease>> {
    let all = |_: &[Lease], _: &Item| true;
    lane.lease_batches(time, LINGERING, all).expect("leased")
}

#[tokio::test]
async fn while_a_vendor_is_busy_a_request_that_is_not_full_waits_a_moment_for_company() {
    let dir = tempfile::tempdir().expect("a directory");
    let queue = Queue::new(store(&dir));
    let lane = queue.lane(CHANNEL);
    let start = now();
    let one = || push(&queue, deliveries(1));
    one().await.expect("pushed");
    // Nothing is in flight: why wait?
    let first = together(&lane, start);
    assert_eq!(sizes(&first), [1]);
    one().await.expect("pushed");
    assert_eq!(sizes(&together(&lane, start)), [0; 0]);
    assert_eq!(lane.next_due(), Some(start.plus_millis(5)));
    one().await.expect("pushed");
    assert_eq!(sizes(&together(&lane, start.plus_millis(4))), [0; 0]);
    let second = together(&lane, start.plus_millis(5));
    assert_eq!(sizes(&second), [2]);
    assert_eq!(lane.next_due(), None);
    // A full one does not wait, and what is left of it does.
    for _ in 0..5 {
        one().await.expect("pushed");
    }
    let third = together(&lane, start.plus_millis(9));
    assert_eq!(sizes(&third), [4]);
    drop((first, second, third));
}

#[tokio::test]
async fn a_notification_to_several_devices_waits_for_nobody() {
    let dir = tempfile::tempdir().expect("a directory");
    let queue = Queue::new(store(&dir));
    let lane = queue.lane(CHANNEL);
    push(&queue, deliveries(1)).await.expect("pushed");
    let first = together(&lane, now());
    push(&queue, deliveries(3)).await.expect("pushed");
    assert_eq!(sizes(&together(&lane, now())), [3]);
    drop(first);
}

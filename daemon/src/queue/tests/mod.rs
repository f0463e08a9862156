use std::time::Duration;

use super::lane::{ClaimedLeases, Depth};
use super::*;
use crate::clock::now;
use crate::model::{Content, NotificationId, Recipient};
use crate::store::StoreSettings;
use nudged_plugin_api::{Lifetime, Message, Timestamp};

mod audit;
mod count;
mod turns;

const CHANNEL: CertificateId = CertificateId(7);

fn store(dir: &tempfile::TempDir) -> Store {
    let settings = StoreSettings {
        path: dir.path().to_owned(),
        min_free: 0,
        max_bytes: None,
    };
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(30);
    loop {
        match Store::open(&settings) {
            Ok(store) => return store,
            // The committer of the store before closes it on its own thread.
            Err(_) if std::time::Instant::now() < deadline => std::thread::yield_now(),
            Err(error) => panic!("{error}"),
        }
    }
}

impl Lane {
    /// Takes up to `max` deliveries, each on its own.
    pub(super) fn lease(
        self: &Arc<Self>,
        now: Timestamp,
        max: usize,
    ) -> Result<Vec<Lease>, StoreError> {
        let limit = LeaseLimit {
            requests: max,
            batch: 1,
            devices: max,
            linger: Duration::ZERO,
        };
        let batches = self.lease_batches(now, limit, |_, _| false)?;
        Ok(batches.into_iter().flatten().collect())
    }
}

fn deliveries(count: u32) -> Vec<Delivery> {
    deliveries_of(count, |_| ())
}

fn deliveries_of(count: u32, change: impl FnOnce(&mut Message)) -> Vec<Delivery> {
    let notification = NotificationId::new();
    let mut message = Message::new("title", "body");
    message.lifetime = Lifetime::Until(now().plus_seconds(60));
    change(&mut message);
    let content = Arc::new(Content {
        app: "default".into(),
        accepted_at: now(),
        expires_at: now().plus_seconds(60),
        message,
        ..Content::default()
    });
    (0..count)
        .map(|n| Delivery {
            id: DeliveryId { notification, n },
            channel: CHANNEL,
            recipient: Recipient {
                token: format!("token-{n}"),
                ..Recipient::default()
            },
            content: content.clone(),
            attempts: 0,
        })
        .collect()
}

async fn push(queue: &Queue, deliveries: Vec<Delivery>) -> Result<(), StoreError> {
    let commit = queue.admission(deliveries, Vec::new());
    queue.store.commit(commit).await
}

fn ids(leases: &[Lease]) -> Vec<DeliveryId> {
    leases.iter().map(|lease| lease.delivery().id).collect()
}

async fn settle(store: &Store, lease: Lease) {
    let commit = Commit::of(vec![lease.removal()]);
    store.commit(commit).await.expect("committed");
    lease.ended();
}

async fn postpone(store: &Store, lease: Lease, due: Timestamp) {
    let writes = lease.deferral(due, true, None);
    store.commit(Commit::of(writes)).await.expect("committed");
    lease.deferred(due, true);
}

#[tokio::test]
async fn what_was_not_settled_is_there_again_after_a_restart() {
    let dir = tempfile::tempdir().expect("a directory");
    let pushed = deliveries(3);
    {
        let store = store(&dir);
        let queue = Queue::new(store.clone());
        push(&queue, pushed.clone()).await.expect("pushed");
        let mut leases = queue.lane(CHANNEL).lease(now(), 10).expect("leased");
        assert_eq!(leases.len(), 3);
        settle(&store, leases.remove(0)).await;
    }
    let store = store(&dir);
    let queue = Queue::new(store);
    assert_eq!(queue.occupied().expect("read"), [CHANNEL]);
    let leases = queue.lane(CHANNEL).lease(now(), 10).expect("leased");
    assert_eq!(ids(&leases), [pushed[1].id, pushed[2].id]);
    assert_eq!(leases[0].delivery().content, pushed[1].content);
}

#[tokio::test]
async fn nothing_is_leased_twice_and_a_dropped_lease_comes_back_first() {
    let dir = tempfile::tempdir().expect("a directory");
    let queue = Queue::new(store(&dir));
    let pushed = deliveries(3);
    push(&queue, pushed.clone()).await.expect("pushed");
    let lane = queue.lane(CHANNEL);
    let first = lane.lease(now(), 1).expect("leased");
    let others = lane.lease(now(), 10).expect("leased");
    assert_eq!(ids(&others), [pushed[1].id, pushed[2].id]);
    drop(first);
    assert_eq!(ids(&lane.lease(now(), 10).expect("leased")), [pushed[0].id]);
}

/// How many deliveries of the same notification each request gets.
fn batches(lane: &Arc<Lane>, time: Timestamp, limit: LeaseLimit) -> Vec<Vec<Lease>> {
    let share = |group: &[Lease], next: &Item| {
        group[0].delivery().id.notification == next.delivery.id.notification
    };
    lane.lease_batches(time, limit, share).expect("leased")
}

fn sizes(batches: &[Vec<Lease>]) -> Vec<usize> {
    batches.iter().map(Vec::len).collect()
}

const LIMIT: LeaseLimit = LeaseLimit {
    requests: 10,
    batch: 4,
    devices: 100,
    linger: Duration::ZERO,
};

#[tokio::test]
async fn neighbours_share_a_request_within_the_room_that_there_is() {
    let two = LeaseLimit {
        requests: 2,
        ..LIMIT
    };
    let six = LeaseLimit {
        devices: 6,
        ..LIMIT
    };
    let alone = LeaseLimit { batch: 1, ..six };
    for (limit, expected) in [
        (LIMIT, vec![4, 4, 1, 1, 2]),
        (two, vec![4, 4]),
        (six, vec![4, 2]),
        (alone, vec![1; 6]),
    ] {
        let dir = tempfile::tempdir().expect("a directory");
        let queue = Queue::new(store(&dir));
        for count in [9, 1, 2] {
            push(&queue, deliveries(count)).await.expect("pushed");
        }
        let leased = batches(&queue.lane(CHANNEL), now(), limit);
        assert_eq!(sizes(&leased), expected, "{limit:?}");
    }
}

#[tokio::test]
async fn retries_keep_together_and_take_turns_with_first_attempts() {
    let dir = tempfile::tempdir().expect("a directory");
    let store = store(&dir);
    let queue = Queue::new(store.clone());
    let lane = queue.lane(CHANNEL);
    push(&queue, deliveries(3)).await.expect("pushed");
    let due = now();
    for lease in lane.lease(due, 3).expect("leased") {
        postpone(&store, lease, due).await;
    }
    for _ in 0..2 {
        push(&queue, deliveries(2)).await.expect("pushed");
    }
    let batches = batches(&lane, due.plus_seconds(1), LIMIT);
    assert_eq!(sizes(&batches), [3, 2, 2]);
    assert!(!batches[0][0].is_first() && batches[1][0].is_first());
}

#[tokio::test]
async fn a_postponed_delivery_comes_back_when_due_with_its_attempts() {
    let dir = tempfile::tempdir().expect("a directory");
    let store = store(&dir);
    let queue = Queue::new(store.clone());
    push(&queue, deliveries(2)).await.expect("pushed");
    let lane = queue.lane(CHANNEL);
    let start = now();
    let mut leases = lane.lease(start, 2).expect("leased");
    postpone(&store, leases.remove(0), start.plus_seconds(10)).await;
    assert!(lane.lease(start, 2).expect("leased").is_empty());
    assert_eq!(lane.next_due(), Some(start.plus_seconds(10)));
    assert_eq!(
        lane.depth(),
        Depth {
            ready: 0,
            waiting: 1,
            in_flight: 1,
            counting: false,
        }
    );
    let again = lane.lease(start.plus_seconds(10), 2).expect("leased");
    assert_eq!(again.len(), 1);
    assert_eq!(again[0].delivery().attempts, 1);
    assert_eq!(again[0].delivery().recipient.token, "token-0");
}

#[tokio::test]
async fn a_postponement_behind_what_was_loaded_meanwhile_is_not_lost() {
    let dir = tempfile::tempdir().expect("a directory");
    let store = store(&dir);
    let queue = Queue::new(store.clone());
    push(&queue, deliveries(2)).await.expect("pushed");
    let lane = queue.lane(CHANNEL);
    let start = now();
    let mut leases = lane.lease(start, 2).expect("leased");
    let (first, second) = (leases.remove(0), leases.remove(0));
    let writes = second.deferral(start.plus_millis(1), true, None);
    postpone(&store, first, start.plus_millis(5)).await;
    let loaded = lane.lease(start.plus_millis(9), 9).expect("leased");
    assert_eq!(loaded.len(), 1);
    store.commit(Commit::of(writes)).await.expect("committed");
    second.deferred(start.plus_millis(1), true);
    assert_eq!(
        lane.lease(start.plus_millis(9), 9).expect("leased").len(),
        1
    );
}

#[tokio::test]
async fn a_lane_longer_than_its_window_is_given_out_whole_and_once() {
    let dir = tempfile::tempdir().expect("a directory");
    let store = store(&dir);
    let queue = Queue::new(store.clone());
    let lane = queue.lane(CHANNEL);
    let mut given = Vec::new();
    for round in 0..10 {
        push(&queue, deliveries(1000)).await.expect("pushed");
        if round > 6 {
            for lease in lane.lease(now(), 1500).expect("leased") {
                given.push(lease.delivery().id);
                settle(&store, lease).await;
            }
        }
    }
    loop {
        let leases = lane.lease(now(), 700).expect("leased");
        if leases.is_empty() {
            break;
        }
        for lease in leases {
            given.push(lease.delivery().id);
            lease.ended();
        }
    }
    assert_eq!(given.len(), 10_000);
    let ordered = given.clone();
    given.sort_unstable();
    given.dedup();
    assert_eq!(given.len(), 10_000, "every delivery once");
    assert!(ordered.is_sorted(), "oldest first");
}

fn claim(lane: &Arc<Lane>, scan: Scan) -> ClaimedLeases {
    let mut scan = scan;
    let mut all = ClaimedLeases::default();
    while !scan.is_over() {
        let step = lane.claim(&mut scan, 2, |_| true).expect("claimed");
        all.leases.extend(step.leases);
        all.in_flight += step.in_flight;
    }
    all
}

#[tokio::test]
async fn what_is_claimed_is_not_leased_and_what_is_leased_is_not_claimed() {
    let dir = tempfile::tempdir().expect("a directory");
    let store = store(&dir);
    let queue = Queue::new(store.clone());
    let lane = queue.lane(CHANNEL);
    let pushed = deliveries(5);
    push(&queue, pushed.clone()).await.expect("pushed");
    let leased = lane.lease(now(), 1).expect("leased");
    let mut claimed = claim(&lane, Scan::ready(CHANNEL));
    assert_eq!((claimed.leases.len(), claimed.in_flight), (4, 1));
    assert_eq!((lane.depth().ready, lane.depth().in_flight), (0, 1));
    assert!(lane.lease(now(), 10).expect("leased").is_empty());
    assert!(claim(&lane, Scan::ready(CHANNEL)).leases.is_empty());
    // What is given back is there again, once.
    settle(&store, claimed.leases.remove(0).0).await;
    drop(claimed);
    assert_eq!(lane.depth().ready, 3);
    let mut rest = ids(&lane.lease(now(), 10).expect("leased"));
    rest.sort_unstable();
    assert_eq!(rest, [pushed[2].id, pushed[3].id, pushed[4].id]);
    drop(leased);
}

#[tokio::test]
async fn a_long_lane_can_be_claimed_before_it_is_loaded() {
    let dir = tempfile::tempdir().expect("a directory");
    let store = store(&dir);
    let pushed = deliveries(5);
    {
        let queue = Queue::new(store.clone());
        push(&queue, pushed.clone()).await.expect("pushed");
    }
    // Nothing of it is in memory.
    let queue = Queue::new(store.clone());
    let lane = queue.lane(CHANNEL);
    let mut claimed = claim(&lane, Scan::ready(CHANNEL));
    assert_eq!(claimed.leases.len(), 5);
    assert!(lane.lease(now(), 10).expect("leased").is_empty());
    settle(&store, claimed.leases.remove(0).0).await;
    drop(claimed);
    let mut rest = ids(&lane.lease(now(), 10).expect("leased"));
    rest.sort_unstable();
    assert_eq!(rest, pushed[1..].iter().map(|it| it.id).collect::<Vec<_>>());
}

#[tokio::test]
async fn what_waits_can_be_claimed_and_given_back() {
    let dir = tempfile::tempdir().expect("a directory");
    let store = store(&dir);
    let queue = Queue::new(store.clone());
    let lane = queue.lane(CHANNEL);
    push(&queue, deliveries(2)).await.expect("pushed");
    let start = now();
    let due = start.plus_seconds(3600);
    for lease in lane.lease(start, 2).expect("leased") {
        postpone(&store, lease, due).await;
    }
    assert_eq!(lane.due_after(start).expect("read"), Some(due));
    assert!(lane.oldest().expect("read").is_some_and(|at| at <= start));
    let mut claimed = claim(&lane, Scan::waiting(CHANNEL, start)).leases;
    assert_eq!(lane.depth().waiting, 0);
    // One comes earlier, the other stays as it was.
    let (earlier, _) = claimed.remove(0);
    let id = earlier.delivery().id;
    postpone(&store, earlier, start).await;
    drop(claimed);
    assert_eq!(lane.depth().waiting, 2);
    let leased = lane.lease(start, 2).expect("leased");
    assert_eq!(ids(&leased), [id]);
    assert_eq!((lane.depth().waiting, lane.depth().ready), (1, 0));
}

#[tokio::test]
async fn a_lane_is_looked_at_without_taking_anything() {
    let dir = tempfile::tempdir().expect("a directory");
    let queue = Queue::new(store(&dir));
    let lane = queue.lane(CHANNEL);
    push(&queue, deliveries(3)).await.expect("pushed");
    let _leased = lane.lease(now(), 1).expect("leased");
    let seen = lane.peek(&mut Scan::ready(CHANNEL), 10).expect("read");
    let in_flight: Vec<bool> = seen.iter().map(|it| it.in_flight).collect();
    assert_eq!(in_flight, [true, false, false]);
    assert_eq!(lane.lease(now(), 10).expect("leased").len(), 2);
}

#[tokio::test]
async fn a_hold_of_the_operator_is_there_after_a_restart() {
    let dir = tempfile::tempdir().expect("a directory");
    let store = store(&dir);
    let held_channels = HeldChannels::open(store.clone()).expect("readable");
    let since = held_channels
        .hold(CHANNEL, Timestamp(5))
        .await
        .expect("written");
    assert_eq!(since, Timestamp(5));
    let again = held_channels
        .hold(CHANNEL, Timestamp(9))
        .await
        .expect("written");
    assert_eq!(again, since, "it goes on");
    let held_channels = HeldChannels::open(store.clone()).expect("readable");
    assert_eq!(held_channels.since(CHANNEL), Some(since));
    assert!(held_channels.release(CHANNEL).await.expect("written"));
    assert!(!held_channels.release(CHANNEL).await.expect("written"));
    let held_channels = HeldChannels::open(store).expect("readable");
    assert_eq!(held_channels.since(CHANNEL), None);
}

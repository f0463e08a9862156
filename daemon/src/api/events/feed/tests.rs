use nudged_plugin_api::frame::to_bytes;

use super::*;
use crate::model::{DeliveryId, NotificationId, Outcome, Trace};
use crate::store::{Commit, Keyspace, NumberedWrite, Store, StoreSettings, Write};

/// A database whose events are those of apps `a` and `b` in turn.
struct Past {
    store: Store,
    events: Arc<Events>,
    _dir: tempfile::TempDir,
}

impl Past {
    fn new() -> Self {
        let dir = tempfile::tempdir().expect("a directory");
        let settings = StoreSettings {
            path: dir.path().to_owned(),
            min_free: 0,
            max_bytes: None,
        };
        let store = Store::open(&settings).expect("a database");
        Self {
            events: Arc::new(Events::new(store.clone()).expect("events")),
            store,
            _dir: dir,
        }
    }

    fn feed(&self) -> Arc<Feed> {
        Arc::new(Feed::new(self.events.clone(), Arc::default()))
    }

    /// So many deliveries end.
    async fn happens(&self, count: u32) {
        let notification = NotificationId::new();
        let mut commit = Commit::default();
        for n in 0..count {
            let key = DeliveryId { notification, n }.to_bytes();
            let trace = Trace {
                app: ["a", "b"][n as usize % 2].to_owned(),
                outcome: Some(Outcome::default()),
                ..Trace::default()
            };
            commit.numbered.push(NumberedWrite {
                keyspace: Keyspace::Events,
                prefix: Vec::new(),
                value: key.to_vec(),
            });
            let put = Write::put(Keyspace::Trace, key, to_bytes(&trace));
            commit.writes.push(put);
        }
        let events = self.events.clone();
        let last = u64::from(count) - 1;
        commit.on_commit = Some(Box::new(move |first| events.announce(first + last)));
        self.store.commit(commit).await.expect("a good disk");
    }
}

/// The cursors of the next lines, at least so many.
async fn cursors(follower: &mut Follower, count: usize) -> Vec<u64> {
    let mut cursors = Vec::new();
    while cursors.len() < count {
        for lines in follower.next().await.expect("they can be read") {
            for line in lines.split(|byte| *byte == b'\n') {
                if !line.is_empty() {
                    let line: serde_json::Value = serde_json::from_slice(line).expect("JSON");
                    cursors.push(line["cursor"].as_u64().expect("a number"));
                }
            }
        }
    }
    cursors
}

fn running(feed: &Arc<Feed>) -> watch::Sender<bool> {
    let (stop, stopped) = watch::channel(false);
    tokio::spawn(feed.clone().run(stopped));
    stop
}

#[tokio::test]
async fn fifty_followers_cost_one_reading() {
    let past = Past::new();
    past.happens(10).await;
    let feed = past.feed();
    let _stop = running(&feed);
    let mut followers: Vec<_> = (0..50).map(|_| feed.follow(None, None)).collect();
    let mut of_b = feed.follow(None, Some("b".to_owned()));

    for _ in 0..5 {
        past.happens(200).await;
    }

    let first = past.events.latest() - 999;
    let all: Vec<u64> = (first..first + 1000).collect();
    for follower in &mut followers {
        assert_eq!(cursors(follower, 1000).await, all);
    }
    let every_other: Vec<u64> = all.iter().copied().skip(1).step_by(2).collect();
    assert_eq!(cursors(&mut of_b, 500).await, every_other);
    assert_eq!(feed.encoded(), 1000, "each event once, not once a follower");
}

#[tokio::test]
async fn while_nobody_follows_nothing_is_read() {
    let past = Past::new();
    let feed = past.feed();
    let _stop = running(&feed);
    drop(feed.follow(None, None));
    past.happens(100).await;

    let mut late = feed.follow(None, None);
    past.happens(3).await;

    let latest = past.events.latest();
    assert_eq!(
        cursors(&mut late, 3).await,
        [latest - 2, latest - 1, latest]
    );
    assert_eq!(feed.encoded(), 3);
}

#[tokio::test]
async fn who_is_behind_the_ring_reads_its_own_and_catches_up() {
    let past = Past::new();
    past.happens(300).await;
    let feed = past.feed();
    let _stop = running(&feed);
    let mut quick = feed.follow(None, None);
    let mut slow = feed.follow(Some(0), None);
    past.happens(100).await;
    let latest = past.events.latest();
    assert_eq!(cursors(&mut quick, 100).await.last(), Some(&latest));
    // The ring makes room, as it would after many more events.
    feed.state().ring.restart(latest);

    let all: Vec<u64> = (latest - 399..=latest).collect();
    assert_eq!(cursors(&mut slow, 400).await, all);
    past.happens(1).await;
    assert_eq!(cursors(&mut slow, 1).await, [latest + 1]);
    assert_eq!(cursors(&mut quick, 1).await, [latest + 1]);
}

#[tokio::test]
async fn a_cursor_whose_events_are_kept_no_longer_goes_on_with_the_ring() {
    let past = Past::new();
    past.happens(2).await;
    let feed = past.feed();
    let _stop = running(&feed);
    let mut other = feed.follow(None, None);
    let forgotten = past.store.range(Keyspace::Events, &[], &[0xff; 9]);
    let forgotten =
        forgotten.map(|it| Write::remove(Keyspace::Events, it.expect("a record").0.to_vec()));
    let commit = Commit::of(forgotten.collect());
    past.store.commit(commit).await.expect("a good disk");

    let mut old = feed.follow(Some(0), None);
    past.happens(2).await;

    let latest = past.events.latest();
    assert_eq!(cursors(&mut old, 2).await, [latest - 1, latest]);
    assert_eq!(cursors(&mut other, 2).await, [latest - 1, latest]);
}

//! Transactions that are pending together.

use super::*;

/// Keeps the committer busy until it is dropped.
pub(super) async fn gate(registry: &Registry) -> std::sync::mpsc::Sender<()> {
    let (open, closed) = std::sync::mpsc::channel();
    let gate = Commit {
        on_commit: Some(Box::new(move |_| while closed.recv().is_ok() {})),
        ..Commit::default()
    };
    drop(registry.store.reserve().await.expect("room").submit(gate));
    open
}

pub(super) async fn until(what: &str, condition: impl Fn() -> bool) {
    let deadline = Instant::now() + std::time::Duration::from_secs(30);
    while !condition() {
        assert!(Instant::now() < deadline, "waited in vain until {what}");
        tokio::task::yield_now().await;
    }
}

fn pending(registry: &Registry) -> usize {
    registry.overlay.lock().writes.len()
}

pub(super) fn seen(registry: &Registry, key: &DeviceKey) -> bool {
    registry.read_view(|view| view.get(key).expect("read").is_some())
}

#[tokio::test]
async fn one_token_has_one_owner_whoever_reports_it_at_once() {
    let (_dir, registry) = registry();
    let open = gate(&registry).await;
    let reports: Vec<_> = (0..50)
        .map(|n| {
            let registry = registry.clone();
            tokio::spawn(async move { put(&registry, &format!("user{n}"), "t", n).await })
        })
        .collect();
    until("all are in flight", || pending(&registry) == 51).await;
    drop(open);
    let mut robbed = Vec::new();
    for report in reports {
        robbed.extend(report.await.expect("reported"));
    }
    // All but the last lost it, each once.
    robbed.sort_by(|a, b| a.user.cmp(&b.user));
    robbed.dedup();
    assert_eq!(robbed.len(), 49);
    let owners = (0..50).filter(|n| !devices(&registry, &format!("user{n}")).is_empty());
    assert_eq!(owners.count(), 1);
    assert_eq!(pending(&registry), 0);
}

#[tokio::test]
async fn what_is_under_way_is_seen_by_the_next_but_not_read_yet() {
    let (_dir, registry) = registry();
    let open = gate(&registry).await;
    let bob = key("bob", "phone");
    let report = tokio::spawn({
        let registry = registry.clone();
        async move { put(&registry, "bob", "t", 1).await }
    });
    until("it is in flight", || seen(&registry, &bob)).await;
    assert_eq!(registry.get(&bob).expect("read"), None);
    let of_user = registry.read_view(|view| view.of_user("default", "bob").expect("read"));
    assert_eq!(of_user.len(), 1);
    // What a read view changes stays nowhere.
    registry.read_view(|view| assert!(view.delete(&bob).expect("read")));
    assert!(seen(&registry, &bob));
    drop(open);
    report.await.expect("reported");
    assert!(registry.get(&bob).expect("read").is_some());
    assert_eq!(pending(&registry), 0);
}

#[tokio::test]
async fn a_report_is_written_and_forgotten_though_its_sender_has_gone() {
    let (_dir, registry) = registry();
    let open = gate(&registry).await;
    let bob = key("bob", "phone");
    let report = tokio::spawn({
        let registry = registry.clone();
        async move { put(&registry, "bob", "t", 1).await }
    });
    until("it is in flight", || seen(&registry, &bob)).await;
    report.abort();
    assert!(report.await.is_err_and(|error| error.is_cancelled()));
    // Not on disk: it must still be seen.
    assert!(seen(&registry, &bob));
    drop(open);
    until("it has landed", || pending(&registry) == 0).await;
    assert!(registry.get(&bob).expect("read").is_some());
}

#[tokio::test]
async fn no_count_is_lost_when_many_count_at_once() {
    let (_dir, registry) = registry();
    put(&registry, "bob", "t", 1).await;
    let bob = key("bob", "phone");
    let background = StateReport::Background { unread: Some(0) };
    registry
        .set_state(&bob, background, Timestamp(1))
        .await
        .expect("set");
    let open = gate(&registry).await;
    let counts: Vec<_> = (0..100)
        .map(|_| {
            let (registry, bob) = (registry.clone(), bob.clone());
            tokio::spawn(async move {
                let count_badge: Result<_, StoreError> = registry
                    .transact(|view| Ok((durable(), view.count_badge(&bob, BadgeCount::One)?)))
                    .await;
                count_badge.expect("counted").expect("a number")
            })
        })
        .collect();
    let count_badge = || registry.read_view(|view| view.get(&bob).ok().flatten());
    until("all are in flight", || {
        count_badge().is_some_and(|device| device.unread == Some(100))
    })
    .await;
    drop(open);
    let mut numbers = Vec::new();
    for count in counts {
        numbers.push(count.await.expect("counted"));
    }
    numbers.sort_unstable();
    assert_eq!(numbers, (1..=100).collect::<Vec<_>>());
    let device = registry.get(&bob).expect("read").expect("a device");
    assert_eq!(device.unread, Some(100));
}

#[tokio::test]
async fn nothing_stays_of_a_refused_report_nor_of_what_was_built_on_it() {
    let (_dir, registry) = registry_with(u64::MAX);
    let open = gate(&registry).await;
    let bob = key("bob", "phone");
    let report = tokio::spawn({
        let (registry, bob) = (registry.clone(), bob.clone());
        async move { registry.report(&bob, token("t"), false, Timestamp(1)).await }
    });
    until("it is in flight", || seen(&registry, &bob)).await;
    let state = tokio::spawn({
        let (registry, bob) = (registry.clone(), bob.clone());
        let background = StateReport::Background { unread: Some(1) };
        async move { registry.set_state(&bob, background, Timestamp(2)).await }
    });
    let counts = || {
        registry.read_view(|view| {
            let device = view.get(&bob).expect("read");
            device.is_some_and(|device| device.unread.is_some())
        })
    };
    until("the state is in flight", counts).await;
    drop(open);
    let (report, state) = (report.await.expect("ran"), state.await.expect("ran"));
    assert!(
        matches!(report, Err(RegistryError::Store(StoreError::Full { .. }))),
        "{report:?}"
    );
    assert!(
        matches!(
            state,
            Err(RegistryError::Store(StoreError::DependencyRefused))
        ),
        "{state:?}"
    );
    assert_eq!(pending(&registry), 0);
    assert_eq!(registry.get(&bob).expect("read"), None);
}

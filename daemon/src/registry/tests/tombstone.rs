use super::*;

fn all(registry: &Registry) -> Vec<String> {
    let page = registry.tombstones(&Graves::default(), None).expect("read");
    page.found.into_iter().map(|(key, _)| key.user).collect()
}

/// Bob's phone, whose token the vendor called dead.
async fn buried() -> (tempfile::TempDir, Arc<Registry>) {
    let (dir, registry) = registry();
    put(&registry, "bob", "t", 1).await;
    bury(&registry, "t", None).await;
    assert_eq!(all(&registry), ["bob"]);
    assert!(!is_there(&registry));
    (dir, registry)
}

fn is_there(registry: &Registry) -> bool {
    let found = registry.get(&key("bob", "phone")).expect("read");
    found.is_some()
}

async fn restored(registry: &Registry) -> usize {
    let graves = Graves::default();
    registry.restore(&graves).await.expect("restored").devices
}

#[tokio::test]
async fn a_device_comes_back_as_it_was() {
    let (_dir, registry) = registry();
    put(&registry, "bob", "t", 1).await;
    let before = registry.get(&key("bob", "phone")).expect("read");
    bury(&registry, "t", None).await;
    let tombstone = registry.tombstone(&key("bob", "phone")).expect("read");
    let tombstone = tombstone.expect("a tombstone");
    assert_eq!(tombstone.evidence.code, "Unregistered");
    assert_eq!(Some(tombstone.device), before);

    assert_eq!(restored(&registry).await, 1);

    assert_eq!(registry.get(&key("bob", "phone")).expect("read"), before);
    assert_eq!(all(&registry), [""; 0]);
    assert_eq!(restored(&registry).await, 0);
    // Its token is its own again.
    let owner = put(&registry, "eve", "t", 2).await.expect("an owner");
    assert_eq!(owner.user, "bob");
}

#[tokio::test]
async fn a_device_that_reported_since_is_not_overwritten() {
    let (_dir, registry) = buried().await;
    put(&registry, "bob", "new", 2).await;
    assert_eq!(restored(&registry).await, 0);
    let device = registry.get(&key("bob", "phone")).expect("read");
    let bound = device.expect("a device").binding.expect("bound");
    assert_eq!(bound.token, "new");
}

#[tokio::test]
async fn a_token_that_was_another_users_since_is_not_given_back() {
    let (_dir, registry) = buried().await;
    put(&registry, "eve", "t", 2).await;
    let eve = key("eve", "phone");
    assert!(registry.delete(&eve).await.expect("deleted"));
    assert_eq!(restored(&registry).await, 0);
    assert!(!is_there(&registry));
}

#[tokio::test]
async fn whoever_logged_out_since_stays_away() {
    for gone in [StateReport::LoggedOut, StateReport::Kicked] {
        let (_dir, registry) = buried().await;
        let bob = key("bob", "phone");
        let seen = registry
            .set_state(&bob, StateReport::Background { unread: None }, Timestamp(2))
            .await;
        assert!(matches!(seen, Err(RegistryError::NoDevice)));
        assert_eq!(all(&registry), ["bob"]);
        let told = registry.set_state(&bob, gone, Timestamp(3)).await;
        assert!(matches!(told, Err(RegistryError::NoDevice)));
        assert_eq!(restored(&registry).await, 0);
    }
}

#[tokio::test]
async fn a_deleted_device_stays_away() {
    let (_dir, registry) = buried().await;
    let bob = key("bob", "phone");
    assert!(registry.delete(&bob).await.expect("deleted"));
    assert!(!registry.delete(&bob).await.expect("not there"));
    assert_eq!(restored(&registry).await, 0);
}

#[tokio::test]
async fn only_what_is_meant_is_restored() {
    let (_dir, registry) = registry();
    // More than one step, and names that begin with the one that is asked for.
    for n in 0..600 {
        put(&registry, &format!("bob{n}"), &format!("t{n}"), 1).await;
        bury(&registry, &format!("t{n}"), None).await;
    }
    let none = [
        Graves {
            app: Some("default".into()),
            user: Some("bob".into()),
            ..Graves::default()
        },
        Graves {
            channels: Some(vec![CertificateId(2)]),
            ..Graves::default()
        },
        Graves {
            since: Timestamp(5_001),
            ..Graves::default()
        },
        Graves {
            app: Some("defaul".into()),
            ..Graves::default()
        },
    ];
    for graves in none {
        assert_eq!(
            registry.restore(&graves).await.expect("restored").devices,
            0
        );
    }
    let one = Graves {
        app: Some("default".into()),
        user: Some("bob7".into()),
        device: Some("phone".into()),
        channels: Some(vec![IOS]),
        since: Timestamp(5_000),
    };
    assert_eq!(registry.restore(&one).await.expect("restored").devices, 1);
    assert_eq!(restored(&registry).await, 599);
}

#[tokio::test]
async fn tombstones_are_kept_for_a_while_only() {
    let (_dir, registry) = buried().await;
    assert_eq!(registry.sweep(Timestamp(5_000)).await.expect("swept"), 0);
    assert_eq!(registry.sweep(Timestamp(5_001)).await.expect("swept"), 1);
    assert_eq!(restored(&registry).await, 0);
    assert_eq!(registry.store.prefix(Space::Tombstones, &[]).count(), 0);
}

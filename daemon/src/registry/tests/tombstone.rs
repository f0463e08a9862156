use std::collections::BTreeMap;

use nudged_plugin_api::Scope;

use super::*;

fn all(registry: &Registry) -> Vec<String> {
    let page = registry
        .tombstones(&TombstoneFilter::default(), None)
        .expect("read");
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
    let filter = TombstoneFilter::default();
    registry.restore(&filter).await.expect("restored").devices
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
        let reported = registry.set_state(&bob, gone, Timestamp(3)).await;
        assert!(matches!(reported, Err(RegistryError::NoDevice)));
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
        TombstoneFilter {
            app: Some("default".into()),
            user: Some("bob".into()),
            ..TombstoneFilter::default()
        },
        TombstoneFilter {
            channels: Some(vec![CertificateId(2)]),
            ..TombstoneFilter::default()
        },
        TombstoneFilter {
            since: Timestamp(5_001),
            ..TombstoneFilter::default()
        },
        TombstoneFilter {
            app: Some("defaul".into()),
            ..TombstoneFilter::default()
        },
    ];
    for filter in none {
        assert_eq!(
            registry.restore(&filter).await.expect("restored").devices,
            0
        );
    }
    let one = TombstoneFilter {
        app: Some("default".into()),
        user: Some("bob7".into()),
        device: Some("phone".into()),
        channels: Some(vec![IOS]),
        since: Timestamp(5_000),
        ..TombstoneFilter::default()
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
    assert_eq!(registry.store.prefix(Keyspace::Tombstones, &[]).count(), 0);
}

/// Reports and buries a phone on that word, under those settings.
async fn bury_for(registry: &Registry, user: &str, scope: Scope, settings: u64) {
    put(registry, user, user, 1).await;
    let buried: Result<(), StoreError> = registry
        .transact(|view| {
            let evidence = Evidence {
                scope,
                settings,
                ..Evidence::default()
            };
            view.remove_dead("default", IOS, user, evidence, |_, _, _| true)?;
            Ok((Commit::default(), ()))
        })
        .await;
    buried.expect("written");
}

#[tokio::test]
async fn only_what_other_settings_may_have_cost_is_undone() {
    let (_dir, registry) = registry();
    for (user, scope, settings) in [
        ("ann", Scope::Credential, 1),
        ("bob", Scope::Credential, 2),
        ("cat", Scope::Token, 1),
        ("dan", Scope::Unsaid, 1),
        ("eve", Scope::Credential, 0),
        ("fay", Scope::Credential, 3),
        ("gus", Scope::Credential, 1),
    ] {
        bury_for(&registry, user, scope, settings).await;
    }
    // Somebody else's now.
    put(&registry, "hal", "gus", 2).await;
    let under = |channel: u32, settings: u64| TombstoneFilter {
        not_under: Some([(CertificateId(channel), settings)].into()),
        ..TombstoneFilter::default()
    };
    let count = |filter: &TombstoneFilter| registry.count_tombstones(filter).expect("counted");

    assert_eq!(count(&under(1, 2)), [(IOS, 2)].into());
    assert_eq!(count(&under(2, 2)), BTreeMap::new(), "another channel");
    assert_eq!(
        registry
            .restore(&under(2, 2))
            .await
            .expect("restored")
            .devices,
        0
    );
    assert_eq!(
        registry
            .restore(&under(1, 2))
            .await
            .expect("restored")
            .devices,
        2
    );

    assert_eq!(devices(&registry, "ann"), ["phone=ann"]);
    assert_eq!(devices(&registry, "fay"), ["phone=fay"]);
    assert_eq!(devices(&registry, "gus"), [""; 0]);
    assert_eq!(all(&registry), ["bob", "cat", "dan", "eve"]);
    assert_eq!(count(&under(1, 2)), BTreeMap::new());
}

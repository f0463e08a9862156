use super::*;
use crate::model::Binding;
use crate::store::StoreSettings;

const IOS: CertificateId = CertificateId(1);

fn registry() -> (tempfile::TempDir, Registry) {
    let dir = tempfile::tempdir().expect("a directory");
    let settings = StoreSettings {
        path: dir.path().to_owned(),
        min_free: 0,
    };
    let store = Store::open(&settings).expect("a new database");
    (dir, Registry::new(store))
}

fn key(user: &str, device: &str) -> DeviceKey {
    DeviceKey {
        app: "default".into(),
        user: user.into(),
        device: device.into(),
    }
}

fn device(token: &str, registered_at: u64) -> Device {
    Device {
        binding: Some(Binding {
            channel: IOS,
            token: token.into(),
        }),
        registered_at: Timestamp(registered_at),
        ..Device::default()
    }
}

async fn bury(registry: &Registry, token: &str, dead_since: Option<u64>) {
    let _held = registry.hold().await;
    let writes = registry
        .burial("default", IOS, token, dead_since.map(Timestamp))
        .expect("read");
    registry
        .store
        .commit(Commit {
            writes,
            ..Commit::default()
        })
        .await
        .expect("written");
}

fn devices(registry: &Registry, user: &str) -> Vec<String> {
    let devices = registry.of_user("default", user).expect("read");
    devices
        .into_iter()
        .map(|(id, device)| {
            let token = device.binding.map(|bound| bound.token);
            format!("{id}={}", token.unwrap_or_default())
        })
        .collect()
}

#[tokio::test]
async fn a_token_reported_for_another_user_is_taken_from_the_first() {
    let (_dir, registry) = registry();
    assert_eq!(
        registry
            .put(&key("bob", "phone"), &device("t", 1))
            .await
            .expect("put"),
        None
    );
    let taken = registry
        .put(&key("alice", "phone"), &device("t", 2))
        .await
        .expect("put");
    assert_eq!(
        taken,
        Some(Owner {
            user: "bob".into(),
            device: "phone".into()
        })
    );
    assert!(devices(&registry, "bob").is_empty());
    assert_eq!(devices(&registry, "alice"), ["phone=t"]);
}

#[tokio::test]
async fn a_new_token_of_a_device_replaces_the_old_one() {
    let (_dir, registry) = registry();
    registry
        .put(&key("bob", "phone"), &device("old", 1))
        .await
        .expect("put");
    registry
        .put(&key("bob", "phone"), &device("new", 2))
        .await
        .expect("put");
    assert_eq!(devices(&registry, "bob"), ["phone=new"]);
    // The old token is free: whoever reports it takes it from nobody.
    assert_eq!(
        registry
            .put(&key("eve", "x"), &device("old", 3))
            .await
            .expect("put"),
        None
    );
}

#[tokio::test]
async fn users_whose_names_begin_alike_are_apart() {
    let (_dir, registry) = registry();
    registry
        .put(&key("bob", "phone"), &device("a", 1))
        .await
        .expect("put");
    registry
        .put(&key("bobby", "phone"), &device("b", 1))
        .await
        .expect("put");
    assert_eq!(devices(&registry, "bob"), ["phone=a"]);
}

#[tokio::test]
async fn a_dead_token_leaves_unless_it_was_reported_again_since() {
    let (_dir, registry) = registry();
    registry
        .put(&key("bob", "phone"), &device("t", 100))
        .await
        .expect("put");
    bury(&registry, "t", Some(99)).await;
    assert_eq!(devices(&registry, "bob"), ["phone=t"]);
    bury(&registry, "t", Some(100)).await;
    assert!(devices(&registry, "bob").is_empty());
    registry
        .put(&key("bob", "phone"), &device("t", 100))
        .await
        .expect("put");
    bury(&registry, "t", None).await;
    assert!(devices(&registry, "bob").is_empty());
    assert!(
        registry
            .delete(&key("bob", "phone"))
            .await
            .is_ok_and(|was| !was)
    );
}

use std::time::Instant;

use super::*;
use crate::model::{AppState, Binding, CertificateId, Evidence, MAX_BADGE, QuietHours};
use crate::store::StoreSettings;

mod accounts;
mod canonicalize;
mod kinds;
mod order;
mod owners;
mod tombstone;

const IOS: CertificateId = CertificateId(1);

fn registry() -> (tempfile::TempDir, Arc<Registry>) {
    registry_with(0)
}

fn registry_with(min_free: u64) -> (tempfile::TempDir, Arc<Registry>) {
    let dir = tempfile::tempdir().expect("a directory");
    let settings = StoreSettings {
        path: dir.path().to_owned(),
        min_free,
        max_bytes: None,
    };
    let store = Store::open(&settings).expect("a new database");
    (dir, Arc::new(Registry::new(store)))
}

impl Registry {
    /// Takes a report of a device; durable on return.
    pub async fn report(
        &self,
        key: &DeviceKey,
        report: Report,
        login: bool,
        now: Timestamp,
    ) -> Result<ReportResult, RegistryError> {
        self.transact(|view| Ok((durable(), view.report(key, report, login, now)?)))
            .await
    }
}

fn key(user: &str, device: &str) -> DeviceKey {
    DeviceKey {
        app: "default".into(),
        user: user.into(),
        device: device.into(),
    }
}

fn token(token: &str) -> Report {
    Report {
        binding: Some(Binding {
            channel: IOS,
            token: token.into(),
        }),
        ..Report::default()
    }
}

/// Reports a token; says from whose device it was taken.
async fn put(registry: &Registry, user: &str, of: &str, at: u64) -> Option<TokenOwner> {
    let reported = registry
        .report(&key(user, "phone"), token(of), false, Timestamp(at))
        .await;
    reported.expect("reported").taken_from
}

async fn bury(registry: &Registry, token: &str, dead_since: Option<u64>) {
    let dead_since = dead_since.map(Timestamp);
    let buried: Result<(), StoreError> = registry
        .transact(|view| {
            let evidence = Evidence {
                at: Timestamp(5_000),
                dead_since,
                code: "Unregistered".into(),
                ..Evidence::default()
            };
            view.remove_dead("default", IOS, token, evidence, |_, _, _| true)?;
            Ok((Commit::default(), ()))
        })
        .await;
    buried.expect("written");
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
    assert_eq!(put(&registry, "bob", "t", 1).await, None);
    let taken = put(&registry, "alice", "t", 2).await;
    assert_eq!(
        taken,
        Some(TokenOwner {
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
    put(&registry, "bob", "old", 1).await;
    put(&registry, "bob", "new", 2).await;
    assert_eq!(devices(&registry, "bob"), ["phone=new"]);
    // The old token is free: whoever reports it takes it from nobody.
    assert_eq!(put(&registry, "eve", "old", 3).await, None);
}

#[tokio::test]
async fn users_whose_names_begin_alike_are_apart() {
    let (_dir, registry) = registry();
    put(&registry, "bob", "a", 1).await;
    put(&registry, "bobby", "b", 1).await;
    assert_eq!(devices(&registry, "bob"), ["phone=a"]);
}

#[tokio::test]
async fn a_dead_token_leaves_unless_it_was_reported_again_since() {
    let (_dir, registry) = registry();
    put(&registry, "bob", "t", 100).await;
    bury(&registry, "t", Some(99)).await;
    assert_eq!(devices(&registry, "bob"), ["phone=t"]);
    bury(&registry, "t", Some(100)).await;
    assert!(devices(&registry, "bob").is_empty());
    put(&registry, "bob", "t", 100).await;
    bury(&registry, "t", None).await;
    assert!(devices(&registry, "bob").is_empty());
}

#[tokio::test]
async fn a_report_without_token_turns_push_off_and_frees_the_token() {
    let (_dir, registry) = registry();
    put(&registry, "bob", "t", 1).await;
    let bob = key("bob", "phone");
    let off = registry
        .report(&bob, Report::default(), false, Timestamp(2))
        .await;
    assert_eq!(off.expect("reported").device.binding, None);
    assert_eq!(devices(&registry, "bob"), ["phone="]);
    assert_eq!(put(&registry, "eve", "t", 3).await, None);
    assert_eq!(devices(&registry, "bob"), ["phone="]);
}

#[tokio::test]
async fn a_late_report_does_not_log_a_phone_in_again() {
    let (_dir, registry) = registry();
    let bob = key("bob", "phone");
    for out in [StateReport::LoggedOut, StateReport::Kicked] {
        registry
            .report(&bob, token("t"), true, Timestamp(1))
            .await
            .expect("reported");
        registry
            .set_state(&bob, out, Timestamp(2))
            .await
            .expect("set");
        let late = registry.report(&bob, token("u"), false, Timestamp(3)).await;
        assert!(matches!(late, Err(RegistryError::NotLoggedIn)), "{late:?}");
        assert_eq!(devices(&registry, "bob"), ["phone=t"]);
        // Turning it off needs no login.
        let off = registry
            .report(&bob, Report::default(), false, Timestamp(4))
            .await;
        assert!(off.is_ok_and(|off| !off.device.is_logged_in()));
    }
    let background = StateReport::Background { unread: None };
    registry
        .set_state(&bob, background, Timestamp(5))
        .await
        .expect("set");
    put(&registry, "bob", "u", 6).await;
    assert_eq!(devices(&registry, "bob"), ["phone=u"]);
}

#[tokio::test]
async fn a_state_has_a_lease_and_a_number_and_outlives_a_new_token() {
    let (_dir, registry) = registry();
    let bob = key("bob", "phone");
    let unknown = registry
        .set_state(&bob, StateReport::Kicked, Timestamp(1))
        .await;
    assert!(matches!(unknown, Err(RegistryError::NoDevice)));
    put(&registry, "bob", "t", 1).await;
    let at = Timestamp(10_000);
    let device = registry
        .set_state(&bob, StateReport::Foreground { lease: 400 }, at)
        .await
        .expect("set");
    assert_eq!(device.lease_until, at.plus_seconds(400));
    assert_eq!(device.unread, Some(0));
    let background = StateReport::Background { unread: Some(7) };
    registry.set_state(&bob, background, at).await.expect("set");
    put(&registry, "bob", "u", 20_000).await;
    let device = registry.get(&bob).expect("read").expect("a device");
    assert_eq!(
        (device.state, device.unread),
        (AppState::Background, Some(7))
    );
    assert_eq!(device.state_at, at);
    assert_eq!(device.registered_at, Timestamp(20_000));
}

#[tokio::test]
async fn only_devices_that_report_a_number_are_counted() {
    let (_dir, registry) = registry();
    put(&registry, "bob", "t", 1).await;
    let bob = key("bob", "phone");
    let count = |change| {
        let (registry, bob) = (registry.clone(), bob.clone());
        async move {
            let count_badge: Result<_, StoreError> = registry
                .transact(|view| Ok((Commit::default(), view.count_badge(&bob, change)?)))
                .await;
            count_badge.expect("counted")
        }
    };
    assert_eq!(count(BadgeCount::One).await, None);
    assert_eq!(count(BadgeCount::Set(3)).await, None);
    let background = StateReport::Background { unread: Some(5) };
    registry
        .set_state(&bob, background, Timestamp(1))
        .await
        .expect("set");
    assert_eq!(count(BadgeCount::One).await, Some(6));
    assert_eq!(count(BadgeCount::Add(4)).await, Some(10));
    assert_eq!(count(BadgeCount::Set(2)).await, Some(2));
    assert_eq!(count(BadgeCount::Add(u32::MAX)).await, Some(MAX_BADGE));
    let device = registry.get(&bob).expect("read").expect("a device");
    assert_eq!(device.unread, Some(MAX_BADGE));
}

#[tokio::test]
async fn settings_are_kept_for_users_who_are_logged_in() {
    let (dir, registry) = registry();
    let all = AllSettings {
        user: UserSettings {
            c2c_sound: Some("ping".into()),
            quiet_hours: Some(QuietHours::default()),
            ..UserSettings::default()
        },
        conversations: [
            ("c2c:alice".to_owned(), ConversationMute::Receive),
            ("group:g".to_owned(), ConversationMute::Mentions),
        ]
        .into(),
    };
    let refused = registry.put_settings("default", "bob", &all).await;
    assert!(matches!(refused, Err(RegistryError::NotLoggedIn)));
    put(&registry, "bob", "t", 1).await;
    put(&registry, "bobby", "u", 1).await;
    registry
        .put_settings("default", "bob", &all)
        .await
        .expect("put");
    assert_eq!(registry.all_settings("default", "bob").expect("read"), all);
    assert_eq!(registry.settings("default", "bob").expect("read"), all.user);
    let mute = |user, of| registry.mute("default", user, of).expect("read");
    assert_eq!(mute("bob", "c2c:alice"), ConversationMute::Receive);
    assert_eq!(mute("bob", "c2c:eve"), ConversationMute::Push);
    assert_eq!(mute("bobby", "c2c:alice"), ConversationMute::Push);
    // They are replaced whole.
    let fewer = AllSettings {
        conversations: [("c2c:eve".to_owned(), ConversationMute::Refuse)].into(),
        ..AllSettings::default()
    };
    registry
        .put_settings("default", "bob", &fewer)
        .await
        .expect("put");
    assert_eq!(
        registry.all_settings("default", "bob").expect("read"),
        fewer
    );
    // Whoever logs out keeps them, but cannot ask for them.
    registry
        .set_state(&key("bob", "phone"), StateReport::LoggedOut, Timestamp(2))
        .await
        .expect("set");
    let refused = registry.all_settings("default", "bob");
    assert!(matches!(refused, Err(RegistryError::NotLoggedIn)));
    assert_eq!(mute("bob", "c2c:eve"), ConversationMute::Refuse);
    let again = Registry::new(registry.store.clone());
    let value = again.mute("default", "bob", "c2c:eve").expect("read");
    assert_eq!(value, ConversationMute::Refuse);
    drop(dir);
}

#[tokio::test]
async fn devices_are_counted_by_channel() {
    let (_dir, registry) = registry();
    for n in 0..3 {
        put(&registry, &format!("u{n}"), &format!("t{n}"), 1).await;
    }
    assert_eq!(registry.devices_of(IOS), None);
    let count_badge = |registry: Registry| {
        registry.count(|| true).expect("counted");
        registry
    };
    let registry = count_badge(Registry::new(registry.store.clone()));
    let count = || registry.devices_of(IOS).expect("counted");
    assert_eq!(count(), 3);
    // The same again, a new token, one of another's, none.
    put(&registry, "u0", "t0", 2).await;
    put(&registry, "u0", "new", 2).await;
    assert_eq!(count(), 3);
    put(&registry, "eve", "t1", 2).await;
    assert_eq!(count(), 3);
    put(&registry, "bob", "t9", 2).await;
    assert_eq!(count(), 4);
    bury(&registry, "t9", None).await;
    assert_eq!(count(), 3);
    let filter = TombstoneFilter::default();
    assert_eq!(
        registry.restore(&filter).await.expect("restored").devices,
        1
    );
    assert_eq!(count(), 4);
    registry
        .delete(&key("bob", "phone"))
        .await
        .expect("deleted");
    assert_eq!(count(), 3);
    assert_eq!(registry.devices_of(CertificateId(2)), Some(0));
}

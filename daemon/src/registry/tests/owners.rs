//! Whatever happens, devices, tombstones, the places of their tokens and the count agree.

use std::collections::BTreeMap;

use nudged_plugin_api::frame::to_bytes;
use proptest::prelude::*;

use super::canonicalize::Lower;
use super::kinds::{CALLS, bound, bury_of, kind};
use super::*;
use crate::model::{Purpose, Tombstone};
use crate::registry::key::SEPARATED;
use crate::registry::tokens::owner_key;

/// That the places of all tokens are those that the devices and tombstones have, and no others;
/// and that devices are counted as they are.
pub fn agrees(registry: &Registry) {
    let mut owners: BTreeMap<Vec<u8>, Vec<u8>> = BTreeMap::new();
    let mut filter: BTreeMap<Vec<u8>, Vec<u8>> = BTreeMap::new();
    let all = |keyspace| -> BTreeMap<Vec<u8>, Vec<u8>> {
        let records = registry
            .store
            .prefix(keyspace, &[])
            .map(|it| it.expect("read"));
        records
            .map(|(key, value)| (key.to_vec(), value.to_vec()))
            .collect()
    };
    let (devices, tombstones) = (all(Keyspace::Devices), all(Keyspace::Tombstones));
    let (mut own, mut live) = (0, 0);
    for (bytes, value) in &devices {
        let key = DeviceKey::read(bytes);
        let device: Device = decoded(Keyspace::Devices, value).expect("a device");
        assert!(
            !tombstones.contains_key(bytes),
            "{key:?} is there and buried"
        );
        let ours = to_bytes(&TokenOwner::of(&key));
        for it in device.live() {
            let before = owners.insert(owner_key(&key, it), ours.clone());
            assert_eq!(before, None, "{it:?} has two owners");
            live += 1;
        }
        own += usize::from(device.binding.is_some());
        for it in device.dead() {
            filter.insert(
                DeviceKey::dead_token(&owner_key(&key, &it.binding)),
                ours.clone(),
            );
            filter.insert(DeviceKey::dead_index(bytes), ours.clone());
        }
    }
    assert!(live >= own);
    for (bytes, value) in tombstones.iter().filter(|it| it.0[0] >= b' ') {
        let key = DeviceKey::read(bytes);
        let tombstone: Tombstone = decoded(Keyspace::Tombstones, value).expect("a tombstone");
        filter.insert(bytes.clone(), value.clone());
        let device = tombstone.device;
        let kinds = device.tokens.iter().map(|it| &it.binding);
        for it in device.binding.iter().chain(kinds) {
            let ours = to_bytes(&TokenOwner::of(&key));
            filter.insert(DeviceKey::dead_token(&owner_key(&key, it)), ours);
        }
    }
    let mut tokens = all(Keyspace::Tokens);
    tokens.remove(SEPARATED);
    assert_eq!(tokens, owners);
    assert_eq!(tombstones, filter);
    let again = Registry::new(registry.store.clone());
    again.count(|| true).expect("counted");
    if registry.devices_of(IOS).is_some() {
        let counts = |it: &Registry| [IOS, CALLS].map(|channel| it.devices_of(channel));
        assert_eq!(counts(registry), counts(&again));
    }
}

/// What may happen to the devices of a few users who share a few tokens.
#[derive(Clone, Debug)]
enum Happening {
    Reported(usize, Option<usize>, Vec<(usize, Option<usize>)>),
    Gone(usize),
    LoggedOut(usize),
    Dead(CertificateId, usize),
    Restored(Option<usize>),
    Swept,
    Canonicalized,
}

fn happening() -> impl Strategy<Value = Happening> {
    let user = || 0..3_usize;
    let token = || 0..6_usize;
    let own = prop::option::weighted(0.8, token());
    let kinds = prop::collection::vec((0..4_usize, prop::option::weighted(0.8, token())), 0..3);
    let channel = prop::sample::select(vec![IOS, CALLS]);
    prop_oneof![
        8 => (user(), own, kinds).prop_map(|(user, own, kinds)| Happening::Reported(user, own, kinds)),
        1 => user().prop_map(Happening::Gone),
        1 => user().prop_map(Happening::LoggedOut),
        6 => (channel, token()).prop_map(|(channel, token)| Happening::Dead(channel, token)),
        2 => prop::option::of(user()).prop_map(Happening::Restored),
        1 => Just(Happening::Swept),
        1 => Just(Happening::Canonicalized),
    ]
}

/// Some are not in their form.
const TOKENS: [&str; 6] = ["a", "b", "c", "A", "B", "d"];

async fn happen(registry: &Registry, it: Happening, at: u64) {
    let user = |n: usize| key(&format!("u{n}"), "phone");
    let time = Timestamp(at);
    match it {
        Happening::Reported(n, own, kinds) => {
            let kinds = kinds.into_iter().map(|(which, token)| {
                let (purpose, id, channel) = match which {
                    0 => (Purpose::Voip, None, CALLS),
                    1 => (Purpose::LiveActivityStart, None, IOS),
                    2 => (Purpose::LiveActivity, Some("x"), IOS),
                    _ => (Purpose::LiveActivity, Some("y"), CALLS),
                };
                kind(
                    purpose,
                    id,
                    token.map(|token| bound(channel, TOKENS[token])),
                )
            });
            let report = Report {
                binding: own.map(|token| bound(IOS, TOKENS[token])),
                tokens: kinds.collect(),
                ..Report::default()
            };
            match registry.report(&user(n), report, true, time).await {
                Ok(_) | Err(RegistryError::SameToken { .. }) => {}
                Err(error) => panic!("{error}"),
            }
        }
        Happening::Gone(n) => {
            registry.delete(&user(n)).await.expect("deleted");
        }
        Happening::LoggedOut(n) => {
            // Whoever is not there cannot log out.
            let _ = registry
                .set_state(&user(n), StateReport::LoggedOut, time)
                .await;
        }
        Happening::Dead(channel, token) => {
            bury_of(registry, channel, TOKENS[token], None).await;
        }
        Happening::Restored(n) => {
            let filter = TombstoneFilter {
                app: n.map(|_| "default".into()),
                user: n.map(|n| format!("u{n}")),
                ..TombstoneFilter::default()
            };
            registry.restore(&filter).await.expect("restored");
        }
        Happening::Swept => {
            registry.sweep(Timestamp(5_001)).await.expect("swept");
        }
        Happening::Canonicalized => {
            registry
                .canonicalize(&Lower, |_| {})
                .await
                .expect("reformed");
        }
    }
}

#[tokio::test]
async fn a_removed_device_has_each_canonical_token_once() {
    // Its own token becomes what its token for one kind of message is already, and the reverse.
    for (own, kind) in [(4, 1), (1, 4), (3, 3)] {
        let (_dir, registry) = registry();
        registry.count(|| true).expect("counted");
        let steps = [
            Happening::Reported(0, Some(own), vec![(1, Some(kind))]),
            Happening::Dead(IOS, own),
            Happening::Canonicalized,
            Happening::Restored(None),
        ];
        for (at, it) in steps.into_iter().enumerate() {
            happen(&registry, it, at as u64 + 1).await;
            agrees(&registry);
        }
        let device = registry.get(&key("u0", "phone")).expect("read");
        assert!(device.is_none_or(|it| it.binding.is_some() && it.tokens.is_empty()));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, ..ProptestConfig::default() })]

    #[test]
    fn whatever_happens_each_token_has_one_owner_who_knows_it(
        happenings in prop::collection::vec(happening(), 1..24)
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        runtime.block_on(async {
            let (_dir, registry) = registry();
            registry.count(|| true).expect("counted");
            for (at, it) in happenings.into_iter().enumerate() {
                happen(&registry, it, at as u64 + 1).await;
                agrees(&registry);
            }
        });
    }
}

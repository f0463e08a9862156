//! A damaged queue: found, told, and repaired so that nothing stays without an outcome.

use nudged::store::{Commit, Keyspace, Store, StoreSettings, Write};
use nudged_rig::Rig;
use serde_json::{Value, json};

use crate::support::{nudgectl, rig, text, to_token};

async fn check(rig: &Rig, spec: Value) -> Value {
    let reply = rig.client.post("/v1/queue/check", &spec).await.unwrap();
    reply.expect(200)
}

/// Damages the record of the first delivery that waits, as a failing disk would.
async fn damage(rig: &Rig) {
    let settings = StoreSettings {
        path: rig.home.path().join("data"),
        min_free: 0,
        max_bytes: None,
    };
    let store = Store::open(&settings).unwrap();
    let (key, _) = store.prefix(Keyspace::Ready, &[]).next().unwrap().unwrap();
    let put = Write::put(Keyspace::Ready, key.to_vec(), b"garbage".to_vec());
    let commit = Commit::synced(vec![put]);
    store.commit(commit).await.unwrap();
}

#[tokio::test]
async fn a_damaged_record_is_found_and_its_delivery_ends_with_an_explanation() {
    let mut rig = rig().await;
    let hold = json!({"channel": "ios"});
    let held = rig.client.post("/v1/queue/hold", &hold).await.unwrap();
    held.expect(200);
    let first = rig.accept(&to_token(1, "first")).await.unwrap();
    let second = rig.accept(&to_token(2, "second")).await.unwrap();
    let sound = nudgectl(&rig, &["queue", "check"]).await;
    assert_eq!(sound.code, Some(0), "{sound:?}");
    assert!(sound.out.contains("2 deliveries queued"), "{sound:?}");

    rig.terminate().await.unwrap();
    damage(&rig).await;
    rig.launch().await.unwrap();

    let found = check(&rig, json!({})).await;
    assert_eq!((&found["damaged"], &found["lost"]), (&json!(1), &json!(1)));
    assert_eq!(found["lost_deliveries"][0]["id"], *first, "{found:#}");
    assert_eq!(found["repaired"], false);
    let told = nudgectl(&rig, &["queue", "check"]).await;
    assert_eq!(told.code, Some(1), "{told:?}");
    assert!(told.out.contains(&format!("lost: {first}#0")), "{told:?}");
    assert!(told.err.contains("queue check --repair"), "{told:?}");

    let repaired = nudgectl(&rig, &["queue", "check", "--repair"]).await;
    assert_eq!(repaired.code, Some(0), "{repaired:?}");
    let events = rig.client.outcomes(&first, 1).await.unwrap();
    assert_eq!(text(&events[0], "outcome"), "failed");
    assert_eq!(text(&events[0], "code"), "record_damaged");
    let after = check(&rig, json!({})).await;
    assert_eq!((&after["damaged"], &after["lost"]), (&json!(0), &json!(0)));

    let released = rig.client.post("/v1/queue/release", &hold).await.unwrap();
    released.expect(200);
    let events = rig.client.outcomes(&second, 1).await.unwrap();
    assert_eq!(text(&events[0], "outcome"), "accepted");
}

//! Reloads under load: credentials change and hangups come while callers send, and no send
//! fails, is lost or goes out twice.

use std::cell::{Cell, RefCell};

use nudged_rig::vendor::{APNS_KEY, APNS_TEAM, APNS_TOPIC, apns_settings};
use nudged_rig::{APNS, DEADLINE, Rig};
use serde_json::json;

use super::{certificate_settings, pem, write_apns};
use crate::world::{all_accepted, channel, reload, rig, taken_by, to_token, until};

#[tokio::test]
async fn a_new_key_is_taken_under_load_without_a_failed_send() {
    const NEXT: &str = "SIMKEY0002";
    let rig = rig().await;
    let key = rig.simulator.apns().add_key(APNS_TEAM, NEXT, &[APNS_TOPIC]);
    let log = rig.log_view().unwrap();

    let ids = under_load(&rig, async {
        rig.home.write("next.p8", key).unwrap();
        write_apns(&rig, &apns_settings(&rig.simulator, "next.p8", NEXT));
        rig.hup().unwrap();
        assert!(log.wait_for("configuration reloaded").await);
        // What is in flight on the old key now is refused, and must not be lost for that.
        rig.simulator.apns().revoke_key(APNS_KEY);
        let by_the_new_key = || taken_by(&rig, APNS).last().map(key_id) == Some(NEXT.to_owned());
        until("a send with the new key", async || by_the_new_key()).await;
    })
    .await;

    assert!(ids.len() >= 200, "{}", ids.len());
    all_accepted(&rig, &ids).await;
    let taken = taken_by(&rig, APNS);
    assert_eq!(taken.len(), ids.len());
    assert_eq!(key_id(&taken[0]), APNS_KEY);
    // Once the new key is in use, the old one is in use no more.
    let old = taken.iter().rposition(|it| key_id(it) == APNS_KEY);
    let new = taken.iter().filter(|it| key_id(it) == NEXT).count();
    assert!(old < Some(taken.len() - 1) && new > 0, "{old:?} {new}");
}

#[tokio::test]
async fn a_new_certificate_is_taken_under_load_without_a_failed_send() {
    let rig = rig().await;
    let old = rig.simulator.apns().issue_certificate(APNS_TOPIC, &[], 365);
    let new = rig.simulator.apns().issue_certificate(APNS_TOPIC, &[], 365);
    rig.home.write("push.pem", pem(&old)).unwrap();
    write_apns(&rig, &certificate_settings(&rig));
    reload(&rig).await;

    let ids = under_load(&rig, async {
        // The file of the channel stays as it is; only the certificate in it is another.
        rig.home.write("push.pem", pem(&new)).unwrap();
        assert_eq!(reload(&rig).await["replaced"], json!(["ios"]));
        rig.simulator.apns().revoke_certificate(&old.serial);
        let serial = || {
            taken_by(&rig, APNS)
                .pop()
                .and_then(|it| it.client_certificate)
        };
        until("a send with the new one", async || {
            serial().as_ref() == Some(&new.serial)
        })
        .await;
    })
    .await;

    all_accepted(&rig, &ids).await;
    let taken = taken_by(&rig, APNS);
    assert_eq!(taken.len(), ids.len());
    assert_eq!(taken[0].client_certificate, Some(old.serial));
    let last = taken.last().unwrap();
    assert_eq!(last.client_certificate, Some(new.serial));
}

#[tokio::test]
async fn twenty_hangups_under_load_lose_nothing() {
    let rig = rig().await;
    let file = std::fs::read_to_string(rig.home.path().join("channels.d/ios.toml")).unwrap();

    let ids = under_load(&rig, async {
        for round in 0..20 {
            // Each reload finds the channel changed, and replaces it.
            let file = format!("{file}\n[limits]\nconcurrency = {}\n", 100 + round);
            rig.home.write_channel("ios", &file).unwrap();
            rig.hup().unwrap();
            // An answer between two signals lets the one before be seen.
            rig.client.get("/v1/health").await.unwrap().expect(200);
        }
        // Reloads happen one after the other, so after this all are over.
        reload(&rig).await;
    })
    .await;

    all_accepted(&rig, &ids).await;
    let counts = rig.simulator.counts().apns;
    assert_eq!(
        counts.accepted,
        ids.len() as u64,
        "nothing twice: {counts:?}"
    );
    let reloads = rig.log().matches("configuration reloaded").count();
    assert!(reloads > 2, "{reloads}");
    until("an empty queue", async || {
        let row = channel(&rig, "ios").await;
        (&row["ready"], &row["waiting"], &row["in_flight"]) == (&json!(0), &json!(0), &json!(0))
    })
    .await;
}

/// Sends one notification after the other, from several callers, for as long as `meanwhile`
/// takes and until it is a load worth the name. Ids of all of them.
async fn under_load(rig: &Rig, meanwhile: impl Future<Output = ()>) -> Vec<String> {
    const CALLERS: usize = 4;
    const MIN_SENT: usize = 200;
    let ids = RefCell::<Vec<String>>::default();
    let (number, over) = (Cell::new(0), Cell::new(false));
    let caller = async || {
        while !over.get() || ids.borrow().len() < MIN_SENT {
            number.set(number.get() + 1);
            let id = rig.accept(&to_token(number.get(), "x")).await.unwrap();
            ids.borrow_mut().push(id);
        }
    };
    let meanwhile = async {
        let is_loaded = async || rig.simulator.counts().apns.accepted >= 20;
        until("the load", is_loaded).await;
        tokio::time::timeout(2 * DEADLINE, meanwhile)
            .await
            .expect("it takes an end");
        over.set(true);
    };
    let callers = futures_util::future::join_all((0..CALLERS).map(|_| caller()));
    tokio::join!(callers, meanwhile);
    ids.into_inner()
}

fn key_id(message: &nudged_simulator::Received) -> String {
    message.provider_token_kid.clone().unwrap_or_default()
}

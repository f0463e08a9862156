use std::cell::{Cell, RefCell};

use nudged_rig::vendor::{APNS_KEY, APNS_TEAM, APNS_TOPIC, apns_settings};
use nudged_rig::{APNS, FCM, Rig, VENDORS};
use nudged_simulator::ClientCertificate;
use serde_json::{Value, json};

use crate::{apns_token, options, outcomes_of, received_by, rig, rig_with, text, to_token};

async fn reload(rig: &Rig) -> Value {
    rig.client
        .post("/v1/reload", &Value::Null)
        .await
        .unwrap()
        .expect(200)
}

async fn refused_reload(rig: &Rig) -> Value {
    let problem = rig
        .client
        .post("/v1/reload", &Value::Null)
        .await
        .unwrap()
        .expect(422);
    assert_eq!(problem["code"], "reload_refused");
    problem
}

async fn assert_that_it_delivers(rig: &Rig) {
    for vendor in VENDORS {
        let event = rig
            .deliver(&to_token(vendor, vendor.token, "hello"))
            .await
            .unwrap();
        assert_eq!(event["outcome"], "accepted", "{event}");
    }
}

/// Sends until told to stop; ids of what was accepted.
async fn load(rig: &Rig, ids: &RefCell<Vec<String>>, stop: &Cell<bool>) {
    let mut number = 0;
    while !stop.get() {
        number += 1;
        let id = rig
            .accept(&to_token(APNS, &apns_token(number), "x"))
            .await
            .unwrap();
        ids.borrow_mut().push(id);
    }
}

/// Swaps what an APNs channel proves itself with under load. Between the swap and `revoke`
/// everything sent before has been answered, so that only the swap itself could hurt.
async fn swap_under_load(rig: &Rig, swap: impl FnOnce(), revoke: impl FnOnce()) -> usize {
    let (ids, stop) = (RefCell::default(), Cell::new(false));
    let sending = async {
        tokio::join!(
            load(rig, &ids, &stop),
            load(rig, &ids, &stop),
            load(rig, &ids, &stop)
        );
    };
    let swapping = async {
        let first = rig
            .deliver(&to_token(APNS, APNS.token, "before"))
            .await
            .unwrap();
        assert_eq!(first["outcome"], "accepted");
        swap();
        assert_eq!(reload(rig).await["replaced"], json!(["ios"]));
        let so_far = ids.borrow().clone();
        outcomes_of(rig, &so_far).await;
        revoke();
        let last = rig
            .deliver(&to_token(APNS, APNS.token, "after"))
            .await
            .unwrap();
        assert_eq!(last["outcome"], "accepted", "{last}");
        stop.set(true);
    };
    tokio::join!(sending, swapping);
    let ids = ids.into_inner();
    let outcomes = outcomes_of(rig, &ids).await;
    assert!(
        outcomes.iter().all(|outcome| outcome == "accepted"),
        "{outcomes:?}"
    );
    let counts = rig.simulator.counts().apns;
    assert!(counts.refused.is_empty(), "{counts:?}");
    assert_eq!(counts.accepted, counts.requests);
    assert_eq!(counts.accepted as usize, ids.len() + 2);
    ids.len()
}

#[tokio::test]
async fn a_new_key_is_taken_under_load_without_a_failed_send() {
    const NEXT: &str = "SIMKEY0002";
    let rig = rig().await;
    let key = rig.simulator.apns_key(APNS_TEAM, NEXT, &[APNS_TOPIC]);

    let swap = || {
        rig.home.write("next.p8", key).unwrap();
        let settings = apns_settings(&rig.simulator, "next.p8", NEXT);
        rig.home
            .write_channel("ios", &APNS.channel_file(&settings, ""))
            .unwrap();
    };
    let sent = swap_under_load(&rig, swap, || rig.simulator.apns_revoke_key(APNS_KEY)).await;

    assert!(sent > 10, "{sent}");
    let keys: Vec<_> = received_by(&rig, APNS)
        .into_iter()
        .filter_map(|it| it.provider_token_kid)
        .collect();
    assert_eq!(
        (keys[0].as_str(), keys[keys.len() - 1].as_str()),
        (APNS_KEY, NEXT)
    );
}

#[tokio::test]
async fn a_new_certificate_is_taken_under_load_without_a_failed_send() {
    let rig = rig().await;
    let pem = |it: &ClientCertificate| it.certificate_pem.clone() + &it.key_pem;
    let old = rig.simulator.apns_certificate(APNS_TOPIC, &[], 365);
    let new = rig.simulator.apns_certificate(APNS_TOPIC, &[], 365);
    rig.home.write("push.pem", pem(&old)).unwrap();
    let settings = format!(
        "certificate = \"../push.pem\"\nendpoint = \"{}\"\n",
        rig.simulator.apns_url()
    );
    rig.home
        .write_channel("ios", &APNS.channel_file(&settings, ""))
        .unwrap();
    reload(&rig).await;

    // The file of the channel stays as it is; only the certificate in it is another.
    let swap = || rig.home.write("push.pem", pem(&new)).unwrap();
    let revoke = || rig.simulator.apns_revoke_certificate(&old.serial);
    swap_under_load(&rig, swap, revoke).await;

    let serials: Vec<_> = received_by(&rig, APNS)
        .into_iter()
        .filter_map(|it| it.client_certificate)
        .collect();
    assert_eq!(
        (&serials[0], &serials[serials.len() - 1]),
        (&old.serial, &new.serial)
    );
}

#[tokio::test]
async fn a_hangup_reloads_and_says_so() {
    let rig = rig().await;
    rig.home.remove_channel("android").unwrap();
    let log = rig.log_view().unwrap();

    rig.hup().unwrap();

    assert!(log.wait_for("configuration reloaded").await);
    let status = loop {
        let status = rig.client.get("/v1/status").await.unwrap().expect(200);
        // It is noted just after it is logged.
        if !status["last_reload"].is_null() {
            break status;
        }
    };
    assert_eq!(status["last_reload"]["ok"], true, "{status:#}");
    assert_eq!(status["channels"], 1);
}

#[tokio::test]
async fn a_bad_key_keeps_the_old_one_and_says_why() {
    let rig = rig().await;
    rig.home
        .write(
            "bad.p8",
            "-----BEGIN PRIVATE KEY-----\nbm8=\n-----END PRIVATE KEY-----\n",
        )
        .unwrap();
    let settings = apns_settings(&rig.simulator, "bad.p8", APNS_KEY);
    rig.home
        .write_channel("ios", &APNS.channel_file(&settings, ""))
        .unwrap();

    let problem = refused_reload(&rig).await;

    let one = &problem["problems"][0];
    assert!(
        text(one, "/file").ends_with("channels.d/ios.toml"),
        "{problem:#}"
    );
    assert_eq!(
        (&one["key"], &one["line"]),
        (&json!("key"), &json!(5)),
        "{problem:#}"
    );
    assert!(text(one, "/problem").contains("bad.p8"), "{problem:#}");
    assert!(!text(one, "/hint").is_empty());
    assert_that_it_delivers(&rig).await;
    let status = rig.client.get("/v1/status").await.unwrap().expect(200);
    assert_eq!(status["last_reload"]["ok"], false);
    assert_eq!(status["last_reload"]["problems"][0], *one);
}

#[tokio::test]
async fn one_bad_file_keeps_all_as_it_was() {
    let rig = rig().await;
    rig.home.remove_channel("android").unwrap();
    rig.home.write_channel("new", "driver = \"fcm\"\n").unwrap();

    let problem = refused_reload(&rig).await;

    assert!(
        problem["problems"].to_string().contains("new.toml"),
        "{problem:#}"
    );
    assert_that_it_delivers(&rig).await;
}

#[tokio::test]
async fn an_expired_certificate_is_refused() {
    let rig = rig().await;
    let expired = rig.simulator.apns_certificate(APNS_TOPIC, &[], -1);
    rig.home
        .write("push.pem", expired.certificate_pem + &expired.key_pem)
        .unwrap();
    let settings = format!(
        "certificate = \"../push.pem\"\nendpoint = \"{}\"\n",
        rig.simulator.apns_url()
    );
    rig.home
        .write_channel("ios", &APNS.channel_file(&settings, ""))
        .unwrap();

    let problem = refused_reload(&rig).await;

    assert!(
        text(&problem, "/problems/0/problem").contains("expired"),
        "{problem:#}"
    );
    assert_that_it_delivers(&rig).await;
}

#[tokio::test]
async fn a_certificate_with_another_key_is_refused() {
    let rig = rig().await;
    let one = rig.simulator.apns_certificate(APNS_TOPIC, &[], 365);
    let other = rig.simulator.apns_certificate(APNS_TOPIC, &[], 365);
    rig.home
        .write("push.pem", one.certificate_pem + &other.key_pem)
        .unwrap();
    let settings = format!(
        "certificate = \"../push.pem\"\nendpoint = \"{}\"\n",
        rig.simulator.apns_url()
    );
    rig.home
        .write_channel("ios", &APNS.channel_file(&settings, ""))
        .unwrap();

    let problem = refused_reload(&rig).await;

    assert_eq!(problem["problems"][0]["key"], "certificate", "{problem:#}");
    assert_that_it_delivers(&rig).await;
}

#[tokio::test]
async fn a_bad_main_file_is_refused_by_a_hangup_too() {
    let rig = rig().await;
    rig.home
        .write("nudged.toml", "[socket]\npath = 5\n")
        .unwrap();
    let log = rig.log_view().unwrap();

    rig.hup().unwrap();

    assert!(log.wait_for("reload refused").await);
    assert!(rig.log().contains("nudged.toml:2: "), "{}", rig.log());
    assert_that_it_delivers(&rig).await;
}

#[tokio::test]
async fn channels_come_and_go() {
    let rig = rig_with(|options| options.vendors = vec![APNS]).await;
    let unknown = rig
        .client
        .send(&to_token(FCM, FCM.token, "x"))
        .await
        .unwrap()
        .expect(422);
    assert_eq!(unknown["field"], "to[0].channel");

    FCM.furnish(&rig.simulator, &rig.home, "").unwrap();
    let report = reload(&rig).await;
    assert_eq!(
        (&report["started"], &report["kept"]),
        (&json!(["android"]), &json!(["ios"]))
    );
    assert_that_it_delivers(&rig).await;

    rig.home.remove_channel("ios").unwrap();
    let report = reload(&rig).await;
    assert_eq!(
        (&report["stopped"], &report["kept"]),
        (&json!(["ios"]), &json!(["android"]))
    );
    rig.client
        .send(&to_token(APNS, APNS.token, "x"))
        .await
        .unwrap()
        .expect(422);
    let event = rig.deliver(&to_token(FCM, FCM.token, "x")).await.unwrap();
    assert_eq!(event["outcome"], "accepted");
}

#[tokio::test]
async fn a_new_limit_is_taken() {
    let rig = rig().await;
    FCM.furnish(&rig.simulator, &rig.home, "[limits]\nrate = 5000\n")
        .unwrap();

    let report = reload(&rig).await;

    assert_eq!(
        (&report["replaced"], &report["kept"]),
        (&json!(["android"]), &json!(["ios"]))
    );
    assert_that_it_delivers(&rig).await;
}

#[tokio::test]
async fn a_driver_that_is_installed_later_is_found() {
    let mut rig = Rig::prepare(options()).await.unwrap();
    let fcm = rig.home.drivers().join("libnudged_fcm.so");
    std::fs::remove_file(&fcm).unwrap();
    rig.home.remove_channel("android").unwrap();
    rig.launch().await.unwrap();

    rig.home.install_all(&rig.artifacts).unwrap();
    FCM.furnish(&rig.simulator, &rig.home, "").unwrap();
    let report = reload(&rig).await;

    assert_eq!(report["started"], json!(["android"]));
    assert_that_it_delivers(&rig).await;
}

#[tokio::test]
async fn a_driver_that_is_replaced_takes_over() {
    let rig = rig().await;
    assert_that_it_delivers(&rig).await;
    let driver = std::fs::read(rig.home.drivers().join("libnudged_apns.so")).unwrap();
    rig.home.write("drivers/libnudged_apns.so", driver).unwrap();

    let report = reload(&rig).await;

    assert_eq!(
        (&report["replaced"], &report["kept"]),
        (&json!(["ios"]), &json!(["android"]))
    );
    assert_that_it_delivers(&rig).await;
}

#[tokio::test]
async fn reloading_again_and_again_changes_nothing() {
    let rig = rig().await;
    for _ in 0..20 {
        let report = reload(&rig).await;
        assert_eq!(report["kept"], json!(["android", "ios"]), "{report}");
    }
    assert_that_it_delivers(&rig).await;
    assert_eq!(rig.simulator.grants_issued(), 1);
}

#[tokio::test]
async fn what_only_a_restart_can_change_is_warned_of() {
    let rig = rig().await;
    let config = std::fs::read_to_string(rig.home.config()).unwrap();
    rig.home
        .write("nudged.toml", config.replace("nudged.sock", "other.sock"))
        .unwrap();

    let report = reload(&rig).await;

    assert!(
        report["warnings"].to_string().contains("restart"),
        "{report}"
    );
    assert_that_it_delivers(&rig).await;
}

//! What is kept and what is replaced: channels with their connections and grants, and the
//! drivers that they need; and how a reload reports it.

use nudged_rig::{BASICS, FCM, Rig, RigOptions};
use serde_json::json;

use super::it_delivers;
use crate::world::{prepared, reload, rig, text_at, until};

#[tokio::test]
async fn the_report_says_what_became_of_each_channel() {
    let rig = rig().await;
    let second = std::fs::read_to_string(rig.home.path().join("channels.d/ios.toml")).unwrap();
    let second = second.replace("certificate_id = 1", "certificate_id = 3");

    rig.home.write_channel("second", &second).unwrap();
    let first = reload(&rig).await;
    rig.home.remove_channel("second").unwrap();
    let limits = "[limits]\nrate = 5000\n";
    FCM.furnish(&rig.simulator, &rig.home, limits).unwrap();
    let next = reload(&rig).await;

    let expected = json!({
        "ok": true, "started": ["second"], "kept": ["android", "ios"],
        "replaced": [], "stopped": [], "warnings": [],
    });
    assert_eq!(first, expected);
    let expected = json!({
        "ok": true, "started": [], "kept": ["ios"],
        "replaced": ["android"], "stopped": ["second"], "warnings": [],
    });
    assert_eq!(next, expected);
    it_delivers(&rig).await;
}

#[tokio::test]
async fn an_unchanged_channel_keeps_its_connection_and_its_grant() {
    let rig = rig().await;
    it_delivers(&rig).await;

    for _ in 0..10 {
        let report = reload(&rig).await;
        assert_eq!(report["kept"], json!(["android", "ios"]), "{report:#}");
        it_delivers(&rig).await;
    }

    let counts = rig.simulator.counts();
    assert_eq!(
        (counts.apns.connections, counts.apns.provider_tokens),
        (1, 1)
    );
    assert_eq!(
        (
            counts.fcm.provider_tokens,
            rig.simulator.fcm().grants_issued()
        ),
        (1, 1)
    );
}

#[tokio::test]
async fn a_changed_channel_of_the_same_account_keeps_its_grant() {
    let rig = rig().await;
    it_delivers(&rig).await;
    for vendor in BASICS {
        let name = format!("channels.d/{}.toml", vendor.channel);
        let file = std::fs::read_to_string(rig.home.path().join(&name)).unwrap();
        rig.home
            .write(&name, file + "\n[limits]\nrate = 5000\n")
            .unwrap();
    }

    let report = reload(&rig).await;

    assert_eq!(report["replaced"], json!(["android", "ios"]));
    it_delivers(&rig).await;
    // APNs would take a second token within twenty minutes amiss.
    assert_eq!(rig.simulator.counts().apns.provider_tokens, 1);
    assert_eq!(rig.simulator.fcm().grants_issued(), 1);
}

#[tokio::test]
async fn a_hangup_reloads_and_says_so() {
    let rig = rig().await;
    let log = rig.log_view().unwrap();
    rig.home.remove_channel("android").unwrap();

    rig.hup().unwrap();

    assert!(log.wait_for("configuration reloaded").await);
    let is_told = async || {
        let status = rig.client.get("/v1/status").await.unwrap().expect(200);
        status["last_reload"]["ok"] == true && status["channels"] == 1
    };
    until("the report in the status", is_told).await;
}

#[tokio::test]
async fn a_driver_that_is_installed_later_is_found() {
    let mut rig = prepared(RigOptions::default()).await;
    let file = rig.home.drivers().join("libnudged_fcm.so");
    std::fs::remove_file(file).unwrap();
    rig.home.remove_channel("android").unwrap();
    rig.launch().await.unwrap();
    assert_eq!(vendors(&rig).await, ["apns"]);

    rig.home
        .install(rig.artifacts.driver("fcm").unwrap())
        .unwrap();
    FCM.furnish(&rig.simulator, &rig.home, "").unwrap();
    let report = reload(&rig).await;

    assert_eq!(report["started"], json!(["android"]));
    assert_eq!(vendors(&rig).await, ["apns", "fcm"]);
    it_delivers(&rig).await;
}

#[tokio::test]
async fn a_driver_that_is_replaced_takes_over_its_channels() {
    let rig = rig().await;
    it_delivers(&rig).await;
    rig.home
        .install(rig.artifacts.driver("apns").unwrap())
        .unwrap();

    let report = reload(&rig).await;

    assert_eq!(report["replaced"], json!(["ios"]));
    assert_eq!(report["kept"], json!(["android"]));
    it_delivers(&rig).await;
}

async fn vendors(rig: &Rig) -> Vec<String> {
    let list = rig.client.get("/v1/drivers").await.unwrap().expect(200);
    let drivers = list["drivers"].as_array().unwrap();
    assert!(drivers.iter().all(|it| it["state"] == "loaded"), "{list:#}");
    drivers
        .iter()
        .map(|it| text_at(it, "/vendor").to_owned())
        .collect()
}

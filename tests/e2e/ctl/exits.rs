//! Exit codes that a script can go by: a configuration that is wrong, a daemon that is not
//! there, and wrong use.

use serde_json::json;

use super::{parsed, said};
use crate::support::{nudgectl, rig};

#[tokio::test]
async fn a_reload_is_asked_for_and_its_refusal_told() {
    let rig = rig().await;
    let words = said(nudgectl(&rig, &["reload"]).await, 0);
    assert!(words.contains("kept android, ios"), "{words}");
    let report = parsed(nudgectl(&rig, &["reload", "--json"]).await, 0);
    assert_eq!(report["kept"], json!(["android", "ios"]));
    rig.home.write_channel("bad", "driver = 5\n").unwrap();

    let words = said(nudgectl(&rig, &["reload"]).await, 78);
    let problem = parsed(nudgectl(&rig, &["reload", "--json"]).await, 78);

    assert!(words.contains("bad.toml:1"), "{words}");
    assert_eq!(problem["problems"][0]["line"], 1, "{problem:#}");
    let status = said(nudgectl(&rig, &["status"]).await, 0);
    assert!(
        status.contains("REFUSED") && status.contains("bad.toml:1"),
        "{status}"
    );
}

#[tokio::test]
async fn a_configuration_is_checked_without_the_daemon() {
    let mut rig = rig().await;
    rig.terminate().await.unwrap();
    let config = rig.home.config();
    let check = ["check", "--config", config.to_str().unwrap()];

    let words = said(nudgectl(&rig, &check).await, 0);
    let good = parsed(nudgectl(&rig, &[&check[..], &["--json"]].concat()).await, 0);
    rig.home.write_channel("bad", "driver = 5\n").unwrap();
    let complaint = said(nudgectl(&rig, &check).await, 78);
    let bad = parsed(
        nudgectl(&rig, &[&check[..], &["--json"]].concat()).await,
        78,
    );

    assert!(words.contains("channel ios: app default"), "{words}");
    assert_eq!(good["ok"], true);
    assert!(complaint.contains("bad.toml:1"), "{complaint}");
    assert_eq!(
        (&bad["ok"], &bad["problems"][0]["line"]),
        (&json!(false), &json!(1))
    );
}

#[tokio::test]
async fn a_daemon_that_is_not_there_has_an_exit_code_of_its_own() {
    let mut rig = rig().await;
    let socket = rig.home.socket();
    let socket = socket.to_str().unwrap().to_owned();

    rig.kill9().await.unwrap();
    let words = said(nudgectl(&rig, &["status"]).await, 3);
    assert!(
        words.contains(&socket) && words.contains("nobody listens"),
        "{words}"
    );

    rig.launch().await.unwrap();
    rig.terminate().await.unwrap();
    let words = said(
        nudgectl(&rig, &["send", "--user", "bob", "--body", "x"]).await,
        3,
    );
    assert!(
        words.contains(&socket) && words.contains("is nudged running?"),
        "{words}"
    );
}

#[tokio::test]
async fn wrong_use_has_an_exit_code_of_its_own() {
    let rig = rig().await;
    for arguments in [
        &["bogus"][..],
        &[],
        &["send", "--body", "to nobody"],
        &["send", "--device", "phone", "--user", "bob", "--body", "x"],
        &["send", "--channel", "ios", "--body", "x"],
        &["send", "--file", "/no/such/file"],
        &["send", "--user", "bob", "--option", "apns=nonsense"],
        &["device", "put", "bob", "phone", "--token", "t"],
        &["events", "--since", "yesterday"],
    ] {
        let complaint = said(nudgectl(&rig, arguments).await, 2);
        assert!(!complaint.is_empty(), "{arguments:?}");
    }
    assert_eq!(rig.simulator.counts().apns.requests, 0);
}

//! 73: what wrong settings cost is told when they change, and put back on demand.

use nudged_rig::{APNS, Rig, RigOptions, Settings};
use serde_json::{Value, json};

use super::faults::refused;
use crate::world::{count_devices, edit, nudgectl, prepared, reload_with, send_all, text};

/// More than the log is silent about.
const LOST: usize = 12;
const IOS: &str = "channels.d/ios.toml";
const OF_TESTERS: &str = "environment = \"sandbox\"\ntopic =";
const OF_ALL: &str = "environment = \"production\"\ntopic =";

/// A channel of the wrong environment: a tester's phone, the first, was accepted, and all others
/// are gone for it.
async fn wronged() -> Rig {
    let settings = Settings {
        more: "[devices]\nbrake_day_share = 100\n".to_owned(),
        ..Settings::default()
    };
    let mut rig = prepared(RigOptions {
        settings,
        ..RigOptions::default()
    })
    .await;
    edit(&rig, IOS, "topic =", OF_TESTERS);
    rig.launch().await.unwrap();
    for n in 0..=LOST {
        let token = APNS.numbered(n);
        rig.register(&format!("u{n}"), "phone", "ios", &token)
            .await
            .unwrap();
    }
    let event = rig.deliver(&to_user(0)).await.unwrap();
    assert_eq!(event["outcome"], "accepted", "{event:#}");
    rig.simulator.fault(refused(APNS, 400, "BadDeviceToken"));
    for id in send_all(&rig, (1..=LOST).map(to_user)).await {
        let events = rig.client.outcomes(&id, 1).await.unwrap();
        assert_eq!(events[0]["outcome"], "invalid_token", "{events:#?}");
    }
    assert_eq!(count_devices(&rig).await, 1);
    // Put right, the vendor takes them.
    rig.simulator.clear_faults();
    rig
}

fn to_user(n: usize) -> Value {
    json!({"to": [{"user": format!("u{n}")}], "message": {"title": "Carol", "body": "x"}})
}

fn of_ios(devices: usize) -> Value {
    json!([{"channel": "ios", "devices": devices}])
}

#[tokio::test]
async fn req_73_what_wrong_settings_cost_is_told_when_they_change_and_put_back_on_demand() {
    let mut rig = wronged().await;
    // It is the first account's no more: the operator says that this is meant.
    edit(&rig, IOS, OF_TESTERS, OF_ALL);
    let refused = nudgectl(&rig, &["reload"]).await;
    assert_eq!(refused.code, Some(78), "{refused:?}");

    let told = nudgectl(&rig, &["reload", "--rebind", "1"]).await;

    assert_eq!(told.code, Some(0), "{told:?}");
    let offer = format!("ios: {LOST} devices were removed after vendor answers");
    assert!(told.out.contains(&offer), "{told:?}");
    assert!(told.out.contains("nudgectl reload --restore"), "{told:?}");
    let log = rig.log_view().unwrap();
    assert!(
        log.wait_for("devices were removed after vendor answers")
            .await
    );
    let logged = |rig: &Rig| {
        rig.log()
            .matches("devices were removed after vendor answers")
            .count()
    };
    assert_eq!(count_devices(&rig).await, 1, "nothing comes back by itself");
    let again = reload_with(&rig, json!({})).await.expect(200);
    assert_eq!(again["restorable"], Value::Null, "{again:#}");
    assert_eq!(logged(&rig), 1, "told once");

    // It is remembered across a restart, and what is somebody else's now stays where it is.
    rig.restart().await.unwrap();
    assert!(rig.log_view().unwrap().wait_for("ready").await);
    assert_eq!(logged(&rig), 0);
    rig.register("eve", "phone", "ios", &APNS.numbered(3))
        .await
        .unwrap();
    let dry = reload_with(&rig, json!({"dry_run": true, "restore": true}))
        .await
        .expect(200);
    assert_eq!(dry["restorable"], of_ios(LOST - 1), "{dry:#}");
    assert_eq!(count_devices(&rig).await, 2);

    let restored = nudgectl(&rig, &["reload", "--restore"]).await;

    let put_back = format!("put back {} devices of ios", LOST - 1);
    assert!(restored.out.contains(&put_back), "{restored:?}");
    assert_eq!(count_devices(&rig).await, LOST + 1);
    for n in [1, LOST] {
        let event = rig.deliver(&to_user(n)).await.unwrap();
        assert_eq!(event["outcome"], "accepted", "{event:#}");
    }
    let none = nudgectl(&rig, &["reload", "--restore"]).await;
    assert!(none.out.contains("nothing to put back"), "{none:?}");
}

#[tokio::test]
async fn req_73_settings_that_changed_while_the_daemon_was_down_are_told_at_its_start() {
    let mut rig = wronged().await;
    // What the settings are not, changes nothing.
    edit(
        &rig,
        IOS,
        "[settings]",
        "[limits]\nrate = 1000\n\n[settings]",
    );
    let report = reload_with(&rig, json!({})).await.expect(200);
    assert_eq!(report["replaced"], json!(["ios"]), "{report:#}");
    assert_eq!(report["restorable"], Value::Null, "{report:#}");
    rig.terminate().await.unwrap();
    // Another name for the same account, so that nobody has to rebind it.
    edit(&rig, IOS, "\"sandbox\"", "\"development\"");

    rig.launch().await.unwrap();

    let offer = format!("channel ios: {LOST} devices were removed after vendor answers");
    let log = rig.log_view().unwrap();
    assert!(log.wait_for(&offer).await, "{}", rig.log());
    let report = reload_with(&rig, json!({"restore": true}))
        .await
        .expect(200);
    assert_eq!(report["restored"], of_ios(LOST), "{report:#}");
    let event = rig.deliver(&to_user(LOST)).await.unwrap();
    assert_eq!(event["outcome"], "accepted", "{event:#}");
}

#[tokio::test]
async fn req_73_what_an_unambiguous_word_cost_is_not_put_back_with_it() {
    let rig = wronged().await;
    let event = rig.deliver(&to_user(0)).await.unwrap();
    assert_eq!(event["outcome"], "accepted", "{event:#}");
    rig.simulator.fault(refused(APNS, 410, "Unregistered"));
    let event = rig.deliver(&to_user(0)).await.unwrap();
    assert_eq!(event["outcome"], "invalid_token", "{event:#}");
    edit(&rig, IOS, OF_TESTERS, OF_ALL);

    let report = reload_with(&rig, json!({"rebind": [1], "restore": true}))
        .await
        .expect(200);

    assert_eq!(report["restored"], of_ios(LOST), "{report:#}");
    let left = rig
        .client
        .get_lines("/v1/devices/tombstones")
        .await
        .unwrap();
    assert_eq!(left.len(), 1, "{left:#?}");
    assert_eq!(text(&left[0], "user"), "u0");
}

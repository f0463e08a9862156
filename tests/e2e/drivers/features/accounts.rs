//! What belongs to the account: grants, quotas, and what each driver says of itself.

use nudged_rig::vendor::{HONOR, HUAWEI, OPPO, VENDORS, VIVO, XIAOMI};
use nudged_simulator::Vendor as Service;
use serde_json::{Value, json};

use super::{ONE_BY_ONE, table};
use crate::world::{artifacts, rig_of};

#[tokio::test]
async fn a_used_up_quota_holds_its_class_of_messages_and_no_other() {
    let rig = rig_of(&[XIAOMI]).await;
    rig.simulator
        .vendor(Service::Xiaomi)
        .set_daily_quota(Some(0));
    let to = json!([{"channel": XIAOMI.channel, "token": XIAOMI.numbered(1)}]);
    let public = json!({"channel_id": "news", "channel_class": "public"});
    let public = json!({"to": to, "message": {"title": "Sale", "body": "Now"},
        "options": {"xiaomi": public}});
    let private = json!({"channel_id": "chat", "channel_class": "private"});
    let private = json!({"to": to, "message": {"title": "Carol", "body": "Lunch?"},
        "options": {"xiaomi": private}});
    let held = rig.accept(&public).await.unwrap();
    let tried = |trace: &Value| !trace["deliveries"][0]["attempts"][0].is_null();
    let trace = table::trace_until(&rig, &held, tried).await;
    assert_eq!(
        trace["deliveries"][0]["attempts"][0]["class"], "quota_exceeded",
        "{trace:#}"
    );

    let event = rig.deliver(&private).await.unwrap();
    assert_eq!(event["outcome"], "accepted", "{event}");

    // The next of the spent class is not even sent.
    let refused = rig.simulator.counts().of(Service::Xiaomi).refused.clone();
    let second = rig.accept(&public).await.unwrap();
    let trace = table::trace_until(&rig, &second, tried).await;
    let attempt = &trace["deliveries"][0]["attempts"][0];
    assert_eq!(attempt["class"], "quota_exceeded");
    assert!(
        attempt["text"]
            .as_str()
            .is_some_and(|text| text.starts_with("not sent")),
        "{attempt}"
    );
    assert_eq!(rig.simulator.counts().of(Service::Xiaomi).refused, refused);
}

#[tokio::test]
async fn a_grant_that_the_vendor_takes_back_is_fetched_anew_and_the_message_goes_through() {
    let rig = rig_of(&[HUAWEI, OPPO, VIVO, HONOR]).await;
    for (vendor, service) in [
        (HUAWEI, Service::Huawei),
        (OPPO, Service::Oppo),
        (VIVO, Service::Vivo),
        (HONOR, Service::Honor),
    ] {
        let to = json!([{"channel": vendor.channel, "token": vendor.numbered(1)}]);
        let spec = json!({"to": to, "message": {"title": "Carol", "body": "Lunch?"}});
        let grants = || rig.simulator.counts().of(service).grants;
        let send = async || {
            let event = rig.deliver(&spec).await.unwrap();
            assert_eq!(event["outcome"], "accepted", "{}: {event}", vendor.title);
        };
        send().await;
        send().await;
        assert_eq!(grants(), 1, "{}: one grant serves all", vendor.title);
        rig.simulator.vendor(service).revoke_grants();
        send().await;
        assert_eq!(grants(), 2, "{}: another one is fetched", vendor.title);
    }
}

#[tokio::test]
async fn every_driver_tells_its_settings_limits_and_sources() {
    let rig = rig_of(&VENDORS).await;
    assert_eq!(artifacts().drivers.len(), VENDORS.len());
    let list = rig.client.get("/v1/drivers").await.unwrap().expect(200);
    for vendor in VENDORS {
        let drivers = list["drivers"].as_array().unwrap();
        let driver = drivers
            .iter()
            .find(|it| it["vendor"] == vendor.name)
            .unwrap();
        let limits = &driver["limits"];
        let batches = !ONE_BY_ONE.contains(&vendor.name);
        assert_eq!(
            limits["batch"].as_u64() > Some(1),
            batches,
            "{}",
            vendor.title
        );
        let platform = match vendor.name {
            "apns" => json!("ios"),
            "harmony" => json!("harmony"),
            // Of which platform its phones are, TPNS's own console knows.
            "tpns" => Value::Null,
            _ => json!("android"),
        };
        assert_eq!(driver["platform"], platform, "{}", vendor.title);
        assert!(!driver["sources"].as_array().unwrap().is_empty());
        assert!(!driver["settings"].as_array().unwrap().is_empty());
    }
    let of = |name: &str| {
        let drivers = list["drivers"].as_array().unwrap();
        drivers.iter().find(|it| it["vendor"] == name).unwrap()["limits"].clone()
    };
    let window = |limits: &Value| {
        let classes = limits["classes"].as_array().unwrap().clone();
        classes.into_iter().find(|it| it["name"] == "operational")
    };
    assert_eq!(window(&of("vivo")).unwrap()["window"], "07:00-23:00 +08:00");
    assert_eq!(of("oppo")["rate_unit"], "devices");
    assert_eq!(of("xiaomi")["batch"], 1000);
    assert_eq!(of("meizu")["batch"], 100);
}

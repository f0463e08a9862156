//! Connections that a NAT or firewall forgot: nobody says so, and what is sent on them is gone.

use std::time::Duration;

use crate::world::{prepared, text_at, to_vendor, trace_of};
use nudged_rig::{APNS, Rig, RigOptions, SilentProxy, Vendor, XIAOMI};
use serde_json::{Value, json};

/// A rig whose way to a vendor forgets its connections when told to.
async fn rig_behind_a_silent_proxy(vendor: Vendor, request_timeout: &str) -> (Rig, SilentProxy) {
    let mut options = RigOptions::default();
    options.settings.request_timeout = request_timeout.into();
    options.vendors = vec![vendor];
    let mut rig = prepared(options).await;
    let file = rig.home.channel_file(vendor.channel);
    let text = std::fs::read_to_string(file).unwrap();
    let (before, after) = text.split_once("endpoint = \"").unwrap();
    let (url, after) = after.split_once('"').unwrap();
    let (host, port) = url.rsplit_once(':').unwrap();
    let proxy = SilentProxy::before(port.parse().unwrap()).await.unwrap();
    let port = proxy.port();
    let text = format!("{before}endpoint = \"{host}:{port}\"{after}");
    rig.home.write_channel(vendor.channel, &text).unwrap();
    rig.launch().await.unwrap();
    (rig, proxy)
}

fn living(vendor: Vendor, ttl: Option<u64>) -> Value {
    let mut notification = to_vendor(vendor, "hello");
    if let Some(ttl) = ttl {
        notification["ttl"] = json!(ttl);
    }
    notification
}

/// Has it delivered; its attempts.
async fn arrives(rig: &Rig, notification: &Value) -> Vec<Value> {
    let event = rig.deliver(notification).await.unwrap();
    assert_eq!(event["outcome"], "accepted", "{event:#}");
    let trace = trace_of(rig, text_at(&event, "/id")).await;
    let attempts = trace["deliveries"][0]["attempts"].as_array();
    attempts.expect("some").clone()
}

#[tokio::test]
async fn after_a_quiet_time_nothing_is_sent_on_a_connection_that_was_forgotten() {
    let (rig, proxy) = rig_behind_a_silent_proxy(APNS, "30s").await;
    for ttl in [None, Some(45), Some(0)] {
        arrives(&rig, &living(APNS, None)).await;
        let opened = proxy.opened();
        proxy.forget();
        proxy.quiet(Duration::from_millis(1500)).await;

        let attempts = arrives(&rig, &living(APNS, ttl)).await;

        assert_eq!(attempts.len(), 1, "{ttl:?}: {attempts:#?}");
        assert!(proxy.opened() > opened);
    }
}

#[tokio::test]
async fn what_was_sent_on_a_connection_that_was_forgotten_is_sent_again_elsewhere() {
    for vendor in [APNS, XIAOMI] {
        let (rig, proxy) = rig_behind_a_silent_proxy(vendor, "2s").await;
        arrives(&rig, &living(vendor, None)).await;
        proxy.forget();

        let attempts = arrives(&rig, &living(vendor, Some(45))).await;

        // Of one attempt if the connection had to be asked first.
        assert!(attempts.len() <= 2, "{attempts:#?}");
    }
}

#[tokio::test]
async fn a_call_over_http1_goes_over_no_connection_that_may_be_forgotten() {
    let (rig, proxy) = rig_behind_a_silent_proxy(XIAOMI, "30s").await;
    arrives(&rig, &living(XIAOMI, None)).await;
    proxy.forget();
    proxy.quiet(Duration::from_millis(300)).await;

    let attempts = arrives(&rig, &living(XIAOMI, Some(0))).await;

    assert_eq!(attempts.len(), 1, "{attempts:#?}");
}

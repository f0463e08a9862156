//! 8, 26, 54, 56 and 57: what a removed certificate means, how soon a push goes out, and whose
//! fault it is that one does not arrive.

use nudged_rig::vendor::{HARMONY, HONOR, HUAWEI, MEIZU, OPPO, TPNS, VENDORS, VIVO, XIAOMI};
use nudged_rig::{APNS, FCM, Rig, Vendor};
use nudged_simulator::{Fault, FaultKind, Vendor as Service};
use serde_json::{Value, json};

use super::im::only_delivery;
use crate::world::bob::bob_on;
use crate::world::{
    now_ms, nudgectl, only_taken, reload, rig, rig_of, send_all, taken_by, text, time_at, trace_of,
    until,
};

/// Longest that a push may take while its vendor answers: a minute is the rule, and this is
/// well within it on a machine that has other things to do.
const MAX_MS: u64 = 20_000;

fn service(vendor: Vendor) -> Service {
    let all = Service::ALL.into_iter();
    let mut named = all.filter(|it| it.name() == vendor.name);
    named.next().expect("it has a stand-in")
}

/// A vendor's refusal by its own code.
pub fn refused(vendor: Vendor, status: u16, code: &str) -> Fault {
    let kind = FaultKind::Status {
        status,
        reason: Some(code.into()),
        retry_after: None,
        timestamp_ms: None,
    };
    Fault::new(kind).of(service(vendor))
}

fn to_phone(vendor: Vendor, n: usize, text: &str) -> Value {
    json!({
        "to": [{"channel": vendor.channel, "token": vendor.numbered(n)}],
        "message": {"title": "Carol", "body": text},
    })
}

/// The first attempt of a notification to one device, once there was one.
async fn first_attempt(rig: &Rig, id: &str) -> Value {
    let tried = async || only_delivery(&trace_of(rig, id).await)["attempts"] != json!([]);
    until("an attempt", tried).await;
    only_delivery(&trace_of(rig, id).await)["attempts"][0].clone()
}

#[tokio::test]
async fn req_08_a_removed_certificates_devices_get_nothing_and_it_is_said() {
    let rig = bob_on(&[APNS, XIAOMI]).await;
    let to_bob = json!({"to": [{"user": "bob"}], "message": {"body": "hello?"}});
    rig.home.remove_channel(XIAOMI.channel).unwrap();
    reload(&rig).await;

    let id = rig.accept(&to_bob).await.unwrap();

    rig.client.outcomes(&id, 2).await.unwrap();
    let trace = trace_of(&rig, &id).await;
    let ends: Vec<_> = trace["deliveries"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| [text(it, "device"), text(&it["outcome"], "code")])
        .collect();
    assert_eq!(ends, [["apns", ""], ["xiaomi", "no_channel"]], "{trace:#}");
    let silent = &trace["deliveries"][1];
    assert_eq!(silent["certificate_id"], XIAOMI.certificate_id, "{trace:#}");
    assert!(!text(&silent["outcome"], "remedy").is_empty(), "{trace:#}");
    let listed = nudgectl(&rig, &["device", "ls", "bob"]).await.out;
    assert!(listed.contains("3 (no such channel)"), "{listed}");

    // Another account of the same vendor is another certificate: nothing leads to it but the
    // app's own report.
    let file = rig.home.path().join("secret.txt");
    std::fs::write(&file, "xiaomi-app-secret\n").unwrap();
    let config = rig.home.config().display().to_string();
    let secret = format!("@{}", file.display());
    let url = rig.simulator.vendor(Service::Xiaomi).url();
    let added = nudgectl(
        &rig,
        &[
            "channel",
            "add",
            "other",
            "--config",
            &config,
            "--driver",
            "xiaomi",
            "--app-secret",
            &secret,
            "--package",
            "com.example.chat",
            "--endpoint",
            &url,
        ],
    )
    .await;
    assert_eq!(added.code, Some(0), "{added:?}");
    reload(&rig).await;
    let answer = rig.client.send(&to_bob).await.unwrap().expect(202);
    assert_eq!(answer["deliveries"], 1, "{answer:#} {added:?}");
    rig.register("bob", "xiaomi", "other", XIAOMI.token)
        .await
        .unwrap();
    let id = rig.accept(&to_bob).await.unwrap();
    let events = rig.client.outcomes(&id, 2).await.unwrap();
    assert!(
        events.iter().all(|it| it["outcome"] == "accepted"),
        "{events:#?}"
    );
    assert_eq!(taken_by(&rig, XIAOMI).len(), 1);
}

#[tokio::test]
async fn req_26_a_push_goes_out_well_within_a_minute_while_the_vendor_answers() {
    let rig = bob_on(&VENDORS).await;
    // Among many others, and after vendors have had their troubles.
    for vendor in VENDORS {
        let kind = FaultKind::Drop;
        let fault = Fault::new(kind).of(service(vendor)).times(1);
        rig.simulator.fault(fault);
    }
    let others = (0..200).map(|n| to_phone(VENDORS[n % VENDORS.len()], n, "other"));
    send_all(&rig, others).await;

    let id = rig
        .accept(&json!({"to": [{"user": "bob"}], "message": {"body": "this"}}))
        .await
        .unwrap();

    let events = rig.client.outcomes(&id, VENDORS.len()).await.unwrap();
    assert!(
        events.iter().all(|it| it["outcome"] == "accepted"),
        "{events:#?}"
    );
    let accepted_at = time_at(&trace_of(&rig, &id).await, "/accepted_at");
    for vendor in VENDORS {
        let taken = taken_by(&rig, vendor).into_iter();
        let mut its = taken.filter(|it| it.tokens.iter().any(|token| token == vendor.token));
        let after = its.next().expect("taken").at_ms.saturating_sub(accepted_at);
        assert!(after < MAX_MS, "{} after {after} ms", vendor.title);
    }
}

/// What vendors say of a phone, and what of an account: HTTP status and code of each.
type Said = (u16, &'static str);
const FAULTS: [(Vendor, Said, Said); 10] = [
    (APNS, (410, "Unregistered"), (403, "InvalidProviderToken")),
    (FCM, (404, "UNREGISTERED"), (403, "PERMISSION_DENIED")),
    (XIAOMI, (200, "66007"), (200, "21301")),
    (HUAWEI, (400, "80300007"), (400, "80300002")),
    (OPPO, (200, "10000"), (200, "14")),
    (VIVO, (200, "10302"), (200, "10205")),
    (MEIZU, (200, "110003"), (200, "110001")),
    (TPNS, (200, "1008029"), (200, "1008003")),
    (HONOR, (200, "80300007"), (403, "403")),
    (HARMONY, (400, "80300007"), (401, "80200001")),
];

#[tokio::test]
async fn req_54_a_phones_fault_is_told_from_a_certificates() {
    let rig = rig_of(&VENDORS).await;
    for (vendor, of_phone, of_account) in FAULTS {
        for ((status, code), fault) in [(of_phone, "device"), (of_account, "channel")] {
            rig.simulator.fault(refused(vendor, status, code).times(1));
            let id = rig.accept(&to_phone(vendor, 1, "Lunch?")).await.unwrap();

            let attempt = first_attempt(&rig, &id).await;

            assert_eq!(attempt["fault"], fault, "{}: {attempt:#}", vendor.title);
            assert!(!text(&attempt, "code").is_empty(), "{attempt:#}");
            assert!(!text(&attempt, "remedy").is_empty(), "{attempt:#}");
        }
    }
}

#[tokio::test]
async fn req_54_the_messages_own_fault_and_the_vendors_are_neither() {
    let rig = rig().await;
    for (status, code, fault) in [
        (413, "PayloadTooLarge", "message"),
        (503, "ServiceUnavailable", "vendor"),
    ] {
        rig.simulator.fault(refused(APNS, status, code).times(1));
        let id = rig.accept(&to_phone(APNS, 1, "Lunch?")).await.unwrap();
        let attempt = first_attempt(&rig, &id).await;
        assert_eq!(attempt["fault"], fault, "{attempt:#}");
    }
}

/// How vendors say that it is too much, or enough for today.
const TOO_MUCH: [(Vendor, Said); 15] = [
    // First, as what was throttled is soon tried again, and would meet the next row's refusal.
    (APNS, (429, "TooManyProviderTokenUpdates")),
    (APNS, (429, "TooManyRequests")),
    (FCM, (429, "QUOTA_EXCEEDED")),
    (XIAOMI, (200, "200002")),
    (XIAOMI, (200, "200001")),
    (HUAWEI, (503, "503")),
    (OPPO, (200, "13")),
    (OPPO, (200, "33")),
    (VIVO, (200, "10072")),
    (VIVO, (200, "10073")),
    (MEIZU, (200, "110019")),
    (TPNS, (200, "1008028")),
    (HONOR, (503, "503")),
    (HARMONY, (503, "503")),
    (HARMONY, (400, "80300029")),
];

#[tokio::test]
async fn req_56_a_quota_or_frequency_refusal_is_told_as_such() {
    for now_or_never in [false, true] {
        let rig = rig_of(&VENDORS).await;
        for (vendor, (status, code)) in TOO_MUCH {
            if now_or_never && code == "TooManyProviderTokenUpdates" {
                continue;
            }
            rig.simulator.clear_faults();
            rig.simulator.fault(refused(vendor, status, code));
            let mut message = to_phone(vendor, 1, "Lunch at eight?");
            if now_or_never {
                message["ttl"] = json!(0);
            }
            let id = rig.accept(&message).await.unwrap();

            let attempt = first_attempt(&rig, &id).await;

            assert_eq!(attempt["fault"], "quota", "{}: {attempt:#}", vendor.title);
            assert!(!text(&attempt, "remedy").is_empty(), "{attempt:#}");
            let end = only_delivery(&trace_of(&rig, &id).await)["outcome"].clone();
            assert_ne!(end["kind"], "accepted", "{}: {end:#}", vendor.title);
            if now_or_never {
                assert_eq!(end["kind"], "expired", "{}: {end:#}", vendor.title);
                assert_eq!(end["code"], attempt["code"], "{end:#}");
            } else {
                // It waits, and says for when.
                let later = time_at(&attempt, "/retry_at") > time_at(&attempt, "/at");
                assert!(later, "{attempt:#}");
            }
            assert_eq!(taken_by(&rig, vendor).len(), 0, "{}", vendor.title);
            if vendor.name != "apns" || code.ends_with("Updates") {
                // Its channel is held, so the next row needs a fresh one.
                rig.home.remove_channel(vendor.channel).unwrap();
                reload(&rig).await;
                vendor.furnish(&rig.simulator, &rig.home, "").unwrap();
                reload(&rig).await;
            }
        }
    }
}

#[tokio::test]
async fn req_57_failing_vendors_do_not_hold_up_another() {
    let rig = bob_on(&VENDORS).await;
    let healthy = HONOR;
    let failing = VENDORS.into_iter().filter(|it| it.name != healthy.name);
    let failing: Vec<_> = failing.collect();
    let troubles = [
        FaultKind::Hang { ms: None },
        FaultKind::Drop,
        FaultKind::Garbage,
        FaultKind::Reset,
        crate::world::refusal(503),
        crate::world::refusal(401),
    ];
    for (at, vendor) in failing.iter().enumerate() {
        let trouble = troubles[at % troubles.len()].clone();
        rig.simulator
            .fault(Fault::new(trouble).of(service(*vendor)));
    }
    // A backlog for each of them.
    let backlog = (0..300).map(|n| to_phone(failing[n % failing.len()], n, "stuck"));
    send_all(&rig, backlog).await;

    let began = now_ms();
    let message = json!({"to": [{"user": "bob"}], "message": {"body": "through"}});
    let id = rig.accept(&message).await.unwrap();
    let event = rig.client.outcomes(&id, 1).await.unwrap().remove(0);

    assert_eq!(event["channel"], healthy.channel, "{event:#}");
    assert_eq!(event["outcome"], "accepted", "{event:#}");
    assert_eq!(healthy.shown(&only_taken(&rig, healthy)).body, "through");
    let after = now_ms() - began;
    assert!(after < MAX_MS, "after {after} ms");
    // The others' wait is told, and goes on without it.
    for vendor in failing {
        let fault = rig.simulator.counts();
        assert_eq!(fault.of(service(vendor)).messages, 0, "{}", vendor.title);
    }
    let more = (0..50).map(|n| to_phone(healthy, n, "more"));
    let ids = send_all(&rig, more).await;
    crate::world::all_accepted(&rig, &ids).await;
}

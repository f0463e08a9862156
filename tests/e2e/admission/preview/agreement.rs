//! A preview tells what sending does: the same decisions, and the same requests.

use std::sync::atomic::{AtomicUsize, Ordering};

use nudged_rig::{Rig, RigOptions, VENDORS};
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};
use serde_json::{Value, json};

use super::cases::{Case, cases, named};
use super::wire::Fresh;
use crate::world::{now_ms, rig_with, text, trace_of};

/// How many cases there are by default; PROPTEST_CASES tries more.
const CASES: u32 = 24;

#[test]
fn a_preview_tells_what_sending_does() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let rig = runtime.block_on(rig_with(RigOptions {
        vendors: VENDORS.to_vec(),
        ..RigOptions::default()
    }));
    let asked = std::env::var("PROPTEST_CASES").ok();
    let config = Config {
        cases: asked.and_then(|it| it.parse().ok()).unwrap_or(CASES),
        failure_persistence: None,
        max_shrink_iters: 200,
        ..Config::default()
    };
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let mut runner = TestRunner::new_with_rng(config, rng);
    let tried = AtomicUsize::new(0);
    let result = runner.run(&cases(VENDORS.len()), |case| {
        let number = tried.fetch_add(1, Ordering::Relaxed);
        runtime.block_on(agree(&rig, number, &case))
    });
    result.unwrap_or_else(|error| panic!("{error}"));
    // Cases in which nobody is pushed would prove little.
    let compared = rig.simulator.raw().len();
    assert!(compared > 10, "{compared} requests were compared");
}

/// Previews, sends, and compares.
async fn agree(rig: &Rig, number: usize, case: &Case) -> Result<(), TestCaseError> {
    let tokens = furnished(rig, number, case).await;
    let spec = spec(number, case);
    let before = rig.simulator.raw().len();
    let from = now_ms();
    let preview = rig
        .client
        .post("/v1/notifications/preview", &spec)
        .await
        .unwrap();
    let sent = rig.client.send(&spec).await.unwrap();
    if preview.status != 200 {
        return same("the refusal", &spec, [preview.body], [sent.body]);
    }
    let (preview, sent) = (preview.body, sent.expect(202));
    let count = |member| sent[member].as_u64().unwrap_or(0) as usize;
    let total = count("deliveries") + count("suppressed");
    let id = text(&sent, "id");
    rig.client.outcomes(id, total).await.unwrap();

    let trace = trace_of(rig, id).await;
    let list = |value: &Value, member: &str| value[member].as_array().cloned().unwrap_or_default();
    let told = list(&preview, "deliveries");
    let ended = list(&trace, "deliveries");
    same(
        "a decision",
        &spec,
        told.iter().map(foretold),
        ended.iter().map(became),
    )?;
    let fresh = Fresh {
        made: from..=now_ms(),
        ttl: spec["ttl"].as_u64().expect("always said"),
    };
    let requests = rig.simulator.raw().split_off(before);
    // The second of two requests depends on the answer to the first.
    let is_second =
        |target: &str| target.ends_with("/broadcast") || target.ends_with("/pushToList");
    let requests = requests.iter().filter(|it| !is_second(&it.target));
    same(
        "a request",
        &spec,
        list(&preview, "requests").iter().map(|it| fresh.shown(it)),
        requests.map(|it| fresh.recorded(it, &tokens)),
    )
}

/// The users with their devices, settings and states; all tokens.
async fn furnished(rig: &Rig, number: usize, case: &Case) -> Vec<String> {
    let mut tokens = Vec::new();
    for (place, user) in case.users.iter().enumerate() {
        let path = format!("/v1/apps/default/users/{}", name(number, place));
        for (at, device) in user.devices.iter().enumerate() {
            let vendor = VENDORS[device.vendor];
            let token = vendor.numbered(token_number(number, place, at));
            let report = json!({
                "channel": vendor.channel, "token": token, "platform": vendor.platform,
                "language": device.language,
            });
            let path = format!("{path}/devices/d{at}");
            rig.client.put(&path, &report).await.unwrap().expect(200);
            tokens.push(token);
        }
        if !user.devices.is_empty() {
            let path = format!("{path}/settings");
            let put = rig.client.put(&path, &user.settings).await;
            put.unwrap().expect(200);
        }
        for (at, device) in user.devices.iter().enumerate() {
            let path = format!("{path}/devices/d{at}");
            let put = match &device.state {
                Value::Null => continue,
                Value::String(_) => rig.client.put(&path, &json!({})).await,
                state => rig.client.put(&format!("{path}/state"), state).await,
            };
            put.unwrap().expect(200);
        }
    }
    tokens.extend(case.bare.map(|vendor| bare(number, vendor)));
    tokens
}

fn spec(number: usize, case: &Case) -> Value {
    let users = case.users.iter().enumerate().zip(&case.told);
    let mut to: Vec<Value> = users
        .map(|((place, _), told)| {
            let mut told = told.clone();
            told["user"] = json!(name(number, place));
            told
        })
        .collect();
    if let Some(vendor) = case.bare {
        let channel = VENDORS[vendor].channel;
        to.push(json!({"channel": channel, "token": bare(number, vendor)}));
    }
    let mut text = case.notification.to_string();
    for place in 0..case.told.len() {
        text = text.replace(&named(place), &name(number, place));
    }
    let mut spec: Value = serde_json::from_str(&text).expect("as it was");
    spec["to"] = json!(to);
    spec
}

fn name(number: usize, place: usize) -> String {
    format!("u{number}-{place}")
}

fn token_number(number: usize, place: usize, at: usize) -> usize {
    (number + 1) * 100 + place * 10 + at
}

fn bare(number: usize, vendor: usize) -> String {
    VENDORS[vendor].numbered(token_number(number, 9, 9))
}

/// What a preview tells of a device, on a line.
fn foretold(delivery: &Value) -> String {
    let reason = &delivery["reason"];
    let end = match delivery["pushed"] == true {
        true => "accepted".to_owned(),
        false => format!("{} {}", text(reason, "outcome"), text(reason, "code")),
    };
    device(delivery) + &end
}

/// What became of a device's delivery, in the same words.
fn became(delivery: &Value) -> String {
    let outcome = &delivery["outcome"];
    let end = match text(outcome, "kind") {
        "accepted" => "accepted".to_owned(),
        kind => format!("{kind} {}", text(outcome, "code")),
    };
    device(delivery) + &end
}

fn device(delivery: &Value) -> String {
    let [user, device, token, channel] =
        ["user", "device", "token", "channel"].map(|member| text(delivery, member));
    format!("{user}/{device} {token} via {channel}: ")
}

/// Whether both sides are the same, in any order.
fn same<T: ToString>(
    what: &str,
    spec: &Value,
    foretold: impl IntoIterator<Item = T>,
    became: impl IntoIterator<Item = T>,
) -> Result<(), TestCaseError> {
    let sorted = |all: Vec<String>| {
        let mut all = all;
        all.sort();
        all
    };
    let foretold = sorted(foretold.into_iter().map(|it| it.to_string()).collect());
    let became = sorted(became.into_iter().map(|it| it.to_string()).collect());
    if foretold == became {
        return Ok(());
    }
    let only = |these: &[String], those: &[String]| {
        let these = these.iter().filter(|it| !those.contains(it)).cloned();
        these.collect::<Vec<_>>().join("\n")
    };
    Err(TestCaseError::fail(format!(
        "{what} differs for {spec:#}\n--- the preview told\n{}\n--- but it was\n{}",
        only(&foretold, &became),
        only(&became, &foretold)
    )))
}

//! `[defaults]` of a channel file: what its driver makes of them is said at the reload.

use nudged_rig::vendor::{FCM, HARMONY, HUAWEI, OPPO, VENDORS};
use nudged_rig::{Rig, Vendor};
use serde_json::Value;

use crate::world::{nudgectl, problem, reload, reload_with, rig_of, text_at};

/// A page of the app, in the form of each vendor.
fn page(vendor: &Vendor) -> &'static str {
    match vendor.name {
        "meizu" | "oppo" => "com.example.chat.ChatActivity",
        "harmony" => "https://chat.example.com/c42",
        _ => "intent://com.example/chat#Intent;component=com.example.chat/.ChatActivity;end",
    }
}

/// Puts a section at the end of the channel's file; the line that it begins in.
fn append(rig: &Rig, vendor: &Vendor, toml: &str) -> usize {
    let file = std::fs::read_to_string(rig.home.channel_file(vendor.channel)).unwrap();
    let begins = file.lines().count() + 1;
    rig.home
        .write_channel(vendor.channel, &format!("{file}{toml}\n"))
        .unwrap();
    begins
}

#[tokio::test]
async fn a_page_in_the_vendors_own_form_is_taken() {
    let rig = rig_of(&VENDORS).await;
    for vendor in &VENDORS {
        let page = page(vendor);
        append(
            &rig,
            vendor,
            &format!("[defaults]\nclick = {{ action = \"open_page\", value = \"{page}\" }}"),
        );
    }

    let report = reload(&rig).await;

    // These two open the app, whatever they are told; all others open the page.
    let warnings = report["warnings"].as_array().unwrap();
    let clicks: Vec<&Value> = warnings
        .iter()
        .filter(|it| {
            it.as_str()
                .is_some_and(|it| it.contains(": defaults.click: "))
        })
        .collect();
    assert_eq!(clicks.len(), 2, "{report:#}");
    for vendor in ["ios", "android"] {
        let told = format!("channels.d/{vendor}.toml:");
        let warning = warnings.iter().filter_map(Value::as_str);
        let mut warning = warning.filter(|it| it.contains(&told));
        let warning = warning.next().expect(vendor);
        assert!(
            warning.contains(": defaults.click: a tap opens"),
            "{warning}"
        );
    }
}

#[tokio::test]
async fn a_page_that_the_vendor_cannot_open_is_warned_of_with_its_place() {
    for vendor in [HARMONY, HUAWEI] {
        let rig = rig_of(&[vendor]).await;
        append(
            &rig,
            &vendor,
            "[defaults]\nsound = \"ding\"\nclick = { action = \"open_page\", value = \"chat; 42\" }",
        );

        let report = reload(&rig).await;

        let place = format!("{}.toml:", vendor.channel);
        let warnings = report["warnings"].as_array().unwrap();
        let mut warned = warnings.iter().filter_map(Value::as_str);
        let told = warned.any(|it| {
            it.contains(&place) && it.contains(": defaults.click: ") && it.contains("opens the app")
        });
        assert!(told, "{report:#}");
    }
}

#[tokio::test]
async fn a_click_that_is_none_is_refused_before_any_driver_sees_it() {
    let rig = rig_of(&[FCM]).await;
    let begins = append(
        &rig,
        &FCM,
        "[defaults]\n[defaults.click]\naction = \"open_url\"\nvalue = \"ftp://example.com\"",
    );

    let refused = problem(reload_with(&rig, Value::Null).await, 422, "reload_refused");

    let one = &refused["problems"][0];
    assert_eq!(one["line"], begins + 3, "{refused:#}");
    assert_eq!(one["key"], "defaults.click.value", "{refused:#}");
    assert!(text_at(one, "/problem").contains("https://"), "{refused:#}");
}

#[tokio::test]
async fn a_sound_that_a_vendor_does_not_play_is_warned_of() {
    let rig = rig_of(&[OPPO]).await;
    let begins = append(&rig, &OPPO, "[defaults]\nsound = \"ding\"");
    let file = rig.home.channel_file(OPPO.channel).display().to_string();
    let told = format!("{file}:{}: defaults.sound: was left out", begins + 1);

    let config = rig.home.config().display().to_string();
    let check = nudgectl(&rig, &["check", "--config", &config]).await;
    let report = reload(&rig).await;

    assert!(check.out.contains(&format!("warning: {told}")), "{check:?}");
    let warnings = report["warnings"].as_array().unwrap();
    assert_eq!(warnings.len(), 1, "{report:#}");
    assert!(
        warnings[0].as_str().unwrap().starts_with(&told),
        "{report:#}"
    );
}

//! 6, 7, 37 to 39 and 67: the click action of a certificate, in each vendor's form.

use nudged_rig::vendor::{APNS, FCM, HONOR, HUAWEI, MEIZU, OPPO, TPNS, VENDORS, VIVO, XIAOMI};
use serde_json::{Value, json};

use super::*;
use crate::world::{problem, taken_by};

#[tokio::test]
async fn req_06_a_web_page_starts_with_http_or_https_in_certificates_and_messages() {
    let rig = rig_edited(&VENDORS, |_, file| file).await;
    for vendor in &VENDORS {
        let good = channel_file(&rig, vendor);
        for url in [
            "www.example.com",
            "ftp://example.com",
            "intent://x#Intent;end",
            "",
        ] {
            let file = good.clone() + &click("open_url", url);
            rig.home.write_channel(vendor.channel, &file).unwrap();
            let told = complaint(&rig).await.expect("refused");
            let place = format!("{}.toml:", vendor.channel);
            assert!(told.contains(&place), "{told}");
            assert!(
                told.contains("defaults.click.value: open_url takes"),
                "{told}"
            );

            let to = json!([{"channel": vendor.channel, "token": vendor.numbered(1)}]);
            let click = json!({"action": "open_url", "value": url});
            let spec = json!({"to": to, "message": hello_with(json!({"click": click}))});
            let refused = problem(rig.client.send(&spec).await.unwrap(), 422, "invalid");
            assert_eq!(refused["field"], "message.click.value", "{refused:#}");
        }
        rig.home
            .write_channel(vendor.channel, &(good.clone() + &click("open_url", URL)))
            .unwrap();
        assert_eq!(complaint(&rig).await, None, "{}", vendor.title);
        rig.home.write_channel(vendor.channel, &good).unwrap();
    }
}

#[tokio::test]
async fn req_07_without_a_click_action_the_app_opens() {
    let explicit = "[defaults]\nclick = { action = \"open_app\" }\n";
    for end in ["", explicit] {
        let rig = rig_edited(&VENDORS, |_, file| file + end).await;
        for vendor in &VENDORS {
            let sent = send(&rig, vendor, hello()).await;
            assert_eq!(
                vendor.shown(&sent.received).click,
                "app",
                "{}",
                vendor.title
            );
            assert_eq!(sent.told, [""; 0], "{}", vendor.title);
        }
        // Where a vendor has a word for it.
        for (vendor, pointer, word) in [
            (HUAWEI, "/message/android/notification/click_action/type", 3),
            (OPPO, "/message/notification/click_action_type", 0),
            (VIVO, "/skipType", 1),
            (MEIZU, "/messageJson/clickTypeInfo/clickType", 0),
            (HONOR, "/android/notification/clickAction/type", 3),
            (TPNS, "/message/android/action/action_type", 1),
        ] {
            let sent = taken_by(&rig, vendor).pop().expect("sent above");
            assert_eq!(
                sent.body.pointer(pointer),
                Some(&json!(word)),
                "{}",
                vendor.title
            );
        }
    }
}

#[tokio::test]
async fn req_37_the_page_of_the_certificate_becomes_each_vendors_own_form() {
    let rig = rig_edited(&VENDORS, |vendor, file| {
        file + &click("open_page", page(vendor))
    })
    .await;
    for (vendor, fields) in [
        (
            XIAOMI,
            vec![
                ("/extra.notify_effect", json!("2")),
                ("/extra.intent_uri", json!(INTENT)),
            ],
        ),
        (
            HUAWEI,
            vec![(
                "/message/android/notification/click_action",
                json!({"type": 1, "intent": INTENT}),
            )],
        ),
        (
            VIVO,
            vec![("/skipType", json!(4)), ("/skipContent", json!(INTENT))],
        ),
        (
            MEIZU,
            vec![
                ("/messageJson/clickTypeInfo/clickType", json!(1)),
                ("/messageJson/clickTypeInfo/activity", json!(ACTIVITY)),
            ],
        ),
        (
            OPPO,
            vec![
                ("/message/notification/click_action_type", json!(4)),
                (
                    "/message/notification/click_action_activity",
                    json!(ACTIVITY),
                ),
            ],
        ),
    ] {
        let sent = send(&rig, &vendor, hello()).await;
        for (pointer, want) in fields {
            assert_eq!(*sent.at(pointer), want, "{} {pointer}", vendor.title);
        }
        assert_eq!(sent.told, [""; 0], "{}", vendor.title);
    }
    for vendor in &VENDORS {
        let opens = send(&rig, vendor, hello()).await;
        let want = match vendor.name {
            "apns" | "fcm" => "app",
            _ => page(vendor),
        };
        assert_eq!(
            vendor.shown(&opens.received).click,
            want,
            "{}",
            vendor.title
        );
        // A message's own click comes first.
        let own = hello_with(json!({"click": {"action": "open_app"}}));
        let opens = send(&rig, vendor, own).await;
        assert_eq!(
            vendor.shown(&opens.received).click,
            "app",
            "{}",
            vendor.title
        );
    }
}

#[tokio::test]
async fn req_37_oppo_takes_an_intent_action_too() {
    let view = "android.intent.action.VIEW";
    let rig = rig_edited(&[OPPO], |_, file| file + &click("open_page", view)).await;
    let sent = send(&rig, &OPPO, hello()).await;
    assert_eq!(*sent.at(&at(OPPO_SHOWN, "click_action_type")), 1);
    assert_eq!(*sent.at(&at(OPPO_SHOWN, "click_action_activity")), view);
}

#[tokio::test]
async fn req_37_the_web_page_of_the_certificate_becomes_each_vendors_own_form() {
    let vendors = [XIAOMI, HUAWEI, OPPO, VIVO, MEIZU, TPNS, HONOR];
    let rig = rig_edited(&vendors, |_, file| file + &click("open_url", URL)).await;
    for vendor in &vendors {
        let sent = send(&rig, vendor, hello()).await;
        assert_eq!(vendor.shown(&sent.received).click, URL, "{}", vendor.title);
    }
}

#[tokio::test]
async fn req_67_a_click_that_a_vendor_cannot_do_becomes_the_certificates() {
    let rig = rig_edited(&VENDORS, |vendor, file| {
        file + &click("open_page", page(vendor))
    })
    .await;
    for vendor in &VENDORS {
        let own = json!({"action": "open_page", "value": "room 42"});
        let sent = send(&rig, vendor, hello_with(json!({"click": own}))).await;
        let (opens, says) = match vendor.name {
            "apns" | "fcm" => ("app", "a tap opens the "),
            _ => (page(vendor), "the channel's own click: "),
        };
        assert_eq!(
            vendor.shown(&sent.received).click,
            opens,
            "{}",
            vendor.title
        );
        assert_eq!(sent.told, ["message.click"], "{}", vendor.title);
        // The sender hears it at once.
        let to = json!([{"channel": vendor.channel, "token": vendor.numbered(2)}]);
        let spec = json!({"to": to, "message": hello_with(json!({"click": own}))});
        let answer = rig.client.send(&spec).await.unwrap().expect(202);
        let notices = answer["notices"].as_array().expect("a list");
        let id = answer["id"].as_str().expect("an id");
        rig.client.outcomes(id, 1).await.unwrap();
        assert_eq!(notices.len(), 1, "{answer:#}");
        assert_eq!(notices[0]["field"], "message.click");
        let text = notices[0]["text"].as_str().unwrap_or_default();
        assert!(text.contains(says), "{}: {text}", vendor.title);
        // What it can do it does.
        let app = hello_with(json!({"click": {"action": "open_app"}}));
        let sent = send(&rig, vendor, app).await;
        assert_eq!(
            vendor.shown(&sent.received).click,
            "app",
            "{}",
            vendor.title
        );
        assert_eq!(sent.told, [""; 0], "{}", vendor.title);
    }
}

#[tokio::test]
async fn req_67_where_the_certificates_click_is_no_better_the_app_opens() {
    let vendors = [HUAWEI, OPPO, XIAOMI, FCM];
    let rig = rig_edited(&vendors, |_, file| file + &click("open_page", "room 1")).await;
    for vendor in &vendors {
        let own = json!({"action": "open_page", "value": "room 42"});
        let message = hello_with(json!({"click": own, "ext": "{\"room\":\"42\"}"}));
        let sent = send(&rig, vendor, message).await;
        let shown = vendor.shown(&sent.received);
        assert_eq!(shown.click, "app", "{}", vendor.title);
        assert!(shown.ext.contains("42"), "{}: {}", vendor.title, shown.ext);
        assert_eq!(sent.told, ["message.click"], "{}", vendor.title);
    }
}

#[tokio::test]
async fn req_38_fcm_always_opens_the_launcher_and_says_so() {
    for end in [
        click("open_page", INTENT),
        click("open_url", URL),
        String::new(),
    ] {
        let rig = rig_edited(&[FCM], |_, file| file + &end).await;
        let sent = send(&rig, &FCM, hello()).await;
        let text = sent.received.body.to_string();
        for word in ["click_action", "intent://", URL] {
            assert!(!text.contains(word), "{word} is in {text}");
        }
        let told: &[&str] = match end.is_empty() {
            true => &[],
            false => &["message.click"],
        };
        assert_eq!(sent.told, told);
    }
    // Apple's phones know no click action either.
    let rig = rig_edited(&[APNS], |_, file| file + &click("open_url", URL)).await;
    assert_eq!(send(&rig, &APNS, hello()).await.told, ["message.click"]);
}

#[tokio::test]
async fn req_39_xiaomis_open_app_is_the_callback_and_no_intent() {
    let explicit = "[defaults]\nclick = { action = \"open_app\" }\n";
    for end in ["", explicit] {
        let rig = rig_edited(&[XIAOMI], |_, file| file + end).await;
        let sent = send(&rig, &XIAOMI, hello_with(json!({"ext": "{}"}))).await;
        for key in [
            "/extra.notify_effect",
            "/extra.intent_uri",
            "/extra.class_name",
            "/extra.web_uri",
        ] {
            assert_eq!(*sent.at(key), Value::Null, "{key}");
        }
        assert_eq!(*sent.at("/pass_through"), "0");
        assert_eq!(*sent.at("/extra.ext"), "{}");
    }
}

fn at(base: &str, member: &str) -> String {
    format!("{base}/{member}")
}

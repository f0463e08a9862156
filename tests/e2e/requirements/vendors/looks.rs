//! 35 and 50: sounds that a vendor takes, and texts that it has room for.

use nudged_rig::vendor::{HONOR, HUAWEI, MEIZU, OPPO, VENDORS, VIVO, XIAOMI};
use serde_json::json;

use super::*;

#[tokio::test]
async fn req_35_a_sound_goes_to_vendors_that_take_it_and_the_others_play_their_own() {
    let rig = rig_edited(&VENDORS, |_, file| file + "[defaults]\nsound = \"ding\"\n").await;
    for vendor in &VENDORS {
        for message in [hello(), hello_with(json!({"sound": "ding"}))] {
            // It is accepted by all: a sound costs nobody the message.
            let sent = send(&rig, vendor, message).await;
            let place = match vendor.name {
                "apns" => "/aps/sound",
                "fcm" => "/message/android/notification/sound",
                "xiaomi" => "/extra.sound_uri",
                "huawei" => "/message/android/notification/sound",
                "tpns" => "/message/android/ring_raw",
                "harmony" => "/payload/notification/sound",
                _ => {
                    let text = sent.received.body.to_string();
                    assert!(!text.contains("ding"), "{}: {text}", vendor.title);
                    assert_eq!(sent.told, ["message.sound"], "{}", vendor.title);
                    continue;
                }
            };
            let sound = sent.at(place).as_str().unwrap_or_default();
            assert!(sound.ends_with("ding"), "{}: {sound:?}", vendor.title);
        }
    }
}

/// The longest title and text, in UTF-16 units.
const MAX_LENGTHS: [(Vendor, usize, usize); 6] = [
    (HUAWEI, 60, 600),
    (HONOR, 50, 400),
    (XIAOMI, 50, 128),
    (OPPO, 50, 50),
    (VIVO, 40, 100),
    (MEIZU, 32, 100),
];

#[tokio::test]
async fn req_50_title_and_text_are_cut_to_each_vendors_length() {
    let vendors = MAX_LENGTHS.map(|(vendor, ..)| vendor);
    let rig = rig_edited(&vendors, |_, file| file).await;
    for long in ["标题", "🎉", "abc"] {
        let long = long.repeat(400);
        for (vendor, title, body) in MAX_LENGTHS {
            let sent = send(&rig, &vendor, json!({"title": long, "body": long})).await;
            let shown = vendor.shown(&sent.received);
            assert_cut(&shown.title, title, vendor.title);
            assert_cut(&shown.body, body, vendor.title);
            assert_eq!(
                sent.told,
                ["message.body", "message.title"],
                "{}",
                vendor.title
            );
        }
    }
    // What fits is left alone.
    for vendor in &vendors {
        let shown = vendor.shown(&send(&rig, vendor, hello()).await.received);
        assert_eq!((&*shown.title, &*shown.body), ("Carol", "Lunch?"));
    }
}

#[tokio::test]
async fn req_50_oppos_long_texts_have_more_room() {
    let rig = rig_edited(&[OPPO], |_, file| file).await;
    let message = json!({"title": "Carol", "body": "长".repeat(400)});
    let sent = send_with(&rig, &OPPO, message, json!({"style": 2})).await;
    assert_cut(&OPPO.shown(&sent.received).body, 128, OPPO.title);
}

/// Cut with an ellipsis, no longer than allowed and not much shorter.
#[track_caller]
fn assert_cut(text: &str, most: usize, whose: &str) {
    let length = text.encode_utf16().count();
    assert!(text.ends_with("..."), "{whose}: {text}");
    assert!(
        (most - 3..=most).contains(&length),
        "{whose}: {length} of {most}"
    );
}

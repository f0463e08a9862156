//! Sound, badge, channel, category, lifetime, replacement.

use nudged_rig::vendor::{APNS, FCM, HARMONY, HONOR, HUAWEI, MEIZU, OPPO, TPNS, VIVO, XIAOMI};
use serde_json::json;

use super::table::{absent, check, is, lasts_ms, lasts_s, row};
use super::*;

#[tokio::test]
async fn sound_and_badge_are_set_where_a_vendor_can_and_told_where_it_cannot() {
    let (sound, both) = (
        &["message.sound"][..],
        &["message.badge", "message.sound"][..],
    );
    let main = "com.example.chat.MainActivity";
    let rows = [
        row(
            APNS,
            &[("/aps/sound", is("ding")), ("/aps/badge", is(5))],
            &[],
        ),
        row(
            FCM,
            &[
                ("/message/android/notification/sound", is("ding")),
                ("/message/android/notification/notification_count", is(5)),
                ("/message/apns/payload/aps/badge", is(5)),
            ],
            sound,
        ),
        // From Android 8 on Xiaomi's channel decides; its phones count by themselves.
        row(
            XIAOMI,
            &[(
                "/extra.sound_uri",
                is("android.resource://com.example.chat/raw/ding"),
            )],
            both,
        ),
        row(
            HUAWEI,
            &[
                (at(HUAWEI_SHOWN, "sound"), is("/raw/ding")),
                (at(HUAWEI_SHOWN, "default_sound"), is(false)),
                (
                    at(HUAWEI_SHOWN, "badge"),
                    is(json!({"class": main, "set_num": 5})),
                ),
            ],
            &[],
        ),
        row(
            OPPO,
            &[
                (at(OPPO_SHOWN, "badge_operation_type"), is(0)),
                (at(OPPO_SHOWN, "badge_message_count"), is(5)),
            ],
            sound,
        ),
        row(
            VIVO,
            &[("/notifyType", is(4)), ("/addBadge", absent())],
            both,
        ),
        row(
            MEIZU,
            &[("/messageJson/advanceInfo/notificationType/sound", is(1))],
            both,
        ),
        row(
            TPNS,
            &[
                ("/message/android/ring_raw", is("ding")),
                ("/message/android/badge_type", is(5)),
            ],
            sound,
        ),
        row(
            HONOR,
            &[(
                at(HONOR_SHOWN, "badge"),
                is(json!({"badgeClass": main, "setNum": 5})),
            )],
            sound,
        ),
        row(
            HARMONY,
            &[
                (at(HARMONY_SHOWN, "sound"), is("ding")),
                (at(HARMONY_SHOWN, "badge"), is(json!({"setNum": 5}))),
            ],
            &[],
        ),
    ];
    let message = json!({"title": "Carol", "body": "Lunch?", "sound": "ding", "badge": {"set": 5}});
    check(&rows, |_| message.clone()).await;
}

#[tokio::test]
async fn a_badge_is_added_to_where_a_vendor_can_and_silence_kept_where_it_can() {
    let (sound, badge) = (&["message.sound"][..], &["message.badge"][..]);
    let main = "com.example.chat.MainActivity";
    let rows = [
        row(
            APNS,
            &[("/aps/sound", absent()), ("/aps/badge", absent())],
            badge,
        ),
        row(
            FCM,
            &[("/message/android/notification/sound", absent())],
            badge,
        ),
        row(XIAOMI, &[("/notify_type", is("0"))], badge),
        row(
            HUAWEI,
            &[(
                at(HUAWEI_SHOWN, "badge"),
                is(json!({"class": main, "add_num": 2})),
            )],
            sound,
        ),
        row(
            OPPO,
            &[
                (at(OPPO_SHOWN, "badge_operation_type"), is(1)),
                (at(OPPO_SHOWN, "badge_message_count"), is(2)),
            ],
            sound,
        ),
        row(
            VIVO,
            &[("/notifyType", is(1)), ("/addBadge", is(true))],
            badge,
        ),
        row(
            MEIZU,
            &[("/messageJson/advanceInfo/notificationType/sound", is(0))],
            badge,
        ),
        row(
            TPNS,
            &[
                ("/message/android/ring", is(0)),
                ("/message/android/badge_type", is(-2)),
            ],
            badge,
        ),
        row(
            HONOR,
            &[(
                at(HONOR_SHOWN, "badge"),
                is(json!({"badgeClass": main, "addNum": 2})),
            )],
            sound,
        ),
        row(
            HARMONY,
            &[(at(HARMONY_SHOWN, "badge"), is(json!({"addNum": 2})))],
            sound,
        ),
    ];
    let message = json!({"title": "Carol", "body": "Lunch?", "sound": "none", "badge": {"add": 2}});
    check(&rows, |_| message.clone()).await;
}

#[tokio::test]
async fn a_channel_id_goes_to_those_that_have_channels_and_another_vendors_category_to_none() {
    let (channel, category) = ("message.channel_id", "message.category");
    let rows = [
        row(APNS, &[("/aps/category", is("NEWS"))], &[]),
        row(
            FCM,
            &[("/message/android/notification/channel_id", is("news"))],
            &[],
        ),
        row(XIAOMI, &[("/extra.channel_id", is("news"))], &[category]),
        row(
            HUAWEI,
            &[
                (at(HUAWEI_SHOWN, "channel_id"), is("news")),
                // The channel's own stands in for the word that is OPPO's and vivo's.
                ("/message/android/category".to_owned(), is("IM")),
            ],
            &[category],
        ),
        row(
            OPPO,
            &[
                (at(OPPO_SHOWN, "channel_id"), is("news")),
                (at(OPPO_SHOWN, "category"), is("NEWS")),
            ],
            // It is not the certificate's.
            &[channel],
        ),
        row(
            VIVO,
            &[("/category", is("NEWS")), ("/classification", is(0))],
            &[channel],
        ),
        row(
            MEIZU,
            &[("/messageJson/noticeBarInfo/noticeMsgType", is(1))],
            &[category, channel],
        ),
        row(
            TPNS,
            &[
                ("/message/android/n_ch_id", is("news")),
                // Huawei has no such word.
                ("/message/android/hw_category", absent()),
            ],
            &[category],
        ),
        row(
            HONOR,
            &[(at(HONOR_SHOWN, "importance"), is("NORMAL"))],
            &[category, channel],
        ),
        row(
            HARMONY,
            &[(at(HARMONY_SHOWN, "category"), is("IM"))],
            &[category, channel],
        ),
    ];
    let message =
        json!({"title": "Carol", "body": "Lunch?", "channel_id": "news", "category": "NEWS"});
    check(&rows, |_| message.clone()).await;
}

#[tokio::test]
async fn a_lifetime_is_in_each_vendors_unit_and_a_collapse_key_in_its_form() {
    // The same number for the same key, wherever a vendor replaces by number.
    const NUMBER: u32 = 760_359_653;
    let rows = [
        row(APNS, &[("/aps/alert/title", is("Carol"))], &[]),
        row(
            FCM,
            &[
                ("/message/android/ttl", lasts_s()),
                ("/message/android/collapse_key", is("c42")),
                ("/message/android/notification/tag", is("c42")),
            ],
            &[],
        ),
        row(
            XIAOMI,
            &[
                ("/time_to_live", lasts_ms()),
                ("/notify_id", is(NUMBER.to_string())),
            ],
            &[],
        ),
        row(
            HUAWEI,
            &[
                ("/message/android/ttl".to_owned(), lasts_s()),
                (at(HUAWEI_SHOWN, "notify_id"), is(NUMBER)),
            ],
            &[],
        ),
        row(
            OPPO,
            &[
                (at(OPPO_SHOWN, "off_line_ttl"), lasts_s()),
                (at(OPPO_SHOWN, "notify_id"), is(NUMBER)),
            ],
            &[],
        ),
        row(
            VIVO,
            &[("/timeToLive", lasts_s()), ("/notifyId", is(NUMBER))],
            &[],
        ),
        // Hours, rounded up.
        row(
            MEIZU,
            &[
                ("/messageJson/pushTimeInfo/validTime", is(2)),
                ("/messageJson/advanceInfo/notifyKey", is("c42")),
            ],
            &[],
        ),
        row(
            TPNS,
            &[
                ("/expire_time", lasts_s()),
                ("/message/android/n_id", is(NUMBER)),
            ],
            &[],
        ),
        row(
            HONOR,
            &[
                ("/android/ttl".to_owned(), lasts_s()),
                (at(HONOR_SHOWN, "notifyId"), is(NUMBER)),
            ],
            &[],
        ),
        row(
            HARMONY,
            &[
                ("/pushOptions/ttl".to_owned(), lasts_s()),
                (at(HARMONY_SHOWN, "notifyId"), is(NUMBER)),
            ],
            &[],
        ),
    ];
    check(
        &rows,
        |_| json!({"title": "Carol", "body": "Lunch?", "collapse_key": "c42"}),
    )
    .await;
}

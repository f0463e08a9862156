//! What a tap opens, and whether ext goes along.

use nudged_rig::Vendor;
use nudged_rig::vendor::{APNS, FCM, HARMONY, HONOR, HUAWEI, MEIZU, OPPO, TPNS, VIVO, XIAOMI};
use serde_json::json;

use super::table::{absent, check, is, row};
use super::*;

#[tokio::test]
async fn a_tap_opens_the_app_in_each_vendors_form() {
    let rows = [
        row(APNS, &[("/click", absent())], &[]),
        row(
            FCM,
            &[("/message/android/notification/click_action", absent())],
            &[],
        ),
        // Without an effect the app's own callback decides.
        row(XIAOMI, &[("/extra.notify_effect", absent())], &[]),
        row(
            HUAWEI,
            &[(at(HUAWEI_SHOWN, "click_action"), is(json!({"type": 3})))],
            &[],
        ),
        row(OPPO, &[(at(OPPO_SHOWN, "click_action_type"), is(0))], &[]),
        row(
            VIVO,
            &[("/skipType", is(1)), ("/skipContent", absent())],
            &[],
        ),
        row(
            MEIZU,
            &[("/messageJson/clickTypeInfo/clickType", is(0))],
            &[],
        ),
        row(TPNS, &[("/message/android/action/action_type", is(1))], &[]),
        row(
            HONOR,
            &[(at(HONOR_SHOWN, "clickAction"), is(json!({"type": 3})))],
            &[],
        ),
        row(
            HARMONY,
            &[(at(HARMONY_SHOWN, "clickAction/actionType"), is(0))],
            &[],
        ),
    ];
    let message = json!({"title": "Carol", "body": "Lunch?", "click": {"action": "open_app"}});
    check(&rows, |_| message.clone()).await;
}

#[tokio::test]
async fn a_tap_that_opens_a_web_page_drops_ext_and_says_so() {
    const URL: &str = "https://example.com/menu";
    let told = &["message.ext"][..];
    let click = json!({"type": 2, "url": URL});
    let rows = [
        // These two cannot open it, so ext still has a reader.
        row(APNS, &[("/ext", is(EXT))], &["message.click"]),
        row(FCM, &[("/message/data/ext", is(EXT))], &["message.click"]),
        row(
            XIAOMI,
            &[
                ("/extra.notify_effect", is("3")),
                ("/extra.web_uri", is(URL)),
                ("/extra.ext", absent()),
            ],
            told,
        ),
        row(
            HUAWEI,
            &[(at(HUAWEI_SHOWN, "click_action"), is(click.clone()))],
            told,
        ),
        row(
            OPPO,
            &[
                (at(OPPO_SHOWN, "click_action_type"), is(2)),
                (at(OPPO_SHOWN, "click_action_url"), is(URL)),
                (at(OPPO_SHOWN, "action_parameters"), absent()),
            ],
            told,
        ),
        row(
            VIVO,
            &[
                ("/skipType", is(2)),
                ("/skipContent", is(URL)),
                ("/clientCustomMap", absent()),
            ],
            told,
        ),
        row(
            MEIZU,
            &[(
                "/messageJson/clickTypeInfo",
                is(json!({"clickType": 2, "url": URL})),
            )],
            told,
        ),
        row(
            TPNS,
            &[
                ("/message/android/action/action_type", is(2)),
                ("/message/android/action/browser/url", is(URL)),
                ("/message/android/custom_content", absent()),
            ],
            told,
        ),
        row(HONOR, &[(at(HONOR_SHOWN, "clickAction"), is(click))], told),
        // A notification there opens no web page: the app is given the address.
        row(
            HARMONY,
            &[
                (at(HARMONY_SHOWN, "clickAction/actionType"), is(0)),
                (
                    at(HARMONY_SHOWN, "clickAction/data"),
                    is(json!({"ext": EXT, "url": URL})),
                ),
            ],
            &["message.click"],
        ),
    ];
    let click = json!({"action": "open_url", "value": URL});
    let message = json!({"title": "Carol", "body": "Lunch?", "ext": EXT, "click": click});
    check(&rows, |_| message.clone()).await;
}

#[tokio::test]
async fn a_tap_opens_a_page_of_the_app_in_each_vendors_form_and_ext_goes_along() {
    const LINK: &str = "https://chat.example.com/c42";
    let intent = with_ext(INTENT);
    let rows = [
        row(APNS, &[("/ext", is(EXT))], &["message.click"]),
        row(FCM, &[("/message/data/ext", is(EXT))], &["message.click"]),
        row(
            XIAOMI,
            &[
                ("/extra.notify_effect", is("2")),
                ("/extra.intent_uri", is(INTENT)),
                ("/extra.ext", is(EXT)),
            ],
            &[],
        ),
        row(
            HUAWEI,
            &[
                (at(HUAWEI_SHOWN, "click_action/type"), is(1)),
                (at(HUAWEI_SHOWN, "click_action/intent"), is(intent.clone())),
            ],
            &[],
        ),
        row(
            OPPO,
            &[
                (at(OPPO_SHOWN, "click_action_type"), is(4)),
                (at(OPPO_SHOWN, "click_action_activity"), is(ACTIVITY)),
                (at(OPPO_SHOWN, "action_parameters"), is(OPPO_EXT)),
            ],
            &[],
        ),
        row(
            VIVO,
            &[
                ("/skipType", is(4)),
                ("/skipContent", is(intent.clone())),
                ("/clientCustomMap/ext", is(EXT)),
            ],
            &[],
        ),
        row(
            MEIZU,
            &[
                ("/messageJson/clickTypeInfo/clickType", is(1)),
                ("/messageJson/clickTypeInfo/activity", is(ACTIVITY)),
                ("/messageJson/clickTypeInfo/parameters/ext", is(EXT)),
                ("/messageJson/clickTypeInfo/parameters/sk", is(EXT)),
            ],
            &[],
        ),
        row(
            TPNS,
            &[
                ("/message/android/action/action_type", is(3)),
                ("/message/android/action/intent", is(intent.clone())),
            ],
            &[],
        ),
        row(
            HONOR,
            &[
                (at(HONOR_SHOWN, "clickAction/type"), is(1)),
                (at(HONOR_SHOWN, "clickAction/intent"), is(intent)),
            ],
            &[],
        ),
        row(
            HARMONY,
            &[
                (at(HARMONY_SHOWN, "clickAction/actionType"), is(1)),
                (at(HARMONY_SHOWN, "clickAction/uri"), is(LINK)),
                (at(HARMONY_SHOWN, "clickAction/data/ext"), is(EXT)),
            ],
            &[],
        ),
    ];
    let page = |vendor: &Vendor| match vendor.name {
        "meizu" | "oppo" => ACTIVITY,
        "harmony" => LINK,
        _ => INTENT,
    };
    check(&rows, |vendor| {
        let click = json!({"action": "open_page", "value": page(vendor)});
        json!({"title": "Carol", "body": "Lunch?", "ext": EXT, "click": click})
    })
    .await;
}

//! Title, body and ext.

use nudged_rig::Vendor;
use nudged_rig::vendor::{APNS, FCM, HARMONY, HONOR, HUAWEI, MEIZU, OPPO, TPNS, VIVO, XIAOMI};
use nudged_simulator::{Fault, FaultKind};
use serde_json::json;

use super::table::{check, is, row};
use super::*;
use crate::world::{only_taken, rig_of};

#[tokio::test]
async fn title_and_body_are_each_vendors_own_fields() {
    let (title, body) = (is("Carol"), is("Lunch?"));
    let both = |vendor: Vendor, base: &str, [first, second]: [&str; 2]| {
        let fields = [
            (at(base, first), title.clone()),
            (at(base, second), body.clone()),
        ];
        row(vendor, &fields, &[])
    };
    let rows = [
        both(APNS, "/aps/alert", ["title", "body"]),
        both(FCM, "/message/notification", ["title", "body"]),
        both(XIAOMI, "", ["title", "description"]),
        both(HUAWEI, HUAWEI_SHOWN, ["title", "body"]),
        both(OPPO, OPPO_SHOWN, ["title", "content"]),
        both(VIVO, "", ["title", "content"]),
        both(MEIZU, "/messageJson/noticeBarInfo", ["title", "content"]),
        both(TPNS, "/message", ["title", "content"]),
        both(HONOR, HONOR_SHOWN, ["title", "body"]),
        both(HARMONY, HARMONY_SHOWN, ["title", "body"]),
    ];
    check(&rows, |_| json!({"title": "Carol", "body": "Lunch?"})).await;
}

#[tokio::test]
async fn what_is_refused_as_a_test_goes_once_more_with_the_senders_name_in_front() {
    let rig = rig_of(&[VIVO, XIAOMI]).await;
    for (vendor, code, field) in [(VIVO, "10104", "content"), (XIAOMI, "10041", "description")] {
        let refusal = FaultKind::Status {
            status: 200,
            reason: Some(code.to_owned()),
            retry_after: None,
            timestamp_ms: None,
        };
        let its = Fault::new(refusal).times(1);
        rig.simulator.fault(its);
        let spec = json!({
            "to": [{"channel": vendor.channel, "token": vendor.token}],
            "sender": {"user": "bob", "name": "Bob"},
            "message": {"body": "a test"},
        });

        let event = rig.deliver(&spec).await.unwrap();

        assert_eq!(event["outcome"], "accepted", "{event:#}");
        let taken = only_taken(&rig, vendor);
        assert_eq!(taken.body[field], "Bob: a test", "{taken:#?}");
    }
}

#[tokio::test]
async fn ext_stands_byte_for_byte_where_each_vendors_app_reads_it() {
    let custom = json!({"ext": EXT}).to_string();
    let rows = [
        row(APNS, &[("/ext", is(EXT))], &[]),
        row(FCM, &[("/message/data/ext", is(EXT))], &[]),
        row(XIAOMI, &[("/extra.ext", is(EXT))], &[]),
        row(
            HUAWEI,
            &[(at(HUAWEI_SHOWN, "click_action/intent"), is(launcher()))],
            &[],
        ),
        // OPPO hands the app ext's own keys.
        row(
            OPPO,
            &[(at(OPPO_SHOWN, "action_parameters"), is(OPPO_EXT))],
            &[],
        ),
        row(VIVO, &[("/clientCustomMap/ext", is(EXT))], &[]),
        row(
            MEIZU,
            &[("/messageJson/clickTypeInfo/parameters/ext", is(EXT))],
            &[],
        ),
        // Huawei phones under TPNS get it with an intent only.
        row(
            TPNS,
            &[("/message/android/custom_content", is(custom))],
            &["message.ext"],
        ),
        row(
            HONOR,
            &[(at(HONOR_SHOWN, "clickAction/intent"), is(launcher()))],
            &[],
        ),
        row(
            HARMONY,
            &[(at(HARMONY_SHOWN, "clickAction/data/ext"), is(EXT))],
            &[],
        ),
    ];
    check(
        &rows,
        |_| json!({"title": "Carol", "body": "Lunch?", "ext": EXT}),
    )
    .await;
}

#[tokio::test]
async fn ext_that_is_no_json_object_reaches_oppo_under_one_key_and_the_sender_is_told() {
    let whole = json!({"ext": "plain; text"}).to_string();
    let rows = [
        row(
            OPPO,
            &[(at(OPPO_SHOWN, "action_parameters"), is(whole))],
            &["message.ext"],
        ),
        row(XIAOMI, &[("/extra.ext", is("plain; text"))], &[]),
        row(VIVO, &[("/clientCustomMap/ext", is("plain; text"))], &[]),
    ];
    check(
        &rows,
        |_| json!({"title": "Carol", "body": "Lunch?", "ext": "plain; text"}),
    )
    .await;
}

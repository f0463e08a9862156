//! Every refusal names its key and what was expected there.

use nudged_plugin_api::Message;
use serde_json::json;

use nudged_driver_kit::text::present;

use super::Options;

fn read(options: &serde_json::Value) -> Result<Options, (String, String)> {
    let mut message = Message::new("t", "b");
    message.options = Some(options.to_string());
    Options::read(&message).map_err(|error| {
        assert_eq!(error.code, "BadOption", "{options}");
        (error.field, error.problem)
    })
}

#[test]
fn a_value_out_of_range_names_its_key_and_its_range() {
    let long = "x".repeat(65);
    for (options, field, says) in [
        (json!({"category": "im"}), "options.category", "capital"),
        (json!({"image": "http://x/"}), "options.image", "https"),
        (json!({"style": 2}), "options.style", "3 (lines)"),
        (json!({"style": 3}), "options.inboxContent", "missing"),
        (
            json!({"style": 3, "inboxContent": ["1", "2", "3", "4"]}),
            "options.inboxContent",
            "has 4 lines",
        ),
        (
            json!({"style": 3, "inboxContent": ["x".repeat(1025)]}),
            "options.inboxContent",
            "1024",
        ),
        (
            json!({"notifyId": 2_147_483_648_u32}),
            "options.notifyId",
            "2147483647",
        ),
        (json!({"appMessageId": long}), "options.appMessageId", "64"),
        (json!({"profileId": long}), "options.profileId", "64"),
        (json!({"biTag": long}), "options.biTag", "64"),
        (
            json!({"soundDuration": 0}),
            "options.soundDuration",
            "1 to 60",
        ),
        (
            json!({"soundDuration": 61}),
            "options.soundDuration",
            "1 to 60",
        ),
        (
            json!({"collapseKey": -2}),
            "options.collapseKey",
            "-1 to 100",
        ),
        (
            json!({"collapseKey": 101}),
            "options.collapseKey",
            "-1 to 100",
        ),
        (
            json!({"backgroundMode": 2}),
            "options.backgroundMode",
            "0 to 1",
        ),
        (json!({"proxyData": "yes"}), "options.proxyData", "ENABLE"),
        (
            json!({"foregroundShow": 1}),
            "options.foregroundShow",
            "boolean",
        ),
        (json!({"data": "x"}), "options.data", "map"),
        (
            json!({"notify_id": 1}),
            "options.notify_id",
            "expected one of `category`",
        ),
    ] {
        let (at, problem) = read(&options).unwrap_err();
        assert_eq!(at, field, "{options}");
        assert!(problem.contains(says), "{options}: {problem}");
    }
}

#[test]
fn the_ends_of_each_range_pass() {
    for options in [
        json!({"soundDuration": 1, "collapseKey": -1, "backgroundMode": 0, "notifyId": 0}),
        json!({"soundDuration": 60, "collapseKey": 100, "backgroundMode": 1,
            "notifyId": 2_147_483_647, "biTag": "x".repeat(64), "category": "NEW_ONE_2"}),
        json!({"style": 3, "inboxContent": ["x".repeat(1024), "", "3"]}),
    ] {
        assert!(read(&options).is_ok(), "{options}");
    }
}

#[test]
fn nothing_at_all_is_absent() {
    let options = read(&json!({"category": "", "image": null, "proxyData": ""})).unwrap();
    assert_eq!(present(&options.category), None);
    assert_eq!(options.image, None);
}

use super::*;

/// The complete notification of the page, to one device.
fn android() -> Value {
    json!({
        "audience_type": "token_list",
        "token_list": ["05da87c0ae5973bd2dfa9e08d884aada5bb2"],
        "expire_time": 86_400,
        "multi_pkg": true,
        "push_speed": 50_000,
        "channel_rules": [{ "channel": "mz", "disable": true }],
        "message_type": "notify",
        "message": {
            "title": "xxx", "content": "xxxxxxxxx",
            "xg_media_resources": "https://www.example.com/logo.png",
            "xg_media_audio_resources": "http://www.example.com/a.mp3",
            "thread_id": "Activity_id", "thread_sumtext": "Operational activity",
            "accept_time": [
                { "start": { "hour": "13", "min": "00" }, "end": { "hour": "14", "min": "00" } },
                { "start": { "hour": "00", "min": "00" }, "end": { "hour": "09", "min": "00" } },
            ],
            "android": {
                "n_ch_id": "default_message", "n_ch_name": "default notification", "n_id": 0,
                "builder_id": 0, "ring": 1, "ring_raw": "ring", "badge_type": -1, "vibrate": 1,
                "lights": 1, "clearable": 1, "icon_type": 0, "icon_res": "xg", "style_id": 1,
                "small_icon": "xg",
                "action": {
                    "action_type": 1, "activity": "com.x.y.PushActivity",
                    "aty_attr": { "if": 0, "pf": 0 },
                    "browser": { "url": "https://cloud.tencent.com ", "confirm": 1 },
                    "intent": "xgscheme://com.tpns.push/notify_detail",
                },
                "custom_content": "{\"key\":\"value\"}",
            },
        },
    })
}

/// The single push of the page to an iPhone.
fn ios() -> Value {
    json!({
        "audience_type": "token", "environment": "dev",
        "token_list": ["05da87c0ae5973bd2dfa9e08d884aada5bb2"],
        "message_type": "notify",
        "message": {
            "title": "Push title", "content": "Push content",
            "ios": {
                "aps": {
                    "alert": { "subtitle": "Push subtitle" }, "badge_type": -2,
                    "sound": "Tassel.wav", "category": "INVITE_CATEGORY",
                },
                "custom_content": "{\"key\":\"value\"}",
            },
        },
    })
}

fn silent() -> Value {
    let body = with(&ios(), "/message_type", json!("message"));
    let message = json!({ "ios": { "aps": { "content-available": 1 } } });
    with(&body, "/message", message)
}

#[test]
fn the_messages_of_the_page_are_accepted() {
    assert_eq!(code(&android()), 0);
    assert_eq!(ios_code(&silent()), 0);
    let answer = push_as(&tpns(), IOS_ID, &ios().to_string());
    assert_eq!(ret_code(&answer), 0);
    assert_eq!(answer.body["environment"], "dev");
    let in_app = json!({
        "title": "this is title", "content": "this is content",
        "android": { "custom_content": "{\"key\":\"value\"}" },
    });
    let in_app = with(
        &with(&android(), "/message", in_app),
        "/message_type",
        json!("message"),
    );
    assert_eq!(code(&in_app), 0);
}

#[test]
fn what_the_vendors_own_clients_send_is_accepted() {
    for (pointer, value) in [
        ("/platform", json!("")),
        ("/platform", json!("android")),
        ("/environment", json!("")),
        ("/send_time", json!("")),
        ("/trace_id", json!("")),
        ("/upload_id", json!(0)),
        ("/collapse_id", json!(0)),
        ("/push_speed", json!(0)),
        ("/expire_time", json!(0)),
        ("/expire_time", json!(1)),
        ("/expire_time", json!(259_200)),
        ("/message/android/vivo_ch_id", json!("")),
        ("/message/android/custom_content", json!("")),
        ("/message/android/show_type", json!(2)),
        ("/message/android/badge_type", json!(99)),
        ("/message/android/hw_importance", json!(2)),
        (
            "/message/android/action",
            json!({ "action_type": 2, "browser": { "url": "http://example.com/a" } }),
        ),
        (
            "/message/android/action",
            json!({
                "action_type": 3,
                "intent": "intent:#Intent;component=com.example/.Main;end",
            }),
        ),
    ] {
        assert_eq!(
            code(&with(&android(), pointer, value.clone())),
            0,
            "{pointer} {value}"
        );
    }
    let text = with(&ios(), "/message/ios/aps/alert", json!("text"));
    assert_eq!(ios_code(&text), 0);
    let thousand: Vec<String> = (0..1000).map(|number| number.to_string()).collect();
    assert_eq!(code(&with(&android(), "/token_list", json!(thousand))), 0);
}

#[test]
fn what_is_missing_is_said_to_be() {
    for pointer in [
        "/audience_type",
        "/token_list",
        "/message_type",
        "/message",
        "/message/title",
        "/message/content",
        "/message/accept_time/0/end",
        "/message/accept_time/0/start/min",
        "/channel_rules/0/disable",
    ] {
        assert_eq!(
            code(&with(&android(), pointer, Value::Null)),
            1_008_002,
            "{pointer}"
        );
    }
    for pointer in [
        "/environment",
        "/message/ios",
        "/message/ios/aps",
        "/message/ios/aps/alert",
    ] {
        assert_eq!(
            ios_code(&with(&ios(), pointer, Value::Null)),
            1_008_002,
            "{pointer}"
        );
    }
    for (pointer, value) in [
        ("/token_list", json!([])),
        ("/message/title", json!("")),
        ("/message/content", json!("")),
        ("/message/android/action", json!({ "action_type": 2 })),
        (
            "/message/android/action",
            json!({ "action_type": 3, "intent": "" }),
        ),
    ] {
        assert_eq!(
            code(&with(&android(), pointer, value.clone())),
            1_008_002,
            "{pointer} {value}"
        );
    }
}

#[test]
fn a_wrong_type_cannot_be_parsed() {
    for (pointer, value) in [
        ("/token_list", json!("a")),
        ("/message", json!("{}")),
        ("/message/title", json!(1)),
        ("/expire_time", json!("86400")),
        ("/multi_pkg", json!(1)),
        ("/ignore_invalid_token", json!(true)),
        ("/message/android/ring", json!("1")),
        ("/message/android/hw_importance", json!("NORMAL")),
        ("/message/android/vivo_ch_id", json!(1)),
        ("/message/android/custom_content", json!({ "key": "value" })),
        ("/message/android/action", json!("open")),
        ("/message/accept_time/0/start/hour", json!(13)),
    ] {
        assert_eq!(
            code(&with(&android(), pointer, value.clone())),
            1_008_001,
            "{pointer} {value}"
        );
    }
}

#[test]
fn what_is_out_of_bounds_or_unknown_is_a_wrong_parameter() {
    let many: Vec<String> = (0..1001).map(|number| number.to_string()).collect();
    for (pointer, value) in [
        ("/audience_type", json!("tokens")),
        ("/message_type", json!("notification")),
        ("/environment", json!("production")),
        ("/token_list", json!(many)),
        ("/token_list", json!(["a", "x".repeat(37)])),
        ("/token_list", json!(["a", ""])),
        ("/token_list", json!(["a b"])),
        ("/expire_time", json!(259_201)),
        ("/expire_time", json!(-1)),
        ("/push_speed", json!(999)),
        ("/message/android/ring_raw", json!("ring.mp3")),
        ("/push_speed", json!(50_001)),
        ("/send_time", json!("2026-11-21 10:00:00")),
        ("/collapse_id", json!(1)),
        ("/loop_param", json!({})),
        ("/ignore_invalid_token", json!(2)),
        ("/channel_rules/0/channel", json!("huawei")),
        ("/ttl", json!(1)),
        ("/message/ext", json!("")),
        ("/message/content", json!("\u{4f60}".repeat(1400))),
        ("/message/accept_time/0/start/hour", json!("24")),
        ("/message/accept_time/0/start/min", json!("60")),
        ("/message/android/channel_id", json!("a")),
        ("/message/android/badge_type", json!(100)),
        ("/message/android/badge_type", json!(-3)),
        ("/message/android/hw_importance", json!(0)),
        ("/message/android/vivo_ch_id", json!("2")),
        ("/message/android/show_type", json!(0)),
        ("/message/android/custom_content", json!("key=value")),
        ("/message/android/custom_content", json!("\"text\"")),
        ("/message/android/action/action_type", json!(4)),
        ("/message/android/action/activity", json!("Push Activity")),
        (
            "/message/android/action",
            json!({ "action_type": 3, "intent": "com.x.Y" }),
        ),
        (
            "/message/android/action",
            json!({ "action_type": 2, "browser": { "url": "chat://room/1" } }),
        ),
        (
            "/message/android/action",
            json!({ "action_type": 1, "url": "https://a" }),
        ),
    ] {
        assert_eq!(
            code(&with(&android(), pointer, value.clone())),
            1_008_007,
            "{pointer} {value}"
        );
    }
}

#[test]
fn a_message_of_ios_is_either_shown_or_silent() {
    for (body, pointer, value) in [
        (ios(), "/message/ios/aps/content-available", json!(1)),
        (ios(), "/message/ios/aps/badge_type", json!(-3)),
        (ios(), "/message/ios/aps/interruption-level", json!("high")),
        (ios(), "/message/ios/aps/badge", json!(1)),
        (ios(), "/message/ios/custom_content", json!("[]")),
        (ios(), "/message_type", json!("message")),
        (silent(), "/message/ios/aps/content-available", json!(0)),
        (silent(), "/message/ios/aps/sound", json!("")),
        (silent(), "/message/ios/aps/badge_type", json!(1)),
        (silent(), "/message/ios/aps/alert", json!({})),
    ] {
        assert_eq!(
            ios_code(&with(&body, pointer, value.clone())),
            1_008_007,
            "{pointer} {value}"
        );
    }
    let in_app = with(&silent(), "/message_type", json!("notify"));
    assert_eq!(ios_code(&in_app), 1_008_002);
    // The block of the other platform is checked as well, where it is there.
    assert_eq!(code(&ios()), 0);
    assert_eq!(code(&with(&ios(), "/environment", Value::Null)), 1_008_002);
}

#[test]
fn an_audience_without_devices_does_not_exist() {
    for audience in [
        "all",
        "tag",
        "account",
        "account_list",
        "package_token_push",
    ] {
        let body = with(&android(), "/audience_type", json!(audience));
        assert_eq!(code(&body), 10_010_005, "{audience}");
    }
}

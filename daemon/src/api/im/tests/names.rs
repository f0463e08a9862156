//! Objects of Tencent's SDKs, handed on as they are.

use super::*;

/// The same in the REST API's names.
fn rest() -> Value {
    json!({
        "PushFlag": 1, "Title": "Alice", "Desc": "says hello", "Ext": "{\"room\": 7}",
        "AndroidInfo": {
            "Sound": "ring", "OPPOChannelID": "o", "GoogleChannelID": "f", "XiaoMiChannelID": "x",
            "VIVOClassification": 0, "HuaWeiCategory": "IM", "OPPOCategory": "IM",
            "OPPONotifyLevel": 16, "HonorImportance": "LOW", "MeiZuNoticeMsgType": 1,
            "HuaWeiImage": "https://i/hw", "HonorImage": "https://i/ho", "GoogleImage": "https://i/f",
            "GooglePriority": "high", "VIVONotifyType": 3, "OPPOPrivateMsgTemplateId": "t",
            "OPPOPrivateTitleParameters": {"a": "b"}, "OPPOPrivateContentParameters": {"c": "d"},
        },
        "ApnsInfo": {
            "Sound": "ring.caf", "BadgeMode": 1, "InterruptionLevel": "critical",
            "Image": "https://i/a", "ContentAvailable": 1,
        },
        "HarmonyInfo": {"Image": "https://i/h", "Category": "IM"},
    })
}

/// `V2TIMOfflinePushInfo`, every field of it.
fn native() -> Value {
    json!({
        "title": "Alice", "desc": "says hello", "ext": "{\"room\": 7}", "disablePush": true,
        "iOSPushType": 0, "ignoreIOSBadge": true, "iOSSound": "ring.caf",
        "iOSInterruptionLevel": "critical", "enableIOSBackgroundNotification": true,
        "iOSImage": "https://i/a", "AndroidSound": "ring", "AndroidOPPOChannelID": "o",
        "AndroidFCMChannelID": "f", "AndroidXiaoMiChannelID": "x", "AndroidVIVOClassification": 0,
        "AndroidVIVOCategory": "", "AndroidHuaWeiCategory": "IM", "AndroidOPPOCategory": "IM",
        "AndroidOPPONotifyLevel": 16, "AndroidHonorImportance": "LOW", "AndroidMeizuNotifyType": 1,
        "AndroidHuaWeiImage": "https://i/hw", "AndroidHonorImage": "https://i/ho",
        "AndroidFCMImage": "https://i/f", "HarmonyImage": "https://i/h", "HarmonyCategory": "IM",
        "ignoreHarmonyBadge": false,
        "vendorParams": "{\"fcmPriority\": \"high\", \"vivoNotifyType\": 3, \"oppoTemplateId\": \"t\", \
            \"oppoTitleParam\": {\"a\": \"b\"}, \"oppoContentParam\": {\"c\": \"d\"}}",
    })
}

fn notices(body: &Value) -> Vec<(String, String)> {
    let order = ordered(Call::One, body).unwrap_or_else(|problem| panic!("{body}: {problem:?}"));
    let notices = order.notices.into_iter();
    notices.map(|notice| (notice.field, notice.text)).collect()
}

fn fields(body: &Value) -> Vec<String> {
    notices(body).into_iter().map(|(field, _)| field).collect()
}

/// Under the JS SDK's name of the object.
fn js(info: Value) -> Value {
    let mut body = with_offline(Value::Null);
    body["offlinePushInfo"] = info;
    body
}

#[test]
fn req_71_a_native_sdks_object_says_what_the_rest_apis_does() {
    let expected = spec(Call::One, &with_offline(rest()));
    let named = |name: &str| {
        let mut renamed = serde_json::Map::new();
        for (key, value) in native().as_object().unwrap() {
            // TUICallKit and Dart begin with a small letter.
            let key = match name {
                "dart" if key.starts_with("Android") => key.replacen('A', "a", 1),
                "dart" if key == "disablePush" => "isDisablePush".to_owned(),
                "lower" => key.to_lowercase(),
                _ => key.clone(),
            };
            renamed.insert(key, value.clone());
        }
        Value::Object(renamed)
    };
    for name in ["native", "dart", "lower"] {
        let body = with_offline(named(name));
        assert_eq!(spec(Call::One, &body), expected, "{name}");
        assert_eq!(fields(&body), [""; 0], "{name}");
    }
    let mut badge = native();
    badge["ignoreHarmonyBadge"] = json!(true);
    let order = spec(Call::One, &with_offline(badge));
    assert_eq!(order["message"]["platforms"]["harmony"]["badge"], "keep");
}

#[test]
fn req_71_the_js_sdks_object_says_what_the_rest_apis_does() {
    let info = json!({
        "disablePush": true, "disableVoipPush": true, "title": "Alice",
        "description": "says hello", "extension": "{\"room\": 7}",
        "androidInfo": {
            "sound": "ring", "XiaoMiChannelID": "x", "OPPOChannelID": "o", "FCMChannelID": "f",
            "VIVOClassification": "0", "VIVOCategory": "", "HuaWeiCategory": "IM",
            "OPPOCategory": "IM", "GoogleImage": "https://i/f",
        },
        "apnsInfo": {"sound": "ring.caf", "ignoreIOSBadge": true, "image": "https://i/a"},
    });
    let expected = spec(
        Call::One,
        &with_offline(json!({
            "PushFlag": 1, "Title": "Alice", "Desc": "says hello", "Ext": "{\"room\": 7}",
            "AndroidInfo": {
                "Sound": "ring", "XiaoMiChannelID": "x", "OPPOChannelID": "o",
                "GoogleChannelID": "f", "VIVOClassification": 0, "HuaWeiCategory": "IM",
                "OPPOCategory": "IM", "GoogleImage": "https://i/f",
            },
            "ApnsInfo": {"Sound": "ring.caf", "BadgeMode": 1, "Image": "https://i/a"},
        })),
    );
    for body in [js(info.clone()), with_offline(info)] {
        assert_eq!(spec(Call::One, &body), expected, "{body}");
        assert_eq!(fields(&body), [""; 0], "{body}");
    }
}

#[test]
fn req_71_the_old_sdks_settings_have_texts_for_each_platform() {
    let body = with_offline(json!({
        "title": "T", "descr": "D", "ext": "E", "enabled": true,
        "androidSettings": {"title": "aT", "desc": "aD", "sound": "shake", "notifyMode": 1},
        "iosSettings": {"title": "iT", "desc": "iD", "sound": "push.no_sound", "badgeEnabled": false},
    }));
    let message = &spec(Call::One, &body)["message"];
    assert_eq!(
        (&message["title"], &message["body"], &message["ext"]),
        (&json!("T"), &json!("D"), &json!("E"))
    );
    let platforms = json!({
        "android": {"title": "aT", "body": "aD", "sound": "shake"},
        "ios": {"title": "iT", "body": "iD", "sound": "none", "badge": "keep"},
    });
    assert_eq!(message["platforms"], platforms);
    let told = ["OfflinePushInfo.androidSettings.notifyMode"];
    assert_eq!(fields(&body), told);
    let off = with_offline(json!({"descr": "D", "enabled": false}));
    assert_eq!(spec(Call::One, &off)["push"], false);
}

#[test]
fn req_71_a_name_that_nobody_knows_is_told_and_never_refused() {
    let body = with_offline(json!({
        "Desc": "x", "Glyph": {"a": 1}, "Nothing": "", "Zero": 0, "No": false, "Empty": [[], {}],
        "AndroidInfo": {"SonyChannelID": 7, "ExtAsHuaweiIntentParam": 1},
        "apnsInfo": {"visionOS": true},
        "HarmonyInfo": {"Watch": "y"},
    }));
    let told = [
        "OfflinePushInfo.Glyph",
        "OfflinePushInfo.Empty",
        "OfflinePushInfo.AndroidInfo.SonyChannelID",
        "OfflinePushInfo.apnsInfo.visionOS",
        "OfflinePushInfo.HarmonyInfo.Watch",
    ];
    let mut fields = fields(&body);
    fields.sort_unstable();
    let mut told = told.map(str::to_owned);
    told.sort_unstable();
    assert_eq!(fields, told);
    // However many there are.
    let many = (0..1000).map(|n| (format!("Name{n}"), json!(1)));
    let body = with_offline(Value::Object(many.collect()));
    let notices = notices(&body);
    assert_eq!(notices.len(), 17);
    let (field, text) = notices.last().unwrap();
    assert_eq!(field, "OfflinePushInfo");
    assert!(text.contains("984"), "{text}");
}

#[test]
fn a_rest_name_beats_an_sdks_and_that_is_told() {
    let body = with_offline(json!({
        "Title": "A", "title": "B", "Desc": "same", "description": "same",
        "ApnsInfo": {"Sound": "a.caf"}, "iOSSound": "b.caf", "apnsInfo": {"sound": "c.caf"},
    }));
    let message = &spec(Call::One, &body)["message"];
    assert_eq!(message["title"], "A");
    assert_eq!(message["platforms"]["ios"]["sound"], "a.caf");
    let mut fields = fields(&body);
    fields.sort_unstable();
    let told = ["apnsInfo", "iOSSound", "title"].map(|name| format!("OfflinePushInfo.{name}"));
    assert_eq!(fields, told);
    let mut both = with_offline(json!({"Desc": "rest"}));
    both["offlinePushInfo"] = json!({"description": "js"});
    assert_eq!(spec(Call::One, &both)["message"]["body"], "rest");
    assert_eq!(super::names::fields(&both), ["offlinePushInfo"]);
}

#[test]
fn a_wrong_value_is_told_by_the_callers_own_name() {
    for (body, field, expected) in [
        (
            with_offline(json!({"iOSSound": ["x"]})),
            "OfflinePushInfo.iOSSound",
            "a text",
        ),
        (
            with_offline(json!({"disablePush": "no"})),
            "OfflinePushInfo.disablePush",
            "0 or 1",
        ),
        (
            with_offline(json!({"AndroidOPPONotifyLevel": 3})),
            "OfflinePushInfo.AndroidOPPONotifyLevel",
            "1, 2 or 16",
        ),
        (
            with_offline(json!({"iOSInterruptionLevel": "loud"})),
            "OfflinePushInfo.iOSInterruptionLevel",
            "time-sensitive",
        ),
        (
            js(json!({"androidInfo": {"sound": {"a": 1}}})),
            "offlinePushInfo.androidInfo.sound",
            "a text",
        ),
        (
            js(json!({"androidInfo": {"OPPONotifyLevel": 3}})),
            "offlinePushInfo.androidInfo.OPPONotifyLevel",
            "1, 2 or 16",
        ),
        (
            js(json!({"androidInfo": 7})),
            "offlinePushInfo.androidInfo",
            "an object",
        ),
        (
            with_offline(json!({"vendorParams": {"vivoNotifyType": 9}})),
            "OfflinePushInfo.vendorParams.vivoNotifyType",
            "1 to 4",
        ),
        (
            with_offline(json!({"vendorParams": "high"})),
            "OfflinePushInfo.vendorParams",
            "expected value",
        ),
        (
            with_offline(json!({"androidSettings": {"title": []}})),
            "OfflinePushInfo.androidSettings.title",
            "a text",
        ),
    ] {
        let problem = ordered(Call::One, &body).unwrap_err();
        assert_eq!(problem.field.as_deref(), Some(field), "{body}: {problem:?}");
        assert!(problem.detail.contains(expected), "{body}: {problem:?}");
    }
}

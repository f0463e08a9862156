//! Bodies as real chat servers write them.

use super::*;

#[test]
fn an_empty_text_is_absent_in_every_field() {
    let full: Value = serde_json::from_str(include_str!("full.json")).unwrap();
    let full_spec: Value = serde_json::from_str(include_str!("full.spec.json")).unwrap();
    // Where no field says a word there is no object, so the custom element is heard.
    let mut expected = full_spec.clone();
    expected.as_object_mut().unwrap().remove("options");
    expected["message"] = json!({
        "elements": full_spec["message"]["elements"],
        "ext": "e",
        "platforms": {"ios": {"sound": "s.mp3"}},
    });
    expected["message"]["elements"][7]["text"] = json!("unheard");
    for nothing in [json!(""), Value::Null] {
        let mut body = full.clone();
        for value in body["OfflinePushInfo"]
            .as_object_mut()
            .unwrap()
            .values_mut()
        {
            match value {
                Value::Object(info) => info.values_mut().for_each(|it| *it = nothing.clone()),
                other => *other = nothing.clone(),
            }
        }
        assert_eq!(spec(Call::One, &body), expected, "{nothing}");
    }
}

#[test]
fn offline_push_info_may_be_missing_or_empty_in_all_forms() {
    let expected = json!({"elements": [{"kind": "text", "text": "hi"}]});
    for offline in [
        Value::Null,
        json!(""),
        json!({}),
        json!([]),
        json!({"AndroidInfo": {}, "ApnsInfo": {"Image": ""}}),
        json!({"AndroidInfo": [], "ApnsInfo": null, "HarmonyInfo": ""}),
        json!({"MultiLanguageContent": null, "Unknown": {"a": []}}),
        json!({"MultiLanguageContent": "", "Ext": ""}),
    ] {
        let message = &spec(Call::One, &with_offline(offline.clone()))["message"];
        assert_eq!(*message, expected, "{offline}");
    }
    let mut body = with_offline(json!({}));
    body.as_object_mut().unwrap().remove("OfflinePushInfo");
    assert_eq!(spec(Call::One, &body)["message"], expected);
}

#[test]
fn our_own_extension_may_have_nulls() {
    let mut body = with_offline(json!({}));
    body["nudged"] = json!({"members": null, "sender_name": null, "group_name": null});
    let expected = json!({"elements": [{"kind": "text", "text": "hi"}]});
    assert_eq!(spec(Call::One, &body)["message"], expected);
}

#[test]
fn numbers_may_be_texts_and_texts_numbers() {
    for (field, value, driver, option) in [
        ("VIVONotifyType", json!(2), "vivo", json!({"notifyType": 2})),
        (
            "VIVONotifyType",
            json!("2"),
            "vivo",
            json!({"notifyType": 2}),
        ),
        ("VIVONotifyType", json!(0), "vivo", Value::Null),
        (
            "VIVONotifyType",
            json!(2.0),
            "vivo",
            json!({"notifyType": 2}),
        ),
        (
            "VIVOClassification",
            json!("0"),
            "vivo",
            json!({"classification": 0}),
        ),
        (
            "VIVOClassification",
            json!(true),
            "vivo",
            json!({"classification": 1}),
        ),
        ("OPPONotifyLevel", json!(0), "oppo", Value::Null),
        (
            "OPPOPrivateMsgTemplateId",
            json!(12),
            "oppo",
            json!({"private_msg_template_id": "12"}),
        ),
        ("OPPOPrivateTitleParameters", json!({}), "oppo", Value::Null),
        ("OPPOPrivateTitleParameters", json!([]), "oppo", Value::Null),
        (
            "HuaWeiImportance",
            json!("normal"),
            "huawei",
            json!({"importance": "NORMAL"}),
        ),
        (
            "MeiZuNoticeMsgType",
            json!("1"),
            "meizu",
            json!({"noticeBarInfo": {"noticeMsgType": 1}}),
        ),
        ("PushStyle", json!(0), "huawei", Value::Null),
    ] {
        let body = with_offline(json!({"AndroidInfo": {field: value}}));
        assert_eq!(spec(Call::One, &body)["options"][driver], option, "{body}");
    }
    let body = with_offline(json!({"Title": 42, "AndroidInfo": {"XiaoMiChannelID": 1001}}));
    let message = &spec(Call::One, &body)["message"];
    assert_eq!(message["title"], "42");
    assert_eq!(message["platforms"]["xiaomi"]["channel_id"], "1001");
    let body = json!({"To_Account": [10001, "10002"], "From_Account": 7, "MsgRandom": "5",
        "MsgLifeTime": "60", "OfflinePushInfo": {"Desc": "x"}});
    let spec = spec(Call::Many, &body);
    assert_eq!(spec["to"], json!([{"user": "10001"}, {"user": "10002"}]));
    assert_eq!(
        (&spec["sender"]["user"], &spec["ttl"]),
        (&json!("7"), &json!(60))
    );
}

#[test]
fn ext_is_any_json_and_arrives_byte_for_byte() {
    for (ext, expected) in [
        (r#""not JSON""#, Some("not JSON")),
        (r#""{\"a\" : 1}""#, Some(r#"{"a" : 1}"#)),
        (
            r#"{"a" : 1.0,"b":"\u00e9"}"#,
            Some(r#"{"a" : 1.0,"b":"\u00e9"}"#),
        ),
        ("[1, 2]", Some("[1, 2]")),
        ("12345678901234567890123", Some("12345678901234567890123")),
        ("true", Some("true")),
        ("{}", Some("{}")),
        (r#""""#, None),
        ("null", None),
    ] {
        let body =
            format!(r#"{{"To_Account":"bob","OfflinePushInfo":{{"Desc":"x","Ext":{ext}}}}}"#);
        let order = ordered_with(&DRIVERS, Call::One, &body).unwrap();
        assert_eq!(order.spec.message.ext.as_deref(), expected, "{ext}");
    }
}

#[test]
fn a_push_needs_no_message() {
    // Such as the invitation to a call.
    let offline = json!({"Desc": "calls you", "AndroidInfo": {"OPPOChannelID": "calls"}});
    let body = json!({"To_Account": "bob", "OfflinePushInfo": offline});
    let expected = json!({"body": "calls you", "platforms": {"oppo": {"channel_id": "calls"}}});
    assert_eq!(spec(Call::One, &body)["message"], expected);
    // Without a word to show nothing is pushed, and admission says so.
    let body = json!({"To_Account": ["bob"], "OfflinePushInfo": {"Ext": "x"}});
    let message = &spec(Call::Push, &body)["message"];
    assert_eq!(message["elements"], json!([{"kind": "custom"}]));
}

#[test]
fn odd_elements_are_read_as_far_as_they_go() {
    let body = json!({"To_Account": "bob", "MsgBody": [
        {"MsgType": "TIMTextElem", "MsgContent": {"Text": ""}},
        {"MsgType": "TIMTextElem", "MsgContent": []},
        {"MsgType": "TIMTextElem"},
        {"MsgType": "TIMTextElem", "MsgContent": {"Text": 42}},
        {"MsgType": "TIMNewElem", "MsgContent": 7},
        {"MsgType": "TIMNewElem"},
        {"MsgType": "TIMFaceElem", "MsgContent": "x"},
        {"MsgType": "TIMCustomElem", "MsgContent": null},
    ]});
    let elements = &spec(Call::One, &body)["message"]["elements"];
    let expected = json!([{"kind": "text", "text": "42"}, {"kind": "face"}, {"kind": "custom"}]);
    assert_eq!(*elements, expected);
}

#[test]
fn one_account_is_as_good_as_an_array_of_one() {
    let body = with_offline(json!({}));
    for call in [Call::One, Call::Many, Call::Push] {
        let mut body = body.clone();
        body["OfflinePushInfo"] = json!({"Desc": "x"});
        assert_eq!(spec(call, &body)["to"], json!([{"user": "bob"}]));
    }
}

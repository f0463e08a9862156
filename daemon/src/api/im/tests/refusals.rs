//! What cannot be understood, and in which words that is told.

use super::*;

fn refusal(call: Call, body: &Value) -> (String, Problem) {
    let problem = match ordered(call, body) {
        Ok(order) => panic!("{body} became {order:?}"),
        Err(problem) => problem,
    };
    assert!((400..500).contains(&problem.status), "{problem:?}");
    (problem.field.clone().unwrap_or_default(), problem)
}

#[test]
fn a_wrong_field_of_offline_push_info_is_named_with_what_was_expected() {
    for (offline, field, expected) in [
        (json!("x"), "", "an object"),
        (json!([1]), "", "an object"),
        (json!({"Title": {}}), "Title", "a text"),
        (json!({"Title": true}), "Title", "a text"),
        (json!({"PushFlag": 2}), "PushFlag", "0 or 1"),
        (json!({"PushFlag": "no"}), "PushFlag", "0 or 1"),
        (json!({"BadgeSetNum": -1}), "BadgeSetNum", "0 to 99999"),
        (json!({"BadgeAddNum": 1.5}), "BadgeAddNum", "a whole number"),
        (
            json!({"MultiLanguageContent": {"en": {}}}),
            "MultiLanguageContent",
            "an array",
        ),
        (
            json!({"MultiLanguageContent": [{"Title": "x"}]}),
            "MultiLanguageContent[0].Language",
            "a language",
        ),
        (json!({"AndroidInfo": 7}), "AndroidInfo", "an object"),
        (
            json!({"AndroidInfo": {"OPPONotifyLevel": 3}}),
            "AndroidInfo.OPPONotifyLevel",
            "1, 2 or 16",
        ),
        (
            json!({"AndroidInfo": {"OPPONotifyLevel": "x"}}),
            "AndroidInfo.OPPONotifyLevel",
            "a whole number",
        ),
        (
            json!({"AndroidInfo": {"OPPONotifyLevel": 1, "OPPOCategory": "im"}}),
            "AndroidInfo.OPPOCategory",
            "capitals",
        ),
        (
            json!({"AndroidInfo": {"OPPOPrivateTitleParameters": "x"}}),
            "AndroidInfo.OPPOPrivateTitleParameters",
            "an object",
        ),
        (
            json!({"AndroidInfo": {"HuaWeiImportance": "URGENT"}}),
            "AndroidInfo.HuaWeiImportance",
            "LOW, NORMAL",
        ),
        (
            json!({"AndroidInfo": {"HonorImportance": "HIGH"}}),
            "AndroidInfo.HonorImportance",
            "LOW, NORMAL",
        ),
        (
            json!({"AndroidInfo": {"VIVONotifyType": 5}}),
            "AndroidInfo.VIVONotifyType",
            "1 to 4",
        ),
        (
            json!({"AndroidInfo": {"VIVOClassification": 2}}),
            "AndroidInfo.VIVOClassification",
            "0 or 1",
        ),
        (
            json!({"AndroidInfo": {"GooglePriority": "max"}}),
            "AndroidInfo.GooglePriority",
            "normal or high",
        ),
        (
            json!({"ApnsInfo": {"InterruptionLevel": "loud"}}),
            "ApnsInfo.InterruptionLevel",
            "time-sensitive",
        ),
        (
            json!({"ApnsInfo": {"Sound": []}}),
            "ApnsInfo.Sound",
            "a text",
        ),
        (
            json!({"HarmonyInfo": {"SoundDuration": 61}}),
            "HarmonyInfo.SoundDuration",
            "1 to 60",
        ),
    ] {
        let path = format!("OfflinePushInfo.{field}");
        let (at, problem) = refusal(Call::One, &with_offline(offline.clone()));
        assert_eq!(at, path.trim_end_matches('.'), "{offline}");
        assert!(problem.detail.contains(expected), "{offline}: {problem:?}");
    }
}

#[test]
fn a_wrong_element_is_named_with_its_place() {
    let text = json!({"MsgType": "TIMTextElem", "MsgContent": {"Text": "hi"}});
    let custom = json!({"MsgType": "TIMCustomElem", "MsgContent": {"Desc": "d"}});
    for (elements, field, expected) in [
        (json!("hello"), "MsgBody", "an array"),
        (json!({"MsgType": "TIMTextElem"}), "MsgBody", "an array"),
        (json!([text, "x"]), "MsgBody[1]", "an object"),
        (json!([text, {}]), "MsgBody[1].MsgType", "TIMTextElem"),
        (
            json!([text, {"MsgType": ""}]),
            "MsgBody[1].MsgType",
            "TIMTextElem",
        ),
        (
            json!([text, {"MsgType": 7}]),
            "MsgBody[1].MsgType",
            "a string",
        ),
        (
            json!([text, {"MsgType": "TIMTextElem", "MsgContent": "x"}]),
            "MsgBody[1].MsgContent",
            "an object",
        ),
        (
            json!([{"MsgType": "TIMTextElem", "MsgContent": {"Text": ["x"]}}]),
            "MsgBody[0].MsgContent.Text",
            "a text",
        ),
        (
            json!([custom, text, custom]),
            "MsgBody[2].MsgType",
            "at most one",
        ),
        (json!([]), "MsgBody", "an array of elements"),
    ] {
        let body = json!({"To_Account": "bob", "MsgBody": elements});
        let (at, problem) = refusal(Call::One, &body);
        assert_eq!(at, field, "{body}");
        assert!(problem.detail.contains(expected), "{body}: {problem:?}");
        assert!(at == "MsgBody" || !at.contains("Content") || !problem.detail.contains("column"));
    }
}

#[test]
fn who_it_is_for_must_be_said_in_the_calls_form() {
    let crowd = |count: usize| (0..count).map(|n| format!("u{n}")).collect::<Vec<_>>();
    let many = |to: Value| json!({"To_Account": to, "OfflinePushInfo": {"Desc": "x"}});
    for (call, body, field, expected) in [
        (Call::One, many(json!(["bob"])), "To_Account", "one account"),
        (Call::One, many(json!("")), "To_Account", "an account"),
        (
            Call::One,
            many(json!({})),
            "To_Account",
            "an account or an array",
        ),
        (
            Call::Many,
            many(Value::Null),
            "To_Account",
            "an array of accounts",
        ),
        (
            Call::Many,
            many(json!([])),
            "To_Account",
            "an array of accounts",
        ),
        (
            Call::Many,
            many(json!(["", "x".repeat(300)])),
            "To_Account[0]",
            "empty",
        ),
        (
            Call::Group,
            group(json!({"To_Account": ["a", "", "b"]})),
            "To_Account[1]",
            "empty",
        ),
        (
            Call::Many,
            many(json!(["a", {}])),
            "To_Account[1]",
            "a text",
        ),
        (
            Call::Many,
            many(json!(crowd(501))),
            "To_Account",
            "501 accounts, expected at most 500",
        ),
        (
            Call::Push,
            many(json!(crowd(501))),
            "To_Account",
            "at most 500",
        ),
        (
            Call::Group,
            group(json!({"To_Account": crowd(51)})),
            "To_Account",
            "at most 50",
        ),
        (Call::Group, group(json!({})), "nudged.members", "members"),
        (
            Call::Group,
            group(json!({"nudged": {"members": ["a", ""]}})),
            "nudged.members[1]",
            "empty",
        ),
        (
            Call::Group,
            group(json!({"nudged": {"members": crowd(10_001)}})),
            "nudged.members",
            "at most 10000",
        ),
        (
            Call::Group,
            group(json!({"nudged": {"membres": ["a"]}})),
            "nudged.membres",
            "unknown field",
        ),
        (
            Call::Group,
            group(json!({"To_Account": ["a"], "GroupId": ""})),
            "GroupId",
            "the group",
        ),
        (
            Call::One,
            json!({"To_Account": "bob", "OfflinePushInfo": {"Desc": "x"}, "nudged": {"members": ["a"]}}),
            "nudged.members",
            "sendmsg",
        ),
    ] {
        let (at, problem) = refusal(call, &body);
        assert_eq!(at, field, "{problem:?}");
        assert!(problem.detail.contains(expected), "{problem:?}");
    }
    assert_eq!(
        spec(Call::Many, &many(json!(crowd(500))))["to"]
            .as_array()
            .unwrap()
            .len(),
        500
    );
}

#[test]
fn a_bare_push_needs_its_info_and_a_life_its_bounds() {
    for offline in [Value::Null, json!({}), json!({"AndroidInfo": {}})] {
        let (at, problem) = refusal(Call::Push, &with_offline(offline));
        assert_eq!(at, "OfflinePushInfo");
        assert!(problem.detail.contains("missing"));
    }
    for life in [json!(604_801), json!(-1), json!(1.5), json!("week")] {
        let mut body = with_offline(json!({}));
        body["MsgLifeTime"] = life;
        assert_eq!(refusal(Call::One, &body).0, "MsgLifeTime");
    }
}

#[test]
fn what_is_no_object_is_told_so() {
    for body in [json!([1]), json!("x"), json!(7)] {
        let (_, problem) = refusal(Call::One, &body);
        assert!(problem.detail.contains("expected an object"), "{problem:?}");
    }
    for text in ["", "{", "{} {}"] {
        assert_eq!(
            ordered_with(&DRIVERS, Call::One, text).unwrap_err().status,
            400
        );
    }
}

#[test]
fn half_a_character_in_an_account_is_refused() {
    let body = r#"{"To_Account":"a\ud800","MsgBody":[]}"#;
    let problem = ordered_with(&DRIVERS, Call::One, body).unwrap_err();
    assert_eq!(problem.field.as_deref(), Some("To_Account"));
    assert!(
        problem.detail.contains("an unpaired surrogate"),
        "{problem:?}"
    );
}

#[test]
fn an_unknown_call_hears_the_known_ones() {
    assert_eq!(Call::named(Some("send_group_msg")).ok(), Some(Call::Group));
    for name in [None, Some("sendmessage"), Some("SENDMSG")] {
        let problem = Call::named(name).unwrap_err();
        assert_eq!(problem.field.as_deref(), Some("call"));
        assert!(problem.detail.contains("timpush_batch"), "{problem:?}");
    }
}

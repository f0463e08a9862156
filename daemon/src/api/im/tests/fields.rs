//! Where each field goes.

use std::time::Duration;

use super::*;
use crate::api::im::answer::answer;
use crate::model::Reason;
use nudged_wire::Accepted;
use nudged_wire::{Code, Problem};

const FULL: &str = include_str!("full.json");

#[test]
fn every_field_has_its_place() {
    let order = ordered_with(&DRIVERS, Call::One, FULL).unwrap();
    let expected: Value = serde_json::from_str(include_str!("full.spec.json")).unwrap();
    let spec = serde_json::to_value(&order.spec).unwrap();
    assert_eq!(spec, expected, "{spec:#}");
    let fields: Vec<_> = order.notices.iter().map(|it| it.field.as_str()).collect();
    assert_eq!(fields, ["OfflinePushInfo.AndroidInfo.SomethingNew"]);
}

#[test]
fn vendors_that_the_app_has_no_channel_of_are_left_out() {
    let order = ordered_with(&["fcm", "vivo"], Call::One, FULL).unwrap();
    let platforms: Vec<_> = order.spec.message.platforms.keys().collect();
    assert_eq!(platforms, ["android", "fcm", "harmony", "ios", "vivo"]);
    assert_eq!(order.spec.options.keys().collect::<Vec<_>>(), ["vivo"]);
}

#[test]
fn a_custom_element_speaks_for_itself_only_without_offline_push_info() {
    let content = json!({"Data": "d", "Desc": "a gift", "Ext": {"id": 1}, "Sound": "gift.caf"});
    let mut body = with_element("TIMCustomElem", content);
    let message = &spec(Call::One, &body)["message"];
    let expected = json!({
        "elements": [{"kind": "custom", "text": "a gift"}],
        "ext": r#"{"id":1}"#,
        "platforms": {"ios": {"sound": "gift.caf"}},
    });
    assert_eq!(*message, expected);

    body["OfflinePushInfo"] = json!({"Title": "Gift"});
    let message = &spec(Call::One, &body)["message"];
    let expected = json!({"title": "Gift", "elements": [{"kind": "custom"}]});
    assert_eq!(*message, expected);
}

#[test]
fn an_unknown_element_is_one_that_only_the_app_can_read() {
    let body = with_element("TIMRelayElem", json!({"Text": {"deep": []}}));
    let elements = &spec(Call::One, &body)["message"]["elements"];
    assert_eq!(*elements, json!([{"kind": "custom"}]));
}

#[test]
fn badges_are_set_before_they_are_added_to_before_they_are_kept() {
    for (offline, badge, ios) in [
        (
            json!({"BadgeSetNum": 0, "BadgeAddNum": 2}),
            json!({"set": 0}),
            Value::Null,
        ),
        (json!({"BadgeAddNum": "2"}), json!({"add": 2}), Value::Null),
        (
            json!({"BadgeAddNum": 0, "Desc": "x"}),
            Value::Null,
            Value::Null,
        ),
        (
            json!({"ApnsInfo": {"BadgeMode": 1}}),
            Value::Null,
            json!("keep"),
        ),
        (
            json!({"ApnsInfo": {"BadgeMode": 0}}),
            Value::Null,
            Value::Null,
        ),
        (
            json!({"BadgeSetNum": 7, "ApnsInfo": {"BadgeMode": 1}}),
            json!({"set": 7}),
            Value::Null,
        ),
    ] {
        let message = &spec(Call::One, &with_offline(offline.clone()))["message"];
        assert_eq!(message["badge"], badge, "{offline}");
        assert_eq!(message["platforms"]["ios"]["badge"], ios, "{offline}");
    }
    // A push without a message counts only when it says so.
    for (mode, ios) in [(json!(""), json!("keep")), (json!(0), Value::Null)] {
        let offline = json!({"Desc": "x", "ApnsInfo": {"BadgeMode": mode}});
        let body = json!({"To_Account": ["bob"], "OfflinePushInfo": offline});
        let message = &spec(Call::Push, &body)["message"];
        assert_eq!(message["platforms"]["ios"]["badge"], ios, "{body}");
    }
    let mut body = with_offline(json!({}));
    body["SendMsgControl"] = json!(["NoLastMsg", "NoUnread"]);
    assert_eq!(spec(Call::One, &body)["message"]["badge"], "keep");
}

#[test]
fn the_clients_constant_for_silence_is_silence() {
    let offline =
        json!({"ApnsInfo": {"Sound": "push.no_sound"}, "AndroidInfo": {"Sound": "default"}});
    let platforms = &spec(Call::One, &with_offline(offline))["message"]["platforms"];
    let expected = json!({"ios": {"sound": "none"}, "android": {"sound": "default"}});
    assert_eq!(*platforms, expected);
}

#[test]
fn a_vivo_category_speaks_for_the_older_classification() {
    for (info, expected) in [
        (
            json!({"VIVOClassification": 0}),
            json!({"classification": 0}),
        ),
        (
            json!({"VIVOClassification": 1, "VIVOCategory": "MARKETING"}),
            Value::Null,
        ),
    ] {
        let spec = spec(Call::One, &with_offline(json!({"AndroidInfo": info})));
        assert_eq!(spec["options"]["vivo"], expected, "{spec}");
    }
}

#[test]
fn what_goes_no_further_is_told() {
    let offline = json!({
        "PushTemplateId": "t",
        "AndroidInfo": {"OPPONotifyLevel": 16, "OPPOPrivateTitleParameters": {"a": 1}},
        "ApnsInfo": {"IsVoipPush": 1, "LiveActivity": {"LaId": "x", "Event": "update"}},
    });
    let body = with_offline(offline).to_string();
    let fields = |drivers: &[&str]| {
        let order = ordered_with(drivers, Call::One, &body).unwrap();
        assert!(order.spec.options.is_empty());
        let fields = order.notices.into_iter().map(|notice| notice.field);
        fields.collect::<Vec<_>>()
    };
    assert_eq!(
        fields(&DRIVERS),
        [
            "OfflinePushInfo.AndroidInfo.OPPONotifyLevel",
            "OfflinePushInfo.AndroidInfo.OPPOPrivateMsgTemplateId",
            "OfflinePushInfo.PushTemplateId",
            "OfflinePushInfo.ApnsInfo.LiveActivity",
        ]
    );
    assert_eq!(
        fields(&["vivo"]),
        [
            "OfflinePushInfo.PushTemplateId",
            "OfflinePushInfo.ApnsInfo.LiveActivity",
        ]
    );
}

#[test]
fn a_call_and_a_live_activity_are_kinds_of_their_own() {
    let of = |apns: Value| {
        let spec = spec(Call::One, &with_offline(json!({"ApnsInfo": apns})));
        json!([spec["message"]["kind"], spec["message"]["live_activity"]])
    };
    assert_eq!(of(json!({"IsVoipPush": 1})), json!(["voip", null]));
    for nothing in [json!({}), json!([]), json!(""), Value::Null] {
        let none = of(json!({"IsVoipPush": 0, "LiveActivity": nothing}));
        assert_eq!(none, json!([null, null]));
    }
    let activity = json!({
        "LaId": "taxi-7", "Event": "end", "ContentState": {"eta": 3, "by": "Ann"},
        "DismissalDate": 1_790_000_000,
    });
    let expected = json!({
        "id": "taxi-7", "event": "end", "content_state": {"eta": 3, "by": "Ann"},
        "dismiss_at": 1_790_000_000,
    });
    assert_eq!(
        of(json!({"LiveActivity": activity})),
        json!(["live_activity", expected])
    );
    // As the text of an object, and with what clients write who cannot leave a number out.
    let text = json!({"LaId": 7, "Event": "Update", "DismissalDate": 0}).to_string();
    let expected = json!({"id": "7", "event": "update"});
    assert_eq!(
        of(json!({"LiveActivity": text})),
        json!(["live_activity", expected])
    );
}

#[test]
fn a_live_activity_that_cannot_be_is_told_by_its_field() {
    let long = "x".repeat(65);
    for (activity, field) in [
        (json!("nonsense"), ""),
        (json!([1]), ""),
        (json!({"Event": "update"}), ".LaId"),
        (json!({"LaId": long, "Event": "update"}), ".LaId"),
        (json!({"LaId": "a"}), ".Event"),
        (json!({"LaId": "a", "Event": "start"}), ".Event"),
        (
            json!({"LaId": "a", "Event": "end", "ContentState": [1]}),
            ".ContentState",
        ),
        (
            json!({"LaId": "a", "Event": "end", "DismissalDate": -1}),
            ".DismissalDate",
        ),
    ] {
        let body = with_offline(json!({"ApnsInfo": {"LiveActivity": activity}})).to_string();
        let problem = ordered_with(&DRIVERS, Call::One, &body).expect_err("is wrong");
        let expected = format!("OfflinePushInfo.ApnsInfo.LiveActivity{field}");
        assert_eq!(
            problem.field.as_deref(),
            Some(&*expected),
            "{}",
            problem.detail
        );
    }
}

#[test]
fn a_message_for_those_online_is_not_pushed() {
    let text = with_offline(json!({}));
    for (call, field, value, pushed) in [
        (Call::One, "MsgLifeTime", json!(0), false),
        (Call::One, "MsgLifeTime", json!("0"), false),
        (Call::One, "MsgLifeTime", json!(604_800), true),
        (Call::One, "OnlineOnlyFlag", json!(1), false),
        (Call::One, "OfflinePushInfo", json!({"PushFlag": 1}), false),
        (Call::One, "OfflinePushInfo", json!({"PushFlag": "0"}), true),
        (Call::Push, "MsgLifeTime", json!(0), true),
        (Call::Push, "OnlineOnlyFlag", json!(1), false),
    ] {
        let mut body = text.clone();
        body["OfflinePushInfo"] = json!({"Desc": "x"});
        body[field] = value;
        let spec = spec(call, &body);
        assert_eq!(
            spec.get("push"),
            (!pushed).then_some(&json!(false)),
            "{body}"
        );
    }
}

#[test]
fn a_group_message_goes_to_the_named_or_to_all_members() {
    let body = group(json!({
        "From_Account": "alice",
        "nudged": {"members": ["bob", "eve", "bob"], "sender_name": "Alice", "group_name": "Chess"},
        "GroupAtInfo": [
            {"GroupAtAllFlag": 0, "GroupAt_Account": "eve"},
            {"GroupAtAllFlag": 1},
            {"GroupAtAllFlag": 0, "GroupAt_Account": ""}
        ],
        "MsgPriority": "High",
    }));
    let expected = json!({
        "app": "chat",
        "to": [{"user": "bob"}, {"user": "eve"}],
        "sender": {"user": "alice", "name": "Alice"},
        "conversation": {"kind": "group", "id": "@TGS#2C5SZEAEF", "name": "Chess"},
        "mentions": {"all": true, "users": ["eve"]},
        "message": {"elements": [{"kind": "text", "text": "hi"}]},
    });
    assert_eq!(spec(Call::Group, &body), expected);

    let body =
        group(json!({"To_Account": ["eve"], "nudged": {"members": ["bob"]}, "TopicId": "@T"}));
    let spec = spec(Call::Group, &body);
    assert_eq!(spec["to"], json!([{"user": "eve"}]));
    assert_eq!(spec["conversation"]["id"], "@T");
}

#[test]
fn who_sends_nothing_else_is_the_admin() {
    let body = with_offline(json!({})).to_string();
    let drivers = BTreeSet::new();
    let caller = CallOrigin {
        app: "chat",
        admin: Some("admin"),
        drivers: &drivers,
    };
    let body = read(Call::One, body.as_bytes()).unwrap();
    let spec = order(Call::One, caller, body).unwrap().spec;
    assert_eq!(spec.sender.unwrap().user.as_deref(), Some("admin"));
    let spec = self::spec(Call::One, &with_offline(json!({})));
    assert_eq!((spec.get("sender"), spec.get("conversation")), (None, None));
}

#[test]
fn the_same_random_number_with_the_same_content_has_the_same_key() {
    let dedupe = |call, field: &str, random: Value, text: &str, stamp: u64| {
        let mut body = with_element("TIMTextElem", json!({"Text": text}));
        body["GroupId"] = json!("g");
        body["To_Account"] = json!("bob");
        body["MsgTimeStamp"] = json!(stamp);
        body[field] = random;
        ordered(call, &body).unwrap().dedupe
    };
    let first = dedupe(Call::One, "MsgRandom", json!(7), "hi", 1).unwrap();
    assert_eq!(first.window, Duration::from_secs(1));
    assert!(first.key.len() <= 128 && first.key.starts_with("im:"));
    for (call, field, random, text, stamp, same) in [
        (Call::One, "MsgRandom", json!("7"), "hi", 2, true),
        (Call::One, "MsgRandom", json!(8), "hi", 1, false),
        (Call::One, "MsgRandom", json!(7), "ho", 1, false),
        (Call::Many, "MsgRandom", json!(7), "hi", 1, false),
    ] {
        let other = dedupe(call, field, random, text, stamp).unwrap();
        assert_eq!(other.key == first.key, same, "{text} {stamp}");
    }
    let group = dedupe(Call::Group, "Random", json!(7), "hi", 1).unwrap();
    assert_eq!(group.window, Duration::from_secs(300));
    assert_eq!(dedupe(Call::One, "Seq", json!(7), "hi", 1), None);
}

#[test]
fn the_answer_is_tencents_and_ours() {
    let accepted = Accepted {
        id: "01".to_owned(),
        deliveries: 1,
        suppressed: 2,
        explanation: Some("why".to_owned()),
        notices: Vec::new(),
    };
    let silent = [
        ("bob".to_owned(), Reason::NoDevice),
        ("eve".to_owned(), Reason::Foreground),
    ];
    let problem = Problem::new(Code::Invalid, "must not be empty").field("To_Account[1]");
    let refused = [(String::new(), problem)];
    let answer = serde_json::to_value(answer(accepted, &refused, &silent, Vec::new())).unwrap();
    let expected = json!({
        "ActionStatus": "OK", "ErrorCode": 0, "ErrorInfo": "", "TaskId": "01",
        "ErrorList": [{
            "To_Account": "", "ErrorCode": 70107,
            "ErrorInfo": "invalid: To_Account[1] must not be empty",
        }, {
            "To_Account": "bob", "ErrorCode": 70107,
            "ErrorInfo": "no_device: the user has no device",
        }],
        "id": "01", "deliveries": 1, "suppressed": 2, "explanation": "why",
    });
    assert_eq!(answer, expected);
}

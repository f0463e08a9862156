//! 36: conversations that disturb nobody, and hours in which nothing does.

use nudged_rig::APNS;
use serde_json::{Value, json};

use super::in_group;
use crate::world::bob::*;
use crate::world::now_ms;

/// Who a message mentions, and whether Bob is among them.
fn mentions() -> [(&'static str, Value, bool); 4] {
    [
        ("nobody", json!({}), false),
        ("carol", json!({"users": ["carol"]}), false),
        ("bob", json!({"users": ["carol", "bob"]}), true),
        ("all", json!({"all": true}), true),
    ]
}

/// What comes of a group message for someone who has set this value.
fn expected(value: u8, mentioned: bool) -> &'static str {
    match (value, mentioned) {
        (0, _) | (3 | 4, true) => "accepted",
        (1 | 2, _) => "do_not_disturb",
        _ => "not_mentioned",
    }
}

#[tokio::test]
async fn req_36_each_value_of_do_not_disturb_holds_for_its_group_with_and_without_mentions() {
    let rig = with_phone().await;
    let mut pushed = Vec::new();
    for value in 0..=4 {
        set(&rig, json!({"do_not_disturb": {"group:g1": value}})).await;
        for (whom, mentions, mentioned) in mentions() {
            let text = format!("{value} mentions {whom}");
            let mut spec = in_group(to_bob(&text));
            spec["mentions"] = mentions;
            let came = expected(value, mentioned);
            assert_eq!(tell(&rig, &spec).await.only(), came, "{text}");
            if came == "accepted" {
                pushed.push(text);
            }
        }
        // Another group and a person of the same name are not concerned.
        for (kind, id) in [("group", "g2"), ("c2c", "g1")] {
            let text = format!("{value} in {kind}:{id}");
            let mut spec = to_bob(&text);
            spec["conversation"] = json!({"kind": kind, "id": id});
            assert_eq!(tell(&rig, &spec).await.only(), "accepted", "{text}");
            pushed.push(text);
        }
    }
    assert_eq!(shown(&rig, APNS), pushed);
}

#[tokio::test]
async fn req_36_a_person_is_muted_alone() {
    let rig = with_phone().await;
    let mut of_carol = to_bob("of Carol");
    of_carol["sender"]["user"] = json!("carol");
    let mut named = to_bob("named");
    named["conversation"] = json!({"kind": "c2c", "id": "alice"});
    for (value, came) in [
        (0, "accepted"),
        (1, "do_not_disturb"),
        (2, "do_not_disturb"),
        (3, "not_mentioned"),
        (4, "not_mentioned"),
    ] {
        set(&rig, json!({"do_not_disturb": {"c2c:alice": value}})).await;
        // The conversation is the sender's, be it named or not.
        for spec in [to_bob("of Alice"), named.clone()] {
            assert_eq!(tell(&rig, &spec).await.only(), came, "{value}");
        }
        // Alice in a group is another conversation.
        for spec in [in_group(to_bob("in the group")), of_carol.clone()] {
            assert_eq!(tell(&rig, &spec).await.only(), "accepted", "{value}");
        }
    }
    let others = ["in the group", "of Carol"];
    let expected: Vec<_> = ["of Alice", "named"]
        .into_iter()
        .chain([others; 5].concat())
        .collect();
    assert_eq!(shown(&rig, APNS), expected);
}

#[tokio::test]
async fn req_36_tencents_mentions_and_topics_are_heard_too() {
    let rig = with_phone().await;
    let nobody = json!([]);
    let bob = json!([{"GroupAtAllFlag": 0, "GroupAt_Account": "bob"}]);
    let carol = json!([{"GroupAtAllFlag": 0, "GroupAt_Account": "carol"}]);
    let all = json!([{"GroupAtAllFlag": 1}]);
    for (value, topic, came) in [
        (
            3,
            "",
            ["not_mentioned", "accepted", "not_mentioned", "accepted"],
        ),
        (2, "", ["do_not_disturb"; 4]),
        (
            4,
            "t1",
            ["not_mentioned", "accepted", "not_mentioned", "accepted"],
        ),
    ] {
        let conversation = match topic {
            "" => "group:g1",
            topic => &format!("group:{topic}"),
        };
        set(&rig, json!({"do_not_disturb": {conversation: value}})).await;
        for (at, came) in [&nobody, &bob, &carol, &all].into_iter().zip(came) {
            let body = json!({
                "From_Account": "alice", "GroupId": "g1", "TopicId": topic,
                "To_Account": ["bob"], "GroupAtInfo": at,
                "MsgBody": [{"MsgType": "TIMTextElem", "MsgContent": {"Text": "hi"}}],
            });
            let told = tell_im(&rig, "send_group_msg", &body).await;
            assert_eq!(told.only(), came, "{value} {conversation} {at}");
        }
    }
    assert_eq!(shown(&rig, APNS), ["hi"; 4]);
}

const HOUR: i64 = 3600;
const DAY: i64 = 24 * HOUR;

/// Zones without summer time, and how far they are ahead of UTC.
const ZONES: [(&str, i64); 6] = [
    ("UTC", 0),
    ("Asia/Shanghai", 8 * HOUR),
    ("Asia/Kolkata", 5 * HOUR + HOUR / 2),
    ("America/Phoenix", -7 * HOUR),
    ("Pacific/Kiritimati", 14 * HOUR),
    ("Pacific/Marquesas", -9 * HOUR - HOUR / 2),
];

/// What a clock shows there, so many seconds from now.
fn clock(ahead: i64, from_now: i64) -> String {
    let now = i64::try_from(now_ms() / 1000).unwrap();
    let second = (now + ahead + from_now).rem_euclid(DAY);
    format!(
        "{:02}:{:02}:{:02}",
        second / HOUR,
        second / 60 % 60,
        second % 60
    )
}

async fn quiet(rig: &nudged_rig::Rig, start: String, duration: i64, zone: &str) {
    let hours = json!({"start": start, "duration": duration, "time_zone": zone});
    set(rig, json!({"quiet_hours": hours})).await;
}

#[tokio::test]
async fn req_36_quiet_hours_hold_on_the_users_own_clock() {
    let rig = with_phone().await;
    let mut pushed = 0;
    for (zone, ahead) in ZONES {
        // Where it starts, and how long it lasts; one of the two long ones passes midnight.
        for (from_now, duration, came) in [
            (-HOUR, 2 * HOUR, "quiet_hours"),
            (-HOUR, HOUR / 2, "accepted"),
            (HOUR, 22 * HOUR, "accepted"),
            (2 * HOUR, 23 * HOUR, "quiet_hours"),
            (HOUR, HOUR, "accepted"),
            (0, 0, "accepted"),
            (HOUR, DAY, "quiet_hours"),
        ] {
            quiet(&rig, clock(ahead, from_now), duration, zone).await;
            let told = tell(&rig, &to_bob("hello")).await;
            assert_eq!(told.only(), came, "{zone}: {from_now} for {duration}");
            pushed += usize::from(came == "accepted");
        }
    }
    // The same clock elsewhere is another time.
    quiet(&rig, clock(8 * HOUR, -HOUR), 2 * HOUR, "America/Phoenix").await;
    assert_eq!(tell(&rig, &to_bob("hello")).await.only(), "accepted");
    // Without a zone it is UTC.
    let hours = json!({"start": clock(0, -HOUR), "duration": 2 * HOUR});
    set(&rig, json!({"quiet_hours": hours})).await;
    assert_eq!(tell(&rig, &to_bob("hello")).await.only(), "quiet_hours");
    assert_eq!(shown(&rig, APNS).len(), pushed + 1);
}

#[tokio::test]
async fn req_36_quiet_hours_are_one_users_and_end_when_they_are_taken_back() {
    let rig = with_phone_and_tablet().await;
    login(&rig, "carol", "phone", APNS, &APNS.numbered(7)).await;
    quiet(&rig, "00:00".to_owned(), DAY, "Europe/Berlin").await;

    // A mention is no reason to wake anybody.
    let mut spec = to(&["bob", "carol"], "at night");
    spec["mentions"] = json!({"all": true});
    let told = tell(&rig, &spec).await;

    assert_eq!(told.on("bob/phone"), "quiet_hours");
    assert_eq!(told.on("bob/tablet"), "quiet_hours");
    assert_eq!(told.on("carol/phone"), "accepted");
    change(&rig, json!({"quiet_hours": null})).await;
    let told = tell(&rig, &to_bob("in the morning")).await;
    assert_eq!(told.on("bob/phone"), "accepted");
    assert_eq!(shown(&rig, APNS), ["at night", "in the morning"]);
}

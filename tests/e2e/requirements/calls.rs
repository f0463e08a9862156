//! 58, 59, 61 and 62: a chat server's calls to several users and to groups, repeats, and
//! messages for those who are online.

use std::collections::BTreeSet;

use nudged_rig::{APNS, Rig};
use serde_json::{Value, json};

use super::im::{call, only_delivery, push, text_to_bob};
use crate::world::bob::{bob_on, register};
use crate::world::{
    now_ms, problem, rig_of, taken_by, text, text_at, time_at, token, trace_of, until,
};

/// Users u0, u1, ... and which of them have an iPhone.
async fn crowd(rig: &Rig, who: impl Iterator<Item = u64>) {
    for n in who {
        let user = format!("u{n}");
        rig.register(&user, "phone", "ios", &token(n))
            .await
            .unwrap();
    }
}

fn users(count: u64) -> Vec<String> {
    (0..count).map(|n| format!("u{n}")).collect()
}

/// The same text to several.
fn to_many(to: &[String]) -> Value {
    let mut body = text_to_bob(json!({"Desc": "Lunch?"}));
    body["To_Account"] = json!(to);
    body
}

/// A text to a group.
fn to_group(more: Value) -> Value {
    let mut body = json!({
        "GroupId": "@TGS#2C5SZEAEF",
        "From_Account": "alice",
        "MsgBody": [{"MsgType": "TIMTextElem", "MsgContent": {"Text": "Lunch?"}}],
    });
    for (key, value) in more.as_object().expect("an object") {
        body[key] = value.clone();
    }
    body
}

/// Users whose delivery ended so, by the trace.
async fn ended(rig: &Rig, answer: &Value, kind: &str) -> Vec<String> {
    let id = text_at(answer, "/id");
    let count = |name: &str| answer[name].as_u64().unwrap_or_default() as usize;
    let all = count("deliveries") + count("suppressed");
    rig.client.outcomes(id, all).await.unwrap();
    let trace = trace_of(rig, id).await;
    let deliveries = trace["deliveries"].as_array().expect("a list").iter();
    let its = deliveries.filter(|it| it["outcome"]["kind"] == kind);
    let mut users: Vec<_> = its.map(|it| text(it, "user").to_owned()).collect();
    users.sort();
    users
}

#[tokio::test]
async fn req_58_a_batch_goes_to_500_and_fails_for_each_recipient_alone() {
    let rig = rig_of(&[APNS]).await;
    crowd(&rig, (0..500).step_by(20)).await;
    rig.simulator
        .apns()
        .unregister_token(&token(40), now_ms() + 1000);
    for name in ["batchsendmsg", "timpush_batch"] {
        let before = taken_by(&rig, APNS).len();

        let answer = call(&rig, name, &to_many(&users(500))).await.expect(202);

        assert_eq!(answer["ActionStatus"], "OK", "{answer:#}");
        let failed = answer["ErrorList"].as_array().expect("a list");
        let has_phone = |user: &str| user[1..].parse::<u64>().unwrap() % 20 == 0;
        let gone = if before == 0 { "" } else { "u40" };
        let expected: BTreeSet<_> = users(500)
            .into_iter()
            .filter(|it| !has_phone(it) || it == gone)
            .collect();
        let told: BTreeSet<_> = failed
            .iter()
            .map(|it| text(it, "To_Account").to_owned())
            .collect();
        assert_eq!(told, expected);
        assert_eq!(failed.len(), expected.len(), "each once");
        for one in failed {
            assert_eq!(one["ErrorCode"], 70107, "{one}");
            let dead = one["To_Account"] == gone;
            let why = if dead { "token_dead" } else { "no_device" };
            assert!(text(one, "ErrorInfo").starts_with(why), "{one}");
        }
        // One whom the vendor does not know any more costs the others nothing.
        assert_eq!(ended(&rig, &answer, "accepted").await.len(), 24);
        assert_eq!(taken_by(&rig, APNS).len(), before + 24);
        if gone.is_empty() {
            assert_eq!(ended(&rig, &answer, "invalid_token").await, ["u40"]);
        }
    }
}

#[tokio::test]
async fn req_58_what_is_no_account_fails_alone() {
    let rig = rig_of(&[APNS]).await;
    crowd(&rig, 0..2).await;
    let long = "x".repeat(300);
    let to = [
        "u0".to_owned(),
        String::new(),
        long.clone(),
        "u1".to_owned(),
    ];

    let answer = call(&rig, "batchsendmsg", &to_many(&to)).await.expect(202);

    let failed = answer["ErrorList"].as_array().expect("a list");
    let told: Vec<_> = failed.iter().map(|it| text(it, "To_Account")).collect();
    assert_eq!(told, ["", &*long], "{answer:#}");
    for (one, at) in failed.iter().zip([1, 2]) {
        let info = text(one, "ErrorInfo");
        assert!(info.contains(&format!("To_Account[{at}]")), "{info}");
    }
    assert_eq!(ended(&rig, &answer, "accepted").await, ["u0", "u1"]);
    // Where nobody is left it is a mistake of the call.
    let reply = call(&rig, "batchsendmsg", &to_many(&to[1..3])).await;
    let refused = problem(reply, 422, "invalid");
    assert_eq!(text(&refused, "field"), "To_Account[0]");
}

#[tokio::test]
async fn req_58_a_batch_of_501_is_refused_whole() {
    let rig = rig_of(&[APNS]).await;
    crowd(&rig, 0..1).await;
    for name in ["batchsendmsg", "timpush_batch"] {
        let reply = call(&rig, name, &to_many(&users(501))).await;
        let refused = problem(reply, 422, "invalid");
        assert_eq!(text(&refused, "field"), "To_Account");
    }
    // What arrives is the next one, and it alone.
    let answer = call(&rig, "batchsendmsg", &to_many(&users(1))).await;
    ended(&rig, &answer.expect(202), "accepted").await;
    assert_eq!(taken_by(&rig, APNS).len(), 1);
}

#[tokio::test]
async fn req_58_a_repeated_batch_fails_for_the_same_recipients() {
    let rig = rig_of(&[APNS]).await;
    crowd(&rig, 0..1).await;
    let mut body = to_many(&users(2));
    body["MsgRandom"] = json!(7);

    let first = call(&rig, "batchsendmsg", &body).await.expect(202);
    let again = call(&rig, "batchsendmsg", &body).await.expect(202);

    assert_eq!(first["ErrorList"][0]["To_Account"], "u1", "{first:#}");
    if again["TaskId"] == first["TaskId"] {
        assert_eq!(again["ErrorList"], first["ErrorList"]);
    }
}

#[tokio::test]
async fn req_59_a_group_message_goes_to_its_members_but_not_to_its_sender() {
    let rig = rig_of(&[APNS]).await;
    crowd(&rig, 0..60).await;
    let members = [users(60), vec!["alice".to_owned()]].concat();
    register(&rig, "alice", APNS).await;

    let body = to_group(json!({"nudged": {"members": members}}));
    let answer = call(&rig, "send_group_msg", &body).await.expect(202);

    let mut all = users(60);
    all.sort();
    assert_eq!(ended(&rig, &answer, "accepted").await, all);
    assert_eq!(ended(&rig, &answer, "suppressed").await, ["alice"]);
    assert_eq!(text(&answer, "explanation"), "own_message: alice/apns");
    assert_eq!(taken_by(&rig, APNS).len(), 60);
}

#[tokio::test]
async fn req_59_a_group_message_may_be_for_up_to_50_named_members() {
    let rig = rig_of(&[APNS]).await;
    crowd(&rig, 0..60).await;
    let named = |count| {
        let members = json!({"members": users(60)});
        to_group(json!({"To_Account": users(count), "nudged": members}))
    };

    let refused = problem(
        call(&rig, "send_group_msg", &named(51)).await,
        422,
        "invalid",
    );
    assert_eq!(text(&refused, "field"), "To_Account");
    let answer = call(&rig, "send_group_msg", &named(50)).await.expect(202);

    assert_eq!(ended(&rig, &answer, "accepted").await.len(), 50);
    assert_eq!(taken_by(&rig, APNS).len(), 50);
}

#[tokio::test]
async fn req_59_who_wants_mentions_only_is_pushed_those() {
    let rig = rig_of(&[APNS]).await;
    crowd(&rig, 0..3).await;
    for user in ["u1", "u2"] {
        let path = format!("/v1/apps/default/users/{user}/settings");
        let settings = json!({"do_not_disturb": {"group:@TGS#2C5SZEAEF": 3}});
        rig.client.put(&path, &settings).await.unwrap().expect(200);
    }
    for (mentioned, accepted, suppressed) in [
        (json!([]), &["u0"][..], &["u1", "u2"][..]),
        (
            json!([{"GroupAtAllFlag": 0, "GroupAt_Account": "u2"}]),
            &["u0", "u2"],
            &["u1"],
        ),
        (json!([{"GroupAtAllFlag": 1}]), &["u0", "u1", "u2"], &[]),
    ] {
        let members = json!({"members": users(3)});
        let body = to_group(json!({"GroupAtInfo": mentioned, "nudged": members}));
        let answer = call(&rig, "send_group_msg", &body).await.expect(202);
        assert_eq!(ended(&rig, &answer, "accepted").await, accepted);
        assert_eq!(ended(&rig, &answer, "suppressed").await, suppressed);
        if !suppressed.is_empty() {
            let why = text(&answer, "explanation");
            assert!(why.starts_with("not_mentioned"), "{why}");
        }
    }
    assert_eq!(taken_by(&rig, APNS).len(), 6);
}

#[tokio::test]
async fn req_61_a_repeat_is_one_message_for_a_second_or_in_groups_for_five_minutes() {
    let rig = bob_on(&[APNS]).await;
    let mut batch = to_many(&["bob".to_owned()]);
    batch["MsgRandom"] = json!(1_287_657);
    let group = to_group(json!({"Random": 1_287_657, "nudged": {"members": ["bob"]}}));
    let task = async |name: &str, body: &Value| {
        let answer = call(&rig, name, body).await.expect(202);
        text(&answer, "TaskId").to_owned()
    };

    let first = task("send_group_msg", &group).await;
    let began = now_ms();
    let batched = task("batchsendmsg", &batch).await;
    let admitted = trace_of(&rig, &batched).await;
    // Only within the second is it one; a slow machine may need longer for the next call.
    let again = task("batchsendmsg", &batch).await;
    assert!(again == batched || now_ms() > began + 1000);
    let is_new = async || task("batchsendmsg", &batch).await != batched;
    until("another batch", is_new).await;
    let since = now_ms() - time_at(&admitted, "/accepted_at");
    assert!(since >= 1000, "after {since} ms");

    // In a group it still is the same, whatever else was written anew.
    let mut repeat = group.clone();
    repeat["MsgTimeStamp"] = json!(1_557_387_999);
    assert_eq!(task("send_group_msg", &repeat).await, first);
    // Another number, or another text, is another message.
    let mut other = group.clone();
    other["Random"] = json!(1_287_658);
    assert_ne!(task("send_group_msg", &other).await, first);
    let mut other = group.clone();
    other["MsgBody"][0]["MsgContent"]["Text"] = json!("Dinner?");
    let last = task("send_group_msg", &other).await;

    rig.client.outcomes(&last, 1).await.unwrap();
    let shown = |wanted: &str| {
        let taken = taken_by(&rig, APNS).into_iter();
        taken.filter(|it| APNS.shown(it).body == wanted).count()
    };
    // Two group messages of this text, and the batch twice (or once more on a slow machine).
    until("all of them", async || shown("Lunch?") >= 4).await;
    assert!(shown("Lunch?") <= 5, "{}", shown("Lunch?"));
    assert_eq!(shown("Dinner?"), 1);
}

#[tokio::test]
async fn req_62_a_lifetime_of_nothing_is_for_those_online_and_not_pushed() {
    let rig = bob_on(&[APNS]).await;
    for (name, to) in [("sendmsg", json!("bob")), ("batchsendmsg", json!(["bob"]))] {
        let mut body = text_to_bob(json!({"Desc": "online only"}));
        body["To_Account"] = to;
        body["MsgLifeTime"] = json!(0);

        let answer = call(&rig, name, &body).await.expect(202);

        assert_eq!(answer["deliveries"], 0, "{answer:#}");
        assert_eq!(answer["ErrorList"], json!([]), "a wish is no failure");
        let trace = trace_of(&rig, text(&answer, "id")).await;
        let outcome = &only_delivery(&trace)["outcome"];
        assert_eq!(outcome["kind"], "suppressed", "{trace:#}");
        assert_eq!(outcome["code"], "push_disabled", "{trace:#}");
        assert!(text(outcome, "remedy").contains("MsgLifeTime"), "{trace:#}");
    }
    let group = to_group(json!({"OnlineOnlyFlag": 1, "nudged": {"members": ["bob"]}}));
    let answer = call(&rig, "send_group_msg", &group).await.expect(202);
    assert_eq!(answer["deliveries"], 0, "{answer:#}");

    // A second is long enough to be pushed, and in a push without a message 0 is the default.
    let mut body = text_to_bob(json!({"Desc": "pushed"}));
    body["MsgLifeTime"] = json!(60);
    push(&rig, "sendmsg", &body, &[APNS]).await;
    body["MsgLifeTime"] = json!(0);
    push(&rig, "timpush_batch", &body, &[APNS]).await;
    let texts: Vec<_> = taken_by(&rig, APNS)
        .iter()
        .map(|it| APNS.shown(it).body)
        .collect();
    assert_eq!(texts, ["pushed", "pushed"]);
}

//! The same message sent member by member: one request, and nothing that is told twice.

use nudged_rig::vendor::{APNS_TOPIC, MEIZU, XIAOMI};
use nudged_rig::{APNS, Rig};
use nudged_simulator::Vendor as Service;
use serde_json::{Value, json};

use crate::world::{order, rig_of, taken_by, text, trace_of};

fn line(channel: &str, token: &str, body: &str) -> Value {
    json!({"to": [{"channel": channel, "token": token}], "message": {"title": "Carol", "body": body}})
}

/// Sends these in one stream while the channel is held, so that all are there when it goes on;
/// returns their ids once each has its outcome, which must be the good one.
async fn sent_at_once(rig: &Rig, channel: &str, lines: &[Value]) -> Vec<String> {
    order(rig, "hold", channel).await;
    let lines: Vec<String> = lines.iter().map(Value::to_string).collect();
    let answers = rig.client.send_lines(&lines).await.unwrap();
    let ids: Vec<String> = answers.iter().map(|it| text(it, "id").to_owned()).collect();
    order(rig, "release", channel).await;
    for id in &ids {
        let events = rig.client.outcomes(id, 1).await.unwrap();
        assert_eq!(events[0]["outcome"], "accepted", "{events:#?}");
    }
    ids
}

#[tokio::test]
async fn a_message_that_is_sent_member_by_member_costs_one_request_for_all() {
    let vendors = [XIAOMI, MEIZU];
    let rig = rig_of(&vendors).await;
    for vendor in vendors {
        let lines: Vec<Value> = (1..=12)
            .map(|n| line(vendor.channel, &vendor.numbered(n), "Lunch?"))
            .collect();
        sent_at_once(&rig, vendor.channel, &lines).await;
        let taken = taken_by(&rig, vendor);
        let sizes: Vec<_> = taken.iter().map(|it| it.tokens.len()).collect();
        assert_eq!(sizes, [12], "{}", vendor.title);
    }
}

#[tokio::test]
async fn another_text_and_a_second_message_to_one_device_get_requests_of_their_own() {
    let rig = rig_of(&[XIAOMI]).await;
    let token = |n| XIAOMI.numbered(n);
    let lines = [
        (1, "Lunch?"),
        (2, "Lunch?"),
        (3, "Dinner?"),
        (4, "Dinner?"),
        (3, "Dinner?"),
    ];
    let lines = lines.map(|(n, body)| line(XIAOMI.channel, &token(n), body));
    sent_at_once(&rig, XIAOMI.channel, &lines).await;
    let mut taken: Vec<_> = taken_by(&rig, XIAOMI)
        .into_iter()
        .map(|it| (XIAOMI.shown(&it).body, it.tokens))
        .collect();
    taken.sort();
    assert_eq!(
        taken,
        [
            ("Dinner?".to_owned(), vec![token(3)]),
            ("Dinner?".to_owned(), vec![token(3), token(4)]),
            ("Lunch?".to_owned(), vec![token(1), token(2)]),
        ]
    );
}

#[tokio::test]
async fn what_shared_a_request_with_other_notifications_is_not_taken_back_from_them() {
    let rig = rig_of(&[XIAOMI]).await;
    for (user, n) in [("bob", 1), ("eve", 2)] {
        let token = XIAOMI.numbered(n);
        let registered = rig.register(user, "phone", XIAOMI.channel, &token);
        registered.await.unwrap();
    }
    let lines = ["bob", "eve"].map(
        |user| json!({"to": [{"user": user}], "message": {"title": "Carol", "body": "Lunch?"}}),
    );
    let ids = sent_at_once(&rig, XIAOMI.channel, &lines).await;
    let path = format!("/v1/notifications/{}", ids[0]);
    let answer = rig.client.delete(&path).await.unwrap().expect(200);
    let told = &answer["deliveries"][0];
    assert_eq!(told["state"], "not_recalled", "{answer:#}");
    assert_eq!(told["code"], "not_recallable");
    assert!(
        text(told, "remedy").contains("shared a request"),
        "{told:#}"
    );
    let other = trace_of(&rig, &ids[1]).await;
    assert_eq!(other["deliveries"][0]["outcome"]["kind"], "accepted");
    assert_eq!(rig.simulator.counts().of(Service::Xiaomi).recalls, 0);
}

#[tokio::test]
async fn a_call_overtakes_the_messages_that_wait() {
    let rig = rig_of(&[APNS]).await;
    let mut lines: Vec<Value> = (1..=70)
        .map(|n| line(APNS.channel, &APNS.numbered(n), "Lunch?"))
        .collect();
    let mut call = line(APNS.channel, &APNS.numbered(71), "call");
    call["message"]["kind"] = json!("voip");
    lines.push(call);
    let topic = format!("{APNS_TOPIC}.voip");
    rig.simulator.apns().bind_token(&APNS.numbered(71), &topic);
    sent_at_once(&rig, APNS.channel, &lines).await;
    let taken = taken_by(&rig, APNS);
    let call = taken
        .iter()
        .position(|it| it.tokens.contains(&APNS.numbered(71)));
    // Requests of one go come in any order; the first go is one of 32.
    assert!(call < Some(32), "{call:?}");
}

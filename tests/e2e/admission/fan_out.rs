//! Who is told: all devices of a user or one alone, a token that nobody registered, a group,
//! and the recipients of a stream.

use nudged_rig::{APNS, BASICS, FCM};
use serde_json::{Value, json};

use crate::world::bob::two_devices;
use crate::world::{
    all_accepted, only_taken, rig, taken_by, text_at, to_token, to_user, to_vendor, token, trace_of,
};

#[tokio::test]
async fn a_user_is_told_on_all_devices_of_both_vendors() {
    let rig = rig().await;
    two_devices(&rig).await;

    let accepted = rig.client.send(&to_user("bob", "hello")).await.unwrap();

    let accepted = accepted.expect(202);
    assert_eq!(accepted["deliveries"], 2);
    let id = text_at(&accepted, "/id");
    let events = rig.client.outcomes(id, 2).await.unwrap();
    for (vendor, device) in [(APNS, "phone"), (FCM, "tablet")] {
        let event = events.iter().find(|it| it["device"] == device).unwrap();
        assert_eq!(event["outcome"], "accepted", "{event:#}");
        assert_eq!(
            (&event["user"], &event["channel"]),
            (&json!("bob"), &json!(vendor.channel))
        );
        let message = only_taken(&rig, vendor);
        assert_eq!(message.token, vendor.token);
        assert_eq!(message.vendor_id, text_at(event, "/vendor_id"));
        let shown = vendor.shown(&message);
        let shown = (&*shown.title, &*shown.body, &*shown.ext);
        assert_eq!(shown, ("Carol", "hello", "{\"chat\":7}"));
    }
}

#[tokio::test]
async fn a_token_needs_no_registration() {
    let rig = rig().await;
    for vendor in BASICS {
        let event = rig.deliver(&to_vendor(vendor, "hi")).await.unwrap();

        assert_eq!(event["outcome"], "accepted", "{event:#}");
        assert_eq!(
            (&event["user"], &event["device"]),
            (&Value::Null, &Value::Null)
        );
        let message = only_taken(&rig, vendor);
        assert_eq!(message.token, vendor.token);
        assert_eq!(message.vendor_id, text_at(&event, "/vendor_id"));
    }
}

#[tokio::test]
async fn one_device_can_be_told_alone() {
    let rig = rig().await;
    two_devices(&rig).await;
    let mut notification = to_user("bob", "only the phone");
    notification["to"][0]["device"] = json!("phone");

    let event = rig.deliver(&notification).await.unwrap();

    assert_eq!(event["device"], "phone");
    let counts = rig.simulator.counts();
    assert_eq!((counts.apns.accepted, counts.fcm.requests), (1, 0));
}

#[tokio::test]
async fn a_device_that_is_named_twice_is_told_once() {
    let rig = rig().await;
    rig.register("bob", "phone", "ios", APNS.token)
        .await
        .unwrap();
    let mut notification = to_user("bob", "once");
    notification["to"] =
        json!([{"user": "bob"}, {"channel": "ios", "token": APNS.token}, {"user": "bob"}]);

    let accepted = rig.client.send(&notification).await.unwrap().expect(202);

    assert_eq!(accepted["deliveries"], 1);
    let id = text_at(&accepted, "/id");
    rig.client.outcomes(id, 1).await.unwrap();
    only_taken(&rig, APNS);
}

#[tokio::test]
async fn a_stream_of_500_lines_is_answered_in_order_and_delivered() {
    const LINES: usize = 500;
    let rig = rig().await;
    let mut lines: Vec<String> = (0..LINES as u64)
        .map(|n| to_token(n, &format!("number {n}")).to_string())
        .collect();
    lines[100] = "{".into();

    let answers = rig.client.send_lines(&lines).await.unwrap();

    assert_eq!(answers.len(), LINES);
    assert_eq!(answers[100]["problem"]["line"], 101, "{:#}", answers[100]);
    let ids: Vec<String> = answers
        .iter()
        .filter_map(|it| it["id"].as_str().map(str::to_owned))
        .collect();
    assert_eq!(ids.len(), LINES - 1);
    all_accepted(&rig, &ids).await;
    let counts = rig.simulator.counts().apns;
    assert_eq!((counts.accepted, counts.distinct_tokens), (499, 499));
    // That an answer belongs to its line can be seen in what arrived: its id went along.
    let taken = taken_by(&rig, APNS);
    for at in [0, 99, 101, LINES - 1] {
        let id = text_at(&answers[at], "/id");
        let trace = trace_of(&rig, id).await;
        let vendor_id = text_at(&trace, "/deliveries/0/outcome/vendor_id");
        let message = taken.iter().find(|it| it.vendor_id == vendor_id).unwrap();
        assert_eq!(APNS.shown(message).body, format!("number {at}"));
    }
}

#[tokio::test]
async fn a_group_of_fifty_users_is_told_with_one_message() {
    let rig = rig().await;
    let users: Vec<String> = (0..50).map(|n| format!("user{n}")).collect();
    for (n, user) in (0..).zip(&users) {
        let (channel, token) = match n % 2 {
            0 => ("ios", token(n)),
            _ => ("android", format!("{}{n}", FCM.token)),
        };
        rig.register(user, "phone", channel, &token).await.unwrap();
    }
    let mut notification = to_user("", "hello all");
    notification["to"] = users.iter().map(|user| json!({"user": user})).collect();

    let accepted = rig.client.send(&notification).await.unwrap().expect(202);

    assert_eq!(accepted["deliveries"], 50);
    let id = text_at(&accepted, "/id");
    let events = rig.client.outcomes(id, 50).await.unwrap();
    assert!(
        events.iter().all(|it| it["outcome"] == "accepted"),
        "{events:#?}"
    );
    let mut told: Vec<&str> = events.iter().map(|it| text_at(it, "/user")).collect();
    told.sort_unstable();
    told.dedup();
    assert_eq!(told.len(), 50);
    let counts = rig.simulator.counts();
    assert_eq!(
        (counts.apns.distinct_tokens, counts.fcm.distinct_tokens),
        (25, 25)
    );
    assert_eq!(counts.accepted, 50);
}

//! What devices will not show as it was asked: the answer to the sender tells what the trace and a
//! preview tell, also right after a message like it had nothing to be told of.

use std::collections::BTreeSet;

use nudged_rig::vendor::VIVO;
use nudged_rig::{APNS, FCM, Rig, VENDORS};
use serde_json::{Value, json};

use crate::world::{problem, rig, rig_of, text, trace_of};

/// Channel, field and words.
type Told = BTreeSet<(String, String, String)>;

fn told<'a>(channel: &Value, notices: impl Iterator<Item = &'a Value>) -> Told {
    let channel = channel.as_str().unwrap_or_default();
    notices
        .map(|it| {
            let of = it["channel"].as_str().unwrap_or(channel);
            let (field, mut text) = (text(it, "field"), text(it, "text").to_owned());
            // Of its requests the notification's number is a part, longer or shorter by a digit.
            if of == "harmony" {
                text.retain(|c| !c.is_ascii_digit());
            }
            (of.to_owned(), field.to_owned(), text)
        })
        .collect()
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

async fn traced(rig: &Rig, id: &str, deliveries: usize) -> Told {
    rig.client.outcomes(id, deliveries).await.unwrap();
    let trace = trace_of(rig, id).await;
    let attempts = list(&trace["deliveries"]).flat_map(|it| {
        let channel = it["channel"].clone();
        list(&it["attempts"]).map(move |attempt| (channel.clone(), attempt))
    });
    attempts
        .flat_map(|(channel, attempt)| told(&channel, list(&attempt["notices"])))
        .collect()
}

async fn previewed(rig: &Rig, spec: &Value) -> Told {
    let path = "/v1/notifications/preview";
    let preview = rig.client.post(path, spec).await.unwrap().expect(200);
    list(&preview["requests"])
        .flat_map(|it| told(&it["channel"], list(&it["warnings"])))
        .collect()
}

#[tokio::test]
async fn the_answer_tells_what_the_trace_and_a_preview_tell() {
    let rig = rig_of(&VENDORS).await;
    let mut silent = 0;
    let cases = [
        json!({"title": "Bob", "body": "Lunch at noon?"}),
        json!({"title": "Bob", "body": "12:30?!"}),
        json!({"title": "Bob", "body": "a test now!"}),
        json!({"title": "Bob", "body": "Lunch at noon?", "ext": "{\"a\":\"x\"}"}),
        json!({"title": "Bob", "body": "Lunch at noon?", "ext": "{\"a\":111}"}),
        json!({"title": "Bob", "body": "Lunch at noon?", "badge": {"add": 1}}),
        json!({"title": "Bob", "body": "Lunch at noon?", "badge": {"add": 5}}),
        json!({"title": "Bob", "body": "Lunch at noon?", "badge": {"set": 5}}),
        json!({"title": "Bob", "body": "Lunch at noon?", "badge": {"set": 500}}),
        json!({"title": "Bob", "body": "好".repeat(1500), "badge": {"set": 5}}),
        json!({"title": "Bob", "body": "Lunch at noon?", "sound": "content://media/1"}),
    ];
    for (n, (message, ttl)) in (1..).zip(
        cases
            .into_iter()
            .map(|message| (message, 3600))
            .chain([(json!({"title": "Bob", "body": "Lunch at noon?"}), 40)]),
    ) {
        let to: Vec<_> = VENDORS
            .iter()
            .map(|it| json!({"channel": it.channel, "token": it.numbered(n)}))
            .collect();
        let spec = json!({"to": to, "message": message, "ttl": ttl});
        let preview = previewed(&rig, &spec).await;

        let answer = rig.client.send(&spec).await.unwrap().expect(202);

        let answered = told(&Value::Null, list(&answer["notices"]));
        let traced = traced(&rig, text(&answer, "id"), VENDORS.len()).await;
        assert_eq!(answered, preview, "{message}");
        // What had no attempt in time has nothing to tell.
        assert!(
            traced.is_subset(&answered),
            "{message}: {traced:#?} {answered:#?}"
        );
        assert!(
            ttl < 60 || traced == answered,
            "{message}: {traced:#?} {answered:#?}"
        );
        silent += usize::from(answered.is_empty());
        assert_eq!(answered.is_empty(), n == 1, "{message}: {answered:#?}");
    }
    assert_eq!(silent, 1);
}

#[tokio::test]
async fn devices_with_and_without_a_counted_badge_are_both_told_of() {
    let rig = rig().await;
    for (user, n) in [("ann", 1), ("bob", 2)] {
        rig.register(user, "phone", "ios", &APNS.numbered(n))
            .await
            .unwrap();
    }
    let path = "/v1/apps/default/users/ann/devices/phone/state";
    let state = json!({"state": "background", "unread": 3});
    rig.client.put(path, &state).await.unwrap().expect(200);
    let to = |users: &[&str]| {
        let to: Vec<_> = users.iter().map(|user| json!({"user": user})).collect();
        json!({"to": to, "message": {"body": "Lunch at noon?", "badge": {"add": 5}}})
    };

    let counted = rig.client.send(&to(&["ann"])).await.unwrap().expect(202);
    let both = rig.client.send(&to(&["ann", "bob"])).await.unwrap();
    let both = both.expect(202);

    assert_eq!(counted["notices"], Value::Null, "{counted:#}");
    let notices: Vec<_> = list(&both["notices"]).collect();
    assert_eq!(notices.len(), 1, "{both:#}");
    assert_eq!(notices[0]["field"], "message.badge", "{both:#}");
}

#[tokio::test]
async fn options_of_a_vendor_that_cannot_send_the_message_cost_nobody_else() {
    let rig = rig_of(&[APNS, FCM, VIVO]).await;
    let to = |vendors: &[nudged_rig::Vendor]| -> Vec<Value> {
        let vendors = vendors.iter();
        vendors
            .map(|it| json!({"channel": it.channel, "token": it.token}))
            .collect()
    };
    // vivo has no calls, and Google takes 4 KiB.
    for (spec, heard) in [
        (
            json!({
                "to": to(&[APNS, VIVO]),
                "message": {"kind": "voip", "body": "call"},
                "options": {"vivo": {"category": "IM"}},
            }),
            VIVO,
        ),
        (
            json!({
                "to": to(&[APNS, FCM]),
                "message": {"kind": "background", "ext": "x".repeat(5000)},
                "options": {"fcm": {"fcm_options": {"analytics_label": "calls"}}},
            }),
            FCM,
        ),
    ] {
        let answer = rig.client.send(&spec).await.unwrap().expect(202);
        let of = |it: &&Value| it["channel"] == heard.channel;
        assert!(list(&answer["notices"]).any(|it| of(&it)), "{answer:#}");
    }
    let wrong = json!({
        "to": to(&[APNS, VIVO]),
        "message": {"body": "Lunch?"},
        "options": {"vivo": {"categry": "IM"}},
    });
    let refused = problem(rig.client.send(&wrong).await.unwrap(), 422, "invalid");
    assert!(
        text(&refused, "field").starts_with("options.vivo"),
        "{refused:#}"
    );
}

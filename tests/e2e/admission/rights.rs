//! What one user of the socket may do beside others: rights that are taken away while they are
//! used, ids that must not be told, and how many streams one may have. Only root can play
//! somebody else, so for others there is nothing to see here.

use serde_json::json;

use crate::world::stranger::Stranger;
use crate::world::{text, to_token, token, until};

/// An access rule of user 65534.
fn rule(apps: &str, verbs: &[&str]) -> String {
    format!("[[access]]\nusers = [\"65534\"]\napps = [{apps:?}]\nverbs = {verbs:?}\n")
}

#[tokio::test]
async fn who_follows_events_hears_no_more_once_the_right_is_taken_away() {
    let Some(stranger) = Stranger::under(&rule("*", &["observe"])).await else {
        return;
    };
    let event = stranger.rig.deliver(&to_token(1, "heard")).await.unwrap();
    let mut waiting = stranger.start(&["events", "--follow", "--since", "0"]);
    let line = waiting.line().await.expect("an event");
    assert!(line.contains(text(&event, "id")), "{line}");
    // What does not take the right away ends nothing.
    stranger.rule(&rule("*", &["observe", "send"])).await;
    let event = stranger
        .rig
        .deliver(&to_token(1, "heard too"))
        .await
        .unwrap();
    let line = waiting.line().await.expect("an event");
    assert!(line.contains(text(&event, "id")), "{line}");

    stranger.rule(&rule("*", &["send"])).await;

    // Nothing has to happen for it: a stream that waits ends as well.
    let (code, complaint) = waiting.end().await;
    assert_eq!(code, Some(1), "{complaint}");
    assert!(complaint.contains("may not observe"), "{complaint}");
}

#[tokio::test]
async fn an_export_ends_and_says_so_once_the_right_is_taken_away() {
    let Some(stranger) = Stranger::under(&rule("default", &["admin"])).await else {
        return;
    };
    let client = &stranger.rig.client;
    // More than fits into all the buffers on the way.
    let devices: Vec<String> = (0..20_000)
        .map(|n| {
            let user = format!("{n:0>200}");
            json!({"user": user, "device": "phone", "certificate_id": 1, "token": token(n)})
                .to_string()
        })
        .collect();
    let body = devices.join("\n") + "\n";
    let answers = client.post_lines("/v1/devices/import", body).await.unwrap();
    let through = &answers.last().expect("an answer")["through"];
    assert_eq!(through, 20_000, "{answers:#?}");
    let mut export = stranger.start(&["device", "export", "-"]);
    export.line().await.expect("the first device");

    stranger.rule(&rule("default", &["send"])).await;

    let (code, complaint) = export.end().await;
    assert_eq!(code, Some(1), "{complaint}");
    assert!(complaint.contains("may not admin"), "{complaint}");
}

#[tokio::test]
async fn a_stream_of_notifications_is_refused_from_the_line_on_whose_right_was_taken_away() {
    let Some(stranger) = Stranger::under(&rule("default", &["send"])).await else {
        return;
    };
    let notification = to_token(1, "hi").to_string();
    let mut sending = stranger.start_fed(&["send", "--ndjson", "--file", "-", "--json"]);
    sending.feed(&notification).await;
    let line = sending.line().await.expect("an answer");
    assert!(line.contains("\"deliveries\":1"), "{line}");

    stranger.rule(&rule("other", &["send"])).await;

    sending.feed(&notification).await;
    let line = sending.line().await.expect("an answer");
    assert!(line.contains("\"code\":\"forbidden\""), "{line}");
}

#[tokio::test]
async fn a_user_has_a_few_streams_of_events_and_leaves_the_rest_to_others() {
    let Some(stranger) = Stranger::under(&rule("*", &["observe"])).await else {
        return;
    };
    stranger.rig.deliver(&to_token(1, "x")).await.unwrap();
    let follow = ["events", "--follow", "--since", "0"];
    let mut streams = Vec::new();
    for _ in 0..8 {
        let mut stream = stranger.start(&follow);
        stream.line().await.expect("an event");
        streams.push(stream);
    }

    let (code, complaint) = stranger.start(&follow).end().await;

    assert_eq!(code, Some(1), "{complaint}");
    assert!(complaint.contains("too many streams"), "{complaint}");
    assert!(
        complaint.contains("socket.max_event_streams"),
        "{complaint}"
    );
    let mut others = stranger.rig.client.events("since=0").await.unwrap();
    assert!(
        others.next().await.unwrap().is_some(),
        "root is not concerned"
    );
    streams.pop().expect("there are eight").kill().await;
    let again = async || stranger.nudgectl(&["events"]).await.status.success();
    until("a free place", again).await;
}

#[tokio::test]
async fn what_a_user_may_not_observe_looks_like_what_is_not_there() {
    let all = ["observe", "send", "admin", "devices"];
    let Some(stranger) = Stranger::under(&rule("other", &all)).await else {
        return;
    };
    let event = stranger.rig.deliver(&to_token(1, "secret")).await.unwrap();
    let (id, no_id) = (text(&event, "id"), "01890000-0000-7000-8000-000000000000");

    for (arguments, there, nowhere) in [
        (&["trace"][..], id, no_id),
        (&["revoke"], id, no_id),
        (&["queue", "rm"], id, no_id),
        (&["queue", "rm", "--app", "other"], id, no_id),
        (&["channel", "show"], "ios", "nos"),
        (&["channel", "release"], "ios", "nos"),
        (&["queue", "show"], "ios", "nos"),
        (&["queue", "show"], "1", "77"),
        (&["queue", "flush"], "ios", "nos"),
        (&["queue", "hold"], "ios", "nos"),
        (&["queue", "hold"], "1", "77"),
        (&["queue", "release"], "ios", "nos"),
    ] {
        let of_there = stranger
            .nudgectl(&[arguments, &[there, "--json"]].concat())
            .await;
        let of_nowhere = stranger
            .nudgectl(&[arguments, &[nowhere, "--json"]].concat())
            .await;
        assert_eq!(
            of_there.status.code(),
            Some(1),
            "{arguments:?} {of_there:?}"
        );
        assert_eq!(
            of_nowhere.status.code(),
            Some(1),
            "{arguments:?} {of_nowhere:?}"
        );
        // The name that was asked for comes back in quotes.
        let said = |out: &[u8], name: &str| {
            let quoted = format!("\\\"{name}\\\"");
            String::from_utf8_lossy(out).replace(&quoted, "IT")
        };
        let (there, nowhere) = (
            said(&of_there.stdout, there),
            said(&of_nowhere.stdout, nowhere),
        );
        assert!(
            there.contains("IT") && there.contains("not_found"),
            "{there}"
        );
        assert_eq!(there, nowhere, "{arguments:?}");
    }

    // Who may observe it is told what else it may not.
    let observes = rule("default", &["observe"]) + &rule("other", &all);
    stranger.rule(&observes).await;
    let refused = stranger.nudgectl(&["revoke", id]).await;
    let complaint = String::from_utf8_lossy(&refused.stderr);
    assert!(
        complaint.contains("may not send in app default"),
        "{complaint}"
    );
    // And who may do nothing hears the same of everything.
    stranger.rule(&rule("other", &["devices"])).await;
    for id in [id, no_id] {
        let refused = stranger.nudgectl(&["trace", id]).await;
        let complaint = String::from_utf8_lossy(&refused.stderr);
        assert!(complaint.contains("may not observe"), "{complaint}");
    }
}

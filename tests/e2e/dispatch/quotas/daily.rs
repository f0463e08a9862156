use nudged_rig::vendor::XIAOMI;
use nudged_simulator::Vendor as Service;
use serde_json::{Value, json};

use super::{class, held, message, rig, taken};
use crate::world::{all_accepted, nudgectl, problem, reload_with, send_all, text, time_at, until};

#[tokio::test]
async fn a_class_that_is_used_up_waits_for_the_vendors_next_day_and_no_other_does() {
    let rig = rig("[limits.daily]\npublic = 2\n").await;
    for _ in 0..2 {
        let event = rig.deliver(&message("public", 1)).await.unwrap();
        assert_eq!(event["outcome"], "accepted", "{event:#}");
    }

    let third = held(&rig, &message("public", 1)).await;
    let event = rig.deliver(&message("private", 1)).await.unwrap();

    assert_eq!(event["outcome"], "accepted", "{event:#}");
    assert_eq!(taken(&rig), 3);
    let public = class(&rig, "public").await;
    for (key, value) in [
        ("quota", json!(2)),
        ("quota_from", json!("channel")),
        ("used", json!(2)),
        ("left", json!(0)),
        ("level", json!("used_up")),
        ("used_up_at", Value::Null),
    ] {
        assert_eq!(public[key], value, "{public:#}");
    }
    let hold = &public["held"];
    assert_eq!(hold["code"], "quota_used_up", "{public:#}");
    assert_eq!(hold["waiting"], 1, "{public:#}");
    // Midnight in Beijing.
    assert!(text(hold, "until").ends_with("T16:00:00.000Z"), "{hold:#}");
    assert_eq!(hold["until"], public["day_ends_at"]);
    let attempt = &third["attempts"][0];
    assert_eq!(third["state"], "queued", "{third:#}");
    assert_eq!(attempt["class"], "quota_exceeded", "{third:#}");
    assert_eq!(attempt["fault"], "quota", "{third:#}");
    assert_eq!(attempt["code"], "quota_used_up", "{third:#}");
    assert!(text(attempt, "text").starts_with("not sent: "), "{third:#}");
    assert_eq!(attempt["retry_at"], hold["until"], "{third:#}");
    let private = class(&rig, "private").await;
    assert_eq!(
        (&private["used"], &private["quota"], &private["held"]),
        (&json!(1), &Value::Null, &Value::Null)
    );

    let lines = "xiaomi, class public is held: today's 2 messages of class public are used up";
    for command in [
        &["channel", "ls"][..],
        &["channel", "show", "xiaomi"],
        &["status"],
    ] {
        let ran = nudgectl(&rig, command).await;
        assert!(ran.out.contains(lines), "{}", ran.out);
    }
}

#[tokio::test]
async fn what_is_used_survives_restarts_and_crashes() {
    let mut rig = rig("[limits.daily]\npublic = 3\n").await;
    let deliver = async |rig: &nudged_rig::Rig| {
        let event = rig.deliver(&message("public", 1)).await.unwrap();
        assert_eq!(event["outcome"], "accepted", "{event:#}");
    };
    deliver(&rig).await;
    rig.restart().await.unwrap();
    deliver(&rig).await;
    rig.kill9().await.unwrap();
    rig.launch().await.unwrap();
    deliver(&rig).await;
    rig.kill9().await.unwrap();
    rig.launch().await.unwrap();

    held(&rig, &message("public", 1)).await;

    assert_eq!(class(&rig, "public").await["used"], 3);
    assert_eq!(taken(&rig), 3);
}

#[tokio::test]
async fn of_a_batch_as_many_go_as_are_left() {
    let rig = rig("[limits.daily]\npublic = 4\n").await;

    let id = rig.accept(&message("public", 10)).await.unwrap();
    rig.client.outcomes(&id, 4).await.unwrap();
    let all_wait = async || class(&rig, "public").await["held"]["waiting"] == 6;
    until("the wait of the others", all_wait).await;

    assert_eq!(taken(&rig), 4);
    assert_eq!(class(&rig, "public").await["used"], 4);
}

#[tokio::test]
async fn a_flood_never_gets_more_than_the_quota() {
    let rig = rig("[limits.daily]\npublic = 50\n").await;

    send_all(&rig, (0..200).map(|_| message("public", 1))).await;
    let all_wait = async || class(&rig, "public").await["held"]["waiting"] == 150;
    until("the wait of the others", all_wait).await;

    assert_eq!(taken(&rig), 50);
    assert_eq!(class(&rig, "public").await["used"], 50);
}

#[tokio::test]
async fn what_the_vendor_did_not_take_is_not_used() {
    let rig = rig("[limits.daily]\npublic = 2\n").await;
    let gone = XIAOMI.numbered(1);
    rig.simulator
        .vendor(Service::Xiaomi)
        .set_token_condition(&gone, "invalid");
    let event = rig.deliver(&message("public", 1)).await.unwrap();
    assert_ne!(event["outcome"], "accepted", "{event:#}");
    rig.simulator
        .vendor(Service::Xiaomi)
        .clear_token_condition(&gone);

    for _ in 0..2 {
        let event = rig.deliver(&message("public", 1)).await.unwrap();
        assert_eq!(event["outcome"], "accepted", "{event:#}");
    }

    assert_eq!(class(&rig, "public").await["used"], 2);
}

#[tokio::test]
async fn what_waits_goes_on_once_the_operator_raises_the_quota() {
    let rig = rig("[limits.daily]\npublic = 1\n").await;
    rig.deliver(&message("public", 1)).await.unwrap();
    let id = rig.accept(&message("public", 1)).await.unwrap();
    let waits = async || class(&rig, "public").await["held"]["waiting"] == 1;
    until("the wait", waits).await;
    let path = rig.home.channel_file(XIAOMI.channel);
    let file = std::fs::read_to_string(path).unwrap();
    let file = file.replace("public = 1\n", "public = 0\n");
    rig.home.write_channel(XIAOMI.channel, &file).unwrap();

    for command in [&["reload"][..], &["queue", "flush", XIAOMI.channel]] {
        let ran = nudgectl(&rig, command).await;
        assert_eq!(ran.code, Some(0), "{ran:?}");
    }

    all_accepted(&rig, &[id]).await;
    let public = class(&rig, "public").await;
    assert_eq!(
        (&public["used"], &public["quota"]),
        (&json!(2), &Value::Null)
    );
}

#[tokio::test]
async fn each_level_is_logged_once_with_a_forecast() {
    let mut rig = rig("[limits.daily]\npublic = 20\n").await;
    for _ in 0..19 {
        rig.deliver(&message("public", 1)).await.unwrap();
    }
    let public = class(&rig, "public").await;
    assert_eq!(public["level"], "nearly_used_up", "{public:#}");
    let ends = time_at(&public, "/day_ends_at");
    // Such a pace does not last the day, unless the day does not last either.
    if public["used_up_at"].is_null() {
        assert!(ends < crate::world::now_ms() + 60_000, "{public:#}");
    }
    let view = rig.log_view().unwrap();
    assert!(view.wait_for("95 % of").await, "{}", rig.log());
    let log = rig.log();
    for words in ["80 % of the day's quota", "95 % of the day's quota"] {
        assert_eq!(log.matches(words).count(), 1, "{words}: {log}");
    }
    assert!(log.contains("at the pace of the last hour it "), "{log}");
    let status = rig.client.get("/v1/status").await.unwrap().expect(200);
    let short = &status["classes"][0];
    assert_eq!(
        (&short["channel"], &short["class"]),
        (&json!("xiaomi"), &json!("public"))
    );

    rig.restart().await.unwrap();
    rig.deliver(&message("public", 1)).await.unwrap();
    let view = rig.log_view().unwrap();
    let over = "the day's quota of this class is used up";
    assert!(view.wait_for(over).await, "{}", rig.log());
    let log = rig.log();
    assert!(!log.contains("% of the day's quota"), "{log}");
}

#[tokio::test]
async fn the_vendors_own_number_is_an_estimate_that_holds_nothing() {
    let rig = rig("").await;
    // Once the devices are counted.
    let known = async || class(&rig, "public").await["quota"] == 20_000;
    until("the estimate", known).await;
    let public = class(&rig, "public").await;
    assert_eq!(public["quota_from"], "estimate", "{public:#}");
    let ran = nudgectl(&rig, &["channel", "show", XIAOMI.channel]).await;
    assert!(ran.out.contains("about 20000"), "{}", ran.out);
    assert!(ran.out.contains("any number"), "{}", ran.out);
}

#[tokio::test]
async fn a_class_that_the_driver_does_not_know_is_refused_by_line_and_key() {
    let rig = rig("").await;
    let path = rig.home.channel_file(XIAOMI.channel);
    let file = std::fs::read_to_string(path).unwrap();
    let begins = file.lines().count() + 1;
    for (more, key, line, words) in [
        (
            "[limits.daily]\npubic = 5\n",
            "limits.daily.pubic",
            begins + 1,
            "has no such class",
        ),
        (
            "[limits.hours]\npublic = \"7-23\"\n",
            "limits.hours.public",
            begins + 1,
            "is not a range of hours",
        ),
    ] {
        let text = format!("{file}{more}");
        rig.home.write_channel(XIAOMI.channel, &text).unwrap();
        let reply = reload_with(&rig, Value::Null).await;
        let problem = problem(reply, 422, "reload_refused");
        let first = &problem["problems"][0];
        assert_eq!(first["key"], key, "{problem:#}");
        assert_eq!(first["line"], line, "{problem:#}");
        assert!(text_of(first).contains(words), "{problem:#}");
    }
}

fn text_of(problem: &Value) -> &str {
    text(problem, "problem")
}

#[tokio::test]
async fn a_channel_that_is_not_there_is_not_shown() {
    let rig = rig("").await;
    let reply = rig.client.get("/v1/channels/nowhere").await.unwrap();
    problem(reply, 404, "not_found");
    let ran = nudgectl(&rig, &["channel", "show", "nowhere"]).await;
    assert_eq!(ran.code, Some(1), "{ran:?}");
}

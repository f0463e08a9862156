use serde_json::json;

use super::{class, held, message, rig, taken};
use crate::world::{now_ms, nudgectl, text, time_at, trace_of};

const HOUR: u64 = 3_600_000;

/// `[limits]` with hours of the class `public`: from and to so many hours from now, on a clock
/// on which it is noon, so that no midnight comes between.
fn limits(from: u64, to: u64, outside: &str) -> String {
    // The offset in whole minutes, so that it is noon within a minute.
    let minutes = i64::try_from(now_ms() / 60_000 % 1440).unwrap();
    let ahead = 720 - minutes;
    let sign = if ahead < 0 { '-' } else { '+' };
    let ahead = ahead.unsigned_abs();
    let (hours, minutes) = (ahead / 60, ahead % 60);
    let offset = format!("{sign}{hours:02}:{minutes:02}");
    let (from, to) = (12 + from, 12 + to);
    format!(
        "[limits]\noutside_hours = \"{outside}\"\n\
         hours = {{ public = \"{from:02}:00-{to:02}:00 {offset}\" }}\n"
    )
}

#[tokio::test]
async fn outside_its_hours_a_class_waits_until_they_begin_and_no_other_does() {
    let rig = rig(&limits(2, 4, "hold")).await;

    let waits = held(&rig, &message("public", 1)).await;
    let event = rig.deliver(&message("private", 1)).await.unwrap();

    assert_eq!(event["outcome"], "accepted", "{event:#}");
    assert_eq!(taken(&rig), 1);
    let attempt = &waits["attempts"][0];
    assert_eq!(waits["state"], "queued", "{waits:#}");
    assert_eq!(attempt["class"], "outside_hours", "{waits:#}");
    assert_eq!(attempt["code"], "outside_hours", "{waits:#}");
    assert_eq!(attempt["fault"], "quota", "{waits:#}");
    let opens = time_at(attempt, "/retry_at");
    assert!(
        opens > now_ms() + HOUR && opens <= now_ms() + 2 * HOUR,
        "{waits:#}"
    );
    let public = class(&rig, "public").await;
    assert_eq!(public["held"]["until"], attempt["retry_at"], "{public:#}");
    assert_eq!(public["held"]["waiting"], 1, "{public:#}");
    assert_eq!(public["outside_hours"], "hold", "{public:#}");
    let ran = nudgectl(&rig, &["channel", "show", "xiaomi"]).await;
    assert!(ran.out.contains("class public is held: "), "{}", ran.out);
    assert!(ran.out.contains("1 delivery waits"), "{}", ran.out);
}

#[tokio::test]
async fn what_would_not_live_until_then_expires() {
    let rig = rig(&limits(2, 4, "hold")).await;
    let mut short = message("public", 1);
    short["ttl"] = json!(60);

    let event = rig.deliver(&short).await.unwrap();

    assert_eq!(event["outcome"], "expired", "{event:#}");
    let id = event["id"].as_str().unwrap();
    let outcome = trace_of(&rig, id).await["deliveries"][0]["outcome"].clone();
    assert_eq!(outcome["code"], "outside_hours", "{outcome:#}");
    assert_eq!(taken(&rig), 0);
}

#[tokio::test]
async fn a_channel_that_drops_ends_them_with_the_rule() {
    let rig = rig(&limits(2, 4, "drop")).await;

    let event = rig.deliver(&message("public", 1)).await.unwrap();

    assert_eq!(event["outcome"], "suppressed", "{event:#}");
    assert_eq!(event["code"], "outside_hours", "{event:#}");
    assert_eq!(taken(&rig), 0);
    let path = "/v1/notifications/preview";
    let preview = rig.client.post(path, &message("public", 1)).await;
    let preview = preview.unwrap().expect(200);
    let told = &preview["deliveries"][0];
    assert_eq!(told["pushed"], false, "{preview:#}");
    assert_eq!(told["reason"]["code"], "outside_hours", "{preview:#}");
    let public = class(&rig, "public").await;
    assert_eq!(public["held"]["drops"], true, "{public:#}");
    assert_eq!(public["held"]["waiting"], 0, "{public:#}");
    let ran = nudgectl(&rig, &["status"]).await;
    assert!(
        ran.out.contains("what comes until then is dropped"),
        "{}",
        ran.out
    );
}

#[tokio::test]
async fn within_its_hours_a_class_goes_out() {
    let rig = rig(&limits(0, 4, "drop").replace("12:00-", "11:00-")).await;

    let event = rig.deliver(&message("public", 1)).await.unwrap();

    assert_eq!(event["outcome"], "accepted", "{event:#}");
    let public = class(&rig, "public").await;
    assert!(
        text(&public, "hours").starts_with("11:00-16:00 "),
        "{public:#}"
    );
    assert!(public["held"].is_null(), "{public:#}");
}

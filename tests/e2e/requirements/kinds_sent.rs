//! 72: a message of a kind goes to the token of that kind, falls back to an alert where there is
//! none, and a verdict costs only the token that it speaks of.

use nudged_rig::vendor::{APNS_TOPIC, HARMONY, VENDORS, VIVO};
use nudged_rig::{APNS, FCM, Rig, Vendor};
use serde_json::{Value, json};

use super::im::{call, push, send, text_to_bob};
use crate::world::bob::bob_on;
use crate::world::{
    header, nudgectl, only_taken, rig_of, taken_by, text, text_at, token, trace_of,
};

/// What a VoIP Services certificate is: a channel of its own.
const CALLS: &str = "ios-voip";

/// A daemon with channels of these vendors, and of APNs one for calls besides.
async fn with_calls(vendors: &[Vendor]) -> Rig {
    let rig = rig_of(vendors).await;
    let ios = std::fs::read_to_string(rig.home.channel_file(APNS.channel)).unwrap();
    let own = format!("certificate_id = {}", APNS.certificate_id);
    let calls = ios.replace(&own, "certificate_id = 77");
    assert_ne!(calls, ios);
    rig.home.write_channel(CALLS, &calls).unwrap();
    let reloaded = nudgectl(&rig, &["reload"]).await;
    assert_eq!(reloaded.code, Some(0), "{reloaded:?}");
    rig
}

/// A phone of bob's with these tokens besides its own.
async fn phone(rig: &Rig, vendor: Vendor, tokens: Value) {
    let report = json!({
        "channel": vendor.channel, "token": vendor.token, "platform": "ios", "tokens": tokens,
    });
    rig.client
        .put(&path(vendor), &report)
        .await
        .unwrap()
        .expect(200);
}

fn path(vendor: Vendor) -> String {
    format!("/v1/apps/default/users/bob/devices/{}", vendor.name)
}

/// An iPhone with a token for calls, which is of the channel for calls.
async fn iphone_with_calls(rig: &Rig) -> String {
    let voip = token(0xca11);
    rig.simulator
        .apns()
        .bind_token(&voip, &format!("{APNS_TOPIC}.voip"));
    phone(
        rig,
        APNS,
        json!({"voip": {"token": voip, "channel": CALLS}}),
    )
    .await;
    voip
}

/// Ann calls bob.
fn ring() -> Value {
    json!({"to": [{"user": "bob"}], "message": {
        "kind": "voip", "title": "Ann", "body": "calls you", "ext": "{\"room\":7}",
        "sound": "ring.caf", "collapse_key": "call-7", "priority": "normal",
    }})
}

/// Something of a Live Activity of bob's.
fn activity(event: &str, id: &str, body: Option<&str>) -> Value {
    let mut live = json!({"id": id, "event": event, "content_state": {"eta": 3}});
    if event == "start" {
        live["attributes_type"] = json!("Ride");
        live["attributes"] = json!({"to": "home"});
    }
    json!({"to": [{"user": "bob"}], "message": {
        "kind": "live_activity", "title": body.map(|_| "Taxi"), "body": body, "live_activity": live,
    }})
}

/// The texts of an answer's notices of the kind, by channel.
fn stand_ins(answer: &Value) -> Vec<(&str, &str)> {
    let notices = answer["notices"].as_array().into_iter().flatten();
    let of_kind = notices.filter(|it| it["field"] == "message.kind");
    of_kind
        .map(|it| (text(it, "channel"), text(it, "text")))
        .collect()
}

#[tokio::test]
async fn req_72_a_call_goes_to_the_voip_token() {
    let rig = with_calls(&[APNS]).await;
    let voip = iphone_with_calls(&rig).await;
    let state = json!({"state": "background", "unread": 4});
    let path = format!("{}/state", path(APNS));
    rig.client.put(&path, &state).await.unwrap().expect(200);
    let previewed = rig
        .client
        .post("/v1/notifications/preview", &ring())
        .await
        .unwrap();
    let sent = send(&rig, &ring(), &[APNS]).await;

    assert_eq!(sent.answer["notices"], Value::Null, "{:#}", sent.answer);
    let taken = only_taken(&rig, APNS);
    assert_eq!(taken.token, voip);
    assert_eq!(header(&taken, "apns-push-type"), "voip");
    assert_eq!(header(&taken, "apns-topic"), format!("{APNS_TOPIC}.voip"));
    assert_eq!(text_at(&sent.trace, "/deliveries/0/channel"), CALLS);
    let previewed = previewed.expect(200);
    assert_eq!(
        text_at(&previewed, "/deliveries/0/channel"),
        CALLS,
        "{previewed:#}"
    );
    assert!(!previewed.to_string().contains(&voip), "{previewed:#}");
    // A call is nothing unread.
    let alert = json!({"to": [{"user": "bob"}], "message": {"body": "x"}});
    let alert = send(&rig, &alert, &[APNS]).await;
    assert_eq!(*alert.at(APNS, "/aps/badge"), 5);
    assert_eq!(alert.got(APNS).token, APNS.token);
}

#[tokio::test]
async fn req_72_a_call_falls_back_to_an_alert_on_android_and_without_a_token() {
    let rig = bob_on(&VENDORS).await;
    let preview = rig.client.post("/v1/notifications/preview", &ring()).await;
    let preview = preview.unwrap().expect(200);

    let sent = send(&rig, &ring(), &VENDORS).await;

    // What a preview warns of, the answer tells.
    let requests = preview["requests"].as_array().expect("a list");
    assert_eq!(requests.len(), VENDORS.len());
    for request in requests {
        let warned = request["warnings"].to_string().contains("message.kind");
        assert_eq!(warned, request["channel"] != HARMONY.channel, "{request:#}");
    }

    let told = stand_ins(&sent.answer);
    for vendor in VENDORS {
        let told = told.iter().find(|(channel, _)| *channel == vendor.channel);
        if vendor.name == HARMONY.name {
            // The one vendor besides Apple that has calls, to the token of its alerts.
            assert_eq!(header(sent.got(vendor), "push-type"), "10");
            assert_eq!(told, None);
            continue;
        }
        let shown = sent.shown(vendor);
        let shown = (&*shown.title, &*shown.body);
        assert_eq!(shown, ("Ann", "calls you"), "{}", vendor.title);
        let body = sent.got(vendor).body.to_string();
        assert!(body.contains("room"), "{}: {body}", vendor.title);
        let words = match vendor.name {
            "apns" => "without a token for calls",
            _ => "has no calls",
        };
        assert!(told.is_some_and(|(_, it)| it.contains(words)), "{told:?}");
    }
    let apns = sent.got(APNS);
    assert_eq!(header(apns, "apns-push-type"), "alert");
    // A call does not wait until the phone wakes, whatever its sender says.
    assert_eq!(header(apns, "apns-priority"), "10");
    assert_eq!(header(apns, "apns-collapse-id"), "call-7");
    assert_eq!(*sent.at(APNS, "/aps/sound"), "ring.caf");
    assert_eq!(*sent.at(FCM, "/message/android/priority"), "HIGH");
}

#[tokio::test]
async fn req_72_a_live_activity_goes_to_its_own_token() {
    let rig = rig_of(&[APNS]).await;
    let (start, taxi) = (token(0x57a7), token(0x7a81));
    let topic = format!("{APNS_TOPIC}.push-type.liveactivity");
    for token in [&start, &taxi] {
        rig.simulator.apns().bind_token(token, &topic);
    }
    let tokens = json!({"live_activity_start": start, "live_activities": {"taxi": taxi}});
    phone(&rig, APNS, tokens).await;
    for (event, id, body, expected) in [
        ("start", "", Some("is on its way"), &start),
        ("update", "taxi", None, &taxi),
        ("update", "taxi", Some("is here"), &taxi),
        ("end", "taxi", None, &taxi),
    ] {
        let sent = send(&rig, &activity(event, id, body), &[APNS]).await;
        let got = sent.got(APNS);
        assert_eq!(got.token, *expected, "{event}");
        assert_eq!(header(got, "apns-push-type"), "liveactivity");
        assert_eq!(*sent.at(APNS, "/aps/event"), event);
        assert_eq!(stand_ins(&sent.answer), [], "{event}");
    }
}

#[tokio::test]
async fn req_72_without_its_token_a_live_activity_is_an_alert_or_nothing() {
    let rig = bob_on(&[APNS, FCM, VIVO]).await;
    let vendors = [APNS, FCM, VIVO];

    let sent = send(&rig, &activity("update", "taxi", Some("is here")), &vendors).await;

    for vendor in vendors {
        let shown = sent.shown(vendor);
        assert_eq!((&*shown.title, &*shown.body), ("Taxi", "is here"));
    }
    assert_eq!(header(sent.got(APNS), "apns-push-type"), "alert");
    assert_eq!(stand_ins(&sent.answer).len(), 3, "{:#}", sent.answer);

    let silent = rig
        .client
        .send(&activity("update", "taxi", None))
        .await
        .unwrap();
    let silent = silent.expect(202);
    assert_eq!(
        (&silent["deliveries"], &silent["suppressed"]),
        (&json!(0), &json!(3))
    );
    let why = text(&silent, "explanation");
    assert!(why.starts_with("no_live_activity: "), "{why}");
    let trace = trace_of(&rig, text(&silent, "id")).await;
    let outcome = &trace["deliveries"][0]["outcome"];
    assert_eq!(outcome["kind"], "suppressed", "{trace:#}");
    assert!(
        text(outcome, "remedy").contains("live_activity.id"),
        "{trace:#}"
    );
}

#[tokio::test]
async fn req_72_firebase_gets_the_activitys_token_beside_the_devices() {
    let rig = rig_of(&[FCM]).await;
    let taxi = token(0x7a81);
    phone(&rig, FCM, json!({"live_activities": {"taxi": taxi}})).await;

    let sent = send(&rig, &activity("update", "taxi", None), &[FCM]).await;

    assert_eq!(*sent.at(FCM, "/message/token"), FCM.token);
    assert_eq!(
        *sent.at(FCM, "/message/apns/live_activity_token"),
        taxi.as_str()
    );
    assert_eq!(*sent.at(FCM, "/message/apns/payload/aps/event"), "update");
    // What APNs says of it through FCM costs it alone.
    rig.simulator.fcm().unregister_token(&taxi);
    let event = rig
        .deliver(&activity("update", "taxi", None))
        .await
        .unwrap();
    assert_eq!(event["outcome"], "invalid_token", "{event:#}");
    let device = rig.client.get(&path(FCM)).await.unwrap().expect(200);
    assert!(
        device["tokens"]["live_activities"]["taxi"]["dead"].is_object(),
        "{device:#}"
    );
    let after = send(&rig, &activity("update", "taxi", Some("is here")), &[FCM]).await;
    assert_eq!(after.shown(FCM).body, "is here");
    assert_eq!(
        *after.at(FCM, "/message/apns/live_activity_token"),
        Value::Null
    );
}

#[tokio::test]
async fn req_72_a_dead_voip_token_costs_only_itself() {
    let rig = with_calls(&[APNS]).await;
    let voip = iphone_with_calls(&rig).await;
    rig.simulator
        .apns()
        .unregister_token(&voip, crate::world::now_ms() + 1000);

    let event = rig.deliver(&ring()).await.unwrap();

    assert_eq!(event["outcome"], "invalid_token", "{event:#}");
    let device = rig.client.get(&path(APNS)).await.unwrap().expect(200);
    assert!(device["tokens"]["voip"]["dead"].is_object(), "{device:#}");
    // The phone is reached as before, and the next call shows there.
    let alert = send(&rig, &ring(), &[APNS]).await;
    assert_eq!(alert.got(APNS).token, APNS.token);
    assert_eq!(alert.shown(APNS).body, "calls you");
    // A new token is a new chance.
    let fresh = token(0xca12);
    rig.simulator
        .apns()
        .bind_token(&fresh, &format!("{APNS_TOPIC}.voip"));
    phone(
        &rig,
        APNS,
        json!({"voip": {"token": fresh, "channel": CALLS}}),
    )
    .await;
    let call = send(&rig, &ring(), &[APNS]).await;
    assert_eq!(call.got(APNS).token, fresh);
}

#[tokio::test]
async fn req_72_a_call_to_an_alerts_token_is_never_made() {
    let rig = bob_on(&[APNS]).await;
    // The option would: an alert's token is refused under the topic of calls, and forgotten.
    let mut alert = json!({"to": [{"user": "bob"}], "message": {"title": "Ann"}});
    alert["options"] = json!({"apns": {"push_type": "voip"}});
    let refused = rig.client.send(&alert).await.unwrap().expect(422);
    assert_eq!(refused["field"], "options.apns.push_type", "{refused:#}");
    assert!(
        text(&refused, "detail").contains("set its kind to voip"),
        "{refused:#}"
    );
    // Beside the kind it says nothing new; to an alert in a call's place it does not belong.
    let mut call = ring();
    call["options"] = json!({"apns": {"push_type": "voip"}});
    let sent = send(&rig, &call, &[APNS]).await;
    assert_eq!(header(sent.got(APNS), "apns-push-type"), "alert");
    let notices = sent.answer["notices"].to_string();
    assert!(notices.contains("were left out"), "{notices}");
}

#[tokio::test]
async fn req_72_a_certificate_that_cannot_send_the_kind_sends_an_alert() {
    let rig = rig_of(&[APNS]).await;
    let certificate = rig.simulator.apns().issue_certificate(APNS_TOPIC, &[], 365);
    let pem = format!("{}{}", certificate.certificate_pem, certificate.key_pem);
    rig.home.write("push.pem", pem).unwrap();
    let url = rig.simulator.apns().url();
    let settings = format!("certificate = \"../push.pem\"\nendpoint = \"{url}\"\n");
    rig.home
        .write_channel(APNS.channel, &APNS.channel_file(&settings, ""))
        .unwrap();
    let reloaded = nudgectl(&rig, &["reload"]).await;
    assert_eq!(reloaded.code, Some(0), "{reloaded:?}");
    let tokens = json!({"live_activities": {"taxi": token(0x7a81)}, "voip": token(0xca11)});
    phone(&rig, APNS, tokens).await;

    for (asked, words) in [
        (activity("update", "taxi", Some("is here")), "KeyRequired"),
        (ring(), "TopicDisallowed"),
    ] {
        let sent = send(&rig, &asked, &[APNS]).await;
        let got = sent.got(APNS);
        assert_eq!(got.token, APNS.token);
        assert_eq!(header(got, "apns-push-type"), "alert");
        let told = stand_ins(&sent.answer);
        assert!(told.len() == 1 && told[0].1.contains(words), "{told:?}");
    }
}

#[tokio::test]
async fn req_72_tencents_calls_and_activities_reach_who_has_a_token() {
    let rig = with_calls(&[APNS, FCM, HARMONY]).await;
    let taxi = token(0x7a81);
    let voip = iphone_with_calls(&rig).await;
    let topic = format!("{APNS_TOPIC}.push-type.liveactivity");
    rig.simulator.apns().bind_token(&taxi, &topic);
    phone(&rig, APNS, json!({"live_activities": {"taxi": taxi}})).await;
    for vendor in [FCM, HARMONY] {
        crate::world::bob::register(&rig, "bob", vendor).await;
    }
    let vendors = [APNS, FCM, HARMONY];
    // What only an alert has a use for costs the call nothing.
    let info = json!({"IsVoipPush": 1, "MutableContent": 1, "InterruptionLevel": "time-sensitive"});

    let called = push(
        &rig,
        "sendmsg",
        &text_to_bob(json!({"ApnsInfo": info})),
        &vendors,
    )
    .await;

    let got = called.got(APNS);
    assert_eq!(
        (&*got.token, header(got, "apns-push-type")),
        (&*voip, "voip")
    );
    // It is said of iPhones: a HarmonyOS app may not take calls at all.
    assert_eq!(header(called.got(HARMONY), "push-type"), "0");
    for vendor in [FCM, HARMONY] {
        assert_eq!(called.shown(vendor).body, "Lunch?");
    }
    let live = json!({"LaId": "taxi", "Event": "update", "ContentState": {"eta": 3}});
    let info = json!({"ApnsInfo": {"LiveActivity": live}});
    let moved = push(&rig, "sendmsg", &text_to_bob(info), &vendors).await;
    assert_eq!(moved.got(APNS).token, taxi);
    assert_eq!(*moved.at(APNS, "/aps/content-state/eta"), 3);
    assert_eq!(moved.shown(FCM).body, "Lunch?");

    let wrong = json!({"ApnsInfo": {"LiveActivity": {"LaId": "taxi", "Event": "pause"}}});
    let refused = call(&rig, "sendmsg", &text_to_bob(wrong)).await.expect(422);
    let field = text_at(&refused, "/field");
    assert_eq!(field, "OfflinePushInfo.ApnsInfo.LiveActivity.Event");
    assert_eq!(taken_by(&rig, APNS).len(), 2);
}

#[tokio::test]
async fn req_72_what_a_driver_sends_is_listed() {
    let rig = rig_of(&VENDORS).await;
    let list = rig.client.get("/v1/drivers").await.unwrap().expect(200);
    let kinds = |vendor: Vendor| {
        let drivers = list["drivers"].as_array().expect("a list").iter();
        let mut its = drivers.filter(|it| it["vendor"] == vendor.name);
        let kinds = its.next().expect("loaded")["kinds"]
            .as_array()
            .expect("a list");
        let words = kinds
            .iter()
            .map(|it| format!("{}:{}", text(it, "kind"), text(it, "token")));
        words.collect::<Vec<_>>().join(" ")
    };
    assert_eq!(kinds(APNS), "background:device voip:own live_activity:own");
    assert_eq!(kinds(FCM), "background:device live_activity:beside");
    assert_eq!(kinds(HARMONY), "background:device voip:device");
    assert_eq!(kinds(VIVO), "");
}

//! Delivery: what a sender hands in arrives at the vendors, and is told of.

use nudged_rig::vendor::APNS_TOPIC;
use nudged_rig::{APNS, BASICS, DEADLINE, FCM, Rig, RigOptions, Vendor};
use nudged_simulator::{Fault, FaultKind, Received};
use serde_json::{Value, json};

use crate::support::{
    all_accepted, now_ms, only_taken, refusal, rig, rig_with, send_all, taken_by, text_at,
    to_token, token, trace_of, until,
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
async fn what_a_sender_asks_for_reaches_an_iphone() {
    let rig = rig().await;
    let mut notification = to_vendor(APNS, "");
    notification["message"] = json!({
        "title": "Füße 🦶", "subtitle": "sub", "body": "\"quoted\"\n", "ext": "{\"a\":[1,2]}",
        "sound": "ding.caf", "badge": {"set": 7}, "image": "https://example.com/cat.png",
        "thread": "t1", "category": "REPLY", "collapse_key": "c1", "priority": "normal",
    });
    notification["ttl"] = json!(600);
    let before = now_ms() / 1000;

    let event = rig.deliver(&notification).await.unwrap();

    assert_eq!(event["outcome"], "accepted", "{event:#}");
    let message = only_taken(&rig, APNS);
    assert_eq!(message.path, format!("/3/device/{}", APNS.token));
    assert_eq!(header(&message, "apns-topic"), APNS_TOPIC);
    assert_eq!(header(&message, "apns-push-type"), "alert");
    assert_eq!(header(&message, "apns-priority"), "5");
    assert_eq!(header(&message, "apns-collapse-id"), "c1");
    let expiration: u64 = header(&message, "apns-expiration").parse().unwrap();
    let possible = before + 600..=now_ms() / 1000 + 600;
    assert!(possible.contains(&expiration), "{expiration} {possible:?}");
    let expected = json!({
        "aps": {
            "alert": {"title": "Füße 🦶", "subtitle": "sub", "body": "\"quoted\"\n"},
            "badge": 7, "sound": "ding.caf", "thread-id": "t1", "category": "REPLY",
            "mutable-content": 1,
        },
        "image": "https://example.com/cat.png",
        "ext": "{\"a\":[1,2]}",
    });
    assert_eq!(message.body, expected);
}

#[tokio::test]
async fn what_a_sender_asks_for_reaches_an_android_phone() {
    let rig = rig().await;
    let mut notification = to_vendor(FCM, "");
    notification["message"] = json!({
        "title": "Füße 🦶", "body": "\"quoted\"\n", "ext": "{\"a\":[1,2]}",
        "sound": "ding.ogg", "badge": {"set": 7}, "image": "https://example.com/cat.png",
        "channel_id": "messages", "collapse_key": "c1", "priority": "normal",
    });
    notification["ttl"] = json!(600);

    let event = rig.deliver(&notification).await.unwrap();

    assert_eq!(event["outcome"], "accepted", "{event:#}");
    let message = &only_taken(&rig, FCM).body["message"];
    assert_eq!(
        message["notification"],
        json!({
            "title": "Füße 🦶", "body": "\"quoted\"\n", "image": "https://example.com/cat.png",
        })
    );
    assert_eq!(message["data"], json!({"ext": "{\"a\":[1,2]}"}));
    let android = &message["android"];
    assert_eq!(
        (&android["priority"], &android["collapse_key"]),
        (&json!("NORMAL"), &json!("c1"))
    );
    let shown = &android["notification"];
    assert_eq!(shown["channel_id"], "messages");
    assert_eq!(shown["sound"], "ding.ogg");
    assert_eq!(shown["notification_count"], 7);
    let ttl: f64 = text_at(android, "/ttl")
        .trim_end_matches('s')
        .parse()
        .unwrap();
    assert!((500.0..=600.0).contains(&ttl), "{ttl}");
}

#[tokio::test]
async fn a_vendors_own_options_reach_that_vendor() {
    let rig = rig().await;
    two_devices(&rig).await;
    let mut notification = to_user("bob", "hello");
    notification["options"] = json!({
        "apns": {
            "interruption_level": "time-sensitive", "relevance_score": 0.5,
            "custom": {"deep": {"er": [1, null]}},
        },
        "fcm": {
            "data": {"own": "key"},
            "android": {"direct_boot_ok": true, "notification": {"tag": "mine"}},
        },
    });

    let id = rig.accept(&notification).await.unwrap();

    rig.client.outcomes(&id, 2).await.unwrap();
    let apple = only_taken(&rig, APNS).body;
    assert_eq!(apple["aps"]["interruption-level"], "time-sensitive");
    assert_eq!(apple["aps"]["relevance-score"], 0.5);
    assert_eq!(apple["deep"], json!({"er": [1, null]}));
    let google = &only_taken(&rig, FCM).body["message"];
    assert_eq!(google["data"]["own"], "key");
    assert_eq!(google["android"]["direct_boot_ok"], true);
    assert_eq!(google["android"]["notification"]["tag"], "mine");
}

#[tokio::test]
async fn every_kind_of_push_is_taken() {
    let rig = rig().await;
    let state = json!({"score": "1:0"});
    let kinds = [
        (
            "alert",
            json!({"kind": "alert", "title": "Carol"}),
            APNS_TOPIC.to_owned(),
        ),
        (
            "background",
            json!({"kind": "background", "ext": "sync"}),
            APNS_TOPIC.to_owned(),
        ),
        (
            "voip",
            json!({"kind": "voip", "title": "Carol calls", "ext": "room 7"}),
            format!("{APNS_TOPIC}.voip"),
        ),
        (
            "liveactivity",
            json!({"kind": "live_activity", "title": "Kick-off", "body": "Here we go",
                "sound": "none", "live_activity": {"event": "start", "content_state": state,
                    "attributes_type": "MatchAttributes", "attributes": {"match": 5}}}),
            format!("{APNS_TOPIC}.push-type.liveactivity"),
        ),
        (
            "liveactivity",
            json!({"kind": "live_activity",
                "live_activity": {"event": "update", "content_state": state}}),
            format!("{APNS_TOPIC}.push-type.liveactivity"),
        ),
        (
            "liveactivity",
            json!({"kind": "live_activity", "live_activity": {"event": "end"}}),
            format!("{APNS_TOPIC}.push-type.liveactivity"),
        ),
    ];
    for (push_type, message, topic) in kinds {
        rig.simulator.reset();
        let mut notification = to_vendor(APNS, "");
        notification["message"] = message;

        let event = rig.deliver(&notification).await.unwrap();

        assert_eq!(event["outcome"], "accepted", "{push_type}: {event:#}");
        let message = only_taken(&rig, APNS);
        assert_eq!(header(&message, "apns-push-type"), push_type);
        assert_eq!(header(&message, "apns-topic"), topic, "{push_type}");
        if push_type == "background" {
            assert_eq!(message.body["aps"], json!({"content-available": 1}));
            assert_eq!(header(&message, "apns-priority"), "5");
        }
    }
}

#[tokio::test]
async fn a_live_activity_may_start_with_a_sound() {
    let rig = rig().await;
    let mut notification = to_vendor(APNS, "");
    notification["message"] = json!({
        "kind": "live_activity", "title": "Kick-off", "body": "Here we go", "sound": "whistle.caf",
        "live_activity": {"event": "start", "content_state": {"score": "0:0"},
            "attributes_type": "MatchAttributes", "attributes": {"match": 5}},
    });

    let event = rig.deliver(&notification).await.unwrap();

    assert_eq!(event["outcome"], "accepted", "{event:#}");
    // ActivityKit wants the sound inside the alert, unlike any other push.
    let alert = json!({"title": "Kick-off", "body": "Here we go", "sound": "whistle.caf"});
    assert_eq!(only_taken(&rig, APNS).body["aps"]["alert"], alert);
}

#[tokio::test]
async fn fcm_takes_the_kinds_that_an_android_phone_knows() {
    let rig = rig().await;
    for kind in ["alert", "background", "voip"] {
        rig.simulator.reset();
        let mut notification = to_vendor(FCM, "hello");
        notification["message"]["kind"] = json!(kind);

        let event = rig.deliver(&notification).await.unwrap();

        assert_eq!(event["outcome"], "accepted", "{kind}: {event:#}");
        let message = &only_taken(&rig, FCM).body["message"];
        let is_drawn_by_the_phone = message["notification"].is_object();
        assert_eq!(is_drawn_by_the_phone, kind == "alert", "{message:#}");
    }
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

#[tokio::test]
async fn a_channel_with_a_client_certificate_delivers() {
    let mut options = RigOptions::default();
    options.vendors.clear();
    let rig = rig_with(options).await;
    let certificate = rig.simulator.apns_certificate(APNS_TOPIC, &[], 365);
    let pem = certificate.certificate_pem + &certificate.key_pem;
    rig.home.write("push.pem", pem).unwrap();
    let endpoint = rig.simulator.apns_url();
    let settings = format!("certificate = \"../push.pem\"\nendpoint = \"{endpoint}\"\n");
    rig.home
        .write_channel("ios", &APNS.channel_file(&settings, ""))
        .unwrap();
    rig.client
        .post("/v1/reload", &Value::Null)
        .await
        .unwrap()
        .expect(200);

    let event = rig.deliver(&to_vendor(APNS, "hello")).await.unwrap();

    assert_eq!(event["outcome"], "accepted", "{event:#}");
    let message = only_taken(&rig, APNS);
    assert_eq!(message.client_certificate, Some(certificate.serial));
    assert_eq!(message.provider_token_kid, None);
    // The topic is the certificate's, as the channel names none.
    assert_eq!(header(&message, "apns-topic"), APNS_TOPIC);
}

#[tokio::test]
async fn the_trace_tells_everything_but_the_token() {
    let rig = rig().await;
    rig.register("bob", "phone", "ios", APNS.token)
        .await
        .unwrap();
    rig.simulator.fault(Fault::new(refusal(503)).times(1));

    let event = rig.deliver(&to_user("bob", "hello")).await.unwrap();

    let trace = trace_of(&rig, text_at(&event, "/id")).await;
    let delivery = &trace["deliveries"][0];
    for (member, value) in [
        ("user", "bob"),
        ("device", "phone"),
        ("channel", "ios"),
        ("driver", "apns"),
        ("state", "done"),
    ] {
        assert_eq!(delivery[member], value, "{member}");
    }
    let attempts = delivery["attempts"].as_array().unwrap();
    assert_eq!(attempts.len(), 2, "{trace:#}");
    assert_eq!(attempts[0]["class"], "unavailable");
    assert_eq!(attempts[0]["code"], "ServiceUnavailable");
    assert!(!text_at(&attempts[0], "/remedy").is_empty());
    assert!(attempts[0]["retry_at"].is_string());
    assert_eq!(attempts[1]["class"], "accepted");
    assert!(attempts[1]["elapsed_ms"].is_u64(), "{trace:#}");
    assert_eq!(delivery["outcome"]["kind"], "accepted");
    assert_eq!(delivery["outcome"]["vendor_id"], event["vendor_id"]);
    assert!(text_at(&trace, "/expires_at") > text_at(&trace, "/accepted_at"));
    let token = text_at(delivery, "/token");
    assert!(token.chars().count() < 16, "{token}");
    assert!(APNS.token.starts_with(&token[..4]), "{token}");
    assert!(!trace.to_string().contains(APNS.token));
    assert!(!rig.log().contains(APNS.token));
}

#[tokio::test]
async fn the_trace_of_what_is_under_way_says_queued() {
    let rig = rig().await;
    rig.simulator
        .fault(Fault::new(FaultKind::Hang { ms: None }).times(1));

    let id = rig.accept(&to_vendor(APNS, "hello?")).await.unwrap();

    let hangs = |counts: &nudged_simulator::Counts| counts.apns.faults.contains_key("hang");
    assert!(rig.simulator.wait_for(DEADLINE, hangs).await);
    let trace = trace_of(&rig, &id).await;
    let delivery = &trace["deliveries"][0];
    assert_eq!(delivery["state"], "queued", "{trace:#}");
    assert_eq!(delivery["outcome"], Value::Null);
    assert_eq!(delivery["attempts"], json!([]));
}

#[tokio::test]
async fn an_unknown_notification_is_not_found() {
    let rig = rig().await;
    for id in ["01890000-0000-7000-8000-000000000000", "what", "%2e%2e"] {
        let problem = rig.client.trace(id).await.unwrap().expect(404);
        assert_eq!(problem["code"], "not_found");
    }
}

#[tokio::test]
async fn what_a_vendor_refuses_is_explained_and_not_sent_again() {
    let rig = rig().await;
    rig.simulator.bind_token(APNS.token, "com.example.other");

    let event = rig.deliver(&to_vendor(APNS, "wrong app")).await.unwrap();

    assert_ne!(event["outcome"], "accepted", "{event:#}");
    assert_eq!(event["code"], "DeviceTokenNotForTopic");
    let trace = trace_of(&rig, text_at(&event, "/id")).await;
    assert!(!text_at(&trace, "/deliveries/0/outcome/remedy").is_empty());
    assert_eq!(rig.simulator.counts().apns.requests, 1);
    assert!(taken_by(&rig, APNS).is_empty());
}

#[tokio::test]
async fn a_lifetime_of_zero_is_one_attempt() {
    for vendor in BASICS {
        let rig = rig().await;
        rig.simulator.fault(Fault::new(refusal(503)));
        let mut notification = to_vendor(vendor, "now or never");
        notification["ttl"] = json!(0);

        let event = rig.deliver(&notification).await.unwrap();

        assert_eq!(event["outcome"], "expired", "{event:#}");
        let trace = trace_of(&rig, text_at(&event, "/id")).await;
        let attempts = trace["deliveries"][0]["attempts"].as_array().unwrap();
        assert_eq!(attempts.len(), 1, "{trace:#}");
        let counts = rig.simulator.counts();
        assert_eq!(counts.apns.requests + counts.fcm.requests, 1);
    }
}

#[tokio::test]
async fn a_lifetime_of_zero_tells_the_vendor_to_keep_nothing() {
    let rig = rig().await;
    for vendor in BASICS {
        let mut notification = to_vendor(vendor, "now");
        notification["ttl"] = json!(0);

        let event = rig.deliver(&notification).await.unwrap();

        assert_eq!(event["outcome"], "accepted", "{event:#}");
    }
    assert_eq!(header(&only_taken(&rig, APNS), "apns-expiration"), "0");
    assert_eq!(
        only_taken(&rig, FCM).body["message"]["android"]["ttl"],
        "0s"
    );
}

#[tokio::test]
async fn nothing_is_attempted_after_its_lifetime() {
    let rig = rig().await;
    rig.simulator.fault(Fault::new(refusal(503)));
    let mut notification = to_vendor(APNS, "quick");
    notification["ttl"] = json!(1);

    let event = rig.deliver(&notification).await.unwrap();

    assert_eq!(event["outcome"], "expired", "{event:#}");
    let trace = trace_of(&rig, text_at(&event, "/id")).await;
    let end = text_at(&trace, "/expires_at");
    for attempt in trace["deliveries"][0]["attempts"].as_array().unwrap() {
        assert!(text_at(attempt, "/at") < end, "{trace:#}");
    }
}

#[tokio::test]
async fn a_follower_of_events_goes_on_where_it_stopped() {
    let rig = rig().await;
    let mut follower = rig.client.events("since=0&follow=true").await.unwrap();
    let ids = send_all(&rig, (0..20).map(|n| to_token(n, "x"))).await;
    let mut told = Vec::new();
    for _ in 0..8 {
        told.push(follower.next().await.unwrap().unwrap());
    }
    drop(follower);

    let since = told[7]["cursor"].as_u64().unwrap();
    let query = format!("since={since}&follow=true");
    let mut follower = rig.client.events(&query).await.unwrap();
    for _ in 8..20 {
        told.push(follower.next().await.unwrap().unwrap());
    }

    let cursors: Vec<u64> = told
        .iter()
        .map(|it| it["cursor"].as_u64().unwrap())
        .collect();
    assert!(cursors.is_sorted_by(|one, next| one < next), "{cursors:?}");
    let mut told: Vec<&str> = told.iter().map(|it| text_at(it, "/id")).collect();
    let mut sent: Vec<&str> = ids.iter().map(String::as_str).collect();
    told.sort_unstable();
    sent.sort_unstable();
    assert_eq!(told, sent);
}

#[tokio::test]
async fn a_follower_from_now_on_hears_nothing_old() {
    let rig = rig().await;
    rig.deliver(&to_vendor(APNS, "old")).await.unwrap();
    let mut follower = rig.client.events("follow=true").await.unwrap();

    let id = rig.accept(&to_vendor(APNS, "new")).await.unwrap();

    let event = follower.next().await.unwrap().unwrap();
    assert_eq!(event["id"], id);
    assert_eq!(
        (&event["app"], &event["channel"]),
        (&json!("default"), &json!("ios"))
    );
}

#[tokio::test]
async fn events_of_one_app_can_be_had_alone() {
    let rig = rig().await;
    let file = rig.home.path().join("channels.d/ios.toml");
    let ours = std::fs::read_to_string(file).unwrap();
    let theirs = ours.replace("certificate_id = 1", "certificate_id = 3\napp = \"shop\"");
    rig.home.write_channel("shop-ios", &theirs).unwrap();
    rig.client
        .post("/v1/reload", &Value::Null)
        .await
        .unwrap()
        .expect(200);
    let mut shop = to_token(3, "shop");
    shop["app"] = json!("shop");
    shop["to"][0]["channel"] = json!("shop-ios");

    rig.deliver(&to_vendor(APNS, "ours")).await.unwrap();
    rig.deliver(&shop).await.unwrap();

    for (app, channel) in [("default", "ios"), ("shop", "shop-ios")] {
        let query = format!("since=0&app={app}");
        let mut events = rig.client.events(&query).await.unwrap();
        let event = events.next().await.unwrap().expect("one event");
        assert_eq!(
            (&event["app"], &event["channel"]),
            (&json!(app), &json!(channel))
        );
        assert_eq!(events.next().await.unwrap(), None);
    }
}

#[tokio::test]
async fn the_status_adds_up() {
    let rig = rig().await;
    let ids = send_all(&rig, (0..30).map(|n| to_token(n, "x"))).await;
    all_accepted(&rig, &ids).await;

    // An event is told before the delivery's place in memory is given up.
    let empty = json!({"ready": 0, "waiting": 0, "in_flight": 0});
    until("the empty queue", async || {
        status(&rig).await["queue"] == empty
    })
    .await;
    let status = status(&rig).await;

    assert_eq!(
        (&status["channels"], &status["drivers"]),
        (&json!(2), &json!(2))
    );
    assert_eq!(status["totals"]["notifications"], 30);
    assert_eq!(status["totals"]["deliveries"], 30);
    assert_eq!(status["totals"]["requests"], 30);
    assert_eq!(status["totals"]["outcomes"]["accepted"], 30);
}

async fn status(rig: &Rig) -> Value {
    rig.client.get("/v1/status").await.unwrap().expect(200)
}

async fn two_devices(rig: &Rig) {
    rig.register("bob", "phone", "ios", APNS.token)
        .await
        .unwrap();
    rig.register("bob", "tablet", "android", FCM.token)
        .await
        .unwrap();
}

fn to_user(user: &str, body: &str) -> Value {
    json!({
        "to": [{"user": user}],
        "message": {"title": "Carol", "body": body, "ext": "{\"chat\":7}"},
    })
}

fn to_vendor(vendor: Vendor, body: &str) -> Value {
    json!({
        "to": [{"channel": vendor.channel, "token": vendor.token}],
        "message": {"title": "Carol", "body": body},
    })
}

fn header<'a>(message: &'a Received, name: &str) -> &'a str {
    let found = message.headers.iter().find(|(key, _)| key == name);
    found.map_or("", |(_, value)| value)
}

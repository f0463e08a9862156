//! 65: each SDK writes its own form of a sound into its user's settings, so settings have sounds
//! for each platform.

use nudged_rig::vendor::{HARMONY, HUAWEI};
use nudged_rig::{APNS, FCM, Rig, Vendor};
use serde_json::{Value, json};

use super::in_group;
use crate::world::bob::*;
use crate::world::{problem, rig_of, taken_by, text};

const VENDORS: [Vendor; 3] = [APNS, HUAWEI, HARMONY];

/// A rig where Bob has an iPhone, an Android phone and a HarmonyOS phone.
async fn with_three() -> Rig {
    let rig = rig_of(&VENDORS).await;
    for vendor in VENDORS {
        login(&rig, "bob", vendor.platform, vendor, vendor.token).await;
    }
    rig
}

/// The sounds of a message on the three phones; none = the system's.
async fn heard(rig: &Rig, spec: &Value) -> [Option<String>; 3] {
    let told = tell(rig, spec).await;
    for vendor in VENDORS {
        assert_eq!(told.on(&format!("bob/{}", vendor.platform)), "accepted");
    }
    [
        (APNS, "/aps/sound"),
        (HUAWEI, "/message/android/notification/sound"),
        (HARMONY, "/payload/notification/sound"),
    ]
    .map(|(vendor, place)| {
        let body = taken_by(rig, vendor).pop().expect("taken").body;
        let sound = body.pointer(place).and_then(Value::as_str);
        sound.filter(|it| *it != "default").map(str::to_owned)
    })
}

/// What the sender hears of sounds, by channel.
fn told_of_sounds(answer: &Value) -> Vec<(String, String)> {
    let notices = answer["notices"].as_array().cloned().unwrap_or_default();
    let of_sounds = notices.iter().filter(|it| it["field"] == "message.sound");
    let told = of_sounds.map(|it| (text(it, "channel").into(), text(it, "text").into()));
    told.collect()
}

#[tokio::test]
async fn req_65_each_phone_of_a_user_plays_the_sound_of_its_platform() {
    let mut rig = with_three().await;
    let (one, many) = (to_bob("one"), in_group(to_bob("many")));
    let wanted = json!({
        "enabled": true,
        "c2c_sound": "ping.mp3",
        "platforms": {
            "ios": {"c2c_sound": "/private/var/ping.caf", "group_sound": "many.caf"},
            "android": {
                "c2c_sound": "android.resource://com.example.chat/raw/ping",
                "group_sound": null,
            },
        },
        "do_not_disturb": {},
    });
    set(&rig, wanted.clone()).await;
    rig.kill9().await.unwrap();
    rig.launch().await.unwrap();
    let path = format!("{}/settings", user("bob"));
    let read = rig.client.get(&path).await.unwrap().expect(200);
    assert_eq!(read, wanted);

    let sounds = |sounds: [Option<&str>; 3]| sounds.map(|it| it.map(str::to_owned));
    let of_one = heard(&rig, &one).await;
    assert_eq!(
        of_one,
        sounds([Some("ping.caf"), Some("/raw/ping"), Some("ping.mp3")])
    );
    let of_many = heard(&rig, &many).await;
    assert_eq!(of_many, sounds([Some("many.caf"), None, None]));

    // A change leaves what it does not name; null is the system's sound, "" no wish.
    change(
        &rig,
        json!({"platforms": {
            "ios": {"c2c_sound": ""}, "android": {"c2c_sound": null},
            "harmony": {"c2c_sound": "harmony.mp3"},
        }}),
    )
    .await;
    let of_one = heard(&rig, &one).await;
    assert_eq!(
        of_one,
        sounds([Some("ping.mp3"), None, Some("harmony.mp3")])
    );
    let of_many = heard(&rig, &many).await;
    assert_eq!(of_many, sounds([Some("many.caf"), None, None]));
    change(&rig, json!({"platforms": null})).await;
    let of_one = heard(&rig, &one).await;
    let raw = "/raw/ping";
    assert_eq!(
        of_one,
        sounds([Some("ping.mp3"), Some(raw), Some("ping.mp3")])
    );
}

#[tokio::test]
async fn req_65_a_phones_report_says_what_it_plays_and_not_its_channel() {
    let rig = with_phone_and_tablet().await;
    let iphone = json!({
        "certificate_id": FCM.certificate_id, "token": FCM.numbered(7), "platform": "iOS 19",
        "login": true,
    });
    report(&rig, "bob", "iphone", iphone).await.expect(200);
    let resource = "android.resource://com.example.chat/raw/ring";
    let mut sent = 0;
    for (settings, message, of_tablet, of_iphone, told) in [
        (
            json!({"platforms": {
                "ios": {"c2c_sound": "ping.caf"}, "android": {"c2c_sound": resource},
            }}),
            json!({}),
            "ring",
            "ping.caf",
            0,
        ),
        // A sound of Android's is none of the two iPhones'.
        (json!({}), json!({"sound": resource}), "ring", "default", 2),
        (
            json!({"c2c_sound": resource}),
            json!({}),
            "ring",
            "default",
            2,
        ),
        // And what the message says beats what its reader has set.
        (
            json!({"platforms": {"ios": {"c2c_sound": "ping.caf"}}}),
            json!({"sound": "ding", "platforms": {"android": {"sound": "raw"}}}),
            "raw",
            "ding",
            0,
        ),
    ] {
        set(&rig, settings).await;
        let answer = tell(&rig, &to_bob_with(message)).await.answer;
        sent += 2;
        let taken = taken_by(&rig, FCM);
        assert_eq!(taken.len(), sent);
        for it in &taken[sent - 2..] {
            let (place, sound) = match it.token == FCM.numbered(7) {
                true => ("/message/apns/payload/aps/sound", of_iphone),
                false => ("/message/android/notification/sound", of_tablet),
            };
            assert_eq!(
                it.body.pointer(place).expect("a sound"),
                sound,
                "{answer:#}"
            );
        }
        let of_resources = told_of_sounds(&answer)
            .into_iter()
            .filter(|(_, text)| text.contains("a resource of Android"));
        assert_eq!(of_resources.count(), told, "{answer:#}");
    }
}

#[tokio::test]
async fn req_65_a_sound_of_the_user_that_no_vendor_plays_is_told_and_costs_nothing() {
    let rig = with_three().await;
    set(
        &rig,
        json!({"platforms": {
            "ios": {"c2c_sound": "file:///private/var/ping.caf"},
            "android": {"c2c_sound": "android.resource://com.example.chat/2131689472"},
            "harmony": {"c2c_sound": "content://media/42"},
        }}),
    )
    .await;

    assert_eq!(heard(&rig, &to_bob("one")).await, [None, None, None]);
    let answer = tell(&rig, &to_bob("two")).await.answer;
    let told = told_of_sounds(&answer);
    for vendor in VENDORS {
        let own = told
            .iter()
            .any(|(channel, text)| channel == vendor.channel && text.starts_with("the user's own"));
        assert!(own, "{}: {answer:#}", vendor.title);
    }
}

#[tokio::test]
async fn req_65_a_platform_that_is_none_is_refused_with_its_place() {
    let rig = with_phone().await;
    let path = format!("{}/settings", user("bob"));
    for (settings, status, code, field) in [
        (
            json!({"symbian": {"c2c_sound": "a"}}),
            400,
            "bad_request",
            "platforms",
        ),
        (
            json!({"ios": {"c2c_sound": 5}}),
            400,
            "bad_request",
            "platforms.ios.c2c_sound",
        ),
        (
            json!({"ios": {"group_sound": "x".repeat(257)}}),
            422,
            "invalid",
            "platforms.ios.group_sound",
        ),
    ] {
        let settings = json!({"platforms": settings});
        let put = rig.client.put(&path, &settings).await.unwrap();
        let refused = problem(put, status, code);
        let at = text(&refused, "field");
        assert!(at.starts_with(field), "{refused:#}");
    }
}

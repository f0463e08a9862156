//! 27 to 30: what users want of push on all their devices. 36 and 65 are next door.

mod platforms;
mod quiet;

use nudged_rig::{APNS, FCM, Rig, RigOptions};
use serde_json::{Value, json};

use crate::world::bob::*;
use crate::world::{problem, rig_with, taken_by};

/// A rig whose channels have a sound of their own, with Bob's two devices.
async fn with_sounds() -> Rig {
    let rig = rig_with(RigOptions {
        channel_end: "[defaults]\nsound = \"channel\"\n".to_owned(),
        ..RigOptions::default()
    })
    .await;
    login(&rig, "bob", "phone", APNS, APNS.token).await;
    login(&rig, "bob", "tablet", FCM, FCM.token).await;
    rig
}

/// The sounds of the latest message on the phone and on the tablet.
async fn heard(rig: &Rig, spec: &Value) -> [Value; 2] {
    let told = tell(rig, spec).await;
    assert_eq!(
        (told.on("bob/phone"), told.on("bob/tablet")),
        ("accepted", "accepted")
    );
    [
        (APNS, "/aps/sound"),
        (FCM, "/message/android/notification/sound"),
    ]
    .map(|(vendor, place)| {
        let body = taken_by(rig, vendor).pop().expect("taken").body;
        body.pointer(place).cloned().unwrap_or_default()
    })
}

fn in_group(mut spec: Value) -> Value {
    spec["conversation"] = json!({"kind": "group", "id": "g1", "name": "Team"});
    spec
}

#[tokio::test]
async fn req_27_what_a_message_says_beats_what_its_reader_has_set() {
    let rig = with_sounds().await;
    set(&rig, json!({"c2c_sound": "one", "group_sound": "many"})).await;
    let sounds = |spec: Value| [spec.clone(), in_group(spec)];

    for spec in sounds(to_bob_with(json!({"sound": "message"}))) {
        assert_eq!(heard(&rig, &spec).await, ["message", "message"]);
    }
    for spec in sounds(to_bob_with(json!({"sound": "default"}))) {
        assert_eq!(heard(&rig, &spec).await, ["default", "default"]);
    }
    for spec in sounds(to_bob_with(json!({"sound": "none"}))) {
        assert_eq!(heard(&rig, &spec).await, [Value::Null, Value::Null]);
    }
    // One field's word is no word on the others, and "" is none.
    let ios = json!({"sound": "", "platforms": {"ios": {"sound": "ios"}}});
    assert_eq!(heard(&rig, &to_bob_with(ios)).await, ["ios", "one"]);
    let body = json!({"From_Account": "alice", "To_Account": "bob",
        "OfflinePushInfo": {"Desc": "hi", "ApnsInfo": {"Sound": "apns.caf"}, "AndroidInfo": {"Sound": ""}}});
    tell_im(&rig, "sendmsg", &body).await;
    let last = |vendor| taken_by(&rig, vendor).pop().expect("taken").body;
    assert_eq!(last(APNS)["aps"]["sound"], "apns.caf");
    assert_eq!(
        last(FCM)["message"]["android"]["notification"]["sound"],
        "one"
    );
    // The sender's word is heard where the user has nothing against a push.
    let mut unpushed = to_bob("unpushed");
    unpushed["push"] = json!(false);
    let told = tell(&rig, &unpushed).await;
    assert_eq!(told.on("bob/phone"), "push_disabled");
}

#[tokio::test]
async fn req_28_a_user_who_turned_push_off_is_not_pushed() {
    let rig = with_phone_and_tablet().await;
    login(&rig, "carol", "phone", APNS, APNS.numbered(7).as_str()).await;
    set(&rig, json!({"enabled": false})).await;

    // Whatever the message says.
    let mut urgent = to(&["bob", "carol"], "off");
    urgent["push"] = json!(true);
    urgent["mentions"] = json!({"users": ["bob"], "all": true});
    let told = tell(&rig, &urgent).await;

    assert_eq!(told.on("bob/phone"), "user_disabled");
    assert_eq!(told.on("bob/tablet"), "user_disabled");
    assert_eq!(
        told.on("carol/phone"),
        "accepted",
        "nobody else is concerned"
    );
    // It holds on a device that comes later.
    login(&rig, "bob", "watch", APNS, &APNS.numbered(8)).await;
    assert_eq!(
        tell(&rig, &to_bob("off")).await.on("bob/watch"),
        "user_disabled"
    );
    change(&rig, json!({"enabled": true})).await;
    let told = tell(&rig, &to_bob("on")).await;
    for device in ["bob/phone", "bob/tablet", "bob/watch"] {
        assert_eq!(told.on(device), "accepted");
    }
    assert_eq!(shown(&rig, FCM), ["on"]);
    assert_eq!(shown(&rig, APNS), ["off", "on", "on"]);
    let all = taken_by(&rig, APNS);
    assert_eq!(all[0].token, APNS.numbered(7));
}

#[tokio::test]
async fn req_29_settings_are_read_as_they_were_set_and_hold() {
    let mut rig = with_phone().await;
    let path = format!("{}/settings", user("bob"));
    for settings in [
        json!({"enabled": false, "do_not_disturb": {}}),
        json!({"enabled": true, "c2c_sound": "one.caf", "group_sound": null, "do_not_disturb": {}}),
        json!({
            "enabled": true, "c2c_sound": null, "group_sound": "many.caf",
            "quiet_hours": {"start": "22:30:15", "duration": 0, "time_zone": "Asia/Shanghai"},
            "do_not_disturb": {"c2c:eve": 1, "group:g1": 2, "group:g2": 3, "group:g3": 4},
        }),
    ] {
        let put = rig.client.put(&path, &settings).await.unwrap().expect(200);
        assert_eq!(put, settings);
        let read = rig.client.get(&path).await.unwrap().expect(200);
        assert_eq!(read, settings);
    }
    rig.kill9().await.unwrap();
    rig.launch().await.unwrap();
    // They are not only shown, they hold.
    tell(&rig, &in_group(to_bob("muted"))).await;
    tell(&rig, &to_bob("hello")).await;
    assert_eq!(shown(&rig, APNS), ["hello"]);
    let many = to_bob_with(json!({}));
    let mut many = in_group(many);
    many["conversation"]["id"] = json!("g4");
    assert_eq!(tell(&rig, &many).await.only(), "accepted");
    let sounds: Vec<_> = taken_by(&rig, APNS)
        .into_iter()
        .map(|it| it.body["aps"]["sound"].clone())
        .collect();
    assert_eq!(sounds, ["default", "many.caf"]);
}

#[tokio::test]
async fn req_29_settings_are_refused_to_who_is_not_logged_in() {
    let rig = with_phone().await;
    set(&rig, json!({"enabled": false})).await;
    let path = format!("{}/settings", user("bob"));
    for out in ["logged_out", "kicked"] {
        state(&rig, "phone", json!({"state": out})).await;
        for path in [&path, &format!("{}/settings", user("nobody"))] {
            let get = rig.client.get(path).await.unwrap();
            problem(get, 409, "not_logged_in");
            let put = rig
                .client
                .put(path, &json!({"enabled": true}))
                .await
                .unwrap();
            problem(put, 409, "not_logged_in");
        }
        // Nothing of what was refused was taken.
        login(&rig, "bob", "phone", APNS, APNS.token).await;
        assert_eq!(tell(&rig, &to_bob("off")).await.only(), "user_disabled");
    }
    set(&rig, json!({})).await;
    assert_eq!(tell(&rig, &to_bob("on")).await.only(), "accepted");
    assert_eq!(shown(&rig, APNS), ["on"]);
}

#[tokio::test]
async fn req_30_sounds_of_persons_and_of_groups_are_two() {
    let rig = with_sounds().await;
    let (one, many) = (to_bob("one"), in_group(to_bob("many")));
    for (settings, of_one, of_many) in [
        // Who has set nothing hears the channel's.
        (json!({}), "channel", "channel"),
        (json!({"c2c_sound": "ping"}), "ping", "channel"),
        (json!({"group_sound": "gong"}), "channel", "gong"),
        (
            json!({"c2c_sound": "ping", "group_sound": "gong"}),
            "ping",
            "gong",
        ),
        // null is the system's sound, and a wish: the channel's is not heard.
        (
            json!({"c2c_sound": null, "group_sound": "gong"}),
            "default",
            "gong",
        ),
        (
            json!({"c2c_sound": "ping", "group_sound": null}),
            "ping",
            "default",
        ),
        (
            json!({"c2c_sound": "", "group_sound": ""}),
            "channel",
            "channel",
        ),
    ] {
        set(&rig, settings.clone()).await;
        assert_eq!(heard(&rig, &one).await, [of_one, of_one], "{settings}");
        assert_eq!(heard(&rig, &many).await, [of_many, of_many], "{settings}");
    }
}

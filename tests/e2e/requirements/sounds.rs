//! 65: a sound in the form of an app's SDK is heard where it can be, and costs no message.

use nudged_rig::{APNS, FCM, VENDORS};
use serde_json::json;

use crate::world::{only_taken, rig, rig_of, text};

#[tokio::test]
async fn req_65_the_sdks_own_forms_of_a_sound_reach_each_phone_as_it_knows_them() {
    for (sound, apple, android, told) in [
        (
            "android.resource://com.example.chat/raw/ring",
            "default",
            "ring",
            true,
        ),
        (
            "android.resource://com.example.chat/2131689472",
            "default",
            "default",
            true,
        ),
        ("/private/var/ring.caf", "ring.caf", "ring", false),
    ] {
        let rig = rig().await;
        let ask = json!({
            "to": [
                {"channel": APNS.channel, "token": APNS.numbered(1)},
                {"channel": FCM.channel, "token": FCM.numbered(1)},
            ],
            "message": {"title": "Ann", "body": "Lunch at noon?", "sound": sound},
        });
        let answer = rig.client.post("/v1/notifications", &ask).await.unwrap();
        let answer = answer.expect(202);
        let notices = answer["notices"].as_array().cloned().unwrap_or_default();
        let of_apple = notices.iter().any(|it| it["channel"] == APNS.channel);
        assert_eq!(of_apple, told, "{answer:#}");
        let events = rig.client.outcomes(text(&answer, "id"), 2).await.unwrap();
        assert!(
            events.iter().all(|it| it["outcome"] == "accepted"),
            "{events:#?}"
        );
        assert_eq!(
            only_taken(&rig, APNS).body["aps"]["sound"],
            apple,
            "{sound}"
        );
        let shown = &only_taken(&rig, FCM).body["message"]["android"]["notification"];
        let heard = shown["sound"].as_str().unwrap_or("default");
        assert_eq!(heard, android, "{sound}: {shown:#}");
    }
}

#[tokio::test]
async fn req_65_no_form_of_a_sound_costs_a_message_at_any_vendor() {
    let rig = rig_of(&VENDORS).await;
    let sounds = [
        "android.resource://com.example.chat/raw/ring",
        "android.resource://com.example.chat/2131689472",
        "content://media/external/audio/42",
        "file:///sdcard/ring.mp3",
        "/private/var/ring.caf",
        "Ring Tone.wav",
    ];
    for (n, sound) in (1..).zip(sounds) {
        let to = VENDORS.iter();
        let to: Vec<_> = to
            .map(|it| json!({"channel": it.channel, "token": it.numbered(n)}))
            .collect();
        let ask = json!({
            "to": to,
            "message": {"title": "Ann", "body": "Lunch at noon?", "sound": sound},
        });
        let answer = rig.client.post("/v1/notifications", &ask).await.unwrap();
        let id = text(&answer.expect(202), "id").to_owned();
        let events = rig.client.outcomes(&id, VENDORS.len()).await.unwrap();
        assert!(
            events.iter().all(|it| it["outcome"] == "accepted"),
            "{sound}: {events:#?}"
        );
    }
}

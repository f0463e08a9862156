use super::*;
use crate::vendors::apns::reason::Reason;

use PushType::{Alert, Background, Controls, LiveActivity, Mdm, Voip, Widgets};

/// The worked examples of Apple's page, in shape if not in words.
#[test]
fn the_documented_payloads_are_accepted() {
    for (push_type, body) in [
        (
            Alert,
            r#"{"aps":{"alert":{"title":"Game Request","subtitle":"Five Card Draw","body":"Bob wants to play poker"},"category":"GAME_INVITATION"},"gameID":"12345678"}"#,
        ),
        (
            Alert,
            r#"{"aps":{"badge":9,"sound":"bingbong.aiff"},"messageID":"ABCDEFGHIJ"}"#,
        ),
        (
            Alert,
            r#"{"aps":{"alert":{"loc-key":"GAME_PLAY_REQUEST_FORMAT","loc-args":["Shelly","Rick"]}}}"#,
        ),
        (
            Alert,
            r#"{"aps":{"alert":"x","mutable-content":1,"content-available":1,"badge":0}}"#,
        ),
        (
            Alert,
            r#"{"aps":{"alert":"x","sound":{"critical":1,"name":"x.aiff","volume":0.5},"interruption-level":"critical","relevance-score":0.25}}"#,
        ),
        (
            Background,
            r#"{"aps":{"content-available":1},"acme1":"bar","acme2":42}"#,
        ),
        (Voip, r#"{"caller":"Bob"}"#),
        (Widgets, r#"{"aps":{"content-changed":true}}"#),
        (Controls, r#"{"aps":{"content-changed":true}}"#),
        (Mdm, r#"{"mdm":"PushMagic"}"#),
        (
            LiveActivity,
            r#"{"aps":{"timestamp":1650998941,"event":"update","relevance-score":75,"stale-date":1650998941,"content-state":{"health":0.79}}}"#,
        ),
        (
            LiveActivity,
            r#"{"aps":{"timestamp":1234,"event":"start","content-state":{},"attributes-type":"AdventureAttributes","attributes":{"hero":"x"},"alert":{"title":"x"},"input-push-token":1}}"#,
        ),
        (
            LiveActivity,
            r#"{"aps":{"timestamp":1234,"event":"end","dismissal-date":1}}"#,
        ),
    ] {
        let checked = check(body.as_bytes(), Some(push_type));
        assert!(checked.is_ok(), "{body}: {checked:?}");
    }
}

#[test]
fn a_broken_payload_rule_is_named() {
    for (push_type, body, detail) in [
        (
            Alert,
            "hello",
            "not JSON: expected value at line 1 column 1",
        ),
        (Alert, "[]", "not a JSON object"),
        (Alert, "{}", "aps is missing"),
        (Alert, r#"{"aps":"x"}"#, "aps is not an object"),
        (
            Alert,
            r#"{"aps":{}}"#,
            "aps of an alert push has an alert, a badge or a sound",
        ),
        (
            Alert,
            r#"{"aps":{"alert":7}}"#,
            "aps.alert is not a string or an alert object",
        ),
        (
            Alert,
            r#"{"aps":{"alert":{"text":"x"}}}"#,
            "aps.alert.text is not a known key",
        ),
        (
            Alert,
            r#"{"aps":{"alert":{"loc-args":[1]}}}"#,
            "aps.alert.loc-args is not an array of strings",
        ),
        (
            Alert,
            r#"{"aps":{"badge":"9"}}"#,
            "aps.badge is not an integer of at least 0",
        ),
        (
            Alert,
            r#"{"aps":{"badge":-1}}"#,
            "aps.badge is not an integer of at least 0",
        ),
        (
            Alert,
            r#"{"aps":{"sound":{"critical":1}}}"#,
            "aps.sound is not a string or a critical sound object",
        ),
        (
            Alert,
            r#"{"aps":{"alert":"x","interruption-level":"loud"}}"#,
            "aps.interruption-level is not passive, active, time-sensitive or critical",
        ),
        (
            Alert,
            r#"{"aps":{"alert":"x","relevance-score":2}}"#,
            "aps.relevance-score is not within 0 and 1",
        ),
        (
            Alert,
            r#"{"aps":{"alert":"x","ext":"y"}}"#,
            "aps.ext is not a known key",
        ),
        (
            Alert,
            r#"{"aps":{"alert":"x","mutable-content":true}}"#,
            "aps.mutable-content is not 1",
        ),
        (
            Alert,
            r#"{"aps":{"alert":"x","event":"end"}}"#,
            "aps.event belongs to push type liveactivity",
        ),
        (
            Background,
            r#"{"aps":{"content-available":1,"badge":1}}"#,
            "aps of a background push has content-available and nothing else",
        ),
        (Widgets, r#"{"aps":{}}"#, "aps.content-changed is missing"),
        (Mdm, r#"{"aps":{}}"#, "mdm is a string, and there is no aps"),
        (
            LiveActivity,
            r#"{"aps":{"event":"end"}}"#,
            "aps.timestamp is missing",
        ),
        (
            LiveActivity,
            r#"{"aps":{"event":"update","timestamp":1}}"#,
            "aps.content-state is missing",
        ),
        (
            LiveActivity,
            r#"{"aps":{"event":"start","timestamp":1,"content-state":{}}}"#,
            "aps.attributes-type is missing",
        ),
        (
            LiveActivity,
            r#"{"aps":{"event":"end","timestamp":1,"alert":"x"}}"#,
            "aps.alert of a Live Activity is an object",
        ),
    ] {
        let refusal = check(body.as_bytes(), Some(push_type)).unwrap_err();
        assert_eq!(refusal.reason, Reason::SimulatorBadPayload, "{body}");
        assert_eq!(refusal.detail.as_deref(), Some(detail), "{body}");
    }
}

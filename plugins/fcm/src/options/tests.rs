//! Every refusal names the path of its field and what was expected there.

use nudged_plugin_api::{EncodeError, Message};

use super::Options;

fn read(text: &str) -> Result<Options, EncodeError> {
    let mut message = Message::default();
    message.options = Some(text.to_owned());
    Options::read(&message)
}

fn refused(text: &str, field: &str, says: &str) {
    let error = read(text).unwrap_err();
    assert_eq!(error.code, "BadOption", "{text}");
    assert_eq!(error.field, field, "{text}: {error}");
    assert!(error.problem.contains(says), "{text}: {error}");
}

#[test]
fn what_is_no_object_is_refused_as_a_whole() {
    refused("{", "options", "EOF");
    refused(r#"["data"]"#, "options", "not a JSON object");
    refused("5", "options", "not a JSON object");
    refused("{} {}", "options", "trailing");
}

#[test]
fn unknown_fields_are_named_with_those_that_exist() {
    refused(
        r#"{"colour": 1}"#,
        "options.colour",
        "expected one of `mode`",
    );
    refused(
        r#"{"android": {"notification": {"colour": "x"}}}"#,
        "options.android.notification.colour",
        "`color`",
    );
    refused(r#"{"topic": "news"}"#, "options.topic", "unknown field");
    refused(
        r#"{"webpush": {"fcm_options": {"url": ""}}}"#,
        "options.webpush.fcm_options.url",
        "`link`",
    );
}

#[test]
fn wrong_forms_say_what_was_expected() {
    for (notification, field, says) in [
        (r##""color": "red""##, "color", "#rrggbb"),
        (r#""event_time": "today""#, "event_time", "RFC 3339"),
        (
            r#""vibrate_timings": ["1s", "1"]"#,
            "vibrate_timings[1]",
            "0.5s",
        ),
        (r#""visibility": "HIDDEN""#, "visibility", "SECRET"),
        (
            r#""notification_priority": 5"#,
            "notification_priority",
            "expected",
        ),
        (
            r#""notification_priority": "MAX""#,
            "notification_priority",
            "PRIORITY_MAX",
        ),
        (r#""proxy": "NO""#, "proxy", "DENY"),
        (r#""sticky": "yes""#, "sticky", "expected a boolean"),
        (r#""notification_count": -1"#, "notification_count", "u32"),
        (
            r#""light_settings": {"color": {"red": 2}}"#,
            "light_settings.color.red",
            "0 to 1",
        ),
        (
            r#""light_settings": {"color": {}}"#,
            "light_settings",
            "light_on_duration",
        ),
    ] {
        refused(
            &format!(r#"{{"android": {{"notification": {{{notification}}}}}}}"#),
            &format!("options.android.notification.{field}"),
            says,
        );
    }
    refused(
        r#"{"mode": "both"}"#,
        "options.mode",
        "notification or data",
    );
    refused(r#"{"use_fid": 1}"#, "options.use_fid", "boolean");
    refused(
        r#"{"data": {"count": 5}}"#,
        "options.data.count",
        "expected a string",
    );
    refused(r#"{"data": []}"#, "options.data", "expected a map");
    refused(
        r#"{"apns": {"headers": {"apns-priority": 5}}}"#,
        "options.apns.headers.apns-priority",
        "string",
    );
    refused(
        r#"{"apns": {"payload": {"aps": 1}}}"#,
        "options.apns.payload.aps",
        "map",
    );
    refused(
        r#"{"fcm_options": {"analytics_label": "two words"}}"#,
        "options.fcm_options.analytics_label",
        "50",
    );
    refused(
        r#"{"webpush": {"fcm_options": {"link": "http://x"}}}"#,
        "options.webpush.fcm_options.link",
        "https://",
    );
}

#[test]
fn keys_that_fcm_keeps_for_itself_are_refused() {
    for key in [
        "",
        "from",
        "message_type",
        "google.x",
        "gcm.notification.title",
    ] {
        let text = format!(r#"{{"data": {{"{key}": "v"}}}}"#);
        refused(&text, &format!("options.data.{key}"), "keeps for itself");
    }
    for key in ["fromage", "google", "gcm", "collapse_key", "ext"] {
        read(&format!(r#"{{"data": {{"{key}": "v"}}}}"#)).unwrap();
    }
}

#[test]
fn arguments_need_the_string_that_they_go_into() {
    for part in ["title", "body"] {
        refused(
            &format!(r#"{{"android": {{"notification": {{"{part}_loc_args": ["Ann"]}}}}}}"#),
            &format!("options.android.notification.{part}_loc_key"),
            "missing",
        );
    }
}

#[test]
fn empty_and_null_are_absent() {
    let options = read(
        r#"{"mode": "", "use_fid": null, "validate_only": null, "webpush": null,
            "fcm_options": null, "android": {"restricted_package_name": "",
            "notification": {"color": "", "icon": null, "visibility": ""}}}"#,
    )
    .unwrap();
    assert!(options.mode.is_none() && options.webpush.is_none());
    let android = serde_json::to_string(&options.android).unwrap();
    let notification = serde_json::to_string(&options.android.notification).unwrap();
    assert_eq!((android.as_str(), notification.as_str()), ("{}", "{}"));
}

#[test]
fn a_long_wrong_text_is_shown_in_part() {
    let text = format!(r#"{{"mode": "{}"}}"#, "é".repeat(500));
    assert!(read(&text).unwrap_err().problem.len() < 200);
}

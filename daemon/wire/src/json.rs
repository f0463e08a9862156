//! How the socket's JSON is read, by the daemon and by whoever reads it as the daemon does.
//!
//! In: bytes. Out: what they say, or a [`Problem`] with the path of what is wrong in them, in words
//! that are not this program's own. A byte order mark and half an emoji cost nothing.

mod expected;
pub mod halves;

use std::borrow::Cow;

use serde::de::{DeserializeOwned, IgnoredAny};

use crate::{Code, Problem};

pub use expected::plainly;

/// What Windows clients write in front of UTF-8.
const MARK: &[u8] = b"\xef\xbb\xbf";

/// Parses a JSON object.
pub fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    let bytes = unmarked(bytes);
    // To serde a list is an object whose names are left out.
    if bytes.trim_ascii_start().starts_with(b"[") {
        return Err(Problem::new(
            Code::BadRequest,
            "a JSON array, expected an object",
        ));
    }
    read(bytes)
}

/// Whether it is JSON, whatever it says.
pub fn is_json(bytes: &[u8]) -> bool {
    serde_json::from_slice::<IgnoredAny>(unmarked(bytes)).is_ok()
}

/// The text without a byte order mark.
pub fn unmarked(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(MARK).unwrap_or(bytes)
}

/// Parses JSON; half an emoji becomes U+FFFD. The path is looked for only once something is
/// wrong, as that is slow.
pub fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    let bytes = unmarked(bytes);
    if let Ok(value) = serde_json::from_slice(bytes) {
        return Ok(value);
    }
    let mended = halves::replaced(bytes);
    if let Cow::Owned(mended) = &mended
        && let Ok(value) = serde_json::from_slice(mended)
    {
        return Ok(value);
    }
    let bytes = &*mended;
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let error = match serde_path_to_error::deserialize::<_, T>(&mut json) {
        Err(error) => error,
        Ok(_) => {
            let detail = "there is something after the JSON value";
            return Err(Problem::new(Code::BadRequest, detail)
                .hint("several objects go as application/x-ndjson, one a line"));
        }
    };
    let path = error.path().to_string();
    let error = error.into_inner();
    let problem = Problem::new(Code::BadRequest, plainly(&error.to_string()));
    let problem = match error.classify() {
        serde_json::error::Category::Data => problem,
        _ => problem.hint("the body must be one JSON object, UTF-8"),
    };
    match path.as_str() {
        "" | "." | "?" => Err(problem),
        path => Err(problem.field(path)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::NotificationSpec;

    fn problem(json: &str) -> (String, Option<String>) {
        let problem = parse::<NotificationSpec>(json.as_bytes()).expect_err("must be refused");
        assert_eq!(problem.status, 400);
        (problem.detail.clone(), problem.field.clone())
    }

    #[test]
    fn what_is_wrong_is_told_with_its_path() {
        let (detail, field) = problem(r#"{"to":[{"user":"a"},{"user":7}],"message":{}}"#);
        assert!(
            detail.starts_with("invalid type: integer `7`, expected a string"),
            "{detail}"
        );
        assert_eq!(field.as_deref(), Some("to[1].user"));
        let (detail, field) = problem(r#"{"to":[],"message":{"titel":"x"}}"#);
        assert!(
            detail.starts_with("unknown field `titel`, expected one of"),
            "{detail}"
        );
        assert_eq!(field.as_deref(), Some("message.titel"));
        let (detail, field) = problem(r#"{"to":[]}"#);
        assert!(detail.starts_with("missing field `message`"), "{detail}");
        assert_eq!(field, None);
    }

    #[test]
    fn what_is_null_is_absent_wherever_it_may_be() {
        let json = r#"{"to":[{"user":"a","device":null,"badge":null,"language":null}],
            "app":null,"sender":null,"conversation":null,"mentions":null,"options":null,
            "push":null,"ttl":null,"test":null,"idempotency_key":null,
            "message":{"kind":null,"title":null,"body":"x","elements":null,"translations":null,
                "platforms":null,"click":null,"badge":null,"priority":null,"live_activity":null}}"#;
        let spec = parse::<NotificationSpec>(json.as_bytes()).expect("as if they were not there");
        assert!(spec.push && !spec.test && spec.options.is_empty());
        let json = r#"{"to":[],"options":{"apns":null,"vivo":{}},"mentions":{"all":null,"users":null},
            "message":{"platforms":{"ios":null,"android":{"priority":null,"badge":null}},
                "translations":{"de":null}}}"#;
        let spec = parse::<NotificationSpec>(json.as_bytes()).expect("as if they were not there");
        assert_eq!(spec.options.keys().collect::<Vec<_>>(), ["vivo"]);
        assert_eq!(spec.message.platforms.len(), 1);
        assert!(spec.message.translations.is_empty());
        use crate::{DeviceLine, DeviceReport, ReleaseSpec, ReloadSpec, Settings};
        parse::<DeviceReport>(br#"{"token":null,"tokens":null,"login":null}"#).expect("read");
        parse::<DeviceReport>(br#"{"tokens":{"live_activities":null}}"#).expect("read");
        parse::<DeviceLine>(br#"{"user":"a","device":"p","state":null,"unread":null}"#)
            .expect("read");
        let json =
            br#"{"enabled":null,"quiet_hours":{"start":"22:00","duration":9,"time_zone":null},
            "do_not_disturb":{"c2c:a":null}}"#;
        let settings = parse::<Settings>(json).expect("read");
        assert!(settings.enabled && settings.do_not_disturb.is_empty());
        parse::<ReloadSpec>(br#"{"probe":null,"rebind":null,"dry_run":null}"#).expect("read");
        parse::<ReleaseSpec>(br#"{"restore":null}"#).expect("read");
    }

    #[test]
    fn what_was_expected_is_said_in_the_callers_words() {
        let number = "a whole number from 0 to 4294967295";
        for (member, field, expected) in [
            (
                r#""badge":5"#,
                "message.badge",
                r#"{"set": N}, {"add": N} or "keep""#,
            ),
            (
                r#""badge":"up""#,
                "message.badge",
                r#"{"set": N}, {"add": N} or "keep""#,
            ),
            (
                r#""badge":{}"#,
                "message.badge",
                r#"{"set": N}, {"add": N} or "keep""#,
            ),
            (
                r#""badge":{"set":1,"add":1}"#,
                "message.badge",
                r#"{"set": N}, {"add": N}"#,
            ),
            (
                r#""badge":{"sat":1}"#,
                "message.badge",
                "unknown field `sat`",
            ),
            (r#""badge":{"set":1.5}"#, "message.badge.set", number),
            (
                r#""kind":5"#,
                "message.kind",
                "one of `alert`, `background`",
            ),
            (
                r#""kind":{"alert":1}"#,
                "message.kind",
                "one of `alert`, `background`",
            ),
            (r#""priority":1"#, "message.priority", "`high` or `normal`"),
            (
                r#""click":"open_app""#,
                "message.click",
                "expected an object",
            ),
            (
                r#""click":{"action":1}"#,
                "message.click.action",
                "`open_app`, `open_url`",
            ),
            (r#""elements":{}"#, "message.elements", "expected an array"),
            (
                r#""elements":[{"kind":7}]"#,
                "message.elements[0].kind",
                "one of `text`",
            ),
            (
                r#""platforms":[]"#,
                "message.platforms",
                "expected an object",
            ),
            (
                r#""title":1.2e22"#,
                "message.title",
                "a string: write it in quotes",
            ),
        ] {
            let json = format!(r#"{{"to":[],"message":{{{member}}}}}"#);
            let problem = parse::<NotificationSpec>(json.as_bytes()).expect_err("refused");
            assert_eq!(problem.field.as_deref(), Some(field), "{problem:?}");
            assert!(problem.detail.contains(expected), "{problem:?}");
            assert_eq!(problem.hint, None, "{problem:?}");
        }
        let line = parse::<crate::DeviceLine>(b"7").expect_err("refused");
        assert!(line.detail.contains("expected an object"), "{line:?}");
    }

    #[test]
    fn what_is_no_json_says_where_it_stops_to_be() {
        let (detail, _) = problem(r#"{"to":[}"#);
        assert!(detail.contains("line 1 column 8"), "{detail}");
        let (detail, _) = problem(r#"{"to":[],"message":{}} {}"#);
        assert_eq!(detail, "there is something after the JSON value");
        problem("");
    }

    #[test]
    fn half_an_emoji_and_a_mark_cost_no_message_and_move_no_mistake() {
        let parsed = |json: &str| parse::<NotificationSpec>(json.as_bytes());
        let spec = parsed(
            "\u{feff}{\"to\":[{\"user\":\"bob\"}],\"message\":{\"body\":\"cut \\ud83d\"},\
             \"options\":{\"apns\":{\"a\":\"\\ude00 \\ud83d\\ude00\"}}}",
        );
        let spec = spec.expect("as good as whole");
        assert_eq!(spec.message.body.as_deref(), Some("cut \u{fffd}"));
        let (detail, field) =
            problem("\u{feff}{\"to\":[],\"message\":{\"title\":\"\\ud83d\",\"titel\":1}}");
        assert!(detail.contains("unknown field `titel`"), "{detail}");
        assert!(detail.contains("line 1 column 44"), "{detail}");
        assert_eq!(field.as_deref(), Some("message.titel"));
        assert_eq!(problem("\u{feff}[]").0, "a JSON array, expected an object");
        assert!(is_json("\u{feff}{\"a\":\"\\ud83d\"}".as_bytes()));
    }

    #[test]
    fn nesting_without_end_is_an_error_and_no_crash() {
        problem(&"[".repeat(100_000));
        problem(&format!(r#"{{"options":{{"apns":{}"#, "[".repeat(100_000)));
    }
}

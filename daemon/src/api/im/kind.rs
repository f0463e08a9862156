//! What kind of message it is: `ApnsInfo.IsVoipPush` and `ApnsInfo.LiveActivity`. Who has a token of
//! that kind gets it so, and all others the ordinary alert, as Tencent's pages say.
//!
//! In: what was said. Out: kind and Live Activity of our message, a notice of what is not heeded, or
//! the field that is wrong. Refuses to know devices.

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use super::body::Apns;
use super::problem::invalid;
use super::tolerant::{Anything, Number, Object, Text};
use nudged_wire::Problem;
use nudged_wire::json::halves;
use nudged_wire::{ActivityEventName, KindName, LiveActivitySpec, MessageSpec, NoticeView};

const VOIP: &str = "OfflinePushInfo.ApnsInfo.IsVoipPush";
const ACTIVITY: &str = "OfflinePushInfo.ApnsInfo.LiveActivity";

/// Longest id that Tencent takes, in bytes.
const MAX_ACTIVITY_ID: usize = 64;

/// `LiveActivity`.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Activity {
    #[serde(rename = "LaId")]
    id: Text,
    #[serde(rename = "Event")]
    event: Text,
    #[serde(rename = "ContentState")]
    content_state: Anything,
    #[serde(rename = "DismissalDate")]
    dismissal_date: Number,
}

/// Writes it into `message`.
pub fn write(from: &Apns, message: &mut MessageSpec) -> Result<Option<NoticeView>, Problem> {
    let activity = from.live_activity.as_deref();
    let activity = activity.filter(|text| !matches!(*text, "{}" | "[]"));
    let activity = activity.map(read).transpose()?;
    // req 72: a message of a kind goes to the token of that kind.
    match (from.voip.is_set(), activity) {
        (false, None) => Ok(None),
        (false, Some(activity)) => {
            message.kind = KindName::LiveActivity;
            message.live_activity = Some(activity);
            Ok(None)
        }
        (true, activity) => {
            message.kind = KindName::Voip;
            Ok(activity.map(|_| NoticeView {
                field: ACTIVITY.to_owned(),
                text: format!("is left out: {VOIP} makes the message a call"),
            }))
        }
    }
}

fn read(text: &str) -> Result<LiveActivitySpec, Problem> {
    let text = halves::replaced(text.as_bytes());
    let Object(activity) = serde_json::from_slice::<Object<Activity>>(&text)
        .map_err(|error| invalid(ACTIVITY, format!("is no object of its form: {error}")))?;
    let wrong = |name: &str, detail: String| invalid(format!("{ACTIVITY}.{name}"), detail);
    let Some(id) = activity.id.0.filter(|id| id.len() <= MAX_ACTIVITY_ID) else {
        let detail = format!(
            "missing or too long, expected the activity's id of 1 to {MAX_ACTIVITY_ID} bytes"
        );
        return Err(wrong("LaId", detail));
    };
    let event = match activity
        .event
        .as_deref()
        .map(str::to_ascii_lowercase)
        .as_deref()
    {
        Some("update") => ActivityEventName::Update,
        Some("end") => ActivityEventName::End,
        other => {
            let other = other.unwrap_or_default();
            return Err(wrong(
                "Event",
                format!("is {other:?}, expected update or end"),
            ));
        }
    };
    let dismiss_at = match activity.dismissal_date.0.map(u64::try_from).transpose() {
        Ok(seconds) => seconds.filter(|seconds| *seconds > 0),
        Err(_) => {
            return Err(wrong(
                "DismissalDate",
                "is negative, expected UNIX seconds".to_owned(),
            ));
        }
    };
    Ok(LiveActivitySpec {
        id: Some(id),
        event,
        content_state: content_state(&activity.content_state)
            .map_err(|detail| wrong("ContentState", detail))?,
        timestamp: None,
        stale_at: None,
        dismiss_at,
        attributes_type: None,
        attributes: None,
    })
}

/// An object, or the text of one, as it was written.
fn content_state(from: &Anything) -> Result<Option<Box<RawValue>>, String> {
    let Some(text) = from.as_deref() else {
        return Ok(None);
    };
    match serde_json::from_str(text) {
        Ok(Value::Object(_)) => RawValue::from_string(text.trim().to_owned())
            .map(Some)
            .map_err(|error| error.to_string()),
        // PHP writes an empty object so.
        Ok(Value::Array(list)) if list.is_empty() => Ok(None),
        _ => Err("is no object".to_owned()),
    }
}

//! A `notify_level` that the account may not use costs the level and not the message.
//!
//! In: forms, and what OPPO answered them. Out: the form to send once more without the level, and
//! what to say where that one passed. Which step the form belongs to is known in `step`.

use nudged_plugin_api::{Class, Decoded};
use serde::{Deserialize, Serialize};

/// What becomes of the level of a message that has one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Level {
    /// It was asked for; this form does not.
    Asked(String),
    /// It was left out after this code.
    LeftOut(i64),
}

/// A right is missing.
const NO_RIGHT: i64 = 59;
/// Category or level are wrong.
const NO_LEVEL: i64 = 67;

/// The form without the level, and what to remember of it, when the refusal may be about the level.
pub(crate) fn once_more(
    level: Option<&Level>,
    code: Option<i64>,
    class: impl Fn() -> Class,
) -> Option<(String, Level)> {
    match (level, code) {
        (Some(Level::Asked(form)), Some(code @ (NO_RIGHT | NO_LEVEL)))
            if class() == Class::BadRequest =>
        {
            Some((form.clone(), Level::LeftOut(code)))
        }
        _ => None,
    }
}

/// The same form under no `app_message_id`.
pub(crate) fn nameless(form: &str) -> String {
    let pairs = form.split('&');
    let pairs: Vec<&str> = pairs
        .filter(|pair| !pair.starts_with("app_message_id="))
        .collect();
    pairs.join("&")
}

/// Says of what was accepted that it went out without its level.
pub(crate) fn told(mut decoded: Decoded, level: Option<&Level>) -> Decoded {
    let (Decoded::Verdicts(verdicts), Some(Level::LeftOut(code))) = (&mut decoded, level) else {
        return decoded;
    };
    for verdict in verdicts {
        if verdict.class == Class::Accepted && verdict.text.is_empty() {
            verdict.text = format!("notify_level was left out: OPPO refused it with {code}");
        }
    }
    decoded
}

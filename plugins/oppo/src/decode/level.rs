//! A `notify_level` that the account may not use costs the level and not the message.
//!
//! In: forms, and what OPPO answered them. Out: the form to send once more without the level, and
//! what to say where that one passed. Which step the form belongs to is known in `memo`.

use nudged_plugin_api::{Class, Decoded};

use super::Answer;
use crate::memo::Level;
use crate::reason::{NO_LEVEL, NO_RIGHT};

/// The form without the level, and what to remember of it, when the refusal may be about the level.
pub(super) fn once_more(level: Option<&Level>, answer: &Answer<'_>) -> Option<(String, Level)> {
    match (level, answer.code.as_str()) {
        (Some(Level::Asked(form)), code @ (NO_RIGHT | NO_LEVEL))
            if answer.rule().class == Class::BadRequest =>
        {
            Some((form.clone(), Level::LeftOut(code.parse().ok()?)))
        }
        _ => None,
    }
}

/// Says of what was accepted that it went out without its level.
pub(super) fn told(mut decoded: Decoded, level: Option<&Level>) -> Decoded {
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

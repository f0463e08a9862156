//! OPPO's answer to verdicts, or to the second request of two.
//!
//! In: any response, and the step that it answers. Out: a verdict per device. What a code
//! means is looked up in `reason`; where in the answer codes and ids stand, `answer` knows; here is
//! whom they speak of, with what OPPO's own tokens look like from `token`, and what becomes of a
//! refused level from `level`.

mod answer;
mod level;
mod token;

use nudged_driver_kit::reasons::Rule;
use nudged_driver_kit::token::once;
use nudged_plugin_api::{Class, Decoded, Exchange, FollowUp, Scope, Target, Timestamp, Verdict};

use crate::encode::{SEPARATOR, at, form};
use crate::memo::{Level, Step};
use crate::payload::broadcast;
use crate::reason::{
    self, ARGUMENT, DEAD_AMONG_MANY, DUPLICATE, MALFORMED, MEMO_LOST, MEMO_LOST_CODE, NO_DATA,
    NO_DEVICE_YET, REGISTRATION_ID, SAVED_WITHOUT_ID, SENT_AGAIN, TEXT_LOST,
};
use crate::settings::Channel;

pub(crate) use answer::Answer;

/// What `exchange` comes to.
pub(crate) fn decoded(channel: &Channel, exchange: Exchange<'_>, now: Timestamp) -> Decoded {
    let targets = exchange.targets;
    let answer = Answer::read(exchange.response, now);
    match Step::of(&exchange) {
        Some(Step::Unicast { level }) => {
            if let Some((body, left_out)) = level::once_more(level.as_ref(), &answer) {
                let level = Some(left_out);
                return follow_up(channel, "unicast", body, &Step::Unicast { level });
            }
            let verdicts = Decoded::Verdicts(one_device(&answer, targets));
            level::told(verdicts, level.as_ref())
        }
        Some(Step::Save {
            auth_token,
            again,
            level,
        }) => {
            let saving = Saving {
                auth_token,
                again,
                level,
            };
            saved(channel, &answer, targets, saving)
        }
        Some(Step::Broadcast { message_id, level }) => {
            let verdicts = several_devices(&answer, targets, &message_id);
            level::told(Decoded::Verdicts(verdicts), level.as_ref())
        }
        None => Decoded::all(
            Verdict::refused(MEMO_LOST.class, MEMO_LOST_CODE, MEMO_LOST.remedy),
            targets.len(),
        ),
    }
}

/// The answer to `unicast`.
fn one_device(answer: &Answer<'_>, targets: &[Target]) -> Vec<Verdict> {
    let verdict = |target: &Target| match answer.code.as_str() {
        _ if answer.is_success() => Verdict::accepted(answer.id(&["messageId", "message_id"])),
        code @ (ARGUMENT | REGISTRATION_ID) => of_device(answer, code, &target.token),
        _ => answer.verdict(&answer.rule()),
    };
    targets.iter().map(verdict).collect()
}

/// The next request, and what to remember of it.
fn follow_up(channel: &Channel, path: &str, body: String, step: &Step) -> Decoded {
    Decoded::FollowUp(FollowUp::new(form(at(channel, path), body), step.memo()))
}

/// What [`Step::Save`] remembers.
struct Saving {
    auth_token: String,
    again: Option<String>,
    level: Option<Level>,
}

/// The answer to `save_message_content`.
fn saved(channel: &Channel, answer: &Answer<'_>, targets: &[Target], saving: Saving) -> Decoded {
    const SAVE: &str = "save_message_content";
    let Saving {
        auth_token,
        again,
        level,
    } = saving;
    if let Some((body, left_out)) = level::once_more(level.as_ref(), answer) {
        let step = Step::Save {
            auth_token,
            again: again.map(|_| nameless(&body)),
            level: Some(left_out),
        };
        return follow_up(channel, SAVE, body, &step);
    }
    let known = answer.is_ok() && answer.code == DUPLICATE;
    let id = answer.id(&["message_id", "messageId"]);
    let rule = match (id, again) {
        (Some(message_id), _) if known || answer.is_success() => {
            let tokens = once(targets).join(SEPARATOR);
            let body = broadcast(&auth_token, &message_id, &tokens);
            let step = Step::Broadcast { message_id, level };
            return follow_up(channel, "broadcast", body, &step);
        }
        // Saved at an earlier attempt, which does not mean sent: save it under no id of ours.
        (_, Some(again)) if known => {
            let step = Step::Save {
                auth_token,
                again: None,
                level,
            };
            return follow_up(channel, SAVE, again, &step);
        }
        _ if known || answer.is_success() => SAVED_WITHOUT_ID,
        _ => match answer.rule() {
            // No device was named yet, so none is at fault.
            rule if rule.class == Class::InvalidToken => NO_DEVICE_YET,
            rule => rule,
        },
    };
    Decoded::all(answer.verdict(&rule), targets.len())
}

/// The same form under no `app_message_id`.
fn nameless(form: &str) -> String {
    let pairs = form.split('&');
    let pairs: Vec<&str> = pairs
        .filter(|pair| !pair.starts_with("app_message_id="))
        .collect();
    pairs.join("&")
}

/// The answer to `broadcast`: `data` names devices by error code, `"10000": ["CN_…"]`.
fn several_devices(answer: &Answer<'_>, targets: &[Target], message_id: &str) -> Vec<Verdict> {
    let named = answer.named();
    let rule = answer.rule();
    // Codes that may be a single device's fault, although they stand for the whole request.
    let complains = matches!(answer.code.as_str(), ARGUMENT | REGISTRATION_ID)
        && rule.class != Class::Unavailable;
    let culprit = |token: &str| match named.get(token) {
        Some(code) => Some(code.as_str()),
        None => (complains && !token::is_well_formed(token)).then_some(answer.code.as_str()),
    };
    let found = targets
        .iter()
        .any(|target| culprit(&target.token).is_some());
    let rest = match answer.code.as_str() {
        _ if answer.is_success() => Verdict::accepted(Some(message_id.to_owned())),
        DUPLICATE if answer.is_ok() => {
            let mut verdict = answer.verdict(&rule);
            verdict.vendor_id = Some(message_id.to_owned());
            verdict
        }
        // OPPO forgot what it saved a moment ago; it is saved again.
        NO_DATA if answer.is_ok() => answer.verdict(&TEXT_LOST),
        // req 73: what some devices are at fault for costs the others nothing.
        _ if complains && found => answer.verdict(&SENT_AGAIN),
        REGISTRATION_ID if complains => answer.verdict(&DEAD_AMONG_MANY).split(true),
        _ => answer.verdict(&rule),
    };
    let verdict = |target: &Target| match culprit(&target.token) {
        Some(code) => of_device(answer, code, &target.token),
        None => rest.clone(),
    };
    targets.iter().map(verdict).collect()
}

/// What is said of one device that `code` names, or that alone can have caused it.
fn of_device(answer: &Answer<'_>, code: &str, token: &str) -> Verdict {
    let rule = reason::judge(answer.status(), code);
    let rule = match (rule.class, code) {
        // The other devices go on.
        (Class::Throttled, _) => Rule {
            class: Class::ThrottledDevice,
            ..rule.scope(Scope::Token)
        },
        // Of a token that OPPO cannot have given, there is no doubt. It says 41 of words, too.
        (Class::BadRequest, ARGUMENT) | (Class::InvalidToken, REGISTRATION_ID)
            if !token::is_well_formed(token) =>
        {
            MALFORMED
        }
        _ => rule,
    };
    answer.verdict_of(&rule, code)
}

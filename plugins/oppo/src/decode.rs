//! OPPO's answer to verdicts, or to the second request of two.
//!
//! In: any response, and the step that it answers. Out: a verdict per device. What a code
//! means is looked up in `reason`; here is where in the answer the codes stand, and whom
//! they speak of.

use std::collections::BTreeMap;

use nudged_plugin_api::{
    Class, Decoded, Exchange, FollowUp, HttpResponse, Scope, Target, Timestamp, Verdict,
};
use serde::Deserialize;
use serde_json::Value;

use crate::encode::{at, form};
use crate::level::{self, Level, nameless};
use crate::payload::broadcast;
use crate::reason::{self, ARGUMENT, DUPLICATE, NO_DATA, REGISTRATION_ID};
use crate::settings::Channel;
use crate::step::{Step, devices};
use crate::token;

const MALFORMED: &str =
    "have the app report the registration id that OPPO gave it, whole and unchanged";
/// Longest id that OPPO can mean.
const MAX_ID: usize = 256;

/// What `exchange` comes to.
pub(crate) fn decoded(channel: &Channel, exchange: &Exchange<'_>, now: Timestamp) -> Decoded {
    let targets = exchange.targets;
    let answer = Answer::read(exchange.response);
    match Step::of(exchange) {
        Some(Step::Unicast { level }) => {
            if let Some((body, left_out)) = answer.without(level.as_ref(), now) {
                let level = Some(left_out);
                return follow_up(channel, "unicast", body, &Step::Unicast { level });
            }
            let verdicts = Decoded::Verdicts(one_device(&answer, targets, now));
            level::told(verdicts, level.as_ref())
        }
        Some(Step::Save {
            auth_token,
            again,
            level,
        }) => saved(
            channel,
            &answer,
            targets,
            Saving {
                auth_token,
                again,
                level,
            },
            now,
        ),
        Some(Step::Broadcast { message_id, level }) => {
            let verdicts = several_devices(&answer, targets, &message_id, now);
            level::told(Decoded::Verdicts(verdicts), level.as_ref())
        }
        None => Decoded::all(
            Verdict::refused(
                Class::Unavailable,
                "MemoLost",
                "nothing to do: the message is sent again, as it is unknown which request this \
                 answered",
            ),
            targets.len(),
        ),
    }
}

/// The answer to `unicast`.
fn one_device(answer: &Answer<'_>, targets: &[Target], now: Timestamp) -> Vec<Verdict> {
    let verdict = |target: &Target| match answer.code {
        _ if answer.is_success() => Verdict::accepted(answer.id(&["messageId", "message_id"])),
        Some(code @ (ARGUMENT | REGISTRATION_ID)) => answer.of_device(code, &target.token, now),
        _ => answer.verdict(now),
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
fn saved(
    channel: &Channel,
    answer: &Answer<'_>,
    targets: &[Target],
    saving: Saving,
    now: Timestamp,
) -> Decoded {
    const SAVE: &str = "save_message_content";
    let Saving {
        auth_token,
        again,
        level,
    } = saving;
    if let Some((body, left_out)) = answer.without(level.as_ref(), now) {
        let step = Step::Save {
            auth_token,
            again: again.map(|_| nameless(&body)),
            level: Some(left_out),
        };
        return follow_up(channel, SAVE, body, &step);
    }
    let known = answer.is_ok() && answer.code == Some(DUPLICATE);
    let id = answer.id(&["message_id", "messageId"]);
    let trouble = |remedy| {
        Verdict::refused(Class::Unavailable, answer.code(), remedy)
            .text(answer.text.as_str())
            .retry_after_millis(Some(10_000))
    };
    let verdict = match (id, again) {
        (Some(message_id), _) if known || answer.is_success() => {
            let tokens = devices(targets).join(&token::SEPARATOR.to_string());
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
        _ if known || answer.is_success() => {
            trouble("nothing to do: OPPO saved the text without an id, and it is tried again")
        }
        _ => match answer.verdict(now) {
            // No device was named yet, so none is at fault.
            verdict if verdict.class == Class::InvalidToken => {
                trouble("nothing to do: OPPO complained of devices before any was named")
            }
            verdict => verdict,
        },
    };
    Decoded::all(verdict, targets.len())
}

/// The answer to `broadcast`: `data` names devices by error code, `"10000": ["CN_…"]`.
fn several_devices(
    answer: &Answer<'_>,
    targets: &[Target],
    message_id: &str,
    now: Timestamp,
) -> Vec<Verdict> {
    let named = answer.named();
    // Codes that may be a single device's fault, although they stand for the whole request.
    let complains = matches!(answer.code, Some(ARGUMENT | REGISTRATION_ID))
        && answer.verdict(now).class != Class::Unavailable;
    let culprit = |token: &str| match named.get(token) {
        Some(code) => Some(*code),
        None => answer
            .code
            .filter(|_| complains && !token::is_well_formed(token)),
    };
    let found = targets
        .iter()
        .any(|target| culprit(&target.token).is_some());
    let rest = match answer.code {
        _ if answer.is_success() => Verdict::accepted(Some(message_id.to_owned())),
        Some(DUPLICATE) if answer.is_ok() => {
            let mut verdict = answer.verdict(now);
            verdict.vendor_id = Some(message_id.to_owned());
            verdict
        }
        // OPPO forgot what it saved a moment ago; it is saved again.
        Some(NO_DATA) if answer.is_ok() => {
            let remedy = "nothing to do: OPPO lost the saved text, and it is saved again";
            Verdict::refused(Class::Unavailable, answer.code(), remedy)
                .text(answer.text.as_str())
                .retry_after_millis(Some(10_000))
        }
        Some(_) if complains && found => {
            let remedy = "nothing to do: other devices of the request were at fault, and this one \
                          is sent to again without them";
            Verdict::refused(Class::Unavailable, answer.code(), remedy)
                .text(answer.text.as_str())
                .retry_after_millis(Some(0))
        }
        // Some device is at fault, nobody knows which: no token is dropped for that.
        Some(REGISTRATION_ID) if complains => {
            let remedy = "nothing to do: OPPO does not say which registration id it means, so \
                          the batch is sent in halves until it is found";
            Verdict::refused(Class::BadRequest, answer.code(), remedy)
                .text(answer.text.as_str())
                .split(true)
        }
        _ => answer.verdict(now),
    };
    let verdict = |target: &Target| match culprit(&target.token) {
        Some(code) => answer.of_device(code, &target.token, now),
        None => rest.clone(),
    };
    targets.iter().map(verdict).collect()
}

/// `{"code": …, "message": …, "data": …}`, or whatever came instead.
pub(crate) struct Answer<'a> {
    response: &'a HttpResponse,
    /// None when this is no answer of OPPO's.
    pub code: Option<i64>,
    /// OPPO's words.
    pub text: String,
    /// What there is besides.
    pub data: Value,
}

#[derive(Deserialize)]
struct Body {
    code: i64,
    #[serde(default)]
    message: Value,
    #[serde(default)]
    data: Value,
}

impl<'a> Answer<'a> {
    /// Takes an answer apart.
    pub(crate) fn read(response: &'a HttpResponse) -> Self {
        match serde_json::from_slice::<Body>(&response.body) {
            Ok(body) => Self {
                response,
                code: Some(body.code),
                text: body.message.as_str().unwrap_or_default().to_owned(),
                data: body.data,
            },
            Err(_) => Self {
                response,
                code: None,
                text: String::new(),
                data: Value::Null,
            },
        }
    }

    /// The message once more without its level, when the answer may be about that.
    fn without(&self, level: Option<&Level>, now: Timestamp) -> Option<(String, Level)> {
        level::once_more(level, self.code, || self.verdict(now).class)
    }

    fn is_ok(&self) -> bool {
        (200..300).contains(&self.response.status)
    }

    /// OPPO did what it was asked to.
    pub(crate) fn is_success(&self) -> bool {
        self.is_ok() && self.code == Some(0)
    }

    /// The first of these members of `data` that is an id.
    fn id(&self, names: &[&str]) -> Option<String> {
        let is_id = |id: &&str| {
            (1..=MAX_ID).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_graphic())
        };
        let mut ids = names.iter().filter_map(|name| self.data[*name].as_str());
        ids.find(is_id).map(str::to_owned)
    }

    /// Tokens that `data` lists under an error code.
    fn named(&self) -> BTreeMap<&str, i64> {
        let lists = self.data.as_object().into_iter().flatten();
        lists
            .filter_map(|(name, list)| Some((name.parse::<i64>().ok()?, list.as_array()?)))
            .filter(|(code, _)| *code != 0)
            .flat_map(|(code, list)| {
                let tokens = list.iter().filter_map(Value::as_str);
                tokens.map(move |token| (token, code))
            })
            .collect()
    }

    /// The code as it is shown.
    fn code(&self) -> String {
        match self.code {
            Some(code) if code != 0 => code.to_string(),
            _ => format!("HTTP {}", self.response.status),
        }
    }

    /// What an answer that is no success says of all that was asked.
    pub(crate) fn verdict(&self, now: Timestamp) -> Verdict {
        let (class, scope, remedy) = reason::judge(self.response.status, self.code);
        self.make(class, self.code(), remedy, now).scope(scope)
    }

    /// What is said of one device that `code` names, or that alone can have caused it.
    fn of_device(&self, code: i64, token: &str, now: Timestamp) -> Verdict {
        let (class, scope, remedy) = reason::judge(self.response.status, Some(code));
        let well_formed = token::is_well_formed(token);
        let (class, scope, remedy) = match (class, code) {
            // The other devices go on.
            (Class::Throttled, _) => (Class::ThrottledDevice, Scope::Token, remedy),
            // Of a token that OPPO cannot have given, there is no doubt. It says 41 of words, too.
            (Class::BadRequest, ARGUMENT) | (Class::InvalidToken, REGISTRATION_ID)
                if !well_formed =>
            {
                (Class::InvalidToken, Scope::Token, MALFORMED)
            }
            other => (other.0, scope, remedy),
        };
        self.make(class, code.to_string(), remedy, now).scope(scope)
    }

    fn make(&self, class: Class, code: String, remedy: &str, now: Timestamp) -> Verdict {
        if class == Class::Accepted {
            let mut verdict = Verdict::accepted(None).text(self.text.as_str());
            verdict.code = code;
            return verdict;
        }
        let least = match class {
            Class::Throttled | Class::ThrottledDevice => 1000,
            Class::Unavailable => 10_000,
            // OPPO counts days in China.
            Class::QuotaExceeded => now.millis_until_midnight(8),
            _ => {
                return Verdict::refused(class, code, remedy).text(self.text.as_str());
            }
        };
        let asked = self.response.retry_after_millis(now);
        Verdict::refused(class, code, remedy)
            .text(self.text.as_str())
            .retry_after_millis(Some(asked.unwrap_or(least)))
    }
}

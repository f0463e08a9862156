//! vivo's answer to verdicts, or to the second request of a list.
//!
//! In: any response, with the memo of its request. Out: one verdict per target, or
//! `pushToList` once `saveListPayload` has named the task, or once more a message that vivo took
//! for a test, as its memo has it. What a code means is looked up in
//! `reason`; here is only where in the answer it stands.

mod answer;

use std::collections::HashMap;

use nudged_plugin_api::{
    Class, Decoded, Exchange, FollowUp, HttpResponse, Target, Timestamp, Verdict,
};

pub(crate) use answer::Answer;
use answer::InvalidUser;

use crate::encode::{post, push_to_list};
use crate::memo::{Memo, Stage};
use crate::reason::{self, Refusal};
use crate::settings::Channel;

/// What the answer means for its targets.
pub(crate) fn decoded(channel: &Channel, exchange: Exchange<'_>, now: Timestamp) -> Decoded {
    let Exchange {
        targets, response, ..
    } = exchange;
    let answer = Answer::read(&response.body);
    let memo = Memo::read(exchange.memo, targets, channel);
    match (response.status, answer.result) {
        (200..=299, Some(0)) => taken(channel, targets, &answer, memo),
        (200..=299, None) => Decoded::all(garbage(), targets.len()),
        (status, result) => {
            // A result of 0 that HTTP belies says nothing.
            let refusal = reason::judge(status, result.filter(|&code| code != 0));
            if let Some(again) = memo
                .as_ref()
                .filter(|_| refusal.of_words)
                .and_then(|memo| again(channel, memo))
            {
                return Decoded::FollowUp(again);
            }
            refused(targets, &answer, memo.as_ref(), refusal, response, now)
        }
    }
}

/// The message once more with the sender's name in front, when vivo takes it for a test.
fn again(channel: &Channel, memo: &Memo) -> Option<FollowUp> {
    let again = memo.again.as_ref()?;
    let path = memo.stage.path();
    let request = post(channel, path, &again.grant, again.body.clone().into());
    let stage = match &memo.stage {
        // Only formal messages are refused so.
        Stage::Push { request_id, .. } => Stage::Save {
            grant: again.grant.clone(),
            request_id: request_id.clone(),
            push_mode: 0,
        },
        stage => stage.clone(),
    };
    let memo = Memo {
        classification: memo.classification,
        stage,
        again: None,
    };
    Some(FollowUp::new(request, memo.bytes(channel)))
}

/// Result 0.
fn taken(channel: &Channel, targets: &[Target], answer: &Answer, memo: Option<Memo>) -> Decoded {
    let Some(memo) = memo else {
        return Decoded::all(
            Verdict::refused(
                Class::Unavailable,
                "memo lost",
                "nothing: the driver was replaced between two requests, and the list is sent again",
            ),
            targets.len(),
        );
    };
    match memo.stage {
        Stage::Send => {
            let verdict = match &answer.invalid_user {
                Some(user) => by_status(user),
                None => Verdict::accepted(answer.task_id.clone()),
            };
            Decoded::all(verdict, targets.len())
        }
        Stage::Save {
            grant,
            request_id,
            push_mode,
        } => {
            let Some(task_id) = answer.task_id.clone() else {
                return Decoded::all(garbage(), targets.len());
            };
            let request =
                push_to_list(channel, targets, &task_id, (&grant, &request_id, push_mode));
            let memo = Memo {
                stage: Stage::Push {
                    task_id,
                    request_id,
                },
                ..memo
            };
            Decoded::FollowUp(FollowUp::new(request, memo.bytes(channel)))
        }
        Stage::Push { task_id, .. } => each(
            targets,
            answer,
            by_status,
            &Verdict::accepted(Some(task_id)),
        ),
    }
}

/// Any other result, or a status that speaks for itself.
fn refused(
    targets: &[Target],
    answer: &Answer,
    memo: Option<&Memo>,
    refusal: Refusal,
    response: &HttpResponse,
    now: Timestamp,
) -> Decoded {
    let scope = refusal.scope(memo.and_then(Memo::class));
    let verdict = refusal.verdict(answer, response, now).scope(scope);
    if !refusal.of_reg_id {
        return Decoded::all(verdict, targets.len());
    }
    match memo.map(|memo| &memo.stage) {
        Some(Stage::Send) => {
            let state = answer.invalid_user.as_ref();
            let verdict = match state.filter(|_| refusal.yields_to_state()) {
                Some(user) => {
                    let (class, scope, remedy) = reason::by_status(&user.status);
                    Verdict::refused(class, verdict.code, remedy)
                        .text(format!("{} (status {})", verdict.text, user.status))
                        .scope(scope)
                }
                None => verdict,
            };
            Decoded::all(verdict, targets.len())
        }
        // Only those that vivo names: the others must not lose their registration.
        _ => {
            let of_code = (!refusal.yields_to_state()).then_some(&verdict);
            let of_named = |user: &InvalidUser| of_code.cloned().unwrap_or_else(|| by_status(user));
            let unnamed = refusal.instead(
                Class::Unavailable,
                "nothing unless it stays: vivo refused the whole list for a regId, and it is sent \
                 again",
            );
            let unnamed = unnamed.verdict(answer, response, now);
            each(targets, answer, of_named, &unnamed)
        }
    }
}

/// The verdict of each target that `invalidUsers` names, and `otherwise` for the others.
fn each(
    targets: &[Target],
    answer: &Answer,
    of_named: impl Fn(&InvalidUser) -> Verdict,
    otherwise: &Verdict,
) -> Decoded {
    let named: HashMap<&str, &InvalidUser> = answer
        .invalid_users
        .iter()
        .chain(&answer.invalid_user)
        .map(|user| (user.userid.as_str(), user))
        .collect();
    let verdicts = targets
        .iter()
        .map(|target| match named.get(target.token.as_str()) {
            Some(user) => of_named(user),
            None => otherwise.clone(),
        })
        .collect();
    Decoded::Verdicts(verdicts)
}

/// What `status` of an invalid user means.
fn by_status(user: &InvalidUser) -> Verdict {
    let (class, scope, remedy) = reason::by_status(&user.status);
    Verdict::refused(class, format!("status {}", user.status), remedy).scope(scope)
}

fn garbage() -> Verdict {
    Verdict::refused(
        Class::Unavailable,
        "no result",
        "something other than vivo answers, or vivo is in trouble; check the endpoint setting \
         and any proxy in between",
    )
}

//! vivo's answer to verdicts, or to the second request of a list.
//!
//! In: any response, with the memo of its request. Out: one verdict per target, or
//! `pushToList` once `saveListPayload` has named the task. What a code means is looked up in
//! `reason`; here is only where in the answer it stands.

mod answer;

use std::collections::HashMap;

use nudged_plugin_api::{
    Class, Decoded, Exchange, FollowUp, HttpResponse, Target, Timestamp, Verdict,
};

pub(crate) use answer::Answer;
use answer::InvalidUser;

use crate::encode::push_to_list;
use crate::memo::{Memo, Step};
use crate::reason::{self, Refusal};
use crate::settings::Channel;

/// What the answer means for its targets.
pub(crate) fn decoded(channel: &Channel, exchange: Exchange<'_>, now: Timestamp) -> Decoded {
    let Exchange {
        targets,
        response,
        memo,
        ..
    } = exchange;
    let answer = Answer::read(&response.body);
    let step = Step::of(memo, targets);
    match (response.status, answer.result) {
        (200..=299, Some(0)) => taken(channel, targets, &answer, step),
        (200..=299, None) => Decoded::all(garbage(), targets.len()),
        (status, result) => {
            // A result of 0 that HTTP belies says nothing.
            let refusal = reason::judge(status, result.filter(|&code| code != 0));
            refused(targets, &answer, &step, refusal, response, now)
        }
    }
}

/// Result 0.
fn taken(channel: &Channel, targets: &[Target], answer: &Answer, step: Step) -> Decoded {
    match step {
        Step::Send => {
            let verdict = match &answer.invalid_user {
                Some(user) => by_status(user),
                None => Verdict::accepted(answer.task_id.clone()),
            };
            Decoded::all(verdict, targets.len())
        }
        Step::List(Memo::Save {
            grant,
            request_id,
            push_mode,
        }) => {
            let Some(task_id) = answer.task_id.clone() else {
                return Decoded::all(garbage(), targets.len());
            };
            let request =
                push_to_list(channel, targets, &task_id, (&grant, &request_id, push_mode));
            Decoded::FollowUp(FollowUp::new(request, Memo::Push { task_id }.bytes()))
        }
        Step::List(Memo::Push { task_id }) => {
            each(targets, answer, &Verdict::accepted(Some(task_id)))
        }
        Step::Lost => Decoded::all(
            Verdict::refused(
                Class::Unavailable,
                "memo lost",
                "nothing: the driver was replaced between two requests, and the list is sent again",
            ),
            targets.len(),
        ),
    }
}

/// Any other result, or a status that speaks for itself.
fn refused(
    targets: &[Target],
    answer: &Answer,
    step: &Step,
    refusal: Refusal,
    response: &HttpResponse,
    now: Timestamp,
) -> Decoded {
    let verdict = refusal.verdict(answer, response, now);
    if !refusal.of_reg_id {
        return Decoded::all(verdict, targets.len());
    }
    match step {
        Step::Send => {
            // The state that stands beside the code says more than the code.
            let verdict = match &answer.invalid_user {
                Some(user) => {
                    let (class, remedy) = reason::by_status(&user.status);
                    Verdict::refused(class, verdict.code, remedy)
                        .text(format!("{} (status {})", verdict.text, user.status))
                }
                None => verdict,
            };
            Decoded::all(verdict, targets.len())
        }
        // Only those that vivo names: the others must not lose their registration.
        _ => {
            let unnamed = refusal.instead(
                Class::Unavailable,
                "nothing unless it stays: vivo refused the whole list for a regId, and it is sent \
                 again",
            );
            each(targets, answer, &unnamed.verdict(answer, response, now))
        }
    }
}

/// The state of each target that `invalidUsers` names, and `otherwise` for the others.
fn each(targets: &[Target], answer: &Answer, otherwise: &Verdict) -> Decoded {
    let named: HashMap<&str, &InvalidUser> = answer
        .invalid_users
        .iter()
        .chain(&answer.invalid_user)
        .map(|user| (user.userid.as_str(), user))
        .collect();
    let verdicts = targets
        .iter()
        .map(|target| match named.get(target.token.as_str()) {
            Some(user) => by_status(user),
            None => otherwise.clone(),
        })
        .collect();
    Decoded::Verdicts(verdicts)
}

/// What `status` of an invalid user means.
fn by_status(user: &InvalidUser) -> Verdict {
    let (class, remedy) = reason::by_status(&user.status);
    Verdict::refused(class, format!("status {}", user.status), remedy)
}

fn garbage() -> Verdict {
    Verdict::refused(
        Class::Unavailable,
        "no result",
        "something other than vivo answers, or vivo is in trouble; check the endpoint setting \
         and any proxy in between",
    )
}

//! vivo's answer to verdicts, or to the second request of a list.
//!
//! In: any response, with the memo of its request. Out: one verdict per target, or
//! `pushToList` once `saveListPayload` has named the task, or once more a message that vivo took
//! for a test, as its memo has it. What a code means is looked up in `reason`; where in the answer it
//! stands, `answer` knows; here is whom it speaks of.

mod answer;

use std::collections::HashMap;

use nudged_driver_kit::reasons::Rule;
use nudged_plugin_api::{Decoded, Exchange, FollowUp, HttpResponse, Target, Timestamp, Verdict};

pub(crate) use answer::Answer;
use answer::InvalidUser;

use crate::classification::Classification;
use crate::encode::{post, push_to_list};
use crate::memo::{Memo, Stage};
use crate::reason::{
    self, LOOKS_LIKE_TEST, MEMO_LOST, NO_NOTICES, NO_REG_ID, NO_RESULT, NOT_FOUND, UNNAMED,
};
use crate::settings::Channel;

/// What the answer means for its targets.
pub(crate) fn decoded(channel: &Channel, exchange: Exchange<'_>, now: Timestamp) -> Decoded {
    let Exchange {
        targets, response, ..
    } = exchange;
    let memo = Memo::read(exchange.memo, targets, channel);
    let reply = Reply {
        targets,
        response,
        now,
        answer: Answer::read(&response.body),
    };
    match (response.status, reply.answer.result) {
        (200..=299, Some(0)) => match memo {
            Some(memo) => reply.taken(channel, memo),
            None => reply.all(reply.odd(&MEMO_LOST, "memo lost")),
        },
        (200..=299, None) => reply.all(reply.no_result()),
        (status, _) => {
            let rule = reason::judge(status, &reply.answer.refusal());
            let memo = memo.as_ref();
            let again = memo.filter(|_| rule == LOOKS_LIKE_TEST);
            if let Some(again) = again.and_then(|memo| again_of(channel, memo)) {
                return Decoded::FollowUp(again);
            }
            reply.refused(memo, rule)
        }
    }
}

/// The message once more with the sender's name in front, when vivo takes it for a test.
fn again_of(channel: &Channel, memo: &Memo) -> Option<FollowUp> {
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

/// An answer, and what it is one to.
struct Reply<'a> {
    targets: &'a [Target],
    response: &'a HttpResponse,
    now: Timestamp,
    answer: Answer,
}

impl Reply<'_> {
    /// Result 0.
    fn taken(&self, channel: &Channel, memo: Memo) -> Decoded {
        match memo.stage {
            Stage::Send => self.all(match &self.answer.invalid_user {
                Some(user) => self.of_state(user),
                None => Verdict::accepted(self.answer.task_id.clone()),
            }),
            Stage::Save {
                grant,
                request_id,
                push_mode,
            } => {
                let Some(task_id) = self.answer.task_id.clone() else {
                    return self.all(self.no_result());
                };
                let how = (grant.as_str(), request_id.as_str(), push_mode);
                let request = push_to_list(channel, self.targets, &task_id, how);
                let memo = Memo {
                    stage: Stage::Push {
                        task_id,
                        request_id,
                    },
                    ..memo
                };
                Decoded::FollowUp(FollowUp::new(request, memo.bytes(channel)))
            }
            Stage::Push { task_id, .. } => self.each(
                |user| self.of_state(user),
                &Verdict::accepted(Some(task_id)),
            ),
        }
    }

    /// Any other result, or a status that speaks for itself.
    fn refused(&self, memo: Option<&Memo>, rule: Rule) -> Decoded {
        // req 73: vivo may have counted it in another class than it was sent in.
        let sent_in = memo.and_then(Memo::class).map_or("", Classification::name);
        let verdict = self.verdict(&rule.said_of(sent_in));
        if ![NO_REG_ID, NOT_FOUND, NO_NOTICES].contains(&rule) {
            return self.all(verdict);
        }
        // The state that stands beside the code may say more than the code does.
        let state =
            |user: &InvalidUser| (rule != NO_NOTICES).then(|| reason::judge_state(&user.status));
        if let Some(Stage::Send) = memo.map(|memo| &memo.stage) {
            let user = self.answer.invalid_user.as_ref();
            return self.all(match user.and_then(|user| Some((user, state(user)?))) {
                Some((user, rule)) => {
                    let text = format!("{} (status {})", verdict.text, user.status);
                    self.verdict(&rule).text(text)
                }
                None => verdict,
            });
        }
        // Only those that vivo names: the others must not lose their registration.
        let of_named = |user: &InvalidUser| match state(user) {
            Some(_) => self.of_state(user),
            None => verdict.clone(),
        };
        self.each(of_named, &self.verdict(&UNNAMED))
    }

    /// The verdict of each target that `invalidUsers` names, and `otherwise` for the others.
    fn each(&self, of_named: impl Fn(&InvalidUser) -> Verdict, otherwise: &Verdict) -> Decoded {
        let users = self.answer.invalid_users.iter();
        let named: HashMap<&str, &InvalidUser> = users
            .chain(&self.answer.invalid_user)
            .map(|user| (user.userid.as_str(), user))
            .collect();
        let verdict = |target: &Target| match named.get(target.token.as_str()) {
            Some(user) => of_named(user),
            None => otherwise.clone(),
        };
        Decoded::Verdicts(self.targets.iter().map(verdict).collect())
    }

    fn all(&self, verdict: Verdict) -> Decoded {
        Decoded::all(verdict, self.targets.len())
    }

    /// The verdict by `rule`, with vivo's code and words.
    fn verdict(&self, rule: &Rule) -> Verdict {
        rule.verdict(&self.answer.refusal(), self.response, self.now)
            .text(self.answer.desc.as_str())
    }

    /// The verdict on a regId that vivo does not take.
    fn of_state(&self, user: &InvalidUser) -> Verdict {
        let code = format!("status {}", user.status);
        reason::judge_state(&user.status).verdict(&code, self.response, self.now)
    }

    fn no_result(&self) -> Verdict {
        self.odd(&NO_RESULT, "no result")
    }

    /// The verdict where vivo gave no code.
    fn odd(&self, rule: &Rule, code: &str) -> Verdict {
        rule.verdict(code, self.response, self.now)
    }
}

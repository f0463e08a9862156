//! Messages of a chat server, in the words of Tencent's REST API.
//!
//! In: the bodies of four calls, verbatim, under our path or Tencent's own. Out: notifications
//! of ours that go the ordinary way through admission, and Tencent's answers. What it takes and
//! what it only tolerates is in [`body`] and [`sdk`]; where a field goes, in [`offline`] and
//! [`options`]; Tencent's codes, in [`refusal`]. Refuses to know vendors' APIs, devices and what
//! a text is made of.
//!
//! `IsVoipPush` and `LiveActivity` go to devices that reported a token for them (see [`kind`]), all
//! others get the ordinary alert. Of `OfflinePushInfo` go no further, with a notice:
//! `PushTemplateId`, and every name that nobody knows here. Without one, as nothing is lost:
//! `ExtAsHuaweiIntentParam` (the driver passes ext in its own way), and of the bodies
//! `SyncOtherMachine`, `MsgPriority`, `MsgTimeStamp` and all that a push has no use for.

mod answer;
mod body;
mod dedupe;
mod elements;
mod info;
mod kind;
mod offline;
mod options;
mod order;
mod recipients;
mod refusal;
mod sdk;
mod tolerant;

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::Extension;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, Request, State};
use axum::http::{Method, Uri};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use super::Api;
use super::access::Peer;
use crate::admission::{Submission, SubmissionResult};
use crate::api::refusal::Refusal;
use crate::config::Verb;
use crate::model::DEFAULT_APP;
use nudged_wire::{Code, Problem};

pub use answer::ImAnswer;
pub use refusal::ImRefusal;

use body::Body;
use order::{Caller, order};
use refusal::Door;
use tolerant::Object;

/// A call that carries a push.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Call {
    /// From one user to another.
    One,
    /// From one user to several.
    Many,
    /// To a group.
    Group,
    /// A push without a message.
    Push,
}

impl Call {
    const ALL: [Self; 4] = [Self::One, Self::Many, Self::Group, Self::Push];

    /// Tencent's name for it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::One => "sendmsg",
            Self::Many => "batchsendmsg",
            Self::Group => "send_group_msg",
            Self::Push => "timpush_batch",
        }
    }

    /// Most accounts that it names.
    const fn most(self) -> usize {
        match self {
            Self::One => 1,
            Self::Group => 50,
            Self::Many | Self::Push => 500,
        }
    }

    /// The form in which it names them.
    const fn accounts(self) -> &'static str {
        match self {
            Self::One => "an account, a text",
            _ => "an array of accounts",
        }
    }

    fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|call| call.name() == name)
    }
}

/// Which call, and for which app. What else Tencent's URLs carry is not read.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Which {
    /// `sendmsg`, `batchsendmsg`, `send_group_msg` or `timpush_batch`.
    call: Option<String>,
    /// The app. Default: `default`.
    app: Option<String>,
    /// Who sends what has no `From_Account`.
    identifier: Option<String>,
}

/// For which app. `sdkappid`, `usersig`, `random`, `contenttype`, `servicename`, `command` and
/// what else Tencent's clients write are taken and not checked: who may send is decided by the
/// user of the process at the other end of the socket.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Whose {
    /// The app. Default: `default`.
    app: Option<String>,
    /// Who sends what has no `From_Account`.
    identifier: Option<String>,
}

/// Accepts a message in the form of Tencent's REST API. The answer comes after the fsync.
///
/// `MsgBody`, `OfflinePushInfo`, `From_Account`, `To_Account`, `GroupId`, `TopicId`,
/// `GroupAtInfo`, `MsgLifeTime`, `OnlineOnlyFlag`, `SendMsgControl`, `Random` and `MsgRandom`
/// are read, other fields are not. `""`, `null` and empty objects are absent; numbers may be
/// texts. In `OfflinePushInfo` the names of Tencent's SDKs are as good as those of its REST API.
/// One extension: `"nudged": {"members": [...], "sender_name": "...", "group_name": "..."}`,
/// where `send_group_msg` without `To_Account` names up to 10000 members. A refusal has
/// Tencent's `ActionStatus`, `ErrorCode` and `ErrorInfo` beside the members of a problem.
#[utoipa::path(
    post, path = "/v1/im/messages", params(Which),
    request_body(content = serde_json::Value, description = "the call's body as for Tencent", content_type = "application/json"),
    responses(
        (status = 202, description = "on disk; will be delivered or explained", body = ImAnswer),
        (status = "4XX", description = "not accepted", body = ImRefusal, content_type = "application/problem+json"),
        (status = 503, description = "nothing was accepted; send again after Retry-After", body = ImRefusal, content_type = "application/problem+json"),
    ),
)]
pub async fn post(
    State(api): State<Arc<Api>>,
    Extension(peer): Extension<Arc<Peer>>,
    which: Result<Query<Which>, QueryRejection>,
    request: Request,
) -> Response {
    let door = Door::Nudged;
    let which = match query(which) {
        Ok(which) => which,
        Err(problem) => return door.refuse(None, problem),
    };
    match which_call(filled(which.call).as_deref()) {
        Ok(call) => {
            let whose = Whose {
                app: which.app,
                identifier: which.identifier,
            };
            take(door, call, &api, &peer, whose, request).await
        }
        Err(problem) => door.refuse(None, problem),
    }
}

/// A route of Tencent's for a call of its REST API.
macro_rules! alias {
    ($(#[$doc:meta])* $name:ident, $call:expr, $path:literal) => {
        $(#[$doc])*
        #[utoipa::path(
            post, path = $path, params(Whose),
            request_body(content = serde_json::Value, description = "the call's body as for Tencent", content_type = "application/json"),
            responses((
                status = 200, description = "Tencent's status for every answer: taken if ActionStatus is OK, refused if it is FAIL",
                content((ImAnswer = "application/json"), (ImRefusal = "application/json")),
            )),
        )]
        pub async fn $name(
            State(api): State<Arc<Api>>,
            Extension(peer): Extension<Arc<Peer>>,
            whose: Result<Query<Whose>, QueryRejection>,
            request: Request,
        ) -> Response {
            match query(whose) {
                Ok(whose) => take(Door::Tencent, $call, &api, &peer, whose, request).await,
                Err(problem) => Door::Tencent.refuse(Some($call), problem),
            }
        }
    };
}

alias! {
    /// `POST /v1/im/messages?call=sendmsg` under Tencent's own path, and with its HTTP status.
    sendmsg, Call::One, "/v4/openim/sendmsg"
}

alias! {
    /// `POST /v1/im/messages?call=batchsendmsg` under Tencent's own path, and with its HTTP
    /// status.
    batchsendmsg, Call::Many, "/v4/openim/batchsendmsg"
}

alias! {
    /// `POST /v1/im/messages?call=send_group_msg` under Tencent's own path, and with its HTTP
    /// status.
    send_group_msg, Call::Group, "/v4/group_open_http_svc/send_group_msg"
}

alias! {
    /// `POST /v1/im/messages?call=timpush_batch` under Tencent's own path, and with its HTTP
    /// status.
    timpush_batch, Call::Push, "/v4/timpush/batch"
}

/// Any other call of Tencent's.
pub async fn unknown(uri: Uri) -> Response {
    let calls = "nudged takes /v4/openim/sendmsg, /v4/openim/batchsendmsg, \
                 /v4/group_open_http_svc/send_group_msg and /v4/timpush/batch";
    let problem = Problem::new(Code::NotFound, format!("there is no {}", uri.path())).hint(calls);
    Door::of(uri.path()).refuse(None, problem)
}

/// Any other method than POST.
pub async fn wrong_method(method: Method, uri: Uri) -> Response {
    let detail = format!("{} does not take {method}", uri.path());
    let problem = Problem::new(Code::MethodNotAllowed, detail).hint("send the call with POST");
    Door::of(uri.path()).refuse(None, problem)
}

/// The answer to a call that is refused before any handler sees it.
pub fn refused(path: &str, problem: Problem) -> Response {
    Door::of(path).refuse(None, problem)
}

async fn take(
    door: Door,
    call: Call,
    api: &Api,
    peer: &Peer,
    whose: Whose,
    request: Request,
) -> Response {
    match accept(call, api, peer, whose, request).await {
        Ok(answer) => (door.accepted(), axum::Json(answer)).into_response(),
        Err(Refusal(problem)) => door.refuse(Some(call), problem),
    }
}

async fn accept(
    call: Call,
    api: &Api,
    peer: &Peer,
    whose: Whose,
    request: Request,
) -> Result<ImAnswer, Refusal> {
    let app = filled(whose.app).unwrap_or_else(|| DEFAULT_APP.to_owned());
    let admin = filled(whose.identifier);
    api.reload.policy().check(peer, Verb::Send, Some(&app))?;
    super::body::check_type(&request)?;
    let bytes = super::body::whole(request.into_body(), api.max_body).await?;
    let body = read(call, &bytes)?;
    let order = {
        let table = api.routes.current();
        let infos = table.of_app(&app).map(|route| &route.info);
        let drivers: BTreeSet<&str> = infos
            .flat_map(|info| std::iter::once(&info.vendor).chain(&info.behind))
            .map(String::as_str)
            .collect();
        let caller = Caller {
            app: &app,
            admin: admin.as_deref(),
            drivers: &drivers,
        };
        order(call, caller, body)?
    };
    let ask = Submission {
        spec: order.spec,
        dedupe: order.dedupe,
        tokens_only: true,
    };
    let SubmissionResult {
        accepted,
        suppressed,
    } = api.admission.admit(ask).await?;
    Ok(answer::answer(
        accepted,
        &order.refused,
        &suppressed,
        order.notices,
    ))
}

fn read(call: Call, bytes: &[u8]) -> Result<Body, Problem> {
    let read = nudged_wire::json::parse::<Object<Body>>(bytes);
    read.map(|Object(body)| body).map_err(|mut problem| {
        // Where it is no JSON at all, the field at that place is not to blame.
        if !nudged_wire::json::is_json(bytes) {
            problem.tencent = Some(refusal::json(call));
        }
        problem
    })
}

fn query<T>(query: Result<Query<T>, QueryRejection>) -> Result<T, Problem> {
    match query {
        Ok(Query(query)) => Ok(query),
        Err(error) => {
            let mut problem = Problem::new(Code::BadRequest, error.body_text());
            problem.tencent = Some(refusal::URL);
            Err(problem.hint("names and values in a URL are percent-encoded UTF-8, each once"))
        }
    }
}

/// `""` is absent, in the URL too.
fn filled(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.is_empty())
}

fn which_call(name: Option<&str>) -> Result<Call, Problem> {
    let problem = |detail: String| {
        let known = Call::ALL.map(Call::name).join(", ");
        let detail = format!("{detail}, expected one of {known}");
        let mut problem = Problem::new(Code::BadRequest, detail).field("call");
        problem.tencent = Some(refusal::RESOURCE);
        problem
    };
    match name {
        None => Err(problem("missing".to_owned())),
        Some(name) => Call::parse(name).ok_or_else(|| problem(format!("is {name:?}"))),
    }
}

fn invalid(field: impl Into<String>, detail: impl Into<String>) -> Problem {
    Problem::new(Code::Invalid, detail).field(field)
}

fn missing(field: &str, expected: &str) -> Problem {
    Problem::new(Code::BadRequest, format!("missing, expected {expected}")).field(field)
}

/// A problem that was found in a part of a body, which stands at this place.
fn within(mut problem: Problem, place: &str) -> Problem {
    let inner = problem.field.take();
    let inner = inner.map_or_else(String::new, |field| format!(".{field}"));
    // The line is one within the part, and the path says more.
    if let Some(end) = problem.detail.find(" at line ") {
        problem.detail.truncate(end);
    }
    problem.field(format!("{place}{inner}"))
}

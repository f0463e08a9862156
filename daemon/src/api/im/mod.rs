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
mod call;
mod codes;
mod dedupe;
mod elements;
mod info;
mod intake;
mod kind;
mod offline;
mod options;
mod order;
mod problem;
mod query;
mod recipients;
mod refusal;
mod sdk;
mod tolerant;

#[cfg(test)]
mod tests;

use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, Request};
use axum::http::{Method, Uri};
use axum::response::{IntoResponse, Response};

use crate::api::query::filled;
use crate::api::refusal::Refusal;
use nudged_wire::{Code, Problem};

pub use answer::ImAnswer;
pub use refusal::ImRefusal;

use call::Call;
use intake::Intake;
use query::{AppQuery, CallQuery, readable};
use refusal::Dialect;

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
    post, path = "/v1/im/messages", params(CallQuery),
    request_body(content = serde_json::Value, description = "the call's body as for Tencent", content_type = "application/json"),
    responses(
        (status = 202, description = "on disk; will be delivered or explained", body = ImAnswer),
        (status = "4XX", description = "not accepted", body = ImRefusal, content_type = "application/problem+json"),
        (status = 503, description = "nothing was accepted; send again after Retry-After", body = ImRefusal, content_type = "application/problem+json"),
    ),
)]
pub async fn post(
    intake: Intake,
    query: Result<Query<CallQuery>, QueryRejection>,
    request: Request,
) -> Response {
    let dialect = Dialect::Nudged;
    let query = match readable(query) {
        Ok(query) => query,
        Err(problem) => return dialect.refuse(None, problem),
    };
    match Call::named(filled(query.call).as_deref()) {
        Ok(call) => {
            let query = AppQuery {
                app: query.app,
                identifier: query.identifier,
            };
            take(dialect, call, intake, query, request).await
        }
        Err(problem) => dialect.refuse(None, problem),
    }
}

/// A route of Tencent's for a call of its REST API.
macro_rules! alias {
    ($(#[$doc:meta])* $name:ident, $call:expr, $path:literal) => {
        $(#[$doc])*
        #[utoipa::path(
            post, path = $path, params(AppQuery),
            request_body(content = serde_json::Value, description = "the call's body as for Tencent", content_type = "application/json"),
            responses((
                status = 200, description = "Tencent's status for every answer: taken if ActionStatus is OK, refused if it is FAIL",
                content((ImAnswer = "application/json"), (ImRefusal = "application/json")),
            )),
        )]
        pub async fn $name(
            intake: Intake,
            query: Result<Query<AppQuery>, QueryRejection>,
            request: Request,
        ) -> Response {
            match readable(query) {
                Ok(query) => take(Dialect::Tencent, $call, intake, query, request).await,
                Err(problem) => Dialect::Tencent.refuse(Some($call), problem),
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
    Dialect::of(uri.path()).refuse(None, problem)
}

/// Any other method than POST.
pub async fn wrong_method(method: Method, uri: Uri) -> Response {
    let detail = format!("{} does not take {method}", uri.path());
    let problem = Problem::new(Code::MethodNotAllowed, detail).hint("send the call with POST");
    Dialect::of(uri.path()).refuse(None, problem)
}

/// The answer to a call that is refused before any handler sees it.
pub fn refused(path: &str, problem: Problem) -> Response {
    Dialect::of(path).refuse(None, problem)
}

async fn take(
    dialect: Dialect,
    call: Call,
    intake: Intake,
    query: AppQuery,
    request: Request,
) -> Response {
    match intake.accept(call, query, request).await {
        Ok(answer) => (dialect.accepted(), axum::Json(answer)).into_response(),
        Err(Refusal(problem)) => dialect.refuse(Some(call), problem),
    }
}

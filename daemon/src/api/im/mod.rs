//! Messages of a chat server, in the words of Tencent's REST API.
//!
//! In: the bodies of four calls, verbatim. Out: notifications of ours that go the ordinary
//! way through admission, and Tencent's answers. What it takes and what it only tolerates is
//! in [`body`]; where a field goes, in [`offline`] and [`options`]. Refuses to know vendors'
//! APIs, devices and what a text is made of.
//!
//! Of `OfflinePushInfo` go no further, with a notice: `PushTemplateId`, `IsVoipPush` (an
//! ordinary alert instead), `LiveActivity`. Without one, as nothing is lost:
//! `ExtAsHuaweiIntentParam` (the driver passes ext in its own way), and of the bodies
//! `SyncOtherMachine`, `MsgPriority`, `MsgTimeStamp` and all that a push has no use for.

mod answer;
mod body;
mod dedupe;
mod elements;
mod offline;
mod options;
mod order;
mod recipients;
mod tolerant;

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::Extension;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, Request, State};
use axum::http::StatusCode;
use serde::Deserialize;

use super::Api;
use super::access::Peer;
use super::problem::{Code, Problem};
use crate::admission::{Answer, Ask};
use crate::config::Verb;

pub use answer::ImAnswer;

use body::Body;
use order::{Caller, order};
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

/// Accepts a message in the form of Tencent's REST API. The answer comes after the fsync.
///
/// `MsgBody`, `OfflinePushInfo`, `From_Account`, `To_Account`, `GroupId`, `TopicId`,
/// `GroupAtInfo`, `MsgLifeTime`, `OnlineOnlyFlag`, `SendMsgControl`, `Random` and `MsgRandom`
/// are read, other fields are not. `""`, `null` and empty objects are absent; numbers may be
/// texts. One extension: `"nudged": {"members": [...], "sender_name": "...", "group_name":
/// "..."}`, where `send_group_msg` without `To_Account` names up to 10000 members.
#[utoipa::path(
    post, path = "/v1/im/messages", params(Which),
    request_body(content = serde_json::Value, description = "the call's body as for Tencent", content_type = "application/json"),
    responses(
        (status = 202, description = "on disk; will be delivered or explained", body = ImAnswer),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "nothing was accepted; send again after Retry-After", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub async fn post(
    State(api): State<Arc<Api>>,
    Extension(peer): Extension<Arc<Peer>>,
    which: Result<Query<Which>, QueryRejection>,
    request: Request,
) -> Result<(StatusCode, axum::Json<ImAnswer>), Problem> {
    let Query(which) = which.map_err(|error| Problem::new(Code::BadRequest, error.body_text()))?;
    let filled = |text: Option<String>| text.filter(|text| !text.is_empty());
    let call = which_call(filled(which.call).as_deref())?;
    let app = filled(which.app).unwrap_or_else(|| "default".to_owned());
    let admin = filled(which.identifier);
    api.reload.policy().check(&peer, Verb::Send, Some(&app))?;
    super::body::check_type(&request)?;
    let bytes = super::body::whole(request.into_body(), api.max_body).await?;
    let Object(body) = super::body::parse::<Object<Body>>(&bytes)?;
    let order = {
        let table = api.routes.now();
        let drivers: BTreeSet<&str> = table
            .of_app(&app)
            .map(|route| route.info.vendor.as_str())
            .collect();
        let caller = Caller {
            app: &app,
            admin: admin.as_deref(),
            drivers: &drivers,
        };
        order(call, caller, body)?
    };
    let ask = Ask {
        spec: order.spec,
        dedupe: order.dedupe,
    };
    let Answer { accepted, silent } = api.admission.admit(ask).await?;
    let answer = answer::answer(accepted, &order.refused, &silent, order.notices);
    Ok((StatusCode::ACCEPTED, axum::Json(answer)))
}

fn which_call(name: Option<&str>) -> Result<Call, Problem> {
    let problem = |detail: String| {
        let known = Call::ALL.map(Call::name).join(", ");
        Problem::new(
            Code::BadRequest,
            format!("{detail}, expected one of {known}"),
        )
        .field("call")
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

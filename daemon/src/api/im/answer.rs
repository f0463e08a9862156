//! The answer to a chat server: Tencent's, and ours in the same object.
//!
//! In: what was accepted, and who gets nothing of it. Out: JSON. Only a user whom no device
//! can reach, or whose name can be nobody's, is an error there; everybody else was left out by
//! a wish.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::model::Reason;
use nudged_wire::Problem;
use nudged_wire::{Accepted, AcceptedNotice, NoticeView};

/// Tencent's code for an account that nothing can be pushed to.
const UNREACHABLE: u32 = 70107;

/// What became of a message of a chat server.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct ImAnswer {
    /// `OK`; a refusal has `FAIL`.
    #[serde(rename = "ActionStatus")]
    pub action_status: String,
    /// 0.
    #[serde(rename = "ErrorCode")]
    pub error_code: u32,
    /// Empty.
    #[serde(rename = "ErrorInfo")]
    pub error_info: String,
    /// The notification's id.
    #[serde(rename = "TaskId")]
    pub task_id: String,
    /// Recipients who have no device, or are no accounts.
    #[serde(rename = "ErrorList")]
    pub error_list: Vec<ImError>,
    /// The notification, as `POST /v1/notifications` answers; its notices begin with what of
    /// `OfflinePushInfo` goes no further, and go on with what devices show otherwise than asked.
    #[serde(flatten)]
    pub accepted: Accepted,
}

/// A recipient who has no device, or is no account.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct ImError {
    /// Who.
    #[serde(rename = "To_Account")]
    pub to_account: String,
    /// 70107.
    #[serde(rename = "ErrorCode")]
    pub error_code: u32,
    /// The rule, and what it says; for what is no account its place, and why not.
    #[serde(rename = "ErrorInfo")]
    pub error_info: String,
}

/// The answer to a message that was accepted; `refused` are no accounts, `silent` hear nothing
/// of it.
pub fn answer(
    mut accepted: Accepted,
    refused: &[(String, Problem)],
    silent: &[(String, Reason)],
    notices: Vec<NoticeView>,
) -> ImAnswer {
    let error = |account: &str, info: String| ImError {
        to_account: account.to_owned(),
        error_code: UNREACHABLE,
        error_info: info,
    };
    let no_accounts = refused.iter().map(|(account, problem)| {
        let place = problem.field.as_deref().unwrap_or_default();
        error(account, format!("invalid: {place} {}", problem.detail))
    });
    let unreachable = silent
        .iter()
        .filter(|(_, reason)| reason.is_absence())
        .map(|(user, reason)| error(user, format!("{}: {}", reason.code(), reason.text())));
    let error_list = no_accounts.chain(unreachable).collect();
    let unread = notices.into_iter().map(|notice| AcceptedNotice {
        channel: None,
        field: notice.field,
        text: notice.text,
    });
    accepted.notices = unread.chain(accepted.notices).collect();
    ImAnswer {
        action_status: "OK".to_owned(),
        error_code: 0,
        error_info: String::new(),
        task_id: accepted.id.clone(),
        error_list,
        accepted,
    }
}

//! What a chat server hears: Tencent's answer, and ours in the same object.
//!
//! In: what was accepted, and who hears nothing of it. Out: JSON. Only a user whom no device
//! can reach is an error there; everybody else was left out by a wish.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::api::schema::{Accepted, NoticeView};
use crate::model::Reason;

/// Tencent's code for an account that nothing can be pushed to.
const UNREACHABLE: u32 = 70107;

/// What became of a message of a chat server.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct ImAnswer {
    /// `OK`; a refusal is a problem with its own HTTP status.
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
    /// Recipients who have no device.
    #[serde(rename = "ErrorList")]
    pub error_list: Vec<ImError>,
    /// The notification, as `POST /v1/notifications` answers.
    #[serde(flatten)]
    pub accepted: Accepted,
    /// What of `OfflinePushInfo` goes no further.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notices: Vec<NoticeView>,
}

/// A recipient who has no device.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct ImError {
    /// Who.
    #[serde(rename = "To_Account")]
    pub to_account: String,
    /// 70107.
    #[serde(rename = "ErrorCode")]
    pub error_code: u32,
    /// The rule, and what it says.
    #[serde(rename = "ErrorInfo")]
    pub error_info: String,
}

/// The answer to a message that was accepted; `silent` are those who hear nothing of it.
pub fn answer(
    accepted: Accepted,
    silent: &[(String, Reason)],
    notices: Vec<NoticeView>,
) -> ImAnswer {
    let error_list = silent
        .iter()
        .filter(|(_, reason)| *reason == Reason::NoDevice)
        .map(|(user, reason)| ImError {
            to_account: user.clone(),
            error_code: UNREACHABLE,
            error_info: format!("{}: {}", reason.code(), reason.text()),
        })
        .collect();
    ImAnswer {
        action_status: "OK".to_owned(),
        error_code: 0,
        error_info: String::new(),
        task_id: accepted.id.clone(),
        error_list,
        accepted,
        notices,
    }
}

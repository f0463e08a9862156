//! What stands behind the question mark of a call's path.

use axum::extract::Query;
use axum::extract::rejection::QueryRejection;
use serde::Deserialize;

use super::codes;
use crate::api::allowed::OfApp;
use crate::model::DEFAULT_APP;
use nudged_wire::{Code, Problem};

/// Which call, and for which app. What else Tencent's URLs carry is not read.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct CallQuery {
    /// `sendmsg`, `batchsendmsg`, `send_group_msg` or `timpush_batch`.
    pub call: Option<String>,
    /// The app. Default: `default`.
    pub app: Option<String>,
    /// Who sends what has no `From_Account`.
    pub identifier: Option<String>,
}

/// For which app. `sdkappid`, `usersig`, `random`, `contenttype`, `servicename`, `command` and
/// what else Tencent's clients write are taken and not checked: who may send is decided by the
/// user of the process at the other end of the socket.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct AppQuery {
    /// The app. Default: `default`.
    pub app: Option<String>,
    /// Who sends what has no `From_Account`.
    pub identifier: Option<String>,
}

impl AppQuery {
    pub fn app_or_default(&self) -> &str {
        let named = self.app.as_deref().filter(|app| !app.is_empty());
        named.unwrap_or(DEFAULT_APP)
    }
}

impl OfApp for AppQuery {
    fn app(&self) -> Option<&str> {
        Some(self.app_or_default())
    }
}

/// A query, or the problem with Tencent's code.
pub fn readable<T>(query: Result<Query<T>, QueryRejection>) -> Result<T, Problem> {
    match query {
        Ok(Query(query)) => Ok(query),
        Err(error) => {
            let mut problem = Problem::new(Code::BadRequest, error.body_text());
            problem.tencent = Some(codes::URL);
            Err(problem.hint("names and values in a URL are percent-encoded UTF-8, each once"))
        }
    }
}

//! Takes a call in: its body, as a notification of ours, goes to admission.
//!
//! In: a call, for which app, and its request. Out: Tencent's answer, or a problem. Refuses to know
//! by which path the call came.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::extract::{FromRef, FromRequestParts, Request};
use axum::http::request::Parts;

use super::answer::{ImAnswer, answer};
use super::body::Body;
use super::call::Call;
use super::order::{CallOrigin, order};
use super::query::AppQuery;
use super::refusal;
use super::tolerant::Object;
use crate::admission::{Admission, Submission, SubmissionResult};
use crate::api::allowed::{Allowed, Caller, Send};
use crate::api::body::{check_type, whole};
use crate::api::query::filled;
use crate::api::refusal::Refusal;
use crate::api::state::{ApiState, MaxBody};
use crate::channels::Routes;
use nudged_wire::Problem;

/// Who makes a call, and what takes it.
pub struct Intake {
    caller: Caller<Send>,
    admission: Arc<Admission>,
    routes: Arc<Routes>,
    max_body: usize,
}

impl FromRequestParts<ApiState> for Intake {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, shared: &ApiState) -> Result<Self, Refusal> {
        Ok(Self {
            caller: Caller::from_request_parts(parts, shared).await?,
            admission: Arc::from_ref(shared),
            routes: Arc::from_ref(shared),
            max_body: MaxBody::from_ref(shared).0,
        })
    }
}

impl Intake {
    /// Accepts a call.
    pub async fn accept(
        self,
        call: Call,
        query: AppQuery,
        request: Request,
    ) -> Result<ImAnswer, Refusal> {
        let Allowed { object: query, .. } = self.caller.allow(query)?;
        check_type(&request)?;
        let bytes = whole(request.into_body(), self.max_body).await?;
        let body = read(call, &bytes)?;
        let order = {
            let app = query.app_or_default();
            let admin = filled(query.identifier.clone());
            let table = self.routes.current();
            let infos = table.of_app(app).map(|entry| &entry.info);
            let drivers: BTreeSet<&str> = infos
                .flat_map(|info| std::iter::once(&info.vendor).chain(&info.behind))
                .map(String::as_str)
                .collect();
            let origin = CallOrigin {
                app,
                admin: admin.as_deref(),
                drivers: &drivers,
            };
            order(call, origin, body)?
        };
        let ask = Submission {
            spec: order.spec,
            dedupe: order.dedupe,
            tokens_only: true,
        };
        let SubmissionResult {
            accepted,
            suppressed,
        } = self.admission.admit(ask).await?;
        Ok(answer(accepted, &order.refused, &suppressed, order.notices))
    }
}

/// The body of a call.
pub fn read(call: Call, bytes: &[u8]) -> Result<Body, Problem> {
    let read = nudged_wire::json::parse::<Object<Body>>(bytes);
    read.map(|Object(body)| body).map_err(|mut problem| {
        // Where it is no JSON at all, the field at that place is not to blame.
        if !nudged_wire::json::is_json(bytes) {
            problem.tencent = Some(refusal::json(call));
        }
        problem
    })
}

//! The auth interface, and the grants that it gave.

use http::request::Parts;
use serde_json::json;
use sha2::{Digest, Sha256};

use super::error::Refusal;
use super::request::OppoRequest;
use super::{Oppo, success};
use crate::checks::form::Form;
use crate::credentials::ids;
use crate::net::exchange::Acceptance;
use crate::vendors::Vendor;
use crate::vendors::customers::GrantState;

const CLOCK_TOLERANCE_MS: u64 = 10 * 60 * 1000;

impl Oppo {
    pub(super) fn grant(&self, form: &Form) -> Result<Acceptance, Refusal> {
        let parameters = ["app_key", "sign", "timestamp"];
        if let Some(name) = form.unknown(&parameters) {
            return Err(Refusal::argument(format!("Invalid Arguments: {name}")));
        }
        let text = |name| {
            form.get(name)
                .filter(|text| !text.is_empty())
                .ok_or_else(|| Refusal::no_auth_parameter(name))
        };
        let (app_key, sign, timestamp) = (text("app_key")?, text("sign")?, text("timestamp")?);
        let app = self.book().apps.get(app_key).cloned();
        let app = app.ok_or_else(Refusal::wrong_key)?;
        let now_ms = self.world.clock.now_ms();
        let is_near = timestamp.len() == 13
            && timestamp
                .parse::<u64>()
                .is_ok_and(|at_ms| at_ms.abs_diff(now_ms) <= CLOCK_TOLERANCE_MS);
        if !is_near {
            return Err(Refusal::wrong_time());
        }
        if sign != signature(app_key, timestamp, &app.master_secret) {
            return Err(Refusal::wrong_sign());
        }
        let customers = self.world.customers(Vendor::Oppo);
        let issued = customers.issue(app_key, self.world.clock.now_secs());
        let data = json!({ "auth_token": issued.token, "create_time": now_ms });
        Ok(Acceptance::of_grant(Vendor::Oppo, app_key, success(&data)))
    }

    /// The form field is the documented place; a header may say the same, and nothing else.
    pub(super) fn authenticate<'a>(
        &self,
        head: &'a Parts,
        form: Form,
    ) -> Result<OppoRequest<'a>, Refusal> {
        let grant = form.get("auth_token").filter(|text| !text.is_empty());
        let grant = grant.ok_or_else(Refusal::no_token)?.to_owned();
        let header = head.headers.get("auth_token");
        if header.is_some_and(|header| header.as_bytes() != grant.as_bytes()) {
            return Err(Refusal::wrong_token());
        }
        let customers = self.world.customers(Vendor::Oppo);
        let standing = customers.grant_state(&grant, self.world.clock.now_secs());
        let GrantState::Good { account: app_key } = standing else {
            return Err(Refusal::wrong_token());
        };
        let app = self.book().apps.get(&app_key).cloned();
        Ok(OppoRequest {
            app: app.ok_or_else(Refusal::wrong_token)?,
            head,
            form,
            grant,
            app_key,
            now_ms: self.world.clock.now_ms(),
        })
    }
}

pub(super) fn signature(app_key: &str, timestamp: &str, master_secret: &str) -> String {
    let text = format!("{app_key}{timestamp}{master_secret}");
    ids::to_hex(&Sha256::digest(text))
}

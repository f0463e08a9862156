//! A request whose grant is good, and how what it holds is read and answered.

use http::request::Parts;
use serde_json::Value;

use super::book::{App, Sent};
use super::error::Refusal;
use super::notification::{self, Notification, Rights};
use crate::checks::fields::Fields;
use crate::checks::form::Form;
use crate::net::exchange::{Acceptance, Push, Reply};
use crate::vendors::Vendor;

/// `target_type` of registration ids.
const REGIDS: i64 = 2;

/// A request whose grant is good.
pub(super) struct OppoRequest<'a> {
    pub(super) head: &'a Parts,
    pub(super) form: Form,
    pub(super) grant: String,
    pub(super) app_key: String,
    pub(super) app: App,
    pub(super) now_ms: u64,
}

/// One message to one device.
pub(super) struct Single {
    pub(super) regid: String,
    pub(super) notification: Notification,
}

impl OppoRequest<'_> {
    pub(super) fn rights(&self, speed: bool) -> Rights {
        Rights {
            strong: self.app.is_strong,
            speed,
        }
    }

    /// The one field besides the grant, which holds JSON.
    pub(super) fn json(&self, name: &'static str) -> Result<Value, Refusal> {
        if let Some(other) = self.form.unknown(&["auth_token", name]) {
            return Err(Refusal::argument(format!("Invalid Arguments: {other}")));
        }
        let text = self.form.get(name).ok_or_else(|| Refusal::missing(name))?;
        serde_json::from_str(text)
            .map_err(|error| Refusal::argument(format!("Invalid Arguments: {name}: {error}")))
    }

    pub(super) fn single(&self, path: &str, value: &Value) -> Result<Single, Refusal> {
        let mut fields = Fields::of(path, value)?;
        let kind = fields.integer_of("target_type", &[REGIDS])?;
        kind.ok_or_else(|| Refusal::missing("target_type"))?;
        let regid = fields.text("target_value", 1..=usize::MAX)?;
        let regid = regid.ok_or_else(|| Refusal::missing("target_value"))?;
        fields.boolean("verify_registration_id")?;
        let notification = fields.object("notification")?;
        let notification = notification.ok_or_else(|| Refusal::missing("notification"))?;
        let notification = notification::check(notification, self.rights(false))?;
        fields.end()?;
        Ok(Single {
            regid: regid.to_owned(),
            notification,
        })
    }

    pub(super) fn sent(&self, single: &Single) -> Option<Sent> {
        let app_message_id = single.notification.app_message_id.clone()?;
        Some(Sent {
            app_key: self.app_key.clone(),
            app_message_id,
            regid: single.regid.clone(),
        })
    }

    pub(super) fn accept(
        &self,
        tokens: Vec<String>,
        body: Value,
        id: String,
        reply: Reply,
    ) -> Acceptance {
        let push = Push {
            head: self.head,
            tokens,
            body,
            vendor_id: id,
            credential: Some(self.grant.clone()),
            reply,
        };
        Acceptance::of_push(Vendor::Oppo, self.now_ms, push)
    }
}

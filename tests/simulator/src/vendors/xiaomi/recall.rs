//! Taking a message back: by `notify_id`, package and regids, each of which is a field. It is
//! gone from the phones that show it; who has no such message is none the wiser.

use http::StatusCode;
use serde_json::json;

use super::error::{self, NOTIFY_ID, PACKAGE, PARAMETER, Refusal};
use super::{MAX_REGIDS, Xiaomi, XiaomiRequest};
use crate::credentials::ids;
use crate::net::exchange::{Acceptance, Reply};
use crate::vendors::Vendor;

pub(super) const REGIDS: &str = "registration_ids";

impl Xiaomi {
    pub(super) fn recall(&self, request: &XiaomiRequest<'_>) -> Result<Acceptance, Refusal> {
        let form = &request.form;
        if let Some(name) = form.unknown(&[REGIDS, "restricted_package_name", "notify_id"]) {
            return Err(Refusal::of(PARAMETER, format!("unknown parameter {name}")));
        }
        let regids = form.all(REGIDS);
        if regids.is_empty() {
            return Err(Refusal::missing(REGIDS));
        }
        if regids.len() > MAX_REGIDS {
            return Err(Refusal::value(REGIDS, "has more than 1000"));
        }
        // A list with commas is one regid that nobody has.
        let is_odd = |regid: &String| {
            regid.is_empty() || regid.contains(|c: char| c == ',' || c.is_whitespace())
        };
        if regids.iter().any(is_odd) {
            return Err(Refusal::wrong_regid());
        }
        let package = form.get("restricted_package_name");
        let package = package.ok_or_else(|| Refusal::missing("restricted_package_name"))?;
        if !request.app.packages.contains(package) {
            return Err(Refusal::of(PACKAGE, "package name is not of this app"));
        }
        let notify_id = form.get("notify_id");
        let notify_id = notify_id.ok_or_else(|| Refusal::missing("notify_id"))?;
        if notify_id.parse::<i32>().is_ok_and(|id| id < 0) || notify_id.parse::<i32>().is_err() {
            return Err(Refusal::of(NOTIFY_ID, "notify_id is illegal"));
        }
        let reply = json!({
            "result": "ok",
            "description": "\u{6210}\u{529f}",
            "data": { "id": format!("scm{}", ids::hex(9)) },
            "code": 0,
            "info": format!("Revoked push messages for {} REGID", regids.len()),
            "trace_id": error::trace_id(),
        });
        let reply = Reply::json(StatusCode::OK, &reply);
        let (world, tokens) = (self.world.clone(), regids.clone());
        let (package, notify_id) = (package.to_owned(), notify_id.to_owned());
        let acceptance =
            Acceptance::of_recall(Vendor::Xiaomi, regids, request.secret.clone(), reply);
        Ok(acceptance.on_accept(move || {
            world.record.take_back(Vendor::Xiaomi, &tokens, |message| {
                message.body["notify_id"] == notify_id.as_str()
                    && message.body["restricted_package_name"] == package.as_str()
            });
        }))
    }
}

//! Meizu Flyme push, as its customers meet it: notifications to push ids.
//!
//! In: a signed form. Out: HTTP 200 and JSON, whatever is wrong; `code` is a text, and
//! `value` maps codes to the push ids that failed. Written from the "Meizu PushAPI README".

mod error;
mod message;

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use http::request::Parts;
use http::{Method, StatusCode};
use md5::{Digest, Md5};
use serde_json::{Value, json};

use crate::checks::form::{self, Form};
use crate::credentials::ids;
use crate::net::exchange::{Acceptance, Judged, Push, Reply, Service, StatusFault};
use crate::vendors::Vendor;
use crate::world::World;
use error::Refusal;

const PUSH_PATH: &str = "/garcia/api/server/push/varnished/pushByPushId";
const PARAMETERS: [&str; 4] = ["appId", "pushIds", "messageJson", "sign"];
/// The README's number; its older editions said 1000.
const MAX_PUSH_IDS: usize = 100;
/// The device has had its public messages of the day; private ones still reach it.
const PUBLIC_LIMIT: &str = "110011";

/// The service and all that it knows of its customers.
pub(crate) struct Meizu {
    world: Arc<World>,
    /// AppSecret by AppId.
    secrets: Mutex<HashMap<String, String>>,
}

crate::handle::vendor_handle! {
    /// Meizu, as tests set it up.
    MeizuHandle of Meizu
}

impl MeizuHandle<'_> {
    /// Registers an app at Meizu.
    pub fn add_account(&self, app_id: &str, app_secret: &str) {
        self.service
            .secrets()
            .insert(app_id.to_owned(), app_secret.to_owned());
    }
}

impl Meizu {
    pub(crate) fn new(world: Arc<World>) -> Meizu {
        Meizu {
            world,
            secrets: Mutex::default(),
        }
    }

    fn secrets(&self) -> MutexGuard<'_, HashMap<String, String>> {
        self.secrets.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The checks in order.
    fn check(&self, head: &Parts, body: &[u8]) -> Result<Acceptance, Refusal> {
        if head.uri.path() != PUSH_PATH {
            return Err(Refusal::no_such_path());
        }
        if head.method != Method::POST {
            return Err(Refusal::wrong_method());
        }
        let form = form::parse(&head.headers, body)?;
        if let Some(name) = form.unknown(&PARAMETERS) {
            return Err(Refusal::parameter(format!("unknown parameter {name}")));
        }
        for name in PARAMETERS {
            if form.get(name).unwrap_or_default().is_empty() {
                return Err(Refusal::blank(name));
            }
        }
        let text = |name| form.get(name).unwrap_or_default();
        self.authenticate(&form)?;
        let customers = self.world.customers(Vendor::Meizu);
        let now_ms = self.world.clock.now_ms();
        if !customers.take_rate(now_ms) {
            return Err(Refusal::too_fast());
        }
        let push_ids = read_push_ids(text("pushIds"))?;
        let message: Value = serde_json::from_str(text("messageJson"))
            .map_err(|error| Refusal::parameter(format!("messageJson is not JSON: {error}")))?;
        let checked = message::check(&message)?;

        let mut reached = Vec::new();
        let mut failed = BTreeMap::<String, Vec<String>>::new();
        for push_id in push_ids {
            match customers.condition(&push_id) {
                Some(code) if code != PUBLIC_LIMIT || checked.is_public => {
                    failed.entry(code).or_default().push(push_id);
                }
                _ => reached.push(push_id),
            }
        }
        if !customers.take_quota(reached.len() as u64, now_ms) {
            return Err(Refusal::day_is_full());
        }
        let app_id = text("appId");
        let id = format!("NS{}_0_{app_id}_1_3", ids::digits(17));
        let reply = json!({
            "code": "200",
            "message": "",
            "value": failed,
            "redirect": "",
            "msgId": id,
        });
        let mut recorded = form.to_json();
        recorded.insert("messageJson".to_owned(), message);
        let push = Push {
            head,
            tokens: reached,
            body: recorded.into(),
            vendor_id: id,
            credential: Some(app_id.to_owned()),
            reply: Reply::json(StatusCode::OK, &reply),
        };
        Ok(Acceptance::of_push(Vendor::Meizu, now_ms, push))
    }

    fn authenticate(&self, form: &Form) -> Result<(), Refusal> {
        let app_id = form.get("appId").unwrap_or_default();
        let secrets = self.secrets();
        let secret = secrets.get(app_id).ok_or_else(Refusal::unknown_app)?;
        match form.get("sign") == Some(&sign(form, secret)) {
            true => Ok(()),
            false => Err(Refusal::wrong_sign()),
        }
    }
}

impl Service for Meizu {
    type Peer = ();
    const VENDOR: Vendor = Vendor::Meizu;

    fn greet(&self, _client_certificate: Option<&[u8]>) {}

    fn judge(&self, _peer: &(), head: &Parts, body: &[u8]) -> Judged {
        let checked = self.check(head, body).map_err(Refusal::into_answer);
        Judged::of(Vendor::Meizu, checked)
    }

    fn refusal(&self, fault: &StatusFault<'_>, _acceptance: &Acceptance) -> (String, Reply) {
        Refusal::injected(fault.status, fault.reason).into_answer()
    }
}

/// MD5 over all decoded parameters but the sign, by name and without separators, and the
/// secret behind them.
fn sign(form: &Form, secret: &str) -> String {
    let mut fields: Vec<_> = form.fields().filter(|(name, _)| *name != "sign").collect();
    fields.sort_unstable();
    let mut digest = Md5::new();
    for (name, value) in fields {
        digest.update(format!("{name}={value}"));
    }
    digest.update(secret);
    ids::to_hex(&digest.finalize())
}

fn read_push_ids(text: &str) -> Result<Vec<String>, Refusal> {
    let push_ids: Vec<String> = text.split(',').map(str::to_owned).collect();
    if push_ids.len() > MAX_PUSH_IDS {
        return Err(Refusal::parameter(format!(
            "pushIds are more than {MAX_PUSH_IDS}"
        )));
    }
    match push_ids
        .iter()
        .any(|push_id| push_id.trim() != push_id || push_id.is_empty())
    {
        true => Err(Refusal::parameter("pushIds has a blank")),
        false => Ok(push_ids),
    }
}

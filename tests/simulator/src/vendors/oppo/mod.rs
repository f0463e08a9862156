//! OPPO PUSH, as its customers meet it: one notification, a batch of them, or a saved text
//! for many registration ids.
//!
//! In: forms, with a grant that the auth interface gave for a signature. Out: HTTP 200 and
//! JSON, whatever is wrong. Written from OPPO's "Server API" (PUSH, document 11235) and its
//! list of return codes.
//!
//! Conditions of a token: a code such as `10000` or `41` fails it (of a single message the
//! whole request, in a batch its item, in a broadcast it is listed under the code); any other
//! word, such as `regid_invalid` or `user_daily_limit`, is what only a receipt would tell:
//! answered as sent, but not received. The quota is of messages that are no service messages.
//! Saving a text counts as a request that reaches nobody.

mod auth;
mod book;
mod error;
mod notification;
mod request;

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use http::request::Parts;
use http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::checks::fields::Fields;
use crate::checks::form;
use crate::credentials::ids;
use crate::net::exchange::{Acceptance, Judged, Reply, Service, StatusFault};
use crate::vendors::Vendor;
use crate::world::World;
pub use book::OppoHandle;
use book::{App, Book, Saved, Sent};
use error::{DAY_IS_FULL, DUPLICATE, REGID, Refusal};
use request::{OppoRequest, Single};

const AUTH: &str = "/server/v1/auth";
const NOTIFICATIONS: &str = "/server/v1/message/notification/";
const MAX_TARGETS: usize = 1000;
const GRANT_SECS: u64 = 24 * 60 * 60;

/// The service and all that it knows of its customers.
pub(crate) struct Oppo {
    world: Arc<World>,
    book: Arc<Mutex<Book>>,
}

/// What becomes of one message.
#[derive(Debug)]
enum OppoResult {
    Reached,
    /// Only a receipt would tell, or nothing at all when it was sent before.
    Lost,
}

impl Oppo {
    pub(crate) fn new(world: Arc<World>) -> Oppo {
        world.customers(Vendor::Oppo).set_grant_lifetime(GRANT_SECS);
        Oppo {
            world,
            book: Arc::default(),
        }
    }

    fn register(&self, app_key: &str, master_secret: &str) {
        let app = App {
            master_secret: master_secret.to_owned(),
            is_strong: false,
        };
        self.book().apps.insert(app_key.to_owned(), app);
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        lock(&self.book)
    }

    fn check(&self, head: &Parts, body: &[u8]) -> Result<Acceptance, Refusal> {
        let path = head.uri.path();
        let interface = match path {
            AUTH => "auth",
            path => path.strip_prefix(NOTIFICATIONS).unwrap_or_default(),
        };
        if ![
            "auth",
            "unicast",
            "unicast_batch",
            "save_message_content",
            "broadcast",
        ]
        .contains(&interface)
        {
            return Err(Refusal::no_such_path());
        }
        if head.method != Method::POST {
            return Err(Refusal::wrong_method());
        }
        let form = form::parse(&head.headers, body)?;
        if interface == "auth" {
            return self.grant(&form);
        }
        let request = self.authenticate(head, form)?;
        let customers = self.world.customers(Vendor::Oppo);
        if !customers.take_rate(request.now_ms) {
            return Err(Refusal::too_fast());
        }
        match interface {
            "unicast" => self.unicast(&request),
            "unicast_batch" => self.unicast_batch(&request),
            "save_message_content" => self.save(&request),
            _ => self.broadcast(&request),
        }
    }

    fn unicast(&self, request: &OppoRequest<'_>) -> Result<Acceptance, Refusal> {
        let value = request.json("message")?;
        let single = request.single("message", &value)?;
        let result = self
            .result_for(request, &single, &HashSet::new())
            .map_err(|code| Refusal::of(code, failure(code)))?;
        let id = message_id();
        let mut recorded = request.form.to_json();
        recorded.insert("message".to_owned(), value);
        let sent = request.sent(&single);
        let tokens = match result {
            OppoResult::Reached => vec![single.regid],
            OppoResult::Lost => Vec::new(),
        };
        let reply = success(&json!({ "messageId": id }));
        let acceptance = request.accept(tokens, recorded.into(), id, reply);
        Ok(self.remember_when_accepted(acceptance, sent.into_iter().collect()))
    }

    fn unicast_batch(&self, request: &OppoRequest<'_>) -> Result<Acceptance, Refusal> {
        let value = request.json("messages")?;
        let list = value
            .as_array()
            .filter(|list| (1..=MAX_TARGETS).contains(&list.len()))
            .ok_or_else(|| Refusal::argument("Invalid Arguments: messages"))?;
        let mut singles = Vec::new();
        for (index, item) in list.iter().enumerate() {
            singles.push(request.single(&format!("messages[{index}]"), item)?);
        }
        let (mut data, mut reached, mut sent) = (Vec::new(), Vec::new(), HashSet::new());
        for single in singles {
            let result = self.result_for(request, &single, &sent);
            sent.extend(request.sent(&single).filter(|_| result.is_ok()));
            data.push(match &result {
                Ok(_) => json!({ "messageId": message_id(), "registrationId": single.regid }),
                Err(code) => json!({
                    "registrationId": single.regid,
                    "errorCode": code,
                    "errorMessage": failure(*code),
                }),
            });
            if matches!(result, Ok(OppoResult::Reached)) {
                reached.push(single.regid);
            }
        }
        let mut recorded = request.form.to_json();
        recorded.insert("messages".to_owned(), value);
        let reply = success(&Value::from(data));
        let acceptance = request.accept(reached, recorded.into(), message_id(), reply);
        Ok(self.remember_when_accepted(acceptance, sent.into_iter().collect()))
    }

    /// Asks after one device; the error is the code that fails it.
    fn result_for(
        &self,
        request: &OppoRequest<'_>,
        single: &Single,
        batch: &HashSet<Sent>,
    ) -> Result<OppoResult, i64> {
        let customers = self.world.customers(Vendor::Oppo);
        if let Some(sent) = request.sent(single) {
            let book = self.book();
            if batch.contains(&sent) || book.has_sent(&sent) {
                return match book.repeats_succeed {
                    true => Ok(OppoResult::Lost),
                    false => Err(DUPLICATE),
                };
            }
        }
        if !is_regid(&single.regid) {
            return Err(REGID);
        }
        if let Some(condition) = customers.condition(&single.regid) {
            return condition.parse().map_or(Ok(OppoResult::Lost), Err);
        }
        let fits = single.notification.is_service || customers.take_quota(1, request.now_ms);
        fits.then_some(OppoResult::Reached).ok_or(DAY_IS_FULL)
    }

    fn save(&self, request: &OppoRequest<'_>) -> Result<Acceptance, Refusal> {
        let value = notification::of_form(&request.form, &["auth_token"])?;
        let checked = notification::check(Fields::of("", &value)?, request.rights(true))?;
        let saved = Saved {
            app_key: request.app_key.clone(),
            app_message_id: checked.app_message_id,
            is_service: checked.is_service,
            notification: value,
        };
        let id = self.book().save(saved, ids::hex(12));
        let reply = success(&json!({ "message_id": id }));
        Ok(request.accept(Vec::new(), Value::Null, id, reply))
    }

    fn broadcast(&self, request: &OppoRequest<'_>) -> Result<Acceptance, Refusal> {
        let known = ["auth_token", "message_id", "target_type", "target_value"];
        if let Some(name) = request.form.unknown(&known) {
            return Err(Refusal::argument(format!("Invalid Arguments: {name}")));
        }
        let text = |name| request.form.get(name).ok_or_else(|| Refusal::missing(name));
        let id = text("message_id")?;
        match text("target_type")? {
            "2" => {}
            // Everyone: a right that no app here has.
            "1" => return Err(Refusal::no_right()),
            _ => return Err(Refusal::argument("Invalid Arguments: target_type")),
        }
        let regids: Vec<&str> = text("target_value")?.split(';').collect();
        if regids.len() > MAX_TARGETS || regids.contains(&"") {
            return Err(Refusal::argument("Invalid Arguments: target_value"));
        }
        let saved = self.book().saved.get(id).cloned();
        let saved = saved.filter(|saved| saved.app_key == request.app_key);
        let saved = saved.ok_or_else(Refusal::no_data)?;

        let customers = self.world.customers(Vendor::Oppo);
        let mut reached = Vec::new();
        let mut failed = BTreeMap::<i64, Vec<&str>>::new();
        for regid in regids {
            let condition = customers.condition(regid).map(|word| word.parse::<i64>());
            match condition {
                _ if !is_regid(regid) => failed.entry(REGID).or_default().push(regid),
                Some(Ok(code)) => failed.entry(code).or_default().push(regid),
                Some(Err(_)) => {}
                None => reached.push(regid.to_owned()),
            }
        }
        let fits = saved.is_service || customers.take_quota(reached.len() as u64, request.now_ms);
        if !fits {
            return Err(Refusal::of(DAY_IS_FULL, failure(DAY_IS_FULL)));
        }
        let task_id = ids::hex(12);
        let mut data = json!({ "message_id": id, "task_id": task_id });
        for (code, regids) in failed {
            data[code.to_string()] = json!(regids);
        }
        let body = json!({ "saved": saved.notification, "push": request.form.to_json() });
        Ok(request.accept(reached, body, task_id, success(&data)))
    }

    fn remember_when_accepted(&self, acceptance: Acceptance, sent: Vec<Sent>) -> Acceptance {
        let book = self.book.clone();
        acceptance.on_accept(move || lock(&book).note(sent))
    }
}

impl Service for Oppo {
    type Peer = ();
    const VENDOR: Vendor = Vendor::Oppo;

    fn greet(&self, _client_certificate: Option<&[u8]>) {}

    fn judge(&self, _peer: &(), head: &Parts, body: &[u8]) -> Judged {
        let checked = self.check(head, body).map_err(Refusal::into_answer);
        Judged::of(Vendor::Oppo, checked)
    }

    fn refusal(&self, fault: &StatusFault<'_>, acceptance: &Acceptance) -> (String, Reply) {
        Refusal::injected(fault.status, fault.reason, acceptance.is_grant).into_answer()
    }
}

fn lock(book: &Mutex<Book>) -> MutexGuard<'_, Book> {
    book.lock().unwrap_or_else(PoisonError::into_inner)
}

fn success(data: &Value) -> Reply {
    let body = json!({ "code": 0, "message": "Success", "data": data });
    Reply::json(StatusCode::OK, &body)
}

fn failure(code: i64) -> &'static str {
    match code {
        DUPLICATE => "duplicate app_message_id",
        DAY_IS_FULL => "the daily message limit is reached",
        REGID => "invalid registration_id",
        _ => "Invalid Arguments",
    }
}

fn message_id() -> String {
    format!("{}-1-1-{}", ids::digits(5), ids::hex(12))
}

/// Letters and digits behind prefixes; two ids with a comma between them are none.
fn is_regid(text: &str) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    !text.is_empty() && text.chars().all(fits)
}

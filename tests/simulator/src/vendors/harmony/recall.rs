//! Taking a message back, from "Revoking messages": by client id, `notifyId` and tokens. It is
//! gone from the phones that show it; who has no such message is none the wiser.

use http::request::Parts;
use http::{Method, StatusCode};
use serde_json::{Value, json};

use super::error::{self, PARTIAL, Refusal, SUCCESS};
use super::message::PushType;
use super::{Harmony, sort};
use crate::checks::fields::{Checked, Fields};
use crate::checks::rest;
use crate::credentials::ids;
use crate::net::exchange::{Acceptance, Reply};
use crate::vendors::Vendor;

const MAX_TOKENS: usize = 1000;

/// The client id in the address of a recall.
pub(super) fn client_of(path: &str) -> Option<&str> {
    let client = path
        .strip_prefix("/v1/")?
        .strip_suffix("/messages:revoke")?;
    (!client.is_empty() && !client.contains('/')).then_some(client)
}

impl Harmony {
    pub(super) fn add_app(&self, project: &str, client: &str) {
        let mut clients = self.clients.lock().expect("nobody panics with it");
        clients.insert(client.to_owned(), project.to_owned());
    }

    /// The checks in order.
    pub(super) fn recall(
        &self,
        client: &str,
        head: &Parts,
        body: &[u8],
    ) -> Result<Acceptance, Refusal> {
        if head.method != Method::POST {
            return Err(Refusal::http(StatusCode::METHOD_NOT_ALLOWED));
        }
        let jwt = rest::bearer(&head.headers)
            .ok_or_else(|| Refusal::authentication("There is no JWT"))?;
        let project = self
            .clients
            .lock()
            .expect("nobody panics with it")
            .get(client)
            .cloned();
        let project = project.ok_or_else(Refusal::other_client)?;
        self.accounts
            .check(jwt, &project, self.world.clock.now_secs())?;
        let customers = self.world.customers(Vendor::Harmony);
        if !customers.take_rate(self.world.clock.now_ms()) {
            return Err(Refusal::http(StatusCode::SERVICE_UNAVAILABLE));
        }
        if !rest::is_json(&head.headers) {
            return Err(Refusal::of_recall("Content-Type is not application/json"));
        }
        if !PushType::of(&head.headers)?.is_notification() {
            return Err(Refusal::of_recall("push-type is neither 0 nor 2"));
        }
        let value: Value = serde_json::from_slice(body).map_err(Refusal::of_recall)?;
        let (notify_id, tokens) = read(&value).map_err(Refusal::of_recall)?;
        let sorted = sort(customers, tokens)?;
        let (code, text) = match sorted.failures() {
            0 => (SUCCESS, "Success".to_owned()),
            _ => (PARTIAL, error::tally(sorted.successes(), &sorted.failed)),
        };
        let reply = json!({ "code": code, "msg": text, "requestId": ids::digits(15) });
        let reply = Reply::json(StatusCode::OK, &reply);
        let (world, tokens) = (self.world.clone(), sorted.reached.clone());
        let acceptance =
            Acceptance::of_recall(Vendor::Harmony, sorted.reached, jwt.to_owned(), reply);
        Ok(acceptance.on_accept(move || {
            world.record.take_back(Vendor::Harmony, &tokens, |message| {
                let number = &message.body["payload"]["notification"]["notifyId"];
                number.as_i64() == Some(notify_id)
            });
        }))
    }
}

fn read(body: &Value) -> Checked<(i64, Vec<String>)> {
    let mut fields = Fields::of("", body)?;
    let notify_id = fields.integer("notifyId", 0..=i64::from(i32::MAX))?;
    let notify_id = fields.must("notifyId", notify_id)?;
    let tokens = rest::tokens(&mut fields, "token")?;
    let tokens = fields.must("token", tokens)?;
    if !(1..=MAX_TOKENS).contains(&tokens.len()) {
        return Err(fields.problem("token", "has not 1 to 1000 of them"));
    }
    fields.end()?;
    Ok((notify_id, tokens))
}

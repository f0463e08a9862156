//! Honor Push, as its customers meet it: grants, and messages to tokens of one app.
//!
//! In: a form at the token endpoint, JSON with its grant and a timestamp at the other. Out:
//! JSON whose `code` is a number; what failed stands in two lists of `data`. Written from
//! Honor's "Downlink Message" reference.
//!
//! Conditions of tokens: `failTokens` and `expireTokens` put the token into the list of that
//! name, as does any other word into the first; a code (`10205`, `80200022`, ...) refuses
//! the whole request; a receipt status (`40000003`, or its last two digits) lets it succeed,
//! but reaches nobody. The daily quota is one of test messages, 1000 unless said.

mod error;
mod message;

#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use http::request::Parts;
use http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::checks::client_credentials;
use crate::checks::rest::{self, Sorted, TokenResult};
use crate::credentials::ids;
use crate::net::exchange::{Acceptance, Judged, Push, Reply, Service, StatusFault};
use crate::vendors::Vendor;
use crate::vendors::customers::GrantState;
use crate::world::World;
use error::{ALL_INVALID, GrantRefusal, Refusal};

/// The present path, and the one of the older host.
const TOKEN_PATHS: [&str; 2] = [
    "/auth/token",
    "/auth/realms/developer/protocol/openid-connect/token",
];
/// Without its tokens.
const MAX_BODY: usize = 4096;
const TEST_MESSAGES_A_DAY: u64 = 1000;
/// How far the two clocks may be apart; the reference has no number.
const SKEW_MS: u64 = 5 * 60 * 1000;
const EXPIRED_TOKENS: &str = "expireTokens";

/// The service and all that it knows of its customers.
pub(crate) struct Honor {
    world: Arc<World>,
    /// By app id.
    apps: Mutex<HashMap<String, App>>,
}

struct App {
    client_id: String,
    client_secret: String,
}

crate::handle::vendor_handle! {
    /// Honor, as tests set it up.
    HonorHandle of Honor
}

impl HonorHandle<'_> {
    /// Registers an app at Honor; its client has an id of its own.
    pub fn add_account(&self, app_id: &str, client_id: &str, client_secret: &str) {
        self.service.register(app_id, client_id, client_secret);
    }
}

impl Honor {
    pub(crate) fn new(world: Arc<World>) -> Honor {
        world
            .customers(Vendor::Honor)
            .set_daily_quota(Some(TEST_MESSAGES_A_DAY));
        Honor {
            world,
            apps: Mutex::default(),
        }
    }

    fn register(&self, app_id: &str, client_id: &str, client_secret: &str) {
        let app = App {
            client_id: client_id.to_owned(),
            client_secret: client_secret.to_owned(),
        };
        self.lock().insert(app_id.to_owned(), app);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, App>> {
        self.apps.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn grant(&self, head: &Parts, body: &[u8]) -> Result<Acceptance, GrantRefusal> {
        let client = client_credentials::read(head, body)?;
        let is_known = self
            .lock()
            .values()
            .any(|app| app.client_id == client.id && app.client_secret == client.secret);
        if !is_known {
            return Err(GrantRefusal::wrong_client());
        }
        let customers = self.world.customers(Vendor::Honor);
        let issued = customers.issue(&client.id, self.world.clock.now_secs());
        let body = json!({
            "access_token": issued.token,
            "expires_in": issued.lifetime_secs,
            "token_type": "Bearer",
        });
        let reply = Reply::json(StatusCode::OK, &body);
        Ok(Acceptance::of_grant(Vendor::Honor, &client.id, reply))
    }

    /// The checks in order.
    fn push(&self, head: &Parts, body: &[u8]) -> Result<Acceptance, Refusal> {
        let app_id = app_id_of(head.uri.path()).ok_or_else(Refusal::no_such_path)?;
        if head.method != Method::POST {
            return Err(Refusal::wrong_method());
        }
        let customers = self.world.customers(Vendor::Honor);
        let now_ms = self.world.clock.now_ms();
        check_timestamp(head, now_ms)?;
        let grant = self.authenticate(head, app_id)?;
        if !customers.take_rate(now_ms) {
            return Err(Refusal::too_fast());
        }
        if !rest::is_json(&head.headers) {
            return Err(Refusal::structure("Content-Type is not application/json"));
        }
        let value: Value = serde_json::from_slice(body)
            .map_err(|error| Refusal::structure(format!("body is not JSON: {error}")))?;
        let message = message::check(&value)?;
        if rest::length_without(&message.tokens, body) > MAX_BODY {
            return Err(Refusal::too_large());
        }
        let sorted = rest::sort(customers, message.tokens, result_for).map_err(|code| {
            Refusal::coded(
                code.parse().unwrap_or_default(),
                "refused for one of the tokens",
            )
        })?;
        if sorted.successes() == 0 {
            return Err(Refusal::all_invalid());
        }
        if message.is_test && !customers.take_quota(sorted.successes() as u64, now_ms) {
            return Err(Refusal::test_limit());
        }
        let id = ids::digits(19);
        let reply = Reply::json(StatusCode::OK, &success(&sorted, &id));
        let push = Push {
            head,
            tokens: sorted.reached,
            body: value,
            vendor_id: id,
            credential: Some(grant.to_owned()),
            reply,
        };
        Ok(Acceptance::of_push(Vendor::Honor, now_ms, push))
    }

    /// The grant that came along, which is one of the app's.
    fn authenticate<'a>(&self, head: &'a Parts, app_id: &str) -> Result<&'a str, Refusal> {
        let grant = rest::bearer(&head.headers).ok_or_else(Refusal::no_grant)?;
        let customers = self.world.customers(Vendor::Honor);
        let client_id = match customers.grant_state(grant, self.world.clock.now_secs()) {
            GrantState::Unknown => return Err(Refusal::no_grant()),
            GrantState::Expired => return Err(Refusal::expired()),
            GrantState::Good { account } => account,
        };
        match self.lock().get(app_id) {
            None => Err(Refusal::unknown_app()),
            Some(app) if app.client_id == client_id => Ok(grant),
            Some(_) => Err(Refusal::no_grant()),
        }
    }
}

/// Expired tokens alone leave the code as it is; failed ones do not.
fn success(sorted: &Sorted, id: &str) -> Value {
    let mut failed = Vec::new();
    let mut expired = Vec::new();
    for (condition, tokens) in &sorted.failed {
        match condition.as_str() {
            EXPIRED_TOKENS => expired.extend(tokens),
            _ => failed.extend(tokens),
        }
    }
    let mut data = json!({ "sendResult": true, "requestId": id });
    if sorted.failures() > 0 {
        data["failTokens"] = json!(failed);
        data["expireTokens"] = json!(expired);
    }
    let (code, message) = match failed.is_empty() {
        true => (200, "success"),
        false => (80_100_000, "some tokens are invalid"),
    };
    json!({ "code": code, "message": message, "data": data })
}

fn app_id_of(path: &str) -> Option<&str> {
    let app_id = path
        .strip_prefix("/api/v1/")?
        .strip_suffix("/sendMessage")?;
    (!app_id.is_empty() && !app_id.contains('/')).then_some(app_id)
}

fn check_timestamp(head: &Parts, now_ms: u64) -> Result<(), Refusal> {
    let value = head
        .headers
        .get("timestamp")
        .ok_or_else(Refusal::no_timestamp)?;
    let is_near = value
        .to_str()
        .ok()
        .filter(|text| rest::is_number_of(text, 1..=19))
        .and_then(|text| text.parse::<u64>().ok())
        .is_some_and(|then_ms| then_ms.abs_diff(now_ms) <= SKEW_MS);
    match is_near {
        true => Ok(()),
        false => Err(Refusal::wrong_timestamp()),
    }
}

fn result_for(condition: &str) -> TokenResult {
    let is_receipt = rest::is_number_of(condition, 2..=2)
        || (rest::is_number_of(condition, 8..=8) && condition.starts_with("400000"));
    if is_receipt {
        TokenResult::Lost
    } else if condition == ALL_INVALID.to_string() || !rest::is_number_of(condition, 3..=8) {
        TokenResult::Failed
    } else {
        TokenResult::Refused
    }
}

impl Service for Honor {
    type Peer = ();
    const VENDOR: Vendor = Vendor::Honor;

    fn greet(&self, _client_certificate: Option<&[u8]>) {}

    fn judge(&self, _peer: &(), head: &Parts, body: &[u8]) -> Judged {
        let checked = match TOKEN_PATHS.contains(&head.uri.path()) {
            true => self.grant(head, body).map_err(GrantRefusal::into_answer),
            false => self.push(head, body).map_err(Refusal::into_answer),
        };
        Judged::of(Vendor::Honor, checked)
    }

    fn refusal(&self, fault: &StatusFault<'_>, acceptance: &Acceptance) -> (String, Reply) {
        match acceptance.is_grant {
            true => GrantRefusal::injected(fault.status, fault.reason).into_answer(),
            false => Refusal::injected(fault.status, fault.reason).into_answer(),
        }
    }
}

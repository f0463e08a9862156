//! Huawei Push Kit for HarmonyOS, as its customers meet it: messages over the REST interface
//! v3, by project.
//!
//! In: JSON, the scene in the header `push-type`, and a JWT that the customer signed with its
//! service account. Out: JSON whose `code` is a text; where tokens failed, `msg` is JSON once
//! more and has them by reason. Written from the "Push Kit REST API reference" of HarmonyOS,
//! "Sending scenario-based messages", "Response Codes" and "Revoking messages": a message that
//! has a `notifyId` is taken back by it, at an address of the app and not of the project.
//!
//! Conditions of tokens: a reason (`tokenFormatError`, `noRight`, `appinfoError`, ...), and
//! any other word, lists the token as failed for it; a code of eight digits (`80300002`,
//! `80300037`, ...) refuses the whole request; a receipt status of up to three (`2`, `256`,
//! ...) lets the request succeed, but reaches nobody. The daily quota is one of marketing
//! messages, whose surplus is dropped without a word, and of test messages, whose surplus is
//! refused. Devices drop a repeated `appMessageId`; the service, and so the record, do not.

mod account;
mod error;
mod message;
mod recall;

#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use http::request::Parts;
use http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::checks::rest::{self, Sorted, TokenResult};
use crate::credentials::ids;
use crate::net::exchange::{Acceptance, Judged, Push, Reply, Service, StatusFault};
use crate::vendors::Vendor;
use crate::vendors::customers::Customers;
use crate::world::World;
use account::Accounts;
use error::{ALL_INVALID, PARTIAL, Refusal, SUCCESS, TOKEN_FORMAT};
use message::PushType;

const VERSION: &str = "v3";
const SEND: &str = "messages:send";
/// Without its tokens.
const MAX_BODY: usize = 4096;
const MAX_TESTS_A_DAY: u64 = 1000;
const DAY_MS: u64 = 24 * 60 * 60 * 1000;

/// The service and all that it knows of its customers.
pub(crate) struct Harmony {
    world: Arc<World>,
    accounts: Accounts,
    /// Projects by the client ids of their apps.
    clients: Mutex<HashMap<String, String>>,
    /// By project.
    tests: Mutex<HashMap<String, TestDay>>,
}

/// The day begins with its first test message, as the quotas' day does.
struct TestDay {
    began_ms: u64,
    sent: u64,
}

crate::handle::vendor_handle! {
    /// HarmonyOS, as tests set it up.
    HarmonyHandle of Harmony
}

impl HarmonyHandle<'_> {
    /// Makes a service account of a project and returns the JSON file of the console. A
    /// project may have many.
    pub fn add_service_account(&self, project_id: &str) -> String {
        self.service.accounts.add(project_id)
    }

    /// Adds an app to a project, by the client id that the console shows.
    pub fn add_app(&self, project_id: &str, client_id: &str) {
        self.service.add_app(project_id, client_id);
    }

    /// Deletes a service account by the `key_id` of its file: its JWTs are worth nothing.
    pub fn remove_service_account(&self, key_id: &str) {
        self.service.accounts.remove(key_id);
    }
}

impl Harmony {
    pub(crate) fn new(world: Arc<World>) -> Harmony {
        Harmony {
            world,
            accounts: Accounts::default(),
            clients: Mutex::default(),
            tests: Mutex::default(),
        }
    }

    /// The checks in order.
    fn push(&self, head: &Parts, body: &[u8]) -> Result<Acceptance, Refusal> {
        let (version, project) =
            address(head.uri.path()).ok_or_else(|| Refusal::http(StatusCode::NOT_FOUND))?;
        if head.method != Method::POST {
            return Err(Refusal::http(StatusCode::METHOD_NOT_ALLOWED));
        }
        let jwt = rest::bearer(&head.headers)
            .ok_or_else(|| Refusal::authentication("There is no JWT"))?;
        if version != VERSION {
            return Err(Refusal::authentication("Another version of the interface"));
        }
        let now_ms = self.world.clock.now_ms();
        self.accounts
            .check(jwt, project, self.world.clock.now_secs())?;
        let customers = self.world.customers(Vendor::Harmony);
        if !customers.take_rate(now_ms) {
            return Err(Refusal::http(StatusCode::SERVICE_UNAVAILABLE));
        }
        if !rest::is_json(&head.headers) {
            return Err(Refusal::structure("Content-Type is not application/json"));
        }
        let push_type = PushType::of(&head.headers)?;
        let value: Value = serde_json::from_slice(body)
            .map_err(|error| Refusal::structure(format!("body is not JSON: {error}")))?;
        let message = message::check(push_type, &value)?;
        if rest::length_without(&message.tokens, body) > MAX_BODY {
            return Err(Refusal::too_large());
        }
        let sorted = sort(customers, message.tokens)?;
        let is_dropped = match (message.is_test, message.is_marketing) {
            (true, _) if !self.take_test(project, &sorted.reached, now_ms) => {
                return Err(Refusal::tests_of_the_day());
            }
            (false, true) => !customers.take_quota(sorted.reached.len() as u64, now_ms),
            _ => false,
        };
        let id = ids::digits(15);
        let (code, text) = match sorted.failures() {
            0 => (SUCCESS, "Success".to_owned()),
            _ => (PARTIAL, error::tally(sorted.successes(), &sorted.failed)),
        };
        let tokens = match is_dropped {
            true => Vec::new(),
            false => sorted.reached,
        };
        let reply = json!({ "code": code, "msg": text, "requestId": id });
        let push = Push {
            head,
            tokens,
            body: value,
            vendor_id: id,
            credential: Some(jwt.to_owned()),
            reply: Reply::json(StatusCode::OK, &reply),
        };
        Ok(Acceptance::of_push(Vendor::Harmony, now_ms, push))
    }

    /// Whether a project may send one more test message today.
    fn take_test(&self, project: &str, tokens: &[String], now_ms: u64) -> bool {
        let mut tests = self.tests.lock().unwrap_or_else(PoisonError::into_inner);
        let fresh = || TestDay {
            began_ms: now_ms,
            sent: 0,
        };
        let day = tests.entry(project.to_owned()).or_insert_with(fresh);
        if now_ms >= day.began_ms + DAY_MS {
            *day = fresh();
        }
        let customers = self.world.customers(Vendor::Harmony);
        let fits = day.sent < MAX_TESTS_A_DAY && customers.take_quota(tokens.len() as u64, now_ms);
        day.sent += u64::from(fits);
        fits
    }
}

impl Service for Harmony {
    type Peer = ();
    const VENDOR: Vendor = Vendor::Harmony;

    fn greet(&self, _client_certificate: Option<&[u8]>) {}

    fn judge(&self, _peer: &(), head: &Parts, body: &[u8]) -> Judged {
        let checked = match recall::client_of(head.uri.path()) {
            Some(client) => self.recall(client, head, body),
            None => self.push(head, body),
        };
        let checked = checked.map_err(Refusal::into_answer);
        Judged::of(Vendor::Harmony, checked)
    }

    fn refusal(&self, fault: &StatusFault<'_>, acceptance: &Acceptance) -> (String, Reply) {
        Refusal::injected(fault.status, fault.reason, &acceptance.targets).into_answer()
    }
}

/// The version of the interface and the project.
fn address(path: &str) -> Option<(&str, &str)> {
    let (version, rest) = path.strip_prefix('/')?.split_once('/')?;
    let (project, send) = rest.split_once('/')?;
    let is_version = version
        .strip_prefix('v')
        .is_some_and(|number| rest::is_number_of(number, 1..=2));
    (is_version && !project.is_empty() && send == SEND).then_some((version, project))
}

/// The tokens by what comes of them; at least one is not failed.
fn sort(customers: &Customers, tokens: Vec<String>) -> Result<Sorted, Refusal> {
    let mut sorted = rest::sort(customers, tokens, result_for)
        .map_err(|code| Refusal::coded(&code, "refused for one of the tokens"))?;
    if let Some(failed) = sorted.failed.remove(ALL_INVALID) {
        let reason = sorted.failed.entry(TOKEN_FORMAT.to_owned());
        reason.or_default().extend(failed);
    }
    match sorted.successes() {
        0 => Err(Refusal::all_invalid(&sorted.failed)),
        _ => Ok(sorted),
    }
}

fn result_for(condition: &str) -> TokenResult {
    match condition {
        ALL_INVALID => TokenResult::Failed,
        code if rest::is_number_of(code, 8..=8) => TokenResult::Refused,
        status if rest::is_number_of(status, 1..=3) => TokenResult::Lost,
        _ => TokenResult::Failed,
    }
}

//! Tencent Push Notification Service (TPNS), as its customers meet it: pushes to one device
//! or to a list.
//!
//! In: JSON with a signature in the headers, or with Basic credentials. Out: HTTP 200 and
//! JSON whose `ret_code` is a number. Written from the pages "Push API", "Signature
//! Authentication", "Server-Side Error Codes" and "Use Limits" of its API documentation.
//!
//! Conditions of tokens: `1008029`, `1008006`, and any word that is no number, make the token
//! an invalid one; it is listed where the request says `ignore_invalid_token`, and else
//! refuses it with 1008029. Any other number refuses the whole request with that code.
//!
//! What the pages leave open is read strictly: a TimeStamp counts for ten minutes either way,
//! which was the most of the version before; and whom there are no devices for (accounts,
//! tags, packages, all) does not exist. The service as such has no quota for pushes to
//! tokens; where a test sets one, the surplus is refused as too fast.

mod error;
mod message;
mod platform;

#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, Mac};
use http::header::AUTHORIZATION;
use http::request::Parts;
use http::{HeaderMap, Method, StatusCode};
use serde_json::{Value, json};
use sha2::Sha256;

use crate::checks::rest;
use crate::credentials::ids;
use crate::net::exchange::{Acceptance, Judged, Push, Reply, Service, StatusFault};
use crate::vendors::Vendor;
use crate::world::World;
use error::Refusal;

const PUSH_PATH: &str = "/v3/push/app";
const INVALID_TOKENS: [&str; 2] = ["1008029", "1008006"];
const TOLERANCE_SECS: u64 = 600;

/// The service and all that it knows of its customers.
pub(crate) struct Tpns {
    world: Arc<World>,
    /// By access id.
    apps: Mutex<HashMap<String, App>>,
}

#[derive(Clone)]
struct App {
    secret: String,
    is_ios: bool,
}

crate::handle::vendor_handle! {
    /// TPNS, as tests set it up.
    TpnsHandle of Tpns
}

impl TpnsHandle<'_> {
    /// Registers an Android app at TPNS.
    pub fn add_account(&self, access_id: &str, secret_key: &str) {
        self.service.register(access_id, secret_key, false);
    }

    /// Registers an iOS app at TPNS: an access id is of one platform.
    pub fn add_ios_account(&self, access_id: &str, secret_key: &str) {
        self.service.register(access_id, secret_key, true);
    }
}

impl Tpns {
    pub(crate) fn new(world: Arc<World>) -> Tpns {
        Tpns {
            world,
            apps: Mutex::default(),
        }
    }

    fn register(&self, access_id: &str, secret_key: &str, is_ios: bool) {
        let app = App {
            secret: secret_key.to_owned(),
            is_ios,
        };
        self.apps().insert(access_id.to_owned(), app);
    }

    fn apps(&self) -> MutexGuard<'_, HashMap<String, App>> {
        self.apps.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The checks in order.
    fn check(&self, head: &Parts, body: &[u8]) -> Result<Acceptance, Refusal> {
        if head.uri.path() != PUSH_PATH {
            return Err(Refusal::http(StatusCode::NOT_FOUND));
        }
        if head.method != Method::POST {
            return Err(Refusal::http(StatusCode::METHOD_NOT_ALLOWED));
        }
        let (access_id, app) = self
            .authenticate(&head.headers, body)
            .ok_or_else(Refusal::authentication)?;
        let customers = self.world.customers(Vendor::Tpns);
        let now_ms = self.world.clock.now_ms();
        if !customers.take_rate(now_ms) {
            return Err(Refusal::too_fast());
        }
        if !rest::is_json(&head.headers) {
            return Err(Refusal::parse("Content-Type is not application/json"));
        }
        let value: Value = serde_json::from_slice(body)
            .map_err(|error| Refusal::parse(format!("body is not JSON: {error}")))?;
        let checks = message::check(&value, app.is_ios)?;
        let tokens = checks.tokens.ok_or_else(Refusal::no_target)?;

        let mut reached = Vec::new();
        let mut invalid = Vec::new();
        for token in tokens {
            match customers.condition(&token) {
                None => reached.push(token),
                Some(condition) => match own_code(&condition) {
                    Some(code) => return Err(Refusal::of_condition(code)),
                    None => invalid.push(token),
                },
            }
        }
        if !checks.ignores_invalid && !invalid.is_empty() {
            return Err(Refusal::invalid_token());
        }
        if !customers.take_quota(reached.len() as u64, now_ms) {
            return Err(Refusal::too_fast());
        }
        let id = ids::digits(10);
        let mut reply = json!({
            "seq": checks.seq,
            "push_id": id,
            "ret_code": 0,
            "environment": checks.environment,
            "err_msg": "",
            "result": if checks.is_single { "[0]" } else { "{}" },
        });
        if checks.ignores_invalid {
            // So spelled.
            reply["invalid_targe_list"] = json!(invalid);
        }
        let push = Push {
            head,
            tokens: reached,
            body: value,
            vendor_id: id,
            credential: Some(access_id),
            reply: Reply::json(StatusCode::OK, &reply),
        };
        Ok(Acceptance::of_push(Vendor::Tpns, now_ms, push))
    }

    /// The app that speaks, if it is the one; a signature goes before Basic credentials.
    fn authenticate(&self, headers: &HeaderMap, body: &[u8]) -> Option<(String, App)> {
        let text = |name| headers.get(name)?.to_str().ok();
        let Some(given) = text("sign") else {
            return self.authenticate_basic(text(AUTHORIZATION.as_str())?);
        };
        let time = text("timestamp")?;
        let access_id = text("accessid")?;
        let app = self.apps().get(access_id)?.clone();
        let is_timely = self.is_timely(time);
        let is_signed = given == sign(&app.secret, time, access_id, body);
        (is_timely && is_signed).then(|| (access_id.to_owned(), app))
    }

    fn authenticate_basic(&self, header: &str) -> Option<(String, App)> {
        let decoded = STANDARD.decode(header.strip_prefix("Basic ")?).ok()?;
        let decoded = String::from_utf8(decoded).ok()?;
        let (access_id, secret) = decoded.split_once(':')?;
        let app = self.apps().get(access_id)?.clone();
        (app.secret == secret).then(|| (access_id.to_owned(), app))
    }

    /// Seconds, in digits and no more.
    fn is_timely(&self, time: &str) -> bool {
        let now = self.world.clock.now_ms() / 1000;
        time.bytes().all(|byte| byte.is_ascii_digit())
            && time
                .parse()
                .is_ok_and(|time: u64| now.abs_diff(time) <= TOLERANCE_SECS)
    }
}

impl Service for Tpns {
    type Peer = ();
    const VENDOR: Vendor = Vendor::Tpns;

    fn greet(&self, _client_certificate: Option<&[u8]>) {}

    fn judge(&self, _peer: &(), head: &Parts, body: &[u8]) -> Judged {
        let checked = self.check(head, body).map_err(Refusal::into_answer);
        Judged::of(Vendor::Tpns, checked)
    }

    fn refusal(&self, fault: &StatusFault<'_>, _acceptance: &Acceptance) -> (String, Reply) {
        Refusal::injected(fault.status, fault.reason).into_answer()
    }
}

/// The code with which a condition refuses the whole request; none of an invalid token.
fn own_code(condition: &str) -> Option<i64> {
    match INVALID_TOKENS.contains(&condition) {
        true => None,
        false => condition.parse().ok(),
    }
}

/// Base64 not of the digest's bytes, but of their lower-case hex.
fn sign(secret: &str, time: &str, access_id: &str, body: &[u8]) -> String {
    let mut mac = <Hmac<Sha256> as Mac>::new_from_slice(secret.as_bytes())
        .expect("HMAC takes a key of any length");
    mac.update(time.as_bytes());
    mac.update(access_id.as_bytes());
    mac.update(body);
    STANDARD.encode(ids::to_hex(&mac.finalize().into_bytes()))
}

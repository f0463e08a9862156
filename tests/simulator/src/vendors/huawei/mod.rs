//! Huawei Push Kit for Android, as its customers meet it: grants, and messages over the REST
//! interfaces v1, by app, and v2, by project.
//!
//! In: a form at the token endpoint, JSON with its grant at the others. Out: JSON whose
//! `code` is a text; `msg` of a partial success is JSON once more. Written from the "Push
//! Kit REST API reference" of HMS Core, "Sending Messages" and "Obtaining an App-Level
//! Access Token".
//!
//! Conditions of tokens: `illegal_tokens`, and any other word, lists the token as failed; a
//! code of eight digits (`80300002`, ...) refuses the whole request; a receipt status of up
//! to three (`2`, `256`, ...) lets the request succeed, but reaches nobody. The daily quota
//! is one of marketing messages, whose surplus is dropped without a word.

mod error;
mod message;

#[cfg(test)]
mod tests;

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use http::request::Parts;
use http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::checks::client_credentials;
use crate::checks::rest::{self, TokenResult};
use crate::credentials::ids;
use crate::net::exchange::{Acceptance, Judged, Push, Reply, Service, StatusFault};
use crate::vendors::Vendor;
use crate::vendors::customers::GrantState;
use crate::world::World;
use error::{ALL_INVALID, GrantRefusal, Refusal};
use message::Target;

const TOKEN_PATHS: [&str; 2] = ["/oauth2/v3/token", "/oauth2/v2/token"];
const SEND: &str = "messages:send";
/// Without its tokens.
const MAX_BODY: usize = 4096;
const MAX_GRANTS: u64 = 1000;
const GRANT_WINDOW_MS: u64 = 5 * 60 * 1000;
/// Grants have slashes, which the endpoint escapes in JSON, as one may.
const GRANT_PREFIX: &str = "DQEB/";

/// The service and all that it knows of its customers.
pub(crate) struct Huawei {
    world: Arc<World>,
    book: Mutex<Book>,
}

#[derive(Default)]
struct Book {
    /// By app id, which is also the client id.
    apps: HashMap<String, App>,
    /// The apps of a project.
    projects: HashMap<String, HashSet<String>>,
}

#[derive(Default)]
struct App {
    secret: String,
    may_be_urgent: bool,
    window_began_ms: u64,
    grants_in_window: u64,
}

crate::handle::vendor_handle! {
    /// Huawei, as tests set it up.
    HuaweiHandle of Huawei
}

impl HuaweiHandle<'_> {
    /// Registers an app at Huawei.
    pub fn add_account(&self, app_id: &str, app_secret: &str) {
        self.service.register(app_id, app_secret);
    }

    /// Puts an app into a project, for the v2 interface.
    pub fn add_to_project(&self, project_id: &str, app_id: &str) {
        self.service.join(project_id, app_id);
    }

    /// Gives an app the right to send messages of HIGH urgency; no app has it unless said.
    pub fn allow_high_urgency(&self, app_id: &str) {
        self.service.allow_high_urgency(app_id);
    }
}

impl Huawei {
    pub(crate) fn new(world: Arc<World>) -> Huawei {
        Huawei {
            world,
            book: Mutex::default(),
        }
    }

    fn register(&self, app_id: &str, app_secret: &str) {
        let app = App {
            secret: app_secret.to_owned(),
            ..App::default()
        };
        self.lock().apps.insert(app_id.to_owned(), app);
    }

    fn join(&self, project_id: &str, app_id: &str) {
        let mut book = self.lock();
        let apps = book.projects.entry(project_id.to_owned()).or_default();
        apps.insert(app_id.to_owned());
    }

    fn allow_high_urgency(&self, app_id: &str) {
        if let Some(app) = self.lock().apps.get_mut(app_id) {
            app.may_be_urgent = true;
        }
    }

    fn lock(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn grant(&self, head: &Parts, body: &[u8]) -> Result<Acceptance, GrantRefusal> {
        let client = client_credentials::read(head, body)?;
        {
            let mut book = self.lock();
            let app = book
                .apps
                .get_mut(&client.id)
                .ok_or_else(GrantRefusal::wrong_client)?;
            if !app.take_grant(self.world.clock.now_ms()) {
                return Err(GrantRefusal::too_often());
            }
            if app.secret != client.secret {
                return Err(GrantRefusal::wrong_client());
            }
        }
        let customers = self.world.customers(Vendor::Huawei);
        let issued = customers.issue(&client.id, self.world.clock.now_secs());
        let body = json!({
            "access_token": format!("{GRANT_PREFIX}{}", issued.token),
            "expires_in": issued.lifetime_secs,
            "token_type": "Bearer",
        });
        let mut reply = Reply::json(StatusCode::OK, &body);
        reply.body = body.to_string().replace('/', "\\/").into();
        Ok(Acceptance::of_grant(Vendor::Huawei, &client.id, reply))
    }

    /// The checks in order.
    fn push(&self, head: &Parts, body: &[u8]) -> Result<Acceptance, Refusal> {
        let address =
            Address::of(head.uri.path()).ok_or_else(|| Refusal::http(StatusCode::NOT_FOUND))?;
        if head.method != Method::POST {
            return Err(Refusal::http(StatusCode::METHOD_NOT_ALLOWED));
        }
        let (grant, app_id) = self.authenticate(head)?;
        self.authorize(&address, &app_id)?;
        let customers = self.world.customers(Vendor::Huawei);
        let now_ms = self.world.clock.now_ms();
        if !customers.take_rate(now_ms) {
            return Err(Refusal::http(StatusCode::SERVICE_UNAVAILABLE));
        }
        if !rest::is_json(&head.headers) {
            return Err(Refusal::structure("Content-Type is not application/json"));
        }
        let value: Value = serde_json::from_slice(body)
            .map_err(|error| Refusal::structure(format!("body is not JSON: {error}")))?;
        let message = message::check(&value)?;
        let tokens = match &message.target {
            Target::Tokens(tokens) => tokens.as_slice(),
            Target::Topics(_) => &[],
        };
        if rest::length_without(tokens, body) > MAX_BODY {
            return Err(Refusal::too_large());
        }
        if message.is_urgent && !self.may_be_urgent(&app_id) {
            return Err(Refusal::not_urgent());
        }

        let mut sorted = match message.target {
            Target::Tokens(tokens) => rest::sort(customers, tokens, result_for)
                .map_err(|code| Refusal::coded(&code, "refused for one of the tokens"))?,
            Target::Topics(topics) => rest::Sorted {
                reached: vec![topics],
                ..rest::Sorted::default()
            },
        };
        let successes = sorted.successes();
        if successes == 0 {
            return Err(Refusal::all_invalid());
        }
        let is_surplus =
            message.is_marketing && !customers.take_quota(sorted.reached.len() as u64, now_ms);
        if message.is_dry || is_surplus {
            sorted.reached.clear();
        }
        let id = ids::digits(18);
        let failures = sorted.failures();
        let illegal: Vec<String> = sorted.failed.into_values().flatten().collect();
        let (code, text) = match failures {
            0 => ("80000000", "Success".to_owned()),
            _ => (
                "80100000",
                json!({
                    "success": successes,
                    "failure": failures,
                    "illegal_tokens": illegal,
                })
                .to_string(),
            ),
        };
        let reply = json!({ "code": code, "msg": text, "requestId": id });
        let push = Push {
            head,
            tokens: sorted.reached,
            body: value,
            vendor_id: id,
            credential: Some(grant),
            reply: Reply::json(StatusCode::OK, &reply),
        };
        Ok(Acceptance::of_push(Vendor::Huawei, now_ms, push))
    }

    /// The grant that came along, and its app.
    fn authenticate(&self, head: &Parts) -> Result<(String, String), Refusal> {
        let bearer = rest::bearer(&head.headers).ok_or_else(Refusal::no_grant)?;
        let grant = bearer
            .strip_prefix(GRANT_PREFIX)
            .ok_or_else(Refusal::no_grant)?;
        let customers = self.world.customers(Vendor::Huawei);
        match customers.grant_state(grant, self.world.clock.now_secs()) {
            GrantState::Unknown => Err(Refusal::no_grant()),
            GrantState::Expired => Err(Refusal::expired()),
            GrantState::Good { account } => Ok((bearer.to_owned(), account)),
        }
    }

    fn authorize(&self, address: &Address<'_>, app_id: &str) -> Result<(), Refusal> {
        let book = self.lock();
        let (is_there, is_own) = match address {
            Address::App(id) => (book.apps.contains_key(*id), *id == app_id),
            Address::Project(id) => {
                let apps = book.projects.get(*id);
                (
                    apps.is_some(),
                    apps.is_some_and(|apps| apps.contains(app_id)),
                )
            }
        };
        match (is_there, is_own) {
            (true, true) => Ok(()),
            (true, false) => Err(Refusal::no_permission()),
            (false, _) => Err(Refusal::http(StatusCode::NOT_FOUND)),
        }
    }

    fn may_be_urgent(&self, app_id: &str) -> bool {
        let book = self.lock();
        book.apps.get(app_id).is_some_and(|app| app.may_be_urgent)
    }
}

impl App {
    /// Whether one more is within the window of five minutes; refused ones count as well.
    fn take_grant(&mut self, now_ms: u64) -> bool {
        if now_ms >= self.window_began_ms + GRANT_WINDOW_MS {
            self.window_began_ms = now_ms;
            self.grants_in_window = 0;
        }
        self.grants_in_window += 1;
        self.grants_in_window <= MAX_GRANTS
    }
}

/// Whom a path speaks for.
#[derive(Debug, PartialEq, Eq)]
enum Address<'a> {
    App(&'a str),
    Project(&'a str),
}

impl Address<'_> {
    fn of(path: &str) -> Option<Address<'_>> {
        let mut parts = path.strip_prefix('/')?.split('/');
        let address = match (parts.next()?, parts.next()?) {
            ("v1", id) => Address::App(id),
            ("v2", id) => Address::Project(id),
            _ => return None,
        };
        (parts.next() == Some(SEND) && parts.next().is_none()).then_some(address)
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

impl Service for Huawei {
    type Peer = ();
    const VENDOR: Vendor = Vendor::Huawei;

    fn greet(&self, _client_certificate: Option<&[u8]>) {}

    fn judge(&self, _peer: &(), head: &Parts, body: &[u8]) -> Judged {
        let checked = match TOKEN_PATHS.contains(&head.uri.path()) {
            true => self.grant(head, body).map_err(GrantRefusal::into_answer),
            false => self.push(head, body).map_err(Refusal::into_answer),
        };
        Judged::of(Vendor::Huawei, checked)
    }

    fn refusal(&self, fault: &StatusFault<'_>, acceptance: &Acceptance) -> (String, Reply) {
        match acceptance.is_grant {
            true => GrantRefusal::injected(fault.status, fault.reason).into_answer(),
            false => Refusal::injected(fault.status, fault.reason).into_answer(),
        }
    }
}

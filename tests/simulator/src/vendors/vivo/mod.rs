//! vivo push, as its customers meet it: an authToken, then notifications to one regId, or a
//! saved text to 2..1000 of them.
//!
//! In: JSON. Out: HTTP 200 and JSON with a number in `result`, whatever is wrong; HTTP 400
//! alone for what the interface has no number for. Written from vivo's "Server-side push
//! API" and its table of return codes.
//!
//! Conditions of a regId:
//! - `1` (unknown), `2` (uninstalled), `3` (90 days offline), and 10302, which is `1`: alone
//!   it is refused as 10302 with `invalidUser`, in a list it is one of `invalidUsers`;
//! - `4` (no test device): the same, for tests only. No device is one unless said;
//! - another code, such as 10311 or 10303: alone the code, in a list passed over silently.
//!
//! A list of which nobody is left is a success with `invalidUsers`. The quota is of formal
//! messages: 10070 or 10073 by their class. A push under a requestId that the app has used
//! before on that interface is answered as the first was, but reaches nobody.

mod auth;
mod book;
mod error;
mod message;
mod push;

#[cfg(test)]
mod tests;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use http::request::Parts;
use http::{Method, StatusCode};
use serde_json::Value;

use crate::checks::rest;
use crate::net::exchange::{Acceptance, Judged, Reply, Service, StatusFault};
use crate::vendors::Vendor;
use crate::vendors::customers::GrantState;
use crate::world::World;
use book::{App, Book};
use error::Refusal;

const AUTH: &str = "/message/auth";
const SEND: &str = "/message/send";
const SAVE: &str = "/message/saveListPayload";
const PUSH_TO_LIST: &str = "/message/pushToList";
const GRANT_LIFETIME_SECS: u64 = 24 * 60 * 60;

/// The service and all that it knows of its customers.
pub(crate) struct Vivo {
    world: Arc<World>,
    book: Arc<Mutex<Book>>,
}

crate::handle::vendor_handle! {
    /// vivo, as tests set it up.
    VivoHandle of Vivo
}

impl VivoHandle<'_> {
    /// Registers an app at vivo.
    pub fn add_account(&self, app_id: i64, app_key: &str, app_secret: &str) {
        self.service.register(app_id, app_key, app_secret);
    }

    /// What vivo holds against an app, as its code; None when nothing.
    ///
    /// 10045 (under review) lets tests through, 10082 (no system messages) operational
    /// messages, 10096 (a new app) those with a category; any other code nothing.
    pub fn set_app_state(&self, app_id: i64, code: Option<i64>) {
        self.service.set_state(app_id, code);
    }

    /// Makes a device one for tests, to which `pushMode` 1 may send.
    pub fn add_test_device(&self, app_id: i64, reg_id: &str) {
        self.service.add_test_device(app_id, reg_id);
    }

    /// Every text that was saved so far is expired now: 10155.
    pub fn expire_saved_texts(&self) {
        self.service.lock().forget_tasks();
    }
}

/// Who asks, with which grant.
struct Caller {
    grant: String,
    app_id: String,
}

impl Vivo {
    pub(crate) fn new(world: Arc<World>) -> Vivo {
        world
            .customers(Vendor::Vivo)
            .set_grant_lifetime(GRANT_LIFETIME_SECS);
        Vivo {
            world,
            book: Arc::default(),
        }
    }

    fn register(&self, app_id: i64, key: &str, secret: &str) {
        self.lock().apps.insert(app_id, App::new(key, secret));
    }

    fn set_state(&self, app_id: i64, code: Option<i64>) {
        if let Some(app) = self.lock().apps.get_mut(&app_id) {
            app.state = code;
        }
    }

    fn add_test_device(&self, app_id: i64, reg_id: &str) {
        if let Some(app) = self.lock().apps.get_mut(&app_id) {
            app.test_devices.insert(reg_id.to_owned());
        }
    }

    fn lock(&self) -> MutexGuard<'_, Book> {
        lock(&self.book)
    }

    /// The checks in order.
    fn check(&self, head: &Parts, body: &[u8]) -> Result<Acceptance, Refusal> {
        let path = head.uri.path();
        if ![AUTH, SEND, SAVE, PUSH_TO_LIST].contains(&path) {
            return Err(Refusal::http(StatusCode::NOT_FOUND));
        }
        if head.method != Method::POST {
            return Err(Refusal::http(StatusCode::METHOD_NOT_ALLOWED));
        }
        if !rest::is_json(&head.headers) {
            return Err(Refusal::http(StatusCode::UNSUPPORTED_MEDIA_TYPE));
        }
        let value = || -> Result<Value, Refusal> {
            serde_json::from_slice(body)
                .map_err(|error| Refusal::malformed(format!("body is not JSON: {error}")))
        };
        if path == AUTH {
            return self.auth(&value()?);
        }
        let caller = self.authenticate(head)?;
        let customers = self.world.customers(Vendor::Vivo);
        if !customers.take_rate(self.world.clock.now_ms()) {
            return Err(Refusal::new(error::TOO_FAST, "sending too fast"));
        }
        match path {
            SEND => self.send(head, &caller, value()?),
            SAVE => self.save(head, &caller, value()?),
            _ => self.push_to_list(head, &caller, value()?),
        }
    }

    fn authenticate(&self, head: &Parts) -> Result<Caller, Refusal> {
        let grant = head
            .headers
            .get("authToken")
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        let customers = self.world.customers(Vendor::Vivo);
        match customers.grant_state(grant, self.world.clock.now_secs()) {
            GrantState::Unknown | GrantState::Expired => {
                Err(Refusal::new(error::TOKEN, "authToken is wrong or expired"))
            }
            GrantState::Good { account } => Ok(Caller {
                grant: grant.to_owned(),
                app_id: account,
            }),
        }
    }
}

impl Service for Vivo {
    type Peer = ();
    const VENDOR: Vendor = Vendor::Vivo;

    fn greet(&self, _client_certificate: Option<&[u8]>) {}

    fn judge(&self, _peer: &(), head: &Parts, body: &[u8]) -> Judged {
        let checked = self.check(head, body).map_err(Refusal::into_answer);
        Judged::of(Vendor::Vivo, checked)
    }

    fn refusal(&self, fault: &StatusFault<'_>, acceptance: &Acceptance) -> (String, Reply) {
        Refusal::injected(fault.status, fault.reason, acceptance.is_grant).into_answer()
    }
}

fn lock(book: &Mutex<Book>) -> MutexGuard<'_, Book> {
    book.lock().unwrap_or_else(PoisonError::into_inner)
}

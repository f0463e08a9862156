//! FCM HTTP v1 and its OAuth token endpoint, as their customers meet them.
//!
//! In: a request with its body. Out: a message name or a grant, or a refusal in Google's
//! words. Written from Google's pages "Method: projects.messages.send", "FCM ErrorCode"
//! and "Using OAuth 2.0 for server to server applications".

mod error;
mod handle;
mod message;
mod oauth;
mod parser;
mod schema;

#[cfg(test)]
mod tests;

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::request::Parts;
use http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::clock::machine_us;
use crate::credentials::ids;
use crate::net::exchange::{
    Acceptance, Judged, Reply, Service, StatusFault, Verdict, recorded_headers,
};
use crate::record::Received;
use crate::vendors::Vendor;
use crate::world::World;
use error::Refusal;
pub use handle::FcmHandle;
use oauth::{Accounts, FcmGrantState, IssuedGrant, OauthError};

/// Where the token endpoint is on this listener.
pub(crate) const TOKEN_PATH: &str = "/token";

/// The service and all that it knows of its customers.
pub(crate) struct Fcm {
    world: Arc<World>,
    pub(crate) accounts: Accounts,
    devices: Mutex<Devices>,
}

#[derive(Default)]
struct Devices {
    unregistered: HashSet<String>,
    /// Project that a token was issued for, where it was said.
    bound: HashMap<String, String>,
}

impl Fcm {
    pub(crate) fn new(world: Arc<World>, token_url: String) -> Fcm {
        Fcm {
            world,
            accounts: Accounts::new(token_url),
            devices: Mutex::default(),
        }
    }

    pub(crate) fn bind_token(&self, token: &str, project: &str) {
        self.devices()
            .bound
            .insert(token.to_owned(), project.to_owned());
    }

    pub(crate) fn unregister_token(&self, token: &str) {
        self.devices().unregistered.insert(token.to_owned());
    }

    pub(crate) fn register_token(&self, token: &str) {
        self.devices().unregistered.remove(token);
    }

    fn devices(&self) -> MutexGuard<'_, Devices> {
        self.devices.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The checks in order.
    fn check(&self, head: &Parts, body: &[u8]) -> Result<Acceptance, Refusal> {
        let project = project(head)?;
        let grant = self.authenticate(head, project)?;
        if !is_json(head) {
            return Err(Refusal::malformed(
                "Invalid JSON payload received. Content-Type is not application/json.",
            ));
        }
        let body: Value = serde_json::from_slice(body).map_err(|error| {
            Refusal::malformed(format!("Invalid JSON payload received. {error}"))
        })?;
        let checked = message::check(&body)?;
        if checked.is_device {
            self.check_device(&checked.target, project)?;
            self.check_activity(checked.activity.as_deref())?;
        }
        let id = match checked.validate_only {
            true => "fake_message_id".to_owned(),
            false => format!("0:{}%{}", ids::digits(16), ids::hex(8)),
        };
        let name = format!("projects/{project}/messages/{id}");
        let received = Received {
            vendor: Vendor::Fcm.name().to_owned(),
            token: checked.target.clone(),
            tokens: vec![checked.target.clone()],
            at_ms: self.world.clock.now_ms(),
            at_us: machine_us(),
            method: head.method.to_string(),
            path: head.uri.path().to_owned(),
            headers: recorded_headers(head),
            body,
            vendor_id: name.clone(),
            provider_token_kid: None,
            client_certificate: None,
        };
        Ok(Acceptance {
            vendor: Vendor::Fcm,
            targets: vec![checked.target],
            is_grant: false,
            is_recall: false,
            credential: Some(grant.to_owned()),
            // A dry run reaches nobody.
            received: (!checked.validate_only).then_some(received),
            reply: Reply::json(StatusCode::OK, &json!({ "name": name })),
            raw: None,
            on_accept: None,
        })
    }

    /// What APNs says of a Live Activity's token, which FCM passes on.
    fn check_activity(&self, token: Option<&str>) -> Result<(), Refusal> {
        match token {
            Some(token) if self.devices().unregistered.contains(token) => {
                Err(Refusal::argument_of_apns(410, "Unregistered"))
            }
            _ => Ok(()),
        }
    }

    fn authenticate<'a>(&self, head: &'a Parts, project: &str) -> Result<&'a str, Refusal> {
        let grant = head
            .headers
            .get(AUTHORIZATION)
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.split_once(' '))
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
            .map(|(_, grant)| grant)
            .ok_or_else(Refusal::no_credentials)?;
        let now = self.world.clock.now_secs();
        match self.accounts.grant_state(grant, now) {
            FcmGrantState::Unknown => Err(Refusal::unknown_grant()),
            FcmGrantState::Expired => Err(Refusal::expired_grant()),
            FcmGrantState::Good { project: own } if own == project => Ok(grant),
            FcmGrantState::Good { .. } if self.accounts.knows_project(project) => {
                Err(Refusal::no_permission(project))
            }
            FcmGrantState::Good { .. } => Err(Refusal::unknown_project()),
        }
    }

    fn check_device(&self, token: &str, project: &str) -> Result<(), Refusal> {
        let devices = self.devices();
        if devices.bound.get(token).is_some_and(|own| own != project) {
            Err(Refusal::sender_mismatch())
        } else if devices.unregistered.contains(token) {
            Err(Refusal::unregistered())
        } else {
            Ok(())
        }
    }

    fn judge_exchange(&self, head: &Parts, body: &[u8]) -> Verdict {
        let now = self.world.clock.now_secs();
        match self.accounts.exchange(head, body, now) {
            Ok(IssuedGrant {
                client_email,
                reply,
            }) => Verdict::Accepted(Box::new(Acceptance::of_grant(
                Vendor::Oauth,
                &client_email,
                reply,
            ))),
            Err(error) => Verdict::Refused {
                reply: error.reply(),
                reason: error.error,
            },
        }
    }
}

impl Service for Fcm {
    type Peer = ();
    const VENDOR: Vendor = Vendor::Fcm;

    fn greet(&self, _client_certificate: Option<&[u8]>) {}

    fn judge(&self, _peer: &(), head: &Parts, body: &[u8]) -> Judged {
        if head.uri.path() == TOKEN_PATH {
            return Judged {
                vendor: Vendor::Oauth,
                verdict: self.judge_exchange(head, body),
            };
        }
        let verdict = match self.check(head, body) {
            Ok(acceptance) => Verdict::Accepted(Box::new(acceptance)),
            Err(refusal) => Verdict::Refused {
                reply: refusal.reply(),
                reason: refusal.reason,
            },
        };
        Judged {
            vendor: Vendor::Fcm,
            verdict,
        }
    }

    fn refusal(&self, fault: &StatusFault<'_>, acceptance: &Acceptance) -> (String, Reply) {
        if acceptance.vendor == Vendor::Oauth {
            let error = OauthError::injected(fault.status, fault.reason);
            let reply = error.reply();
            return (error.error, reply);
        }
        let refusal = Refusal::injected(fault.status, fault.reason);
        let reply = refusal.reply();
        (refusal.reason, reply)
    }
}

/// The project in `/v1/projects/{project}/messages:send`.
fn project(head: &Parts) -> Result<&str, Refusal> {
    let project = head
        .uri
        .path()
        .strip_prefix("/v1/projects/")
        .and_then(|rest| rest.strip_suffix("/messages:send"))
        .filter(|project| !project.is_empty() && !project.contains('/'));
    match project {
        // Google's front end knows no such method, and says so with a 404.
        Some(project) if head.method == Method::POST => Ok(project),
        _ => Err(Refusal::unknown_project()),
    }
}

fn is_json(head: &Parts) -> bool {
    head.headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split(';').next())
        .is_some_and(|media| media.trim().eq_ignore_ascii_case("application/json"))
}

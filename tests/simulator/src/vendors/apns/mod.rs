//! APNs: Apple's push service, as its customers meet it.
//!
//! In: a request with its body. Out: 200 with an id, or a refusal in Apple's words.
//! Written from Apple's pages "Sending notification requests to APNs", "Establishing a
//! token-based connection to APNs" and "Handling notification responses from APNs".

mod device;
mod handle;
mod headers;
mod payload;
mod provider_token;
mod push_type;
mod reason;
mod topic;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use http::header::HeaderName;
use http::request::Parts;
use http::{HeaderValue, Method, StatusCode};
use serde_json::{Value, json};

use crate::clock::machine_us;
use crate::credentials::ids;
use crate::credentials::pki::{ClientIdentity, identify};
use crate::net::exchange::{
    Acceptance, Judged, Reply, Service, StatusFault, Verdict, recorded_headers,
};
use crate::record::{Received, key_of};
use crate::vendors::Vendor;
use crate::world::World;
use device::Devices;
pub use handle::ApnsHandle;
use headers::Headers;
use provider_token::{Carried, KeyRing, ProviderToken};
use push_type::PushType;
use reason::{Reason, Refusal, usual_reason};
use topic::Permission;

const APNS_ID: HeaderName = HeaderName::from_static("apns-id");
const APNS_UNIQUE_ID: HeaderName = HeaderName::from_static("apns-unique-id");
const DEVICE: &str = "/3/device";
/// Tokens are 32 bytes today; Apple says they may grow, not shrink.
const TOKEN_DIGITS: usize = 64;

/// The service and all that it knows of its customers.
pub(crate) struct Apns {
    world: Arc<World>,
    pub(crate) keys: KeyRing,
    pub(crate) devices: Devices,
}

/// What APNs remembers of one connection.
pub(crate) struct Connection {
    certificate: Option<ClientIdentity>,
    memory: Mutex<Memory>,
    id_base: [u8; 16],
    ids: AtomicU64,
}

#[derive(Default)]
struct Memory {
    carried: Carried,
    /// The last request's credential and address, all checks passed: the sink's short cut.
    familiar: Option<Familiar>,
}

struct Familiar {
    authorization: HeaderValue,
    edition: u64,
    token: ProviderToken,
    topic: String,
    push_type: PushType,
}

impl Apns {
    pub(crate) fn new(world: Arc<World>) -> Apns {
        Apns {
            world,
            keys: KeyRing::default(),
            devices: Devices::default(),
        }
    }

    /// The checks in order.
    fn check(&self, peer: &Connection, head: &Parts, body: &[u8]) -> Result<Passed, Refusal> {
        let token = device_token(head.uri.path())?;
        if head.method != Method::POST {
            return Err(Reason::MethodNotAllowed.into());
        }
        if Headers::has_duplicates(&head.headers) {
            return Err(Reason::DuplicateHeaders.into());
        }
        let credential = self.authenticate(peer, Headers::authorization(&head.headers))?;
        let headers = Headers::read(&head.headers)?;
        let topic = topic::choose(headers.topic, headers.push_type, &credential.permission())?;
        check_token_form(token)?;
        self.devices.check(token, topic)?;
        if body.is_empty() {
            return Err(Reason::PayloadEmpty.into());
        }
        if body.len() > PushType::payload_limit(headers.push_type) {
            return Err(Reason::PayloadTooLarge.into());
        }
        let body = payload::check(body, headers.push_type)?;
        if let Credential::Token(provider) = &credential {
            peer.remember(&headers, topic, provider, self.keys.edition());
        }
        Ok(Passed {
            token: token.to_owned(),
            credential,
            body,
        })
    }

    fn authenticate(
        &self,
        peer: &Connection,
        authorization: Option<&HeaderValue>,
    ) -> Result<Credential, Refusal> {
        // A certificate settles it: Apple then ignores the header.
        if let Some(identity) = &peer.certificate {
            if self.devices.is_revoked(&identity.serial) || !identity.push {
                return Err(Reason::BadCertificate.into());
            }
            if !identity.production {
                return Err(Reason::BadCertificateEnvironment.into());
            }
            return Ok(Credential::Certificate(identity.clone()));
        }
        let text = authorization
            .and_then(bearer)
            .ok_or(Reason::MissingProviderToken)?;
        let clock = &self.world.clock;
        // Our own driver is held to the RFC; a sink also measures others.
        let padded = !self.world.record.keeps();
        let token = self.keys.verify(text, padded, clock.now_secs())?;
        peer.memory().carried.admit(text, &token, clock.now_ms())?;
        Ok(Credential::Token(token))
    }

    /// The sink's short cut: the key of the device token if the request is plainly good and
    /// its credential, topic and push type are those of the last fully checked request.
    pub(crate) fn glance(&self, peer: &Connection, head: &Parts, body_len: usize) -> Option<u128> {
        let token = device_token(head.uri.path()).ok()?;
        check_token_form(token).ok()?;
        if head.method != Method::POST
            || !self.devices.is_empty()
            || Headers::has_duplicates(&head.headers)
        {
            return None;
        }
        let headers = Headers::read(&head.headers).ok()?;
        if body_len > PushType::payload_limit(headers.push_type) {
            return None;
        }
        let memory = peer.memory();
        let familiar = memory.familiar.as_ref()?;
        let same = Some(&familiar.authorization) == headers.authorization
            && Some(familiar.topic.as_str()) == headers.topic
            && Some(familiar.push_type) == headers.push_type
            && familiar.edition == self.keys.edition();
        (same
            && familiar
                .token
                .check_age(self.world.clock.now_secs())
                .is_ok())
        .then(|| key_of(token.as_bytes()))
    }

    fn accept(&self, peer: &Connection, head: &Parts, passed: Passed) -> Acceptance {
        let id = head
            .headers
            .get(APNS_ID)
            .cloned()
            .unwrap_or_else(|| peer.next_id());
        let unique = HeaderValue::try_from(ids::uuid()).expect("a UUID is a header value");
        let reply = Reply::empty(StatusCode::OK)
            .with(APNS_ID, id.clone())
            .with(APNS_UNIQUE_ID, unique);
        let Passed {
            token,
            credential,
            body,
        } = passed;
        let (kid, serial) = match credential {
            Credential::Token(provider) => (Some(provider.kid), None),
            Credential::Certificate(identity) => (None, Some(identity.serial)),
        };
        let received = Received {
            vendor: Vendor::Apns.name().to_owned(),
            token: token.clone(),
            tokens: vec![token.clone()],
            at_ms: self.world.clock.now_ms(),
            at_us: machine_us(),
            method: head.method.to_string(),
            path: head.uri.path().to_owned(),
            headers: recorded_headers(head),
            body,
            vendor_id: String::from_utf8_lossy(id.as_bytes()).into_owned(),
            provider_token_kid: kid,
            client_certificate: serial,
        };
        let credential = match peer.certificate {
            Some(_) => None,
            None => Headers::authorization(&head.headers).and_then(bearer),
        };
        Acceptance {
            vendor: Vendor::Apns,
            targets: vec![token],
            is_grant: false,
            is_recall: false,
            credential: credential.map(str::to_owned),
            received: Some(received),
            reply,
            raw: None,
            on_accept: None,
        }
    }
}

impl Service for Apns {
    type Peer = Connection;
    const VENDOR: Vendor = Vendor::Apns;

    fn greet(&self, client_certificate: Option<&[u8]>) -> Connection {
        Connection {
            certificate: client_certificate.and_then(identify),
            memory: Mutex::default(),
            id_base: ids::bytes(),
            ids: AtomicU64::new(0),
        }
    }

    fn judge(&self, peer: &Connection, head: &Parts, body: &[u8]) -> Judged {
        let verdict = match self.check(peer, head, body) {
            Ok(passed) => Verdict::Accepted(Box::new(self.accept(peer, head, passed))),
            Err(refusal) => Verdict::Refused {
                reason: refusal.reason.name().to_owned(),
                reply: refuse(&refusal, head, peer),
            },
        };
        Judged {
            vendor: Vendor::Apns,
            verdict,
        }
    }

    fn refusal(&self, fault: &StatusFault<'_>, acceptance: &Acceptance) -> (String, Reply) {
        let reason = fault.reason.unwrap_or_else(|| usual_reason(fault.status));
        let mut body = json!({ "reason": reason });
        if fault.status == 410 {
            let timestamp = fault
                .timestamp_ms
                .unwrap_or_else(|| self.world.clock.now_ms());
            body["timestamp"] = timestamp.into();
        }
        let status =
            StatusCode::from_u16(fault.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut reply = Reply::json(status, &body);
        for (name, value) in &acceptance.reply.headers {
            if *name == APNS_ID {
                reply = reply.with(APNS_ID, value.clone());
            }
        }
        (reason.to_owned(), reply)
    }
}

impl Connection {
    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// An `apns-id` for a request that brought none: random per connection, then counted.
    pub(crate) fn next_id(&self) -> HeaderValue {
        let mut bytes = self.id_base;
        let count = self.ids.fetch_add(1, Ordering::Relaxed).to_be_bytes();
        bytes[10..].copy_from_slice(&count[2..]);
        HeaderValue::try_from(ids::uuid_of(bytes)).expect("a UUID is a header value")
    }

    fn remember(&self, headers: &Headers<'_>, topic: &str, token: &ProviderToken, edition: u64) {
        if let (Some(authorization), Some(push_type)) = (headers.authorization, headers.push_type) {
            self.memory().familiar = Some(Familiar {
                authorization: authorization.clone(),
                edition,
                token: token.clone(),
                topic: topic.to_owned(),
                push_type,
            });
        }
    }
}

/// Who sends, believed.
enum Credential {
    Token(ProviderToken),
    Certificate(ClientIdentity),
}

impl Credential {
    fn permission(&self) -> Permission<'_> {
        match self {
            Credential::Token(token) => Permission::Key(&token.topics),
            Credential::Certificate(identity) => Permission::Certificate(&identity.topics),
        }
    }
}

struct Passed {
    token: String,
    credential: Credential,
    body: Value,
}

fn device_token(path: &str) -> Result<&str, Reason> {
    let rest = path.strip_prefix(DEVICE).ok_or(Reason::BadPath)?;
    match rest.strip_prefix('/') {
        None if rest.is_empty() => Err(Reason::MissingDeviceToken),
        Some("") => Err(Reason::MissingDeviceToken),
        Some(token) if !token.contains('/') => Ok(token),
        _ => Err(Reason::BadPath),
    }
}

fn check_token_form(token: &str) -> Result<(), Reason> {
    let good = token.len() >= TOKEN_DIGITS
        && token.len().is_multiple_of(2)
        && token.bytes().all(|byte| byte.is_ascii_hexdigit())
        // Nobody's.
        && token.bytes().any(|byte| byte != b'f');
    good.then_some(()).ok_or(Reason::BadDeviceToken)
}

fn bearer(value: &HeaderValue) -> Option<&str> {
    let (scheme, token) = value.to_str().ok()?.split_once(' ')?;
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}

fn refuse(refusal: &Refusal, head: &Parts, peer: &Connection) -> Reply {
    let mut body = json!({ "reason": refusal.reason.name() });
    if let Some(detail) = &refusal.detail {
        body["detail"] = detail.as_str().into();
    }
    if let Some(timestamp_ms) = refusal.timestamp_ms {
        body["timestamp"] = timestamp_ms.into();
    }
    let id = head
        .headers
        .get(APNS_ID)
        .filter(|id| headers::is_canonical_uuid(id.as_bytes()))
        .cloned()
        .unwrap_or_else(|| peer.next_id());
    Reply::json(refusal.reason.status(), &body).with(APNS_ID, id)
}

//! The token endpoint: a signed assertion of a service account in exchange for a grant,
//! from Google's "Using OAuth 2.0 for server to server applications".

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use http::StatusCode;
use http::header::CONTENT_TYPE;
use http::request::Parts;
use serde_json::{Value, json};

use crate::credentials::ids;
use crate::credentials::jwt::Jwt;
use crate::credentials::pki::service_key;
use crate::net::exchange::Reply;

const GRANT_TYPE: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";
const SCOPES: [&str; 2] = [
    "https://www.googleapis.com/auth/firebase.messaging",
    "https://www.googleapis.com/auth/cloud-platform",
];
const MAX_LIFETIME_SECS: i64 = 3600;
/// How far the two clocks may be apart.
const SKEW_SECS: i64 = 300;
const TIMEFRAME: &str = "Invalid JWT: Token must be a short-lived token (60 minutes) and in a \
    reasonable timeframe. Check your iat and exp values in the JWT claim.";

/// Service accounts, and the grants that they hold.
pub(crate) struct Accounts {
    audience: String,
    book: Mutex<Book>,
}

struct Book {
    /// By client e-mail address.
    accounts: HashMap<String, Account>,
    grants: HashMap<String, Grant>,
    lifetime_secs: i64,
}

struct Account {
    project: String,
    key_id: String,
}

struct Grant {
    project: String,
    expires: i64,
}

/// An OAuth refusal: error code, description and status of RFC 6749 5.2.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct OauthError {
    pub(crate) status: u16,
    pub(crate) error: String,
    pub(crate) description: String,
}

/// A grant just made.
pub(crate) struct IssuedGrant {
    pub(crate) client_email: String,
    pub(crate) reply: Reply,
}

/// What a bearer token turns out to be.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum FcmGrantState {
    Unknown,
    Expired,
    Good { project: String },
}

impl Accounts {
    pub(crate) fn new(audience: String) -> Accounts {
        Accounts {
            audience,
            book: Mutex::new(Book {
                accounts: HashMap::new(),
                grants: HashMap::new(),
                lifetime_secs: 3599,
            }),
        }
    }

    /// Registers an account and returns the JSON file of the console's "new private key".
    pub(crate) fn add(&self, project: &str) -> String {
        let client_email = format!(
            "firebase-adminsdk-{}@{project}.iam.gserviceaccount.com",
            ids::hex(3)
        );
        let key_id = ids::hex(20);
        let file = json!({
            "type": "service_account",
            "project_id": project,
            "private_key_id": key_id,
            "private_key": service_key().pem,
            "client_email": client_email,
            "client_id": ids::digits(21),
            "auth_uri": "https://accounts.google.com/o/oauth2/auth",
            "token_uri": self.audience,
            "auth_provider_x509_cert_url": "https://www.googleapis.com/oauth2/v1/certs",
            "client_x509_cert_url": format!(
                "https://www.googleapis.com/robot/v1/metadata/x509/{}",
                client_email.replace('@', "%40")
            ),
            "universe_domain": "googleapis.com",
        });
        let account = Account {
            project: project.to_owned(),
            key_id,
        };
        self.lock().accounts.insert(client_email, account);
        serde_json::to_string_pretty(&file).expect("a JSON value always has a text")
    }

    pub(crate) fn remove(&self, client_email: &str) {
        self.lock().accounts.remove(client_email);
    }

    pub(crate) fn set_lifetime(&self, secs: u64) {
        self.lock().lifetime_secs = i64::try_from(secs).unwrap_or(i64::MAX / 2);
    }

    pub(crate) fn revoke_grants(&self) {
        for grant in self.lock().grants.values_mut() {
            grant.expires = i64::MIN;
        }
    }

    pub(crate) fn knows_project(&self, project: &str) -> bool {
        let book = self.lock();
        book.accounts
            .values()
            .any(|account| account.project == project)
    }

    pub(crate) fn grant_state(&self, grant: &str, now_secs: i64) -> FcmGrantState {
        match self.lock().grants.get(grant) {
            None => FcmGrantState::Unknown,
            Some(grant) if grant.expires <= now_secs => FcmGrantState::Expired,
            Some(grant) => FcmGrantState::Good {
                project: grant.project.clone(),
            },
        }
    }

    /// A request to the token endpoint.
    pub(crate) fn exchange(
        &self,
        head: &Parts,
        body: &[u8],
        now_secs: i64,
    ) -> Result<IssuedGrant, OauthError> {
        if head.method != http::Method::POST {
            return Err(OauthError::new(
                405,
                "invalid_request",
                "Method not allowed",
            ));
        }
        let form = read_form(head, body)?;
        match field(&form, "grant_type") {
            Some(GRANT_TYPE) => {}
            None => return Err(OauthError::invalid_request("Missing parameter: grant_type")),
            Some(other) => {
                let text = format!("Invalid grant_type: {other}");
                return Err(OauthError::new(400, "unsupported_grant_type", text));
            }
        }
        let assertion = field(&form, "assertion")
            .ok_or_else(|| OauthError::invalid_request("Missing parameter: assertion"))?;
        let (client_email, project) = self.verify(assertion, now_secs)?;
        let grant = format!("ya29.c.{}", ids::base64(48));
        let mut book = self.lock();
        let lifetime = book.lifetime_secs;
        let body = json!({
            "access_token": grant,
            "expires_in": lifetime,
            "token_type": "Bearer",
        });
        let expires = now_secs + lifetime;
        book.grants.insert(grant, Grant { project, expires });
        Ok(IssuedGrant {
            client_email,
            reply: Reply::json(StatusCode::OK, &body),
        })
    }

    /// The account behind an assertion, and its project.
    fn verify(&self, assertion: &str, now_secs: i64) -> Result<(String, String), OauthError> {
        let jwt = Jwt::parse(assertion)
            .ok_or_else(|| OauthError::invalid_grant("Invalid JWT: Failed to parse."))?;
        if jwt.header.typ.as_deref().is_some_and(|typ| typ != "JWT") {
            return Err(OauthError::invalid_grant("Invalid JWT: typ is not JWT."));
        }
        let email = jwt
            .text("iss")
            .ok_or_else(|| OauthError::invalid_grant("Invalid JWT: iss is missing."))?;
        let project = {
            let book = self.lock();
            let account = book
                .accounts
                .get(email)
                .ok_or_else(|| OauthError::invalid_grant("Invalid grant: account not found"))?;
            let kid = jwt.header.kid.as_deref();
            if kid.is_some_and(|kid| kid != account.key_id) {
                return Err(OauthError::invalid_grant("Invalid JWT Signature."));
            }
            account.project.clone()
        };
        if !jwt.is_signed_rs256(&service_key().verifying) {
            return Err(OauthError::invalid_grant("Invalid JWT Signature."));
        }
        if jwt.text("aud") != Some(&self.audience) {
            let text = format!(
                "Failed audience check. The right audience is {}",
                self.audience
            );
            return Err(OauthError::invalid_grant(text));
        }
        let (Some(issued), Some(expires)) = (jwt.seconds("iat"), jwt.seconds("exp")) else {
            return Err(OauthError::invalid_grant(TIMEFRAME));
        };
        let sane = issued <= now_secs + SKEW_SECS
            && expires > now_secs
            && expires > issued
            && expires - issued <= MAX_LIFETIME_SECS;
        if !sane {
            return Err(OauthError::invalid_grant(TIMEFRAME));
        }
        let scopes = jwt.text("scope").unwrap_or_default();
        let scoped = scopes.split(' ').any(|scope| SCOPES.contains(&scope));
        if !scoped {
            return Err(OauthError::new(
                400,
                "invalid_scope",
                "Invalid OAuth scope or ID token audience provided.",
            ));
        }
        Ok((email.to_owned(), project))
    }

    fn lock(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl OauthError {
    fn new(status: u16, error: &str, description: impl Into<String>) -> OauthError {
        OauthError {
            status,
            error: error.to_owned(),
            description: description.into(),
        }
    }

    fn invalid_grant(description: impl Into<String>) -> OauthError {
        OauthError::new(400, "invalid_grant", description)
    }

    fn invalid_request(description: &str) -> OauthError {
        OauthError::new(400, "invalid_request", description)
    }

    /// An injected refusal.
    pub(crate) fn injected(status: u16, error: Option<&str>) -> OauthError {
        let error = error.unwrap_or(match status {
            401 => "invalid_client",
            500..=599 => "internal_failure",
            _ => "invalid_grant",
        });
        let description = match error {
            "invalid_grant" => "Invalid JWT Signature.",
            "invalid_client" => "The OAuth client was not found.",
            "invalid_scope" => "Invalid OAuth scope or ID token audience provided.",
            _ => "Backend Error",
        };
        OauthError::new(status, error, description)
    }

    pub(crate) fn reply(&self) -> Reply {
        let body: Value = json!({
            "error": self.error,
            "error_description": self.description,
        });
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::BAD_REQUEST);
        Reply::json(status, &body)
    }
}

type Form = Vec<(String, String)>;

fn read_form(head: &Parts, body: &[u8]) -> Result<Form, OauthError> {
    let is_form = head
        .headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split(';').next())
        .is_some_and(|media| media.trim() == "application/x-www-form-urlencoded");
    if !is_form {
        return Err(OauthError::invalid_request(
            "Content-Type is not application/x-www-form-urlencoded",
        ));
    }
    let body =
        std::str::from_utf8(body).map_err(|_| OauthError::invalid_request("Body is not UTF-8"))?;
    body.split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            Some((unescape(name)?, unescape(value)?))
        })
        .collect::<Option<Form>>()
        .ok_or_else(|| OauthError::invalid_request("Bad percent-encoding"))
}

fn field<'a>(form: &'a Form, wanted: &str) -> Option<&'a str> {
    form.iter()
        .find(|(name, _)| name == wanted)
        .map(|(_, value)| value.as_str())
}

/// Undoes `application/x-www-form-urlencoded`.
fn unescape(text: &str) -> Option<String> {
    let mut bytes = text.bytes();
    let mut out = Vec::with_capacity(text.len());
    while let Some(byte) = bytes.next() {
        out.push(match byte {
            b'+' => b' ',
            b'%' => {
                let digit = |byte: u8| char::from(byte).to_digit(16);
                let (high, low) = (digit(bytes.next()?)?, digit(bytes.next()?)?);
                u8::try_from(high * 16 + low).ok()?
            }
            byte => byte,
        });
    }
    String::from_utf8(out).ok()
}

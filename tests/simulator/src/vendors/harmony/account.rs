//! Service accounts, and the JWTs that they sign for themselves: no endpoint gives a grant.
//! From "Service account key" and "Authentication by service account" of the console.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use rsa::pss::VerifyingKey;
use serde_json::{Value, json};

use super::error::Refusal;
use crate::credentials::ids;
use crate::credentials::jwt::Jwt;
use crate::credentials::pki::service_key;

/// The token endpoint, though nobody asks it; every JWT is for it.
pub(super) const AUDIENCE: &str = "https://oauth-login.cloud.huawei.com/oauth2/v3/token";
const MAX_LIFETIME_SECS: i64 = 86_400;
/// How far a sender's clock may be ahead; Huawei gives no number.
const AHEAD_SECS: i64 = 300;

#[derive(Default)]
pub(super) struct Accounts {
    book: Mutex<Book>,
}

#[derive(Default)]
struct Book {
    /// By key id.
    accounts: HashMap<String, Account>,
    /// JWTs whose signature was found good, by their text: senders reuse one for an hour.
    believed: HashMap<String, Claims>,
}

#[derive(Clone)]
struct Account {
    project: String,
    sub_account: String,
}

/// What a JWT says whose signature is right.
#[derive(Debug, Clone)]
struct Claims {
    project: String,
    issued: i64,
    expires: i64,
}

impl Accounts {
    /// Makes an account with a key and returns the JSON file of the console.
    pub(super) fn add(&self, project: &str) -> String {
        let key_id = ids::hex(16);
        let sub_account = ids::digits(9);
        let file = json!({
            "project_id": project,
            "key_id": key_id,
            "private_key": service_key().pem,
            "sub_account": sub_account,
            "auth_uri": "https://oauth-login.cloud.huawei.com/oauth2/v3/authorize",
            "token_uri": AUDIENCE,
            "auth_provider_cert_uri": "https://oauth-login.cloud.huawei.com/oauth2/v3/certs",
            "client_cert_uri": "https://oauth-login.cloud.huawei.com/oauth2/v3/x509?client_id=",
        });
        let account = Account {
            project: project.to_owned(),
            sub_account,
        };
        self.lock().accounts.insert(key_id, account);
        serde_json::to_string_pretty(&file).expect("a JSON value always has a text")
    }

    pub(super) fn remove(&self, key_id: &str) {
        let mut book = self.lock();
        book.accounts.remove(key_id);
        book.believed.clear();
    }

    /// Whether a JWT speaks for a project now.
    pub(super) fn check(&self, jwt: &str, project: &str, now_secs: i64) -> Result<(), Refusal> {
        let believed = self.lock().believed.get(jwt).cloned();
        let claims = match believed {
            Some(claims) => claims,
            None => self.believe(jwt)?,
        };
        if claims.issued > now_secs + AHEAD_SECS || claims.expires <= claims.issued {
            return Err(Refusal::authentication("iat or exp makes no sense"));
        }
        if claims.expires <= now_secs {
            return Err(Refusal::expired());
        }
        if claims.expires - claims.issued > MAX_LIFETIME_SECS {
            return Err(Refusal::lives_too_long());
        }
        match claims.project == project {
            true => Ok(()),
            false => Err(Refusal::authentication("The JWT is of another project")),
        }
    }

    /// The claims of a JWT that one of the accounts signed.
    fn believe(&self, text: &str) -> Result<Claims, Refusal> {
        let jwt = Jwt::parse(text).ok_or_else(|| Refusal::authentication("There is no JWT"))?;
        let account = self.signer(&jwt)?;
        let key = VerifyingKey::new(service_key().verifying.as_ref().clone());
        if !jwt.is_signed_ps256(&key) {
            return Err(Refusal::authentication("The signature is wrong"));
        }
        if jwt.text("iss") != Some(&account.sub_account) {
            return Err(Refusal::authentication("iss is not the sub-account"));
        }
        if jwt.text("aud") != Some(AUDIENCE) {
            return Err(Refusal::authentication("aud is not the token endpoint"));
        }
        // Seconds are whole here.
        let seconds = |claim| jwt.claims.get(claim).and_then(Value::as_i64);
        let (Some(issued), Some(expires)) = (seconds("iat"), seconds("exp")) else {
            return Err(Refusal::authentication("iat or exp is no integer"));
        };
        let claims = Claims {
            project: account.project,
            issued,
            expires,
        };
        let mut book = self.lock();
        book.believed.insert(text.to_owned(), claims.clone());
        Ok(claims)
    }

    /// The account that a JWT's header names.
    fn signer(&self, jwt: &Jwt<'_>) -> Result<Account, Refusal> {
        if jwt.header.typ.as_deref() != Some("JWT") {
            return Err(Refusal::authentication("typ is not JWT"));
        }
        let book = self.lock();
        let kid = jwt.header.kid.as_ref();
        kid.and_then(|kid| book.accounts.get(kid))
            .cloned()
            .ok_or_else(|| Refusal::authentication("kid is no key"))
    }

    fn lock(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

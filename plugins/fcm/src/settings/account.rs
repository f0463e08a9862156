//! The key file of a service account, and what people upload in its place.
//!
//! No text of the file ever enters a message: any of it may be the secret.

use std::borrow::Cow;
use std::fmt;

use nudged_plugin_api::{File, SettingError};
use rsa::RsaPrivateKey;
use rsa::pkcs1v15::SigningKey;
use rsa::pkcs8::DecodePrivateKey;
use rsa::sha2::Sha256;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::TOKEN_URI;

const KEY: &str = "service_account";
const GENERATE: &str = "in Firebase console, Project settings, Service accounts, press \
                        \"Generate new private key\" and give the whole JSON file";

/// Who signs: the parts of a service account's key file that are needed.
pub struct ServiceAccount {
    /// The account's address.
    pub client_email: String,
    /// Names the key among the account's keys.
    pub private_key_id: String,
    /// The account's own project.
    pub project_id: String,
    /// Where an assertion is exchanged for an access token.
    pub token_uri: String,
    /// Whether the settings, not the file, named `token_uri`.
    pub token_uri_overridden: bool,
    pub(crate) key: SigningKey<Sha256>,
}

/// Never shows the key.
impl fmt::Debug for ServiceAccount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServiceAccount")
            .field("client_email", &self.client_email)
            .field("private_key_id", &self.private_key_id)
            .field("project_id", &self.project_id)
            .field("token_uri", &self.token_uri)
            .finish_non_exhaustive()
    }
}

#[derive(Deserialize)]
struct KeyFile<'a> {
    #[serde(borrow)]
    project_id: Cow<'a, str>,
    #[serde(borrow)]
    private_key_id: Cow<'a, str>,
    #[serde(borrow)]
    private_key: Cow<'a, str>,
    #[serde(borrow)]
    client_email: Cow<'a, str>,
    #[serde(borrow, default)]
    token_uri: Cow<'a, str>,
}

impl ServiceAccount {
    /// Reads the file; `token_uri` is the setting that replaces the file's own.
    pub fn read(file: &File, token_uri: Option<&str>) -> Result<Self, SettingError> {
        let text = std::str::from_utf8(&file.contents)
            .map_err(|_| error("is a binary file, not the JSON key file", GENERATE))?
            .trim_start_matches('\u{feff}')
            .trim();
        let object = match serde_json::from_str(text) {
            Ok(Value::Object(object)) => object,
            Ok(_) => return Err(error("is JSON, but not an object", GENERATE)),
            Err(_) => return Err(not_json(text)),
        };
        check_type(&object)?;
        for field in [
            "project_id",
            "private_key_id",
            "private_key",
            "client_email",
        ] {
            match object.get(field) {
                Some(Value::String(text)) if !text.is_empty() => {}
                None => return Err(error(format!("has no field {field}"), GENERATE)),
                Some(_) => {
                    return Err(error(
                        format!("has a field {field} that is not a text, or is empty"),
                        GENERATE,
                    ));
                }
            }
        }
        let fields: KeyFile<'_> = serde_json::from_str(text)
            .map_err(|_| error("has a field of the wrong type", GENERATE))?;
        check_token_uri(&fields.token_uri, token_uri)?;
        if !fields.client_email.contains('@') {
            return Err(error("has a client_email that is not an address", GENERATE));
        }
        Ok(Self {
            key: SigningKey::new(private_key(&fields.private_key)?),
            client_email: fields.client_email.into_owned(),
            private_key_id: fields.private_key_id.into_owned(),
            project_id: fields.project_id.into_owned(),
            token_uri: token_uri.unwrap_or(TOKEN_URI).to_owned(),
            token_uri_overridden: token_uri.is_some(),
        })
    }
}

fn error(problem: impl Into<String>, remedy: &str) -> SettingError {
    SettingError::new(KEY, problem, remedy)
}

fn not_json(text: &str) -> SettingError {
    let one_word = !text.is_empty() && !text.contains(char::is_whitespace);
    if one_word && text.starts_with("AAAA") && text.contains(':') {
        error(
            "seems to be a legacy server key; Google switched off the API that took it in 2024",
            GENERATE,
        )
    } else if one_word && text.starts_with("AIza") {
        error(
            "seems to be an API key or an old legacy server key, which cannot send",
            GENERATE,
        )
    } else if text.starts_with("-----BEGIN") {
        error(
            "seems to be a bare PEM key or certificate, not the JSON key file around it",
            GENERATE,
        )
    } else if text.is_empty() {
        error("is empty", GENERATE)
    } else {
        error("is not JSON", GENERATE)
    }
}

fn check_type(object: &Map<String, Value>) -> Result<(), SettingError> {
    let has = |field| object.contains_key(field);
    let seems = if has("project_info") || has("mobilesdk_app_id") {
        "seems to be google-services.json, the configuration of the Android app, which cannot send"
    } else if has("apiKey") || has("messagingSenderId") {
        "seems to be the Firebase configuration of a web app, which cannot send"
    } else if has("installed") || has("web") {
        "seems to be an OAuth client secret, which cannot send without a user"
    } else {
        match object.get("type").and_then(Value::as_str) {
            Some("service_account") => return Ok(()),
            Some("authorized_user") => {
                "seems to be a user's own credentials (type authorized_user), not a service \
                 account's"
            }
            Some("external_account") => {
                "seems to be a workload identity configuration (type external_account), which \
                 needs a token from elsewhere"
            }
            Some(_) => "has a type other than service_account",
            None => "has no field type",
        }
    };
    Err(error(seems, GENERATE))
}

/// A file from elsewhere could have our signed assertion sent anywhere, so only the
/// operator may name another address.
fn check_token_uri(of_file: &str, of_settings: Option<&str>) -> Result<(), SettingError> {
    if of_settings.is_some() || of_file == TOKEN_URI {
        return Ok(());
    }
    if of_file.is_empty() {
        return Err(error("has no field token_uri", GENERATE));
    }
    Err(error(
        format!("has a token_uri that is not Google's {TOKEN_URI}"),
        "generate the file anew; if the other address is meant, set token_uri in the channel's \
         table to it",
    ))
}

fn private_key(pem: &str) -> Result<RsaPrivateKey, SettingError> {
    let label = |label: &str| pem.trim_start().starts_with(label);
    if let Ok(key) = RsaPrivateKey::from_pkcs8_pem(pem.trim()) {
        return Ok(key);
    }
    Err(if label("-----BEGIN RSA PRIVATE KEY-----") {
        error(
            "has a private_key in PKCS#1 form (BEGIN RSA PRIVATE KEY), expected PKCS#8 (BEGIN \
             PRIVATE KEY) as Google writes it",
            GENERATE,
        )
    } else if label("-----BEGIN ENCRYPTED PRIVATE KEY-----") {
        error(
            "has a private_key that is encrypted, expected one without a password",
            GENERATE,
        )
    } else if label("-----BEGIN EC PRIVATE KEY-----") {
        error(
            "has a private_key for elliptic curves, expected RSA: Google takes RS256 only",
            GENERATE,
        )
    } else if pem.contains("\\n") {
        error(
            "has a private_key whose line ends were escaped twice (\\\\n in the file)",
            "give the file as it was downloaded, without passing it through another program",
        )
    } else {
        error(
            "has a private_key that is not an RSA key in PKCS#8 PEM (BEGIN PRIVATE KEY)",
            GENERATE,
        )
    })
}

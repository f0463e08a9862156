//! The key file of a service account, and what people upload in its place.
//!
//! No text of the file ever enters a message: any of it may be the secret.

use std::fmt;

use nudged_driver_kit::keyfile::{self, NoObject};
use nudged_plugin_api::{File, SettingError};
use serde_json::{Map, Value};

use super::TOKEN_URI;
use crate::sign::Signer;

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
    pub(crate) key: Signer,
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

impl ServiceAccount {
    /// Reads the file; `token_uri` is the setting that replaces the file's own, and
    /// `elsewhere` says that the settings name every address.
    pub fn read(
        file: &File,
        token_uri: Option<&str>,
        elsewhere: bool,
    ) -> Result<Self, SettingError> {
        let object = match keyfile::object(&file.contents) {
            Ok(object) => object,
            Err(instead) => return Err(no_object(&file.contents, instead)),
        };
        check_type(&object)?;
        let project_id = field(&object, "project_id")?;
        let private_key_id = field(&object, "private_key_id")?;
        let private_key = field(&object, "private_key")?;
        let client_email = field(&object, "client_email")?;
        check_universe(&object, elsewhere)?;
        check_token_uri(&object, token_uri)?;
        if !client_email.contains('@') {
            return Err(error("has a client_email that is not an address", GENERATE));
        }
        Ok(Self {
            key: read_key(private_key)?,
            client_email: client_email.to_owned(),
            private_key_id: private_key_id.to_owned(),
            project_id: project_id.to_owned(),
            token_uri: token_uri.unwrap_or(TOKEN_URI).to_owned(),
            token_uri_overridden: token_uri.is_some(),
        })
    }
}

/// A text of the file. What surrounds it is a slip of whoever copied it.
fn field<'a>(object: &'a Map<String, Value>, name: &str) -> Result<&'a str, SettingError> {
    match object.get(name) {
        Some(Value::String(text)) if !text.trim().is_empty() => Ok(text.trim()),
        None => Err(error(format!("has no field {name}"), GENERATE)),
        Some(_) => Err(error(
            format!("has a field {name} that is not a text, or is empty"),
            GENERATE,
        )),
    }
}

fn error(problem: impl Into<String>, remedy: &str) -> SettingError {
    SettingError::new(KEY, problem, remedy)
}

fn no_object(contents: &[u8], instead: NoObject) -> SettingError {
    let text = keyfile::text(contents).unwrap_or_default();
    let text = text.trim();
    let one_word = !text.contains(char::is_whitespace);
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
    } else {
        error(instead.to_string(), GENERATE)
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
    } else if has("privateKey") && has("clientEmail") {
        "seems to be what Firebase's Admin SDK takes in a program (privateKey, clientEmail), not \
         the key file (private_key, client_email)"
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
            Some("impersonated_service_account") => {
                "seems to be a user's right to act for a service account (type \
                 impersonated_service_account), not the account's key"
            }
            Some(_) => "has a type other than service_account",
            None => "has no field type",
        }
    };
    Err(error(seems, GENERATE))
}

/// Other universes have addresses of their own, which only the operator can name.
fn check_universe(object: &Map<String, Value>, elsewhere: bool) -> Result<(), SettingError> {
    match object.get("universe_domain") {
        None | Some(Value::Null) => Ok(()),
        Some(Value::String(domain)) if matches!(domain.trim(), "" | "googleapis.com") => Ok(()),
        Some(_) if elsewhere => Ok(()),
        Some(_) => Err(error(
            "has a universe_domain that is not googleapis.com: it belongs to a cloud apart from \
             Google's public one, where messages would go",
            "give a service account of Google's public cloud, or set endpoint and token_uri in \
             the channel's table to the addresses of that cloud",
        )),
    }
}

/// Google's addresses for assertions. All but the first are of older key files and lead to the
/// same place; the first is what is used.
const TOKEN_URIS: [&str; 5] = [
    TOKEN_URI,
    "https://www.googleapis.com/oauth2/v4/token",
    "https://www.googleapis.com/oauth2/v3/token",
    "https://accounts.google.com/o/oauth2/token",
    "https://accounts.google.com/o/oauth2/v2/token",
];

/// A file from elsewhere could have our signed assertion sent anywhere, so only the
/// operator may name another address.
fn check_token_uri(
    object: &Map<String, Value>,
    of_settings: Option<&str>,
) -> Result<(), SettingError> {
    if of_settings.is_some() {
        return Ok(());
    }
    let of_file = field(object, "token_uri")?.trim_end_matches('/');
    if TOKEN_URIS.contains(&of_file) {
        return Ok(());
    }
    Err(error(
        format!("has a token_uri that is not Google's {TOKEN_URI}"),
        "generate the file anew; if the other address is meant, set token_uri in the channel's \
         table to it",
    ))
}

fn read_key(pem: &str) -> Result<Signer, SettingError> {
    let der = keyfile::rsa_key(pem).map_err(|problem| error(problem, GENERATE))?;
    Signer::new(&der).map_err(|problem| error(problem, GENERATE))
}

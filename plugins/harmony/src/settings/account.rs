//! The key file of a service account, and what people upload in its place.
//!
//! No text of the file ever enters a message: any of it may be the secret.

use std::fmt;

use nudged_driver_kit::keyfile;
use nudged_plugin_api::{File, SettingError};
use rsa::RsaPrivateKey;
use rsa::pkcs8::DecodePrivateKey;
use rsa::traits::PublicKeyParts;
use serde_json::{Map, Value};

use crate::sign::Signer;

const KEY: &str = "service_account";
const CREATE: &str = "in Huawei developer console, API services, credentials, create a service \
                      account key and give the whole JSON file";
/// Fewer bits sign nothing that a server should trust; Huawei's keys have 4096.
const MIN_BITS: usize = 2048;

/// Who signs: the parts of a service account's key file that are needed.
pub struct ServiceAccount {
    /// The project that messages go to, a part of the URL.
    pub project_id: String,
    /// Names the key among the account's keys.
    pub key_id: String,
    /// The account itself.
    pub sub_account: String,
    pub(crate) signer: Signer,
}

/// Never shows the key.
impl fmt::Debug for ServiceAccount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServiceAccount")
            .field("project_id", &self.project_id)
            .field("key_id", &self.key_id)
            .field("sub_account", &self.sub_account)
            .finish_non_exhaustive()
    }
}

impl ServiceAccount {
    /// Reads the file.
    pub fn read(file: &File) -> Result<Self, SettingError> {
        let object = keyfile::object(&file.contents)
            .map_err(|instead| error(instead.to_string(), CREATE))?;
        check_kind(&object)?;
        let project_id = field(&object, "project_id")?;
        let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
        if project_id.len() > 100 || !project_id.chars().all(fits) {
            return Err(error(
                "has a project_id with characters that no project id has, expected a number",
                CREATE,
            ));
        }
        Ok(Self {
            project_id,
            key_id: field(&object, "key_id")?,
            sub_account: field(&object, "sub_account")?,
            signer: signer(&field(&object, "private_key")?)?,
        })
    }
}

/// A text of the file; ids that somebody's JSON writer made numbers count too.
fn field(object: &Map<String, Value>, name: &str) -> Result<String, SettingError> {
    match object.get(name) {
        Some(Value::String(text)) if !text.trim().is_empty() => Ok(text.trim().to_owned()),
        Some(Value::Number(number)) if number.is_u64() => Ok(number.to_string()),
        None => Err(error(format!("has no field {name}"), CREATE)),
        Some(_) => Err(error(
            format!("has a field {name} that is not a text, or is empty"),
            CREATE,
        )),
    }
}

fn error(problem: impl Into<String>, remedy: &str) -> SettingError {
    SettingError::new(KEY, problem, remedy)
}

fn check_kind(object: &Map<String, Value>) -> Result<(), SettingError> {
    let has = |field| object.contains_key(field);
    let seems = if has("agcgw") || has("client") && has("app_info") {
        "seems to be agconnect-services.json, the configuration of the app, which cannot send"
    } else if has("client_email") || has("private_key_id") {
        "seems to be a key file of Google's, expected one of Huawei's"
    } else if has("client_secret") {
        "seems to be an OAuth client's id and secret; the driver huawei takes them, for Android \
         phones"
    } else {
        return Ok(());
    };
    Err(error(seems, CREATE))
}

fn signer(pem: &str) -> Result<Signer, SettingError> {
    let der = keyfile::rsa_key(pem).map_err(|problem| error(problem, CREATE))?;
    let Ok(key) = RsaPrivateKey::from_pkcs8_der(&der) else {
        return Err(error("has a private_key that is damaged", CREATE));
    };
    let bits = key.n().bits();
    if bits < MIN_BITS {
        return Err(error(
            format!("has a private_key of {bits} bits, expected 4096"),
            CREATE,
        ));
    }
    Signer::new(key).ok_or_else(|| {
        error(
            "has a private_key whose parts do not belong together",
            CREATE,
        )
    })
}

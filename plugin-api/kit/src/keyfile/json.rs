//! Key files that are a JSON object with a private key inside: service accounts.
//!
//! In: the bytes of the file. Out: the object, or what the file seems to be. Where JSON goes
//! wrong is told by line and column, never by what stands there.

use std::fmt;

use serde_json::{Map, Value};

use super::{Algorithm, Instead, algorithm, from_base64, has_block, pkcs8, text};

/// The object in a key file.
pub fn object(contents: &[u8]) -> Result<Map<String, Value>, NoObject> {
    let text = text(contents).ok_or(NoObject::Binary)?;
    let error = match serde_json::from_str(&text) {
        Ok(Value::Object(object)) => return Ok(object),
        Ok(Value::String(inner)) if inner.trim_start().starts_with('{') => {
            return Err(NoObject::Twice);
        }
        Ok(_) => return Err(NoObject::NotObject),
        Err(error) => error,
    };
    let inside = || from_base64(&text).filter(|inside| inside.trim_ascii_start().starts_with(b"{"));
    Err(if text.trim().is_empty() {
        NoObject::Empty
    } else if has_block(&text) && !text.contains('{') {
        NoObject::BarePem
    } else if text.trim_start().starts_with("<?xml") || text.contains("<plist") {
        NoObject::Plist
    } else if inside().is_some() {
        NoObject::Base64
    } else if error.to_string().starts_with("control character") {
        // Counted behind the line end.
        NoObject::LineBreak(
            error
                .line()
                .saturating_sub(usize::from(error.column() == 0)),
        )
    } else {
        NoObject::NotJson(error.line(), error.column())
    })
}

/// What a file is in place of a JSON object. Shown after the file's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NoObject {
    /// No text.
    Binary,
    /// Nothing in it.
    Empty,
    /// JSON of another kind.
    NotObject,
    /// The object's text, quoted.
    Twice,
    /// The object's text in base64.
    Base64,
    /// The key alone.
    BarePem,
    /// An Apple property list.
    Plist,
    /// A line break inside of a text, in this line.
    LineBreak(usize),
    /// Not JSON at this line and column.
    NotJson(usize, usize),
}

impl fmt::Display for NoObject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Binary => "is a binary file, not the JSON key file",
            Self::Empty => "is empty",
            Self::NotObject => "is JSON, but not an object",
            Self::Twice => "is JSON, but the object was put in quotes, as a text",
            Self::Base64 => "seems to be base64 of the JSON key file, which `base64 -d` undoes",
            Self::BarePem => {
                "seems to be a bare PEM key or certificate, not the JSON key file around it"
            }
            Self::Plist => {
                "seems to be a property list, the configuration of an app for iOS, which cannot \
                 send"
            }
            Self::LineBreak(line) => {
                return write!(
                    f,
                    "is not JSON: line {line} breaks within a text, where JSON has \\n"
                );
            }
            Self::NotJson(line, column) => {
                return write!(f, "is not JSON at line {line}, column {column}");
            }
        })
    }
}

/// The RSA key in a service account's `private_key`, PKCS#8 in DER; else what is wrong, to be
/// shown after the file's name.
pub fn rsa_key(private_key: &str) -> Result<Vec<u8>, String> {
    let der = match pkcs8(private_key.as_bytes()) {
        Ok(der) => der,
        Err(Instead::Empty) => return Err("has a private_key that is empty".to_owned()),
        Err(instead) => {
            return Err(format!(
                "has a private_key that seems to be {instead}, expected an RSA key in PKCS#8 PEM \
                 (BEGIN PRIVATE KEY)"
            ));
        }
    };
    match algorithm(&der) {
        Algorithm::Rsa => Ok(der),
        other => Err(format!(
            "has a private_key that seems to be {other}, expected an RSA key"
        )),
    }
}

//! A channel's configuration as its driver sees it: already of the declared types.

use std::collections::BTreeMap;
use std::fmt;

use zeroize::Zeroize;

use crate::error::SettingError;
use crate::frame::{frame, tagged};
use crate::time::Timestamp;

/// The values of a channel. Defaults are filled in; unknown keys, wrong types and
/// missing required keys were refused before.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Settings {
    values: BTreeMap<String, Value>,
}
frame!(Settings { 0 values });

impl Settings {
    /// No values.
    pub fn new() -> Self {
        Self::default()
    }

    /// With one more value.
    pub fn with(mut self, key: impl Into<String>, value: impl Into<Value>) -> Self {
        self.values.insert(key.into(), value.into());
        self
    }

    /// Without that value.
    pub fn without(mut self, key: &str) -> Self {
        self.values.remove(key);
        self
    }

    /// Whether there is such a value.
    pub fn has(&self, key: &str) -> bool {
        self.values.contains_key(key)
    }

    /// All values by key.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.values.iter().map(|(key, value)| (key.as_str(), value))
    }

    /// A text, choice or URL; an empty one is absent.
    pub fn text(&self, key: &str) -> Option<&str> {
        match self.values.get(key)? {
            Value::Text(text) if !text.is_empty() => Some(text),
            _ => None,
        }
    }

    /// An `https://` URL of a host and an optional path, without a slash at its end.
    pub fn url(&self, key: &str) -> Result<Option<&str>, SettingError> {
        let Some(url) = self.text(key) else {
            return Ok(None);
        };
        let rest = url.strip_prefix("https://").unwrap_or_default();
        let plain = |c: char| c.is_ascii_graphic() && !matches!(c, '?' | '#' | '@' | '\\' | '"');
        if rest.is_empty() || rest.starts_with(['/', ':']) || !rest.chars().all(plain) {
            return Err(SettingError::new(
                key,
                "is not an https:// URL of a host and an optional path",
                format!("write {key} like https://gateway.example.com, or leave it out"),
            ));
        }
        Ok(Some(url.trim_end_matches('/')))
    }

    /// A text, choice or URL that must be there.
    pub fn require_text(&self, key: &str) -> Result<&str, SettingError> {
        self.text(key).ok_or_else(|| missing(key))
    }

    /// What stands for the chosen word in `values`; none where the operator chose none.
    pub fn choice<T: Copy>(
        &self,
        key: &str,
        values: &[(&str, T)],
        remedy: &str,
    ) -> Result<Option<T>, SettingError> {
        let Some(word) = self.text(key) else {
            return Ok(None);
        };
        match values.iter().find(|(known, _)| *known == word) {
            Some((_, value)) => Ok(Some(*value)),
            None => {
                let names: Vec<_> = values.iter().map(|(name, _)| *name).collect();
                let problem = format!("is none of {}", names.join(", "));
                Err(SettingError::new(key, problem, remedy))
            }
        }
    }

    /// A secret that must be there, such as an `AppSecret` (`name`): printable ASCII, at most
    /// 256 bytes, some 32 as a rule. What surrounds it is a slip of the clipboard.
    pub fn require_secret(
        &self,
        key: &str,
        name: &str,
        remedy: &str,
    ) -> Result<&str, SettingError> {
        let secret = self.require_text(key)?.trim();
        let problem = if secret.is_empty() {
            "is empty".to_owned()
        } else if secret.len() > 256 {
            format!("is {} bytes long, expected some 32", secret.len())
        } else if !secret.bytes().all(|byte| byte.is_ascii_graphic()) {
            format!("has a space, line end or letter that no {name} has")
        } else {
            return Ok(secret);
        };
        Err(SettingError::new(key, problem, remedy))
    }

    /// An id of digits that must be there, such as `example`; at most 20 of them. What
    /// surrounds it is a slip of the clipboard.
    pub fn require_digits(
        &self,
        key: &str,
        example: &str,
        remedy: &str,
    ) -> Result<&str, SettingError> {
        let id = self.require_text(key)?.trim();
        if (1..=20).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_digit()) {
            return Ok(id);
        }
        let problem = format!("is not a number such as {example}");
        Err(SettingError::new(key, problem, remedy))
    }

    /// A number.
    pub fn integer(&self, key: &str) -> Option<i64> {
        match self.values.get(key)? {
            Value::Integer(number) => Some(*number),
            _ => None,
        }
    }

    /// A flag; absent is false.
    pub fn flag(&self, key: &str) -> bool {
        matches!(self.values.get(key), Some(Value::Boolean(true)))
    }

    /// A file's contents.
    pub fn file(&self, key: &str) -> Option<&File> {
        match self.values.get(key)? {
            Value::File(file) => Some(file),
            _ => None,
        }
    }

    /// A file's contents that must be there.
    pub fn require_file(&self, key: &str) -> Result<&File, SettingError> {
        self.file(key).ok_or_else(|| missing(key))
    }

    /// A client certificate.
    pub fn identity(&self, key: &str) -> Option<&Identity> {
        match self.values.get(key)? {
            Value::Identity(identity) => Some(identity),
            _ => None,
        }
    }
}

fn missing(key: &str) -> SettingError {
    SettingError::new(
        key,
        "is missing",
        format!("set {key} in the channel's table"),
    )
}

/// One value.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub enum Value {
    /// A text, choice or URL.
    Text(String),
    /// A number.
    Integer(i64),
    /// A flag.
    Boolean(bool),
    /// A file.
    File(File),
    /// A client certificate.
    Identity(Identity),
}
tagged!(Value { 0 Text(value), 1 Integer(value), 2 Boolean(value), 3 File(value), 4 Identity(value) });

/// Any text may be a secret, so none is shown.
impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Text(_) => "Text(…)",
            Self::Integer(_) => "Integer(…)",
            Self::Boolean(_) => "Boolean(…)",
            Self::File(_) => "File(…)",
            Self::Identity(_) => "Identity(…)",
        })
    }
}

impl Drop for Value {
    fn drop(&mut self) {
        if let Self::Text(text) = self {
            text.zeroize();
        }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}
impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}
impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Integer(number)
    }
}
impl From<bool> for Value {
    fn from(flag: bool) -> Self {
        Self::Boolean(flag)
    }
}
impl From<File> for Value {
    fn from(file: File) -> Self {
        Self::File(file)
    }
}
impl From<Identity> for Value {
    fn from(identity: Identity) -> Self {
        Self::Identity(identity)
    }
}

/// A file that a setting names.
#[derive(Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct File {
    /// Name for messages, without secrets.
    pub name: String,
    /// What is in it.
    pub contents: Vec<u8>,
}
frame!(File { 0 name, 1 contents });

impl File {
    /// A file by name and contents.
    pub fn new(name: impl Into<String>, contents: impl Into<Vec<u8>>) -> Self {
        Self {
            name: name.into(),
            contents: contents.into(),
        }
    }
}

/// What a file or a text holds may be a key.
impl Drop for File {
    fn drop(&mut self) {
        self.contents.zeroize();
    }
}

/// Never shows the contents.
impl fmt::Debug for File {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "File({}, {} bytes)", self.name, self.contents.len())
    }
}

/// A TLS client certificate, without its private key: that stays in the daemon.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Identity {
    /// Name of the file, for messages.
    pub name: String,
    /// The leaf certificate, DER.
    pub certificate: Vec<u8>,
    /// When the leaf expires.
    pub expires_at: Timestamp,
}
frame!(Identity { 0 name, 1 certificate, 2 expires_at });

impl Identity {
    /// A certificate as the daemon found it.
    pub fn new(name: impl Into<String>, certificate: Vec<u8>, expires_at: Timestamp) -> Self {
        Self {
            name: name.into(),
            certificate,
            expires_at,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_choice_is_what_stands_for_its_word() {
        let values = [("one", 1), ("two", 2)];
        let chosen = |settings: Settings| settings.choice("key", &values, "choose");
        assert_eq!(chosen(Settings::new()), Ok(None));
        assert_eq!(chosen(Settings::new().with("key", "two")), Ok(Some(2)));
        let error = chosen(Settings::new().with("key", "three")).unwrap_err();
        assert_eq!(
            error,
            SettingError::new("key", "is none of one, two", "choose")
        );
    }

    #[test]
    fn a_secret_is_one_printable_word_and_never_repeated() {
        let read = |text: &str| {
            let settings = Settings::new().with("key", text);
            let secret = settings.require_secret("key", "AppSecret", "copy it");
            secret.map(str::to_owned).map_err(|error| error.problem)
        };
        assert_eq!(read(" s3cret\n"), Ok("s3cret".to_owned()));
        for text in ["  ", "my secret", "geheim\u{e4}", &"x".repeat(257)] {
            let problem = read(text).unwrap_err();
            assert!(!problem.contains(text.trim()) || text.trim().is_empty());
        }
    }

    #[test]
    fn an_id_of_digits_has_nothing_else() {
        let read = |text: &str| {
            let settings = Settings::new().with("key", text);
            let id = settings.require_digits("key", "110000", "copy it");
            id.map(str::to_owned).ok()
        };
        assert_eq!(read(" 110000 ").as_deref(), Some("110000"));
        for text in ["", "a1", "1 2", "-1", "123456789012345678901"] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}

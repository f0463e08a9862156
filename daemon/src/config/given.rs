//! A value of a channel's settings as its file gives it. It may be a secret, whatever its key
//! says: nothing displays it, and its text is wiped when dropped.

use std::fmt;
use std::hash::{Hash, Hasher};

use serde::Deserialize;
use zeroize::{Zeroize, Zeroizing};

/// A value that nothing displays.
#[derive(Clone, PartialEq, Deserialize)]
#[serde(transparent)]
pub struct ConfigValue(toml::Value);

impl ConfigValue {
    /// It, if it is a text.
    pub fn as_str(&self) -> Option<&str> {
        self.0.as_str()
    }

    /// It, if it is a whole number.
    pub fn as_integer(&self) -> Option<i64> {
        self.0.as_integer()
    }

    /// It, if it is a flag.
    pub fn as_bool(&self) -> Option<bool> {
        self.0.as_bool()
    }

    /// The value that a driver writes in TOML as a setting's default.
    pub fn from_toml(text: &str) -> Option<Self> {
        let table: toml::Table = format!("value = {text}").parse().ok()?;
        table.get("value").cloned().map(Self)
    }

    /// It, as a file may write it; may be a secret.
    pub fn to_toml(&self) -> String {
        self.0.to_string()
    }

    /// What it is, such as `string`.
    pub fn type_str(&self) -> &'static str {
        self.0.type_str()
    }
}

impl From<toml::Value> for ConfigValue {
    fn from(value: toml::Value) -> Self {
        Self(value)
    }
}

/// Never shows it.
impl fmt::Debug for ConfigValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ConfigValue({})", self.0.type_str())
    }
}

impl Hash for ConfigValue {
    fn hash<H: Hasher>(&self, state: &mut H) {
        Zeroizing::new(self.to_toml()).hash(state);
    }
}

impl Drop for ConfigValue {
    fn drop(&mut self) {
        if let toml::Value::String(text) = &mut self.0 {
            text.zeroize();
        }
    }
}

/// A text that may hold a password; nothing displays it.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct SecretText(String);

impl SecretText {
    /// It, for its use only.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

/// Never shows it.
impl fmt::Debug for SecretText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretText(…)")
    }
}

impl Drop for SecretText {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_told_by_its_kind_only() {
        let given = ConfigValue::from(toml::Value::from("xiaomi-app-secret"));
        assert_eq!(format!("{given:?}"), "ConfigValue(string)");
        assert_eq!(given.as_str(), Some("xiaomi-app-secret"));
    }
}

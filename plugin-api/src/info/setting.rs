//! What a channel is configured with: the declarations by which the daemon reads a channel's file,
//! says what is wrong in it, and documents it.
//!
//! In: a driver's words. Out: data. The values that an operator gives are in `settings`.

use crate::frame::{frame, numbered};

/// One key of a channel's configuration.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Setting {
    /// Key in the channel's table: lower-case letters, digits, `_`.
    pub key: String,
    /// What its value is.
    pub kind: Kind,
    /// Refuse a channel without it. Goes with no default.
    pub required: bool,
    /// Never show its value. Goes with no default.
    pub secret: bool,
    /// Value when absent, in TOML's notation.
    pub default: Option<String>,
    /// Allowed values, for `Kind::Choice`.
    pub choices: Vec<String>,
    /// One sentence: what it is and where the vendor's console shows it.
    pub help: String,
    /// Other names that the vendor or people have for the same value; the driver gets it by
    /// `key`.
    pub aliases: Vec<String>,
    /// A field of the vendor's console that a server does not need: taken, never handed to the
    /// driver, and warned of with `help`, which says why.
    pub unneeded: bool,
}
frame!(Setting {
    0 key, 1 kind, 2 required, 3 secret, 4 default, 5 choices, 6 help, 7 aliases, 8 unneeded,
});

impl Setting {
    /// An optional setting.
    pub fn new(key: impl Into<String>, kind: Kind, help: impl Into<String>) -> Self {
        Self {
            key: key.into(),
            kind,
            help: help.into(),
            ..Self::default()
        }
    }

    /// A field of the vendor's console that a server does not need; `why` says what it is for,
    /// or what takes its place.
    pub fn unneeded(key: impl Into<String>, why: impl Into<String>) -> Self {
        Self {
            unneeded: true,
            ..Self::new(key, Kind::Text, why)
        }
    }

    /// Other names for the same value.
    pub fn aliases<const N: usize>(mut self, names: [&str; N]) -> Self {
        self.aliases = names.map(str::to_owned).to_vec();
        self
    }

    /// Refuse a channel without it.
    pub fn required(mut self) -> Self {
        self.required = true;
        self
    }

    /// Never show its value.
    pub fn secret(mut self) -> Self {
        self.secret = true;
        self
    }

    /// Value when absent, in TOML's notation: text in quotes.
    pub fn with_default(mut self, value: impl Into<String>) -> Self {
        self.default = Some(value.into());
        self
    }

    /// Allowed values; makes it a choice.
    pub fn choices<const N: usize>(mut self, values: [&str; N]) -> Self {
        self.kind = Kind::Choice;
        self.choices = values.map(str::to_owned).to_vec();
        self
    }
}

/// What a setting's value is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kind {
    /// Text.
    #[default]
    Text,
    /// A whole number.
    Integer,
    /// true or false.
    Boolean,
    /// One of the setting's `choices`.
    Choice,
    /// An `https://` URL that replaces the vendor's own; its host becomes allowed.
    Url,
    /// Path of a file; the driver gets its contents.
    File,
    /// Path of a TLS client certificate with its key, PEM or PKCS#12; the daemon
    /// presents it to the vendor and the driver gets the certificates without the key.
    /// The password of a PKCS#12 file is the text setting `KEY_password`.
    Identity,
}
numbered!(Kind {
    0 Text, 1 Integer, 2 Boolean, 3 Choice, 4 Url, 5 File, 6 Identity,
} else Text);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::{from_bytes, to_bytes};

    #[test]
    fn other_names_cross_the_boundary_and_an_older_driver_has_none() {
        let plain = Setting::new("app_id", Kind::Text, "Id.");
        let read: Setting = from_bytes(&to_bytes(&plain)).expect("readable");
        assert!(read.aliases.is_empty() && !read.unneeded);
        for setting in [
            plain.aliases(["client_id", "id"]),
            Setting::unneeded("app_key", "For phones."),
        ] {
            let read: Setting = from_bytes(&to_bytes(&setting)).expect("readable");
            assert_eq!(read, setting);
        }
    }
}

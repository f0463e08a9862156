//! How devices and tokens are keyed: parts ended by a zero byte, which no part contains.

use sha2::{Digest, Sha256};

use crate::model::CertificateId;

/// Which device: unique inside its app and user.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeviceKey {
    /// The tenant.
    pub app: String,
    /// The user.
    pub user: String,
    /// The device.
    pub device: String,
}

/// A name that cannot be part of a key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// Nothing there.
    #[error("must not be empty")]
    Empty,
    /// Too long.
    #[error("is {0} bytes long, at most {max} are allowed", max = DeviceKey::MAX_BYTES)]
    TooLong(usize),
    /// A character that names do not have.
    #[error("must not contain control characters")]
    Control,
    /// What stands for a character that could not be read, of which each looks like all others.
    #[error(
        "must not contain an unpaired surrogate, nor U+FFFD, which stands for one: two names could be taken for the same"
    )]
    Replacement,
}

/// Bytes of a token's digest.
const DIGEST: usize = 16;
/// What the keys of devices with dead tokens begin with.
const DEAD_INDEX: u8 = 1;
/// Where it is written, among the tokens, between which channels phones were parted: no name
/// begins with a zero byte.
pub(super) const SEPARATED: &[u8] = b"\0accounts";
/// What no name begins with: names are printable, and nothing comes after them.
pub(super) const NAMES: ([u8; 1], [u8; 1]) = ([b' '], [0xff]);

impl DeviceKey {
    /// Longest name of an app, user or device, in bytes.
    pub const MAX_BYTES: usize = 256;

    /// Whether a text can be the name of an app, user or device.
    pub fn check(name: &str) -> Result<(), KeyError> {
        if name.is_empty() {
            return Err(KeyError::Empty);
        }
        if name.len() > Self::MAX_BYTES {
            return Err(KeyError::TooLong(name.len()));
        }
        if name.chars().any(char::is_control) {
            return Err(KeyError::Control);
        }
        if name.contains(char::REPLACEMENT_CHARACTER) {
            return Err(KeyError::Replacement);
        }
        Ok(())
    }

    pub(super) fn bytes(&self) -> Vec<u8> {
        let mut key = Self::of_user(&self.app, &self.user);
        key.extend_from_slice(self.device.as_bytes());
        key
    }

    pub(super) fn of_app(app: &str) -> Vec<u8> {
        [app.as_bytes(), &[0]].concat()
    }

    /// No key of the app comes after it.
    pub(super) fn end_of_app(app: &str) -> Vec<u8> {
        [app.as_bytes(), &[1]].concat()
    }

    pub(super) fn read(bytes: &[u8]) -> Self {
        let mut parts = bytes.splitn(3, |byte| *byte == 0);
        let mut part = || String::from_utf8_lossy(parts.next().unwrap_or_default()).into_owned();
        Self {
            app: part(),
            user: part(),
            device: part(),
        }
    }

    pub(super) fn of_user(app: &str, user: &str) -> Vec<u8> {
        [app.as_bytes(), &[0], user.as_bytes(), &[0]].concat()
    }

    /// Where it is written whose a token is. Tokens are long and written with the device, so
    /// here stands a digest: 128 bits of SHA-256, of which no two tokens have the same.
    pub(super) fn token(app: &str, channel: CertificateId, token: &str) -> Vec<u8> {
        let digest = Sha256::digest(token.as_bytes());
        [
            app.as_bytes(),
            &[0],
            &channel.0.to_be_bytes(),
            &digest[..DIGEST],
        ]
        .concat()
    }

    /// Where it is written whose dead token it is; no name begins with a zero byte.
    pub(super) fn dead_token(token: &[u8]) -> Vec<u8> {
        [&[0], token].concat()
    }

    /// Where it is written that a device which is there has dead tokens of one kind; no name
    /// begins with such a byte either.
    pub(super) fn dead_index(key: &[u8]) -> Vec<u8> {
        [&[DEAD_INDEX], key].concat()
    }

    /// Whose it is.
    pub(super) fn read_dead_index(bytes: &[u8]) -> Self {
        Self::read(bytes.strip_prefix(&[DEAD_INDEX]).unwrap_or(bytes))
    }
}

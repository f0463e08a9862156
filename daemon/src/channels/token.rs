//! Whether a text can be a token of any vendor. Pure.
//!
//! In: a text, and the path of the field that it stands in. Out: what is wrong with it, before its
//! driver is asked. Refuses to know what one vendor's tokens look like: [`RefusedToken`] is what
//! the driver says of that.

use nudged_plugin_api::EncodeError;

use super::mangled::MangledText;

/// Largest token, in bytes.
pub const MAX_TOKEN_BYTES: usize = 4096;

/// A text that is no token of any vendor.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{problem}")]
pub struct TokenError {
    pub field: String,
    /// What is wrong with it.
    pub problem: TokenProblem,
}

/// What is wrong with a text that should be a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenProblem {
    #[error("must not be empty")]
    Empty,
    #[error("is {bytes} bytes long, at most {MAX_TOKEN_BYTES} are allowed")]
    TooLong { bytes: usize },
    #[error("must not contain control characters")]
    ControlCharacter,
    #[error("{0}")]
    Mangled(MangledText),
}

/// A token that its vendor's driver refuses.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", error.problem)]
pub struct RefusedToken {
    pub field: String,
    pub vendor: String,
    /// What its driver says.
    pub error: EncodeError,
}

impl TokenProblem {
    /// What is wrong with a text, if it can be no token.
    pub fn of(token: &str) -> Option<Self> {
        if token.is_empty() {
            return Some(Self::Empty);
        }
        if token.len() > MAX_TOKEN_BYTES {
            let bytes = token.len();
            return Some(Self::TooLong { bytes });
        }
        if token.chars().any(char::is_control) {
            return Some(Self::ControlCharacter);
        }
        MangledText::of_token(token).map(Self::Mangled)
    }
}

/// Whether a text can be a token of any vendor.
pub fn check_token(token: &str, field: &str) -> Result<(), TokenError> {
    match TokenProblem::of(token) {
        None => Ok(()),
        Some(problem) => Err(TokenError {
            field: field.to_owned(),
            problem,
        }),
    }
}

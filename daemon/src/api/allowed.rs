//! What a peer hears that may not do what it asks for.

use nudged_wire::{Code, Problem};

use crate::access::{Denied, FoundError};

impl From<Denied> for Problem {
    fn from(denied: Denied) -> Self {
        Self::new(Code::Forbidden, denied.to_string())
            .hint("the operator allows it with an [[access]] rule in nudged.toml")
    }
}

/// Of what may not be known, the answer is the same as of what is not there.
pub fn problem(error: FoundError, unknown: impl FnOnce() -> Problem) -> Problem {
    match error {
        FoundError::Denied(denied) => denied.into(),
        FoundError::Hidden => unknown(),
    }
}

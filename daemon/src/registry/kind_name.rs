//! Which of a device's tokens is meant, besides its own.
//!
//! In: what a report or a stored token says it is for. Out: whether the two are the same.

use crate::model::{KindToken, Purpose};

/// Which token of a device it is, besides its own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KindName {
    /// What it takes.
    pub purpose: Purpose,
    /// For [`Purpose::LiveActivity`]: of which.
    pub activity: Option<String>,
}

impl KindName {
    pub(super) fn of(token: &KindToken) -> Self {
        Self {
            purpose: token.purpose,
            activity: token.activity.clone(),
        }
    }

    pub(super) fn names(&self, token: &KindToken) -> bool {
        token.is(self.purpose, self.activity.as_deref())
    }
}

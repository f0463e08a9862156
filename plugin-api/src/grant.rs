//! Short-lived access tokens that a vendor gives, or lets us make, for a credential.

use std::fmt;

use crate::frame::{frame, tagged};
use crate::http::HttpRequest;
use crate::time::Timestamp;

/// A short-lived access token.
#[derive(Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Grant {
    /// The token itself.
    pub value: String,
    /// When it was made.
    pub issued_at: Timestamp,
    /// From here on the daemon fetches the next one, while this one still works.
    pub refresh_at: Timestamp,
    /// From here on it is useless.
    pub expires_at: Timestamp,
    /// The vendor punishes a new one before this moment, even after a refusal.
    pub not_again_before: Timestamp,
}
frame!(Grant { 0 value, 1 issued_at, 2 refresh_at, 3 expires_at, 4 not_again_before });

impl Grant {
    /// A grant that works from `now` for `seconds` and is renewed when a tenth of its
    /// life, at least a minute and at most five, is left.
    pub fn new(value: impl Into<String>, now: Timestamp, seconds: u64) -> Self {
        let early = (seconds / 10).clamp(60, 300).min(seconds / 2);
        Self {
            value: value.into(),
            issued_at: now,
            refresh_at: now.plus_seconds(seconds - early),
            expires_at: now.plus_seconds(seconds),
            not_again_before: now,
        }
    }

    /// Sets the moment of renewal, in seconds after issue.
    pub fn refresh_after(mut self, seconds: u64) -> Self {
        self.refresh_at = self.issued_at.plus_seconds(seconds);
        self
    }

    /// Sets how long after issue a new one is punished, in seconds.
    pub fn not_again_for(mut self, seconds: u64) -> Self {
        self.not_again_before = self.issued_at.plus_seconds(seconds);
        self
    }
}

/// Never shows the token.
impl fmt::Debug for Grant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Grant")
            .field("issued_at", &self.issued_at)
            .field("refresh_at", &self.refresh_at)
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

/// How a channel comes by a grant.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Authorize {
    /// The vendor wants none: every request carries its own proof.
    #[default]
    NotNeeded,
    /// Made on the spot, such as a signed JWT.
    Ready(Grant),
    /// Asked of the vendor; the answer goes to `authorized`.
    Fetch(HttpRequest),
}
tagged!(Authorize { 0 NotNeeded, 1 Ready(value), 2 Fetch(value) });

//! A notification that was revoked, and what came of recalling an accepted delivery.

use nudged_plugin_api::{Timestamp, frame};

/// A notification that is not to be sent any more.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Revocation {
    /// Since when.
    pub at: Timestamp,
    /// When the notification expires, and nothing of it is sent anyway.
    pub expires_at: Timestamp,
}
frame!(Revocation { 0 at, 1 expires_at });

/// What came of recalling an accepted delivery.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RecallResult {
    /// Whether the vendor took it back.
    pub done: bool,
    /// The vendor's code, or ours where no vendor spoke.
    pub code: String,
    /// The vendor's description, or ours.
    pub text: String,
    pub remedy: String,
    pub at: Timestamp,
}
frame!(RecallResult { 0 done, 1 code, 2 text, 3 remedy, 4 at });

//! What a vendor said of a token, for which it was removed.

use nudged_plugin_api::{Scope, Timestamp, frame};

use super::DeliveryId;

/// What the vendor said of a token.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Evidence {
    /// When the device was removed for it.
    pub at: Timestamp,
    /// The delivery that it was said of.
    pub delivery: DeliveryId,
    /// The vendor's code.
    pub code: String,
    /// The vendor's description.
    pub text: String,
    /// Since when the token is dead, when the vendor says so.
    pub dead_since: Option<Timestamp>,
    /// What the verdict is about; `Credential`: it may have been the settings' fault.
    pub scope: Scope,
    /// Under which settings of the channel it was said; 0 = not known.
    pub settings: u64,
}
frame!(Evidence { 0 at, 1 delivery, 2 code, 3 text, 4 dead_since, 5 scope, 6 settings });

/// A vendor's code and its description as one text: `code: text`, or the code alone.
pub fn code_and_text(code: &str, text: &str) -> String {
    let colon = if text.is_empty() { "" } else { ": " };
    format!("{code}{colon}{text}")
}

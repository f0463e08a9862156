//! APNs's reasons: what each means, and what to do about it.
//!
//! In: an HTTP status and a reason. Out: its rule. The table is the kit's, as FCM passes on what APNs
//! says of an iPhone, in the same words.

pub(crate) use nudged_driver_kit::apple::REASONS;
use nudged_driver_kit::reasons::Rule;

/// What a refusal means. An empty `code` is none.
pub(crate) fn judge(status: u16, code: &str) -> Rule {
    REASONS.judge(status, code)
}

#[cfg(test)]
nudged_driver_kit::tables_hold!(crate::Apns, "reasons" => REASONS);

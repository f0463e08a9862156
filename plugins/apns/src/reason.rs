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
mod tests {
    use nudged_driver_kit::test::{readme_says, reasons_hold};

    use super::REASONS;
    use crate::Apns;

    #[test]
    fn each_reason_stands_once_and_the_remedies_have_one_voice() {
        reasons_hold(&[&REASONS]);
    }

    #[test]
    fn the_readme_says_what_the_driver_says() {
        let tables = [("reasons", REASONS.markdown())];
        readme_says::<Apns>(env!("CARGO_MANIFEST_DIR"), &tables);
    }
}

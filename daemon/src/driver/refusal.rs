//! What it means that a driver makes no request of a message: the same for who previews it and for
//! who reads the trace of its delivery. Pure.
//!
//! In: the driver's refusal, or its failure. Out: code, text and remedy. Refuses to know whether
//! anything was to be sent.

use nudged_plugin_api::EncodeError;

use crate::model::written_at;

/// Code of a driver that panicked, or did not answer the call.
pub const FAILED: &str = "driver_failed";

/// What to do about a driver that fails.
pub const FAILED_REMEDY: &str = "report this to the driver's author, or install a newer driver";

/// Why a message is not sent: its driver knows that the vendor would refuse it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EncodeRefusal {
    pub code: String,
    /// Where the caller wrote what is at fault, and what is wrong with it.
    pub text: String,
    pub remedy: &'static str,
}

impl EncodeRefusal {
    /// What a refusal of this vendor's driver means.
    pub fn of(error: EncodeError, vendor: &str) -> Self {
        // A token stands in no message.
        let (field, remedy) = match error.is_about_token() {
            true => (
                error.field,
                "have the app report its token again; the vendor was not asked",
            ),
            false => (
                written_at(&error.field, vendor),
                "change the notification; the vendor was not asked",
            ),
        };
        Self {
            code: error.code,
            text: format!("{field}: {}", error.problem),
            remedy,
        }
    }
}

#[cfg(test)]
mod tests {
    use nudged_plugin_api::{bad_option, bad_token};

    use super::*;

    #[test]
    fn a_refusal_names_the_field_that_the_caller_wrote_and_who_can_mend_it() {
        let option = EncodeRefusal::of(bad_option("ttl", "is no number"), "acme");
        assert_eq!(option.text, "options.acme.ttl: is no number");
        assert!(option.remedy.starts_with("change the notification"));
        let token = EncodeRefusal::of(bad_token("is short"), "acme");
        assert_eq!(token.text, "token: is short");
        assert!(token.remedy.starts_with("have the app report its token"));
    }
}

//! What a driver may refuse: settings, and messages that its vendor could not take.

use crate::frame::frame;

/// A setting that is missing, malformed or does not fit the others.
#[derive(Clone, Debug, Default, PartialEq, Eq, thiserror::Error)]
#[error("{setting}: {problem}")]
#[non_exhaustive]
pub struct SettingError {
    /// Key of the setting at fault.
    pub setting: String,
    /// What is wrong and what was expected. Never a secret's text.
    pub problem: String,
    /// What to do, one sentence.
    pub remedy: String,
}
frame!(SettingError { 0 setting, 1 problem, 2 remedy });

impl SettingError {
    /// Names the setting, what is wrong with it, and what to do.
    pub fn new(
        setting: impl Into<String>,
        problem: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Self {
            setting: setting.into(),
            problem: problem.into(),
            remedy: remedy.into(),
        }
    }
}

/// A message that this vendor cannot be given: it would be refused for sure.
#[derive(Clone, Debug, Default, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {problem}")]
#[non_exhaustive]
pub struct EncodeError {
    /// Path of the field at fault, such as `options.apns.relevance_score`.
    pub field: String,
    /// What is wrong and what was expected, with the limit and the value's size.
    pub problem: String,
    /// Name of the limit or rule, stable, such as `PayloadTooLarge`.
    pub code: String,
}
frame!(EncodeError { 0 field, 1 problem, 2 code });

impl EncodeError {
    /// Names the rule, the field and what is wrong with it.
    pub fn new(
        code: impl Into<String>,
        field: impl Into<String>,
        problem: impl Into<String>,
    ) -> Self {
        Self {
            field: field.into(),
            problem: problem.into(),
            code: code.into(),
        }
    }

    /// Whether a device's token is at fault: then the same message may do for other devices.
    pub fn is_about_token(&self) -> bool {
        self.part() == "token"
    }

    /// Whether the vendor's own options are at fault.
    pub fn is_about_options(&self) -> bool {
        self.part() == "options"
    }

    /// What the path begins with.
    fn part(&self) -> &str {
        self.field.split(['.', '[']).next().unwrap_or_default()
    }
}

/// Refuses one of the vendor's own options by its path, such as `ring.volume`; an empty
/// path is the whole object. The code is `BadOption`, whatever the driver.
pub fn bad_option(path: &str, problem: impl Into<String>) -> EncodeError {
    let dot = if path.is_empty() { "" } else { "." };
    EncodeError::new("BadOption", format!("options{dot}{path}"), problem)
}

/// Refuses a device's token. The code is `BadToken`, whatever the driver.
pub fn bad_token(problem: impl Into<String>) -> EncodeError {
    EncodeError::new("BadToken", "token", problem)
}

/// Code of [`too_large`], by which [`fit`](crate::fit::fitted) knows that less would pass.
pub const TOO_LARGE: &str = "PayloadTooLarge";

/// Refuses a message that is longer than its vendor takes: `field` is the part at fault, or
/// `message`; `unit` is what is counted, such as `bytes without its tokens`. The code is
/// `PayloadTooLarge`, whatever the driver.
pub fn too_large(field: &str, size: usize, most: usize, unit: &str) -> EncodeError {
    let problem = format!("takes {size} {unit}, the limit is {most}");
    EncodeError::new(TOO_LARGE, field, problem)
}

/// Refuses what a tap is to do. The code is `BadClick`, whatever the driver.
pub fn bad_click(problem: impl Into<String>) -> EncodeError {
    EncodeError::new("BadClick", "click", problem)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_option_is_named_by_its_path() {
        let error = bad_option("ring.volume", "is over 100");
        assert_eq!(
            error,
            EncodeError::new("BadOption", "options.ring.volume", "is over 100")
        );
        let whole = bad_option("", "is not a JSON object");
        assert_eq!(whole.field, "options");
        assert!(error.is_about_options() && whole.is_about_options());
        assert!(bad_token("is short").is_about_token());
        assert!(!EncodeError::new("Odd", "tokens", "are many").is_about_token());
    }
}

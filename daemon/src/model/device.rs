use nudged_plugin_api::{Timestamp, frame};

use super::CertificateId;

/// One login of a user on one phone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Device {
    /// The channel that reaches it.
    pub channel: CertificateId,
    /// The vendor's token.
    pub token: String,
    /// The phone's system, as the app reported it.
    pub platform: Option<String>,
    /// When this token was last reported.
    pub registered_at: Timestamp,
}
frame!(Device { 0 channel, 1 token, 2 platform, 3 registered_at });

/// A token as it may be shown: enough to recognise, too little to use.
pub fn masked(token: &str) -> String {
    let count = token.chars().count();
    if count < 16 {
        return "…".to_owned();
    }
    let head: String = token.chars().take(4).collect();
    let tail: String = token.chars().skip(count - 4).collect();
    format!("{head}…{tail}")
}

#[cfg(test)]
mod tests {
    use super::masked;

    #[test]
    fn a_token_is_never_shown_whole() {
        assert_eq!(masked("0123456789abcdef"), "0123…cdef");
        assert_eq!(masked("short"), "…");
        assert_eq!(masked("ключключключключ"), "ключ…ключ");
    }
}

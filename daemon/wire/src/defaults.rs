//! Where a daemon is found, and how its things are named, unless told otherwise.

/// The main file of the configuration; `channels.d` is beside it.
pub const MAIN_FILE: &str = "/etc/nudged/nudged.toml";

/// The socket.
pub const SOCKET: &str = "/run/nudged/nudged.sock";

/// Whether a text can name a channel or an app: 1 to 64 ASCII letters, digits, `-` and `_`.
pub fn is_name(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

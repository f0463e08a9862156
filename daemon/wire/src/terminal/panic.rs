//! Panics as lines of the log.
//!
//! In: a panic anywhere in the process. Out: one line with thread, place and words, however
//! many lines the words had. A panic quotes what it stumbled over, which may be a secret or a
//! token: what is long and without a gap is not shown. Changes nothing else about panics.

use std::any::Any;
use std::panic::{self, PanicHookInfo};

use super::plain::plain;

/// Characters of a panic that are shown.
const LONGEST: usize = 300;
/// From here on a run of letters and digits is taken for a key or a token.
const SECRET: usize = 24;

/// From now on a panic is a line on stderr, for a program that does not log.
pub fn print() {
    panic::set_hook(Box::new(|info| {
        let (thread, place, text) = parts(info);
        eprintln!("panicked at {place} in thread {thread}: {text}");
    }));
}

/// The thread, the place and the words of a panic.
pub fn parts(info: &PanicHookInfo<'_>) -> (String, String, String) {
    let thread = std::thread::current();
    let thread = thread.name().unwrap_or("unnamed").to_owned();
    let place = info.location().map(ToString::to_string);
    let place = place.unwrap_or_else(|| "unknown".to_owned());
    (thread, place, told(words(info.payload())))
}

fn words(payload: &(dyn Any + Send)) -> &str {
    let owned = payload.downcast_ref::<String>().map(String::as_str);
    let fixed = payload.downcast_ref::<&str>().copied();
    owned.or(fixed).unwrap_or("without words")
}

/// On one line, without what may be secret.
fn told(words: &str) -> String {
    let mut shown = String::new();
    let mut rest = words;
    while !rest.is_empty() && shown.chars().count() < LONGEST {
        let run = rest.find(|c| !is_of_secrets(c)).unwrap_or(rest.len());
        match rest[..run].chars().count() {
            long if long >= SECRET => shown.push_str(&format!("[{long} characters]")),
            _ => shown.push_str(&plain(&rest[..run])),
        }
        let gap = rest[run..].find(is_of_secrets).unwrap_or(rest.len() - run);
        shown.push_str(&plain(&rest[run..run + gap]));
        rest = &rest[run + gap..];
    }
    if !rest.is_empty() || shown.chars().count() > LONGEST {
        shown = shown.chars().take(LONGEST).chain(['…']).collect();
    }
    shown
}

/// What base64, hexadecimal digits and vendors' tokens are made of.
fn is_of_secrets(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '=' | '_' | '-' | '~')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_stays_one_line_and_keeps_its_secrets() {
        let bounds = "index out of bounds: the len is 3 but the index is 5";
        assert_eq!(told(bounds), bounds);
        assert_eq!(
            told("a\nnudged: ready\u{1b}[2J"),
            r"a\nnudged: ready\u{1b}[2J"
        );
        let key = "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg";
        assert_eq!(
            told(&format!("`Err`: Bad(\"-----BEGIN\\n{key}\")")),
            r#"`Err`: Bad("-----BEGIN\[49 characters]")"#,
        );
        let long = told(&"word ".repeat(1000));
        assert_eq!(long.chars().count(), LONGEST + 1);
        assert_eq!(told("用户 \u{202e}x"), r"用户 \u{202e}x");
        assert_eq!(told(""), "");
    }

    #[test]
    fn words_of_both_kinds_are_found() {
        assert_eq!(words(&"fixed"), "fixed");
        assert_eq!(words(&"made".to_owned()), "made");
        assert_eq!(words(&7), "without words");
    }
}

//! A vendor's own options, read with serde.

use serde::Deserialize;

use nudged_plugin_api::{EncodeError, Message, bad_option};

/// The message's options as `T`; its default when the sender wrote none. Fails with the path of the
/// key at fault.
pub fn read<'a, T: Deserialize<'a> + Default>(message: &'a Message) -> Result<T, EncodeError> {
    let Some(text) = message.options.as_deref().filter(|text| !text.is_empty()) else {
        return Ok(T::default());
    };
    if !text.trim_start().starts_with('{') {
        return Err(bad_option("", "is not a JSON object"));
    }
    serde_json::from_str(text).map_err(|_| diagnose::<T>(text))
}

/// Reads again, slowly, to learn the path of the wrong key.
fn diagnose<'a, T: Deserialize<'a>>(text: &'a str) -> EncodeError {
    let mut from = serde_json::Deserializer::from_str(text);
    match serde_path_to_error::deserialize::<_, T>(&mut from) {
        Ok(_) => match from.end() {
            Ok(()) => bad_option("", "is not what was expected"),
            Err(error) => bad_option("", words(&error)),
        },
        Err(error) => {
            let path = error.path().to_string();
            // "." is the whole, "?" a key that could not be read.
            let path = path.trim_end_matches('?').trim_end_matches('.');
            bad_option(path, words(error.inner()))
        }
    }
}

/// The error in one short line, without the place: the path says more.
fn words(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let text = text.split(" at line ").next().unwrap_or(&text);
    crate::text::clip(text.replace(['\n', '\r'], " "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Default, PartialEq, Deserialize)]
    #[serde(deny_unknown_fields, default)]
    struct Options {
        level: Option<u8>,
        inner: Option<Inner>,
    }

    #[derive(Debug, Default, PartialEq, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Inner {
        on: bool,
    }

    fn read(text: &str) -> Result<Options, (String, String)> {
        let mut message = Message::default();
        message.options = Some(text.to_owned());
        super::read(&message).map_err(|error: EncodeError| (error.field, error.problem))
    }

    #[test]
    fn options_are_read_and_absent_ones_are_the_default() {
        let none = Message::default();
        assert_eq!(super::read(&none), Ok(Options::default()));
        assert_eq!(read(""), Ok(Options::default()));
        assert_eq!(read(r#"{"level":3}"#).unwrap().level, Some(3));
    }

    #[test]
    fn an_error_names_the_path_of_its_key() {
        let field = |text| read(text).unwrap_err().0;
        assert_eq!(field(r#"{"level":"high"}"#), "options.level");
        assert_eq!(field(r#"{"inner":{"on":1}}"#), "options.inner.on");
        assert_eq!(field(r#"{"inner":{"onn":true}}"#), "options.inner.onn");
        assert_eq!(field("[1]"), "options");
        assert_eq!(field("{"), "options");
        assert_eq!(field("{} {}"), "options");
        let (_, problem) = read(r#"{"level":"high"}"#).unwrap_err();
        assert!(
            problem.contains("expected u8") && !problem.contains("line"),
            "{problem}"
        );
    }
}

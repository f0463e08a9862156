//! What is different between a request and the one of a golden file.
//!
//! In: what a driver made, and what a case expects.
//! Out: one line for every difference, with its place.

use serde_json::Value;

use super::case::{Part, Request};
use nudged_plugin_api::HttpRequest;

/// Differences so far.
#[derive(Default)]
pub struct Differences {
    lines: Vec<String>,
}

impl Differences {
    pub fn add(&mut self, place: &str, what: &str) {
        self.lines.push(format!("{place}: {what}"));
    }

    pub fn into_vec(self) -> Vec<String> {
        self.lines
    }

    pub fn text(&mut self, place: &str, got: &str, expected: &str) {
        if got != expected {
            self.add(place, &format!("got {got:?}, expected {expected:?}"));
        }
    }

    /// Lists of texts, in their order.
    pub fn lines(&mut self, place: &str, got: &[String], expected: &[String]) {
        for index in 0..got.len().max(expected.len()) {
            let place = format!("{place}[{index}]");
            match (got.get(index), expected.get(index)) {
                (Some(got), Some(expected)) => self.text(&place, got, expected),
                (Some(got), None) => self.add(&place, &format!("got {got:?}, expected none")),
                (None, Some(expected)) => {
                    self.add(&place, &format!("got none, expected {expected:?}"));
                }
                (None, None) => {}
            }
        }
    }

    pub fn request(&mut self, place: &str, got: &HttpRequest, expected: &Request) {
        if got.method != expected.method {
            let (got, expected) = (got.method, expected.method);
            let what = format!("got {got:?}, expected {expected:?}");
            self.add(&format!("{place}.method"), &what);
        }
        self.text(&format!("{place}.url"), &got.url, &expected.url);
        let headers = got.headers.iter();
        let headers: Vec<_> = headers.map(|(n, v)| format!("{n}: {v}")).collect();
        self.lines(&format!("{place}.headers"), &headers, &expected.headers);

        let body = format!("{place}.body");
        let Ok(text) = std::str::from_utf8(&got.body) else {
            self.add(&body, "got bytes that are no text");
            return;
        };
        match &expected.body {
            Some(Value::String(expected)) => self.text(&body, text, expected),
            Some(expected) => self.holds(&body, text, expected),
            None if expected.form.is_none() => self.text(&body, text, ""),
            None => {}
        }
        if let Some(parts) = &expected.form {
            self.form(&format!("{place}.form"), text, parts);
        }
    }

    /// A text that must be this JSON.
    fn holds(&mut self, place: &str, text: &str, expected: &Value) {
        match serde_json::from_str(text) {
            Ok(got) => self.json(place, &got, expected),
            Err(error) => self.add(place, &format!("got {text:?}, which is no JSON: {error}")),
        }
    }

    fn json(&mut self, place: &str, got: &Value, expected: &Value) {
        match (got, expected) {
            (Value::Object(got), Value::Object(expected)) => {
                for (key, expected) in expected {
                    let place = format!("{place}.{key}");
                    self.child(&place, got.get(key), Some(expected));
                }
                for (key, got) in got {
                    if !expected.contains_key(key) {
                        self.child(&format!("{place}.{key}"), Some(got), None);
                    }
                }
            }
            (Value::Array(got), Value::Array(expected)) => {
                for index in 0..got.len().max(expected.len()) {
                    let place = format!("{place}[{index}]");
                    self.child(&place, got.get(index), expected.get(index));
                }
            }
            _ if got != expected => self.add(place, &format!("got {got}, expected {expected}")),
            _ => {}
        }
    }

    fn child(&mut self, place: &str, got: Option<&Value>, expected: Option<&Value>) {
        match (got, expected) {
            (Some(got), Some(expected)) => self.json(place, got, expected),
            (Some(got), None) => self.add(place, &format!("got {got}, expected none")),
            (None, Some(expected)) => self.add(place, &format!("got none, expected {expected}")),
            (None, None) => {}
        }
    }

    fn form(&mut self, place: &str, text: &str, expected: &[Part]) {
        // An empty body has no field, not one that is empty.
        let got: Vec<&str> = match text {
            "" => Vec::new(),
            text => text.split('&').collect(),
        };
        for index in 0..got.len().max(expected.len()) {
            let place = format!("{place}[{index}]");
            match (got.get(index), expected.get(index)) {
                (Some(got), Some(Part::Raw(expected))) => self.text(&place, got, expected),
                (Some(got), Some(Part::Decoded(name, value))) => {
                    self.field(&place, got, name, value);
                }
                (Some(got), None) => self.add(&place, &format!("got {got:?}, expected none")),
                (None, Some(Part::Raw(expected))) => {
                    self.add(&place, &format!("got none, expected {expected:?}"));
                }
                (None, Some(Part::Decoded(name, value))) => {
                    self.add(&place, &format!("got none, expected {name:?} of {value}"));
                }
                (None, None) => {}
            }
        }
    }

    fn field(&mut self, place: &str, got: &str, name: &str, value: &Value) {
        let pair = got.split_once('=');
        let Some((got_name, got_value)) = pair.and_then(|(n, v)| Some((decoded(n)?, decoded(v)?)))
        else {
            self.add(place, &format!("got {got:?}, which is no name and value"));
            return;
        };
        self.text(place, &got_name, name);
        let place = format!("{place}.{name}");
        match value {
            Value::String(expected) => self.text(&place, &got_value, expected),
            expected => self.holds(&place, &got_value, expected),
        }
    }
}

/// A name or value of a form as it was before it was encoded.
fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((byte, tail)) = rest.split_first() {
        rest = tail;
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let (high, low) = (*rest.first()?, *rest.get(1)?);
                rest = &rest[2..];
                let digit = |byte: u8| char::from(byte).to_digit(16);
                u8::try_from(digit(high)? * 16 + digit(low)?).ok()?
            }
            byte => *byte,
        });
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::decoded;

    #[test]
    fn forms_are_decoded_or_refused() {
        assert_eq!(decoded("a+b%2B%C3%A9%3d").as_deref(), Some("a b+é="));
        assert_eq!(decoded("").as_deref(), Some(""));
        for text in ["%", "%4", "%4g", "%ff"] {
            assert_eq!(decoded(text), None, "{text}");
        }
    }
}

//! Form bodies, read strictly: `application/x-www-form-urlencoded` in UTF-8, no field twice.

use http::HeaderMap;
use http::header::CONTENT_TYPE;
use percent_encoding::percent_decode;
use serde_json::{Map, Value};

const MEDIA: &str = "application/x-www-form-urlencoded";

/// The fields in the order of the body, decoded.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Form {
    fields: Vec<(String, String)>,
}

/// Why a body is no form.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum FormError {
    #[error("Content-Type is not application/x-www-form-urlencoded")]
    ContentType,
    #[error("charset is not UTF-8")]
    Charset,
    #[error("body is not UTF-8")]
    NotUtf8,
    #[error("bad percent-encoding")]
    Escape,
    #[error("parameter {0} is given twice")]
    Twice(String),
}

/// Reads a body; a charset may be absent, but is UTF-8.
pub(crate) fn parse(headers: &HeaderMap, body: &[u8]) -> Result<Form, FormError> {
    parse_list(headers, body, "")
}

/// Reads a body in which one field may be given any number of times.
pub(crate) fn parse_list(headers: &HeaderMap, body: &[u8], list: &str) -> Result<Form, FormError> {
    check_content_type(headers)?;
    check_escapes(body)?;
    // Separators are ASCII, so the parts are UTF-8 exactly when the whole is.
    percent_decode(body)
        .decode_utf8()
        .map_err(|_| FormError::NotUtf8)?;
    let mut form = Form::default();
    for (name, value) in form_urlencoded::parse(body) {
        if form.get(&name).is_some() && name != list {
            return Err(FormError::Twice(name.into_owned()));
        }
        form.fields.push((name.into_owned(), value.into_owned()));
    }
    Ok(form)
}

impl Form {
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.fields()
            .find(|(other, _)| *other == name)
            .map(|(_, value)| value)
    }

    /// Every value of a field, in the order of the body.
    pub(crate) fn all(&self, name: &str) -> Vec<String> {
        self.fields()
            .filter(|(other, _)| *other == name)
            .map(|(_, value)| value.to_owned())
            .collect()
    }

    /// Name and value in the order of the body.
    pub(crate) fn fields(&self) -> impl Iterator<Item = (&str, &str)> {
        self.fields
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// The first field that is none of the known ones.
    pub(crate) fn unknown(&self, known: &[&str]) -> Option<&str> {
        self.fields()
            .map(|(name, _)| name)
            .find(|name| !known.contains(name))
    }

    /// For the record: every field a text.
    pub(crate) fn to_json(&self) -> Map<String, Value> {
        self.fields()
            .map(|(name, value)| (name.to_owned(), value.into()))
            .collect()
    }
}

fn check_content_type(headers: &HeaderMap) -> Result<(), FormError> {
    let content_type = headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .ok_or(FormError::ContentType)?;
    let mut parts = content_type.split(';').map(str::trim);
    if !parts
        .next()
        .is_some_and(|media| media.eq_ignore_ascii_case(MEDIA))
    {
        return Err(FormError::ContentType);
    }
    let charset = parts
        .filter_map(|part| part.split_once('='))
        .find(|(name, _)| name.eq_ignore_ascii_case("charset"));
    match charset {
        Some((_, charset)) if !charset.trim_matches('"').eq_ignore_ascii_case("utf-8") => {
            Err(FormError::Charset)
        }
        _ => Ok(()),
    }
}

/// The decoder leaves a bad escape as it is; a strict vendor must not.
fn check_escapes(body: &[u8]) -> Result<(), FormError> {
    let is_escape = |rest: &[u8]| rest.len() >= 2 && rest[..2].iter().all(u8::is_ascii_hexdigit);
    match body.split(|byte| *byte == b'%').skip(1).all(is_escape) {
        true => Ok(()),
        false => Err(FormError::Escape),
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn read(content_type: &'static str, body: &[u8]) -> Result<Form, FormError> {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
        parse(&headers, body)
    }

    #[test]
    fn fields_are_decoded() {
        let form = read(
            "application/x-www-form-urlencoded;charset=UTF-8",
            b"a=1%2C2+3&b=%E4%BD%A0&c=",
        );

        let form = form.unwrap();
        assert_eq!(form.get("a"), Some("1,2 3"));
        assert_eq!(form.get("b"), Some("\u{4f60}"));
        assert_eq!(form.get("c"), Some(""));
        assert_eq!(form.get("d"), None);
        assert_eq!(form.unknown(&["a", "b"]), Some("c"));
        assert_eq!(Value::from(form.to_json())["a"], "1,2 3");
    }

    #[test]
    fn a_field_that_is_a_list_may_come_again() {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(MEDIA));
        let form = parse_list(&headers, b"a=1&b=2&a=3", "a").unwrap();
        assert_eq!(form.all("a"), ["1", "3"]);
        let twice = parse_list(&headers, b"a=1&b=2&b=3", "a");
        assert_eq!(twice, Err(FormError::Twice("b".into())));
    }

    #[test]
    fn what_is_no_form_is_refused() {
        for (content_type, body, error) in [
            ("application/json", &b"a=1"[..], FormError::ContentType),
            (
                "application/x-www-form-urlencoded; charset=gbk",
                b"a=1",
                FormError::Charset,
            ),
            (MEDIA, b"a=%4", FormError::Escape),
            (MEDIA, b"a=%zz", FormError::Escape),
            (MEDIA, b"a=%E4%BD", FormError::NotUtf8),
            (MEDIA, b"a=1&b=2&a=3", FormError::Twice("a".into())),
        ] {
            assert_eq!(read(content_type, body), Err(error));
        }
        assert_eq!(
            parse(&HeaderMap::new(), b"a=1"),
            Err(FormError::ContentType)
        );
    }
}

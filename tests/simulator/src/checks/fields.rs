//! A strict reading of JSON objects: every field asked for by name, type and bounds, and in
//! the end none left over. What is wrong comes back with its path; the vendor has the code.

use std::ops::RangeInclusive;

use serde_json::{Map, Value};

/// What is wrong, and where.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Problem {
    /// Such as `noticeBarInfo.title`; empty for the whole.
    pub(crate) path: String,
    pub(crate) problem: String,
}

pub(crate) type Checked<T> = Result<T, Problem>;

/// An object whose fields are being read; null is a wrong type, not an absence.
pub(crate) struct Fields<'a> {
    path: String,
    object: &'a Map<String, Value>,
    asked: Vec<&'static str>,
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.path.as_str() {
            "" => f.write_str(&self.problem),
            path => write!(f, "{path}: {}", self.problem),
        }
    }
}

impl<'a> Fields<'a> {
    /// `path` is where the object itself stands; empty for the outermost.
    pub(crate) fn of(path: &str, value: &'a Value) -> Checked<Fields<'a>> {
        let object = value.as_object().ok_or_else(|| Problem {
            path: path.to_owned(),
            problem: "is not an object".to_owned(),
        })?;
        Ok(Fields {
            path: path.to_owned(),
            object,
            asked: Vec::new(),
        })
    }

    /// The value as it is, whatever its type.
    pub(crate) fn any(&mut self, name: &'static str) -> Option<&'a Value> {
        self.asked.push(name);
        self.object.get(name)
    }

    /// A text of so many characters.
    pub(crate) fn text(
        &mut self,
        name: &'static str,
        characters: RangeInclusive<usize>,
    ) -> Checked<Option<&'a str>> {
        let Some(text) = self.typed(name, Value::as_str, "a text")? else {
            return Ok(None);
        };
        match characters.contains(&text.chars().count()) {
            true => Ok(Some(text)),
            false => Err(self.problem(name, format!("is not of {characters:?} characters"))),
        }
    }

    /// A text of at most so many bytes.
    pub(crate) fn text_of_bytes(
        &mut self,
        name: &'static str,
        most: usize,
    ) -> Checked<Option<&'a str>> {
        match self.typed(name, Value::as_str, "a text")? {
            Some(text) if text.len() > most => {
                Err(self.problem(name, format!("is longer than {most} bytes")))
            }
            text => Ok(text),
        }
    }

    /// One of some texts.
    pub(crate) fn one_of(
        &mut self,
        name: &'static str,
        allowed: &[&str],
    ) -> Checked<Option<&'a str>> {
        match self.typed(name, Value::as_str, "a text")? {
            Some(text) if !allowed.contains(&text) => {
                Err(self.problem(name, format!("is none of {allowed:?}")))
            }
            text => Ok(text),
        }
    }

    /// A whole number, not as a text.
    pub(crate) fn integer(
        &mut self,
        name: &'static str,
        range: RangeInclusive<i64>,
    ) -> Checked<Option<i64>> {
        match self.typed(name, Value::as_i64, "an integer")? {
            Some(number) if !range.contains(&number) => {
                Err(self.problem(name, format!("is not within {range:?}")))
            }
            number => Ok(number),
        }
    }

    /// One of some whole numbers, not as a text.
    pub(crate) fn integer_of(
        &mut self,
        name: &'static str,
        allowed: &[i64],
    ) -> Checked<Option<i64>> {
        match self.typed(name, Value::as_i64, "an integer")? {
            Some(number) if !allowed.contains(&number) => {
                Err(self.problem(name, format!("is none of {allowed:?}")))
            }
            number => Ok(number),
        }
    }

    pub(crate) fn boolean(&mut self, name: &'static str) -> Checked<Option<bool>> {
        self.typed(name, Value::as_bool, "a boolean")
    }

    pub(crate) fn object(&mut self, name: &'static str) -> Checked<Option<Fields<'a>>> {
        let path = self.place(name);
        self.any(name)
            .map(|value| Fields::of(&path, value))
            .transpose()
    }

    /// A list; its items are the vendor's to read, with `Fields::of` if they are objects.
    pub(crate) fn list(&mut self, name: &'static str) -> Checked<Option<&'a [Value]>> {
        self.typed(name, |value| value.as_array().map(Vec::as_slice), "a list")
    }

    /// A list of texts.
    pub(crate) fn texts(&mut self, name: &'static str) -> Checked<Option<Vec<&'a str>>> {
        let Some(list) = self.list(name)? else {
            return Ok(None);
        };
        list.iter()
            .enumerate()
            .map(|(index, item)| {
                item.as_str()
                    .ok_or_else(|| self.problem(name, format!("item {index} is not a text")))
            })
            .collect::<Checked<Vec<_>>>()
            .map(Some)
    }

    /// Makes a field that was read a must.
    pub(crate) fn must<T>(&self, name: &str, value: Option<T>) -> Checked<T> {
        value.ok_or_else(|| self.problem(name, "is missing"))
    }

    /// Every field was asked for.
    pub(crate) fn end(self) -> Checked<()> {
        let unknown = self
            .object
            .keys()
            .find(|name| !self.asked.contains(&name.as_str()));
        match unknown {
            Some(name) => Err(self.problem(name, "is unknown")),
            None => Ok(()),
        }
    }

    /// A problem with a field, for what the vendor checks itself.
    pub(crate) fn problem(&self, name: &str, problem: impl Into<String>) -> Problem {
        Problem {
            path: self.place(name),
            problem: problem.into(),
        }
    }

    fn typed<T>(
        &mut self,
        name: &'static str,
        read: impl FnOnce(&'a Value) -> Option<T>,
        what: &str,
    ) -> Checked<Option<T>> {
        let Some(value) = self.any(name) else {
            return Ok(None);
        };
        match read(value) {
            Some(value) => Ok(Some(value)),
            None => Err(self.problem(name, format!("is not {what}"))),
        }
    }

    fn place(&self, name: &str) -> String {
        match self.path.as_str() {
            "" => name.to_owned(),
            path => format!("{path}.{name}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn problem(value: Value, read: impl FnOnce(&mut Fields<'_>) -> Option<Problem>) -> String {
        let mut fields = Fields::of("", &value).unwrap();
        read(&mut fields)
            .or_else(|| fields.end().err())
            .map(|problem| problem.to_string())
            .unwrap_or_default()
    }

    #[test]
    fn bounds_are_kept_and_counted_in_characters() {
        let text = |value| problem(value, |fields| fields.text("a", 1..=2).err());
        assert_eq!(text(json!({ "a": "\u{4f60}\u{597d}" })), "");
        assert_eq!(text(json!({})), "");
        assert_eq!(text(json!({ "a": "abc" })), "a: is not of 1..=2 characters");
        assert_eq!(text(json!({ "a": null })), "a: is not a text");
        let bytes = |value| problem(value, |fields| fields.text_of_bytes("a", 5).err());
        assert_eq!(
            bytes(json!({ "a": "\u{4f60}\u{597d}" })),
            "a: is longer than 5 bytes"
        );
        let number = |value| problem(value, |fields| fields.integer("a", 1..=72).err());
        assert_eq!(number(json!({ "a": 72 })), "");
        assert_eq!(number(json!({ "a": 73 })), "a: is not within 1..=72");
        assert_eq!(number(json!({ "a": "1" })), "a: is not an integer");
        let few = |value| problem(value, |fields| fields.integer_of("a", &[0, 2]).err());
        assert_eq!(few(json!({ "a": 1 })), "a: is none of [0, 2]");
        let words = |value| problem(value, |fields| fields.one_of("a", &["x"]).err());
        assert_eq!(words(json!({ "a": "y" })), "a: is none of [\"x\"]");
        let texts = |value| problem(value, |fields| fields.texts("a").err());
        assert_eq!(texts(json!({ "a": ["x", 1] })), "a: item 1 is not a text");
        let boolean = |value| problem(value, |fields| fields.boolean("a").err());
        assert_eq!(boolean(json!({ "a": 1 })), "a: is not a boolean");
    }

    #[test]
    fn what_was_not_asked_for_is_unknown() {
        assert_eq!(problem(json!({ "b": 1 }), |_| None), "b: is unknown");
    }

    #[test]
    fn a_problem_names_its_whole_path() {
        let value = json!({ "a": { "b": {} } });
        let mut outer = Fields::of("", &value).unwrap();
        let mut middle = outer.object("a").unwrap().unwrap();
        let inner = middle.object("b").unwrap().unwrap();

        let problem = inner.must("c", None::<()>).unwrap_err();

        assert_eq!(problem.to_string(), "a.b.c: is missing");
    }
}

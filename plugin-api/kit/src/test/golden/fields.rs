//! An object in a golden file, taken apart key by key.
//!
//! In: a JSON object and its place in the file.
//! Out: its values by key and type; what is of another type, or left at the end, is an error
//! that names its place.

use serde_json::{Map, Value};

/// What is left of an object.
pub struct Fields {
    place: String,
    left: Map<String, Value>,
}

impl Fields {
    pub fn read(place: &str, text: &str) -> Result<Self, String> {
        let value = serde_json::from_str(text).map_err(|error| error.to_string())?;
        Self::of(place.to_owned(), value)
    }

    fn of(place: String, value: Value) -> Result<Self, String> {
        match value {
            Value::Object(left) => Ok(Self { place, left }),
            other => Err(wrong(&place, "an object", &other)),
        }
    }

    /// Where a key stands in the file.
    pub fn place(&self, key: &str) -> String {
        if self.place.is_empty() {
            key.to_owned()
        } else {
            format!("{}.{key}", self.place)
        }
    }

    pub fn value(&mut self, key: &str) -> Option<Value> {
        self.left.remove(key)
    }

    pub fn text(&mut self, key: &str) -> Result<Option<String>, String> {
        match self.value(key) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(other) => Err(wrong(&self.place(key), "a text", &other)),
        }
    }

    /// A text, or JSON as the text that it is.
    pub fn text_or_json(&mut self, key: &str) -> Option<String> {
        self.value(key).map(|value| match value {
            Value::String(text) => text,
            json => json.to_string(),
        })
    }

    pub fn number(&mut self, key: &str) -> Result<Option<u64>, String> {
        let Some(value) = self.value(key) else {
            return Ok(None);
        };
        let number = value.as_u64();
        number.map(Some).ok_or_else(|| {
            let place = self.place(key);
            wrong(&place, "a whole number", &value)
        })
    }

    pub fn small(&mut self, key: &str) -> Result<Option<u32>, String> {
        let number = self.number(key)?;
        let place = self.place(key);
        let small = number.map(|number| u32::try_from(number).map_err(|_| too_large(&place)));
        small.transpose()
    }

    pub fn flag(&mut self, key: &str) -> Result<bool, String> {
        match self.value(key) {
            None => Ok(false),
            Some(Value::Bool(flag)) => Ok(flag),
            Some(other) => Err(wrong(&self.place(key), "true or false", &other)),
        }
    }

    pub fn list(&mut self, key: &str) -> Result<Option<Vec<Value>>, String> {
        match self.value(key) {
            None => Ok(None),
            Some(Value::Array(list)) => Ok(Some(list)),
            Some(other) => Err(wrong(&self.place(key), "a list", &other)),
        }
    }

    pub fn texts(&mut self, key: &str) -> Result<Option<Vec<String>>, String> {
        let place = self.place(key);
        let Some(list) = self.list(key)? else {
            return Ok(None);
        };
        let texts = list.into_iter().map(|value| match value {
            Value::String(text) => Ok(text),
            other => Err(wrong(&place, "a list of texts", &other)),
        });
        texts.collect::<Result<_, _>>().map(Some)
    }

    pub fn object(&mut self, key: &str) -> Result<Option<Self>, String> {
        let place = self.place(key);
        let value = self.value(key);
        value.map(|value| Self::of(place, value)).transpose()
    }

    /// What is there under any key.
    pub fn all(self) -> Map<String, Value> {
        self.left
    }

    /// A mistyped key must not pass for an absent one.
    pub fn end(&self) -> Result<(), String> {
        match self.left.keys().next() {
            None => Ok(()),
            Some(key) => Err(format!("{}: is an unknown key", self.place(key))),
        }
    }
}

pub fn wrong(place: &str, expected: &str, got: &Value) -> String {
    if place.is_empty() {
        format!("expected {expected}, got {got}")
    } else {
        format!("{place}: expected {expected}, got {got}")
    }
}

fn too_large(place: &str) -> String {
    format!("{place}: is too large")
}

//! Google's JSON parser: a body against the schema, every misfit in Google's own words.
//! Out: the same body with all names in snake_case, so that later checks know one spelling.

use serde_json::{Map, Value};

use super::error::Violation;
use super::schema::{Kind, Schema};

/// Reads an object as the given message type.
pub(crate) fn parse(
    object: &Map<String, Value>,
    schema: &'static Schema,
) -> Result<Map<String, Value>, Vec<Violation>> {
    let mut parser = Parser {
        violations: Vec::new(),
    };
    let parsed = parser.message("", object, schema);
    if parser.violations.is_empty() {
        Ok(parsed)
    } else {
        Err(parser.violations)
    }
}

struct Parser {
    violations: Vec<Violation>,
}

impl Parser {
    fn message(
        &mut self,
        path: &str,
        object: &Map<String, Value>,
        schema: &'static Schema,
    ) -> Map<String, Value> {
        let mut parsed = Map::new();
        for (key, value) in object {
            let field = schema
                .fields
                .iter()
                .find(|(name, _)| key == name || *key == camel(name));
            let Some((name, kind)) = field else {
                self.unknown(path, key);
                continue;
            };
            // Null means absent, as everywhere in protobuf's JSON.
            if value.is_null() {
                continue;
            }
            let place = join(path, name);
            if parsed.contains_key(*name) {
                let text = format!("{name} is already set. Cannot set '{key}'");
                self.invalid(&place, &text, None);
                continue;
            }
            if let Some(value) = self.value(&place, value, *kind) {
                parsed.insert((*name).to_owned(), value);
            }
        }
        for (group, members) in schema.oneofs {
            let mut set = members.iter().filter(|name| parsed.contains_key(**name));
            if let (Some(_), Some(second)) = (set.next(), set.next()) {
                let text = format!(
                    "oneof field '{group}' is already set. Cannot set '{}'",
                    camel(second)
                );
                self.invalid(path, "oneof", Some(text));
            }
        }
        parsed
    }

    /// The value, or nothing when it was complained about.
    fn value(&mut self, path: &str, value: &Value, kind: Kind) -> Option<Value> {
        match kind {
            Kind::Text => self.expect(path, value, Value::is_string, "TYPE_STRING"),
            Kind::Bool => self.expect(path, value, Value::is_boolean, "TYPE_BOOL"),
            Kind::Int32 => self.expect(path, value, is_int32, "TYPE_INT32"),
            Kind::Number => self.expect(path, value, Value::is_number, "TYPE_FLOAT"),
            Kind::Duration => self.duration(path, value),
            Kind::Timestamp => {
                let name = "type.googleapis.com/google.protobuf.Timestamp";
                self.expect(path, value, is_timestamp, name)
            }
            Kind::Enum(name, values) => {
                let upper = value.as_str().map(str::to_ascii_uppercase);
                match upper.filter(|text| values.contains(&text.as_str())) {
                    Some(text) => Some(text.into()),
                    None => {
                        let name = format!("type.googleapis.com/{name}");
                        self.invalid(path, &name, Some(value.to_string()));
                        None
                    }
                }
            }
            Kind::Message(schema) => match value {
                Value::Object(object) => Some(self.message(path, object, schema).into()),
                other => {
                    self.invalid(path, "Message", Some(other.to_string()));
                    None
                }
            },
            Kind::TextMap => match value {
                Value::Object(map) => {
                    for (index, value) in map.values().enumerate() {
                        let place = format!("{path}[{index}].value");
                        self.expect(&place, value, Value::is_string, "TYPE_STRING");
                    }
                    Some(value.clone())
                }
                other => {
                    self.invalid(path, "Map", Some(other.to_string()));
                    None
                }
            },
            Kind::Struct => {
                let name = "type.googleapis.com/google.protobuf.Struct";
                self.expect(path, value, Value::is_object, name)
            }
            Kind::Texts => self.list(path, value, Kind::Text),
            Kind::Durations => self.list(path, value, Kind::Duration),
        }
    }

    fn list(&mut self, path: &str, value: &Value, kind: Kind) -> Option<Value> {
        let Some(items) = value.as_array() else {
            self.invalid(path, "repeated", Some(value.to_string()));
            return None;
        };
        for (index, item) in items.iter().enumerate() {
            self.value(&format!("{path}[{index}]"), item, kind);
        }
        Some(value.clone())
    }

    fn duration(&mut self, path: &str, value: &Value) -> Option<Value> {
        if value.as_str().is_some_and(|text| seconds(text).is_some()) {
            return Some(value.clone());
        }
        let field = path.rsplit('.').next().unwrap_or(path);
        let text = match value.as_str() {
            Some(text) if text.ends_with('s') => {
                format!("Field '{field}', Illegal duration format; invalid number of seconds")
            }
            Some(_) => {
                format!("Field '{field}', Illegal duration format; duration must end with 's'")
            }
            None => value.to_string(),
        };
        let name = "type.googleapis.com/google.protobuf.Duration";
        self.invalid(path, name, Some(text));
        None
    }

    fn expect(
        &mut self,
        path: &str,
        value: &Value,
        fits: fn(&Value) -> bool,
        type_name: &str,
    ) -> Option<Value> {
        if fits(value) {
            return Some(value.clone());
        }
        self.invalid(path, type_name, Some(value.to_string()));
        None
    }

    fn unknown(&mut self, path: &str, key: &str) {
        let place = match path {
            "" => String::new(),
            path => format!(" at '{path}'"),
        };
        self.violations.push(Violation {
            field: path.to_owned(),
            description: format!(
                "Invalid JSON payload received. Unknown name \"{key}\"{place}: Cannot find field."
            ),
        });
    }

    fn invalid(&mut self, path: &str, type_name: &str, what: Option<String>) {
        let what = what.map(|what| format!(", {what}")).unwrap_or_default();
        self.violations.push(Violation {
            field: path.to_owned(),
            description: format!("Invalid value at '{path}' ({type_name}){what}"),
        });
    }
}

/// The seconds of a protobuf Duration such as `3.5s`.
pub(crate) fn seconds(text: &str) -> Option<f64> {
    let number = text.strip_suffix('s')?;
    let digits = number.strip_prefix('-').unwrap_or(number);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if !is_digits(whole) || !is_digits(fraction) || fraction.len() > 9 {
        return None;
    }
    number.parse().ok()
}

fn is_int32(value: &Value) -> bool {
    value
        .as_i64()
        .is_some_and(|number| i32::try_from(number).is_ok())
}

/// RFC 3339 as protobuf writes it: `2026-11-21T04:13:00Z`, perhaps with a fraction or an offset.
fn is_timestamp(value: &Value) -> bool {
    let Some(text) = value.as_str() else {
        return false;
    };
    let shape = b"dddd-dd-ddTdd:dd:dd";
    let bytes = text.as_bytes();
    let fits = bytes.len() > shape.len()
        && shape.iter().zip(bytes).all(|(wanted, byte)| match wanted {
            b'd' => byte.is_ascii_digit(),
            wanted => wanted == byte,
        });
    fits && (text.ends_with('Z') || matches!(bytes[bytes.len() - 6], b'+' | b'-'))
}

fn join(path: &str, name: &str) -> String {
    match path {
        "" => name.to_owned(),
        path => format!("{path}.{name}"),
    }
}

fn camel(snake: &str) -> String {
    let mut words = snake.split('_');
    let mut text = words.next().unwrap_or_default().to_owned();
    for word in words {
        let (first, rest) = word.split_at(1.min(word.len()));
        text.push_str(&first.to_ascii_uppercase());
        text.push_str(rest);
    }
    text
}

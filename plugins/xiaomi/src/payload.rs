//! The form of `POST /v3/message/regid`, field by field in the order of Xiaomi's document.
//!
//! In: values that were decided elsewhere. Out: `application/x-www-form-urlencoded` bytes,
//! encoded once.

use std::borrow::Cow;

use form_urlencoded::Serializer;

/// The first field.
pub(crate) const REGISTRATION_ID: &str = "registration_id";

/// One message for the listed regids.
#[derive(Debug)]
pub(crate) struct Form<'a> {
    /// Regids, a comma between them.
    pub registration_id: &'a str,
    pub restricted_package_name: &'a str,
    /// false: the phone shows it; true: the app gets it.
    pub pass_through: bool,
    pub title: Option<Cow<'a, str>>,
    pub description: Option<Cow<'a, str>>,
    /// What the app reads with `getContent()`.
    pub payload: Option<&'a str>,
    pub notify_type: Option<i64>,
    pub notify_id: Option<u32>,
    /// In milliseconds.
    pub time_to_live: u64,
    /// In milliseconds since 1970.
    pub time_to_send: Option<u64>,
    pub extra: Extra<'a>,
}

/// The fields whose names begin with `extra.`, here without it.
#[derive(Debug, Default)]
pub(crate) struct Extra<'a>(Vec<(&'a str, Cow<'a, str>)>);

impl<'a> Extra<'a> {
    /// Adds a field.
    pub fn put(&mut self, name: &'a str, value: impl Into<Cow<'a, str>>) {
        self.0.push((name, value.into()));
    }

    /// Adds a field that may be absent.
    pub fn put_some(&mut self, name: &'a str, value: Option<impl Into<Cow<'a, str>>>) {
        if let Some(value) = value {
            self.put(name, value);
        }
    }
}

impl Form<'_> {
    /// The request's body.
    pub fn encode(&self) -> String {
        // Regids are base64: a few of their characters triple, and so do commas.
        let room = self.registration_id.len() * 5 / 4 + 1024;
        let mut form = Serializer::new(String::with_capacity(room));
        form.append_pair(REGISTRATION_ID, self.registration_id);
        form.append_pair("restricted_package_name", self.restricted_package_name);
        form.append_pair("pass_through", if self.pass_through { "1" } else { "0" });
        let texts = [
            ("title", self.title.as_deref()),
            ("description", self.description.as_deref()),
            ("payload", self.payload),
        ];
        for (name, text) in texts {
            if let Some(text) = text {
                form.append_pair(name, text);
            }
        }
        let numbers = [
            ("notify_type", self.notify_type.map(|n| n.to_string())),
            ("notify_id", self.notify_id.map(|n| n.to_string())),
            ("time_to_live", Some(self.time_to_live.to_string())),
            ("time_to_send", self.time_to_send.map(|n| n.to_string())),
        ];
        for (name, number) in numbers {
            if let Some(number) = number {
                form.append_pair(name, &number);
            }
        }
        for (name, value) in &self.extra.0 {
            form.append_pair(&format!("extra.{name}"), value);
        }
        form.finish()
    }
}

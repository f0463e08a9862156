//! The requests: what the daemon made of a notification, with a number and a token each.

use crate::Failure;

const NUMBER: &str = "000000000000";
const TOKEN_DIGITS: usize = 64;

/// What all requests have in common.
pub struct Requests {
    before: String,
    after: String,
    /// Names and values.
    pub headers: Vec<(String, String)>,
    tokens: usize,
}

/// What is a request's own.
#[derive(Debug)]
pub struct Request {
    /// To whom.
    pub token: String,
    /// What.
    pub body: String,
}

impl Requests {
    pub fn new(body: &str, headers: &[String], tokens: usize) -> Result<Requests, Failure> {
        let (before, after) = body
            .split_once(NUMBER)
            .ok_or("the body has no twelve zeros")?;
        let headers = headers.iter().map(|header| {
            let (name, value) = header.split_once(": ").ok_or("a header without `: `")?;
            Ok::<_, Failure>((name.to_owned(), value.to_owned()))
        });
        Ok(Requests {
            before: before.to_owned(),
            after: after.to_owned(),
            headers: headers.collect::<Result<_, _>>()?,
            tokens,
        })
    }

    /// The value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.headers.iter();
        headers
            .find(|(it, _)| it == name)
            .map(|(_, value)| value.as_str())
    }

    pub fn numbered(&self, number: usize) -> Request {
        let Requests { before, after, .. } = self;
        Request {
            token: format!("{:0TOKEN_DIGITS$}", number % self.tokens),
            body: format!("{before}{number:012}{after}"),
        }
    }
}

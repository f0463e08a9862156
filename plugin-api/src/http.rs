//! HTTP as data: what a driver wants sent, and what came back.

use crate::frame::{frame, numbered};
use crate::time::Timestamp;

/// A request that the daemon will send. Its host must be one that the driver
/// declared or that the operator configured.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct HttpRequest {
    /// The method.
    pub method: Method,
    /// Absolute `https://` URL.
    pub url: String,
    /// Headers in order; names in lower case.
    pub headers: Vec<(String, String)>,
    /// Body; `content-length` is the daemon's affair.
    pub body: Vec<u8>,
}
frame!(HttpRequest { 0 method, 1 url, 2 headers, 3 body });

impl HttpRequest {
    /// A POST without headers or body.
    pub fn post(url: impl Into<String>) -> Self {
        Self {
            method: Method::Post,
            url: url.into(),
            ..Self::default()
        }
    }

    /// A GET without headers.
    pub fn get(url: impl Into<String>) -> Self {
        Self {
            method: Method::Get,
            url: url.into(),
            ..Self::default()
        }
    }

    /// Adds a header; `name` in lower case.
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// Sets the body.
    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }
}

/// Request methods that vendors use.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Method {
    /// POST.
    #[default]
    Post,
    /// GET.
    Get,
    /// PUT.
    Put,
    /// DELETE.
    Delete,
}
numbered!(Method { 0 Post, 1 Get, 2 Put, 3 Delete } else Post);

impl Method {
    /// As HTTP writes it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Post => "POST",
            Self::Get => "GET",
            Self::Put => "PUT",
            Self::Delete => "DELETE",
        }
    }
}

/// A vendor's answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct HttpResponse {
    /// Status code, 100 to 599.
    pub status: u16,
    /// Headers; names in lower case.
    pub headers: Vec<(String, String)>,
    /// Body, at most as long as the daemon's cap.
    pub body: Vec<u8>,
}
frame!(HttpResponse { 0 status, 1 headers, 2 body });

impl HttpResponse {
    /// An answer with a body and no headers.
    pub fn new(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: body.into(),
        }
    }

    /// Adds a header; `name` in lower case.
    pub fn with_header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// First value of a header; `name` in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }

    /// `Retry-After` in milliseconds from `now`: seconds or an HTTP date (RFC 9110 §10.2.3).
    pub fn retry_after_millis(&self, now: Timestamp) -> Option<u64> {
        let value = self.header("retry-after")?.trim();
        if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
            // More digits than fit are a long time all the same.
            let seconds = value.parse::<u64>().unwrap_or(u64::MAX);
            return Some(seconds.saturating_mul(1000));
        }
        let date = httpdate::parse_http_date(value).ok()?;
        let millis = date.duration_since(std::time::UNIX_EPOCH).ok()?.as_millis();
        Some(u64::try_from(millis).ok()?.saturating_sub(now.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_after_is_read_as_seconds_and_as_a_date() {
        let now = Timestamp::from_seconds(784_111_777 - 30); // Sun, 06 Nov 1994 08:49:37 GMT
        let wait = |value: &str| {
            HttpResponse::new(429, "")
                .with_header("retry-after", value)
                .retry_after_millis(now)
        };
        assert_eq!(wait("120"), Some(120_000));
        assert_eq!(wait("Sun, 06 Nov 1994 08:49:37 GMT"), Some(30_000));
        assert_eq!(wait("Fri, 06 Nov 1970 08:49:37 GMT"), Some(0));
        assert_eq!(wait("99999999999999999999999"), Some(u64::MAX));
        assert_eq!(wait("18446744073709551615"), Some(u64::MAX));
        let end = wait("Fri, 31 Dec 9999 23:59:59 GMT");
        assert!(end.is_some_and(|wait| wait > 8_000 * 365 * 86_400_000));
        assert_eq!(wait("-5"), None);
        assert_eq!(wait(""), None);
        assert_eq!(wait("soon"), None);
        assert_eq!(HttpResponse::new(429, "").retry_after_millis(now), None);
    }
}

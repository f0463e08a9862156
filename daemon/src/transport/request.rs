//! Between the driver's data and HTTP's types.
//!
//! In: an `HttpRequest`, or the head and body of a response. Out: the `http` crate's request
//! with checked headers, or an `HttpResponse`. Refuses to know how they travel.

use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_LENGTH};
use http::{HeaderMap, HeaderName, HeaderValue, Request, Uri};
use nudged_plugin_api::{HttpRequest, HttpResponse, Method};

use super::error::TransportError;

/// Headers that belong to the connection and not to a driver.
const OURS: [&str; 8] = [
    "connection",
    "content-length",
    "host",
    "keep-alive",
    "proxy-authorization",
    "te",
    "transfer-encoding",
    "upgrade",
];

/// Turns a driver's request into HTTP's. A line break in a header is refused here.
pub fn outgoing(uri: Uri, request: HttpRequest) -> Result<(Request<()>, Bytes), TransportError> {
    let mut headers = HeaderMap::with_capacity(request.headers.len() + 1);
    for (name, value) in request.headers {
        let (name, value) = header(name, value)?;
        headers.append(name, value);
    }
    if !request.body.is_empty() {
        headers.insert(CONTENT_LENGTH, HeaderValue::from(request.body.len()));
    }
    let mut out = Request::new(());
    *out.method_mut() = method(request.method);
    *out.uri_mut() = uri;
    *out.headers_mut() = headers;
    Ok((out, Bytes::from(request.body)))
}

fn header(name: String, value: String) -> Result<(HeaderName, HeaderValue), TransportError> {
    let parsed = HeaderName::from_bytes(name.as_bytes())
        .ok()
        .filter(|known| !OURS.contains(&known.as_str()));
    match (parsed, HeaderValue::try_from(value)) {
        (Some(known), Ok(mut value)) => {
            // A secret that changes: HPACK must send it as a never-indexed literal. (h2 sends
            // `:path` without indexing by itself.)
            value.set_sensitive(known == AUTHORIZATION);
            Ok((known, value))
        }
        _ => Err(TransportError::BadHeader { name }),
    }
}

fn method(method: Method) -> http::Method {
    match method {
        Method::Get => http::Method::GET,
        Method::Put => http::Method::PUT,
        Method::Delete => http::Method::DELETE,
        _ => http::Method::POST,
    }
}

/// Turns a response into what drivers read. A header value that is not text is made text.
pub fn incoming(status: http::StatusCode, headers: &HeaderMap, body: Vec<u8>) -> HttpResponse {
    let mut response = HttpResponse::new(status.as_u16(), body);
    response.headers = headers
        .iter()
        .map(|(name, value)| {
            let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
            (name.as_str().to_owned(), value)
        })
        .collect();
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn convert(name: &str, value: &str) -> Result<Request<()>, TransportError> {
        let request = HttpRequest::post("https://vendor.test/").header(name, value);
        let uri = Uri::from_static("https://vendor.test/");
        outgoing(uri, request).map(|(request, _)| request)
    }

    #[test]
    fn line_breaks_and_pseudo_headers_are_refused() {
        for (name, value) in [
            ("x-a", "b\r\nx-evil: 1"),
            ("x-a", "b\nc"),
            ("x-a\r\nx-evil", "1"),
            (":path", "/other"),
            ("", "x"),
            ("x a", "y"),
        ] {
            let error = convert(name, value).unwrap_err();
            assert_eq!(error.code(), "bad_header", "{name:?}");
        }
    }

    #[test]
    fn headers_of_the_connection_are_the_daemons() {
        for name in OURS {
            let error = convert(name, "x").unwrap_err();
            assert!(matches!(error, TransportError::BadHeader { name: bad } if bad == name));
        }
    }

    #[test]
    fn authorization_is_never_indexed_nor_shown() {
        let request = convert("authorization", "bearer secret").unwrap();
        assert!(request.headers()["authorization"].is_sensitive());
        assert!(!format!("{request:?}").contains("secret"));
        assert!(!convert("apns-topic", "a").unwrap().headers()["apns-topic"].is_sensitive());
    }

    #[test]
    fn a_header_value_beyond_ascii_is_sent_as_it_is() {
        assert!(convert("x-title", "zażółć").is_ok());
    }
}

//! The rules for every request that a driver wants sent.

use super::json;
use super::report::{Report, shorten};
use nudged_plugin_api::info::{Info, Kind};
use nudged_plugin_api::{HttpRequest, Settings};

/// Headers that the daemon's HTTP client writes itself.
const RESERVED: [&str; 10] = [
    "connection",
    "content-length",
    "expect",
    "host",
    "keep-alive",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// What requests of a channel must keep to.
pub struct Rules {
    hosts: Vec<String>,
    origins: Vec<String>,
    max_body: usize,
}

impl Rules {
    pub fn new(info: &Info, settings: &Settings) -> Self {
        let urls = info
            .settings
            .iter()
            .filter(|setting| setting.kind == Kind::Url);
        Self {
            hosts: info.hosts.iter().map(|host| with_port(host)).collect(),
            origins: urls
                .filter_map(|setting| Some(Url::parse(settings.text(&setting.key)?).ok()?.origin()))
                .collect(),
            max_body: info.max_body as usize,
        }
    }

    /// A request for a delivery.
    pub fn check(&self, place: &str, request: &HttpRequest, report: &mut Report) {
        self.check_head(place, request, report);
        if request.body.len() > self.max_body {
            let (size, limit) = (request.body.len(), self.max_body);
            report.fail(
                "request-body",
                format!("{place}: a body of {size} bytes, although `max_body` is {limit}"),
                "at most `max_body` bytes or an encode error",
            );
        }
    }

    /// A request whose body no limit was declared for.
    pub fn check_head(&self, place: &str, request: &HttpRequest, report: &mut Report) {
        if let Err(problem) = self.check_url(&request.url) {
            let url = shorten(&request.url, 80);
            report.fail(
                "request-url",
                format!("{place}: `{url}` {problem}"),
                "an absolute https URL on a declared host, everything else percent-encoded",
            );
        }
        for (name, value) in &request.headers {
            if let Err(problem) = header(name, value) {
                let name = shorten(name, 40);
                report.fail(
                    "request-headers",
                    format!("{place}: header `{name}` {problem}"),
                    "a lower-case token, a printable value, and nothing that HTTP itself sets",
                );
            }
        }
        let says_json = request.headers.iter().any(|(name, value)| {
            name == "content-type" && value.to_ascii_lowercase().starts_with("application/json")
        });
        if says_json && !request.body.is_empty() && !json::is_valid(&request.body) {
            report.fail(
                "request-body",
                format!("{place}: the body is called JSON and is none"),
                "well-formed JSON",
            );
        }
    }

    pub fn check_url(&self, url: &str) -> Result<(), String> {
        let parts = Url::parse(url)?;
        let https = parts.scheme == "https" && self.hosts.contains(&with_port(parts.authority));
        if https || self.origins.contains(&parts.origin()) {
            Ok(())
        } else {
            Err("is not https on a declared or configured host".to_owned())
        }
    }
}

/// A URL in pieces; only as strict as requests must be.
#[derive(Debug, PartialEq, Eq)]
pub struct Url<'a> {
    scheme: &'a str,
    authority: &'a str,
    path: &'a str,
    query: Option<&'a str>,
}

impl<'a> Url<'a> {
    pub fn parse(url: &'a str) -> Result<Self, String> {
        if let Some(c) = url
            .chars()
            .find(|&c| !c.is_ascii_graphic() || "\\#\"<>^`{|}".contains(c))
        {
            return Err(format!("contains {c:?}"));
        }
        let escapes = url.split('%').skip(1);
        if escapes
            .clone()
            .any(|rest| rest.len() < 2 || !rest.as_bytes()[..2].iter().all(u8::is_ascii_hexdigit))
        {
            return Err("has a `%` without two hexadecimal digits".to_owned());
        }
        let (scheme, rest) = url.split_once("://").ok_or("has no scheme")?;
        let end = rest.find(['/', '?']).unwrap_or(rest.len());
        let (authority, rest) = rest.split_at(end);
        if authority.is_empty() || authority.contains('@') {
            return Err("has no plain host".to_owned());
        }
        let (path, query) = match rest.split_once('?') {
            Some((path, query)) => (path, Some(query)),
            None => (rest, None),
        };
        let dots = |segment: &str| {
            matches!(
                segment.to_ascii_lowercase().replace("%2e", ".").as_str(),
                "." | ".."
            )
        };
        if path.split('/').any(dots) {
            return Err("has a dot segment".to_owned());
        }
        Ok(Self {
            scheme,
            authority,
            path,
            query,
        })
    }

    fn origin(&self) -> String {
        let scheme = self.scheme.to_ascii_lowercase();
        if scheme == "https" {
            return format!("https://{}", with_port(self.authority));
        }
        format!("{scheme}://{}", self.authority.to_ascii_lowercase())
    }

    /// What must stay the same when only the token differs: origin, number of path
    /// segments, and the names in the query.
    pub fn shape(&self) -> (String, usize, Vec<&'a str>) {
        let names = self.query.into_iter().flat_map(|query| query.split('&'));
        (
            self.origin(),
            self.path.split('/').count(),
            names
                .map(|pair| pair.split('=').next().unwrap_or_default())
                .collect(),
        )
    }
}

fn with_port(authority: &str) -> String {
    let authority = authority.to_ascii_lowercase();
    match authority.strip_suffix(":443") {
        Some(host) => host.to_owned(),
        None => authority,
    }
}

/// Whether a value can stand in a header.
pub fn is_header_value(value: &str) -> bool {
    !value.chars().any(|c| c.is_control() && c != '\t')
}

fn header(name: &str, value: &str) -> Result<(), &'static str> {
    let token =
        |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "!#$%&'*+-.^_`|~".contains(c);
    if name.is_empty() || !name.chars().all(token) {
        return Err("is no lower-case token");
    }
    if RESERVED.contains(&name) {
        return Err("is the daemon's to set");
    }
    if !is_header_value(value) {
        return Err("has a control character in its value");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules() -> Rules {
        let info = Info::new("acme", "Acme", "1").hosts(["push.acme.example", "b.example:2197"]);
        let mut info = info.settings([nudged_plugin_api::Setting::new(
            "endpoint",
            Kind::Url,
            "Help.",
        )]);
        info.max_body = 10;
        Rules::new(
            &info,
            &Settings::new().with("endpoint", "http://127.0.0.1:8080/base"),
        )
    }

    #[test]
    fn declared_and_configured_hosts_are_allowed() {
        for url in [
            "https://push.acme.example/a%20b?c=d",
            "https://PUSH.acme.example:443/",
            "https://b.example:2197/x",
            "http://127.0.0.1:8080/y",
        ] {
            assert_eq!(rules().check_url(url), Ok(()), "{url}");
        }
    }

    #[test]
    fn everything_else_is_not() {
        for url in [
            "",
            "/path",
            "http://push.acme.example/",
            "https://push.acme.example.evil.example/",
            "https://push.acme.example@evil.example/",
            "https://b.example/",
            "https://127.0.0.1:8080/",
            "https://push.acme.example/a b",
            "https://push.acme.example/a\r\nb",
            "https://push.acme.example/ü",
            "https://push.acme.example/a#b",
            "https://push.acme.example/%2e%2E/b",
            "https://push.acme.example/../b",
            "https://push.acme.example/%zz",
            "https://push.acme.example/%1",
        ] {
            assert!(rules().check_url(url).is_err(), "{url}");
        }
    }

    #[test]
    fn headers_are_lower_case_printable_and_not_the_daemons() {
        assert_eq!(header("authorization", "Bearer a.b\tc"), Ok(()));
        for (name, value) in [
            ("Authorization", "x"),
            ("", "x"),
            ("a b", "x"),
            ("a", "x\r\ny: z"),
            ("a", "x\0"),
            ("host", "x"),
            ("content-length", "0"),
        ] {
            assert!(header(name, value).is_err(), "{name}: {value}");
        }
    }
}

//! Which hosts a channel may talk to.
//!
//! In: what the driver declared, the operator's URLs, and each URL that a driver asks for.
//! Out: the URL parsed, or why not. Pure: compares names, never resolves them, and refuses
//! to know what is sent.

use http::Uri;

/// The hosts and ports of a channel.
#[derive(Clone, Debug, Default)]
pub struct AllowedHosts {
    origins: Vec<(String, u16)>,
}

impl AllowedHosts {
    /// From the driver's `host[:port]` and the operator's `https://` URLs.
    pub fn new<'a>(
        declared: impl IntoIterator<Item = &'a str>,
        configured: impl IntoIterator<Item = &'a str>,
    ) -> Result<Self, GuardError> {
        let mut allowed = Self::default();
        for host in declared {
            let uri = parse(&format!("https://{host}/"))?;
            if uri.path() != "/" || uri.query().is_some() {
                return Err(GuardError::NotAUrl);
            }
            allowed.origins.push(origin(&uri)?);
        }
        for url in configured {
            allowed.origins.push(origin(&parse(url)?)?);
        }
        Ok(allowed)
    }

    /// Parses a URL that a driver asks for, if it may.
    pub fn check(&self, url: &str) -> Result<Uri, GuardError> {
        let uri = parse(url)?;
        let host = uri.host().ok_or(GuardError::NotAUrl)?;
        let port = uri.port_u16().unwrap_or(HTTPS);
        let known =
            |(name, number): &(String, u16)| *number == port && name.eq_ignore_ascii_case(host);
        if !self.origins.iter().any(known) {
            let host = host.to_owned();
            return Err(GuardError::NotAllowed { host, port });
        }
        Ok(uri)
    }
}

const HTTPS: u16 = 443;

fn origin(uri: &Uri) -> Result<(String, u16), GuardError> {
    let host = uri.host().ok_or(GuardError::NotAUrl)?;
    Ok((host.to_ascii_lowercase(), uri.port_u16().unwrap_or(HTTPS)))
}

/// Parses an absolute https URL and refuses all that two parsers might read differently.
fn parse(url: &str) -> Result<Uri, GuardError> {
    let plain = |byte: u8| byte.is_ascii_graphic() && !matches!(byte, b'\\' | b'#');
    if !url.bytes().all(plain) {
        return Err(GuardError::StrangeCharacter);
    }
    let uri = Uri::try_from(url).map_err(|_| GuardError::NotAUrl)?;
    match uri.scheme_str() {
        Some("https") => {}
        Some(_) => return Err(GuardError::NotHttps),
        None => return Err(GuardError::NotAUrl),
    }
    let authority = uri.authority().ok_or(GuardError::NotAUrl)?.as_str();
    if authority.contains('@') {
        return Err(GuardError::UserInfo);
    }
    let host = uri
        .host()
        .filter(|host| !host.is_empty())
        .ok_or(GuardError::NotAUrl)?;
    match authority.get(host.len()..) {
        Some("") => {}
        Some(port) if is_port(port) => {}
        _ => return Err(GuardError::BadPort),
    }
    Ok(uri)
}

/// `:` and a number from 1 to 65535 in its one spelling.
fn is_port(text: &str) -> bool {
    let Some(digits) = text.strip_prefix(':') else {
        return false;
    };
    // Neither a sign nor a zero in front: "+443" and "0443" are numbers, too.
    digits.starts_with(|first| matches!(first, '1'..='9')) && digits.parse::<u16>().is_ok()
}

/// Why a URL is not sent to.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum GuardError {
    /// Not an absolute URL with a host.
    #[error("not an absolute url")]
    NotAUrl,
    /// A scheme other than https.
    #[error("not an https url")]
    NotHttps,
    /// A user or password before the host.
    #[error("a user or password stands before the host")]
    UserInfo,
    /// A port that is none.
    #[error("the port is not a number from 1 to 65535")]
    BadPort,
    /// White space, a control character, a backslash, a fragment or a letter beyond ASCII.
    #[error("the url has a character that belongs in no request")]
    StrangeCharacter,
    /// A host that neither driver nor operator named.
    #[error("{host}:{port} is neither declared by the driver nor configured")]
    NotAllowed {
        /// Host of the URL.
        host: String,
        /// Port of the URL.
        port: u16,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    fn apns() -> AllowedHosts {
        AllowedHosts::new(
            ["api.push.apple.com", "api.push.apple.com:2197"],
            ["https://Gateway.example:8443/base?x=1"],
        )
        .unwrap()
    }

    #[test]
    fn declared_and_configured_origins_pass() {
        for url in [
            "https://api.push.apple.com/3/device/00",
            "https://api.push.apple.com:443/3/device/00",
            "https://api.push.apple.com:2197/3/device/00",
            "https://API.Push.Apple.com/3/device/00?a=b%20c",
            "HTTPS://api.push.apple.com/",
            "https://gateway.example:8443/other",
        ] {
            assert!(apns().check(url).is_ok(), "{url}");
        }
    }

    #[test]
    fn hosts_that_only_look_alike_are_refused() {
        for url in [
            "https://api.push.apple.com.evil/",
            "https://api.push.apple.com./",
            "https://evil/api.push.apple.com",
            "https://evil?api.push.apple.com",
            "https://push.apple.com/",
            "https://api.push.apple.com:444/",
            "https://gateway.example/",
            "https://[::1]/",
            "https://[::ffff:127.0.0.1]/",
            "https://127.0.0.1/",
            "https://2130706433/",
            "https://api.push.apple.com%2eevil/",
            "https://api.push.apple.com%00.evil/",
        ] {
            let error = apns().check(url).unwrap_err();
            assert!(
                matches!(error, GuardError::NotAllowed { .. } | GuardError::NotAUrl),
                "{url}: {error}"
            );
        }
    }

    #[test]
    fn tricks_with_the_authority_are_refused() {
        for (url, expected) in [
            ("https://api.push.apple.com@evil/", GuardError::UserInfo),
            ("https://evil@api.push.apple.com/", GuardError::UserInfo),
            ("https://a:b@api.push.apple.com/", GuardError::UserInfo),
            ("https://api.push.apple.com:0/", GuardError::BadPort),
            ("https://api.push.apple.com:/", GuardError::BadPort),
            ("https://api.push.apple.com:0443/", GuardError::BadPort),
            (
                "https://evil\\@api.push.apple.com/",
                GuardError::StrangeCharacter,
            ),
            (
                "https://api.push.apple.com\\.evil/",
                GuardError::StrangeCharacter,
            ),
            (
                "https://api.push.apple.com/#@evil",
                GuardError::StrangeCharacter,
            ),
            (
                "https://api.push.apple.com/a b",
                GuardError::StrangeCharacter,
            ),
            (
                "https://api.push.apple.com/\r\nx: y",
                GuardError::StrangeCharacter,
            ),
            (
                "https://api.push.apple.com\u{3002}evil/",
                GuardError::StrangeCharacter,
            ),
            ("http://api.push.apple.com/", GuardError::NotHttps),
            ("ftp://api.push.apple.com/", GuardError::NotHttps),
            ("//api.push.apple.com/", GuardError::NotAUrl),
            ("/3/device/00", GuardError::NotAUrl),
            ("api.push.apple.com", GuardError::NotAUrl),
            ("https:///3/device/00", GuardError::NotAUrl),
            ("", GuardError::NotAUrl),
        ] {
            assert_eq!(apns().check(url), Err(expected), "{url}");
        }
    }

    #[test]
    fn ports_beyond_the_range_are_refused() {
        for url in [
            "https://a:65536/",
            "https://a:99999/",
            "https://a:+443/",
            "https://a:4x/",
        ] {
            let error = AllowedHosts::new(["a"], [])
                .unwrap()
                .check(url)
                .unwrap_err();
            assert!(
                matches!(error, GuardError::BadPort | GuardError::NotAUrl),
                "{url}"
            );
        }
    }

    #[test]
    fn an_ipv6_host_passes_when_it_was_declared() {
        let allowed = AllowedHosts::new(["[::1]:8443"], []).unwrap();
        assert!(allowed.check("https://[::1]:8443/").is_ok());
        assert!(allowed.check("https://[::1]/").is_err());
    }

    #[test]
    fn declarations_are_hosts_and_nothing_more() {
        for host in [
            "api.push.apple.com/path",
            "user@host",
            "https://host",
            "a b",
            "",
        ] {
            assert!(AllowedHosts::new([host], []).is_err(), "{host:?}");
        }
        assert!(AllowedHosts::new([], ["http://gateway.example/"]).is_err());
    }
}

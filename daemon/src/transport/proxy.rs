//! The proxy that connections to vendors go through.
//!
//! In: the operator's proxy URL, perhaps with a user and a password. Out: its address and
//! the CONNECT credentials, which no Debug shows. Refuses to know what is tunnelled.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderValue, Uri};

/// An HTTP proxy that opens tunnels with CONNECT.
#[derive(Clone)]
pub struct Proxy {
    address: Uri,
    url: String,
    authorization: Option<HeaderValue>,
}

impl Proxy {
    /// Reads `http://[user:password@]host[:port]`.
    pub fn parse(url: &str) -> Result<Self, ProxyFailure> {
        let uri: Uri = url.parse().map_err(|_| ProxyFailure::BadUrl)?;
        if uri.scheme_str() != Some("http") {
            return Err(ProxyFailure::BadScheme);
        }
        if !matches!(uri.path(), "" | "/") || uri.query().is_some() {
            return Err(ProxyFailure::BadUrl);
        }
        let authority = uri.authority().ok_or(ProxyFailure::BadUrl)?.as_str();
        let (login, host) = match authority.rsplit_once('@') {
            Some((login, host)) => (Some(login), host),
            None => (None, authority),
        };
        let address: Uri = format!("http://{host}/")
            .parse()
            .map_err(|_| ProxyFailure::BadUrl)?;
        let authorization = login.map(basic).transpose()?;
        let url = url.to_owned();
        Ok(Self {
            address,
            url,
            authorization,
        })
    }

    /// Where the proxy listens, without credentials.
    pub fn address(&self) -> &Uri {
        &self.address
    }

    /// Host and port, for messages.
    pub(super) fn shown(&self) -> &str {
        self.address.authority().map_or("", |known| known.as_str())
    }

    /// The URL as written, with credentials.
    pub(super) fn url(&self) -> &str {
        &self.url
    }

    /// Value of `proxy-authorization`.
    pub(super) fn authorization(&self) -> Option<&HeaderValue> {
        self.authorization.as_ref()
    }
}

/// Never shows the credentials.
impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Proxy({})", self.address)
    }
}

fn basic(login: &str) -> Result<HeaderValue, ProxyFailure> {
    let (user, password) = login.split_once(':').unwrap_or((login, ""));
    let mut plain = percent_decode(user)?;
    plain.push(b':');
    plain.extend(percent_decode(password)?);
    let mut value = HeaderValue::try_from(format!("Basic {}", STANDARD.encode(plain)))
        .expect("base64 is a valid header value");
    value.set_sensitive(true);
    Ok(value)
}

fn percent_decode(text: &str) -> Result<Vec<u8>, ProxyFailure> {
    let mut bytes = text.bytes();
    let mut plain = Vec::with_capacity(text.len());
    while let Some(byte) = bytes.next() {
        if byte != b'%' {
            plain.push(byte);
            continue;
        }
        let mut digit = || char::from(bytes.next()?).to_digit(16);
        match (digit(), digit()) {
            (Some(high), Some(low)) => plain.push((high * 16 + low) as u8),
            _ => return Err(ProxyFailure::BadUrl),
        }
    }
    Ok(plain)
}

/// What a proxy did instead of opening a tunnel, or what is wrong with its URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProxyFailure {
    /// Not a URL of a proxy.
    #[error("the proxy's url is not of the form http://user:password@host:port")]
    BadUrl,
    /// A scheme other than `http`.
    #[error("the proxy's url does not begin with http://")]
    BadScheme,
    /// 407.
    #[error("it requires a user and a password, or other ones")]
    Unauthorized,
    /// Any other answer than 200, or none.
    #[error("it refused or dropped the request")]
    Refused,
}

impl ProxyFailure {
    /// Reads the message of a tunnel's error, whose type has no public path.
    pub(super) fn of_tunnel(message: &str) -> Self {
        match message.contains("authorization required") {
            true => Self::Unauthorized,
            false => Self::Refused,
        }
    }

    /// What an operator can do about it.
    pub fn remedy(self) -> &'static str {
        match self {
            Self::BadUrl => "write http://user:password@host:port, special characters as %XX",
            Self::BadScheme => {
                "use a proxy that is reached over plain http; tunnels through it are encrypted all the same"
            }
            Self::Unauthorized => "set the user and the password in the proxy's url",
            Self::Refused => "let the proxy open tunnels to the vendor's hosts and ports",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_decoded_and_never_shown() {
        let proxy = Proxy::parse("http://al%40ice:p%3Aw@proxy.test:3128").unwrap();
        assert_eq!(proxy.address().to_string(), "http://proxy.test:3128/");
        let expected = format!("Basic {}", STANDARD.encode("al@ice:p:w"));
        assert_eq!(proxy.authorization().unwrap().to_str().unwrap(), expected);
        assert_eq!(format!("{proxy:?}"), "Proxy(http://proxy.test:3128/)");
    }

    #[test]
    fn other_urls_are_refused() {
        let failure = |url| Proxy::parse(url).unwrap_err();
        assert_eq!(failure("https://proxy.test"), ProxyFailure::BadScheme);
        assert_eq!(failure("socks5://proxy.test"), ProxyFailure::BadScheme);
        assert_eq!(failure("proxy.test:3128"), ProxyFailure::BadScheme);
        assert_eq!(failure("http://proxy.test/path"), ProxyFailure::BadUrl);
        assert_eq!(failure("http://a%zz@proxy.test"), ProxyFailure::BadUrl);
    }
}

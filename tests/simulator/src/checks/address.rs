//! What an address is, for the vendors that want one (RFC 3986).
//!
//! A scheme in small letters, a host by its name or its IPv4 number, and only the characters that an
//! address has room for. No vendor's page speaks of letters beyond ASCII or of hosts in brackets, so
//! a message that needs them taken is not sure to arrive.

/// An address of the web, with or without TLS.
pub(crate) fn is_web(text: &str) -> bool {
    let rest = text
        .strip_prefix("https://")
        .or_else(|| text.strip_prefix("http://"));
    rest.is_some_and(is_place)
}

/// An address of the web, with TLS.
pub(crate) fn is_https(text: &str) -> bool {
    text.starts_with("https://") && is_web(text)
}

/// A host, and what follows.
fn is_place(rest: &str) -> bool {
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, tail) = rest.split_at(end);
    let server = authority
        .rsplit_once('@')
        .map_or(authority, |(_, server)| server);
    let (host, port) = server.split_once(':').unwrap_or((server, ""));
    host.starts_with(|c: char| c.is_ascii_alphanumeric())
        && !host.contains("..")
        && host
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "-._".contains(c))
        && (port.is_empty() || port.parse::<u16>().is_ok())
        && rest.chars().all(is_of_a_uri)
        && tail.matches('#').count() <= 1
        && are_escapes_whole(rest)
}

/// Each `%` has its two digits.
pub(crate) fn are_escapes_whole(text: &str) -> bool {
    let is_escape =
        |rest: &str| rest.len() >= 2 && rest.bytes().take(2).all(|b| b.is_ascii_hexdigit());
    text.split('%').skip(1).all(is_escape)
}

fn is_of_a_uri(c: char) -> bool {
    c.is_ascii_alphanumeric() || "-._~:/?#@!$&'()*+,;=%".contains(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_a_host_and_no_odd_characters() {
        for good in [
            "https://example.com",
            "https://example.com:8443/a?b=%20#c",
            "https://my_bucket.example.com?a",
            "https://192.0.2.1/",
            "https://ann@xn--fsqu00a.example/",
        ] {
            assert!(is_https(good) && is_web(good), "{good}");
        }
        for bad in [
            "example.com",
            "HTTPS://example.com",
            "https://",
            "https:///a",
            "https://.a/",
            "https://a..b/",
            "https://[::1]/",
            "https://a:b/",
            "https://a:65536/",
            "https://例.cn/",
            "https://e.com/图",
            "https://e.com/a b",
            "https://e.com/a\n",
            "https://e.com/{a}",
            "https://e.com/%2",
            "https://e.com/#a#b",
        ] {
            assert!(!is_https(bad) && !is_web(bad), "{bad}");
        }
        assert!(is_web("http://example.com") && !is_https("http://example.com"));
    }
}

//! Addresses of the web, in the one form that every vendor takes (RFC 3986).
//!
//! In: what a sender wrote, with blanks around it, a scheme in capitals, letters of any script.
//! Out: the same address in the characters that there is room for: its path percent-encoded, the
//! name of its host in ASCII (IDNA). What is right already stays as it is. Refuses to know where
//! an address leads, and what else a text may be that is none.

use std::borrow::Cow;
use std::net::Ipv6Addr;

use idna::AsciiDenyList;

const HTTPS: &str = "https://";
const HTTP: &str = "http://";
/// Longest name of a host, and longest part of it (RFC 1035).
const MAX_HOST: usize = 253;
const MAX_LABEL: usize = 63;

/// Why a text is no address that all vendors take; reads on after "the address".
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NoAddress {
    /// Of other schemes a phone might run some.
    #[error("does not start with http:// or https://")]
    Scheme,
    /// It is `http://`, where that is not taken.
    #[error("starts with http://")]
    Plain,
    /// No name that a host can have.
    #[error("has no host such as example.com")]
    Host,
    /// No vendor says that it takes these.
    #[error("has an IPv6 number for a host, where vendors want a name")]
    Brackets,
    /// Not a number that a port can have.
    #[error("has a port that is no number up to 65535")]
    Port,
}

/// The address of a web page or a picture: `http://` or `https://`, and a host.
pub fn web(text: &str) -> Result<Cow<'_, str>, NoAddress> {
    let text = text.trim_matches(|c: char| c.is_whitespace() || c.is_control());
    let (scheme, rest) = split(text).ok_or(NoAddress::Scheme)?;
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, tail) = rest.split_at(end);
    let (user, server) = match authority.rsplit_once('@') {
        Some((user, server)) => (Some(user), server),
        None => (None, authority),
    };
    let (host, port) = host_and_port(server)?;
    let host = name(host)?;
    let is_right = text.starts_with(scheme)
        && matches!(host, Cow::Borrowed(_))
        && user.is_none_or(|user| encoded(user, OF_A_USER).is_none())
        && encoded(tail, OF_A_TAIL).is_none();
    if is_right {
        return Ok(Cow::Borrowed(text));
    }
    let mut address = String::with_capacity(text.len() * 3);
    address.push_str(scheme);
    if let Some(user) = user {
        address.push_str(encoded(user, OF_A_USER).as_deref().unwrap_or(user));
        address.push('@');
    }
    address.push_str(&host);
    if let Some(port) = port {
        address.push(':');
        address.push_str(port);
    }
    address.push_str(encoded(tail, OF_A_TAIL).as_deref().unwrap_or(tail));
    Ok(Cow::Owned(address))
}

/// As [`web`], where only `https://` is taken.
pub fn https(text: &str) -> Result<Cow<'_, str>, NoAddress> {
    match web(text)? {
        address if address.starts_with(HTTPS) => Ok(address),
        _ => Err(NoAddress::Plain),
    }
}

/// Whether it is the address of a web page, whatever vendors say of its host.
pub fn is_web(text: &str) -> bool {
    matches!(web(text), Ok(_) | Err(NoAddress::Brackets))
}

/// Whether a text is the address of a web page as every vendor takes it: `http://` or `https://`
/// with a host, in the characters of an address. See [`web`].
pub fn is_web_page(url: &str) -> bool {
    matches!(web(url), Ok(Cow::Borrowed(address)) if address.len() == url.len())
}

/// The text as [`web`] has it; none where it is no address, or that already.
pub fn mended(text: &str) -> Option<String> {
    web(text)
        .ok()
        .filter(|address| address.len() != text.len() || matches!(address, Cow::Owned(_)))
        .map(Cow::into_owned)
}

/// The scheme as it is written, and what follows.
fn split(text: &str) -> Option<(&'static str, &str)> {
    [HTTPS, HTTP].into_iter().find_map(|scheme| {
        let (head, rest) = text.split_at_checked(scheme.len())?;
        head.eq_ignore_ascii_case(scheme).then_some((scheme, rest))
    })
}

fn host_and_port(server: &str) -> Result<(&str, Option<&str>), NoAddress> {
    let is_port = |port: &str| {
        port.bytes().all(|byte| byte.is_ascii_digit())
            && (port.is_empty() || port.parse::<u16>().is_ok())
    };
    if let Some(number) = server.strip_prefix('[') {
        let number = number.split_once(']').map_or("", |(number, _)| number);
        return Err(match number.parse::<Ipv6Addr>() {
            Ok(_) => NoAddress::Brackets,
            Err(_) => NoAddress::Host,
        });
    }
    match server.split_once(':') {
        None => Ok((server, None)),
        Some((host, port)) if is_port(port) => Ok((host, Some(port))),
        Some(_) => Err(NoAddress::Port),
    }
}

/// A host's name in ASCII.
fn name(host: &str) -> Result<Cow<'_, str>, NoAddress> {
    let name = match host.is_ascii() {
        true => Cow::Borrowed(host),
        false => idna::domain_to_ascii_cow(host.as_bytes(), AsciiDenyList::URL)
            .map_err(|_| NoAddress::Host)?,
    };
    if is_name(&name) {
        Ok(name)
    } else {
        Err(NoAddress::Host)
    }
}

fn is_name(host: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    let host = host.strip_suffix('.').unwrap_or(host);
    host.len() <= MAX_HOST
        && host.starts_with(|c: char| c.is_ascii_alphanumeric())
        && host
            .split('.')
            .all(|label| (1..=MAX_LABEL).contains(&label.len()) && label.bytes().all(fits))
}

/// What stands in a part of an address besides letters, digits and escapes.
const OF_A_USER: &str = "-._~!$&'()*+,;=:";
/// Path, query and fragment; the first `#` begins the fragment, which has none.
const OF_A_TAIL: &str = "-._~!$&'()*+,;=:@/?";

/// The text with all escaped that its part of an address has no room for; none where all has.
fn encoded(text: &str, room: &str) -> Option<String> {
    let is_escape = |at: usize| {
        let digits = text.as_bytes().get(at + 1..at + 3);
        digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
    };
    let fragment = (room == OF_A_TAIL).then(|| text.find('#')).flatten();
    let stays = |at: usize, c: char| match c {
        '%' => is_escape(at),
        '#' => fragment == Some(at),
        _ => c.is_ascii_alphanumeric() || room.contains(c),
    };
    if text.char_indices().all(|(at, c)| stays(at, c)) {
        return None;
    }
    let mut encoded = String::with_capacity(text.len() * 3);
    for (at, c) in text.char_indices() {
        match stays(at, c) {
            true => encoded.push(c),
            false => percent(c, &mut encoded),
        }
    }
    Some(encoded)
}

/// A character as an address has it where there is no room for it: `%` and two digits for each
/// of its bytes.
pub(crate) fn percent(c: char, to: &mut String) {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    let mut bytes = [0; 4];
    for byte in c.encode_utf8(&mut bytes).bytes() {
        let digit = |half: u8| char::from(DIGITS[usize::from(half)]);
        to.extend(['%', digit(byte >> 4), digit(byte & 15)]);
    }
}

#[cfg(test)]
mod tests;

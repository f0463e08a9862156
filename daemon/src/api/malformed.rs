//! The answer to a request that is no request: which mistake, and where.
//!
//! In: what hyper says of it, and the bytes that it could not read. Out: a problem, the path that
//! it is for, and an answer as bytes, for nobody else is there to write it. Refuses to know
//! connections. Quotes nothing of what it was sent: a head may hold a password.

use axum::http::{HeaderMap, Request, StatusCode, header};
use axum::response::Response;
use futures_util::FutureExt;
use http_body_util::{BodyExt, Collected};

use nudged_wire::{Code, Problem};

/// Longest head, in bytes.
pub const MAX_HEAD: usize = 64 << 10;
/// Most fields of a head, as hyper has it.
const MAX_FIELDS: usize = 100;

/// Why the rest of a head did not come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HeadEnd {
    /// The caller has ended its sending.
    Caller,
    /// It took too long.
    Late,
    /// The daemon stops.
    Stopping,
}

/// What came of a request whose head could not be read.
#[derive(Clone, Copy, Debug)]
pub struct UnparsedHead<'a> {
    /// From the head on; from its end on, if hyper had taken it already.
    pub unread: &'a [u8],
    /// The last that came, with what is unread at its end.
    pub last: &'a [u8],
}

/// The answer to a request whose head could not be read, and the path that it is for, as far as
/// that is known; none when that is not what happened.
pub fn unread<'a>(
    error: &hyper::Error,
    head: UnparsedHead<'a>,
    end: HeadEnd,
) -> Option<(Problem, &'a str)> {
    if error.is_incomplete_message() {
        return Some((broken_off(head.unread, end), path(head, false)));
    }
    if !error.is_parse() {
        return None;
    }
    let words = error.to_string();
    if let Some(problem) = misframed(&words) {
        return Some((problem, path(head, true)));
    }
    let problem = unreadable(&words, error.is_parse_too_large(), head.unread);
    let is_taken = problem.status == StatusCode::PAYLOAD_TOO_LARGE.as_u16();
    Some((problem, path(head, is_taken)))
}

/// The answer to a head that hyper has taken, and whose body would have no end.
fn misframed(words: &str) -> Option<Problem> {
    if words.contains("content-length") {
        let detail = "the content-length is no number of bytes, or there are several";
        let problem = Problem::new(Code::BadRequest, detail);
        return Some(problem.hint("give the length of the body once, in decimal digits only, such as \"content-length: 58\""));
    }
    if words.contains("unexpected transfer-encoding") {
        let detail = "the request has a transfer-encoding, which HTTP/1.0 does not know";
        let problem = Problem::new(Code::BadRequest, detail);
        return Some(
            problem.hint("send it as HTTP/1.1, or the body as it is with its content-length"),
        );
    }
    words.contains("transfer-encoding").then(coding)
}

/// The path of a request, without its query; empty where none is seen.
fn path(head: UnparsedHead<'_>, is_taken: bool) -> &str {
    let target = match is_taken {
        false => {
            let first = lines(head.unread).find(|(_, line)| !line.is_empty());
            first.and_then(|(_, line)| line.split(|byte| *byte == b' ').nth(1))
        }
        // The last line before that has the form of a request's first; a body may precede in it.
        true => {
            let taken = head.last.len().saturating_sub(head.unread.len());
            let lines = head.last[..taken].rsplit(|byte| *byte == b'\n');
            let mut targets = lines.filter_map(|line| {
                let mut words = line.trim_ascii_end().rsplit(|byte| *byte == b' ');
                let version = words.next()?;
                version.starts_with(b"HTTP/1.").then(|| words.next())?
            });
            targets.next()
        }
    };
    let target = target.unwrap_or_default();
    let path = target.split(|byte| b"?#\r".contains(byte)).next();
    let path = std::str::from_utf8(path.unwrap_or_default()).unwrap_or_default();
    match path.split_once("://") {
        // Of a whole URL.
        Some((_, rest)) => rest.find('/').map_or("", |at| &rest[at..]),
        None => path,
    }
}

fn broken_off(head: &[u8], end: HeadEnd) -> Problem {
    let there = format!(
        "the head of the request broke off after {} bytes",
        head.len()
    );
    match end {
        HeadEnd::Caller => {
            Problem::new(Code::BadRequest, there).hint("a head ends with an empty line")
        }
        HeadEnd::Late => Problem::new(
            Code::RequestTimeout,
            format!("{there}, and the rest did not come in time"),
        )
        .hint("a head ends with an empty line; send it again, in one go"),
        HeadEnd::Stopping => Problem::new(Code::Stopping, "the daemon is stopping")
            .hint("send again once it is back"),
    }
}

fn unreadable(words: &str, is_too_large: bool, head: &[u8]) -> Problem {
    let bad = |detail: String| Problem::new(Code::BadRequest, detail);
    if head.starts_with(b"PRI * HTTP/2") {
        return other_version("HTTP/2");
    }
    if head.starts_with(&[0x16, 3]) {
        return bad("this is a TLS handshake".to_owned())
            .hint("the socket speaks HTTP/1.1 without TLS; the kernel vouches for its callers");
    }
    if is_too_large {
        return too_large(words, head);
    }
    if words.contains("URI") {
        let detail = "the target of the request is no path";
        return bad(detail.to_owned())
            .hint("line 1 of a head is such as \"POST /v1/notifications HTTP/1.1\"");
    }
    if let Some(version) = version(head).filter(|it| !matches!(*it, "HTTP/1.0" | "HTTP/1.1")) {
        return other_version(version);
    }
    bad(fault(head).unwrap_or_else(|| words.to_owned())).hint("the socket speaks HTTP/1.1")
}

fn other_version(version: &str) -> Problem {
    let detail = format!("the request is {version}, expected HTTP/1.1");
    Problem::new(Code::VersionNotSupported, detail)
}

fn coding() -> Problem {
    let detail = "the transfer coding is not known, expected \"chunked\" and nothing else";
    Problem::new(Code::NotImplemented, detail)
        .hint("send the body as it is, with its content-length or chunked")
}

fn too_large(words: &str, head: &[u8]) -> Problem {
    let first = head.split(|byte| *byte == b'\n').next().unwrap_or_default();
    if words.contains("URI") || first.len() > MAX_HEAD / 2 {
        let detail = "the target of the request, its path and query, is too long";
        return Problem::new(Code::UriTooLong, detail);
    }
    let fields = head.split(|byte| *byte == b'\n').count();
    if head.len() < MAX_HEAD && fields <= MAX_FIELDS {
        // The head is read already, so it was the content-length.
        return Problem::new(
            Code::TooLarge,
            "the content-length is no number of bytes that fit",
        )
        .hint("the operator sets the limit with socket.max_body in nudged.toml");
    }
    let detail =
        format!("the head is longer than {MAX_HEAD} bytes or has more than {MAX_FIELDS} fields");
    Problem::new(Code::HeadTooLarge, detail)
}

/// The version that a request line names, if it has the form of one.
fn version(head: &[u8]) -> Option<&str> {
    let line = lines(head)
        .map(|(_, line)| line)
        .find(|it| !it.is_empty())?;
    let word = line.rsplit(|byte| *byte == b' ').next()?;
    match word {
        [b'H', b'T', b'T', b'P', b'/', major, b'.', minor]
            if major.is_ascii_digit() && minor.is_ascii_digit() =>
        {
            std::str::from_utf8(word).ok()
        }
        _ => None,
    }
}

/// The lines of a head with their numbers, from 1.
fn lines(head: &[u8]) -> impl Iterator<Item = (usize, &[u8])> {
    let lines = head.split(|byte| *byte == b'\n');
    let lines = lines.map(|line| line.strip_suffix(b"\r").unwrap_or(line));
    lines.enumerate().map(|(at, line)| (at + 1, line))
}

/// The first line of a head that is wrong, and what is wrong in it.
fn fault(head: &[u8]) -> Option<String> {
    let mut lines = lines(head).skip_while(|(_, line)| line.is_empty());
    let (number, line) = lines.next()?;
    let words: Vec<&[u8]> = line.split(|byte| *byte == b' ').collect();
    let is_good = match words.as_slice() {
        [method, target, version] => {
            is_token(method) && target.iter().all(|it| it.is_ascii_graphic()) && {
                !target.is_empty() && version.starts_with(b"HTTP/1.")
            }
        }
        _ => false,
    };
    if !is_good {
        return Some(format!(
            "line {number} of the head is no request line, expected such as \"POST /v1/notifications HTTP/1.1\""
        ));
    }
    let mut lines = lines.take_while(|(_, line)| !line.is_empty());
    let (number, line) = lines.find(|(_, line)| !is_field(line))?;
    let why = match line.iter().position(|byte| *byte == b':') {
        _ if line.starts_with(b" ") || line.starts_with(b"\t") => "begins with a blank",
        None => "has no colon",
        Some(at) if !is_token(&line[..at]) => "has no name of a field before its colon",
        Some(_) => "has a control character in its value",
    };
    Some(format!(
        "line {number} of the head {why}, expected such as \"content-type: application/json\""
    ))
}

fn is_field(line: &[u8]) -> bool {
    line.iter()
        .position(|byte| *byte == b':')
        .is_some_and(|at| {
            let is_text = |byte: &u8| *byte == b'\t' || !byte.is_ascii_control();
            is_token(&line[..at]) && line[at..].iter().all(is_text)
        })
}

/// RFC 9110 §5.6.2.
fn is_token(word: &[u8]) -> bool {
    let is_token = |byte: &u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(byte);
    !word.is_empty() && word.iter().all(is_token)
}

/// The answer to a request that could be read, but asks for more of HTTP than there is.
pub fn unfit<B>(request: &Request<B>) -> Option<Problem> {
    let headers = request.headers();
    if count(headers, header::HOST) > 1 {
        let detail = "the request has more than one host field";
        return Some(Problem::new(Code::BadRequest, detail));
    }
    let mut codings = headers.get_all(header::TRANSFER_ENCODING).iter();
    if codings.any(|it| !it.as_bytes().eq_ignore_ascii_case(b"chunked"))
        || count(headers, header::TRANSFER_ENCODING) > 1
    {
        return Some(coding());
    }
    let mut expected = headers.get_all(header::EXPECT).iter();
    expected
        .any(|it| !it.as_bytes().eq_ignore_ascii_case(b"100-continue"))
        .then(|| {
            let detail = "the request expects something else than 100-continue";
            Problem::new(Code::ExpectationFailed, detail)
        })
}

fn count(headers: &HeaderMap, name: header::HeaderName) -> usize {
    headers.get_all(name).iter().count()
}

/// The whole answer as bytes, the last on its connection.
pub fn raw(response: Response) -> Vec<u8> {
    let (head, body) = response.into_parts();
    // It is there: a refusal is no stream.
    let body = body.collect().now_or_never().and_then(Result::ok);
    let body = body.map(Collected::to_bytes).unwrap_or_default();
    let mut raw = format!("HTTP/1.1 {}\r\n", head.status).into_bytes();
    for (name, value) in &head.headers {
        raw.extend_from_slice(name.as_str().as_bytes());
        raw.extend_from_slice(b": ");
        raw.extend_from_slice(value.as_bytes());
        raw.extend_from_slice(b"\r\n");
    }
    let length = body.len();
    let end = format!("content-length: {length}\r\nconnection: close\r\n\r\n");
    raw.extend_from_slice(end.as_bytes());
    raw.extend_from_slice(&body);
    raw
}

use std::time::{Duration, SystemTime};

use clap::builder::{PossibleValuesParser, TypedValueParser};
use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_json::value::RawValue;

use nudged_wire::json::halves;
use nudged_wire::{BadgeChange, ElementSpec};

/// One of the names that the API knows.
pub fn named<T>(names: &'static [&'static str]) -> impl TypedValueParser<Value = T>
where
    T: DeserializeOwned + Clone + Send + Sync + 'static,
{
    PossibleValuesParser::new(names).try_map(|name| serde_json::from_value(Value::String(name)))
}

/// A length of time: `90` or `90s`, `10m`, `3days`.
pub fn span(text: &str) -> Result<Duration, String> {
    if let Ok(seconds) = text.parse() {
        return Ok(Duration::from_secs(seconds));
    }
    humantime::parse_duration(text)
        .map_err(|error| format!("expected seconds, or a time such as 90s, 1h or 3days: {error}"))
}

/// A length of time in which something can happen.
pub fn timeout(text: &str) -> Result<Duration, String> {
    let span = span(text)?;
    if span.is_zero() {
        return Err("expected a time longer than zero, such as 30s".to_owned());
    }
    Ok(span)
}

/// A time, or how long ago it was: `2026-03-01T12:30:00Z`, `2h`.
pub fn moment(text: &str) -> Result<SystemTime, String> {
    if let Ok(time) = humantime::parse_rfc3339(text) {
        return Ok(time);
    }
    let ago = humantime::parse_duration(text)
        .map_err(|_| "expected a time such as 2026-03-01T12:30:00Z, or an age such as 2h")?;
    let time = SystemTime::now().checked_sub(ago);
    // Nothing that is asked for is older.
    Ok(time
        .unwrap_or(SystemTime::UNIX_EPOCH)
        .max(SystemTime::UNIX_EPOCH))
}

/// The token of a Live Activity: `ID=TOKEN`. An id may have a `=` in it, and no token of Apple's does.
pub fn activity(text: &str) -> Result<(String, String), String> {
    let (id, token) = text
        .rsplit_once('=')
        .filter(|(id, _)| !id.is_empty())
        .ok_or("expected ID=TOKEN, or ID= to remove the token")?;
    Ok((id.to_owned(), token.to_owned()))
}

/// A lifetime, in whole seconds.
pub fn ttl(text: &str) -> Result<u64, String> {
    let span = span(text)?;
    if span.subsec_nanos() != 0 {
        return Err("expected a lifetime in whole seconds".to_owned());
    }
    Ok(span.as_secs())
}

/// `5` sets, `+1` adds.
pub fn badge(text: &str) -> Result<BadgeChange, String> {
    let (number, change): (&str, fn(u32) -> BadgeChange) = match text.strip_prefix('+') {
        Some(rest) => (rest, BadgeChange::Add),
        None => (text, BadgeChange::Set),
    };
    if !number.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err("expected a number, or +N to add N".to_owned());
    }
    number
        .parse()
        .map(change)
        .map_err(|_| "expected a number, or +N to add N".to_owned())
}

/// A driver's own options: `apns={"push_type":"complication"}`.
pub fn driver_option(text: &str) -> Result<(String, Box<RawValue>), String> {
    let expected = "expected DRIVER=JSON, such as apns={\"interruption_level\":\"passive\"}";
    let (driver, json) = named_json(text, expected)?;
    Ok((driver.to_owned(), object(json)?))
}

/// What is different under a name: `ios={"sound":"ping.caf"}`.
pub fn different<T: DeserializeOwned>(text: &str) -> Result<(String, T), String> {
    let expected = "expected NAME=JSON, such as zh={\"title\":\"你好\"}";
    let (name, json) = named_json(text, expected)?;
    let object = object(json)?;
    let value = halves::read(object.get().as_bytes()).map_err(|error| error.to_string())?;
    Ok((name.to_owned(), value))
}

fn named_json<'a>(text: &'a str, expected: &str) -> Result<(&'a str, &'a str), String> {
    let named = text.split_once('=').filter(|(name, _)| !name.is_empty());
    named.ok_or_else(|| expected.to_owned())
}

/// A part of a chat message: `image`, or `text=hello`.
pub fn element(text: &str) -> Result<ElementSpec, String> {
    let (kind, text) = match text.split_once('=') {
        Some((kind, text)) => (kind, Some(text.to_owned())),
        None => (text, None),
    };
    let kind = serde_json::from_value(Value::String(kind.to_owned()));
    let kind = kind.map_err(|error| error.to_string())?;
    Ok(ElementSpec { kind, text })
}

/// A JSON object, kept as written.
pub fn object(json: &str) -> Result<Box<RawValue>, String> {
    let raw: Box<RawValue> =
        serde_json::from_str(json.trim()).map_err(|error| format!("not JSON: {error}"))?;
    if !raw.get().starts_with('{') {
        return Err("not a JSON object: it must be in braces".to_owned());
    }
    Ok(raw)
}

//! Whether what a driver says of itself can be: numbers that no vendor has would make the daemon
//! reserve, wait or send without measure. Pure.

use nudged_plugin_api::Info;

/// Tokens in one request, and requests in flight at once.
const MAX_AT_ONCE: i64 = 10_000;
/// Bytes of one request.
const MAX_BODY_BYTES: i64 = 64 << 20;
/// Things of a kind that a driver lists.
const MAX_LISTED: i64 = 1_000;
/// Bytes of a name.
const MAX_NAME_BYTES: usize = 200;
/// Minutes that a clock on earth is behind and ahead of UTC.
const UTC_OFFSETS: (i64, i64) = (-720, 840);

/// What is wrong with what a driver says of itself.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DescriptionError {
    #[error("vendor {shown:?}, expected lower-case letters, digits and `-`")]
    Vendor { shown: String },
    #[error("{what} {given}, expected {least} to {most}")]
    OutOfRange {
        what: String,
        given: i64,
        least: i64,
        most: i64,
    },
}

/// Whether what a driver says of itself can be.
pub fn check(info: &Info) -> Result<(), DescriptionError> {
    let name = &info.vendor;
    let letters = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if name.is_empty() || name.len() > MAX_NAME_BYTES || !name.bytes().all(letters) {
        let shown: String = name.chars().take(MAX_NAME_BYTES).collect();
        return Err(DescriptionError::Vendor { shown });
    }
    within("batch", info.batch, (1, MAX_AT_ONCE))?;
    within("concurrency", info.concurrency, (1, MAX_AT_ONCE))?;
    within("max_body", info.max_body, (1, MAX_BODY_BYTES))?;
    if let Some(rate) = info.rate {
        within("rate", rate, (1, u32::MAX.into()))?;
    }
    within("day_ahead", info.day_ahead, UTC_OFFSETS)?;
    for class in &info.classes {
        if let Some(window) = class.window {
            let of = |member| format!("classes.{}.window.{member}", class.name);
            within(&of("opens"), window.opens, (0, 1439))?;
            within(&of("closes"), window.closes, (1, 1440))?;
            within(&of("ahead"), window.ahead, UTC_OFFSETS)?;
        }
    }
    for text in &info.texts {
        let what = format!("texts.{}.max", text.field);
        within(&what, text.max, (1, u32::MAX.into()))?;
    }
    for (what, count) in [
        ("hosts", info.hosts.len()),
        ("settings", info.settings.len()),
        ("sources", info.sources.len()),
        ("classes", info.classes.len()),
        ("texts", info.texts.len()),
        ("kinds", info.kinds.len()),
    ] {
        within(&format!("number of {what}"), count, (0, MAX_LISTED))?;
    }
    for (what, text) in [("title", &info.title), ("version", &info.version)] {
        within(
            &format!("length of {what}"),
            text.len(),
            (0, MAX_NAME_BYTES as i64),
        )?;
    }
    Ok(())
}

fn within(
    what: &str,
    given: impl TryInto<i64>,
    (least, most): (i64, i64),
) -> Result<(), DescriptionError> {
    // What is beyond the largest number is beyond every limit.
    let given = given.try_into().unwrap_or(i64::MAX);
    if (least..=most).contains(&given) {
        return Ok(());
    }
    Err(DescriptionError::OutOfRange {
        what: what.chars().take(MAX_NAME_BYTES).collect(),
        given,
        least,
        most,
    })
}

#[cfg(test)]
mod tests {
    use nudged_plugin_api::info::{MessageClass, TextLimit, Window};
    use nudged_plugin_api::text::Unit;

    use super::*;

    type Wrong = fn(&mut Info);

    #[test]
    fn numbers_that_no_vendor_has_are_refused_with_what_was_expected() {
        let info = || Info::new("acme", "Acme", "1");
        assert_eq!(check(&info()), Ok(()));
        let cases: &[(Wrong, &str)] = &[
            (|it| it.vendor = "Acme".into(), "vendor \"Acme\""),
            (|it| it.vendor.clear(), "vendor \"\""),
            (|it| it.batch = 0, "batch 0, expected 1 to 10000"),
            (|it| it.batch = u32::MAX, "batch 4294967295"),
            (|it| it.concurrency = u32::MAX, "concurrency 4294967295"),
            (|it| it.max_body = u32::MAX, "max_body 4294967295"),
            (|it| it.rate = Some(0), "rate 0, expected 1 to"),
            (
                |it| it.day_ahead = i64::MIN,
                "day_ahead -9223372036854775808",
            ),
            (|it| it.day_ahead = i64::MAX, "expected -720 to 840"),
            (
                |it| {
                    let mut window = Window::hours(8, 22, 8);
                    window.closes = u32::MAX;
                    it.classes = vec![MessageClass::new("news", "News.").window(window)];
                },
                "classes.news.window.closes 4294967295, expected 1 to 1440",
            ),
            (
                |it| it.texts = vec![TextLimit::new("title", 0, Unit::Bytes)],
                "texts.title.max 0",
            ),
            (
                |it| it.hosts = vec!["a.test".to_owned(); 2_000],
                "number of hosts 2000, expected 0 to 1000",
            ),
            (|it| it.title = "x".repeat(500), "length of title 500"),
        ];
        for (spoil, expected) in cases {
            let mut spoilt = info();
            spoil(&mut spoilt);
            let problem = check(&spoilt).unwrap_err().to_string();
            assert!(problem.contains(expected), "{problem}");
        }
    }
}

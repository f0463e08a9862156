//! Title and text: vivo requires both, and counts them in one of two ways.

use std::borrow::Cow;

use nudged_driver_kit::text::{Unit, cut_by, fit};
use nudged_plugin_api::{Message, Notice};

use crate::settings::{Channel, MAX_CONTENT, MAX_TITLE};
use crate::width::{length, width};

/// `title` and `content`. A message without a title gets the channel's; one without a text
/// shows its title as the text, below the channel's.
pub(super) fn shown<'a>(
    channel: &'a Channel,
    message: &'a Message,
    notices: &mut Vec<Notice>,
) -> (Cow<'a, str>, Cow<'a, str>) {
    let (title, body) = (given(&message.title), given(&message.body));
    // req 24: a message without a title has the default one.
    let stand_in = channel.default_title.as_str();
    let (title, content) = match (title, body) {
        (title, Some(body)) => (title.unwrap_or(stand_in), ("body", body)),
        (title, None) => (stand_in, ("title", title.unwrap_or(stand_in))),
    };
    let mut fit = |field, text, max| {
        if channel.wide_counts_two {
            fit_wide(field, text, max, notices)
        } else {
            fit(field, text, max, Unit::Utf16, notices)
        }
    };
    let title = fit("title", title, MAX_TITLE);
    (title, fit(content.0, content.1, MAX_CONTENT))
}

/// A text that shows something: vivo takes a blank one for none.
fn given(text: &Option<String>) -> Option<&str> {
    text.as_deref().filter(|text| !text.trim().is_empty())
}

/// As `text::fit`, with two for all that is not ASCII.
fn fit_wide<'a>(field: &str, text: &'a str, max: usize, notices: &mut Vec<Notice>) -> Cow<'a, str> {
    let whole = length(text, true);
    if whole <= max {
        return Cow::Borrowed(text);
    }
    notices.push(Notice::new(
        field,
        format!("was cut from {whole} to {max}, where a wide character counts two"),
    ));
    Cow::Owned(cut_by(text, max, width))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wide_characters_count_two_and_are_not_cut_in_half() {
        let mut notices = Vec::new();
        let mut fit = |text| fit_wide("body", text, 10, &mut notices).into_owned();
        assert_eq!(fit("日本語日本"), "日本語日本");
        assert_eq!(fit("日本語日本語"), "日本語...");
        assert_eq!(fit("a日本語日本語"), "a日本語...");
        assert_eq!(fit("0123456789"), "0123456789");
        assert_eq!(fit("0123456789a"), "0123456...");
        assert_eq!(fit("😀😀😀😀😀😀"), "😀😀😀...");
        assert_eq!(fit("日🇩🇪🇩🇪🇩🇪"), "日🇩🇪...");
        let told = Notice::new(
            "body",
            "was cut from 12 to 10, where a wide character counts two",
        );
        assert_eq!(notices[0], told);
        assert_eq!(notices.len(), 5);
    }
}

//! What a tap does where a vendor cannot do what the message says.
//!
//! In: a message, and what a driver makes of one click. Out: what a tap opens. A click that the
//! vendor cannot do becomes the channel's own ([`Message::click_else`]), and where that cannot be
//! done either, the app opens: no message is lost to its click, and a notice says what became of
//! it. Refuses to know vendors.

use crate::text::{Unit, cut};
use nudged_plugin_api::{Click, Message, Notice};

/// Longest notice, in bytes.
const MOST: usize = 300;
/// Most that a notice shows of what is opened instead, in bytes.
const MOST_SHOWN: usize = 60;

/// What a tap opens: the first of the message's clicks that `opens` can do; none = the app.
///
/// `opens` is never asked for [`Click::OpenApp`]. It says why it cannot do a click, in words that
/// follow `opens the app: `, and its notices on a click that it cannot do are dropped.
pub fn first<'a, T>(
    message: &'a Message,
    notices: &mut Vec<Notice>,
    mut opens: impl FnMut(&'a Click, &mut Vec<Notice>) -> Result<T, String>,
) -> Option<T> {
    let mut tried = |click: &'a Click, notices: &mut Vec<Notice>| {
        let before = notices.len();
        let opened = opens(click, notices);
        if opened.is_err() {
            notices.truncate(before);
        }
        opened
    };
    if message.click == Click::OpenApp {
        return None;
    }
    let problem = match tried(&message.click, notices) {
        Ok(opened) => return Some(opened),
        Err(problem) => problem,
    };
    // req 67: a click that a vendor cannot do becomes the certificate's, else open-app.
    let other = message.click_else.as_ref();
    let other = other.filter(|it| **it != Click::OpenApp);
    let opened = other.and_then(|it| tried(it, notices).ok());
    let what = match (other, opened.is_some()) {
        (Some(Click::Url(shown) | Click::Page(shown)), true) => instead(shown),
        (Some(_), false) => {
            "opens the app, as the channel's own click cannot be done either".into()
        }
        _ => "opens the app".into(),
    };
    let text = format!("{what}: {problem}");
    notices.push(Notice::new("click", cut(&text, MOST, Unit::Bytes)));
    opened
}

fn instead(shown: &str) -> String {
    let shown = shown.replace(char::is_control, " ");
    let shown = cut(&shown, MOST_SHOWN, Unit::Bytes);
    format!("opens {shown} instead, the channel's own click")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A vendor that opens web pages, and says that it opens no other but by https.
    fn opens<'a>(click: &'a Click, notices: &mut Vec<Notice>) -> Result<&'a str, String> {
        notices.push(Notice::new("click", "was looked at"));
        match click {
            Click::Url(url) => Ok(url),
            _ => Err("the page is none".to_owned()),
        }
    }

    fn opened(click: Click, click_else: Option<Click>) -> (Option<String>, Vec<String>) {
        let mut message = Message::new("Ann", "Lunch?");
        message.click = click;
        message.click_else = click_else;
        let mut notices = Vec::new();
        let opened = first(&message, &mut notices, opens).map(str::to_owned);
        assert!(notices.iter().all(|it| it.field == "click"));
        (opened, notices.into_iter().map(|it| it.text).collect())
    }

    #[test]
    fn the_first_click_that_can_be_done_is_and_else_the_app_opens() {
        let url = |url: &str| Click::Url(url.to_owned());
        let page = || Click::Page("chat 42".to_owned());
        let (own, other) = ("https://a.test/", "https://b.test/");
        let instead = "opens https://b.test/ instead, the channel's own click: the page is none";
        let neither =
            "opens the app, as the channel's own click cannot be done either: the page is none";
        for (click, click_else, opens, told) in [
            (Click::OpenApp, None, None, vec![]),
            (Click::OpenApp, Some(url(other)), None, vec![]),
            (url(own), Some(url(other)), Some(own), vec!["was looked at"]),
            (url(own), Some(page()), Some(own), vec!["was looked at"]),
            (
                page(),
                Some(url(other)),
                Some(other),
                vec!["was looked at", instead],
            ),
            (page(), Some(page()), None, vec![neither]),
            (page(), None, None, vec!["opens the app: the page is none"]),
            (
                page(),
                Some(Click::OpenApp),
                None,
                vec!["opens the app: the page is none"],
            ),
        ] {
            let expected = (
                opens.map(str::to_owned),
                told.into_iter().map(str::to_owned).collect(),
            );
            let place = format!("{click:?}, {click_else:?}");
            assert_eq!(opened(click, click_else), expected, "{place}");
        }
    }

    #[test]
    fn a_notice_stays_a_short_line() {
        let long = format!("https://b.test/\n{}", "x".repeat(3000));
        let page = Click::Page("chat 42".to_owned());
        let (opened, told) = opened(page, Some(Click::Url(long.clone())));
        assert_eq!(opened, Some(long));
        let last = told.last().expect("a notice");
        assert!(last.len() <= MOST && !last.contains('\n'), "{last}");
    }
}

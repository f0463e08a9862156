//! What a tap does: an action and its value, checked. Pure.

use nudged_driver_kit::address;
use nudged_plugin_api::Click;
use nudged_wire::ClickAction;

/// What is wrong with the value of a click.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ClickError {
    #[error("open_app takes no value")]
    StrayValue,
    #[error("open_url takes a URL: http:// or https://, and a host such as example.com")]
    NoWebPage,
    #[error("open_page takes the page")]
    NoAppPage,
}

/// The click of this action with its value, of which `""` is none.
pub fn click(action: ClickAction, value: Option<&str>) -> Result<Click, ClickError> {
    match (action, value.filter(|value| !value.is_empty())) {
        (ClickAction::OpenApp, None) => Ok(Click::OpenApp),
        (ClickAction::OpenApp, Some(_)) => Err(ClickError::StrayValue),
        (ClickAction::OpenUrl, Some(url)) if address::is_web(url) => Ok(Click::Url(
            address::mended(url).unwrap_or_else(|| url.to_owned()),
        )),
        // req 6: a web page's URL begins with http:// or https://.
        (ClickAction::OpenUrl, _) => Err(ClickError::NoWebPage),
        (ClickAction::OpenPage, Some(page)) => Ok(Click::Page(page.to_owned())),
        (ClickAction::OpenPage, None) => Err(ClickError::NoAppPage),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_action_takes_the_value_that_it_needs() {
        use ClickAction::{OpenApp, OpenPage, OpenUrl};
        assert_eq!(click(OpenApp, None), Ok(Click::OpenApp));
        assert_eq!(click(OpenApp, Some("")), Ok(Click::OpenApp));
        for (page, right) in [
            ("http://example.com", "http://example.com"),
            ("https://example.com/a?b=c", "https://example.com/a?b=c"),
            ("HTTPS://example.com/a b", "https://example.com/a%20b"),
            ("https://例子.测试", "https://xn--fsqu00a.xn--0zwm56d"),
            ("https://[::1]/", "https://[::1]/"),
        ] {
            assert_eq!(click(OpenUrl, Some(page)), Ok(Click::Url(right.to_owned())));
        }
        assert_eq!(click(OpenPage, Some("x")), Ok(Click::Page("x".to_owned())));
        use ClickError::{NoAppPage, NoWebPage, StrayValue};
        for (action, value, error) in [
            (OpenApp, Some("x"), StrayValue),
            (OpenUrl, None, NoWebPage),
            (OpenUrl, Some("ftp://example.com"), NoWebPage),
            (OpenUrl, Some("example.com"), NoWebPage),
            (OpenUrl, Some("https://"), NoWebPage),
            (OpenUrl, Some("https://exam ple.com"), NoWebPage),
            (OpenPage, Some(""), NoAppPage),
        ] {
            assert_eq!(click(action, value), Err(error), "{action:?} {value:?}");
        }
    }
}

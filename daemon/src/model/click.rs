use nudged_driver_kit::address;
use nudged_plugin_api::Click;
use nudged_wire::ClickAction;

/// The click of this action with its value, of which `""` is none; else what is wrong
/// with the value.
pub fn click(action: ClickAction, value: Option<&str>) -> Result<Click, &'static str> {
    match (action, value.filter(|value| !value.is_empty())) {
        (ClickAction::OpenApp, None) => Ok(Click::OpenApp),
        (ClickAction::OpenApp, Some(_)) => Err("open_app takes no value"),
        (ClickAction::OpenUrl, Some(url)) if address::is_web(url) => Ok(Click::Url(
            address::mended(url).unwrap_or_else(|| url.to_owned()),
        )),
        (ClickAction::OpenUrl, _) => {
            Err("open_url takes a URL: http:// or https://, and a host such as example.com")
        }
        (ClickAction::OpenPage, Some(page)) => Ok(Click::Page(page.to_owned())),
        (ClickAction::OpenPage, None) => Err("open_page takes the page"),
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
        for (action, value) in [
            (OpenApp, Some("x")),
            (OpenUrl, None),
            (OpenUrl, Some("ftp://example.com")),
            (OpenUrl, Some("example.com")),
            (OpenUrl, Some("https://")),
            (OpenUrl, Some("https://exam ple.com")),
            (OpenPage, Some("")),
        ] {
            let problem = click(action, value).expect_err("must be refused");
            assert!(problem.starts_with("open_"), "{problem}");
        }
    }
}

use nudged_plugin_api::{Click, address};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What a tap does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ClickAction {
    /// Opens the app.
    OpenApp,
    /// Opens a web page.
    OpenUrl,
    /// Opens a page inside the app.
    OpenPage,
}

impl ClickAction {
    /// The click of this action with its value, of which `""` is none; else what is wrong
    /// with the value.
    pub fn with(self, value: Option<&str>) -> Result<Click, &'static str> {
        match (self, value.filter(|value| !value.is_empty())) {
            (Self::OpenApp, None) => Ok(Click::OpenApp),
            (Self::OpenApp, Some(_)) => Err("open_app takes no value"),
            (Self::OpenUrl, Some(url)) if address::is_web(url) => Ok(Click::Url(
                address::mended(url).unwrap_or_else(|| url.to_owned()),
            )),
            (Self::OpenUrl, _) => {
                Err("open_url takes a URL: http:// or https://, and a host such as example.com")
            }
            (Self::OpenPage, Some(page)) => Ok(Click::Page(page.to_owned())),
            (Self::OpenPage, None) => Err("open_page takes the page"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_action_takes_the_value_that_it_needs() {
        use ClickAction::{OpenApp, OpenPage, OpenUrl};
        assert_eq!(OpenApp.with(None), Ok(Click::OpenApp));
        assert_eq!(OpenApp.with(Some("")), Ok(Click::OpenApp));
        for (page, right) in [
            ("http://example.com", "http://example.com"),
            ("https://example.com/a?b=c", "https://example.com/a?b=c"),
            ("HTTPS://example.com/a b", "https://example.com/a%20b"),
            ("https://例子.测试", "https://xn--fsqu00a.xn--0zwm56d"),
            ("https://[::1]/", "https://[::1]/"),
        ] {
            assert_eq!(OpenUrl.with(Some(page)), Ok(Click::Url(right.to_owned())));
        }
        assert_eq!(OpenPage.with(Some("x")), Ok(Click::Page("x".to_owned())));
        for (action, value) in [
            (OpenApp, Some("x")),
            (OpenUrl, None),
            (OpenUrl, Some("ftp://example.com")),
            (OpenUrl, Some("example.com")),
            (OpenUrl, Some("https://")),
            (OpenUrl, Some("https://exam ple.com")),
            (OpenPage, Some("")),
        ] {
            let problem = action.with(value).expect_err("must be refused");
            assert!(problem.starts_with("open_"), "{problem}");
        }
    }
}

//! `[defaults]` of a channel file: what a message gets that does not say.

use std::path::Path;

use nudged_plugin_api::Click;
use serde::Deserialize;
use serde_spanned::Spanned;

use crate::config::document::{KeyLines, line};
use nudged_wire::ClickAction;
use nudged_wire::ConfigProblem;

/// What messages of a channel get that do not say; whether its vendor has such a thing is
/// for the driver to say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Defaults {
    /// What a tap does.
    pub click: Option<Click>,
    /// `default`, `none`, or a sound file that ships with the app.
    pub sound: Option<String>,
}

impl Defaults {
    /// Key of the click in the file.
    pub const CLICK: &str = "defaults.click";
    /// Key of the sound in the file.
    pub const SOUND: &str = "defaults.sound";
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct DefaultsTable {
    click: Option<Spanned<ClickTable>>,
    sound: Option<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ClickTable {
    action: ClickAction,
    #[serde(default)]
    value: Option<Spanned<String>>,
}

impl DefaultsTable {
    /// Checks what can be checked without the driver, and keeps the lines for what cannot.
    pub fn read(
        self,
        file: &Path,
        text: &str,
        lines: &mut KeyLines,
    ) -> Result<Defaults, ConfigProblem> {
        let mut defaults = Defaults::default();
        if let Some(sound) = self.sound {
            lines.add(text, Defaults::SOUND, sound.span());
            defaults.sound = Some(sound.into_inner()).filter(|sound| !sound.is_empty());
        }
        if let Some(click) = self.click {
            let mut at = lines.add(text, Defaults::CLICK, click.span());
            let click = click.into_inner();
            if let Some(value) = &click.value {
                at = line(text, value.span().start);
            }
            let value = click.value.as_ref().map(|value| value.get_ref().as_str());
            let found = crate::model::click(click.action, value).map_err(|problem| {
                let key = format!("{}.value", Defaults::CLICK);
                ConfigProblem::new(file, problem.to_string())
                    .at(Some(at))
                    .key(key)
            })?;
            defaults.click = Some(found);
        }
        Ok(defaults)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Defaults, String> {
        let table: DefaultsTable =
            toml::from_str(text).map_err(|error| error.message().to_owned())?;
        let mut lines = KeyLines::default();
        table
            .read(Path::new("x.toml"), text, &mut lines)
            .map_err(|problem| problem.to_string())
    }

    #[test]
    fn each_kind_of_click_is_read_and_a_sound() {
        let page = read("click = { action = \"open_page\", value = \"chat\" }\nsound = \"a.caf\"");
        assert_eq!(
            page,
            Ok(Defaults {
                click: Some(Click::Page("chat".to_owned())),
                sound: Some("a.caf".to_owned()),
            })
        );
        let app = read("click = { action = \"open_app\" }\nsound = \"\"");
        assert_eq!(
            app,
            Ok(Defaults {
                click: Some(Click::OpenApp),
                sound: None,
            })
        );
        let url = read("[click]\naction = \"open_url\"\nvalue = \"https://example.com\"");
        assert_eq!(
            url.map(|it| it.click),
            Ok(Some(Click::Url("https://example.com".to_owned())))
        );
        assert_eq!(read(""), Ok(Defaults::default()));
    }

    #[test]
    fn a_bad_click_is_reported_with_its_line_and_key() {
        for (text, begin) in [
            (
                "sound = \"a\"\n[click]\naction = \"open_url\"\nvalue = \"www.example.com\"\n",
                "x.toml:4: defaults.click.value: open_url takes a URL: http:// or https://, and",
            ),
            (
                "\nclick = { action = \"open_page\" }\n",
                "x.toml:2: defaults.click.value: open_page takes the page",
            ),
            (
                "click = { action = \"open_app\", value = \"x\" }\n",
                "x.toml:1: defaults.click.value: open_app takes no value",
            ),
            (
                "click = { action = \"open\" }\n",
                "unknown variant `open`, expected one of `open_app`, `open_url`, `open_page`",
            ),
            ("clack = 1\n", "unknown field `clack`"),
        ] {
            let problem = read(text).expect_err("must be refused");
            assert!(problem.starts_with(begin), "{problem}");
        }
    }
}

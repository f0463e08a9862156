//! A channel whose file is no channel file: what can be told of it all the same, so that it costs
//! nobody but itself.
//!
//! In: the file's text, if there is any, and what is wrong. Out: whose it probably is. A line is
//! believed that is good TOML by itself and stands before the first table, as it would be read
//! once the mistake is mended.

use std::path::{Path, PathBuf};

use super::shown;
use nudged_wire::is_name;

use super::snapshot::FileDigest;
use crate::model::{CertificateId, DEFAULT_APP};
use nudged_wire::ConfigProblem;

/// A channel whose file cannot be read.
#[derive(Clone, Debug)]
pub struct UnreadableChannel {
    pub file: PathBuf,
    /// Its name, which is the file's.
    pub name: String,
    /// The tenant, where that can be told.
    pub app: Option<String>,
    /// Its certificate id, where that can be told.
    pub certificate_id: Option<CertificateId>,
    /// Its driver, where that can be told.
    pub driver: Option<String>,
    pub problem: ConfigProblem,
    /// Changes when what the file holds does.
    pub digest: FileDigest,
}

impl UnreadableChannel {
    /// A file with that mistake; of one that cannot be read at all the text is empty.
    pub(super) fn new(file: &Path, text: &str, problem: ConfigProblem) -> Self {
        let name = file.file_stem().unwrap_or_default().to_string_lossy();
        let guess = Guess::of(text);
        Self {
            file: file.to_owned(),
            name: name.into_owned(),
            app: guess.app,
            certificate_id: guess.certificate_id.map(CertificateId),
            driver: guess.driver,
            problem,
            digest: FileDigest::of(text.as_bytes()),
        }
    }
}

#[derive(Debug, Default, PartialEq, Eq)]
struct Guess {
    app: Option<String>,
    certificate_id: Option<u32>,
    driver: Option<String>,
}

impl Guess {
    fn of(text: &str) -> Self {
        let mut guess = Self::default();
        let head = text
            .lines()
            .take_while(|line| !line.trim_start().starts_with('['));
        let mut names_app = false;
        for line in head {
            let key = line.split('=').next().unwrap_or_default();
            names_app |= key.split_whitespace().next() == Some("app");
            let Ok(table) = line.parse::<toml::Table>() else {
                continue;
            };
            let name = |key: &str| {
                let text = table.get(key)?.as_str()?;
                (is_name(text) && shown::is_name(text)).then(|| text.to_owned())
            };
            guess.app = name("app").or(guess.app);
            guess.driver = name("driver").or(guess.driver);
            let id = table.get("certificate_id").and_then(|id| id.as_integer());
            let id = id.and_then(|id| u32::try_from(id).ok());
            guess.certificate_id = id.or(guess.certificate_id);
        }
        // Who names no app, and makes no mistake in it, means this.
        if guess.certificate_id.is_some() && !names_app {
            guess.app.get_or_insert_with(|| DEFAULT_APP.to_owned());
        }
        guess
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_can_be_told_of_a_file_with_a_mistake_is_told() {
        let guess = |app: Option<&str>, id, driver: Option<&str>| Guess {
            app: app.map(str::to_owned),
            certificate_id: id,
            driver: driver.map(str::to_owned),
        };
        for (text, expected) in [
            (
                "driver = \"apns\"\ncertificate_id = 7\ncolour = red\n[settings]\napp_id = 1\n",
                guess(Some("default"), Some(7), Some("apns")),
            ),
            (
                "app = \"shop\"\ndriver = \"apns\"\ncertificate_id 7\n",
                guess(Some("shop"), None, Some("apns")),
            ),
            (
                "app = shop\ncertificate_id = 7\n",
                guess(None, Some(7), None),
            ),
            (
                "[settings]\ncertificate_id = 7\ndriver = \"fcm\"\n",
                Guess::default(),
            ),
            ("certificate_id = -1\ndriver = \"a b\"\n", Guess::default()),
            ("app\ncertificate_id = 7\n", guess(None, Some(7), None)),
            ("", Guess::default()),
        ] {
            assert_eq!(Guess::of(text), expected, "{text}");
        }
    }
}

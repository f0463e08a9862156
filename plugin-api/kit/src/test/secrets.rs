//! The texts that must not show up where people read.

use super::report::Report;
use nudged_plugin_api::info::Info;
use nudged_plugin_api::{SettingError, Settings, Value, Verdict};

/// Shorter texts are no secrets worth the name and occur by chance.
const SHORTEST: usize = 4;
/// Runs of key material this long stand for a whole file: a PEM line has 64 characters, a
/// key's public id 40.
const KEY_MATERIAL: usize = 48;

/// Secret texts and tell-tale parts of them.
#[derive(Clone, Default)]
pub struct Secrets(Vec<String>);

impl Secrets {
    /// The secrets in a channel's settings.
    pub fn of(info: &Info, settings: &Settings) -> Self {
        let mut secrets = Self(Vec::new());
        for setting in info.settings.iter().filter(|setting| setting.secret) {
            for (_, value) in settings.iter().filter(|(key, _)| *key == setting.key) {
                match value {
                    Value::Text(text) => secrets.add(text),
                    Value::File(file) => secrets.add_file(&file.contents),
                    _ => {}
                }
            }
        }
        secrets
    }

    pub fn add(&mut self, text: &str) {
        let text = text.trim();
        if text.len() >= SHORTEST {
            self.0.push(text.to_owned());
        }
    }

    fn add_file(&mut self, contents: &[u8]) {
        let text = String::from_utf8_lossy(contents);
        if text.len() <= 200 && text.trim().lines().count() == 1 {
            self.add(&text);
        }
        let material = |c: char| c.is_ascii_alphanumeric() || "+/=_-".contains(c);
        for run in text.split(|c| !material(c)) {
            if run.len() >= KEY_MATERIAL && !run.starts_with("-----") {
                self.0.push(run.to_owned());
            }
        }
    }

    /// Fails `secrets-stay` when a secret is in `text`; the report does not repeat it.
    pub fn check(&self, place: &str, text: &str, report: &mut Report) {
        if self.0.iter().any(|secret| text.contains(secret.as_str())) {
            report.fail(
                "secrets-stay",
                format!("{place} contains a secret"),
                "names and sizes, never contents",
            );
        }
    }

    pub fn check_setting_error(&self, error: &SettingError, report: &mut Report) {
        self.check("a setting error's `setting`", &error.setting, report);
        self.check("a setting error's `problem`", &error.problem, report);
        self.check("a setting error's `remedy`", &error.remedy, report);
    }

    pub fn check_verdict(&self, verdict: &Verdict, report: &mut Report) {
        self.check("a verdict's `code`", &verdict.code, report);
        self.check("a verdict's `text`", &verdict.text, report);
        self.check("a verdict's `remedy`", &verdict.remedy, report);
    }
}

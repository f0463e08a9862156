//! `open`: good settings open, bad ones are refused in words that give nothing away.

use super::hostile::MARKER;
use super::report::{Report, shorten};
use super::secrets::Secrets;
use super::subject::{Channel, Subject};
use super::{Samples, needs_scope};
use nudged_plugin_api::info::{Info, Kind};
use nudged_plugin_api::{File, SettingError, Settings, Value};

/// The open channel, when there is one.
pub fn check(
    subject: &Subject,
    samples: &Samples,
    info: &Info,
    secrets: &Secrets,
    report: &mut Report,
) -> Option<Channel> {
    let door = Door {
        subject,
        samples,
        info,
        secrets,
    };
    door.required(report);
    door.wrong_kinds(report);
    door.marked_secrets(report);
    let channel = samples.opened(subject, report)?;
    account(&channel, secrets, report);
    scope(&channel, samples, secrets, report);
    advice(&channel, secrets, report);
    Some(channel)
}

struct Door<'a> {
    subject: &'a Subject,
    samples: &'a Samples,
    info: &'a Info,
    secrets: &'a Secrets,
}

impl Door<'_> {
    /// The error that these settings are refused with; checked as every error is.
    fn refusal(&self, settings: &Settings, report: &mut Report) -> Option<SettingError> {
        let error = self
            .subject
            .open(settings, self.samples.now, report)?
            .err()?;
        self.secrets.check_setting_error(&error, report);
        let known = self.info.settings.iter().any(|setting| {
            error.setting == setting.key || error.setting == format!("{}_password", setting.key)
        });
        if !known {
            report.fail(
                "setting-error",
                format!("`{error}` names no declared setting"),
                "the key of the setting at fault",
            );
        }
        for (field, text) in [("problem", &error.problem), ("remedy", &error.remedy)] {
            if text.trim().is_empty() || text.contains(['\n', '\r']) {
                report.fail(
                    "setting-error",
                    format!("`{error}` has the {field} {text:?}"),
                    "one line",
                );
            }
        }
        Some(error)
    }

    fn required(&self, report: &mut Report) {
        for setting in &self.info.settings {
            let key = setting.key.as_str();
            let without = self.samples.settings.clone().without(key);
            if !setting.required {
                self.refusal(&without, report);
                continue;
            }
            let outcome = match self.subject.open(&without, self.samples.now, report) {
                None => continue,
                Some(Ok(_)) => "the channel opened".to_owned(),
                Some(Err(error)) if error.setting == key => {
                    self.refusal(&without, report);
                    continue;
                }
                Some(Err(error)) => format!("the error is `{error}`"),
            };
            report.fail(
                "open-required",
                format!("without the required `{key}` {outcome}"),
                format!("an error that names `{key}`"),
            );
        }
    }

    /// The daemon hands in the declared kinds; nothing may panic if it does not.
    fn wrong_kinds(&self, report: &mut Report) {
        for setting in &self.info.settings {
            for value in [
                Value::Integer(i64::MIN),
                Value::Boolean(true),
                Value::Text(String::new()),
                Value::Text("\0\r\n\u{1f600}".repeat(1000)),
                Value::File(File::new("empty", [])),
                Value::File(File::new("binary", [0, 0xff, 0xfe, 0x0a])),
            ] {
                let settings = self
                    .samples
                    .settings
                    .clone()
                    .with(setting.key.as_str(), value);
                self.refusal(&settings, report);
            }
        }
    }

    fn marked_secrets(&self, report: &mut Report) {
        let mut marked = Secrets::default();
        marked.add(MARKER);
        for setting in self.info.settings.iter().filter(|setting| setting.secret) {
            let key = setting.key.as_str();
            for value in self.spoilt(key, setting.kind) {
                let settings = self.samples.settings.clone().with(key, value);
                if let Some(error) = self.refusal(&settings, report) {
                    marked.check_setting_error(&error, report);
                }
            }
        }
    }

    /// Values of a secret setting with a marker in them: instead of it, after it, in it.
    fn spoilt(&self, key: &str, kind: Kind) -> Vec<Value> {
        let given = &self.samples.settings;
        if kind != Kind::File {
            let text = given.text(key).unwrap_or_default();
            return vec![MARKER.into(), format!("{text}\r\n{MARKER}").into()];
        }
        let contents = given.file(key).map_or(&[][..], |file| &file.contents);
        let (start, end) = contents.split_at(contents.len() / 2);
        let line = format!("\n{MARKER}\n").into_bytes();
        [
            MARKER.as_bytes().to_vec(),
            format!("{{\"{MARKER}\":\"{MARKER}\"").into_bytes(),
            format!("-----BEGIN {MARKER}-----\n{MARKER}\n-----END {MARKER}-----\n").into_bytes(),
            [contents, &line].concat(),
            [start, &line, end].concat(),
            [start, MARKER.as_bytes(), end].concat(),
            start.to_vec(),
        ]
        .map(|contents| File::new("marked", contents).into())
        .to_vec()
    }
}

fn account(channel: &Channel, secrets: &Secrets, report: &mut Report) {
    let Some(account) = channel.account(report) else {
        return;
    };
    secrets.check("`account`", &account, report);
    if account.trim().is_empty() || account.contains(char::is_control) {
        report.fail(
            "account",
            format!("the account is {account:?}"),
            "the vendor's name of it in one line, or none",
        );
    }
}

fn advice(channel: &Channel, secrets: &Secrets, report: &mut Report) {
    for notice in channel.advice(report).unwrap_or_default() {
        for (part, text) in [("field", &notice.field), ("text", &notice.text)] {
            secrets.check(&format!("an advice's `{part}`"), text, report);
            if text.trim().is_empty() || text.contains(['\n', '\r']) || text.len() > 300 {
                report.fail(
                    "advice",
                    format!("an advice's {part} is {:?}", shorten(text, 60)),
                    "a short line",
                );
            }
        }
    }
}

fn scope(channel: &Channel, samples: &Samples, secrets: &Secrets, report: &mut Report) {
    let scope = channel.grant_scope(report);
    let Some(authorize) = channel.authorize(samples.now, report) else {
        return;
    };
    match &scope {
        Some(scope) => {
            secrets.check("`grant_scope`", scope, report);
            if scope.trim().is_empty() {
                report.fail("grant-scope", "the scope is empty", "a name, or none");
            }
        }
        None if needs_scope(&authorize) => report.fail(
            "grant-scope",
            "`authorize` speaks of a grant, but there is no `grant_scope`",
            "the name of the account that the grant belongs to",
        ),
        None => {}
    }
}

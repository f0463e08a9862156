//! `describe`: the driver's word about itself.

use std::collections::BTreeSet;

use super::report::Report;
use super::subject::Subject;
use nudged_plugin_api::info::{Info, Kind, Setting, Window};

/// The description, when the driver gives one at all.
pub fn check(subject: &Subject, report: &mut Report) -> Option<Info> {
    let info = subject.describe(report)?;
    report.driver = format!("{} {}", info.vendor, info.version);
    names(&info, report);
    hosts(&info, report);
    limits(&info, report);
    classes(&info, report);
    kinds(&info, report);
    let mut keys = BTreeSet::new();
    for setting in &info.settings {
        for name in std::iter::once(&setting.key).chain(&setting.aliases) {
            if !keys.insert(name) {
                let what = format!("setting `{name}` is declared twice");
                report.fail("info-settings", what, "unique keys and aliases");
            }
        }
        describe_setting(setting, report);
        values(setting, report);
    }
    Some(info)
}

fn names(info: &Info, report: &mut Report) {
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let vendor = &info.vendor;
    if !vendor.starts_with(|c: char| c.is_ascii_lowercase())
        || vendor.ends_with('-')
        || !vendor.chars().all(fits)
    {
        report.fail(
            "info-name",
            format!("`vendor` is {vendor:?}"),
            "lower-case letters, digits and `-`, a letter first",
        );
    }
    for (field, text) in [("title", &info.title), ("version", &info.version)] {
        if text.trim().is_empty() || text.contains(char::is_control) {
            report.fail(
                "info-name",
                format!("`{field}` is {text:?}"),
                "a printable text",
            );
        }
    }
}

fn hosts(info: &Info, report: &mut Report) {
    let configurable = info
        .settings
        .iter()
        .any(|setting| setting.kind == Kind::Url);
    if info.hosts.is_empty() && !configurable {
        report.fail(
            "info-hosts",
            "neither a host nor a URL setting is declared",
            "somewhere to send requests to",
        );
    }
    for host in info.hosts.iter().filter(|host| !is_host(host)) {
        report.fail(
            "info-hosts",
            format!("host {host:?} is declared"),
            "`host` or `host:port` in lower case",
        );
    }
}

fn is_host(text: &str) -> bool {
    let (host, port) = match text.split_once(':') {
        Some((host, port)) => (host, Some(port)),
        None => (text, None),
    };
    let label = |label: &str| {
        let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        (1..=63).contains(&label.len())
            && label.chars().all(fits)
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let number = |port: &str| {
        port.bytes().all(|byte| byte.is_ascii_digit()) && port.parse::<u16>().is_ok_and(|n| n > 0)
    };
    host.len() <= 253 && host.split('.').all(label) && port.is_none_or(number)
}

fn limits(info: &Info, report: &mut Report) {
    // A daemon refuses to load what is beyond.
    for (field, value, most) in [
        ("batch", info.batch, 10_000),
        ("max_body", info.max_body, 64 << 20),
        ("concurrency", info.concurrency, 10_000),
        ("rate", info.rate.unwrap_or(1), u32::MAX),
    ] {
        if value == 0 {
            report.fail("info-limits", format!("`{field}` is 0"), "at least 1");
        } else if value > most {
            let expected = format!("at most {most}");
            report.fail("info-limits", format!("`{field}` is {value}"), expected);
        }
    }
}

fn classes(info: &Info, report: &mut Report) {
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    let mut names = BTreeSet::new();
    for class in &info.classes {
        let name = &class.name;
        if name.is_empty() || !name.chars().all(fits) || !names.insert(name) {
            report.fail(
                "info-classes",
                format!("a class of messages is named {name:?}"),
                "unique names of lower-case letters, digits and `_`",
            );
        }
        if !class.help.ends_with('.') {
            let what = format!("the help of class `{name}` is {:?}", class.help);
            report.fail("info-classes", what, "a sentence with its full stop");
        }
        let sound = |window: &Window| {
            window.opens < window.closes
                && window.closes <= 1440
                && (-720..=840).contains(&window.ahead)
        };
        if let Some(window) = class.window.filter(|window| !sound(window)) {
            report.fail(
                "info-classes",
                format!("the window of class `{name}` is {window:?}"),
                "minutes of one day, opening before closing, in a time zone of this planet",
            );
        }
    }
    if !(-720..=840).contains(&info.day_ahead) {
        let what = format!("`day_ahead` is {}", info.day_ahead);
        report.fail(
            "info-classes",
            what,
            "minutes, in a time zone of this planet",
        );
    }
    for limit in info.texts.iter().filter(|limit| limit.max == 0) {
        let what = format!("`{}` may be 0 long", limit.field);
        report.fail("info-limits", what, "at least 1");
    }
}

fn kinds(info: &Info, report: &mut Report) {
    let mut kinds = Vec::new();
    for it in &info.kinds {
        if it.kind == nudged_plugin_api::Kind::Alert || kinds.contains(&it.kind) {
            let what = format!("`kinds` has {:?}", it.kind);
            report.fail("info-kinds", what, "each kind but alerts, once");
        }
        kinds.push(it.kind);
    }
}

fn describe_setting(setting: &Setting, report: &mut Report) {
    let key = &setting.key;
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    for key in std::iter::once(key).chain(&setting.aliases) {
        if !key.starts_with(|c: char| c.is_ascii_lowercase()) || !key.chars().all(fits) {
            report.fail(
                "info-settings",
                format!("setting key {key:?}"),
                "lower-case letters, digits and `_`, a letter first",
            );
        }
    }
    if setting.unneeded && (setting.required || setting.default.is_some()) {
        report.fail(
            "info-settings",
            format!("`{key}` is not needed, but required or with a default"),
            "neither",
        );
    }
    let help = setting.help.trim_end_matches([')', '"', '`']);
    if !help.ends_with(['.', '!', '?']) || help.contains(char::is_control) {
        report.fail(
            "info-settings",
            format!("the help of `{key}` is {:?}", setting.help),
            "a sentence on one line, with its full stop",
        );
    }
}

fn values(setting: &Setting, report: &mut Report) {
    let key = &setting.key;
    let mut fail = |what: String, expected: &str| report.fail("info-defaults", what, expected);
    if (setting.kind == Kind::Choice) == setting.choices.is_empty() {
        let (kind, count) = (setting.kind, setting.choices.len());
        fail(
            format!("`{key}` is {kind:?} with {count} choices"),
            "choices for a `Choice` and for nothing else",
        );
    }
    let Some(default) = &setting.default else {
        return;
    };
    if setting.secret {
        fail(format!("secret `{key}` has a default"), "none");
        return;
    }
    if setting.required {
        fail(
            format!("`{key}` is required and has a default"),
            "one or the other",
        );
    }
    if !fits(setting, default) {
        fail(
            format!("`{key}` has the default {default}"),
            "a value of its kind in TOML's notation, text in quotes",
        );
    }
}

fn fits(setting: &Setting, default: &str) -> bool {
    let text = default
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'))
        .filter(|text| !text.contains(['"', '\\', '\n']));
    match setting.kind {
        Kind::Integer => default.replace('_', "").parse::<i64>().is_ok(),
        Kind::Boolean => matches!(default, "true" | "false"),
        Kind::Choice => text.is_some_and(|text| setting.choices.iter().any(|c| c == text)),
        Kind::Url => text.is_some_and(|text| text.starts_with("https://")),
        Kind::Text => text.is_some(),
        _ => false,
    }
}

//! A driver's README says what the driver says: its sections between markers are printed from the
//! driver's own tables, and a test holds them.
//!
//! In: a README with sections such as
//!
//! ```text
//! <!-- settings -->
//! …
//! <!-- end -->
//! ```
//!
//! and what each must hold. Out: a panic that shows the first section that is another. With
//! `NUDGED_BLESS=1` in the environment the sections are written instead.

use std::path::Path;

use nudged_plugin_api::info::{Kind, MessageClass, RateUnit, Setting, Window};
use nudged_plugin_api::{Driver, Info};

/// The variable by which a test writes the README instead of comparing it.
const BLESS: &str = "NUDGED_BLESS";
const END: &str = "<!-- end -->";

/// Holds the README in `manifest_dir`, the directory of the driver's crate, to what driver `D` says of
/// its settings (section `settings`) and limits (`limits`), and to `tables`: a section's name, and
/// what [`Reasons::markdown`](crate::reasons::Reasons::markdown) prints. Each section must be there.
#[track_caller]
pub fn readme_says<D: Driver>(manifest_dir: impl AsRef<Path>, tables: &[(&str, String)]) {
    let path = manifest_dir.as_ref().join("README.md");
    let readme = match std::fs::read_to_string(&path) {
        Ok(readme) => readme,
        Err(error) => panic!("{}: {error}", path.display()),
    };
    let info = D::describe();
    let own = [("settings", settings(&info)), ("limits", limits(&info))];
    let mut written = readme.clone();
    for (section, text) in own.iter().chain(tables) {
        written = match with_section(&written, section, text) {
            Some(written) => written,
            None => panic!(
                "{}: has no section <!-- {section} --> that ends in {END}",
                path.display()
            ),
        };
    }
    if written == readme {
        return;
    }
    if std::env::var_os(BLESS).is_some_and(|value| value == "1") {
        if let Err(error) = std::fs::write(&path, written) {
            panic!("{}: {error}", path.display());
        }
        return;
    }
    let differs = readme
        .lines()
        .zip(written.lines())
        .find(|(is, should)| is != should);
    let (is, should) = differs.unwrap_or(("a shorter or longer README", ""));
    panic!(
        "{}: says\n{is}\nwhere the driver says\n{should}\nrun the test with {BLESS}=1 to write it",
        path.display()
    );
}

/// The README with another text in a section; none where it has no such section.
fn with_section(readme: &str, section: &str, text: &str) -> Option<String> {
    let marker = format!("<!-- {section} -->\n");
    let start = readme.find(&marker)? + marker.len();
    let end = start + readme[start..].find(END)?;
    // A section that was not ended would swallow the next.
    if readme[start..end].contains("<!-- ") {
        return None;
    }
    Some(format!("{}\n{text}\n{}", &readme[..start], &readme[end..]))
}

/// What a channel is configured with, a row each.
fn settings(info: &Info) -> String {
    let mut table = "| key | | what it is |\n|---|---|---|\n".to_owned();
    for setting in info.settings.iter().filter(|setting| !setting.unneeded) {
        let (names, help) = (names(setting), cell(&setting.help));
        table.push_str(&format!("| {names} | {} | {help} |\n", form(setting)));
    }
    let unneeded: Vec<_> = info.settings.iter().filter(|it| it.unneeded).collect();
    if !unneeded.is_empty() {
        table.push_str("\nTaken, warned of and not used:\n\n| key | why |\n|---|---|\n");
        for setting in unneeded {
            let (names, help) = (names(setting), cell(&setting.help));
            table.push_str(&format!("| {names} | {help} |\n"));
        }
    }
    table
}

/// The key and its aliases.
fn names(setting: &Setting) -> String {
    let names = [&setting.key].into_iter().chain(&setting.aliases);
    let names: Vec<_> = names.map(|name| format!("`{name}`")).collect();
    names.join(", ")
}

fn form(setting: &Setting) -> String {
    let choices: Vec<_> = setting
        .choices
        .iter()
        .map(|it| format!("`\"{it}\"`"))
        .collect();
    let kind = match setting.kind {
        Kind::Choice => choices.join(", "),
        Kind::Text => "text".to_owned(),
        Kind::Integer => "whole number".to_owned(),
        Kind::Boolean => "`true` or `false`".to_owned(),
        Kind::Url => "URL".to_owned(),
        Kind::File => "file".to_owned(),
        Kind::Identity => "certificate and key".to_owned(),
        _ => String::new(),
    };
    let flags = [(setting.required, "required"), (setting.secret, "secret")];
    let flags = flags
        .into_iter()
        .filter(|(is, _)| *is)
        .map(|(_, flag)| flag.to_owned());
    let default = setting.default.iter().map(|it| format!("default `{it}`"));
    let parts: Vec<_> = [kind].into_iter().chain(flags).chain(default).collect();
    parts.join(", ")
}

/// What the vendor allows, a row each.
fn limits(info: &Info) -> String {
    let mut rows = vec![
        ("devices in a request".to_owned(), info.batch.to_string()),
        (
            "request body".to_owned(),
            format!("{} bytes", info.max_body),
        ),
        ("requests at once".to_owned(), info.concurrency.to_string()),
    ];
    let counted = match info.rate_unit {
        RateUnit::Requests => "requests",
        _ => "devices",
    };
    let rate = info.rate.map_or("none published".to_owned(), |rate| {
        format!("{rate} {counted} a second")
    });
    rows.push(("rate".to_owned(), rate));
    for text in &info.texts {
        let unit = text.unit.name();
        rows.push((format!("`{}`", text.field), format!("{} {unit}", text.max)));
    }
    for class in &info.classes {
        rows.push((format!("class `{}`", class.name), quotas(class)));
    }
    let mut table = "| | |\n|---|---|\n".to_owned();
    for (what, limit) in rows {
        table.push_str(&format!("| {what} | {} |\n", cell(&limit)));
    }
    table
}

fn quotas(class: &MessageClass) -> String {
    let mut parts = vec![class.help.trim_end_matches('.').to_owned()];
    if let Some(count) = class.daily_per_device {
        parts.push(format!("{count} a device and day"));
    }
    match (
        class.daily_per_user.filter(|count| *count > 0),
        class.daily_at_least,
    ) {
        (Some(count), least) => {
            let least = least.map_or(String::new(), |least| format!(", at least {least}"));
            parts.push(format!("{count} times the app's users a day{least}"));
        }
        (None, Some(least)) => parts.push(format!("{least} an app and day")),
        (None, None) => {}
    }
    if let Some(window) = class.window {
        parts.push(hours(window));
    }
    parts.join("; ")
}

fn hours(window: Window) -> String {
    let clock = |minutes: u32| format!("{:02}:{:02}", minutes / 60, minutes % 60);
    let (opens, closes) = (clock(window.opens), clock(window.closes));
    format!("{opens} to {closes}, UTC{:+}", window.ahead / 60)
}

/// A text in one cell of a table.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_section_is_replaced_between_its_markers() {
        let readme = "# Acme\n\n<!-- limits -->\nold\n<!-- end -->\n\nText\n";
        let written = with_section(readme, "limits", "| new |\n");
        let expected = "# Acme\n\n<!-- limits -->\n\n| new |\n\n<!-- end -->\n\nText\n";
        assert_eq!(written.as_deref(), Some(expected));
        assert_eq!(
            with_section(expected, "limits", "| new |\n").as_deref(),
            Some(expected)
        );
        assert_eq!(with_section(readme, "settings", ""), None);
        let open = "<!-- a -->\n<!-- b -->\n<!-- end -->\n";
        assert_eq!(with_section(open, "a", ""), None);
    }

    #[test]
    fn a_setting_is_a_row_with_its_names_and_form() {
        let info = Info::new("a", "A", "1").settings([
            Setting::new("key", Kind::Text, "The key | of a page.")
                .aliases(["app_key"])
                .required()
                .secret(),
            Setting::unneeded("other", "For phones."),
        ]);
        let table = settings(&info);
        assert!(
            table.contains(
                "| `key`, `app_key` | text, required, secret | The key \\| of a page. |\n"
            ),
            "{table}"
        );
        assert!(table.ends_with("| `other` | For phones. |\n"), "{table}");
    }

    #[test]
    fn a_class_has_its_quotas() {
        let class = MessageClass::new("low", "Marketing.").daily_per_device(2);
        assert_eq!(quotas(&class), "Marketing; 2 a device and day");
        let class = MessageClass::new("test", "Tests.").daily(0, 1000);
        assert_eq!(quotas(&class), "Tests; 1000 an app and day");
        let class = MessageClass::new("day", "Daily.").window(Window::hours(7, 23, 8));
        assert_eq!(quotas(&class), "Daily; 07:00 to 23:00, UTC+8");
        let class = MessageClass::new("all", "All.").daily(3, 50);
        assert_eq!(
            quotas(&class),
            "All; 3 times the app's users a day, at least 50"
        );
    }
}

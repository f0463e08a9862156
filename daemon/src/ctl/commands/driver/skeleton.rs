//! A driver's settings as a channel file that explains itself.

use crate::api::schema::{DriverView, SettingView};

const WIDTH: usize = 88;

/// The text of a channel file: required settings to fill in, the others commented out.
pub fn channel_file(driver: &DriverView) -> String {
    let vendor = driver.vendor.as_deref().unwrap_or_default();
    let title = driver.title.as_deref().unwrap_or(vendor);
    let mut text = String::new();
    comment(&mut text, &format!("A channel of {title}."));
    comment(
        &mut text,
        "Save it as channels.d/NAME.toml: the file's name is the channel's name.",
    );
    text.push_str(&format!("driver = \"{vendor}\"\n"));
    comment(
        &mut text,
        "The number that phones report with their token: unique, never changed.",
    );
    text.push_str("certificate_id = 1\n");
    comment(&mut text, "The app (tenant).");
    text.push_str("#app = \"default\"\n\n[settings]\n");
    for setting in &driver.settings {
        comment(&mut text, &explanation(setting));
        let mark = if setting.required { "" } else { "#" };
        text.push_str(&format!("{mark}{} = {}\n", setting.key, value(setting)));
    }
    text.push_str("\n[limits]\n");
    comment(
        &mut text,
        "Requests under way at once. Default: the driver's word.",
    );
    text.push_str("#concurrency = 100\n");
    comment(&mut text, "Requests a second. Default: the driver's word.");
    text.push_str("#rate = 1000\n");
    text
}

fn explanation(setting: &SettingView) -> String {
    let mut marks: Vec<String> = Vec::new();
    if setting.required {
        marks.push("required".to_owned());
    }
    if setting.secret {
        marks.push("secret".to_owned());
    }
    if matches!(setting.kind.as_str(), "file" | "identity") {
        marks.push("path, relative to this file".to_owned());
    }
    if !setting.choices.is_empty() {
        marks.push(setting.choices.join(" or "));
    }
    if marks.is_empty() {
        return setting.help.clone();
    }
    format!(
        "{} ({})",
        setting.help.trim_end_matches('.'),
        marks.join("; ")
    )
}

fn value(setting: &SettingView) -> String {
    if let Some(default) = &setting.default {
        return default.clone();
    }
    match (setting.kind.as_str(), setting.choices.first()) {
        ("integer", _) => "0".to_owned(),
        ("boolean", _) => "false".to_owned(),
        ("url", _) => "\"https://push.example.com\"".to_owned(),
        (_, Some(choice)) => format!("\"{choice}\""),
        _ => "\"\"".to_owned(),
    }
}

/// Adds a comment, broken between words.
fn comment(to: &mut String, text: &str) {
    let mut line = String::from("#");
    for word in text.split_whitespace() {
        if line.chars().count() + 1 + word.chars().count() > WIDTH && line.len() > 1 {
            to.push_str(&line);
            to.push('\n');
            line.truncate(1);
        }
        line.push(' ');
        line.push_str(word);
    }
    to.push_str(&line);
    to.push('\n');
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::schema::DriverState;

    fn setting(key: &str, kind: &str) -> SettingView {
        SettingView {
            key: key.to_owned(),
            kind: kind.to_owned(),
            required: false,
            secret: false,
            default: None,
            choices: Vec::new(),
            help: format!("What {key} is."),
        }
    }

    fn driver(settings: Vec<SettingView>) -> DriverView {
        DriverView {
            vendor: Some("apns".to_owned()),
            title: Some("Apple Push Notification service".to_owned()),
            version: Some("1.0.0".to_owned()),
            file: "/usr/lib/nudged/drivers/libnudged_apns.so".to_owned(),
            state: DriverState::Loaded,
            problem: None,
            channels: Vec::new(),
            settings,
        }
    }

    #[test]
    fn the_skeleton_is_toml_with_and_without_its_comments() {
        let text = channel_file(&driver(vec![
            SettingView {
                required: true,
                secret: true,
                ..setting("key", "file")
            },
            SettingView {
                default: Some("443".to_owned()),
                ..setting("port", "integer")
            },
            SettingView {
                choices: vec!["a".to_owned(), "b".to_owned()],
                ..setting("environment", "choice")
            },
            setting("endpoint", "url"),
            setting("mutable", "boolean"),
        ]));
        let bare: toml::Table = text.parse().expect("TOML");
        let settings = bare["settings"].as_table().expect("a table");
        assert_eq!(settings.keys().collect::<Vec<_>>(), ["key"]);
        let all: toml::Table = text
            .lines()
            .map(|line| match line.strip_prefix('#') {
                Some(rest) if !rest.starts_with(' ') => format!("{rest}\n"),
                _ => format!("{line}\n"),
            })
            .collect::<String>()
            .parse()
            .expect("TOML");
        let settings = all["settings"].as_table().expect("a table");
        assert_eq!(settings.len(), 5);
        assert_eq!(settings["port"].as_integer(), Some(443));
        assert!(text.contains("# What key is (required; secret; path, relative to this file)"));
        assert!(text.contains("# What environment is (a or b)"));
    }

    #[test]
    fn long_help_is_broken_between_words() {
        let mut text = String::new();
        comment(&mut text, &"word ".repeat(60));
        assert!(text.lines().count() > 2);
        assert!(
            text.lines()
                .all(|line| line.len() <= WIDTH && line.starts_with("# word"))
        );
    }
}

//! A driver's settings as a channel file that explains itself.

use std::collections::BTreeMap;

use nudged_wire::{ClassView, DriverLimits, DriverView, SettingView};

const WIDTH: usize = 88;

/// What is given for a new channel.
#[derive(Default)]
pub struct ChannelValues {
    /// The app; none is the default.
    pub app: Option<String>,
    /// Its certificate id; none is an example.
    pub certificate_id: Option<u32>,
    /// Values of settings by key, in TOML's notation.
    pub values: BTreeMap<String, String>,
}

/// The text of a channel file: what is given and what is required is filled in, the others
/// are commented out.
pub fn channel_file(driver: &DriverView, given: &ChannelValues) -> String {
    let vendor = driver.vendor.as_deref().unwrap_or_default();
    let title = driver.title.as_deref().unwrap_or(vendor);
    let mut text = String::new();
    comment(&mut text, &format!("A channel of {title}."));
    let platform = match &driver.platform {
        Some(platform) => format!("`{platform}`"),
        None => "what each device reports".to_owned(),
    };
    let and = match platform == format!("`{vendor}`") {
        true => String::new(),
        false => format!(" and {platform}"),
    };
    comment(
        &mut text,
        &format!("In a message's `platforms` it is `{vendor}`{and}."),
    );
    comment(
        &mut text,
        "The file's name without .toml is the channel's name.",
    );
    text.push_str(&format!("driver = \"{vendor}\"\n"));
    comment(
        &mut text,
        "The number that phones report with their token: unique, never changed.",
    );
    let id = given.certificate_id.unwrap_or(1);
    text.push_str(&format!("certificate_id = {id}\n"));
    comment(&mut text, "The app (tenant).");
    match &given.app {
        Some(app) => text.push_str(&format!("app = {}\n", toml::Value::from(app.as_str()))),
        None => text.push_str("#app = \"default\"\n"),
    }
    text.push_str("\n[settings]\n");
    for setting in driver.settings.iter().filter(|it| !it.unneeded) {
        comment(&mut text, &explanation(setting));
        let value = given.values.get(&setting.key);
        let mark = if setting.required || value.is_some() {
            ""
        } else {
            "#"
        };
        let value = value.cloned().unwrap_or_else(|| example(setting));
        text.push_str(&format!("{mark}{} = {value}\n", setting.key));
    }
    for setting in driver.settings.iter().filter(|it| it.unneeded) {
        let names: Vec<&str> = names(setting).collect();
        let names = names.join(", ");
        comment(&mut text, &format!("Not needed: {names}; {}", setting.help));
    }
    text.push_str(DEFAULTS);
    text.push_str("\n[limits]\n");
    let limits = driver.limits.as_ref();
    comment(&mut text, "Maximum number of requests in flight.");
    let concurrency = limits.map_or(100, |limits| limits.concurrency);
    text.push_str(&format!("#concurrency = {concurrency}\n"));
    let unit = limits.map_or("requests", |limits| &limits.rate_unit);
    let known = limits.and_then(|limits| limits.rate);
    let default = match known {
        Some(_) => "",
        None => " Default: no limit.",
    };
    comment(
        &mut text,
        &format!("Maximum number of {unit} per second.{default}"),
    );
    text.push_str(&format!("#rate = {}\n", known.unwrap_or(1000)));
    // Classes that the vendor limits in nothing are no quotas.
    let limited = |it: &ClassView| allowed(it) != ANY_NUMBER;
    if let Some(limits) = limits.filter(|limits| limits.classes.iter().any(limited)) {
        quotas(&mut text, limits);
    }
    text
}

const ANY_NUMBER: &str = "no limit";

/// What can be said of classes of messages.
fn quotas(text: &mut String, limits: &DriverLimits) {
    let (day, classes) = (&limits.day, &limits.classes);
    let head = format!(
        "Maximum number of messages of a class per day, from midnight at {day}; further ones wait \
         for the next day. 0 = no limit. What the vendor allows:"
    );
    comment(text, &head);
    for class in classes {
        comment(text, &format!("{}: {}", class.name, allowed(class)));
    }
    if classes.iter().any(|class| per_user(class).is_some()) {
        let uncertain = "A number per user is only warned of, not enforced: the vendor counts the users \
                         itself.";
        comment(text, uncertain);
    }
    let limited = classes.iter().find(|class| class.daily_at_least.is_some());
    let limited = limited.unwrap_or(&classes[0]);
    let most = limited.daily_at_least.unwrap_or(100_000);
    text.push_str(&format!("#daily = {{ {} = {most} }}\n", limited.name));
    let hours = "Hours of a class, by the vendor's clock or with an offset; \"\" = always.";
    comment(text, hours);
    let timed = classes.iter().find(|class| class.window.is_some());
    let timed = timed.unwrap_or(&classes[0]);
    let window = timed.window.as_deref().unwrap_or_default();
    text.push_str(&format!("#hours = {{ {} = \"{window}\" }}\n", timed.name));
    let outside = "What happens to a message outside them: hold (it waits) or drop.";
    comment(text, outside);
    text.push_str("#outside_hours = \"hold\"\n");
}

fn per_user(class: &ClassView) -> Option<u32> {
    class.daily_per_user.filter(|each| *each > 0)
}

fn allowed(class: &ClassView) -> String {
    let mut words = match (per_user(class), class.daily_at_least) {
        (Some(each), Some(least)) => format!("{each} per user, at least {least}"),
        (Some(each), None) => format!("{each} per user"),
        (None, Some(least)) => least.to_string(),
        (None, None) => ANY_NUMBER.to_owned(),
    };
    if let Some(each) = class.daily_per_device {
        words.push_str(&format!("; {each} per device"));
    }
    if let Some(window) = &class.window {
        words.push_str(&format!("; {window}"));
    }
    words
}

/// The same for all: whether a vendor has such a thing, its driver says when they are set.
const DEFAULTS: &str = r#"
[defaults]
# What a tap does if the message does not say, or says what the vendor cannot do:
# open_app; open_url or open_page with its value, a page in the vendor's own form.
#click = { action = "open_app" }
# The sound if neither message nor user set one: default, none, or a sound file that
# ships with the app.
#sound = "default"
"#;

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
    if !setting.aliases.is_empty() {
        marks.push(format!("or named {}", setting.aliases.join(", ")));
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

fn names(setting: &SettingView) -> impl Iterator<Item = &str> {
    let aliases = setting.aliases.iter().map(String::as_str);
    std::iter::once(setting.key.as_str()).chain(aliases)
}

fn example(setting: &SettingView) -> String {
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
    use nudged_wire::DriverState;

    fn setting(key: &str, kind: &str) -> SettingView {
        SettingView {
            key: key.to_owned(),
            kind: kind.to_owned(),
            required: false,
            secret: false,
            default: None,
            choices: Vec::new(),
            help: format!("What {key} is."),
            aliases: Vec::new(),
            unneeded: false,
        }
    }

    fn driver(settings: Vec<SettingView>) -> DriverView {
        DriverView {
            vendor: Some("apns".to_owned()),
            title: Some("Apple Push Notification service".to_owned()),
            version: Some("1.0.0".to_owned()),
            platform: Some("ios".to_owned()),
            file: "/usr/lib/nudged/drivers/libnudged_apns.so".to_owned(),
            state: DriverState::Loaded,
            problem: None,
            channels: Vec::new(),
            kinds: Vec::new(),
            settings,
            limits: None,
            sources: Vec::new(),
        }
    }

    #[test]
    fn the_skeleton_is_toml_with_and_without_its_comments() {
        let text = channel_file(
            &driver(vec![
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
                SettingView {
                    aliases: vec!["server".to_owned()],
                    ..setting("endpoint", "url")
                },
                SettingView {
                    unneeded: true,
                    aliases: vec!["client_key".to_owned()],
                    ..setting("app_key", "text")
                },
                setting("mutable", "boolean"),
            ]),
            &ChannelValues::default(),
        );
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
        assert!(text.contains("# What endpoint is (or named server)"));
        assert!(text.contains("# Not needed: app_key, client_key; What app_key is.\n"));
        assert_eq!(all["defaults"]["sound"].as_str(), Some("default"));
        assert!(all["defaults"]["click"].is_table());
    }

    #[test]
    fn what_is_given_is_filled_in() {
        let given = ChannelValues {
            app: Some("chat \"two\"".to_owned()),
            certificate_id: Some(7),
            values: [("port".to_owned(), "8443".to_owned())].into(),
        };
        let text = channel_file(&driver(vec![setting("port", "integer")]), &given);
        let table: toml::Table = text.parse().expect("TOML");
        assert_eq!(table["app"].as_str(), Some("chat \"two\""));
        assert_eq!(table["certificate_id"].as_integer(), Some(7));
        assert_eq!(table["settings"]["port"].as_integer(), Some(8443));
    }

    #[test]
    fn what_a_vendor_allows_of_its_classes_is_told() {
        let class = ClassView {
            name: "news".to_owned(),
            help: "News.".to_owned(),
            daily_per_device: Some(2),
            daily_per_user: Some(3),
            daily_at_least: Some(10_000),
            window: Some("07:00-23:00 +08:00".to_owned()),
        };
        let told = "3 per user, at least 10000; 2 per device; 07:00-23:00 +08:00";
        assert_eq!(allowed(&class), told);
        let test = ClassView {
            daily_per_device: None,
            daily_per_user: Some(0),
            daily_at_least: Some(1_000),
            window: None,
            ..class.clone()
        };
        assert_eq!(allowed(&test), "1000");
        let free = ClassView {
            daily_at_least: None,
            ..test
        };
        assert_eq!(allowed(&free), "no limit");
        let limits = DriverLimits {
            batch: 1,
            max_body: 4096,
            concurrency: 10,
            rate: None,
            rate_unit: "requests".to_owned(),
            classes: vec![free, class],
            day: "+08:00".to_owned(),
            texts: Vec::new(),
            recall: false,
        };
        let mut text = String::new();
        quotas(&mut text, &limits);
        let keys: toml::Table = text
            .replace("\n#", "\n")
            .lines()
            .filter(|line| !line.starts_with(['#', ' ']))
            .map(|line| format!("{line}\n"))
            .collect::<String>()
            .parse()
            .expect("TOML");
        assert_eq!(keys["daily"]["news"].as_integer(), Some(10_000));
        assert_eq!(keys["hours"]["news"].as_str(), Some("07:00-23:00 +08:00"));
        assert_eq!(keys["outside_hours"].as_str(), Some("hold"));
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

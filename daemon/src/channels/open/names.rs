//! What a channel's file calls its settings: consoles, SDKs and people have several names for
//! one value, and values that a server has no use for.
//!
//! In: a channel's file, the driver's declarations. Out: the file under the driver's own names
//! without what is not needed, and a warning for each such; or what cannot be taken. Names that
//! nobody knows are left for `settings` to refuse.

use std::collections::BTreeMap;

use nudged_plugin_api::Setting;

use crate::config::{ChannelFile, ConfigProblem};

/// Gives each setting the name that the driver has for it.
pub fn resolve(
    channel: &ChannelFile,
    declared: &[Setting],
) -> Result<(ChannelFile, Vec<String>), Vec<ConfigProblem>> {
    let mut resolved = channel.clone();
    let (mut warnings, mut problems) = (Vec::new(), Vec::new());
    let mut taken: BTreeMap<&str, &str> = BTreeMap::new();
    for written in channel.settings.keys() {
        let Some(setting) = declared.iter().find(|it| is_called(it, written)) else {
            problems.extend(misspelt(channel, declared, written));
            continue;
        };
        if let Some(other) = taken.insert(&setting.key, written) {
            problems.push(twice(channel, written, other));
        } else if setting.unneeded {
            // req 75: what a server does not need is explained, not refused
            let problem = format!("is not needed and has no effect: {}", setting.help);
            warnings.push(channel.problem(written, problem).to_string());
            resolved.settings.remove(written);
        } else if *written != setting.key {
            resolved.rename_setting(written, &setting.key);
        }
    }
    match problems.is_empty() {
        true => Ok((resolved, warnings)),
        false => Err(problems),
    }
}

fn is_called(setting: &Setting, name: &str) -> bool {
    setting.key == name || setting.aliases.iter().any(|alias| alias == name)
}

fn twice(channel: &ChannelFile, written: &str, other: &str) -> ConfigProblem {
    let at = match channel.line(other) {
        Some(line) => format!("{other} in line {line}"),
        None => other.to_owned(),
    };
    channel
        .problem(written, format!("is another name for {at}"))
        .hint("leave one of the two out")
}

/// `AppSecret`, as consoles write it, is no key of ours, but it is clear what is meant.
fn misspelt(channel: &ChannelFile, declared: &[Setting], written: &str) -> Option<ConfigProblem> {
    let plain = |name: &str| name.replace(['_', '-'], "").to_ascii_lowercase();
    let meant = plain(written);
    let mut names = declared
        .iter()
        .flat_map(|it| std::iter::once(&it.key).chain(&it.aliases));
    let name = names.find(|name| plain(name) == meant)?;
    let problem = format!("the {} driver has no such setting", channel.driver);
    Some(
        channel
            .problem(written, problem)
            .hint(format!("write it {name}")),
    )
}

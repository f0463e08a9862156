//! What holds for the classes of a channel: what the channel file says, else the driver.

use nudged_plugin_api::Info;

use crate::config::{ChannelFile, ChannelLimits, ConfigProblem, shown};
use crate::quota::{ClassLimits, DailyLimit, SendingHours, VendorClock};

/// The terms of every class that the driver has, or what the file says of others.
pub fn of(channel: &ChannelFile, info: &Info) -> Result<Vec<ClassLimits>, Vec<ConfigProblem>> {
    let limits = &channel.limits;
    let clock = VendorClock {
        ahead: info.day_ahead,
    };
    let mut problems = Vec::new();
    let daily = limits.daily.keys();
    let daily = daily.map(|class| (class, ChannelLimits::daily_key(class)));
    let hours = limits.hours.keys();
    let hours = hours.map(|class| (class, ChannelLimits::hours_key(class)));
    for (class, key) in daily.chain(hours) {
        if !info.classes.iter().any(|it| it.name == *class) {
            problems.push(unknown(channel, info, &key));
        }
    }
    let mut terms = Vec::with_capacity(info.classes.len());
    for class in &info.classes {
        let hours = match limits.hours.get(&class.name).map(String::as_str) {
            None => class.window.map(SendingHours::from),
            Some("") => None,
            Some(text) => {
                let hours = SendingHours::read(text, clock);
                if hours.is_none() {
                    problems.push(no_hours(channel, &class.name, text));
                }
                hours
            }
        };
        terms.push(ClassLimits {
            class: class.name.clone(),
            clock,
            daily: match limits.daily.get(&class.name) {
                None => DailyLimit::of(class),
                Some(0) => None,
                Some(&limit) => Some(DailyLimit::Channel(limit)),
            },
            hours,
            outside: limits.outside_hours,
        });
    }
    if problems.is_empty() {
        Ok(terms)
    } else {
        Err(problems)
    }
}

fn unknown(channel: &ChannelFile, info: &Info, key: &str) -> ConfigProblem {
    let names: Vec<&str> = info.classes.iter().map(|it| it.name.as_str()).collect();
    let problem = format!("the {} driver has no such class of messages", info.vendor);
    let hint = match names.as_slice() {
        [] => "it has no classes".to_owned(),
        names => format!("it has {}", names.join(", ")),
    };
    channel.problem(key, problem).hint(hint)
}

fn no_hours(channel: &ChannelFile, class: &str, text: &str) -> ConfigProblem {
    let of_hours = |byte: u8| byte.is_ascii_digit() || b" :+-".contains(&byte);
    let shown = match text.len() <= 40 && text.bytes().all(of_hours) {
        true => format!("{text:?}"),
        false => shown::name(text),
    };
    let problem = format!("{shown} is not a range of hours");
    channel
        .problem(&ChannelLimits::hours_key(class), problem)
        .hint("write \"07:00-23:00\" (by the vendor's clock) or \"07:00-23:00 +08:00\"; \"\" means always")
}

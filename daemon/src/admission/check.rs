//! What a notification may ask for. Every mistake in it is told with its path, before
//! anybody is looked up.

use std::time::Duration;

use nudged_plugin_api::Platform;
use nudged_plugin_api::text::present;

use super::resolve::check_name;
use crate::channels::Table;
use crate::config::MAX_TTL;
use nudged_wire::{BadgeChange, ClickSpec, KindName, NotificationSpec, PlatformSpec};
use nudged_wire::{Code, Problem};

/// What the platforms of `message.platforms` are called.
const PLATFORMS: [Platform; 3] = [Platform::Ios, Platform::Android, Platform::Harmony];

/// The platform of that name.
pub fn platform(name: &str) -> Option<Platform> {
    PLATFORMS.into_iter().find(|it| it.as_str() == name)
}

/// Whether all that is asked for is possible.
pub fn check(table: &Table, app: &str, spec: &NotificationSpec) -> Result<(), Problem> {
    let message = &spec.message;
    live_activity(spec)?;
    vendors(table, app, spec)?;
    for (at, recipient) in spec.to.iter().enumerate() {
        badge(recipient.badge, || format!("to[{at}].badge"))?;
    }
    badge(message.badge, || "message.badge".to_owned())?;
    clickable(message.click.as_ref(), "message.click")?;
    for (name, platform) in &message.platforms {
        badge(platform.badge, || format!("message.platforms.{name}.badge"))?;
        clickable(
            platform.click.as_ref(),
            &format!("message.platforms.{name}.click"),
        )?;
    }
    if message.kind == KindName::Alert && !says_something(spec) {
        return Err(
            Problem::new(Code::Invalid, "an alert needs a title, a body or elements")
                .field("message")
                .hint("set message.title or message.body, or message.kind to \"background\""),
        );
    }
    Ok(())
}

/// The lifetime; zero is now or never.
pub fn lifetime(ttl: Option<u64>, default: Duration) -> Result<Duration, Problem> {
    let Some(seconds) = ttl else {
        return Ok(default);
    };
    if seconds > MAX_TTL.as_secs() {
        let detail = format!(
            "{seconds} s is too long, at most {} (28 days) is allowed",
            MAX_TTL.as_secs()
        );
        return Err(Problem::new(Code::Invalid, detail).field("ttl"));
    }
    Ok(Duration::from_secs(seconds))
}

/// Options for a vendor that the app has no channel of are a mistake in writing.
fn vendors(table: &Table, app: &str, spec: &NotificationSpec) -> Result<(), Problem> {
    // req 70: a vendor may be behind another's service.
    let has = |vendor: &str| {
        let mut infos = table.of_app(app).map(|route| &route.info);
        infos.any(|info| info.vendor == vendor || info.behind.iter().any(|it| it == vendor))
    };
    for (vendor, options) in &spec.options {
        if !options.get().trim_start().starts_with('{') {
            return Err(
                Problem::new(Code::Invalid, "a vendor's options are a JSON object")
                    .field(format!("options.{vendor}")),
            );
        }
        if !has(vendor) {
            let detail = format!("no channel of app {app} has a driver {vendor:?}");
            return Err(Problem::new(Code::Invalid, detail)
                .field(format!("options.{vendor}"))
                .hint(table.names(app)));
        }
    }
    for name in spec.message.platforms.keys() {
        if platform(name).is_none() && !has(name) {
            let detail = format!(
                "{name:?} is none of {}, and no channel of app {app} has such a driver",
                PLATFORMS.map(Platform::as_str).join(", ")
            );
            return Err(Problem::new(Code::Invalid, detail)
                .field(format!("message.platforms.{name}"))
                .hint(table.names(app)));
        }
    }
    Ok(())
}

fn live_activity(spec: &NotificationSpec) -> Result<(), Problem> {
    let is_one = spec.message.kind == KindName::LiveActivity;
    let detail = match (spec.message.live_activity.is_some(), is_one) {
        (false, true) => "a live_activity needs its content",
        (true, false) => "only a message of kind live_activity has this",
        _ => return activity_id(spec),
    };
    Err(Problem::new(Code::Invalid, detail).field("message.live_activity"))
}

fn activity_id(spec: &NotificationSpec) -> Result<(), Problem> {
    let activity = spec.message.live_activity.as_ref();
    let id = activity.and_then(|it| present(&it.id));
    id.map_or(Ok(()), |id| check_name(id, "message.live_activity.id"))
}

fn says_something(spec: &NotificationSpec) -> bool {
    let says = |text: &Option<String>| text.as_ref().is_some_and(|text| !text.is_empty());
    let message = &spec.message;
    let platform = |it: &PlatformSpec| says(&it.title) || says(&it.body);
    let mut translations = message.translations.values();
    says(&message.title)
        || says(&message.body)
        || !message.elements.is_empty()
        || message.platforms.values().any(platform)
        || translations.any(|it| says(&it.title) || says(&it.body))
}

fn badge(badge: Option<BadgeChange>, field: impl Fn() -> String) -> Result<(), Problem> {
    const MOST: u32 = 99_999;
    let count = match badge {
        Some(BadgeChange::Set(count) | BadgeChange::Add(count)) => count,
        Some(BadgeChange::Keep) | None => 0,
    };
    if count > MOST {
        let detail = format!("{count} is too much for a badge, at most {MOST} is allowed");
        return Err(Problem::new(Code::Invalid, detail).field(field()));
    }
    Ok(())
}

fn clickable(spec: Option<&ClickSpec>, field: &str) -> Result<(), Problem> {
    spec.map_or(Ok(()), |spec| {
        let click = crate::model::click(spec.action, spec.value.as_deref());
        click
            .map(drop)
            .map_err(|detail| Problem::new(Code::Invalid, detail).field(format!("{field}.value")))
    })
}

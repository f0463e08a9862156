//! What a notification may ask for. Pure.
//!
//! In: the notification, and the channels of its app. Out: the first mistake, with the path of its
//! field, before anybody is looked up. Refuses to know recipients and drivers.

use std::time::Duration;

use nudged_plugin_api::text::present;

use super::error::AdmissionError;
use super::name::check_name;
use crate::channels::RouteTable;
use crate::config::MAX_TTL;
use crate::model::{MAX_BADGE, platform_named};
use nudged_wire::{BadgeChange, ClickSpec, KindName, NotificationSpec, PlatformSpec};

/// Whether all that is asked for is possible.
pub fn check(table: &RouteTable, app: &str, spec: &NotificationSpec) -> Result<(), AdmissionError> {
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
        return Err(AdmissionError::NothingToShow);
    }
    Ok(())
}

/// The lifetime; zero is now or never.
pub fn lifetime(ttl: Option<u64>, default: Duration) -> Result<Duration, AdmissionError> {
    match ttl {
        None => Ok(default),
        Some(given) if given > MAX_TTL.as_secs() => Err(AdmissionError::TtlTooLong { given }),
        Some(seconds) => Ok(Duration::from_secs(seconds)),
    }
}

/// Options for a vendor that the app has no channel of are a mistake in writing.
fn vendors(table: &RouteTable, app: &str, spec: &NotificationSpec) -> Result<(), AdmissionError> {
    // req 70: a vendor may be behind another's service.
    let has = |vendor: &str| {
        let mut infos = table.of_app(app).map(|route| &route.info);
        infos.any(|info| info.vendor == vendor || info.behind.iter().any(|it| it == vendor))
    };
    for (vendor, options) in &spec.options {
        if !options.get().trim_start().starts_with('{') {
            let vendor = vendor.clone();
            return Err(AdmissionError::MalformedOptions { vendor });
        }
        if !has(vendor) {
            return Err(AdmissionError::UnknownVendor {
                app: app.to_owned(),
                vendor: vendor.clone(),
                configured: table.names(app),
            });
        }
    }
    for name in spec.message.platforms.keys() {
        if platform_named(name).is_none() && !has(name) {
            return Err(AdmissionError::UnknownPlatform {
                app: app.to_owned(),
                name: name.clone(),
                configured: table.names(app),
            });
        }
    }
    Ok(())
}

fn live_activity(spec: &NotificationSpec) -> Result<(), AdmissionError> {
    let is_one = spec.message.kind == KindName::LiveActivity;
    match (&spec.message.live_activity, is_one) {
        (None, true) => Err(AdmissionError::NoLiveActivity),
        (Some(_), false) => Err(AdmissionError::StrayLiveActivity),
        (None, false) => Ok(()),
        (Some(activity), true) => match present(&activity.id) {
            Some(id) => Ok(check_name(id, "message.live_activity.id")?),
            None => Ok(()),
        },
    }
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

fn badge(badge: Option<BadgeChange>, field: impl Fn() -> String) -> Result<(), AdmissionError> {
    match badge {
        Some(BadgeChange::Set(given) | BadgeChange::Add(given)) if given > MAX_BADGE => {
            let field = field();
            Err(AdmissionError::BadgeTooLarge { field, given })
        }
        _ => Ok(()),
    }
}

fn clickable(spec: Option<&ClickSpec>, field: &str) -> Result<(), AdmissionError> {
    spec.map_or(Ok(()), |spec| {
        let click = crate::model::click(spec.action, spec.value.as_deref());
        click.map(drop).map_err(|problem| AdmissionError::Click {
            field: format!("{field}.value"),
            problem,
        })
    })
}

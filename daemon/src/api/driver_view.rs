//! A driver's description of itself, for people and programs.

use nudged_plugin_api::info::{Kind, MessageClass, RateUnit, Window};
use nudged_plugin_api::{Info, Setting};

use super::schema::{ClassView, DriverLimits, DriverState, DriverView, SettingView, TextLimitView};
use crate::driver::Driver;

/// A driver that can be used; which channels use it is for the caller to say.
pub fn driver_view(driver: &Driver) -> DriverView {
    let info = &driver.info;
    DriverView {
        vendor: Some(info.vendor.clone()),
        title: Some(info.title.clone()),
        version: Some(info.version.clone()),
        platform: Some(info.platform.as_str())
            .filter(|name| !name.is_empty())
            .map(str::to_owned),
        file: driver.file.display().to_string(),
        state: DriverState::Loaded,
        problem: None,
        channels: Vec::new(),
        settings: info.settings.iter().map(setting).collect(),
        limits: Some(limits(info)),
        sources: info.sources.clone(),
    }
}

fn setting(setting: &Setting) -> SettingView {
    SettingView {
        key: setting.key.clone(),
        kind: match setting.kind {
            Kind::Integer => "integer",
            Kind::Boolean => "boolean",
            Kind::Choice => "choice",
            Kind::Url => "url",
            Kind::File => "file",
            Kind::Identity => "identity",
            _ => "text",
        }
        .to_owned(),
        required: setting.required,
        secret: setting.secret,
        default: setting.default.clone(),
        choices: setting.choices.clone(),
        help: setting.help.clone(),
    }
}

fn limits(info: &Info) -> DriverLimits {
    let texts = info.texts.iter().map(|limit| TextLimitView {
        field: limit.field.clone(),
        most: limit.most,
        unit: limit.unit.name().to_owned(),
    });
    DriverLimits {
        batch: info.batch,
        max_body: info.max_body,
        concurrency: info.concurrency,
        rate: info.rate,
        rate_unit: match info.rate_unit {
            RateUnit::Devices => "devices",
            _ => "requests",
        }
        .to_owned(),
        classes: info.classes.iter().map(class).collect(),
        texts: texts.collect(),
        recall: info.recall,
    }
}

fn class(class: &MessageClass) -> ClassView {
    ClassView {
        name: class.name.clone(),
        help: class.help.clone(),
        daily_per_device: class.daily_per_device,
        daily_per_user: class.daily_per_user,
        daily_at_least: class.daily_at_least,
        window: class.window.map(window),
    }
}

fn window(window: Window) -> String {
    let clock = |minutes: u64| format!("{:02}:{:02}", minutes / 60, minutes % 60);
    let sign = if window.ahead < 0 { '-' } else { '+' };
    format!(
        "{}-{} {sign}{}",
        clock(window.opens.into()),
        clock(window.closes.into()),
        clock(window.ahead.unsigned_abs())
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_is_shown_with_its_time_zone() {
        assert_eq!(window(Window::hours(7, 23, 8)), "07:00-23:00 +08:00");
        assert_eq!(window(Window::hours(0, 24, -3)), "00:00-24:00 -03:00");
    }
}

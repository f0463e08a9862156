//! A driver's description of itself, for people and programs.

use nudged_plugin_api::info::{Kind, MessageClass, RateUnit};
use nudged_plugin_api::{Info, Kind as Sent, KindInfo, Setting, TokenUse};

use crate::driver::{Driver, RefusedDriver};
use crate::quota::{SendingHours, VendorClock};
use nudged_wire::{
    ClassView, DriverKindView, DriverLimits, DriverState, DriverView, KindName, SettingView,
    TextLimitView,
};

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
        kinds: info.kinds.iter().filter_map(kind).collect(),
        settings: info.settings.iter().map(setting).collect(),
        limits: Some(limits(info)),
        sources: info.sources.clone(),
    }
}

fn kind(info: &KindInfo) -> Option<DriverKindView> {
    Some(DriverKindView {
        kind: match info.kind {
            Sent::Background => KindName::Background,
            Sent::Voip => KindName::Voip,
            Sent::LiveActivity => KindName::LiveActivity,
            _ => return None,
        },
        token: match info.token {
            TokenUse::Own => "own",
            TokenUse::Beside => "beside",
            _ => "device",
        }
        .to_owned(),
    })
}

/// A file that is no driver.
pub fn refused_view(refused: &RefusedDriver) -> DriverView {
    DriverView {
        vendor: None,
        title: None,
        version: None,
        platform: None,
        file: refused.file.display().to_string(),
        state: DriverState::Refused,
        problem: Some(refused.problem.clone()),
        channels: Vec::new(),
        kinds: Vec::new(),
        settings: Vec::new(),
        limits: None,
        sources: Vec::new(),
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
        aliases: setting.aliases.clone(),
        unneeded: setting.unneeded,
    }
}

fn limits(info: &Info) -> DriverLimits {
    let texts = info.texts.iter().map(|limit| TextLimitView {
        field: limit.field.clone(),
        most: limit.max,
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
        day: VendorClock {
            ahead: info.day_ahead,
        }
        .to_string(),
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
        window: class
            .window
            .map(|window| SendingHours::from(window).to_string()),
    }
}

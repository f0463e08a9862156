//! A channel's defaults, tried out: its driver says at the reload, and not at the first
//! delivery, what it makes of the click and the sound that stand in the channel's file.
//!
//! In: an opened channel and its file. Out: the driver's refusal as a problem of the file, its
//! notices as warnings. Nothing is sent.

use nudged_plugin_api::call::Encoded;
use nudged_plugin_api::{Message, Platform, Timestamp};

use crate::channels::{RehearsalDevice, Route};
use crate::config::{ChannelFile, ConfigProblem, Defaults};
use crate::model::sound;

/// No vendor's own, but in a form that drivers let pass.
const TOKEN: &str = "0123456789abcdef0123456789abcdef";

/// What does not work with the defaults of a channel, or works in another way.
pub fn of_defaults(
    channel: &ChannelFile,
    route: &Route,
    now: Timestamp,
    warnings: &mut Vec<String>,
) -> Result<(), ConfigProblem> {
    let defaults = &route.defaults;
    if *defaults == Defaults::default() {
        return Ok(());
    }
    let (sample, told) = sample(defaults, route.info.platform);
    warnings.extend(told.map(|text| channel.problem(Defaults::SOUND, text).to_string()));
    let device = RehearsalDevice {
        token: TOKEN,
        ..RehearsalDevice::default()
    };
    match route.rehearse(&sample, device, now) {
        Some(Encoded::Refused(error)) => match key(&error.field, defaults) {
            Some(key) => Err(channel.problem(key, error.problem).hint(format!(
                "the {} driver refuses it ({})",
                route.info.vendor, error.code
            ))),
            // What a sample lacks, a message may have.
            None => Ok(()),
        },
        Some(Encoded::Rendered(rendered)) => {
            let notices = rendered.notices.into_iter();
            let found = notices.filter_map(|notice| Some((key(&notice.field, defaults)?, notice)));
            warnings
                .extend(found.map(|(key, notice)| channel.problem(key, notice.text).to_string()));
            Ok(())
        }
        // A failing driver is found, and explained, at delivery.
        _ => Ok(()),
    }
}

/// What the settings cost every message, by the driver's own word.
pub fn advice(channel: &ChannelFile, route: &Route) -> Vec<ConfigProblem> {
    let advice = route.driver.advice().into_iter();
    advice
        .map(|notice| channel.problem(&notice.field, notice.text))
        .collect()
}

/// A message with these defaults, and what there is to say of their sound.
fn sample(defaults: &Defaults, platform: Platform) -> (Message, Option<&'static str>) {
    let mut message = Message::new("Ann", "Are you there?");
    message.click = defaults.click.clone().unwrap_or_default();
    let played = defaults.sound.as_deref().map(|it| sound(it, platform));
    let (played, notice) = played.unwrap_or_default();
    message.sound = played;
    (message, notice)
}

/// The key that a driver's word on a field is about, if the file has it.
fn key(field: &str, defaults: &Defaults) -> Option<&'static str> {
    match field.split('.').next() {
        Some("click") if defaults.click.is_some() => Some(Defaults::CLICK),
        Some("sound") if defaults.sound.is_some() => Some(Defaults::SOUND),
        _ => None,
    }
}

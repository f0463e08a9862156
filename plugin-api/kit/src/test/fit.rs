//! Fitting: an alert of any shape goes out, and no more of it is cut than has to be.

use super::Bench;
use super::chance::Chance;
use super::encode::encode_all;
use super::report::{Report, shorten};
use crate::text::{Unit, cut};
use nudged_plugin_api::{Kind, Message, Notice};

/// Alerts that are tried, unless the environment says how many ([`CASES`]).
const USUAL: u64 = 24;
/// Environment variable with the number of alerts for a longer run.
const CASES: &str = "NUDGED_CASES";
/// Alerts of one step.
const STEP: u64 = 32;

pub fn check(bench: &Bench, report: &mut Report) {
    // A driver without alerts has nothing to fit.
    if !bench
        .samples
        .messages
        .iter()
        .any(|it| it.kind == Kind::Alert)
    {
        return;
    }
    let cases = std::env::var(CASES).ok();
    let cases = cases.and_then(|text| text.parse().ok()).unwrap_or(USUAL);
    for first in (0..cases).step_by(STEP as usize) {
        let alerts = (first..cases.min(first + STEP)).map(|seed| {
            (
                format!("alert {seed}"),
                Chance::of(seed).alert(bench.samples.now),
            )
        });
        step(bench, alerts.collect(), report);
    }
}

fn step(bench: &Bench, alerts: Vec<(String, Message)>, report: &mut Report) {
    let jobs = alerts
        .iter()
        .map(|(place, message)| (place.clone(), message.clone(), bench.targets(1)));
    let outcomes = encode_all(bench, jobs.collect(), report);
    let mut longer = Vec::new();
    for ((place, message), outcome) in alerts.iter().zip(outcomes) {
        match outcome {
            Some(Err(error)) => report.fail(
                "fits",
                format!(
                    "{place} was refused with `{}`",
                    shorten(&error.to_string(), 200)
                ),
                "a request, and notices of what was cut or left out",
            ),
            Some(Ok(rendered)) => {
                longer.extend(rendered.notices.iter().filter_map(|notice| {
                    Some((place, notice.field.clone(), grown(message, notice)?))
                }))
            }
            None => {}
        }
    }
    let jobs = longer.iter().map(|(place, field, message)| {
        let place = format!("{place} with a character more of its {field}");
        (place, message.clone(), bench.targets(1))
    });
    for ((place, field, _), outcome) in longer.iter().zip(encode_all(bench, jobs.collect(), report))
    {
        let Some(Ok(rendered)) = outcome else {
            continue;
        };
        let cut = |notice: &Notice| notice.field == *field && measure(&notice.text).is_some();
        if !rendered.notices.iter().any(cut) {
            report.fail(
                "fits",
                format!("{place}: a character more of {field} would have fitted"),
                "texts that are cut as little as need be",
            );
        }
    }
}

/// The same message with a character more of the text than this notice says was left.
fn grown(message: &Message, notice: &Notice) -> Option<Message> {
    let (left, unit) = measure(&notice.text)?;
    let mut grown = message.clone();
    let text = match notice.field.as_str() {
        "title" => &mut grown.title,
        "subtitle" => &mut grown.subtitle,
        "body" => &mut grown.body,
        _ => return None,
    };
    let whole = text.as_deref()?;
    // A character takes several of some units.
    let more = (left + 1..=left + 4)
        .map(|most| cut(whole, most, unit))
        .find(|text| unit.length(text) > left)?;
    *text = Some(more.into_owned());
    Some(grown)
}

/// `was cut from 1400 to 1170 characters…`: how long it is now, in what.
fn measure(text: &str) -> Option<(usize, Unit)> {
    let mut words = text.strip_prefix("was cut from ")?.split(' ');
    let (_, to, left) = (words.next()?, words.next()?, words.next()?.parse().ok()?);
    let unit = words.next()?.trim_end_matches([':', ',', ';']);
    let units = [Unit::Characters, Unit::Utf16, Unit::Bytes];
    let unit = units
        .into_iter()
        .find(|known| known.name().split(' ').next() == Some(unit))?;
    (to == "to").then_some((left, unit))
}

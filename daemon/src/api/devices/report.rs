//! Reports as they come to reports as the registry takes them.

use std::collections::BTreeMap;

use super::tokens;
use crate::admission::{check_token, refused};
use crate::dispatch::{Form, Table};
use crate::model::{Binding, CertificateId, MAX_UNREAD};
use crate::registry::{Report, StateReport};
use nudged_wire::{Code, Problem};
use nudged_wire::{DeviceReport, StateName, StateSpec};

/// Longest text that an app reports of itself, in bytes.
const LONGEST: usize = 64;
/// Seconds after which an IM server takes a silent link for dead.
const LEASE: u32 = 400;
const LONGEST_LEASE: u32 = 86_400;

/// A report of a token, or of none; the token as it was told, as [`formed`] is for many at once.
pub fn report(table: &Table, app: &str, report: DeviceReport) -> Result<Report, Problem> {
    let kinds = report.tokens.filter(|tokens| !tokens.is_empty());
    if kinds.is_some() && report.token.is_none() {
        // Else the phone that only tells of a call's token would fall silent.
        let detail = "is missing: a report of tokens tells of the device's own too";
        return Err(Problem::new(Code::Invalid, detail)
            .field("token")
            .hint("add the token that was reported before, or null where push is off"));
    }
    let token = report.token.flatten().filter(|token| !token.is_empty());
    let name = report.channel.filter(|name| !name.is_empty());
    let named = name.is_some() || report.certificate_id.is_some();
    // Whoever turns push off may name the channel, but an unknown one is a mistake anyway.
    let channel = if named || token.is_some() {
        Some(channel(table, app, name, report.certificate_id, "")?)
    } else {
        None
    };
    if let Some(token) = &token {
        check_token(token, "token")?;
    }
    let tokens = tokens::told(table, app, channel, kinds.unwrap_or_default())?;
    Ok(Report {
        tokens,
        binding: channel
            .zip(token)
            .map(|(channel, token)| Binding { channel, token }),
        platform: text(report.platform, "platform")?,
        language: text(report.language, "language")?,
        app_version: text(report.app_version, "app_version")?,
    })
}

/// Has the tokens of reports in the form in which their vendors know them; says of each report
/// whether it can be taken.
pub fn formed(table: &Table, reports: &mut [&mut Report]) -> Vec<Result<(), Problem>> {
    let mut taken: Vec<Result<(), Problem>> = Vec::with_capacity(reports.len());
    let mut channels: BTreeMap<CertificateId, Vec<Place>> = BTreeMap::new();
    for (at, report) in reports.iter().enumerate() {
        taken.push(Ok(()));
        if let Some(bound) = &report.binding {
            channels.entry(bound.channel).or_default().push((at, None));
        }
        for (slot, kind) in report.tokens.iter().enumerate() {
            if let Some(bound) = &kind.binding {
                let place = (at, Some(slot));
                channels.entry(bound.channel).or_default().push(place);
            }
        }
    }
    for (channel, places) in channels {
        let Some(entry) = table.by_id(channel) else {
            continue;
        };
        let token = |place: &Place| {
            let bound = bound(reports[place.0], place.1);
            bound.map(|bound| bound.token.clone()).unwrap_or_default()
        };
        let forms = entry.forms(places.iter().map(token).collect());
        for ((at, slot), form) in places.into_iter().zip(forms) {
            let formed = form_of(reports[at], slot, form, &entry.info.vendor);
            // Of several refusals the first is told.
            if taken[at].is_ok() {
                taken[at] = formed;
            }
        }
    }
    taken
}

/// Of which report, and which of its tokens for one kind of message; none = the device's own.
type Place = (usize, Option<usize>);

fn bound(report: &mut Report, slot: Option<usize>) -> Option<&mut Binding> {
    match slot {
        Some(slot) => report.tokens.get_mut(slot)?.binding.as_mut(),
        None => report.binding.as_mut(),
    }
}

fn form_of(
    report: &mut Report,
    slot: Option<usize>,
    form: Form,
    vendor: &str,
) -> Result<(), Problem> {
    let form = form.map_err(|error| {
        let kind = slot.and_then(|slot| report.tokens.get(slot));
        let field = kind.map_or_else(|| "token".to_owned(), |it| tokens::path(&it.which));
        refused(error, vendor, &field)
    })?;
    if let Some(bound) = bound(report, slot) {
        bound.token = form;
    }
    Ok(())
}

/// A report of a state.
pub fn state(spec: &StateSpec) -> Result<StateReport, Problem> {
    let foreign = |field: &str, with: &str| {
        Problem::new(Code::Invalid, format!("{field} goes with {with} only")).field(field)
    };
    let beyond = |field: &str, value: u32, range: &str| {
        Problem::new(Code::Invalid, format!("is {value}, expected {range}")).field(field)
    };
    if spec.lease.is_some() && spec.state != StateName::Foreground {
        return Err(foreign("lease", "foreground"));
    }
    if spec.unread.is_some() && spec.state != StateName::Background {
        return Err(foreign("unread", "background"));
    }
    Ok(match spec.state {
        StateName::Foreground => match spec.lease.unwrap_or(LEASE) {
            lease @ 1..=LONGEST_LEASE => StateReport::Foreground { lease },
            lease => return Err(beyond("lease", lease, "1 to 86400 seconds")),
        },
        StateName::Background => match spec.unread {
            Some(unread) if unread > MAX_UNREAD => {
                return Err(beyond("unread", unread, "0 to 99999"));
            }
            unread => StateReport::Background { unread },
        },
        StateName::LoggedOut => StateReport::LoggedOut,
        StateName::Kicked => StateReport::Kicked,
    })
}

fn text(text: Option<String>, field: &str) -> Result<Option<String>, Problem> {
    let Some(text) = text.filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    let problem = |detail: &str| Err(Problem::new(Code::Invalid, detail).field(field));
    if text.len() > LONGEST {
        return problem("longer than 64 bytes");
    }
    if text.chars().any(char::is_control) {
        return problem("must not contain control characters");
    }
    Ok(Some(text))
}

/// The channel that is named, by fields whose paths begin with `at`.
pub fn channel(
    table: &Table,
    app: &str,
    name: Option<String>,
    id: Option<u32>,
    at: &str,
) -> Result<CertificateId, Problem> {
    let unknown = |field: &str, what: String| {
        Err(Problem::new(Code::Invalid, format!("there is no {what}"))
            .field(format!("{at}{field}"))
            .hint(table.names(app)))
    };
    match (name, id) {
        (Some(name), None) => match table.by_name(app, &name) {
            Some(route) => Ok(route.certificate_id),
            None => unknown("channel", format!("channel {name:?}")),
        },
        (None, Some(id)) => match table
            .by_id(CertificateId(id))
            .filter(|route| route.app == app)
        {
            Some(route) => Ok(route.certificate_id),
            None => unknown("certificate_id", format!("certificate id {id}")),
        },
        _ => Err(Problem::new(
            Code::Invalid,
            "a report of a token names either channel or certificate_id",
        )
        .field(format!("{at}channel"))
        .hint(table.names(app))),
    }
}

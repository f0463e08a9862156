//! Reports as they come to reports as the registry takes them.

use std::collections::BTreeMap;

use super::channel::channel;
use super::tokens;
use crate::channels::{CanonicalToken, RefusedToken, RouteTable, check_token};
use crate::model::{Binding, CertificateId, MAX_BADGE};
use crate::registry::{Report, StateReport};
use nudged_wire::{Code, Problem};
use nudged_wire::{DeviceReport, StateName, StateSpec};

/// Longest text that an app reports of itself, in bytes.
const MAX_TEXT: usize = 64;
// req 20: seconds after which an IM server takes a silent link for dead.
const DEFAULT_LEASE: u32 = 400;
const MAX_LEASE: u32 = 86_400;

/// A report of a token, or of none; the token as it was told, as [`canonicalize`] is for many at once.
pub fn report(table: &RouteTable, app: &str, report: DeviceReport) -> Result<Report, Problem> {
    let kinds = report.tokens.filter(|tokens| !tokens.is_empty());
    if kinds.is_some() && report.token.is_none() {
        // Else a device that reports only a token for calls would get no pushes.
        let detail = "is missing: a report of tokens names the device's own token too";
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
    let tokens = tokens::reported(table, app, channel, kinds.unwrap_or_default())?;
    Ok(Report {
        tokens,
        // req 12: without a token the device is not pushed until its next report.
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
pub fn canonicalize(table: &RouteTable, reports: &mut [&mut Report]) -> Vec<Result<(), Problem>> {
    let mut taken: Vec<Result<(), Problem>> = Vec::with_capacity(reports.len());
    let mut channels: BTreeMap<CertificateId, Vec<TokenPosition>> = BTreeMap::new();
    for (at, report) in reports.iter().enumerate() {
        taken.push(Ok(()));
        if let Some(bound) = &report.binding {
            channels.entry(bound.channel).or_default().push((at, None));
        }
        for (slot, kind) in report.tokens.iter().enumerate() {
            if let Some(bound) = &kind.binding {
                let position = (at, Some(slot));
                channels.entry(bound.channel).or_default().push(position);
            }
        }
    }
    for (channel, positions) in channels {
        let Some(entry) = table.by_id(channel) else {
            continue;
        };
        let token = |position: &TokenPosition| {
            let bound = bound(reports[position.0], position.1);
            bound.map(|bound| bound.token.clone()).unwrap_or_default()
        };
        let forms = entry.canonical_tokens(positions.iter().map(token).collect());
        for ((at, slot), form) in positions.into_iter().zip(forms) {
            let result = canonicalize_one(reports[at], slot, form, &entry.info.vendor);
            // Of several refusals the first is told.
            if taken[at].is_ok() {
                taken[at] = result;
            }
        }
    }
    taken
}

/// Of which report, and which of its tokens for one kind of message; none = the device's own.
type TokenPosition = (usize, Option<usize>);

fn bound(report: &mut Report, slot: Option<usize>) -> Option<&mut Binding> {
    match slot {
        Some(slot) => report.tokens.get_mut(slot)?.binding.as_mut(),
        None => report.binding.as_mut(),
    }
}

fn canonicalize_one(
    report: &mut Report,
    slot: Option<usize>,
    form: CanonicalToken,
    vendor: &str,
) -> Result<(), Problem> {
    let form = form.map_err(|error| {
        let kind = slot.and_then(|slot| report.tokens.get(slot));
        let field = kind.map_or_else(|| "token".to_owned(), |it| tokens::path(&it.which));
        RefusedToken {
            field,
            vendor: vendor.to_owned(),
            error,
        }
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
        StateName::Foreground => match spec.lease.unwrap_or(DEFAULT_LEASE) {
            lease @ 1..=MAX_LEASE => StateReport::Foreground { lease },
            lease => return Err(beyond("lease", lease, "1 to 86400 seconds")),
        },
        StateName::Background => match spec.unread {
            Some(unread) if unread > MAX_BADGE => {
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
    if text.len() > MAX_TEXT {
        return problem("longer than 64 bytes");
    }
    if text.chars().any(char::is_control) {
        return problem("must not contain control characters");
    }
    Ok(Some(text))
}

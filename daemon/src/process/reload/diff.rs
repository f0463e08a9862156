//! What a plan changes against the channels that run, as a value: shown to whoever asks for a dry
//! run, logged when it is taken, and tested.
//!
//! In: a plan, the channels in use. Out: for each channel whether it starts, goes on, is replaced or
//! stops, and of one that is replaced, what changed. Pure; refuses to know what follows from it.

use std::fmt;

use crate::channels::InputChange;
use crate::dispatch::{Changes, Route, Table};
use crate::process::plan::Plan;

/// What a plan changes.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct ReloadDiff(Vec<ChannelDiff>);

/// What becomes of a channel.
#[derive(Debug, PartialEq, Eq)]
pub struct ChannelDiff {
    pub name: String,
    pub change: ChannelChange,
}

/// How a channel changes.
#[derive(Debug, PartialEq, Eq)]
pub enum ChannelChange {
    Started,
    Kept,
    /// By a route that is made from these other parts.
    Replaced(Vec<InputChange>),
    Stopped,
}

impl ReloadDiff {
    /// Of a plan that was not taken yet.
    pub fn of(plan: &Plan, before: &Table) -> Self {
        let planned = plan.routes.iter().map(|route| ChannelDiff {
            name: route.name.clone(),
            change: match running(before, route) {
                Some(old) => ChannelChange::between(old, route),
                None => ChannelChange::Started,
            },
        });
        let stays = |id| plan.routes.iter().any(|it| it.certificate_id == id);
        let stopped = before.routes().filter(|it| !stays(it.certificate_id));
        let stopped = stopped.map(|route| ChannelDiff {
            name: route.name.clone(),
            change: ChannelChange::Stopped,
        });
        Self(planned.chain(stopped).collect())
    }

    /// The names, by what becomes of them.
    pub fn changes(&self) -> Changes {
        let mut changes = Changes::default();
        for ChannelDiff { name, change } in &self.0 {
            let names = match change {
                ChannelChange::Started => &mut changes.started,
                ChannelChange::Kept => &mut changes.kept,
                ChannelChange::Replaced(_) => &mut changes.replaced,
                ChannelChange::Stopped => &mut changes.stopped,
            };
            names.push(name.clone());
        }
        changes
    }

    /// The channels that are replaced, each with what changed.
    pub fn replaced(&self) -> impl Iterator<Item = (&str, &[InputChange])> {
        self.0.iter().filter_map(|diff| match &diff.change {
            ChannelChange::Replaced(parts) => Some((diff.name.as_str(), parts.as_slice())),
            _ => None,
        })
    }
}

impl ChannelChange {
    fn between(old: &Route, new: &Route) -> Self {
        match old.inputs == new.inputs {
            true => Self::Kept,
            false => Self::Replaced(old.inputs.changes(&new.inputs)),
        }
    }
}

/// The route in use with the certificate id of this one.
pub fn running<'a>(before: &'a Table, route: &Route) -> Option<&'a Route> {
    let mut routes = before.routes();
    let old = routes.find(|it| it.certificate_id == route.certificate_id)?;
    Some(old)
}

/// Parts that changed, in one line.
pub struct ChangedParts<'a>(pub &'a [InputChange]);

impl fmt::Display for ChangedParts<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, part) in self.0.iter().enumerate() {
            write!(f, "{}{part}", if at == 0 { "" } else { ", " })?;
        }
        Ok(())
    }
}

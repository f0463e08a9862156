//! What a plan changes against the channels that run, as a value: shown to whoever asks for a dry
//! run, logged when it is taken, and tested.
//!
//! In: a plan, the channels in use. Out: for each channel whether it starts, goes on, is replaced or
//! stops, and of one that is replaced, what changed. Pure; refuses to know what follows from it.

use std::fmt;

use crate::channels::{InputChange, RouteInputs};
use crate::channels::{Route, RouteTable};
use crate::dispatch::RouteChanges;
use crate::model::CertificateId;
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
    pub fn of(plan: &Plan, before: &RouteTable) -> Self {
        let planned: Vec<_> = plan.routes.iter().map(|it| ComparedRoute::of(it)).collect();
        let running: Vec<_> = before.routes().map(|it| ComparedRoute::of(it)).collect();
        Self::between(&running, &planned)
    }

    fn between(running: &[ComparedRoute<'_>], planned: &[ComparedRoute<'_>]) -> Self {
        let planned_diffs = planned.iter().map(|new| ChannelDiff {
            name: new.name.to_owned(),
            change: match running.iter().find(|old| old.id == new.id) {
                None => ChannelChange::Started,
                Some(old) if old.inputs == new.inputs => ChannelChange::Kept,
                Some(old) => ChannelChange::Replaced(old.inputs.changes(new.inputs)),
            },
        });
        let stays = |id| planned.iter().any(|it| it.id == id);
        let stopped = running.iter().filter(|it| !stays(it.id));
        let stopped = stopped.map(|old| ChannelDiff {
            name: old.name.to_owned(),
            change: ChannelChange::Stopped,
        });
        Self(planned_diffs.chain(stopped).collect())
    }

    /// The names, by what becomes of them.
    pub fn changes(&self) -> RouteChanges {
        let mut changes = RouteChanges::default();
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

/// A route, as far as it is compared.
struct ComparedRoute<'a> {
    name: &'a str,
    id: CertificateId,
    inputs: &'a RouteInputs,
}

impl<'a> ComparedRoute<'a> {
    fn of(route: &'a Route) -> Self {
        Self {
            name: &route.name,
            id: route.certificate_id,
            inputs: &route.inputs,
        }
    }
}

/// The route in use with the certificate id of this one.
pub fn running<'a>(before: &'a RouteTable, route: &Route) -> Option<&'a Route> {
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

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::Arc;

    use super::*;
    use crate::channels::SharedInputs;
    use crate::config::{ChannelSources, DeliverySection, FileDigest, TransportSection};
    use crate::driver::FileIdentity;

    fn inputs(text: &str, max_connections: usize) -> RouteInputs {
        RouteInputs {
            sources: ChannelSources::Unreadable {
                name: "any".to_owned(),
                digest: FileDigest::of(text.as_bytes()),
            },
            driver: FileIdentity::default(),
            shared: Arc::new(SharedInputs {
                transport: TransportSection {
                    max_connections,
                    ..TransportSection::default()
                },
                delivery: DeliverySection::default(),
                roots: BTreeMap::new(),
            }),
        }
    }

    #[test]
    fn a_channel_starts_goes_on_is_replaced_or_stops() {
        let (same, changed) = (inputs("one", 4), inputs("two", 8));
        let route = |name, id, inputs| ComparedRoute {
            name,
            id: CertificateId(id),
            inputs,
        };
        let running = [
            route("kept", 1, &same),
            route("replaced", 2, &same),
            route("stopped", 3, &same),
        ];
        let planned = [
            route("renamed", 1, &same),
            route("replaced", 2, &changed),
            route("started", 4, &same),
        ];
        let diff = ReloadDiff::between(&running, &planned);
        let RouteChanges {
            started,
            kept,
            replaced,
            stopped,
        } = diff.changes();
        assert_eq!([started, kept], [["started"], ["renamed"]]);
        assert_eq!([replaced, stopped], [["replaced"], ["stopped"]]);
        let replaced: Vec<String> = diff
            .replaced()
            .map(|(name, parts)| format!("{name}: {}", ChangedParts(parts)))
            .collect();
        assert_eq!(replaced, ["replaced: the file's text, [transport]"]);
        assert_eq!(ReloadDiff::between(&[], &[]), ReloadDiff::default());
    }
}

//! What of a plan must work, and what may stay as it is.
//!
//! In: a plan, the channels in use. Out: a plan that can be taken, or the mistakes that stand in its
//! way. What changed must work, all of it. What did not change stands in nobody's way: a channel that
//! was broken stays broken, and one that is running goes on though it could not be opened again, as
//! when its certificate has expired meanwhile.

use std::sync::Arc;

use super::diff::running;
use crate::channels::{BrokenChannel, Route, RouteTable};
use crate::config::ConfigProblems;
use crate::process::plan::Plan;

/// Lets what did not change stay as it is; what changed and does not work refuses all.
pub fn reconcile(plan: &mut Plan, before: &RouteTable) -> Result<(), ConfigProblems> {
    let mut problems = Vec::new();
    let mut still = Vec::new();
    for channel in plan.broken.drain(..) {
        match fallback(&channel, before) {
            Fallback::Runs(route) => {
                plan.warnings.push(format!(
                    "channel {} goes on as it is, but could not be opened again: {}",
                    channel.name,
                    channel.reason()
                ));
                plan.routes.push(route);
            }
            Fallback::StaysBroken => {
                plan.warnings.push(format!(
                    "channel {} is still broken: {}",
                    channel.name,
                    channel.reason()
                ));
                still.push(channel);
            }
            Fallback::Refused => problems.extend(channel.problems),
        }
    }
    plan.broken = still;
    match problems.is_empty() {
        true => Ok(()),
        false => Err(ConfigProblems(problems)),
    }
}

enum Fallback {
    Runs(Arc<Route>),
    StaysBroken,
    Refused,
}

fn fallback(channel: &BrokenChannel, before: &RouteTable) -> Fallback {
    let mut routes = before.routes();
    if let Some(route) =
        routes.find(|route| route.name == channel.name && route.inputs.sources == channel.sources)
    {
        return Fallback::Runs(route.clone());
    }
    let mut broken = before.broken().iter();
    match broken.any(|it| it.name == channel.name && it.sources == channel.sources) {
        true => Fallback::StaysBroken,
        false => Fallback::Refused,
    }
}

/// The channels that are new or changed by the operator.
pub fn new_or_changed<'a>(
    plan: &'a Plan,
    before: &'a RouteTable,
) -> impl Iterator<Item = &'a Arc<Route>> {
    plan.routes.iter().filter(|route| {
        let old = running(before, route);
        old.is_none_or(|old| old.inputs.sources != route.inputs.sources)
    })
}

/// Whether a channel is new, or has other settings or another driver.
pub fn is_new(route: &Route, before: &RouteTable) -> bool {
    running(before, route).is_none_or(|old| old.forms != route.forms)
}

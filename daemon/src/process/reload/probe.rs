//! Asks the vendors of new and changed channels whether they take the credential.
//!
//! In: a plan, the channels in use. Out: what each vendor said; a refusal refuses the reload, and
//! what is not known is a warning. Nothing is pushed.

use std::sync::Arc;

use super::reconcile::new_or_changed;
use crate::channels::{Route, RouteTable};
use crate::config::{ConfigProblem, ConfigProblems};
use crate::dispatch::{CredentialCheck, Dispatch};
use crate::process::plan::Plan;

/// The answers by channel; what is not known is added to the plan's warnings.
pub async fn probe(
    dispatch: &Dispatch,
    plan: &mut Plan,
    before: &RouteTable,
) -> Result<Vec<(String, CredentialCheck)>, ConfigProblems> {
    let asked = new_or_changed(plan, before).map(async |route: &Arc<Route>| {
        let probed = dispatch.probe(route).await;
        (route.clone(), probed)
    });
    let answers = futures_util::future::join_all(asked).await;
    let mut problems = Vec::new();
    let mut probes = Vec::with_capacity(answers.len());
    for (route, probed) in answers {
        match &probed {
            CredentialCheck::Refused(problem, remedy) => {
                problems.push(ConfigProblem::new(&route.file, problem).hint(remedy));
            }
            CredentialCheck::Unknown(why) => plan.warnings.push(format!(
                "channel {}: it is not known whether the vendor takes the credential: {why}",
                route.name
            )),
            CredentialCheck::Good | CredentialCheck::NotPossible => {}
        }
        probes.push((route.name.clone(), probed));
    }
    match problems.is_empty() {
        true => Ok(probes),
        false => Err(ConfigProblems(problems)),
    }
}

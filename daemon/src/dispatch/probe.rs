//! Asking a vendor whether it takes a credential, before anything is sent with it.
//!
//! In: a route that is not in use yet. Out: what is known of its credential. Its driver says how
//! the vendor can be asked; a grant that comes of it stays for the channel. Nobody is pushed.

use std::sync::Arc;

use nudged_plugin_api::host::CallError;
use nudged_plugin_api::{Class, Grant, Probe, Verdict};

use super::Dispatch;
use crate::channels::Route;
use crate::clock::now;
use crate::outcome::bounded;

/// What is known of a credential.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Probed {
    /// The vendor takes it.
    Good,
    /// The vendor has no way to ask, or the driver knows none.
    NotPossible,
    /// The vendor gave no answer that tells.
    Unknown(String),
    /// The vendor does not take it: its words, and what to do.
    Refused(String, String),
}

impl Dispatch {
    /// Asks the vendor of a route whether its credential is good.
    pub async fn probe(&self, route: &Route) -> Probed {
        let probe = route.info.probe;
        if probe == Probe::None {
            return Probed::NotPossible;
        }
        let mut fresh = true;
        let grant = match self.grants_of(route) {
            None => None,
            Some(cell) => match cell.probed(route).await {
                Ok((grant, new)) => {
                    fresh = new;
                    Some(grant)
                }
                Err(verdict) => return judge(route, *verdict, true),
            },
        };
        if probe == Probe::Grant {
            return Probed::Good;
        }
        ask(route, grant, fresh).await
    }
}

async fn ask(route: &Route, grant: Option<Arc<Grant>>, fresh: bool) -> Probed {
    let failed = |error: CallError| match error {
        CallError::UnknownOperation(_) => Probed::NotPossible,
        error => Probed::Unknown(error.to_string()),
    };
    let grant = grant.map(|grant| Grant::clone(&grant));
    let request = match route.driver.probe(grant, now()) {
        Ok(Some(request)) => request,
        Ok(None) => return Probed::NotPossible,
        Err(error) => return failed(error),
    };
    let uri = match route.hosts.check(&request.url) {
        Ok(uri) => uri,
        Err(error) => return Probed::Unknown(error.to_string()),
    };
    let answer = match route.client.send_to(uri, request).await {
        Ok(answer) => answer,
        Err(error) if error.is_credential() => {
            return Probed::Refused(error.to_string(), error.remedy().to_owned());
        }
        Err(error) => return Probed::Unknown(format!("{error} ({})", error.remedy())),
    };
    match route.driver.probed(answer.response, now()) {
        Ok(Ok(())) => Probed::Good,
        Ok(Err(verdict)) => judge(route, verdict, fresh),
        Err(error) => failed(error),
    }
}

/// A grant that was at hand may have aged; one that was made for the probe has not.
fn judge(route: &Route, verdict: Verdict, fresh: bool) -> Probed {
    let verdict = bounded(verdict, route.patience, now());
    let words = match verdict.text.is_empty() {
        true => verdict.code.clone(),
        false => format!("{}: {}", verdict.code, verdict.text),
    };
    match verdict.class {
        Class::Credential => {}
        Class::GrantExpired if fresh => {}
        _ => return Probed::Unknown(format!("{words} ({})", verdict.remedy)),
    }
    let title = &route.info.title;
    Probed::Refused(
        format!("{title} does not take the credential: {words}"),
        verdict.remedy,
    )
}

//! Asking a vendor whether it takes a credential, before anything is sent with it.
//!
//! In: a route that is not in use yet. Out: what is known of its credential. Its driver says how
//! the vendor can be asked; a grant that comes of it stays for the channel. Nobody is pushed.

use std::sync::Arc;

use nudged_plugin_api::host::CallError;
use nudged_plugin_api::{Class, Grant, Probe, Verdict};

use super::exchange::{NotSent, sent};
use super::grant::GrantAge;
use super::tasks::Dispatch;
use crate::channels::Route;
use crate::clock::now;
use crate::model::code_and_text;
use crate::outcome::bounded;

/// What is known of a credential.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CredentialCheck {
    /// The vendor takes it.
    Good,
    /// The vendor cannot be asked, or the driver does not know how.
    NotPossible,
    /// The vendor's answer leaves it open.
    Unknown(String),
    /// The vendor does not take it: its reason, and what to do.
    Refused(String, String),
}

impl Dispatch {
    /// Asks the vendor of a route whether its credential is good.
    // req 74: a wrong secret is found out before it replaces one that works.
    pub async fn probe(&self, route: &Route) -> CredentialCheck {
        let probe = route.info.probe;
        if probe == Probe::None {
            return CredentialCheck::NotPossible;
        }
        let mut age = GrantAge::New;
        let grant = match self.grants_of(route) {
            None => None,
            Some(cell) => match cell.probed(route).await {
                Ok((grant, found)) => {
                    age = found;
                    Some(grant)
                }
                Err(verdict) => return result(route, *verdict, GrantAge::New),
            },
        };
        if probe == Probe::Grant {
            return CredentialCheck::Good;
        }
        ask(route, grant, age).await
    }
}

async fn ask(route: &Route, grant: Option<Arc<Grant>>, age: GrantAge) -> CredentialCheck {
    let failed = |error: CallError| match error {
        CallError::UnknownOperation(_) => CredentialCheck::NotPossible,
        error => CredentialCheck::Unknown(error.to_string()),
    };
    let grant = grant.map(|grant| Grant::clone(&grant));
    let request = match route.driver.probe(grant, now()) {
        Ok(Some(request)) => request,
        Ok(None) => return CredentialCheck::NotPossible,
        Err(error) => return failed(error),
    };
    let answer = match sent(route, request).await {
        Ok(answer) => answer,
        Err(NotSent::Driver(failure)) => return CredentialCheck::Unknown(failure.to_string()),
        Err(NotSent::Transport(error)) if error.is_credential() => {
            return CredentialCheck::Refused(error.to_string(), error.remedy().to_owned());
        }
        Err(NotSent::Transport(error)) => {
            return CredentialCheck::Unknown(format!("{error} ({})", error.remedy()));
        }
    };
    match route.driver.probed(answer.response, now()) {
        Ok(Ok(())) => CredentialCheck::Good,
        Ok(Err(verdict)) => result(route, verdict, age),
        Err(error) => failed(error),
    }
}

/// A grant that was there already may have aged; one that was made for the probe has not.
fn result(route: &Route, verdict: Verdict, age: GrantAge) -> CredentialCheck {
    let verdict = bounded(verdict, route.backoff, now());
    let reason = code_and_text(&verdict.code, &verdict.text);
    match verdict.class {
        Class::Credential => {}
        Class::GrantExpired if age == GrantAge::New => {}
        _ => return CredentialCheck::Unknown(format!("{reason} ({})", verdict.remedy)),
    }
    let title = &route.info.title;
    CredentialCheck::Refused(
        format!("{title} does not take the credential: {reason}"),
        verdict.remedy,
    )
}

//! Fetching a grant: the driver makes it, or names the request by which its vendor gives it.
//!
//! In: a route. Out: a grant within reason, or a verdict that says why there is none.

use nudged_plugin_api::{Authorize, Class, Grant, Verdict};

use crate::channels::Route;
use crate::clock::now;
use crate::dispatch::exchange::{DriverFailure, NotSent, sent};
use crate::driver;
use crate::outcome::{bounded, bounded_grant};

/// Fetches the next grant of an account.
pub(super) async fn fetch(route: &Route) -> Result<Grant, Box<Verdict>> {
    let request = match route.driver.authorize(now()) {
        Ok(Authorize::Ready(grant)) => return Ok(bounded_grant(grant, now())),
        Ok(Authorize::Fetch(request)) => request,
        Ok(_) => return Err(driver_failed(&DriverFailure::NoGrant)),
        Err(error) => return Err(driver_failed(&error.into())),
    };
    let answer = match sent(route, request).await {
        Ok(answer) => answer,
        Err(NotSent::Driver(failure)) => return Err(driver_failed(&failure)),
        Err(NotSent::Transport(error)) => {
            return Err(unavailable(error.code(), error.to_string(), error.remedy()));
        }
    };
    match route.driver.authorized(answer.response, now()) {
        Ok(Ok(grant)) => Ok(bounded_grant(grant, now())),
        Ok(Err(verdict)) => Err(Box::new(bounded(verdict, route.backoff, now()))),
        Err(error) => Err(driver_failed(&error.into())),
    }
}

fn driver_failed(failure: &DriverFailure) -> Box<Verdict> {
    let code = match failure {
        DriverFailure::NoGrant => "no_grant",
        DriverFailure::NotAllowed(_) => "host_refused",
        _ => driver::FAILED,
    };
    unavailable(code, failure.to_string(), driver::FAILED_REMEDY)
}

fn unavailable(code: &str, text: String, remedy: &str) -> Box<Verdict> {
    Box::new(Verdict::refused(Class::Unavailable, code, remedy).text(text))
}

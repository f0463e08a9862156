//! An exchange with a vendor, through its driver: what was encoded is checked and sent, what came
//! back is decoded and counted. Messages, grants, recalls and probes all go this way.
//!
//! In: what a driver answers. Out: requests, responses and verdicts, or a [`DriverFailure`], which
//! says what the driver did wrong. Refuses to know what becomes of deliveries, grants and recalls.

use http::Uri;
use nudged_plugin_api::call::{DecodedItem, Encoded};
use nudged_plugin_api::host::CallError;
use nudged_plugin_api::{Decoded, EncodeError, FollowUp, HttpRequest, Rendered, Verdict};

use crate::channels::Route;
use crate::driver;
use crate::transport::{GuardError, TransportError, VendorResponse};

/// What a driver did that no driver may do.
#[derive(Debug, thiserror::Error)]
pub(super) enum DriverFailure {
    #[error(transparent)]
    Call(#[from] CallError),
    #[error("driver asked for a request that is not allowed: {0}")]
    NotAllowed(#[from] GuardError),
    #[error("driver gave {given} verdicts for {asked} devices")]
    WrongCount { given: usize, asked: usize },
    #[error("driver asked for more than {max} requests for one batch")]
    TooManySteps { max: u32 },
    #[error("driver gave an answer that this version of nudged does not know")]
    UnknownAnswer,
    #[error("driver gave no answer")]
    NoAnswer,
    #[error("driver has a grant scope but no grant")]
    NoGrant,
}

impl DriverFailure {
    /// Logs it, and returns its text for a trace.
    pub(super) fn reported(&self, route: &Route, operation: &'static str) -> String {
        driver::log_failure(&route.name, &route.info.vendor, operation, self, "");
        self.to_string()
    }
}

/// Why there is no request.
pub(super) enum NotEncoded {
    /// The driver refuses the message, or the token.
    Refused(EncodeError),
    Failed(DriverFailure),
}

/// What a driver encoded.
pub(super) fn encoded(item: Encoded) -> Result<Rendered, NotEncoded> {
    match item {
        Encoded::Rendered(rendered) => Ok(rendered),
        Encoded::Refused(error) => Err(NotEncoded::Refused(error)),
        Encoded::Panicked(message) => Err(NotEncoded::Failed(CallError::Panicked(message).into())),
    }
}

/// Whether a driver may send there.
pub(super) fn checked(route: &Route, request: &HttpRequest) -> Result<Uri, DriverFailure> {
    Ok(route.hosts.check(&request.url)?)
}

/// Why there is no response.
pub(super) enum NotSent {
    Driver(DriverFailure),
    Transport(TransportError),
}

/// Sends what a driver asks for, if it may.
pub(super) async fn sent(route: &Route, request: HttpRequest) -> Result<VendorResponse, NotSent> {
    let uri = checked(route, &request).map_err(NotSent::Driver)?;
    let response = route.client.send_to(uri, request).await;
    response.map_err(NotSent::Transport)
}

/// What a response amounts to.
pub(super) enum Reply {
    /// One for each device that was asked about.
    Verdicts(Vec<Verdict>),
    FollowUp(FollowUp),
}

/// What a driver made of a response to a request for so many devices.
pub(super) fn decoded(item: DecodedItem, asked: usize) -> Result<Reply, DriverFailure> {
    match item {
        DecodedItem::Decoded(Decoded::Verdicts(verdicts)) if verdicts.len() == asked => {
            Ok(Reply::Verdicts(verdicts))
        }
        DecodedItem::Decoded(Decoded::Verdicts(verdicts)) => Err(DriverFailure::WrongCount {
            given: verdicts.len(),
            asked,
        }),
        DecodedItem::Decoded(Decoded::FollowUp(follow_up)) => Ok(Reply::FollowUp(follow_up)),
        DecodedItem::Panicked(message) => Err(CallError::Panicked(message).into()),
        _ => Err(DriverFailure::UnknownAnswer),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_driver_gives_one_verdict_for_each_device() {
        let verdicts = |count| {
            let verdict = Verdict::accepted(None);
            DecodedItem::Decoded(Decoded::all(verdict, count))
        };
        let given = |count, asked| match decoded(verdicts(count), asked) {
            Ok(Reply::Verdicts(verdicts)) => verdicts.len().to_string(),
            Ok(Reply::FollowUp(_)) => panic!("no follow-up was given"),
            Err(failure) => failure.to_string(),
        };
        assert_eq!(given(2, 2), "2");
        assert_eq!(given(1, 2), "driver gave 1 verdicts for 2 devices");
        let panicked = decoded(DecodedItem::Panicked("oh".to_owned()), 1);
        let text = panicked.err().map(|failure| failure.to_string());
        assert_eq!(text.as_deref(), Some("driver panicked: oh"));
    }
}

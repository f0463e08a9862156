use http::Method;

use crate::client::encoded;
use crate::commands::device::put_back;
use crate::error::CtlError;
use crate::session::Session;
use nudged_wire::{ReleaseSpec, Released};

/// Has devices of a channel removed again.
pub async fn release(session: &mut Session<'_>, name: &str, restore: bool) -> Result<(), CtlError> {
    let path = format!("/v1/channels/{}/brake/release", encoded(name));
    let spec = ReleaseSpec { restore };
    let answer = session
        .client
        .request_with(Method::POST, &path, &spec)
        .await?;
    let Some(done) = session.read::<Released>(&answer)? else {
        return Ok(());
    };
    if !done.released {
        return session
            .out
            .line(format!("the removal brake of {name} was not engaged"));
    }
    if restore {
        let what = put_back(done.restored, done.tokens);
        let what = what.unwrap_or_else(|| "nothing".to_owned());
        session.out.line(format!("put back {what}"))?;
    }
    session.out.line(format!(
        "devices of {name} whose token is dead are removed again"
    ))
}

//! Whether Push Kit takes the JWT: a test message, which no quota counts but that of 1000 test
//! messages a day, to a token that no phone has.

use nudged_plugin_api::{
    Batch, Context, Exchange, HttpRequest, HttpResponse, Message, Target, Timestamp, Verdict,
};

use crate::reason::{ALL_REFUSED, TEST};
use crate::settings::Channel;
use crate::{decode, encode};

const ID: &str = "00000000-0000-4000-8000-000000000000";
const NOBODY: &str = "nudged-probe";

/// A message to nobody.
pub(crate) fn request(channel: &Channel, context: &Context<'_>) -> Option<HttpRequest> {
    let mut message = Message::new("nudged", "Is this credential good?");
    message.test = true;
    let nobody = [Target::new(ID, NOBODY)];
    let rendered = encode::request(channel, Batch::new(&message, &nobody), context);
    rendered.ok().map(|rendered| rendered.request)
}

/// Who is told that no token is good was let in.
#[allow(
    clippy::result_large_err,
    reason = "the trait's own type, made once a reload"
)]
pub(crate) fn answer(response: &HttpResponse, now: Timestamp) -> Result<(), Verdict> {
    let nobody = [Target::new(ID, NOBODY)];
    let verdicts = decode::verdicts(Exchange::with_memo(&nobody, response, TEST.as_bytes()), now);
    let verdict = verdicts.into_iter().next().unwrap_or_default();
    if response.status < 500 && verdict.code == ALL_REFUSED {
        return Ok(());
    }
    verdict.of_credential()
}

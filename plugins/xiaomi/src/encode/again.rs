//! Forms that may have to be sent after an answer: remembered in the memo, a line for each cause,
//! without the regids, which the answer's devices have.
//!
//! In: the forms, then the memo. Out: the memo, then a request. Refuses to know answers.

use form_urlencoded::Serializer;
use nudged_driver_kit::token;
use nudged_plugin_api::{HttpRequest, Target};

use super::{Made, check_token, post};
use crate::payload::REGISTRATION_ID;
use crate::settings::{Channel, MAX_BODY};

/// Why a form may have to be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Again {
    /// With the sender's name in front, where Xiaomi refuses the words.
    Named,
    /// In the certificate's channel, where Xiaomi does not know the message's.
    Elsewhere,
}

impl Again {
    pub(super) fn memo(named: Option<Made>, elsewhere: Option<Made>) -> Vec<u8> {
        if named.is_none() && elsewhere.is_none() {
            return Vec::new();
        }
        let rest = |made: &Option<Made>| {
            let rest = made.as_ref().and_then(|made| made.body.split_once('&'));
            rest.map_or(String::new(), |(_, rest)| rest.to_owned())
        };
        format!("{}\n{}", rest(&named), rest(&elsewhere)).into_bytes()
    }

    /// The form to send now; none where none was remembered.
    pub(crate) fn request(
        self,
        channel: &Channel,
        targets: &[Target],
        memo: &[u8],
    ) -> Option<HttpRequest> {
        let (named, elsewhere) = std::str::from_utf8(memo).ok()?.split_once('\n')?;
        let rest = match self {
            Self::Named => named,
            Self::Elsewhere => elsewhere,
        };
        if rest.is_empty() {
            return None;
        }
        let regids = token::each(targets, check_token).ok()?.join(",");
        let room = regids.len() * 5 / 4 + rest.len() + 20;
        let mut form = Serializer::new(String::with_capacity(room));
        form.append_pair(REGISTRATION_ID, &regids);
        let form = format!("{}&{rest}", form.finish());
        (form.len() <= MAX_BODY).then(|| post(channel, &channel.send_url, form))
    }
}

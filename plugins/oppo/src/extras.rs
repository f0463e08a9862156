//! `action_parameters`: the app's own data, as OPPO hands it to the app.
//!
//! In: `ext` and the sender's own parameters. Out: a JSON object in a text, whose keys OPPO
//! makes string extras of the intent that opens the app (or appends to the URL).

use std::collections::BTreeMap;

use nudged_plugin_api::text::Unit;
use nudged_plugin_api::{Click, EncodeError, Message, Notice};
use serde_json::value::RawValue;

/// Longest `action_parameters`, in characters.
const MAX_PARAMETERS: usize = 4000;
/// Where an `ext` goes that has no keys of its own.
const WHOLE: &str = "ext";

/// The parameters of `message`, with `more` on top; none when there are none.
pub(crate) fn parameters(
    message: &Message,
    more: &BTreeMap<String, String>,
    notices: &mut Vec<Notice>,
) -> Result<Option<String>, EncodeError> {
    let ext = message.ext.as_deref().filter(|ext| !ext.is_empty());
    let mut parameters = match (ext, &message.click) {
        (None, _) => BTreeMap::new(),
        // OPPO would append the app's own data to somebody else's URL.
        (Some(_), Click::Url(_)) => {
            notices.push(Notice::new(
                "ext",
                "was left out: a web page opens without the app, and OPPO would append the data \
                 to its address",
            ));
            BTreeMap::new()
        }
        (Some(ext), _) => spread(ext, notices),
    };
    parameters.extend(more.clone());
    if parameters.is_empty() {
        return Ok(None);
    }
    let text = serde_json::to_string(&parameters).expect("texts always make JSON");
    let length = Unit::Utf16.length(&text);
    if length > MAX_PARAMETERS {
        let field = if ext.is_some() {
            "ext"
        } else {
            "options.action_parameters"
        };
        return Err(EncodeError::new(
            "PayloadTooLarge",
            field,
            format!(
                "makes {length} characters of action_parameters, the limit is {MAX_PARAMETERS}"
            ),
        ));
    }
    Ok(Some(text))
}

/// Every key of a JSON object by itself; anything else whole.
fn spread(ext: &str, notices: &mut Vec<Notice>) -> BTreeMap<String, String> {
    let Ok(values) = serde_json::from_str::<BTreeMap<String, &RawValue>>(ext) else {
        notices.push(Notice::new(
            "ext",
            "is no JSON object, whose keys OPPO would hand to the app: it went whole under the \
             key ext",
        ));
        return BTreeMap::from([(WHOLE.to_owned(), ext.to_owned())]);
    };
    let mut as_json = 0;
    let parameters = values
        .into_iter()
        .map(
            |(key, value)| match serde_json::from_str::<String>(value.get()) {
                Ok(text) => (key, text),
                Err(_) => {
                    as_json += 1;
                    (key, value.get().to_owned())
                }
            },
        )
        .collect();
    if as_json > 0 {
        notices.push(Notice::new(
            "ext",
            format!("has {as_json} values that are no texts: each went as its JSON text"),
        ));
    }
    parameters
}

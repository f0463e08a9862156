//! `action_parameters`: the app's own data, as OPPO hands it to the app.
//!
//! In: `ext` and the sender's own parameters. Out: a JSON object in a text, whose keys OPPO
//! makes string extras of the intent that opens the app (or appends to the URL). Apps read
//! either the keys of `ext` or `ext` itself, so both go while there is room; the keys come
//! first, since that is what Tencent's SDK for OPPO has always given its apps.

use std::collections::BTreeMap;

use nudged_driver_kit::text::{Unit, present};
use nudged_plugin_api::{EncodeError, Message, Notice, too_large};
use serde_json::value::RawValue;

use super::click::Action;

/// Longest `action_parameters`, in characters.
const MAX_PARAMETERS: usize = 4000;
/// Where `ext` itself goes.
const WHOLE: &str = "ext";

type Parameters = BTreeMap<String, String>;

/// The parameters of `message`, with `more` on top; none when there are none.
pub(super) fn parameters(
    message: &Message,
    action: &Action<'_>,
    more: &Parameters,
    notices: &mut Vec<Notice>,
) -> Result<Option<String>, EncodeError> {
    let mut tell = |text: String| notices.push(Notice::new("ext", text));
    let ext = match (present(&message.ext), action) {
        // req 41: OPPO would append the app's own data to somebody else's URL.
        (Some(_), Action::Web(_)) => {
            tell(
                "was left out: a web page opens without the app, and OPPO would append the data \
                 to its address"
                    .to_owned(),
            );
            None
        }
        (ext, _) => ext,
    };
    let Some(ext) = ext else {
        if more.is_empty() {
            return Ok(None);
        }
        return fitting(more.clone())
            .map(Some)
            .map_err(|length| excess("options.action_parameters", length));
    };
    let whole = Parameters::from([(WHOLE.to_owned(), ext.to_owned())]);
    // req 42: what is no object is told before it is sent.
    let Some(keys) = Keys::of(ext) else {
        tell(
            "is no JSON object, whose keys OPPO would hand to the app: it went whole under the \
             key ext"
                .to_owned(),
        );
        return fitting(with(whole, more))
            .map(Some)
            .map_err(|length| excess("ext", length));
    };
    // req 43: its keys are spread.
    let mut both = whole;
    // A key of that name is what such an app reads.
    both.extend(keys.texts.clone());
    if let Ok(text) = fitting(with(both, more)) {
        keys.tell(&mut tell);
        return Ok(Some(text));
    }
    // Never longer than `ext` alone would be.
    let text = fitting(with(keys.texts.clone(), more)).map_err(|length| excess("ext", length))?;
    keys.tell(&mut tell);
    tell(format!(
        "went as its keys only: with the key ext it would make more than {MAX_PARAMETERS} \
         characters"
    ));
    Ok(Some(text))
}

fn with(mut parameters: Parameters, more: &Parameters) -> Parameters {
    parameters.extend(more.clone());
    parameters
}

/// As OPPO wants them, or how long they would be.
fn fitting(parameters: Parameters) -> Result<String, usize> {
    let text = serde_json::to_string(&parameters).expect("texts always make JSON");
    match Unit::Utf16.length(&text) {
        length if length > MAX_PARAMETERS => Err(length),
        _ => Ok(text),
    }
}

fn excess(field: &str, length: usize) -> EncodeError {
    too_large(
        field,
        length,
        MAX_PARAMETERS,
        "characters of action_parameters",
    )
}

/// Every key of a JSON object by itself.
struct Keys {
    texts: Parameters,
    /// Values that are no texts.
    as_json: usize,
}

impl Keys {
    fn of(ext: &str) -> Option<Self> {
        let values = serde_json::from_str::<BTreeMap<String, &RawValue>>(ext).ok()?;
        let mut as_json = 0;
        let texts = values
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
        Some(Self { texts, as_json })
    }

    fn tell(&self, tell: &mut impl FnMut(String)) {
        let count = self.as_json;
        if count > 0 {
            tell(format!(
                "has {count} values that are no texts: each went as its JSON text"
            ));
        }
    }
}

//! `clientCustomMap`: ext and the sender's own pairs, as the app finds them.

use std::collections::BTreeMap;

use nudged_driver_kit::fit::{Extras, spare};
use nudged_driver_kit::text::{Unit, present};
use nudged_plugin_api::{EncodeError, Message, Notice, bad_option, too_large};

use super::skip::Skip;
use crate::options::Options;

/// Most pairs of custom data, and most characters of all of them.
const MAX_PAIRS: usize = 10;
const MAX_CUSTOM: usize = 1024;

/// The pairs, where they are no more than vivo takes.
pub(super) fn map<'a>(
    message: &'a Message,
    options: &'a Options,
    extras: Extras,
    skip: &Skip<'_>,
    notices: &mut Vec<Notice>,
) -> Result<BTreeMap<&'a str, &'a str>, EncodeError> {
    let own = options.client_custom_map.iter().flatten();
    let own = own.map(|(key, value)| (key.as_str(), value.as_str()));
    let mut map: BTreeMap<&str, &str> = own.collect();
    if map.len() > MAX_PAIRS {
        let problem = format!("has {} pairs, at most {MAX_PAIRS} pass", map.len());
        return Err(bad_option("clientCustomMap", problem));
    }
    if extras == Extras::LeftOut && !map.is_empty() {
        spare("clientCustomMap", true, notices);
        map.clear();
    }
    let has_own = !map.is_empty();
    let ext = present(&message.ext).filter(|_| skip.carries_ext);
    let ext = match ext {
        Some(_) if map.contains_key("ext") => {
            notices.push(Notice::new(
                "ext",
                "was left out of the custom data: options.clientCustomMap.ext takes its place",
            ));
            None
        }
        Some(ext) => {
            // req 40: byte for byte.
            map.insert("ext", ext);
            Some(ext)
        }
        None => None,
    };
    let mut problem = excess(&map, has_own);
    if problem.is_some() && ext.is_some() && skip.has_ext {
        map.remove("ext");
        problem = excess(&map, has_own);
        notices.push(Notice::new(
            "ext",
            "is in the page's intent only: it is too long for clientCustomMap",
        ));
    }
    problem.map_or(Ok(map), Err)
}

/// Where the custom data is more than vivo takes.
fn excess(map: &BTreeMap<&str, &str>, has_own: bool) -> Option<EncodeError> {
    let field = if has_own {
        "options.clientCustomMap"
    } else {
        "ext"
    };
    if map.len() > MAX_PAIRS {
        return Some(too_large(field, map.len(), MAX_PAIRS, "pairs with ext"));
    }
    let pairs = map.iter();
    let size: usize = pairs
        .map(|(key, value)| Unit::Utf16.length(key) + Unit::Utf16.length(value))
        .sum();
    (size > MAX_CUSTOM).then(|| {
        too_large(
            field,
            size,
            MAX_CUSTOM,
            "characters of custom data with its keys",
        )
    })
}

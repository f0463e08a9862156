//! The classification and category of a message.
//!
//! In: what the sender and the channel say. Out: the pair that goes into the request. A
//! classification is never guessed from a message's text or kind: the sender names it, or
//! names a category of it, or the channel's setting holds.

use nudged_plugin_api::{EncodeError, Message, Notice};

use crate::classification::{Classification, is_category};
use crate::options::Options;
use crate::settings::Channel;

/// Where a message is sorted.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Sorted<'a> {
    pub classification: Classification,
    pub category: Option<&'a str>,
}

/// Sorts a message: option before message before setting.
pub(super) fn sort<'a>(
    channel: &'a Channel,
    message: &'a Message,
    options: &'a Options,
    notices: &mut Vec<Notice>,
) -> Result<Sorted<'a>, EncodeError> {
    // req 48: passed through, and never guessed.
    let asked = options.classification;
    let named = match (options.category(), message.category.as_deref()) {
        (Some(word), _) => Some(("options.category", word)),
        (None, Some(word)) if !word.is_empty() => Some(("category", word)),
        _ => None,
    };
    let Some((field, word)) = named else {
        return Ok(by_setting(channel, asked, notices));
    };
    // The message's word may be another vendor's; the option's is meant for vivo.
    if field == "category" && Classification::of(word).is_none() {
        notices.push(Notice::new(
            field,
            "was left out: it is no category of vivo's, such as IM; options.vivo.category passes \
             any word on",
        ));
        return Ok(by_setting(channel, asked, notices));
    }
    if !is_category(word) {
        return Err(EncodeError::new(
            "BadCategory",
            field,
            format!(
                "is no category of vivo's, expected one in upper case: {}, {}",
                Classification::System.categories(),
                Classification::Operational.categories()
            ),
        ));
    }
    let own = Classification::of(word);
    if own.is_none() {
        notices.push(Notice::new(
            field,
            "is a category that this driver does not know and goes to vivo as it is",
        ));
    }
    let classification = asked.or(own).unwrap_or(channel.classification);
    if let (false, Some(own)) = (classification.takes(word), own) {
        let asked = classification.name();
        if field == "category" {
            // The option beats the message's own word.
            notices.push(Notice::new(
                field,
                format!("was left out: vivo does not take {word} in the {asked} class"),
            ));
            return Ok(by_setting(channel, Some(classification), notices));
        }
        notices.push(Notice::new(
            "options.classification",
            format!(
                "is {}, the class of {word}: vivo does not take it in the {asked} class",
                own.name()
            ),
        ));
        return Ok(Sorted {
            classification: own,
            category: Some(word),
        });
    }
    Ok(Sorted {
        classification,
        category: Some(word),
    })
}

/// Nobody named a category: the channel's goes along where it fits.
fn by_setting<'a>(
    channel: &'a Channel,
    asked: Option<Classification>,
    notices: &mut Vec<Notice>,
) -> Sorted<'a> {
    let classification = asked.unwrap_or(channel.classification);
    let mut category = channel.category.as_deref();
    if let Some(word) = category.filter(|word| !classification.takes(word)) {
        notices.push(Notice::new(
            "category",
            format!(
                "the channel's {word} was left out: vivo does not take it in the {} class",
                classification.name()
            ),
        ));
        category = None;
    }
    Sorted {
        classification,
        category,
    }
}

//! `MsgBody` to elements.
//!
//! In: the elements as they came. Out: what each is, and what a custom one brings along for
//! its push; or the path of what cannot be read. Refuses to know how a text is made of them.

use serde::de::DeserializeOwned;

use super::body::{CustomContent, Element, TextContent};
use super::problem::within;
use super::tolerant::Object;
use nudged_wire::{Code, Problem};
use nudged_wire::{ElementKind, ElementSpec};

/// What a `MsgBody` says.
#[derive(Debug, Default)]
pub struct Elements {
    /// Its elements in their order.
    pub elements: Vec<ElementSpec>,
    /// The custom one's own words for the push; they are ignored beside `OfflinePushInfo`.
    pub custom: CustomContent,
}

/// Reads them; with `own_text` a custom element speaks for itself.
pub fn read(list: &[Object<Element>], own_text: bool) -> Result<Elements, Problem> {
    let mut read = Elements::default();
    let mut has_custom = false;
    let mut has_unknown = false;
    for (at, element) in list.iter().enumerate() {
        let path = format!("MsgBody[{at}]");
        let kind = element.kind.as_deref().unwrap_or_default();
        let (kind, text) = match kind {
            "" => {
                let detail = "missing, expected a type such as TIMTextElem";
                return Err(Problem::new(Code::BadRequest, detail).field(path + ".MsgType"));
            }
            "TIMTextElem" => {
                let TextContent { text } = content(element, &path)?;
                if text.is_none() {
                    continue;
                }
                (ElementKind::Text, text.0)
            }
            "TIMCustomElem" => {
                if std::mem::replace(&mut has_custom, true) {
                    let detail = "a second TIMCustomElem, a message has at most one";
                    return Err(Problem::new(Code::Invalid, detail).field(path + ".MsgType"));
                }
                let custom: CustomContent = content(element, &path)?;
                let desc = custom.desc.0.clone().filter(|_| own_text);
                if own_text {
                    read.custom = custom;
                }
                (ElementKind::Custom, desc)
            }
            "TIMLocationElem" => (ElementKind::Location, None),
            "TIMFaceElem" => (ElementKind::Face, None),
            "TIMImageElem" => (ElementKind::Image, None),
            "TIMSoundElem" => (ElementKind::Sound, None),
            "TIMFileElem" => (ElementKind::File, None),
            "TIMVideoFileElem" => (ElementKind::Video, None),
            // req 64: a kind that Tencent adds must not break a chat; only the app can read it.
            _ => {
                has_unknown = true;
                continue;
            }
        };
        read.elements.push(ElementSpec { kind, text });
    }
    if has_unknown && !has_custom {
        read.elements.push(ElementSpec {
            kind: ElementKind::Custom,
            text: None,
        });
    }
    Ok(read)
}

fn content<T: DeserializeOwned + Default>(element: &Element, path: &str) -> Result<T, Problem> {
    let Some(raw) = &element.content else {
        return Ok(T::default());
    };
    match nudged_wire::json::read::<Object<T>>(raw.get().as_bytes()) {
        Ok(content) => Ok(content.0),
        Err(problem) => Err(within(problem, &format!("{path}.MsgContent"))),
    }
}

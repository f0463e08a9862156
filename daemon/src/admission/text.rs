//! The text of a chat message that came without one. Pure.
//!
//! In: its elements, who sends it, and the reader's language. Out: what the phone shows, as
//! Tencent IM derives it ("Message formats" and "OfflinePushInfo"): elements joined with
//! nothing between, a word for what is no text, the names before it.

use nudged_wire::{ConversationKind, ElementKind, ElementSpec};

/// Languages that there are words in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Localization {
    English,
    Chinese,
}

impl Localization {
    /// The words for a reader of a language (BCP 47): Chinese, else English.
    pub fn of(language: &str) -> Self {
        let primary = language.split(['-', '_']).next().unwrap_or_default();
        if primary.eq_ignore_ascii_case("zh") {
            Self::Chinese
        } else {
            Self::English
        }
    }

    const fn pick(self, english: &'static str, chinese: &'static str) -> &'static str {
        match self {
            Self::English => english,
            Self::Chinese => chinese,
        }
    }

    fn element(self, element: &ElementSpec) -> &str {
        match element.kind {
            ElementKind::Text | ElementKind::Custom => element.text.as_deref().unwrap_or_default(),
            ElementKind::Location => self.pick("[Location]", "[位置]"),
            ElementKind::Face => self.pick("[Face]", "[表情]"),
            ElementKind::Image => self.pick("[Image]", "[图片]"),
            ElementKind::Sound => self.pick("[Voice]", "[语音]"),
            ElementKind::File => self.pick("[File]", "[文件]"),
            ElementKind::Video => self.pick("[Video]", "[视频]"),
        }
    }
}

/// Who says it, and where.
#[derive(Clone, Copy, Debug, Default)]
pub struct Sender<'a> {
    /// The sender's name, if it is known.
    pub name: Option<&'a str>,
    /// Kind of the conversation.
    pub kind: ConversationKind,
    /// The group's name, if it is known.
    pub group: Option<&'a str>,
}

/// What is shown of a message; none when its elements say nothing.
pub fn derived(
    elements: &[ElementSpec],
    sender: Sender<'_>,
    localization: Localization,
) -> Option<String> {
    // req 25: elements joined with nothing between, and the names before them.
    let text: String = elements.iter().map(|it| localization.element(it)).collect();
    if text.is_empty() {
        return None;
    }
    let group = sender
        .group
        .filter(|_| sender.kind == ConversationKind::Group);
    // Chinese text has a wide colon, but none after a group that stands alone.
    let colon = localization.pick(":", "：");
    Some(match (sender.name, group) {
        (None, None) => text,
        (None, Some(group)) => format!("({group}):{text}"),
        (Some(name), None) => format!("{name}{colon}{text}"),
        (Some(name), Some(group)) => format!("{name}({group}){colon}{text}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn element(kind: ElementKind, text: &str) -> ElementSpec {
        ElementSpec {
            kind,
            text: (!text.is_empty()).then(|| text.to_owned()),
        }
    }

    #[test]
    fn elements_are_joined_with_a_word_for_what_is_no_text() {
        let all = [
            element(ElementKind::Text, "look"),
            element(ElementKind::Image, ""),
            element(ElementKind::Location, ""),
            element(ElementKind::Face, ""),
            element(ElementKind::Sound, ""),
            element(ElementKind::File, ""),
            element(ElementKind::Video, ""),
            element(ElementKind::Custom, "a gift"),
        ];
        let shown = |language| derived(&all, Sender::default(), Localization::of(language));
        let english = "look[Image][Location][Face][Voice][File][Video]a gift";
        assert_eq!(shown("en-GB").as_deref(), Some(english));
        let chinese = "look[图片][位置][表情][语音][文件][视频]a gift";
        assert_eq!(shown("zh-Hans-CN").as_deref(), Some(chinese));
        assert_eq!(shown("ZH_TW").as_deref(), Some(chinese));
    }

    #[test]
    fn a_custom_element_without_a_text_says_nothing() {
        let lone = [element(ElementKind::Custom, "")];
        let named = Sender {
            name: Some("Ann"),
            ..Sender::default()
        };
        assert_eq!(derived(&lone, named, Localization::English), None);
        assert_eq!(derived(&[], named, Localization::English), None);
        let with_text = [
            element(ElementKind::Custom, ""),
            element(ElementKind::Text, "hi"),
        ];
        assert_eq!(
            derived(&with_text, named, Localization::English).as_deref(),
            Some("Ann:hi")
        );
    }

    #[test]
    fn the_names_stand_before_the_text() {
        let hi = [element(ElementKind::Text, "hi")];
        let shown = |name, kind, group, localization| {
            derived(&hi, Sender { name, kind, group }, localization).expect("a text")
        };
        use ConversationKind::{C2c, Group};
        use Localization::{Chinese, English};
        assert_eq!(shown(None, C2c, None, English), "hi");
        assert_eq!(shown(None, Group, Some("Team"), English), "(Team):hi");
        assert_eq!(shown(Some("Ann"), C2c, None, English), "Ann:hi");
        assert_eq!(shown(Some("Ann"), C2c, None, Chinese), "Ann：hi");
        assert_eq!(
            shown(Some("Ann"), Group, Some("Team"), English),
            "Ann(Team):hi"
        );
        assert_eq!(
            shown(Some("Ann"), Group, Some("Team"), Chinese),
            "Ann(Team)：hi"
        );
        // A name of a group is of no use to two.
        assert_eq!(shown(Some("Ann"), C2c, Some("Team"), English), "Ann:hi");
    }
}

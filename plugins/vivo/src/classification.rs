//! How vivo sorts messages: two classifications, and categories that belong to one of them.

use nudged_driver_kit::category::{VIVO_OPERATIONAL, VIVO_SYSTEM};

/// The class that vivo counts a message in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Classification {
    /// 0: news, offers and the like, in the daytime only.
    Operational,
    /// 1: what the user asked for, such as chat.
    System,
}

impl Classification {
    /// From the name in settings and in `Info::classes`.
    pub fn parse(name: &str) -> Option<Self> {
        match name {
            "operational" => Some(Self::Operational),
            "system" => Some(Self::System),
            _ => None,
        }
    }

    /// That name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Operational => "operational",
            Self::System => "system",
        }
    }

    /// vivo's number for it.
    pub const fn number(self) -> u8 {
        match self {
            Self::Operational => 0,
            Self::System => 1,
        }
    }

    /// From that number.
    pub const fn from_number(number: u64) -> Option<Self> {
        match number {
            0 => Some(Self::Operational),
            1 => Some(Self::System),
            _ => None,
        }
    }

    /// The class that a category belongs to; none for one that vivo added later.
    pub fn of(category: &str) -> Option<Self> {
        if VIVO_SYSTEM.contains(&category) {
            Some(Self::System)
        } else if VIVO_OPERATIONAL.contains(&category) {
            Some(Self::Operational)
        } else {
            None
        }
    }

    /// Whether vivo takes the category in this class, as far as is known.
    pub fn takes(self, category: &str) -> bool {
        Self::of(category).is_none_or(|class| class == self)
    }

    /// Its categories, for words.
    pub fn categories(self) -> String {
        match self {
            Self::Operational => VIVO_OPERATIONAL.join(", "),
            Self::System => VIVO_SYSTEM.join(", "),
        }
    }
}

/// Whether a word has the form of vivo's categories.
pub(crate) fn is_category(word: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_';
    (1..=64).contains(&word.len()) && word.bytes().all(fits)
}

//! Which classes of messages the vendor takes no more of for now.
//!
//! A vendor counts its classes apart: marketing that is used up must not hold up chat.

use std::collections::HashMap;

use nudged_plugin_api::Timestamp;

/// A class that is used up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spent {
    /// Until when the vendor refuses it.
    pub until: Timestamp,
    /// The vendor's code.
    pub code: String,
    /// What the operator should do.
    pub remedy: String,
}

/// The classes of a channel that are used up.
#[derive(Debug, Default)]
pub struct Quotas {
    spent: HashMap<String, Spent>,
}

impl Quotas {
    /// The class is used up. Says whether that is news.
    pub fn spend(&mut self, class: &str, spent: Spent, now: Timestamp) -> bool {
        let news = self.spent(class, now).is_none();
        self.spent.insert(class.to_owned(), spent);
        news
    }

    /// Whether the class is used up at `now`.
    pub fn spent(&mut self, class: &str, now: Timestamp) -> Option<&Spent> {
        if self.spent.get(class)?.until <= now {
            self.spent.remove(class);
        }
        self.spent.get(class)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_000);

    fn spent(until: u64) -> Spent {
        Spent {
            until: Timestamp(until),
            code: "200001".to_owned(),
            remedy: "wait".to_owned(),
        }
    }

    #[test]
    fn a_class_is_used_up_until_its_time_and_no_other_class_is() {
        let mut quotas = Quotas::default();
        assert!(quotas.spend("public", spent(2_000), NOW));
        assert!(!quotas.spend("public", spent(2_000), NOW));
        assert_eq!(
            quotas.spent("public", Timestamp(1_999)),
            Some(&spent(2_000))
        );
        assert_eq!(quotas.spent("private", NOW), None);
        assert_eq!(quotas.spent("public", Timestamp(2_000)), None);
        assert!(quotas.spend("public", spent(3_000), Timestamp(2_000)));
    }
}

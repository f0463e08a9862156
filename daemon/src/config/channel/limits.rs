//! `[limits]` of a channel file: what the channel may use of its vendor.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_spanned::Spanned;

use crate::config::file::Lines;
use crate::config::line::line;
use crate::quota::Outside;

/// What a channel may use; what is absent is the driver's word.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChannelLimits {
    /// Requests under way at once.
    pub concurrency: Option<u32>,
    /// Requests a second, or devices where the vendor counts those.
    pub rate: Option<u32>,
    /// Messages a day by class; 0 = any number.
    pub daily: BTreeMap<String, u64>,
    /// Hours by class, such as `07:00-23:00 +08:00`; empty = always.
    pub hours: BTreeMap<String, String>,
    /// What becomes of a message outside the hours of its class.
    pub outside_hours: Outside,
}

/// Keys in the file.
pub(super) const CONCURRENCY: &str = "limits.concurrency";
pub(super) const RATE: &str = "limits.rate";

impl ChannelLimits {
    /// Key of a class's messages a day in the file.
    pub fn daily_key(class: &str) -> String {
        format!("limits.daily.{class}")
    }

    /// Key of a class's hours in the file.
    pub fn hours_key(class: &str) -> String {
        format!("limits.hours.{class}")
    }
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Raw {
    concurrency: Option<Spanned<u32>>,
    rate: Option<Spanned<u32>>,
    daily: BTreeMap<Spanned<String>, u64>,
    hours: BTreeMap<Spanned<String>, String>,
    outside_hours: Outside,
}

impl Raw {
    /// Keeps the lines for what the driver has a word in.
    pub fn read(self, text: &str, lines: &mut Lines) -> ChannelLimits {
        for (key, most) in [(CONCURRENCY, &self.concurrency), (RATE, &self.rate)] {
            if let Some(most) = most {
                lines.insert(key.to_owned(), line(text, most.span().start));
            }
        }
        let mut place = |key: String, class: &Spanned<String>| {
            lines.insert(key, line(text, class.span().start));
        };
        for class in self.daily.keys() {
            place(ChannelLimits::daily_key(class.get_ref()), class);
        }
        for class in self.hours.keys() {
            place(ChannelLimits::hours_key(class.get_ref()), class);
        }
        let daily = self.daily.into_iter();
        let hours = self.hours.into_iter();
        ChannelLimits {
            concurrency: self.concurrency.map(Spanned::into_inner),
            rate: self.rate.map(Spanned::into_inner),
            daily: daily
                .map(|(class, most)| (class.into_inner(), most))
                .collect(),
            hours: hours
                .map(|(class, hours)| (class.into_inner(), hours))
                .collect(),
            outside_hours: self.outside_hours,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotas_and_hours_are_read_with_their_lines() {
        let text = "rate = 5\noutside_hours = \"drop\"\n[daily]\nnews = 100\n[hours]\n\
                    news = \"07:00-23:00\"\n";
        let raw: Raw = toml::from_str(text).expect("limits");
        let mut lines = Lines::new();
        let limits = raw.read(text, &mut lines);
        assert_eq!(limits.rate, Some(5));
        assert_eq!(limits.daily, [("news".to_owned(), 100)].into());
        assert_eq!(
            limits.hours,
            [("news".to_owned(), "07:00-23:00".to_owned())].into()
        );
        assert_eq!(limits.outside_hours, Outside::Drop);
        assert_eq!(lines["limits.daily.news"], 4);
        assert_eq!(lines["limits.hours.news"], 6);
    }

    #[test]
    fn what_is_neither_hold_nor_drop_is_refused() {
        for text in ["outside_hours = \"wait\"", "daily = { news = -1 }"] {
            assert!(toml::from_str::<Raw>(text).is_err(), "{text}");
        }
    }
}

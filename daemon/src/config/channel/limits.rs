//! `[limits]` of a channel file: what the channel may use of its vendor.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_spanned::Spanned;

use crate::config::document::KeyLines;
use crate::quota::OutsideHours;

/// What a channel may use; what is absent is the driver's to say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChannelLimits {
    /// Requests in flight at once.
    pub concurrency: Option<u32>,
    /// Requests a second, or devices where the vendor counts those.
    pub rate: Option<u32>,
    /// Messages a day by class; 0 = any number.
    pub daily: BTreeMap<String, u64>,
    /// Hours by class, such as `07:00-23:00 +08:00`; empty = always.
    pub hours: BTreeMap<String, String>,
    /// What becomes of a message outside the hours of its class.
    pub outside_hours: OutsideHours,
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
pub(super) struct LimitsTable {
    concurrency: Option<Spanned<u32>>,
    rate: Option<Spanned<u32>>,
    daily: BTreeMap<Spanned<String>, u64>,
    hours: BTreeMap<Spanned<String>, String>,
    outside_hours: OutsideHours,
}

impl LimitsTable {
    /// Keeps the lines for what only the driver can judge.
    pub fn read(self, text: &str, lines: &mut KeyLines) -> ChannelLimits {
        for (key, limit) in [(CONCURRENCY, &self.concurrency), (RATE, &self.rate)] {
            if let Some(limit) = limit {
                lines.add(text, key, limit.span());
            }
        }
        for class in self.daily.keys() {
            lines.add(
                text,
                ChannelLimits::daily_key(class.get_ref()),
                class.span(),
            );
        }
        for class in self.hours.keys() {
            lines.add(
                text,
                ChannelLimits::hours_key(class.get_ref()),
                class.span(),
            );
        }
        let daily = self.daily.into_iter();
        let hours = self.hours.into_iter();
        ChannelLimits {
            concurrency: self.concurrency.map(Spanned::into_inner),
            rate: self.rate.map(Spanned::into_inner),
            daily: daily
                .map(|(class, limit)| (class.into_inner(), limit))
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
        let table: LimitsTable = toml::from_str(text).expect("limits");
        let mut lines = KeyLines::default();
        let limits = table.read(text, &mut lines);
        assert_eq!(limits.rate, Some(5));
        assert_eq!(limits.daily, [("news".to_owned(), 100)].into());
        assert_eq!(
            limits.hours,
            [("news".to_owned(), "07:00-23:00".to_owned())].into()
        );
        assert_eq!(limits.outside_hours, OutsideHours::Drop);
        assert_eq!(lines.of("limits.daily.news"), Some(4));
        assert_eq!(lines.of("limits.hours.news"), Some(6));
    }

    #[test]
    fn what_is_neither_hold_nor_drop_is_refused() {
        for text in ["outside_hours = \"wait\"", "daily = { news = -1 }"] {
            assert!(toml::from_str::<LimitsTable>(text).is_err(), "{text}");
        }
    }
}

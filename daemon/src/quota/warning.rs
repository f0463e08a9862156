//! The warning that a quota runs out, logged once a day for each level.

use nudged_plugin_api::Timestamp;

use super::limits::UsageLevel;
use crate::model::rfc3339;

/// That a day's quota is running out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// The channel.
    pub channel: String,
    /// The class.
    pub class: String,
    /// How far it is used.
    pub level: UsageLevel,
    /// Devices that the vendor accepted today.
    pub used: u64,
    /// How many a day there are.
    pub quota: u64,
    /// Whether messages are held once it is used up.
    pub binding: bool,
    /// When it will be used up at the pace of the last hour.
    pub forecast: Option<Timestamp>,
    /// When the vendor's day ends.
    pub day_ends: Timestamp,
}

impl Warning {
    pub fn log(&self) {
        tracing::warn!(
            channel = self.channel,
            class = self.class,
            used = self.used,
            quota = self.quota,
            "{}",
            self.text()
        );
    }

    fn text(&self) -> String {
        let ends = rfc3339(self.day_ends);
        let percent = match self.level {
            UsageLevel::UsedUp if self.binding => {
                return format!(
                    "the day's quota of this class is used up; the class is held until {ends}"
                );
            }
            UsageLevel::UsedUp => {
                return format!(
                    "the vendor's known daily limit of this class is used up; it may refuse more \
                     until {ends}"
                );
            }
            UsageLevel::NearlyUsedUp => 95,
            _ => 80,
        };
        let forecast = match self.forecast {
            Some(at) => format!("it will be used up at {}", rfc3339(at)),
            None => format!("it lasts until the day ends at {ends}"),
        };
        format!(
            "{percent} % of the day's quota of this class is used; at the pace of the last hour \
             {forecast}"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_warning_says_how_far_it_is_and_when_it_will_be_over() {
        let warning = Warning {
            channel: "vivo".to_owned(),
            class: "operational".to_owned(),
            level: UsageLevel::Low,
            used: 80,
            quota: 100,
            binding: true,
            forecast: Some(Timestamp(1_000)),
            day_ends: Timestamp(2_000),
        };
        assert_eq!(
            warning.text(),
            "80 % of the day's quota of this class is used; at the pace of the last hour it will \
             be used up at 1970-01-01T00:00:01.000Z"
        );
        let slow = Warning {
            level: UsageLevel::NearlyUsedUp,
            forecast: None,
            ..warning.clone()
        };
        assert_eq!(
            slow.text(),
            "95 % of the day's quota of this class is used; at the pace of the last hour it lasts \
             until the day ends at 1970-01-01T00:00:02.000Z"
        );
        let over = Warning {
            level: UsageLevel::UsedUp,
            ..warning.clone()
        };
        assert!(
            over.text()
                .ends_with("is held until 1970-01-01T00:00:02.000Z")
        );
        let estimate = Warning {
            binding: false,
            ..over
        };
        assert!(estimate.text().contains("may refuse more"));
    }
}

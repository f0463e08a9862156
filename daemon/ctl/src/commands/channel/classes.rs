use std::time::SystemTime;

use crate::print::{count, or_dash, table, when};
use nudged_wire::ClassUseView;

/// Whether there is something to show of a class: a limit, a use, a hold.
pub fn is_notable(class: &ClassUseView) -> bool {
    class.quota.is_some()
        || class.hours.is_some()
        || class.held.is_some()
        || class.used + class.in_flight > 0
}

/// What is used of the quotas of a channel's classes.
pub fn class_table(classes: &[ClassUseView]) -> String {
    let header = [
        "CLASS",
        "DAY",
        "USED",
        "IN FLIGHT",
        "QUOTA",
        "LEFT",
        "HOURS",
    ];
    let rows: Vec<[String; 7]> = classes.iter().map(row).collect();
    table(header, &rows)
}

fn row(class: &ClassUseView) -> [String; 7] {
    let number = |number: Option<u64>| or_dash(number.map(|it| it.to_string()).as_deref());
    // What is only an estimate shall look like one.
    let about = match class.quota_from.as_deref() {
        Some("estimate") => "about ",
        _ => "",
    };
    [
        class.class.clone(),
        class.day.clone(),
        class.used.to_string(),
        class.in_flight.to_string(),
        match class.quota {
            Some(quota) => format!("{about}{quota}"),
            None => "any number".to_owned(),
        },
        number(class.left),
        match &class.hours {
            Some(hours) => format!("{hours}, else {}", class.outside_hours),
            None => "always".to_owned(),
        },
    ]
}

/// What the operator should know of a class; nothing where all is well.
pub fn class_lines(channel: &str, class: &ClassUseView, now: SystemTime) -> Vec<String> {
    let name = format!("{channel}, class {}", class.class);
    let mut lines = Vec::new();
    if let Some(held) = &class.held {
        let until = when(&held.until, now);
        let becomes = match (held.drops, held.waiting) {
            (true, _) => "; what comes until then is dropped".to_owned(),
            (false, 0) => String::new(),
            (false, waiting) => format!("; {} for that", {
                count(waiting as u64, "delivery waits", "deliveries wait")
            }),
        };
        lines.push(format!(
            "{name} is held: {}, until {until}{becomes}",
            held.reason
        ));
    }
    if let (Some(quota), false) = (class.quota, class.level == "fine") {
        let of = match class.quota_from.as_deref() {
            Some("estimate") => format!("about {quota}"),
            _ => quota.to_string(),
        };
        let forecast = match (&class.used_up_at, class.left) {
            (Some(at), _) => format!(
                "; at the pace of the last hour it will be used up at {}",
                when(at, now)
            ),
            (None, Some(0)) => String::new(),
            _ => "; at the pace of the last hour it lasts the day".to_owned(),
        };
        lines.push(format!(
            "{name} has used {} of today's {of}{forecast}",
            class.used
        ));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use nudged_wire::ClassHoldView;

    fn class() -> ClassUseView {
        ClassUseView {
            class: "news".to_owned(),
            day: "1970-01-01".to_owned(),
            day_ends_at: "1970-01-02T00:00:00.000Z".to_owned(),
            quota: Some(100),
            quota_from: Some("channel".to_owned()),
            used: 85,
            in_flight: 1,
            left: Some(15),
            level: "low".to_owned(),
            used_up_at: Some("1970-01-01T00:02:00.000Z".to_owned()),
            hours: None,
            outside_hours: "hold".to_owned(),
            held: None,
        }
    }

    #[test]
    fn a_quota_that_runs_out_is_told_with_its_forecast() {
        let now = SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(60);
        assert_eq!(
            class_lines("vivo", &class(), now),
            [
                "vivo, class news has used 85 of today's 100; at the pace of the last hour it will \
                 be used up at 1970-01-01 00:02:00Z (in 1m)"
            ]
        );
        let fine = ClassUseView {
            level: "fine".to_owned(),
            ..class()
        };
        assert!(class_lines("vivo", &fine, now).is_empty());
    }

    #[test]
    fn a_class_that_is_held_is_told_with_how_many_wait() {
        let now = SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(60);
        let held = ClassHoldView {
            code: "quota_used_up".to_owned(),
            reason: "it is used up".to_owned(),
            remedy: "wait".to_owned(),
            until: "1970-01-01T00:02:00.000Z".to_owned(),
            drops: false,
            waiting: 2,
        };
        let class = ClassUseView {
            level: "fine".to_owned(),
            held: Some(held),
            ..class()
        };
        assert_eq!(
            class_lines("vivo", &class, now),
            [
                "vivo, class news is held: it is used up, until 1970-01-01 00:02:00Z (in 1m); \
                 2 deliveries wait for that"
            ]
        );
    }

    #[test]
    fn an_estimate_and_no_quota_at_all_look_like_it() {
        let estimate = ClassUseView {
            quota_from: Some("estimate".to_owned()),
            hours: Some("07:00-23:00 +08:00".to_owned()),
            ..class()
        };
        assert_eq!(row(&estimate)[4], "about 100");
        assert_eq!(row(&estimate)[6], "07:00-23:00 +08:00, else hold");
        let free = ClassUseView {
            quota: None,
            left: None,
            ..class()
        };
        assert_eq!(row(&free)[4..], ["any number", "-", "always"]);
    }
}

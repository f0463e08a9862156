//! A table of reasons as a driver's README shows it.
//!
//! In: the rows. Out: one line each, in the order in which they decide. Refuses to know drivers.

use std::fmt::Write;

use nudged_plugin_api::Scope;

use super::{ANY_STATUS, Codes, Reasons, Row, Rule, Wait};

impl Reasons {
    /// The table in Markdown.
    pub fn markdown(&self) -> String {
        let mut table = "| code | class | speaks of | tried again | what to do |\n\
                         |---|---|---|---|---|\n"
            .to_owned();
        for (label, rule) in self.rules() {
            let Rule { class, remedy, .. } = rule;
            let (class, of, wait) = (class.as_str(), rule.speaks_of(), rule.wait.shown());
            // Writing into a text cannot fail.
            let _ = writeln!(table, "| {label} | `{class}` | {of} | {wait} | {remedy} |");
        }
        table
    }
}

impl Rule {
    fn speaks_of(&self) -> String {
        if let Some(class) = self.message_class {
            return format!("messages of class `{class}`");
        }
        match self.scope {
            Scope::Message => "the message",
            Scope::Token => "the token",
            Scope::MessageClass => "the message's class",
            Scope::Account => "the account",
            Scope::Credential => "the credential or the settings",
            Scope::Beside => "the token beside the device's",
            _ => "",
        }
        .to_owned()
    }
}

impl Wait {
    fn shown(self) -> String {
        match self {
            Self::Unsaid => String::new(),
            Self::Millis(0) => "at once".to_owned(),
            Self::Millis(millis) if millis % 1000 == 0 => format!("after {} s", millis / 1000),
            Self::Millis(millis) => format!("after {millis} ms"),
            Self::Hour { hour, ahead } => format!("at {hour:02}:00, UTC+{ahead}"),
        }
    }
}

impl Row {
    /// The codes and statuses that the row is about.
    pub(super) fn label(&self) -> String {
        if let Some(when) = self.when {
            return when.to_owned();
        }
        let status = match self.statuses {
            (first, last) if first == last => format!("HTTP {first}"),
            (first, last) if last > 999 => format!("HTTP {first} and above"),
            (first, last) => format!("HTTP {first} to {last}"),
        };
        let codes = match self.codes {
            Codes::Any => return status,
            Codes::Absent => "no code".to_owned(),
            Codes::Listed(codes) => listed(codes),
            Codes::Range(i64::MIN, last) => format!("up to `{last}`"),
            Codes::Range(first, i64::MAX) => format!("from `{first}`"),
            Codes::Range(first, last) => format!("other `{first}` to `{last}`"),
            Codes::Family(heads, length) => {
                format!("others of {length} characters from {}", listed(heads))
            }
        };
        match self.statuses {
            ANY_STATUS => codes,
            _ => format!("{codes} with {status}"),
        }
    }
}

fn listed(codes: &[&str]) -> String {
    let codes: Vec<_> = codes.iter().map(|code| format!("`{code}`")).collect();
    codes.join(", ")
}

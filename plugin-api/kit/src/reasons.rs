//! What a vendor's codes mean, as const data: a table that is read from top to bottom.
//!
//! In: an HTTP status and a code. Out: the [`Rule`] of the first row that fits both, and from it a
//! verdict. A driver writes its rows in the order in which they decide: first the statuses of a
//! server in trouble, which is no witness against a message or a token, then the codes that the
//! vendor documents, then the neighbourhoods of those that it will add, then the other statuses.
//! The same table is printed into the driver's README. Refuses to know where in an answer a code
//! stands: that is `decode`'s.
//!
//! ```
//! use nudged_driver_kit::reasons::{Reasons, Row, Rule, Wait};
//! use nudged_plugin_api::{Class, Scope};
//!
//! const TROUBLE: Rule = Rule::new(Class::Unavailable, "nothing to do: the message is tried again");
//! const DEAD: Rule = Rule::new(Class::InvalidToken, "nothing to do: the app was uninstalled")
//!     .scope(Scope::Token);
//! const FAST: Rule = Rule::new(Class::Throttled, "lower the channel's rate if this stays")
//!     .scope(Scope::Account)
//!     .wait(Wait::Millis(1000));
//! const OTHER: Rule = Rule::new(Class::Unavailable, "check the endpoint setting");
//!
//! const REASONS: Reasons = Reasons::new(
//!     &[
//!         Row::statuses(500, 599, TROUBLE),
//!         Row::codes(&["1001", "1002"], DEAD),
//!         Row::range(2000, 2999, FAST),
//!         Row::status(429, FAST),
//!     ],
//!     OTHER,
//! );
//!
//! assert_eq!(REASONS.judge(200, "1002"), DEAD);
//! assert_eq!(REASONS.judge(503, "1002"), TROUBLE);
//! assert_eq!(REASONS.judge(429, ""), FAST);
//! ```

mod markdown;

use nudged_plugin_api::{Class, HttpResponse, Scope, Timestamp, Verdict};

use crate::answer;

/// What a code means, what it speaks of, when to try again, and what the operator should do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rule {
    /// What it means for the delivery.
    pub class: Class,
    /// What it speaks of.
    pub scope: Scope,
    /// The vendor's class of messages that a [`Scope::MessageClass`] is about, where the code names
    /// one: see [`Rule::said_of`].
    pub message_class: Option<&'static str>,
    /// When to try again, where the answer does not say.
    pub wait: Wait,
    /// The connection that brought it is spent.
    pub fresh_connection: bool,
    /// What to do, one sentence in lower case without a full stop.
    pub remedy: &'static str,
}

/// When to try again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Wait {
    /// The vendor does not say: the daemon backs off by itself.
    #[default]
    Unsaid,
    /// After so many milliseconds.
    Millis(u64),
    /// When it is this hour by a clock so many hours ahead of UTC; hour 0 ends a day's quota.
    Hour {
        /// From 0 to 23.
        hour: u32,
        /// Hours ahead of UTC.
        ahead: u32,
    },
}

impl Wait {
    /// A second: limits are by the second, mostly.
    pub const SECOND: Self = Self::Millis(1000);
    /// Midnight in China, where most vendors count their days.
    pub const MIDNIGHT_IN_CHINA: Self = Self::Hour { hour: 0, ahead: 8 };

    /// How long that is from `now`, in milliseconds.
    pub fn millis(self, now: Timestamp) -> Option<u64> {
        match self {
            Self::Unsaid => None,
            Self::Millis(millis) => Some(millis),
            Self::Hour { hour: 0, ahead } => Some(now.millis_until_midnight(ahead)),
            Self::Hour { hour, ahead } => Some(now.millis_until_hour(hour, ahead)),
        }
    }
}

impl Rule {
    /// A rule whose code leaves open what it speaks of and when to try again.
    pub const fn new(class: Class, remedy: &'static str) -> Self {
        Self {
            class,
            scope: Scope::Unsaid,
            message_class: None,
            wait: Wait::Unsaid,
            fresh_connection: false,
            remedy,
        }
    }

    /// Says what it speaks of.
    pub const fn scope(mut self, scope: Scope) -> Self {
        self.scope = scope;
        self
    }

    /// Says that it speaks of the messages of this class, whatever message it refuses.
    pub const fn of_class(mut self, class: &'static str) -> Self {
        self.scope = Scope::MessageClass;
        self.message_class = Some(class);
        self
    }

    /// Says when to try again.
    pub const fn wait(mut self, wait: Wait) -> Self {
        self.wait = wait;
        self
    }

    /// Says that the connection is spent.
    pub const fn fresh_connection(mut self) -> Self {
        self.fresh_connection = true;
        self
    }

    /// The rule as it holds for a message that was sent in `class`: said of a message of any other,
    /// it is no reason to hold its class, as the vendor may take the next.
    pub fn said_of(mut self, class: &str) -> Self {
        if self.message_class.is_some_and(|of| of != class) {
            self.scope = Scope::Message;
        }
        self
    }

    /// The refusal that `response` is by this rule; an empty `code` is none. The vendor's own wait
    /// goes before the rule's, where the class is one that is tried again.
    pub fn verdict(&self, code: &str, response: &HttpResponse, now: Timestamp) -> Verdict {
        let wait = response
            .retry_after_millis(now)
            .filter(|_| is_retried(self.class))
            .or_else(|| self.wait.millis(now));
        Verdict::refused(
            self.class,
            answer::shown(code, response.status),
            self.remedy,
        )
        .scope(self.scope)
        .fresh_connection(self.fresh_connection)
        .retry_after_millis(wait)
    }
}

/// Whether a delivery of this class goes out again, and so may wait.
fn is_retried(class: Class) -> bool {
    !matches!(
        class,
        Class::Accepted | Class::InvalidToken | Class::BadRequest | Class::DeviceOff
    )
}

/// One row of a table: which answers it is about, and its rule.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    codes: Codes,
    statuses: (u16, u16),
    when: Option<&'static str>,
    rule: Rule,
}

/// Which codes a row is about.
#[derive(Clone, Copy, Debug)]
enum Codes {
    /// Any, and none.
    Any,
    /// None at all.
    Absent,
    /// These.
    Listed(&'static [&'static str]),
    /// Whole numbers of this range, with its end.
    Range(i64, i64),
    /// Those of so many characters that start so.
    Family(&'static [&'static str], usize),
}

/// Any HTTP status.
const ANY_STATUS: (u16, u16) = (0, u16::MAX);

impl Row {
    const fn new(codes: Codes, statuses: (u16, u16), rule: Rule) -> Self {
        Self {
            codes,
            statuses,
            when: None,
            rule,
        }
    }

    /// Codes that the vendor documents.
    pub const fn codes(codes: &'static [&'static str], rule: Rule) -> Self {
        Self::new(Codes::Listed(codes), ANY_STATUS, rule)
    }

    /// All whole numbers from `first` to `last`.
    pub const fn range(first: i64, last: i64, rule: Rule) -> Self {
        Self::new(Codes::Range(first, last), ANY_STATUS, rule)
    }

    /// Codes of `length` characters that start with one of `heads`.
    pub const fn family(heads: &'static [&'static str], length: usize, rule: Rule) -> Self {
        Self::new(Codes::Family(heads, length), ANY_STATUS, rule)
    }

    /// An HTTP status, with any code or none.
    pub const fn status(status: u16, rule: Rule) -> Self {
        Self::statuses(status, status, rule)
    }

    /// HTTP statuses from `first` to `last`, with any code or none.
    pub const fn statuses(first: u16, last: u16, rule: Rule) -> Self {
        Self::new(Codes::Any, (first, last), rule)
    }

    /// No row that an answer finds: what the driver itself knows, such as from a list beside the
    /// code, stands in the table for its readers only. `when` says when.
    pub const fn when(when: &'static str, rule: Rule) -> Self {
        let mut row = Self::new(Codes::Any, ANY_STATUS, rule);
        row.when = Some(when);
        row
    }

    /// With these HTTP statuses only.
    pub const fn at(mut self, first: u16, last: u16) -> Self {
        self.statuses = (first, last);
        self
    }

    /// Where the answer has no code.
    pub const fn without_code(mut self) -> Self {
        self.codes = Codes::Absent;
        self
    }

    fn fits(&self, status: u16, code: &str) -> bool {
        let (first, last) = self.statuses;
        self.when.is_none() && (first..=last).contains(&status) && self.codes.fit(code)
    }
}

impl Codes {
    fn fit(&self, code: &str) -> bool {
        match *self {
            Self::Any => true,
            Self::Absent => code.is_empty(),
            Self::Listed(codes) => codes.contains(&code),
            Self::Range(first, last) => code
                .parse()
                .is_ok_and(|number: i64| (first..=last).contains(&number)),
            Self::Family(heads, length) => {
                code.len() == length && heads.iter().any(|head| code.starts_with(head))
            }
        }
    }
}

/// A table of rows, and the rule of what no row is about.
#[derive(Clone, Copy, Debug)]
pub struct Reasons {
    rows: &'static [Row],
    otherwise: Rule,
    by_status: &'static [(u16, Scope)],
}

impl Reasons {
    /// The rows in the order in which they decide, and the rule where none does.
    pub const fn new(rows: &'static [Row], otherwise: Rule) -> Self {
        Self {
            rows,
            otherwise,
            by_status: &[],
        }
    }

    /// What an HTTP status speaks of where the rule leaves it open.
    pub const fn scopes(mut self, by_status: &'static [(u16, Scope)]) -> Self {
        self.by_status = by_status;
        self
    }

    /// The rule for an answer; an empty `code` is none.
    pub fn judge(&self, status: u16, code: &str) -> Rule {
        let row = self.rows.iter().find(|row| row.fits(status, code));
        let rule = row.map_or(self.otherwise, |row| row.rule);
        match self.by_status.iter().find(|(known, _)| *known == status) {
            Some((_, scope)) if rule.scope == Scope::Unsaid => rule.scope(*scope),
            _ => rule,
        }
    }

    /// The rule of a code that a row lists, whatever the HTTP status; none of one that the vendor
    /// does not document.
    pub fn of_code(&self, code: &str) -> Option<Rule> {
        let listed =
            |row: &&Row| matches!(row.codes, Codes::Listed(codes) if codes.contains(&code));
        self.rows.iter().find(listed).map(|row| row.rule)
    }

    /// The codes that rows list, in their order.
    pub fn codes(&self) -> impl Iterator<Item = &'static str> {
        let listed = |row: &Row| match row.codes {
            Codes::Listed(codes) => codes,
            _ => &[],
        };
        self.rows.iter().flat_map(listed).copied()
    }

    /// The rules with their codes as they are shown, and the last.
    pub fn rules(&self) -> impl Iterator<Item = (String, Rule)> {
        let rows = self.rows.iter().map(|row| (row.label(), row.rule));
        rows.chain([("anything else".to_owned(), self.otherwise)])
    }

    /// What is wrong with the table, if anything: a code that stands in it twice, so that the second
    /// row is never found, or a remedy in another voice than all others.
    pub fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        for (index, row) in self.rows.iter().enumerate() {
            let Codes::Listed(codes) = row.codes else {
                continue;
            };
            for (place, code) in codes.iter().enumerate() {
                let before = self.rows[..index].iter();
                let covered = |other: &Row| {
                    matches!(other.codes, Codes::Listed(codes) if codes.contains(code))
                        && other.statuses.0 <= row.statuses.0
                        && other.statuses.1 >= row.statuses.1
                };
                if codes[..place].contains(code) || before.clone().any(covered) {
                    faults.push(format!("{code}: stands in the table twice"));
                }
            }
        }
        for (label, rule) in self.rules() {
            if let Some(fault) = fault_of(rule) {
                faults.push(format!("{label}: {fault}: {}", rule.remedy));
            }
        }
        faults
    }
}

/// What a remedy has that no other has.
fn fault_of(rule: Rule) -> Option<&'static str> {
    let remedy = rule.remedy;
    if rule.class == Class::Accepted {
        return (!remedy.is_empty()).then_some("there is nothing to mend");
    }
    match remedy.chars().next() {
        None => Some("has no remedy"),
        Some(first) if first.is_uppercase() => Some("the remedy begins with a capital"),
        _ if remedy.ends_with('.') => Some("the remedy ends with a full stop"),
        _ if remedy.contains(". ") => Some("the remedy has two sentences"),
        _ if remedy.contains(['\n', '|']) => Some("the remedy fits no table"),
        _ => None,
    }
}

#[cfg(test)]
mod tests;

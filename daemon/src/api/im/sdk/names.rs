//! The names of a body that are not the REST API's: which stands for which, and notices of those
//! that say nothing here.
//!
//! In: members and the fields that they fill. Out: places by the caller's own names. Refuses to
//! know single names.

use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use super::super::problem::within;
use super::super::tolerant::Flag;
use nudged_wire::{NoticeView, Problem};

/// The REST API's name of the object, by which places in it are named.
pub const INFO: &str = "OfflinePushInfo";
/// Notices of names that are not understood.
const MAX_NOTICES: usize = 16;

/// Known to the REST API and needless here: the driver passes ext in its own way, and of a
/// template its id is told.
const NEEDLESS: [&str; 2] = ["extashuaweiintentparam", "pushtemplateparam"];

/// What was read of the names: where each place of the REST API stands in the caller's body, and
/// notices.
#[derive(Debug, Default)]
pub struct SdkNames {
    /// Which place of the REST API's names is which of the caller's.
    places: Vec<(String, String)>,
    notices: Vec<NoticeView>,
    /// Names beyond those that have a notice.
    unlisted: usize,
}

impl SdkNames {
    /// A problem with its place in the caller's words.
    pub fn own(&self, mut problem: Problem) -> Problem {
        if let Some(field) = problem.field.take() {
            problem.field = Some(self.place(&field));
        }
        problem
    }

    /// The notices, with these of other stages, whose places are the REST API's.
    pub fn notices(mut self, others: Vec<NoticeView>) -> Vec<NoticeView> {
        let mut all: Vec<_> = others
            .into_iter()
            .map(|notice| NoticeView {
                field: self.place(&notice.field),
                ..notice
            })
            .collect();
        all.append(&mut self.notices);
        if self.unlisted > 0 {
            let more = self.unlisted;
            all.push(NoticeView {
                field: self.place(INFO),
                text: format!("has {more} more names that are not understood here"),
            });
        }
        all
    }

    /// The longest known beginning decides.
    pub fn place(&self, field: &str) -> String {
        let known = self.places.iter().filter_map(|(rest, own)| {
            let inner = field.strip_prefix(rest.as_str())?;
            let whole = inner.is_empty() || inner.starts_with(['.', '[']);
            whole.then(|| (rest.len(), format!("{own}{inner}")))
        });
        known
            .max_by_key(|(length, _)| *length)
            .map_or_else(|| field.to_owned(), |(_, own)| own)
    }

    pub fn is(&mut self, rest: impl Into<String>, own: impl Into<String>) {
        self.places.push((rest.into(), own.into()));
    }

    pub fn notice(&mut self, field: String, text: impl Into<String>) {
        if self.notices.len() == MAX_NOTICES {
            self.unlisted += 1;
            return;
        }
        let text = text.into();
        self.notices.push(NoticeView { field, text });
    }

    /// A zero is what clients write that can leave nothing out.
    pub fn not_understood(&mut self, from: JsonMember<'_>, name: &str) {
        // req 71: a name that is not understood is named, never ignored in silence.
        let says_nothing = matches!(from.raw.get(), "false" | "0");
        if !says_nothing && !NEEDLESS.contains(&name) {
            self.notice(from.field, "is not understood here, and left out");
        }
    }

    /// Fills a REST field, unless it says something itself.
    pub fn fill<T>(&mut self, to: &mut T, rest: &str, from: JsonMember<'_>) -> Result<(), Problem>
    where
        T: DeserializeOwned + Default + PartialEq,
    {
        let value: T = from.read()?;
        self.put(to, rest, value, from);
        Ok(())
    }

    /// As [`Self::fill`] with a flag; one that is not set is what an SDK writes for nothing.
    pub fn set(&mut self, to: &mut Flag, rest: &str, from: JsonMember<'_>) -> Result<(), Problem> {
        let flag: Flag = from.read()?;
        if flag.is_set() {
            self.put(to, rest, flag, from);
        }
        Ok(())
    }

    pub fn put<T: Default + PartialEq>(
        &mut self,
        to: &mut T,
        rest: &str,
        value: T,
        from: JsonMember<'_>,
    ) {
        if value == T::default() || value == *to {
            return;
        }
        if *to != T::default() {
            return self.notice(from.field, format!("is not heeded beside {rest}"));
        }
        *to = value;
        self.is(format!("{INFO}.{rest}"), from.field);
    }
}

/// A member, and its place in the caller's words.
#[derive(Clone)]
pub struct JsonMember<'a> {
    pub name: &'a str,
    pub raw: &'a RawValue,
    pub field: String,
}

impl<'a> JsonMember<'a> {
    pub fn new(place: &str, name: &'a str, raw: &'a RawValue) -> Self {
        Self {
            name,
            raw,
            field: format!("{place}.{name}"),
        }
    }

    pub fn read<T: DeserializeOwned>(&self) -> Result<T, Problem> {
        nudged_wire::json::read(self.raw.get().as_bytes())
            .map_err(|problem| within(problem, &self.field))
    }
}

pub fn lower(name: &str) -> String {
    name.to_ascii_lowercase()
}

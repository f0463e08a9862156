//! What is wrong in a body, by the caller's own names of its fields.

use nudged_wire::{Code, Problem};

/// A field of the right form, with a value that cannot be.
pub fn invalid(field: impl Into<String>, detail: impl Into<String>) -> Problem {
    Problem::new(Code::Invalid, detail).field(field)
}

/// A field that is needed.
pub fn missing(field: &str, expected: &str) -> Problem {
    Problem::new(Code::BadRequest, format!("missing, expected {expected}")).field(field)
}

/// A problem that was found in a part of a body, which stands at this place.
pub fn within(mut problem: Problem, place: &str) -> Problem {
    let inner = problem.field.take();
    let inner = inner.map_or_else(String::new, |field| format!(".{field}"));
    // The line is one within the part, and the path says more.
    if let Some(end) = problem.detail.find(" at line ") {
        problem.detail.truncate(end);
    }
    problem.field(format!("{place}{inner}"))
}

//! Outcomes: each delivery ends once, its trace and event say how, and tokens that died go.

mod dead_tokens;
mod events;
mod traces;

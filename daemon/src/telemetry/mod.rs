//! What operators read. Ids are fields; secrets and whole tokens are nowhere.

pub mod log;
mod seldom;

pub use seldom::Seldom;

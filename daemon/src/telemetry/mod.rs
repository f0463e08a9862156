//! What operators read. Ids are fields; secrets and whole tokens are nowhere.

pub mod log;
pub mod panic;
mod seldom;

pub use seldom::Seldom;

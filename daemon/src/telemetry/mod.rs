//! What operators read. Ids are fields; secrets and whole tokens are nowhere.

pub mod log;
pub mod panic;
mod plain;
mod seldom;

pub use plain::{plain, plain_json};
pub use seldom::Seldom;

//! What operators read. Ids are fields; secrets and whole tokens are nowhere.

pub mod log;
pub mod panic;
mod plain;

pub use plain::{plain, plain_json};

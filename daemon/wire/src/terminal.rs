//! What comes from outside on its way to people: a terminal or a log.

pub mod panic;
mod plain;

pub use plain::{plain, plain_json};

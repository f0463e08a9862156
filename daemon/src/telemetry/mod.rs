//! The log, which operators read. Ids are fields; secrets and whole tokens are nowhere.

pub mod log;
mod rate_limited;

pub use rate_limited::RateLimitedLog;

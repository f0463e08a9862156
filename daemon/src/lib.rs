//! nudged

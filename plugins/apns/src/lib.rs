//! nudged-apns

//! nudged-fcm

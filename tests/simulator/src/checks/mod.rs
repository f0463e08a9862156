//! What several vendors check alike: the form of addresses and intents, JSON and form bodies read
//! strictly, bearer tokens and lists of device tokens, requests for grants. Each vendor's rules and
//! codes are its own.

pub(crate) mod address;
pub(crate) mod android;
pub(crate) mod client_credentials;
pub(crate) mod fields;
pub(crate) mod form;
pub(crate) mod rest;

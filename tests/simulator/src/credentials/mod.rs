//! What customers get from the vendors' consoles, and how it is checked: certificates and keys,
//! JSON Web Tokens, random ids.

pub(crate) mod ids;
pub(crate) mod jwt;
pub(crate) mod pki;

//! What drivers of nudged share beside the contract of `nudged-plugin-api`: each rule once.
//!
//! A driver links its own copy, so this crate may change with every version, and nothing of it
//! crosses the boundary of a library. The daemon takes a few pure functions from it (addresses of the
//! web, key files, what looks like a test), so that both sides read a value alike; its loader needs
//! none. How a driver is laid out, `plugins/README.md` in nudged's sources says; how one is written,
//! `plugin-api/README.md`.
//!
//! | to | |
//! |---|---|
//! | fit a message into what the vendor takes | [`fit`], [`text`] |
//! | check tokens, and have each once | [`token`] |
//! | say what a tap opens | [`click`], [`page`], [`tap`], [`android`], [`address`] |
//! | read the vendor's own options | [`options`], [`mod@forms`] |
//! | get an access token | [`oauth`], [`jwt`], [`keyfile`] |
//! | read an answer | [`answer`] |
//! | say what its codes mean, and print that | [`reasons`]; of Apple's, [`apple`] |
//! | know a message that a vendor takes for a test, and vendors' categories | [`trial`], [`category`] |
//! | test it | `test` (feature of that name): conformance, golden files, captures, the README |
//!
//! Modules by what they use, the first use none: `text`, `address`, `answer`, `category`, `jwt`,
//! `keyfile`; `forms`, `android`, `click`, `options`, `reasons`, `token`, `trial`; `apple`, `oauth`,
//! `page`; `mend`, `tap`; `fit`; `test`.
#![forbid(unsafe_code)]

#[doc(hidden)]
pub use serde;

pub mod address;
pub mod android;
pub mod answer;
pub mod apple;
pub mod category;
pub mod click;
pub mod fit;
pub mod forms;
pub mod jwt;
pub mod keyfile;
mod mend;
pub mod oauth;
pub mod options;
pub mod page;
pub mod reasons;
pub mod tap;
pub mod text;
pub mod token;
pub mod trial;

#[cfg(feature = "test")]
pub mod test;

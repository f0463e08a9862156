#![doc = include_str!("../README.md")]
#![warn(missing_docs)]
#![allow(
    clippy::test_attr_in_doctest,
    reason = "the README's test runs in `tests/readme.rs`"
)]

#[doc(hidden)]
pub use abi_stable;
#[doc(hidden)]
pub use minicbor;
#[cfg(feature = "json")]
#[doc(hidden)]
pub use serde;

pub mod address;
pub mod android;
pub mod apple;
pub mod call;
pub mod category;
pub mod click;
mod driver;
mod error;
pub mod fit;
#[cfg(feature = "json")]
pub mod forms;
pub mod frame;
mod grant;
pub mod guard;
mod http;
pub mod info;
#[cfg(feature = "keyfile")]
pub mod keyfile;
mod kinds;
mod mend;
mod message;
pub mod module;
#[cfg(feature = "json")]
pub mod oauth;
#[cfg(feature = "json")]
mod options;
pub mod page;
mod rendered;
mod settings;
#[cfg(feature = "json")]
pub mod tap;
pub mod text;
mod time;
pub mod token;
pub mod trial;
mod verdict;

#[cfg(feature = "conformance")]
pub mod conformance;
#[cfg(feature = "host")]
pub mod host;

pub use driver::{Batch, Context, Driver, Exchange, Recall};
pub use error::{EncodeError, SettingError, bad_click, bad_option, bad_token, too_large};
pub use grant::{Authorize, Grant};
pub use http::{HttpRequest, HttpResponse, Method};
pub use info::{Info, Platform, Probe, Protocol, Setting};
pub use kinds::{KindInfo, TokenUse};
pub use message::{
    ActivityEvent, Badge, Click, Kind, Lifetime, LiveActivity, Message, Priority, Sound, Target,
};
pub use rendered::{Notice, Rendered};
pub use settings::{File, Identity, Settings, Value};
pub use time::Timestamp;
pub use verdict::{Class, Decoded, FollowUp, Scope, Verdict};

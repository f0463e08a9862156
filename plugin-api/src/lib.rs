//! The contract between nudged and its vendor drivers, frozen for all of 1.x, and the daemon's side
//! of it. `README.md` says how a driver is written.
//!
//! In: what a driver is ([`Driver`], [`Info`]), what goes in ([`Settings`], [`Message`], [`Batch`],
//! [`Grant`], [`HttpResponse`]) and what comes out ([`Rendered`], [`HttpRequest`], [`Verdict`],
//! [`Decoded`], [`EncodeError`]), all of it plain data. How that crosses the boundary of a library:
//! numbered fields ([`frame`]), the calls made of them ([`call`]), four functions that never change
//! ([`module`], [`export_driver!`]), and [`guard`], past which no panic unwinds. With the feature
//! `host`, how the daemon tells a driver from another file, loads it and calls it ([`host`]).
//!
//! **What is not here**: whatever drivers share without the daemon knowing it, such as how a text is
//! fitted or a table of reasons is read. That is `nudged-driver-kit`, which may change with every
//! version, as each driver links its own; this crate never needs it, and neither does the loader. Of
//! texts only what the contract itself uses is here: what a limit counts ([`text::Unit`]), what is
//! absent, and how a vendor's words are cut.
//!
//! Modules by what they use, the first use none: `frame`; `time`, `text`; `http`, `message`, `error`,
//! `settings`, `verdict`, `grant`, `kinds`; `info`, `rendered`; `driver`, `call`; `module`; `host`.

#![warn(missing_docs)]

#[doc(hidden)]
pub use abi_stable;
#[doc(hidden)]
pub use minicbor;

pub mod call;
mod driver;
mod error;
pub mod frame;
mod grant;
pub mod guard;
mod http;
pub mod info;
mod kinds;
mod message;
pub mod module;
mod rendered;
mod settings;
pub mod text;
mod time;
mod verdict;

#[cfg(feature = "host")]
pub mod host;

pub use driver::{Batch, Context, Driver, Exchange, Recall};
pub use error::{
    EncodeError, SettingError, TOO_LARGE, bad_click, bad_option, bad_token, too_large,
};
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

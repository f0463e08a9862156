//! nudged gets a message to a phone whose app is not running.
//!
//! ```text
//! socket > api > admission > queue > dispatch > driver encode > transport > driver decode > outcome
//! Notification > Delivery > Batch > HttpRequest > HttpResponse > Verdict > Outcome
//! ```
//!
//! A stage knows only the next one, and `tests/house` holds it to that. [`api`] asks [`admission`],
//! which writes to the [`queue`] what is to be sent by the [`channels`]; [`dispatch`] pulls the queue
//! and drives the last four, within what [`quota`] allows; only [`outcome`] writes back. Devices go
//! from `api` to the [`registry`]. Everything durable is written by the one committer in [`store`].
//! [`process`] builds the stages, wires them and takes them down again; a reload is one transaction
//! there.
//!
//! Where to look:
//!
//! | question | answer |
//! |---|---|
//! | Which routes are there? | `api/router`, one screen |
//! | Who may call them? | `access`; `api/allowed` is the extractor that no handler goes without |
//! | Where is a 422 made? | decided in `admission` (`AdmissionError`), made in `api/refusal` |
//! | Who is not pushed, and why? | `admission/suppression`, `admission/resolve` |
//! | Where does the daemon ask a driver? | `driver/open_channel`, called from `dispatch/{send,complete}` |
//! | Where is a retry decided? | `outcome/retry`, with the pauses of `outcome/backoff` |
//! | Where does a token die? | `outcome/removal`, past the `outcome/brake`; what remains: `registry/tombstone` |
//! | What does vendor code X mean? | `plugins/*/src/reason.rs` |
//! | What is a word used for? | `daemon/GLOSSARY.md` |
//! | Why is it so? | `daemon/docs`, a page for each mechanism |

#![forbid(unsafe_code)]
#![allow(
    rustdoc::private_intra_doc_links,
    reason = "nobody outside sees this crate; its documents are for those who work in it"
)]

mod access;
mod admission;
mod api;
mod channels;
mod clock;
mod config;
mod credential;
mod dispatch;
mod driver;
mod lifecycle;
mod model;
mod outcome;
mod process;
mod queue;
mod quota;
mod registry;
mod reloading;
mod store;
mod sync;
mod telemetry;
mod transport;

pub use process::main;

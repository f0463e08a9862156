//! nudged gets a message to a phone whose app is not running.
//!
//! ```text
//! socket > api > admission > queue > dispatch > driver encode > transport > driver decode > outcome
//! Notification > Delivery > Batch > HttpRequest > HttpResponse > Verdict > Outcome
//! ```
//!
//! A stage knows only what comes after it, and `daemon/tests/house` holds it to that. [`api`] asks
//! [`admission`], which writes to the [`queue`] what is to be sent by the [`channels`]; [`dispatch`]
//! pulls the queue and drives the last four, within what [`quota`] allows; only [`outcome`] writes
//! back. Devices go from `api` to the [`registry`]. Everything durable is written by the one committer
//! in [`store`]. [`process`] builds the stages, wires them and takes them down again; a reload is one
//! transaction there.
//!
//! Where to look, below `daemon/src` where no other place is named:
//!
//! | question | answer |
//! |---|---|
//! | Which routes are there, and who may call them? | `api/router.rs`; the rights are taken in `api/allowed.rs`, the rules are `access/policy.rs` |
//! | Where is a 422 made? | decided where the rule is checked, as a variant of `admission/error.rs`; made in `api/refusal.rs`; its shape and number are `daemon/wire/src/problem.rs` |
//! | Who is not pushed (muted, quiet hours, in front)? | `admission/suppression.rs` by the user, `model/device.rs` by the device, which is asked again before sending in `dispatch/send_check.rs` |
//! | How is the text composed? | `admission/compose.rs`, `admission/text.rs` |
//! | Whose turn is it? | `queue/lane/turns.rs`; how many go at once: `dispatch/window.rs`, `dispatch/rate.rs` |
//! | Where does the daemon ask a driver? | `driver/open_channel.rs`, the only way to a channel that is open; called by `dispatch/send.rs` to encode, `dispatch/complete.rs` to decode, `dispatch/grant/fetch.rs`, `dispatch/recall/ask.rs`, `dispatch/probe.rs`, `channels/route.rs` to rehearse, `channels/canonical.rs` |
//! | Where is a retry decided? | `outcome/retry.rs`, with the pauses of `outcome/backoff.rs` |
//! | Where is a channel held? | `dispatch/breaker.rs`, for reasons found in `dispatch/blame.rs`; by the operator in `queue/held_channels.rs`; released in `dispatch/operator.rs` |
//! | Where does a token die? | `outcome/removal.rs` asks the brake (`outcome/brake.rs`), `registry/tombstone.rs` takes the device out |
//! | What does a vendor's code mean? | `plugins/fcm/src/reason.rs`, and so for each vendor; Apple's are `plugin-api/kit/src/apple.rs`, which FCM shares |
//! | What happens on SIGHUP? | `process/signal.rs`, then `process/reload.rs` in its order |
//! | What is on disk? | `store/keyspace.rs` |
//! | Where is a secret masked? | `credential/secrets.rs` |
//! | Where is a key of a file read? | `config/file.rs`, `config/channel/read.rs` |
//! | What is a word used for? | `daemon/GLOSSARY.md` |
//! | Why is it so? | `daemon/docs/README.md`, a page for each mechanism |

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

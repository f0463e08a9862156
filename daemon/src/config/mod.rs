//! Configuration as files say it: read, checked for form, nothing opened yet.
//!
//! In: `nudged.toml` and its `channels.d`. Out: [`Config`], or [`ConfigProblem`]s that name file,
//! line and key. Refuses to know drivers and credentials; that comes with the reload.

mod channel;
mod document;
mod file;
mod given;
mod mistake;
mod permissions;
mod sections;
pub mod shown;
mod snapshot;
pub mod source;
mod unreadable;

pub use channel::{ChannelFile, ChannelLimits, ChannelSources, Defaults, SourceChange, differing};
pub use file::{Config, MAX_TTL, read};
pub use given::ConfigValue;
pub use nudged_wire::{ConfigProblem, ConfigProblems};
pub use permissions::{LoosePermission, Permissions, TrustedOwners};
pub use sections::{
    AccessRule, DeliverySection, DriversSection, ShutdownSection, SocketSection, StoreSection,
    TransportSection, Verb,
};
#[cfg(test)]
pub use snapshot::FileDigest;
pub use snapshot::{FileSnapshot, FileState};
pub use unreadable::UnreadableChannel;

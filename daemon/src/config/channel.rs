//! The files of channels, one each.

mod defaults;
mod file;
mod limits;
mod read;
mod sources;

pub use defaults::Defaults;
pub use file::ChannelFile;
pub use limits::ChannelLimits;
pub use read::read_all;
pub use sources::{ChannelSources, SourceChange, differing};

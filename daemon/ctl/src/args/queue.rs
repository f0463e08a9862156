use clap::{ArgGroup, Subcommand};

use super::value;

/// What to do with the queue.
#[derive(Debug, Subcommand)]
pub enum QueueCommand {
    /// Show the queue by channel, and which channels are held
    Ls,
    /// List the queued deliveries of a channel
    Show {
        /// The channel: its name, or its certificate id
        channel: String,
        /// Maximum number of deliveries
        #[arg(long, value_name = "N", default_value_t = 100)]
        limit: usize,
    },
    /// Retry deferred deliveries now, but never before a time that a vendor named
    Flush {
        /// Only this channel: its name, or its certificate id
        channel: Option<String>,
    },
    /// Stop sending on a channel until it is released, also across restarts
    Hold {
        /// The channel: its name, or its certificate id
        channel: String,
    },
    /// Resume a held channel; one that only its vendor holds retries at once
    Release {
        /// The channel: its name, or its certificate id
        channel: String,
        /// Only this message class, if it alone is held
        #[arg(long, value_name = "CLASS")]
        class: Option<String>,
    },
    /// Read the complete queue and all traces, and report what is damaged or missing
    Check {
        /// Remove what cannot be read, and end the deliveries that are lost with it
        #[arg(long)]
        repair: bool,
    },
    /// End queued deliveries unsent: those that match everything given
    Rm(RmArgs),
}

/// Which deliveries are removed.
#[derive(Debug, clap::Args)]
#[command(group = ArgGroup::new("which").required(true).multiple(true))]
pub struct RmArgs {
    /// Of this notification
    #[arg(group = "which", value_name = "ID")]
    pub id: Option<String>,
    /// Of this channel: its name, or its certificate id
    #[arg(long, group = "which")]
    pub channel: Option<String>,
    /// To this user
    #[arg(long, group = "which")]
    pub user: Option<String>,
    /// Of this app (tenant); with --user: default, unless given
    #[arg(long, group = "which")]
    pub app: Option<String>,
    /// Accepted longer ago than this: seconds, or a time such as 90s, 1h, 3days
    #[arg(long, group = "which", value_name = "TIME", value_parser = value::span)]
    pub older_than: Option<std::time::Duration>,
    /// Everything
    #[arg(long, group = "which")]
    pub all: bool,
}

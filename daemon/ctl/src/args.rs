//! The command line.

mod conversation;
mod device;
mod queue;
mod recipients;
mod send;
mod settings;
mod value;

use std::path::PathBuf;
use std::time::Duration;

use clap::{Parser, Subcommand};

pub use device::{
    AppArg, ChannelChoice, DeviceArg, DeviceCommand, ImportArgs, PutArgs, RestoreArgs, StateArgs,
    TokenArgs, TombstoneArgs,
};
pub use queue::{QueueCommand, RmArgs};
pub use send::{NotificationArgs, PreviewArgs, SendArgs};
pub use settings::{SetArgs, SettingsCommand};

use nudged_wire::SOCKET;

const EXIT_CODES: &str = "\
Exit codes:
   0  success; for send --wait: every delivery was accepted by its vendor
   1  the daemon refused; for send --wait: a delivery ended otherwise, or not in time
   2  the command line is wrong, or a file that it names cannot be used
   3  the daemon cannot be reached
   4  no answer in time (--timeout), or an incomplete one; it may have been done
  78  the configuration was refused (check, reload); nothing has changed

Environment:
  NUDGED_SOCKET  the daemon's socket, if --socket is not given";

/// Controls nudged, the offline push daemon.
#[derive(Debug, Parser)]
#[command(name = "nudgectl", version, after_help = EXIT_CODES, max_term_width = 100)]
pub struct Args {
    /// The daemon's socket [default: $NUDGED_SOCKET, or /run/nudged/nudged.sock]
    #[arg(long, global = true, value_name = "PATH")]
    pub socket: Option<PathBuf>,
    /// Print the daemon's JSON unchanged; streams have one JSON object per line
    #[arg(long, global = true)]
    pub json: bool,
    /// Time limit for an answer, such as 30s; does not apply to what is followed or sent as a
    /// stream
    // A reload reads and checks everything before it answers.
    #[arg(long, global = true, value_name = "TIME", default_value = "2m",
        value_parser = value::timeout)]
    pub timeout: Duration,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

impl Args {
    /// The socket: the option, else the environment, else where it usually is.
    pub fn socket(&self, environment: Option<PathBuf>) -> PathBuf {
        let named = self.socket.clone().or(environment);
        named
            .filter(|path| !path.as_os_str().is_empty())
            .unwrap_or_else(|| SOCKET.into())
    }
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Send a notification
    Send(Box<SendArgs>),
    /// Show what send would do, without sending: who is pushed, and each vendor's request
    Preview(Box<PreviewArgs>),
    /// Register, list and remove devices, one by one or in bulk
    #[command(subcommand)]
    Device(DeviceCommand),
    /// Show and change users' push settings
    #[command(subcommand)]
    Settings(SettingsCommand),
    /// List and add channels
    #[command(subcommand)]
    Channel(ChannelCommand),
    /// List drivers and show their settings
    #[command(subcommand)]
    Driver(DriverCommand),
    /// Show what became of a notification
    Trace {
        /// Id of the notification
        id: String,
    },
    /// Revoke a notification: send no more of it, and have vendors take back what they can
    Revoke {
        /// Id of the notification
        id: String,
    },
    /// Inspect the queue; hold, release and flush channels; remove deliveries
    #[command(subcommand)]
    Queue(QueueCommand),
    /// List how deliveries end
    Events(EventsArgs),
    /// Reload the configuration: all of it takes effect, or nothing changes
    Reload(ReloadArgs),
    /// Show the daemon at a glance
    Status,
    /// Check a configuration: files, drivers, channels, credentials; and what a reload would do
    ///
    /// Needs no daemon. If one runs with this configuration, also shows what a reload would
    /// change, and which channels' devices would no longer be pushed.
    Check {
        /// The main configuration file
        #[arg(long, value_name = "FILE", default_value = nudged_wire::MAIN_FILE)]
        config: PathBuf,
    },
    /// Print the OpenAPI document of the socket, as GET /openapi.json does
    Openapi,
    /// Print completions for a shell; packages install them
    #[command(hide = true)]
    Completions {
        /// bash, zsh or fish
        shell: clap_complete::Shell,
    },
}

/// What to do with channels.
#[derive(Debug, Subcommand)]
pub enum ChannelCommand {
    /// List the channels and their state
    Ls,
    /// Show a channel and how much of its quotas is used
    Show {
        /// Name of the channel
        name: String,
    },
    /// Resume removing devices with dead tokens, after there were too many at once
    Release {
        /// Name of the channel
        name: String,
        /// First restore the devices that were removed before the brake engaged
        #[arg(long)]
        restore: bool,
    },
    /// Write the file of a new channel; --driver NAME --help lists a driver's settings
    #[command(disable_help_flag = true)]
    Add {
        /// NAME --driver DRIVER [--SETTING VALUE]...
        #[arg(
            trailing_var_arg = true,
            allow_hyphen_values = true,
            value_name = "ARGUMENTS"
        )]
        rest: Vec<String>,
    },
}

/// What to do with drivers.
#[derive(Debug, Subcommand)]
pub enum DriverCommand {
    /// List the drivers, and the files that were refused
    Ls,
    /// Print a channel file for a driver, every setting explained
    Show {
        /// Name of the driver, such as apns
        name: String,
    },
}

/// How to reload.
#[derive(Debug, Default, clap::Args)]
pub struct ReloadArgs {
    /// First ask the vendors whether new credentials are good; refuse if one is not
    #[arg(long)]
    pub probe: bool,
    /// Let this certificate id stand for another account, driver or app from now on
    #[arg(long, value_name = "ID")]
    pub rebind: Vec<u32>,
    /// Restore devices that were removed for reasons that may have been the fault of settings
    /// their channels no longer have
    #[arg(long)]
    pub restore: bool,
    /// Change nothing, show what would change
    #[arg(long)]
    pub dry_run: bool,
}

/// Which events.
#[derive(Debug, clap::Args)]
pub struct EventsArgs {
    /// Wait for more; without --since, only what ends from now on
    #[arg(long, short)]
    pub follow: bool,
    /// Start after this cursor; 0 = everything that is kept
    #[arg(long, value_name = "CURSOR")]
    pub since: Option<u64>,
    /// Only of this app (tenant)
    #[arg(long)]
    pub app: Option<String>,
}

#[cfg(test)]
mod tests;

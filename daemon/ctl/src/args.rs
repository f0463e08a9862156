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
   0  done; for send --wait: every delivery was accepted by its vendor
   1  the daemon refused; for send --wait: a delivery ended otherwise, or not in time
   2  the command line cannot be used, or a file that it names
   3  the daemon cannot be reached
   4  no answer came in time (--timeout), or one without end; it may have been done
  78  the configuration was refused (check, reload); nothing has changed

Environment:
  NUDGED_SOCKET  the daemon's socket, where --socket is not given";

/// Talks to nudged, the daemon for offline push.
#[derive(Debug, Parser)]
#[command(name = "nudgectl", version, after_help = EXIT_CODES, max_term_width = 100)]
pub struct Args {
    /// The daemon's socket [default: $NUDGED_SOCKET, or /run/nudged/nudged.sock]
    #[arg(long, global = true, value_name = "PATH")]
    pub socket: Option<PathBuf>,
    /// Print the daemon's JSON as it is; streams are one JSON object a line
    #[arg(long, global = true)]
    pub json: bool,
    /// How long an answer may take, such as 30s; what is followed or sent as a stream may
    /// take longer
    // A reload reads and checks everything before it answers.
    #[arg(long, global = true, value_name = "TIME", default_value = "2m",
        value_parser = value::patience)]
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
    /// Show what send would do, and send nothing: who is pushed, and each vendor's request
    Preview(Box<PreviewArgs>),
    /// Register, list and remove devices, one by one or by the million
    #[command(subcommand)]
    Device(DeviceCommand),
    /// Show and change what users want of push
    #[command(subcommand)]
    Settings(SettingsCommand),
    /// List and add channels
    #[command(subcommand)]
    Channel(ChannelCommand),
    /// List drivers and show what they are configured with
    #[command(subcommand)]
    Driver(DriverCommand),
    /// Tell what became of a notification
    Trace {
        /// Id of the notification
        id: String,
    },
    /// Revoke a notification: send no more of it, and take back what vendors can take back
    Revoke {
        /// Id of the notification
        id: String,
    },
    /// Look into the queue, stop channels and let them go on, try at once, remove
    #[command(subcommand)]
    Queue(QueueCommand),
    /// Tell how deliveries end
    Events(EventsArgs),
    /// Read the configuration again: all of it, or nothing changes
    Reload(ReloadArgs),
    /// Show the daemon at a glance
    Status,
    /// Check a configuration: files, drivers, channels, credentials; and what a reload would do
    ///
    /// Needs no daemon. Where one runs with this very configuration, it also tells what taking
    /// it would change, and whose devices would get no push any more.
    Check {
        /// The main file
        #[arg(long, value_name = "FILE", default_value = nudged_wire::MAIN_FILE)]
        config: PathBuf,
    },
    /// Print the OpenAPI document of the socket, as GET /openapi.json does
    Openapi,
    /// Print the completions of a shell; packages install them
    #[command(hide = true)]
    Completions {
        /// bash, zsh or fish
        shell: clap_complete::Shell,
    },
}

/// What to do with channels.
#[derive(Debug, Subcommand)]
pub enum ChannelCommand {
    /// List the channels and how they fare
    Ls,
    /// Show a channel, and what is used of its quotas
    Show {
        /// Name of the channel
        name: String,
    },
    /// Remove devices of a channel again whose token is dead, after too many at once
    Release {
        /// Name of the channel
        name: String,
        /// Put the devices back first that were removed before it stopped
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
    /// List the drivers, and the files that are none
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
    /// Ask the vendors first whether new credentials are good; refuse if one is not
    #[arg(long)]
    pub probe: bool,
    /// Let this certificate id stand for another account, driver or app from now on
    #[arg(long, value_name = "ID")]
    pub rebind: Vec<u32>,
    /// Put the devices back that were removed on words which may have been the fault of settings
    /// that their channels have no more
    #[arg(long)]
    pub restore: bool,
    /// Change nothing, tell what would change
    #[arg(long)]
    pub dry_run: bool,
}

/// Which events.
#[derive(Debug, clap::Args)]
pub struct EventsArgs {
    /// Wait for more; without --since, tell only what ends from now on
    #[arg(long, short)]
    pub follow: bool,
    /// Tell what came after this cursor; 0 = everything that is kept
    #[arg(long, value_name = "CURSOR")]
    pub since: Option<u64>,
    /// Only of this app (tenant)
    #[arg(long)]
    pub app: Option<String>,
}

#[cfg(test)]
mod tests;

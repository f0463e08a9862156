use std::path::PathBuf;
use std::time::SystemTime;

use clap::Subcommand;

use super::value::{activity, moment, named};
use nudged_wire::StateName;

/// What to do with devices.
#[derive(Debug, Subcommand)]
pub enum DeviceCommand {
    /// Register a device, or its new token
    Put(Box<PutArgs>),
    /// Report the state of the app on a device
    State(StateArgs),
    /// List the devices of a user
    Ls {
        /// The user
        user: String,
        #[command(flatten)]
        app: AppArg,
    },
    /// Remove a device
    Rm {
        #[command(flatten)]
        device: DeviceArg,
    },
    /// Register the devices in a file; continues after an interruption
    Import(ImportArgs),
    /// List devices removed because the vendor called their token dead, and dead tokens for calls
    /// and Live Activities
    Tombstones(TombstoneArgs),
    /// Restore such devices and tokens, in case the vendor was wrong
    Restore(RestoreArgs),
    /// Write all devices of an app to a file, with complete tokens
    Export {
        /// Format by name: .csv, otherwise one JSON object per line; .gz is compressed; - is
        /// standard output
        file: PathBuf,
        #[command(flatten)]
        app: AppArg,
    },
}

/// Which devices.
#[derive(Debug, clap::Args)]
pub struct ImportArgs {
    /// CSV with column names in its first line (separated by comma, semicolon or tab), or one JSON
    /// object per line; may be compressed (gzip); - is standard input. Columns: app, user, device,
    /// certificate_id or channel, token, tokens (a JSON object), platform, language, app_version,
    /// state, unread
    pub file: PathBuf,
    /// The app (tenant) of lines that name none [default: default]
    #[arg(long)]
    pub app: Option<String>,
}

/// Which tombstones.
#[derive(Debug, clap::Args)]
pub struct TombstoneArgs {
    /// Only of this app (tenant)
    #[arg(long)]
    pub app: Option<String>,
    /// Only of channels of this name
    #[arg(long)]
    pub channel: Option<String>,
    /// Only what was removed since: a time such as 2026-03-01T12:30:00Z, or an age such as 2h
    #[arg(long, value_name = "TIME", value_parser = moment)]
    pub since: Option<SystemTime>,
}

/// Which devices are put back: those that meet all that is said.
#[derive(Debug, clap::Args)]
pub struct RestoreArgs {
    /// Devices of this user; without one, --channel or --since is needed
    pub user: Option<String>,
    /// This device of the user
    pub device: Option<String>,
    #[command(flatten)]
    pub app: AppArg,
    /// Devices of this channel
    #[arg(long)]
    pub channel: Option<String>,
    /// Devices removed since: a time such as 2026-03-01T12:30:00Z, or an age such as 2h
    #[arg(long, value_name = "TIME", value_parser = moment)]
    pub since: Option<SystemTime>,
}

/// What is reported of a device.
#[derive(Debug, clap::Args)]
pub struct PutArgs {
    #[command(flatten)]
    pub device: DeviceArg,
    #[command(flatten)]
    pub channel: ChannelChoice,
    /// The vendor's token; an empty one turns push off for the device
    #[arg(long)]
    pub token: String,
    #[command(flatten)]
    pub tokens: TokenArgs,
    /// The phone's system, such as ios
    #[arg(long)]
    pub platform: Option<String>,
    /// The language of the app, such as zh-Hans
    #[arg(long)]
    pub language: Option<String>,
    /// Version of the app
    #[arg(long, value_name = "VERSION")]
    pub app_version: Option<String>,
    /// The user has just logged in: register the device though the user was logged out on it
    #[arg(long)]
    pub login: bool,
}

/// Tokens for one kind of message; those that are not named stay, and an empty one is forgotten.
#[derive(Debug, clap::Args)]
pub struct TokenArgs {
    /// Token for incoming calls (PushKit); an empty one removes it
    #[arg(long, value_name = "TOKEN")]
    pub voip_token: Option<String>,
    /// Channel of that token if it is a different one: that of a VoIP Services certificate
    #[arg(long, value_name = "CHANNEL", requires = "voip_token")]
    pub voip_channel: Option<String>,
    /// Token that starts Live Activities (push-to-start); an empty one removes it
    #[arg(long, value_name = "TOKEN")]
    pub live_activity_start: Option<String>,
    /// Token of a Live Activity that is shown; `ID=` removes it
    #[arg(long = "live-activity", value_name = "ID=TOKEN", value_parser = activity)]
    pub live_activities: Vec<(String, String)>,
}

/// Where the app of a device is.
#[derive(Debug, clap::Args)]
pub struct StateArgs {
    #[command(flatten)]
    pub device: DeviceArg,
    /// State of its app
    #[arg(value_parser = named::<StateName>(&["foreground", "background", "logged_out", "kicked"]))]
    pub state: StateName,
    /// With foreground: seconds until it expires without another report [default: 400]
    #[arg(long, value_name = "SECONDS")]
    pub lease: Option<u32>,
    /// With background: the number on the app's icon [default: unchanged]
    #[arg(long, value_name = "N")]
    pub unread: Option<u32>,
}

/// Which device.
#[derive(Debug, clap::Args)]
pub struct DeviceArg {
    /// The user
    pub user: String,
    /// The device
    pub device: String,
    #[command(flatten)]
    pub app: AppArg,
}

/// The tenant.
#[derive(Debug, clap::Args)]
pub struct AppArg {
    /// The app (tenant)
    #[arg(long, default_value = "default")]
    pub app: String,
}

/// Which channel a token is of.
#[derive(Debug, clap::Args)]
#[group(required = true, multiple = false)]
pub struct ChannelChoice {
    /// Name of the token's channel
    #[arg(long)]
    pub channel: Option<String>,
    /// Certificate id of that channel, instead of its name
    #[arg(long, value_name = "N")]
    pub certificate_id: Option<u32>,
}

//! What nudgectl can do, a file for each resource.
//!
//! In: the command line and a [`Session`]. Out: one request or a stream of them, and its answer for
//! people or for programs. Commands know each other only where one shows what another does.

mod channel;
mod check;
mod completions;
mod device;
mod driver;
mod events;
mod openapi;
mod preview;
mod queue;
mod reload;
mod revoke;
mod send;
mod settings;
mod status;
mod trace;
mod wait;

use super::args::{
    Args, ChannelCommand, Command, DeviceCommand, DriverCommand, QueueCommand, SettingsCommand,
};
use super::client::Client;
use super::error::CtlError;
use super::print::Out;
use super::session::Session;

/// Does what the command line says.
pub async fn run(args: Args, out: &mut Out) -> Result<(), CtlError> {
    let socket = args.socket(std::env::var_os("NUDGED_SOCKET").map(Into::into));
    let mut session = Session {
        client: Client::new(socket, args.timeout),
        json: args.json,
        out,
    };
    let done = command(&mut session, args.command).await;
    if let (true, Err(CtlError::Refused(problem))) = (session.json, &done) {
        session.value(problem)?;
    }
    done
}

async fn command(session: &mut Session<'_>, command: Command) -> Result<(), CtlError> {
    match command {
        Command::Send(args) => send::run(session, &args).await,
        Command::Preview(args) => preview::run(session, &args.notification).await,
        Command::Device(DeviceCommand::Put(args)) => device::put(session, *args).await,
        Command::Device(DeviceCommand::State(args)) => device::state(session, args).await,
        Command::Device(DeviceCommand::Ls { user, app }) => {
            device::ls(session, &app.app, &user).await
        }
        Command::Device(DeviceCommand::Rm { device }) => device::rm(session, &device).await,
        Command::Device(DeviceCommand::Import(args)) => device::import(session, &args).await,
        Command::Device(DeviceCommand::Tombstones(args)) => {
            device::tombstones(session, &args).await
        }
        Command::Device(DeviceCommand::Restore(args)) => device::restore(session, args).await,
        Command::Device(DeviceCommand::Export { file, app }) => {
            device::export(session, &app.app, &file).await
        }
        Command::Settings(SettingsCommand::Show { user, app }) => {
            settings::show(session, &app.app, &user).await
        }
        Command::Settings(SettingsCommand::Set(args)) => settings::set(session, &args).await,
        Command::Channel(ChannelCommand::Ls) => channel::ls(session).await,
        Command::Channel(ChannelCommand::Show { name }) => channel::show(session, &name).await,
        Command::Channel(ChannelCommand::Release { name, restore }) => {
            channel::release(session, &name, restore).await
        }
        Command::Channel(ChannelCommand::Add { rest }) => channel::add(session, &rest),
        Command::Driver(DriverCommand::Ls) => driver::ls(session).await,
        Command::Driver(DriverCommand::Show { name }) => driver::show(session, &name).await,
        Command::Trace { id } => trace::run(session, &id).await,
        Command::Revoke { id } => revoke::run(session, &id).await,
        Command::Queue(QueueCommand::Ls) => queue::ls(session).await,
        Command::Queue(QueueCommand::Show { channel, limit }) => {
            queue::show(session, &channel, limit).await
        }
        Command::Queue(QueueCommand::Flush { channel }) => queue::flush(session, channel).await,
        Command::Queue(QueueCommand::Hold { channel }) => queue::hold(session, channel).await,
        Command::Queue(QueueCommand::Release { channel, class }) => {
            queue::release(session, channel, class).await
        }
        Command::Queue(QueueCommand::Check { repair }) => queue::check(session, repair).await,
        Command::Queue(QueueCommand::Rm(args)) => queue::rm(session, &args).await,
        Command::Events(args) => events::run(session, &args).await,
        Command::Reload(args) => reload::run(session, &args).await,
        Command::Status => status::run(session).await,
        Command::Check { config } => check::run(session, &config).await,
        Command::Openapi => openapi::run(session),
        Command::Completions { shell } => completions::run(session, shell),
    }
}

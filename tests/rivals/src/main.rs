//! Clients that nudged is measured against: each sends what the daemon sends, a text of its
//! own in each, over one connection, and ends when all is answered with 200.
//!
//! In: the sink, the headers and a body to write over. Out: an exit status; who started it
//! reads what it cost. Nothing is stored and no answer is looked at beyond its status.

mod apple;
mod plain;
mod request;
mod route;

use std::process::ExitCode;

use clap::Parser;

use request::{Request, Requests};

/// Sends notifications to the sink of a measurement.
///
/// NUDGED_SINK (address and port) and NUDGED_SINK_CA (PEM file) say where it is.
#[derive(Debug, Parser)]
struct Arguments {
    #[command(subcommand)]
    client: Client,
    /// Notifications
    #[arg(long, global = true, default_value_t = 100_000)]
    count: usize,
    /// Requests that are kept in flight
    #[arg(long, global = true, default_value_t = 500)]
    under_way: usize,
    /// Tokens that are sent to, in turn
    #[arg(long, global = true, default_value_t = 10_000)]
    tokens: usize,
    /// A body; its first twelve zeros are overwritten with the number of the notification
    #[arg(long, global = true, value_name = "FILE", default_value = "body")]
    body: std::path::PathBuf,
    /// A header of each request
    #[arg(
        long = "header",
        short = 'H',
        global = true,
        value_name = "NAME: VALUE"
    )]
    headers: Vec<String>,
}

#[derive(Debug, clap::Subcommand)]
enum Client {
    /// The a2 crate
    A2 {
        /// The provider's key, a .p8 file
        #[arg(long)]
        key: std::path::PathBuf,
        /// Its id
        #[arg(long)]
        key_id: String,
        /// Whose it is
        #[arg(long)]
        team: String,
    },
    /// The reqwest crate; the headers must hold the authorization
    Reqwest,
}

type Failure = Box<dyn std::error::Error>;

// One thread, as one connection keeps one busy.
#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match run(Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("rival: {failure}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> Result<(), Failure> {
    let requests = Requests::new(
        &std::fs::read_to_string(&arguments.body)?,
        &arguments.headers,
        arguments.tokens,
    )?;
    let send = (arguments.count, arguments.under_way);
    match arguments.client {
        Client::A2 { key, key_id, team } => {
            let client = apple::client(&std::fs::read(key)?, key_id, team)?;
            let options = apple::options(&requests)?;
            all(send, |number| {
                apple::send(&client, &options, requests.numbered(number))
            })
            .await
        }
        Client::Reqwest => {
            let client = plain::client()?;
            let (url, headers) = (plain::url()?, plain::headers(&requests)?);
            all(send, |number| {
                plain::send(&client, &url, &headers, requests.numbered(number))
            })
            .await
        }
    }
}

/// The first alone, as it proves who sends; then so many at a time.
async fn all<F>(
    (count, under_way): (usize, usize),
    send: impl Fn(usize) -> F,
) -> Result<(), Failure>
where
    F: Future<Output = Result<(), Failure>>,
{
    use futures_util::stream::{self, StreamExt, TryStreamExt};

    send(0).await?;
    stream::iter(1..count)
        .map(send)
        .buffer_unordered(under_way)
        .try_collect()
        .await
}

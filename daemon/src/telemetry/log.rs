//! Logs: to the journal with their fields when systemd runs us, else as text to stderr.

use std::os::unix::fs::MetadataExt;

use nudged_wire::terminal::panic;
use tracing_subscriber::filter::EnvFilter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

/// What is logged unless `NUDGED_LOG` says otherwise.
const DEFAULT_FILTER: &str = "info,fjall=warn,lsm_tree=warn,h2=warn,hyper=warn,rustls=warn";

/// Begins to log, panics too.
pub fn start() {
    std::panic::set_hook(Box::new(|info| {
        let (thread, place, text) = panic::parts(info);
        tracing::error!(thread, place, text, "a thread panicked");
    }));
    let filter =
        EnvFilter::try_from_env("NUDGED_LOG").unwrap_or_else(|_| EnvFilter::new(DEFAULT_FILTER));
    let registry = tracing_subscriber::registry().with(filter);
    if is_journal()
        && let Ok(journal) = tracing_journald::layer()
    {
        registry
            .with(journal.with_syslog_identifier("nudged".to_owned()))
            .init();
        return;
    }
    let text = tracing_subscriber::fmt::layer()
        .with_writer(std::io::stderr)
        .with_ansi(false);
    registry.with(text.with_target(false)).init();
}

/// Whether stderr is the journal: systemd names its device and inode.
fn is_journal() -> bool {
    let Ok(named) = std::env::var("JOURNAL_STREAM") else {
        return false;
    };
    let Some((device, inode)) = named.split_once(':') else {
        return false;
    };
    let Ok(stderr) = std::fs::metadata("/proc/self/fd/2") else {
        return false;
    };
    device.parse() == Ok(stderr.dev()) && inode.parse() == Ok(stderr.ino())
}

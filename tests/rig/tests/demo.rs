//! The demo as whoever tries it runs it: in a terminal that closes, or below something that
//! ends it with a signal. It leaves nothing behind.

#![allow(
    clippy::unwrap_used,
    reason = "a test that panics has failed: that is what it is for"
)]

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};

/// It may have to build the daemon and its drivers first.
const TIMEOUT: Duration = Duration::from_secs(1800);

struct Demo {
    child: Child,
    pid: i32,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Demo {
    fn start() -> Demo {
        let mut child = Command::new(env!("CARGO_BIN_EXE_demo"))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("it starts");
        let pid = child.id().and_then(|pid| i32::try_from(pid).ok());
        let stdout = child.stdout.take().expect("piped");
        Demo {
            child,
            pid: pid.expect("it runs"),
            lines: BufReader::new(stdout).lines(),
        }
    }

    /// Reads on to a line with these words.
    async fn line(&mut self, words: &str) -> String {
        let reading = async {
            loop {
                let line = self.lines.next_line().await.expect("text");
                let line = line.unwrap_or_else(|| panic!("it ended before {words:?}"));
                if line.contains(words) {
                    return line;
                }
            }
        };
        let read = tokio::time::timeout(TIMEOUT, reading).await;
        read.unwrap_or_else(|_| panic!("{words:?} does not come"))
    }

    async fn ends_after(mut self, signal: Signal) -> Option<i32> {
        kill(Pid::from_raw(self.pid), signal).unwrap();
        // Somebody reads what it still says, as a terminal would.
        let reading = async { while let Ok(Some(_)) = self.lines.next_line().await {} };
        let (status, ()) =
            tokio::time::timeout(TIMEOUT, async { tokio::join!(self.child.wait(), reading) })
                .await
                .expect("it ends");
        status.unwrap().code()
    }
}

/// The processes whose parent this is.
fn children(parent: i32) -> Vec<i32> {
    let processes = std::fs::read_dir("/proc").unwrap().flatten();
    let ids = processes.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    ids.filter(|pid: &i32| {
        let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
        status
            .lines()
            .any(|line| line == format!("PPid:\t{parent}"))
    })
    .collect()
}

fn is_there(pid: i32) -> bool {
    Path::new(&format!("/proc/{pid}")).exists()
}

#[tokio::test]
async fn a_signal_ends_the_demo_with_its_daemon_and_its_directory() {
    for signal in [Signal::SIGTERM, Signal::SIGINT, Signal::SIGHUP] {
        let mut demo = Demo::start();
        demo.line("2. Starting").await;
        let directory = PathBuf::from(demo.line("/nudged-").await.trim());
        demo.line("Ctrl-C ends it").await;
        assert!(directory.join("nudged.sock").exists(), "{directory:?}");
        let daemons = children(demo.pid);
        assert_eq!(daemons.len(), 1, "{daemons:?}");

        let code = demo.ends_after(signal).await;

        assert_eq!(code, Some(0), "{signal}");
        assert!(!is_there(daemons[0]), "{signal}: the daemon goes on");
        assert!(!directory.exists(), "{signal}: {directory:?} is left");
    }
}

#[tokio::test]
async fn a_signal_while_the_demo_starts_leaves_no_daemon_behind() {
    let mut demo = Demo::start();
    demo.line("2. Starting").await;
    let directory = PathBuf::from(demo.line("/nudged-").await.trim());
    let daemons = children(demo.pid);

    // It is registering devices, or done with it.
    let code = demo.ends_after(Signal::SIGTERM).await;

    assert!(matches!(code, Some(0 | 143)), "{code:?}");
    assert!(daemons.iter().all(|pid| !is_there(*pid)), "{daemons:?}");
    assert!(!directory.exists(), "{directory:?} is left");
}

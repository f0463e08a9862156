//! A `nudged` process: started, watched, signalled, killed; and what it logged.

use std::ffi::OsString;
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::os::fd::BorrowedFd;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};
use tokio::net::UnixStream;
use tokio::process::{Child, Command};
use tokio::sync::watch;
use tokio::time::Instant;

use crate::home::Home;

/// How long anything may take before a run is given up; far over what anything takes.
pub const DEADLINE: Duration = Duration::from_secs(30);
/// How often it is looked whether the socket is there.
const POLL_INTERVAL: Duration = Duration::from_millis(5);

/// Why a daemon is not there.
#[derive(Debug, thiserror::Error)]
pub enum DaemonError {
    /// The program could not be started.
    #[error("{program} could not be started")]
    Spawn {
        /// The program.
        program: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// It ended before it was ready.
    #[error("nudged ended before it was ready: {status}\n{log}")]
    Ended {
        /// How.
        status: ExitStatus,
        /// What it logged.
        log: String,
    },
    /// It did not become ready, or did not end, in time.
    #[error("nudged did not {what} within {DEADLINE:?}\n{log}")]
    TooLate {
        /// What it should have done.
        what: &'static str,
        /// What it logged.
        log: String,
    },
    /// A signal could not be sent, or the end not be awaited.
    #[error("nudged cannot be signalled or awaited: {0}")]
    System(#[from] std::io::Error),
}

/// A socket that the daemon is to listen on.
#[derive(Debug)]
pub struct Passed<'a> {
    /// The socket.
    pub socket: BorrowedFd<'a>,
    /// Its name in `LISTEN_FDNAMES`.
    pub name: &'a str,
}

/// `LISTEN_PID` must be the daemon's own; descriptor 3 is the first that systemd passes.
const PASS: &str = "export LISTEN_PID=$$ LISTEN_FDS=1; exec \"$0\" \"$@\" 3<&0 0</dev/null";

/// A running `nudged`, killed when dropped.
#[derive(Debug)]
pub struct Daemon {
    child: Child,
    pid: i32,
    socket: PathBuf,
    log: Log,
}

impl Daemon {
    /// Starts it and waits until its socket accepts.
    pub async fn start(program: &Path, home: &Home, logged: &str) -> Result<Daemon, DaemonError> {
        let mut daemon = Daemon::spawn(program, home, logged, &[])?;
        daemon.ready().await?;
        Ok(daemon)
    }

    /// Starts it and waits for nothing; `logged` is how much it logs, such as `info`, and
    /// `more` what else it has in its environment.
    pub fn spawn(
        program: &Path,
        home: &Home,
        logged: &str,
        more: &[(&str, OsString)],
    ) -> Result<Daemon, DaemonError> {
        // A socket that an earlier daemon left behind must not be taken for this one's.
        let _absent = std::fs::remove_file(home.socket());
        Daemon::spawn_with(program, home, logged, more, None)
    }

    /// As [`Daemon::spawn`], with a socket that somebody keeps for it.
    pub fn spawn_with(
        program: &Path,
        home: &Home,
        logged: &str,
        more: &[(&str, OsString)],
        passed: Option<Passed<'_>>,
    ) -> Result<Daemon, DaemonError> {
        let source = |source| DaemonError::Spawn {
            program: program.to_owned(),
            source,
        };
        let (mut command, stdin) = match passed {
            None => (Command::new(program), Stdio::null()),
            Some(passed) => {
                let mut command = Command::new("/bin/sh");
                command.args(["-c", PASS]).arg(program);
                command.env("LISTEN_FDNAMES", passed.name);
                let socket = passed.socket.try_clone_to_owned().map_err(source)?;
                (command, Stdio::from(socket))
            }
        };
        let mut child = command
            .arg("--config")
            .arg(home.config())
            .env("NUDGED_LOG", logged)
            .env_remove("NOTIFY_SOCKET")
            .env_remove("JOURNAL_STREAM")
            .env_remove("LISTEN_FDS")
            .envs(more.iter().cloned())
            .stdin(stdin)
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .map_err(source)?;
        let pid = child
            .id()
            .and_then(|pid| i32::try_from(pid).ok())
            .unwrap_or_default();
        let stderr = child.stderr.take();
        let file = OpenOptions::new()
            .create(true)
            .append(true)
            .open(home.path().join("nudged.log"))
            .map_err(source)?;
        let log = Log::of(stderr, file);
        Ok(Daemon {
            child,
            pid,
            socket: home.socket(),
            log,
        })
    }

    /// Waits until the socket accepts.
    pub async fn ready(&mut self) -> Result<(), DaemonError> {
        let until = Instant::now() + DEADLINE;
        loop {
            if UnixStream::connect(&self.socket).await.is_ok() {
                return Ok(());
            }
            if let Some(status) = self.child.try_wait()? {
                self.log.complete().await;
                return Err(DaemonError::Ended {
                    status,
                    log: self.log(),
                });
            }
            if Instant::now() >= until {
                return Err(DaemonError::TooLate {
                    what: "become ready",
                    log: self.log(),
                });
            }
            tokio::time::sleep(POLL_INTERVAL).await;
        }
    }

    /// Its process id.
    pub fn pid(&self) -> i32 {
        self.pid
    }

    /// Sends a signal.
    pub fn signal(&self, signal: Signal) -> Result<(), DaemonError> {
        Ok(kill(Pid::from_raw(self.pid), signal).map_err(std::io::Error::from)?)
    }

    /// Kills it without warning and waits until it is gone.
    pub async fn kill9(mut self) -> Result<(), DaemonError> {
        self.child.start_kill()?;
        self.exited().await?;
        Ok(())
    }

    /// Asks it to stop and waits until it has.
    pub async fn terminate(mut self) -> Result<ExitStatus, DaemonError> {
        self.signal(Signal::SIGTERM)?;
        self.exited().await
    }

    /// Waits until it has ended by itself.
    pub async fn exited(&mut self) -> Result<ExitStatus, DaemonError> {
        match tokio::time::timeout(DEADLINE, self.child.wait()).await {
            Ok(status) => {
                let status = status?;
                self.log.complete().await;
                Ok(status)
            }
            Err(_) => Err(DaemonError::TooLate {
                what: "end",
                log: self.log(),
            }),
        }
    }

    /// What it has logged so far.
    pub fn log(&self) -> String {
        self.log.text()
    }

    /// A view of the log that outlives the process.
    pub fn log_view(&self) -> Log {
        self.log.clone()
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("--- log of nudged ---\n{}--- end of log ---", self.log());
        }
    }
}

/// What a process writes to stderr, also kept in a file.
#[derive(Debug, Clone)]
pub struct Log {
    text: Arc<Mutex<String>>,
    /// Bytes so far; closed when the process has closed its end.
    length: watch::Receiver<usize>,
}

impl Log {
    fn of(stderr: Option<impl AsyncRead + Unpin + Send + 'static>, mut file: File) -> Log {
        let text = Arc::<Mutex<String>>::default();
        let (written, length) = watch::channel(0);
        let log = Log {
            text: text.clone(),
            length,
        };
        if let Some(stderr) = stderr {
            tokio::spawn(async move {
                let mut lines = BufReader::new(stderr);
                let mut line = Vec::new();
                while let Ok(1..) = lines.read_until(b'\n', &mut line).await {
                    // The copy on disk is for people; a full disk is not the run's failure.
                    let _full = file.write_all(&line);
                    let mut text = text.lock().unwrap_or_else(PoisonError::into_inner);
                    text.push_str(&String::from_utf8_lossy(&line));
                    written.send_replace(text.len());
                    line.clear();
                }
            });
        }
        log
    }

    /// All of it.
    pub fn text(&self) -> String {
        self.text
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Waits until a text is in it; false when that does not happen in time.
    pub async fn wait_for(&self, wanted: &str) -> bool {
        let mut length = self.length.clone();
        let found = async {
            loop {
                length.borrow_and_update();
                if self.text().contains(wanted) {
                    return true;
                }
                if length.changed().await.is_err() {
                    return self.text().contains(wanted);
                }
            }
        };
        tokio::time::timeout(DEADLINE, found).await.unwrap_or(false)
    }

    async fn complete(&self) {
        let mut length = self.length.clone();
        let closed = async { while length.changed().await.is_ok() {} };
        let _late = tokio::time::timeout(DEADLINE, closed).await;
    }
}

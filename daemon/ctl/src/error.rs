use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use nudged_wire::ConfigProblems;
use nudged_wire::Problem;

/// The daemon refused, or a delivery did not end well.
const REFUSED: u8 = 1;
/// The command line, or a file that it names.
const USAGE: u8 = 2;
/// The daemon cannot be reached.
const UNREACHABLE: u8 = 3;
/// The daemon was asked, and its answer did not come or did not end.
const NO_ANSWER: u8 = 4;
/// `EX_CONFIG` of sysexits.h: the configuration was refused.
const CONFIG: u8 = 78;

/// Why nudgectl did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum CtlError {
    /// The options do not fit together.
    #[error("{0}")]
    Usage(String),
    /// A file that the command line names.
    #[error("cannot read {}: {source}", file.display())]
    Input { file: PathBuf, source: io::Error },
    /// A file that is to be written.
    #[error("cannot write {}: {source}", file.display())]
    File { file: PathBuf, source: io::Error },
    /// The daemon's program, which knows configurations and drivers.
    #[error("{}: {source}", program.display())]
    Program {
        program: PathBuf,
        /// Why it gave no answer.
        source: io::Error,
    },
    /// The socket cannot be opened.
    #[error("cannot reach the daemon on {}: {source}", socket.display())]
    Unreachable { socket: PathBuf, source: io::Error },
    /// The daemon ended or hung up before it had answered.
    #[error("the connection to the daemon was lost: {}", chain(.0))]
    Disconnected(#[from] hyper::Error),
    /// The daemon takes too long.
    #[error("no answer from the daemon within {}", humantime::format_duration(*.0))]
    TimedOut(Duration),
    /// The answer is longer than any of this daemon.
    #[error("the answer to {request} is longer than {limit} bytes")]
    TooLong { request: String, limit: usize },
    /// The stream of events has ended.
    #[error("the daemon ended the stream")]
    StreamEnded {
        /// Where it can be continued.
        cursor: Option<u64>,
    },
    /// The daemon said no.
    #[error("{}", .0.title)]
    Refused(Box<Problem>),
    /// The answer is none of this daemon.
    #[error("the answer to {request} is not understood: {answer}")]
    BadResponse {
        request: String,
        /// What is wrong with it.
        answer: String,
    },
    /// The daemon has no such thing.
    #[error("{0}")]
    NotFound(String),
    /// Lines of a stream were refused, and each was told.
    #[error("{refused} of {lines} {what} were refused")]
    LinesRefused {
        refused: u64,
        lines: u64,
        what: &'static str,
    },
    /// Deliveries have ended otherwise than hoped for, or not at all.
    #[error("{0}")]
    NotAccepted(String),
    /// The queue is not as it should be.
    #[error("{damaged} damaged records, {lost} lost deliveries")]
    Damaged {
        /// Records that cannot be read.
        damaged: usize,
        /// Deliveries that have no outcome and stand nowhere.
        lost: usize,
    },
    /// `check` found mistakes.
    #[error("the configuration has mistakes")]
    Config(ConfigProblems),
    /// Standard output cannot be written.
    #[error("cannot write the output: {0}")]
    Output(#[source] io::Error),
    /// The system gives no event queue.
    #[error("cannot start: {0}")]
    Runtime(#[source] io::Error),
}

impl CtlError {
    pub fn code(&self) -> u8 {
        match self {
            Self::Usage(_) | Self::Input { .. } | Self::File { .. } => USAGE,
            Self::Unreachable { .. } | Self::Disconnected(_) | Self::StreamEnded { .. } => {
                UNREACHABLE
            }
            Self::TimedOut(_) | Self::TooLong { .. } => NO_ANSWER,
            Self::Refused(problem) if problem.code == "reload_refused" => CONFIG,
            Self::Config(_) => CONFIG,
            Self::Refused(_)
            | Self::BadResponse { .. }
            | Self::NotFound(_)
            | Self::LinesRefused { .. }
            | Self::NotAccepted(_)
            | Self::Damaged { .. }
            | Self::Output(_)
            | Self::Program { .. }
            | Self::Runtime(_) => REFUSED,
        }
    }

    /// What people read of it, line by line.
    pub fn lines(&self) -> Vec<String> {
        match self {
            Self::Refused(problem) => problem_lines(problem),
            Self::Config(problems) => {
                let problems = problems.0.iter().map(ToString::to_string);
                std::iter::once(self.to_string()).chain(problems).collect()
            }
            Self::Unreachable { socket, source } => {
                vec![
                    self.to_string(),
                    format!("  hint: {}", advice(socket, source)),
                ]
            }
            Self::Program { .. } => {
                let hint = "  hint: nudgectl asks the daemon's program about files; install nudged \
                            of the same version beside nudgectl";
                vec![self.to_string(), hint.to_owned()]
            }
            Self::Usage(_) => vec![self.to_string(), "  hint: see nudgectl --help".to_owned()],
            Self::Disconnected(_) => {
                let hint = "  hint: see its log: journalctl -u nudged";
                vec![self.to_string(), hint.to_owned()]
            }
            Self::TimedOut(_) => {
                let hint = "  hint: it may have been done nevertheless; see its log \
                            (journalctl -u nudged), or allow more time with --timeout";
                vec![self.to_string(), hint.to_owned()]
            }
            Self::TooLong { .. } => {
                let hint = "  hint: is that the socket of nudged?";
                vec![self.to_string(), hint.to_owned()]
            }
            Self::Damaged { .. } => {
                let hint =
                    "  hint: nudgectl queue check --repair ends what is lost; check the disk";
                vec![self.to_string(), hint.to_owned()]
            }
            Self::StreamEnded {
                cursor: Some(cursor),
            } => {
                let hint = format!("  hint: continue with nudgectl events -f --since {cursor}");
                vec![self.to_string(), hint]
            }
            _ => vec![self.to_string()],
        }
    }
}

/// A problem of the API in lines.
pub fn problem_lines(problem: &Problem) -> Vec<String> {
    // Where there is a list, the detail repeats it.
    let detail = if problem.problems.is_empty() {
        problem.detail.as_str()
    } else {
        ""
    };
    let mut lines = vec![match detail {
        "" => problem.title.clone(),
        detail => format!("{}: {detail}", problem.title),
    }];
    lines.extend(problem.problems.iter().map(ToString::to_string));
    if let Some(field) = &problem.field {
        lines.push(format!("  field: {field}"));
    }
    if let Some(hint) = &problem.hint {
        lines.push(format!("  hint: {hint}"));
    }
    lines
}

fn chain(error: &hyper::Error) -> String {
    let mut text = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(error) = source {
        text.push_str(&format!(": {error}"));
        source = error.source();
    }
    text
}

fn advice(socket: &Path, error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => {
            "is nudged running? (systemctl status nudged); another socket is named with --socket \
             or NUDGED_SOCKET"
                .to_owned()
        }
        io::ErrorKind::ConnectionRefused => {
            "the socket exists but nobody listens: nudged has ended (systemctl status nudged)"
                .to_owned()
        }
        io::ErrorKind::PermissionDenied => match group(socket) {
            Some(group) => format!("run as root, or become a member of the group {group}"),
            None => "run as root, or become a member of the group that owns the socket".to_owned(),
        },
        io::ErrorKind::WouldBlock => "it is busy with other callers; try again".to_owned(),
        _ => "is that the socket of nudged?".to_owned(),
    }
}

/// The group of the socket, or of the directory where the socket cannot be seen.
fn group(socket: &Path) -> Option<String> {
    use std::os::unix::fs::MetadataExt;
    let metadata = std::fs::metadata(socket)
        .or_else(|error| socket.parent().map_or(Err(error), std::fs::metadata))
        .ok()?;
    let group = nix::unistd::Group::from_gid(metadata.gid().into()).ok()??;
    Some(group.name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use nudged_wire::Code;

    #[test]
    fn exit_codes_are_the_documented_ones() {
        let socket = PathBuf::from("/nowhere/nudged.sock");
        let source = io::Error::from(io::ErrorKind::NotFound);
        assert_eq!(CtlError::Usage("x".to_owned()).code(), 2);
        assert_eq!(CtlError::Unreachable { socket, source }.code(), 3);
        assert_eq!(CtlError::TimedOut(Duration::from_secs(1)).code(), 4);
        assert_eq!(CtlError::Config(ConfigProblems::default()).code(), 78);
        let refused = |code| CtlError::Refused(Box::new(Problem::new(code, "x"))).code();
        assert_eq!(refused(Code::Invalid), 1);
        assert_eq!(refused(Code::Forbidden), 1);
        assert_eq!(refused(Code::ReloadRefused), 78);
        assert_eq!(CtlError::NotAccepted("x".to_owned()).code(), 1);
    }

    #[test]
    fn a_refused_reload_names_every_place() {
        let mut problem = Problem::new(Code::ReloadRefused, "1 mistake").hint("put it right");
        problem.problems.push(
            nudged_wire::ConfigProblem::new(
                Path::new("/etc/nudged/channels.d/ios.toml"),
                "is missing",
            )
            .at(Some(4))
            .key("topic")
            .hint("set it"),
        );
        let lines = CtlError::Refused(Box::new(problem)).lines();
        assert_eq!(lines.len(), 3, "the detail repeats the list: {lines:?}");
        assert_eq!(lines[2], "  hint: put it right");
        assert_eq!(
            lines[1],
            "/etc/nudged/channels.d/ios.toml:4: topic: is missing (set it)"
        );
    }

    #[test]
    fn a_missing_socket_asks_whether_the_daemon_runs() {
        let source = io::Error::from(io::ErrorKind::NotFound);
        let lines = CtlError::Unreachable {
            socket: "/nowhere/x.sock".into(),
            source,
        }
        .lines();
        assert!(lines[0].contains("/nowhere/x.sock"), "{lines:?}");
        assert!(lines[1].contains("is nudged running?"), "{lines:?}");
    }
}

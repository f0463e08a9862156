//! Somebody else than the daemon's user at the socket. Only root can be somebody else.

use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Output, Stdio};

use nudged_rig::{DEADLINE, Rig, RigOptions, Settings};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::net::UnixStream;
use tokio::process::{Child, ChildStdout, Command};

use crate::world::prepared;

const NOBODY: u32 = 65534;

/// Runs something on a thread of its own that is another user in these groups: to the kernel, a
/// thread's identity is the thread's. It must not be for long, as nothing else of the program
/// knows.
pub fn as_user<T: Send>(uid: u32, groups: &[u32], run: impl FnOnce() -> T + Send) -> T {
    use nix::libc::{SYS_setgroups, SYS_setresgid, SYS_setresuid, syscall};
    std::thread::scope(|scope| {
        let other = scope.spawn(|| {
            // SAFETY: they change this thread only, which ends with the closure; the list of groups
            // lives as long as the call.
            let results = unsafe {
                [
                    syscall(SYS_setgroups, groups.len(), groups.as_ptr()),
                    syscall(SYS_setresgid, uid, uid, uid),
                    syscall(SYS_setresuid, uid, uid, uid),
                ]
            };
            assert_eq!(results, [0; 3], "{}", std::io::Error::last_os_error());
            run()
        });
        other.join().unwrap()
    })
}

/// What user 65534 has started.
pub struct Running {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Running {
    /// The next line that it prints; none at its end.
    pub async fn line(&mut self) -> Option<String> {
        let line = tokio::time::timeout(DEADLINE, self.lines.next_line()).await;
        line.unwrap().unwrap()
    }

    /// Gives it a line to read.
    pub async fn feed(&mut self, line: &str) {
        let stdin = self.child.stdin.as_mut().expect("it is fed");
        stdin
            .write_all(format!("{line}\n").as_bytes())
            .await
            .unwrap();
    }

    /// Its exit code, and what it complained of, once it has ended and all lines are read.
    pub async fn end(mut self) -> (Option<i32>, String) {
        while self.line().await.is_some() {}
        let output = tokio::time::timeout(DEADLINE, self.child.wait_with_output()).await;
        let output = output.unwrap().unwrap();
        let complaint = String::from_utf8(output.stderr).unwrap();
        (output.status.code(), complaint)
    }

    /// Ends it.
    pub async fn kill(mut self) {
        self.child.kill().await.unwrap();
    }
}

/// User 65534, and a daemon that it may reach.
pub struct Stranger {
    pub rig: Rig,
    program: PathBuf,
}

impl Stranger {
    /// With these access rules; none when nobody else can be played here.
    pub async fn under(rules: &str) -> Option<Self> {
        Self::with(rules, "").await
    }

    /// And with these keys of `[socket]`.
    pub async fn with(rules: &str, socket: &str) -> Option<Self> {
        if !nix::unistd::geteuid().is_root() {
            return None;
        }
        let mut rig = prepared(RigOptions {
            settings: Settings {
                more: rules.into(),
                ..Settings::default()
            },
            ..RigOptions::default()
        })
        .await;
        let config = std::fs::read_to_string(rig.home.config()).unwrap();
        let keys = format!("[socket]\nmode = 0o666\n{socket}");
        let config = config.replacen("[socket]\n", &keys, 1);
        rig.home.write("nudged.toml", config).unwrap();
        let open = std::fs::Permissions::from_mode(0o755);
        std::fs::set_permissions(rig.home.path(), open).unwrap();
        // Where the build lies, others may not look.
        let program = rig.home.path().join("nudgectl");
        std::fs::copy(&rig.artifacts.nudgectl, &program).unwrap();
        rig.launch().await.unwrap();
        Some(Self { rig, program })
    }

    /// Connects as somebody else.
    pub fn connect(&self, uid: u32, groups: &[u32]) -> UnixStream {
        let socket = self.rig.home.socket();
        let stream = as_user(uid, groups, || {
            std::os::unix::net::UnixStream::connect(socket)
        });
        let stream = stream.unwrap();
        stream.set_nonblocking(true).unwrap();
        UnixStream::from_std(stream).unwrap()
    }

    /// Asks as somebody else, on a connection of its own, and returns all that is answered.
    pub async fn ask(&self, uid: u32, groups: &[u32], words: &str) -> String {
        let mut stream = self.connect(uid, groups);
        // One that is turned away at once may be cut off before it has said all.
        let _cut = stream.write_all(words.as_bytes()).await;
        let _cut = stream.shutdown().await;
        let mut answer = Vec::new();
        let reading = stream.read_to_end(&mut answer);
        let _reset = tokio::time::timeout(DEADLINE, reading).await.unwrap();
        String::from_utf8(answer).unwrap()
    }

    pub async fn nudgectl(&self, arguments: &[&str]) -> Output {
        let output = tokio::time::timeout(DEADLINE, self.command(arguments).output()).await;
        output.unwrap().unwrap()
    }

    /// As [`Self::nudgectl`], but goes on beside the test.
    pub fn start(&self, arguments: &[&str]) -> Running {
        self.running(self.command(arguments))
    }

    /// As [`Self::start`], with lines to read that are given one by one.
    pub fn start_fed(&self, arguments: &[&str]) -> Running {
        let mut command = self.command(arguments);
        command.stdin(Stdio::piped());
        self.running(command)
    }

    fn running(&self, mut command: Command) -> Running {
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Running { child, lines }
    }

    /// Puts other access rules into force.
    pub async fn rule(&self, rules: &str) {
        let config = std::fs::read_to_string(self.rig.home.config()).unwrap();
        let (before, _) = config.split_once("[[access]]").unwrap();
        let config = format!("{before}{rules}");
        self.rig.home.write("nudged.toml", config).unwrap();
        let reload = self.rig.client.post("/v1/reload", &Value::Null).await;
        reload.unwrap().expect(200);
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        command.arg("--socket").arg(self.rig.home.socket());
        command.args(arguments);
        command.uid(NOBODY).gid(NOBODY).kill_on_drop(true);
        command
    }
    /// Sends a body; the HTTP status and the answer.
    pub async fn post(&self, path: &str, body: &str) -> (String, serde_json::Value) {
        let mut command = Command::new("curl");
        command.args(["--silent", "--show-error", "--write-out", "\n%{http_code}"]);
        command.args(["--header", "content-type: application/json"]);
        command.args(["--data-binary", body, "--unix-socket"]);
        command.arg(self.rig.home.socket());
        command.arg(format!("http://nudged{path}"));
        command.uid(NOBODY).gid(NOBODY).kill_on_drop(true);
        let output = tokio::time::timeout(DEADLINE, command.output()).await;
        let output = output.unwrap().expect("curl is there");
        let text = String::from_utf8(output.stdout).unwrap();
        let (answer, status) = text.rsplit_once('\n').expect("a status");
        (status.to_owned(), serde_json::from_str(answer).unwrap())
    }
}

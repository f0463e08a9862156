//! Somebody else than the daemon's user at the socket. Only root can be somebody else.

use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::Output;

use nudged_rig::{DEADLINE, Rig, RigOptions, Settings};
use tokio::process::Command;

use crate::support::prepared;

const NOBODY: u32 = 65534;

/// User 65534, and a daemon that it may reach.
pub struct Stranger {
    pub rig: Rig,
    program: PathBuf,
}

impl Stranger {
    /// With these access rules; none when nobody else can be played here.
    pub async fn under(rules: &str) -> Option<Self> {
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
        let config = config.replacen("[socket]\n", "[socket]\nmode = 0o666\n", 1);
        rig.home.write("nudged.toml", config).unwrap();
        let open = std::fs::Permissions::from_mode(0o755);
        std::fs::set_permissions(rig.home.path(), open).unwrap();
        // Where the build lies, others may not look.
        let program = rig.home.path().join("nudgectl");
        std::fs::copy(&rig.artifacts.nudgectl, &program).unwrap();
        rig.launch().await.unwrap();
        Some(Self { rig, program })
    }

    pub async fn nudgectl(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(&self.program);
        command.arg("--socket").arg(self.rig.home.socket());
        command.args(arguments);
        command.uid(NOBODY).gid(NOBODY).kill_on_drop(true);
        let output = tokio::time::timeout(DEADLINE, command.output()).await;
        output.unwrap().unwrap()
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

//! Programs beside the daemon: run to their end, with what they printed.

use std::path::Path;
use std::process::Stdio;

use nudged_rig::{DEADLINE, Rig};
use tokio::io::AsyncWriteExt;
use tokio::process::Command;

/// What a program did.
#[derive(Debug)]
pub struct Ran {
    /// Its exit code.
    pub code: Option<i32>,
    /// What it printed.
    pub out: String,
    /// What it complained of.
    pub err: String,
}

/// Runs a program to its end, which must come in time.
pub async fn run(program: &Path, arguments: &[&str], input: &str) -> Ran {
    let mut child = Command::new(program)
        .args(arguments)
        .env_remove("NOTIFY_SOCKET")
        .env_remove("NUDGED_SOCKET")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .expect("the program starts");
    let mut stdin = child.stdin.take().expect("piped");
    // A program that does not read its input may be gone already.
    let _unread = stdin.write_all(input.as_bytes()).await;
    drop(stdin);
    let output = tokio::time::timeout(DEADLINE, child.wait_with_output())
        .await
        .unwrap_or_else(|_| panic!("{arguments:?} does not end"))
        .expect("it can be awaited");
    Ran {
        code: output.status.code(),
        out: String::from_utf8(output.stdout).expect("text"),
        err: String::from_utf8(output.stderr).expect("text"),
    }
}

/// Runs nudgectl against the rig's daemon.
pub async fn nudgectl(rig: &Rig, arguments: &[&str]) -> Ran {
    nudgectl_reading(rig, arguments, "").await
}

/// The same with something on its standard input.
pub async fn nudgectl_reading(rig: &Rig, arguments: &[&str], input: &str) -> Ran {
    let socket = rig.home.socket();
    let all = [&["--socket", socket.to_str().expect("plain")], arguments].concat();
    run(&rig.artifacts.nudgectl, &all, input).await
}

//! What the kernel knows of a process: its processor time, its memory and its files.

use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use nix::sys::resource::{UsageWho, getrusage};
use nix::time::{ClockId, clock_gettime};
use nix::unistd::Pid;

/// The processor time of a running process, user and system, all threads.
pub(crate) struct Cpu(ClockId);

impl Cpu {
    pub(crate) fn of(pid: i32) -> std::io::Result<Cpu> {
        Ok(Cpu(ClockId::pid_cpu_clock_id(Pid::from_raw(pid))?))
    }

    pub(crate) fn seconds(&self) -> std::io::Result<f64> {
        let time = clock_gettime(self.0)?;
        Ok(time.tv_sec() as f64 + time.tv_nsec() as f64 / 1e9)
    }
}

impl Cpu {
    /// Returns once the process hardly works any more, after `longest` at the latest.
    pub(crate) async fn rest(&self, longest: Duration) -> std::io::Result<()> {
        let end = Instant::now() + longest;
        let mut before = self.seconds()?;
        while Instant::now() < end {
            tokio::time::sleep(Duration::from_secs(1)).await;
            let now = self.seconds()?;
            if now - before < 0.02 {
                return Ok(());
            }
            before = now;
        }
        Ok(())
    }
}

/// What a directory takes on the disk, in bytes.
pub(crate) fn bytes_of(directory: &Path) -> std::io::Result<u64> {
    let mut bytes = 0;
    for entry in std::fs::read_dir(directory)? {
        let entry = entry?;
        bytes += if entry.file_type()?.is_dir() {
            bytes_of(&entry.path())?
        } else {
            entry.metadata()?.blocks() * 512
        };
    }
    Ok(bytes)
}

/// The processor time of all children that have ended and been waited for.
fn seconds_of_children() -> std::io::Result<f64> {
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN)?;
    let seconds =
        |time: nix::sys::time::TimeVal| time.tv_sec() as f64 + time.tv_usec() as f64 / 1e6;
    Ok(seconds(usage.user_time()) + seconds(usage.system_time()))
}

/// What a program took from its start to its end.
pub(crate) struct Run {
    pub(crate) output: Output,
    pub(crate) took: Duration,
    pub(crate) cpu_seconds: f64,
    /// As far as one could see while it ran.
    pub(crate) peak_rss_mib: Option<f64>,
}

/// How often the memory of a program that runs is looked at.
const LOOK: Duration = Duration::from_millis(10);

/// Runs a program to its end. No other child may end meanwhile.
pub(crate) fn run(command: &mut Command) -> std::io::Result<Run> {
    let before = seconds_of_children()?;
    let began = Instant::now();
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()?;
    let (pid, mut peak) = (child.id() as i32, None);
    // What it says on stderr is a sentence, which waits in the pipe.
    while child.try_wait()?.is_none() {
        peak = peak_rss_mib(pid).ok().or(peak);
        std::thread::sleep(LOOK);
    }
    let took = began.elapsed();
    Ok(Run {
        output: child.wait_with_output()?,
        took,
        cpu_seconds: seconds_of_children()? - before,
        peak_rss_mib: peak,
    })
}

/// The most memory that the process ever had resident.
pub(crate) fn peak_rss_mib(pid: i32) -> std::io::Result<f64> {
    memory_mib(pid, "VmHWM:")
}

/// The memory that the process has resident now.
pub(crate) fn rss_mib(pid: i32) -> std::io::Result<f64> {
    memory_mib(pid, "VmRSS:")
}

/// The files, sockets and the like that it has open.
pub(crate) fn open_files(pid: i32) -> std::io::Result<usize> {
    let directory = format!("/proc/{pid}/fd");
    match std::fs::read_dir(&directory) {
        Ok(open) => Ok(open.count()),
        // The daemon lets none but root look; since Linux 6.2 the size says how many there are.
        Err(error) if error.kind() == std::io::ErrorKind::PermissionDenied => {
            Ok(std::fs::metadata(directory)?.len() as usize)
        }
        Err(error) => Err(error),
    }
}

fn memory_mib(pid: i32, of: &str) -> std::io::Result<f64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix(of))
        .unwrap_or_default();
    let kib: f64 = line
        .trim()
        .trim_end_matches(" kB")
        .parse()
        .map_err(std::io::Error::other)?;
    Ok(kib / 1024.0)
}

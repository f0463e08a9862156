//! What the daemon holds, second by second: memory, open files, disk.

use std::fmt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::time::Instant;

use super::report::Third;
use crate::cost::{open_files, rss_mib};

const APART: Duration = Duration::from_secs(1);
const MIB: f64 = 1024.0 * 1024.0;

/// All of them.
#[derive(Debug)]
pub(super) struct Samples {
    pid: i32,
    data: PathBuf,
    next: Instant,
    taken: Vec<Sample>,
}

/// One of them.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sample {
    rss_mib: f64,
    open_files: usize,
    disk_mib: f64,
}

impl fmt::Display for Sample {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Sample {
            rss_mib,
            open_files,
            disk_mib,
        } = self;
        write!(
            f,
            "{rss_mib:.0} MiB resident, {open_files} files open, {disk_mib:.1} MiB on disk"
        )
    }
}

impl Samples {
    pub(super) fn of(pid: i32, data: PathBuf) -> Samples {
        Samples {
            pid,
            data,
            next: Instant::now(),
            taken: Vec::new(),
        }
    }

    /// The next one, if it is time.
    pub(super) fn take_when_due(&mut self) -> std::io::Result<Option<Sample>> {
        if Instant::now() < self.next {
            return Ok(None);
        }
        self.next += APART;
        let sample = Sample {
            rss_mib: rss_mib(self.pid)?,
            open_files: open_files(self.pid)?,
            disk_mib: size_of(&self.data) as f64 / MIB,
        };
        self.taken.push(sample);
        Ok(Some(sample))
    }

    /// The medians of the first and of the last third; one sample is both.
    pub(super) fn thirds(&self) -> Option<[Third; 2]> {
        let third = self.taken.len().div_ceil(3);
        let first = self.taken.get(..third)?;
        let last = self.taken.get(self.taken.len() - third..)?;
        Some([medians(first)?, medians(last)?])
    }
}

fn medians(samples: &[Sample]) -> Option<Third> {
    let median = |of: fn(&Sample) -> f64| {
        let mut values: Vec<_> = samples.iter().map(of).collect();
        values.sort_unstable_by(f64::total_cmp);
        values.get(values.len() / 2).copied()
    };
    Some(Third {
        rss_mib: median(|it| it.rss_mib)?,
        open_files: median(|it| it.open_files as f64)?,
        disk_mib: median(|it| it.disk_mib)?,
    })
}

/// What a directory takes up. Files come and go meanwhile; one that is gone takes nothing.
fn size_of(directory: &Path) -> u64 {
    let Ok(entries) = std::fs::read_dir(directory) else {
        return 0;
    };
    let sizes = entries.flatten().map(|entry| match entry.metadata() {
        Ok(metadata) if metadata.is_dir() => size_of(&entry.path()),
        Ok(metadata) => metadata.blocks() * 512,
        Err(_) => 0,
    });
    sizes.sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_thirds_are_the_first_and_the_last() {
        let mut samples = Samples::of(0, PathBuf::new());
        assert!(samples.thirds().is_none());
        samples.taken = (1..=6)
            .map(|at| Sample {
                rss_mib: f64::from(at),
                open_files: 10,
                disk_mib: 0.5,
            })
            .collect();

        let [first, last] = samples.thirds().unwrap();

        assert_eq!((first.rss_mib, last.rss_mib), (2.0, 6.0));
        assert_eq!((first.open_files, last.disk_mib), (10.0, 0.5));
    }
}

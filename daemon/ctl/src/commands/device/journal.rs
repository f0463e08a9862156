//! What an import leaves beside its file: how far it is, and what was refused.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Seek, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, UNIX_EPOCH};

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::error::CtlError;
use nudged_wire::ImportRefusal;

/// What has been written down is no older than this.
const EVERY: Duration = Duration::from_millis(200);

/// How far an import is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
pub struct Done {
    /// All lines of the file up to this one are on disk or refused.
    pub line: u64,
    /// Lines that are on disk.
    pub accepted: u64,
    /// Lines that were refused.
    pub refused: u64,
    /// Tokens that another device had.
    pub taken: u64,
    /// Length of what tells of the refused.
    rejected_bytes: u64,
    /// Of which file: another one under this name begins anew.
    of: Mark,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
struct Mark {
    size: u64,
    modified_ms: u64,
}

/// Writes down how far an import is.
pub struct Journal {
    pub done: Done,
    files: Option<Files>,
    written: Option<Instant>,
}

struct Files {
    progress: PathBuf,
    rejected: PathBuf,
    open: Option<BufWriter<File>>,
}

/// A refused line, as it is written down.
#[derive(Serialize)]
struct Rejected<'a> {
    #[serde(flatten)]
    why: &'a ImportRefusal,
    #[serde(skip_serializing_if = "Option::is_none")]
    was: Option<&'a RawValue>,
}

impl Journal {
    /// Of a file, from where it was left; of standard input there is none.
    pub fn open(file: &Path) -> Result<Self, CtlError> {
        if file == Path::new("-") {
            return Ok(Self {
                done: Done::default(),
                files: None,
                written: None,
            });
        }
        let of = mark(file).map_err(|source| CtlError::Input {
            file: file.to_owned(),
            source,
        })?;
        let files = Files {
            progress: beside(file, ".progress"),
            rejected: beside(file, ".rejected"),
            open: None,
        };
        let left: Option<Done> = fs::read(&files.progress)
            .ok()
            .and_then(|json| serde_json::from_slice(&json).ok());
        let done = match left.filter(|left| left.of == of) {
            Some(left) => left,
            None => Done {
                of,
                ..Done::default()
            },
        };
        let mut journal = Self {
            done,
            files: Some(files),
            written: None,
        };
        journal.forget_what_comes_again()?;
        Ok(journal)
    }

    /// Where the refused lines are told, if anywhere.
    pub fn rejected(&self) -> Option<&Path> {
        self.files.as_ref().map(|files| files.rejected.as_path())
    }

    /// Tells of a refused line. Says whether there is a file for that.
    pub fn reject(&mut self, why: &ImportRefusal, was: Option<&[u8]>) -> Result<bool, CtlError> {
        self.done.refused += 1;
        let Some(files) = &mut self.files else {
            return Ok(false);
        };
        let was = was.and_then(|was| serde_json::from_slice(was).ok());
        let rejected = Rejected { why, was };
        let mut line = serde_json::to_vec(&rejected).unwrap_or_default();
        line.push(b'\n');
        self.done.rejected_bytes += line.len() as u64;
        let written = files.rejected_file().and_then(|to| to.write_all(&line));
        written
            .map_err(|source| files.failed(source))
            .map(|()| true)
    }

    /// Writes down how far it is, unless that was done just now.
    pub fn note(&mut self) -> Result<(), CtlError> {
        if self.written.is_none_or(|at| at.elapsed() >= EVERY) {
            self.keep()?;
        }
        Ok(())
    }

    /// Writes down how far it is.
    pub fn keep(&mut self) -> Result<(), CtlError> {
        self.written = Some(Instant::now());
        let Some(files) = &mut self.files else {
            return Ok(());
        };
        files.flush()?;
        let json = serde_json::to_vec(&self.done).unwrap_or_default();
        let new = beside(&files.progress, ".new");
        let written = fs::write(&new, json).and_then(|()| fs::rename(&new, &files.progress));
        written.map_err(|source| CtlError::File {
            file: files.progress.clone(),
            source,
        })
    }

    /// All is done: nothing is left to go on with.
    pub fn close(&mut self) -> Result<(), CtlError> {
        let Some(files) = &mut self.files else {
            return Ok(());
        };
        files.flush()?;
        match fs::remove_file(&files.progress) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(CtlError::File {
                file: files.progress.clone(),
                source: error,
            }),
            _ => Ok(()),
        }
    }

    /// Lines after the last that was written down are sent again, and told of again.
    fn forget_what_comes_again(&mut self) -> Result<(), CtlError> {
        let Some(files) = &mut self.files else {
            return Ok(());
        };
        let length = self.done.rejected_bytes;
        let forgotten = if length == 0 {
            match fs::remove_file(&files.rejected) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
                other => other,
            }
        } else {
            files.rejected_file().and_then(|file| {
                let file = file.get_mut();
                file.set_len(length)?;
                file.seek(SeekFrom::End(0)).map(drop)
            })
        };
        forgotten.map_err(|source| files.failed(source))
    }
}

impl Files {
    fn rejected_file(&mut self) -> io::Result<&mut BufWriter<File>> {
        if self.open.is_none() {
            let file = OpenOptions::new()
                .create(true)
                .truncate(false)
                .write(true)
                // Its lines have whole tokens.
                .mode(0o600)
                .open(&self.rejected)?;
            self.open = Some(BufWriter::new(file));
        }
        self.open
            .as_mut()
            .ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn flush(&mut self) -> Result<(), CtlError> {
        match self.open.as_mut().map_or(Ok(()), Write::flush) {
            Ok(()) => Ok(()),
            Err(source) => Err(self.failed(source)),
        }
    }

    fn failed(&self, source: io::Error) -> CtlError {
        CtlError::File {
            file: self.rejected.clone(),
            source,
        }
    }
}

fn mark(file: &Path) -> io::Result<Mark> {
    let metadata = fs::metadata(file)?;
    let modified = metadata.modified()?.duration_since(UNIX_EPOCH);
    Ok(Mark {
        size: metadata.len(),
        modified_ms: modified.map_or(0, |it| it.as_millis() as u64),
    })
}

fn beside(file: &Path, end: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(end);
    name.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(line: u64) -> ImportRefusal {
        ImportRefusal {
            line,
            code: "invalid".to_owned(),
            ..ImportRefusal::default()
        }
    }

    #[test]
    fn it_goes_on_where_it_was_left_and_repeats_no_refusal() {
        let dir = tempfile::tempdir().expect("a directory");
        let file = dir.path().join("devices.csv");
        fs::write(&file, "one").expect("written");
        let mut journal = Journal::open(&file).expect("opened");
        journal
            .reject(&refusal(2), Some(b"{\"user\":1}"))
            .expect("told");
        journal.done.line = 2;
        journal.keep().expect("kept");
        // This one is told, but no longer written down as done.
        journal.reject(&refusal(3), None).expect("told");
        drop(journal);

        let mut journal = Journal::open(&file).expect("opened");
        assert_eq!((journal.done.line, journal.done.refused), (2, 1));
        journal.reject(&refusal(3), None).expect("told");
        journal.close().expect("closed");
        let told = fs::read_to_string(dir.path().join("devices.csv.rejected")).expect("there");
        assert_eq!(
            told,
            "{\"line\":2,\"code\":\"invalid\",\"detail\":\"\",\"was\":{\"user\":1}}\n\
             {\"line\":3,\"code\":\"invalid\",\"detail\":\"\"}\n"
        );
        assert!(!dir.path().join("devices.csv.progress").exists());
    }

    #[test]
    fn another_file_of_the_same_name_begins_anew() {
        let dir = tempfile::tempdir().expect("a directory");
        let file = dir.path().join("devices.csv");
        fs::write(&file, "one").expect("written");
        let mut journal = Journal::open(&file).expect("opened");
        journal.reject(&refusal(2), None).expect("told");
        journal.done.line = 2;
        journal.keep().expect("kept");
        fs::write(&file, "another").expect("written");

        let journal = Journal::open(&file).expect("opened");

        assert_eq!((journal.done.line, journal.done.refused), (0, 0));
        assert!(!dir.path().join("devices.csv.rejected").exists());
    }
}

//! A power cut: what was not brought to the disk is gone. A small library, preloaded into the
//! daemon, keeps what stood where something was written, until an fsync settles it, and the
//! names in a directory as they were at its last fsync. After the daemon was killed, the data
//! directory is made what a disk would have it be then.
//!
//! Of what was not settled nothing is left, or some of it: a disk may have written any part of
//! it already, page by page. What this cannot show: a disk that loses what it has confirmed, a
//! page that is torn in itself, and writes through a mapping of the file, which the database
//! does not do. Names are stricter here than on any usual file system: a new file is gone
//! unless its directory was brought to the disk too.

use std::collections::{BTreeSet, HashMap};
use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::{Path, PathBuf};

use crate::shim;

/// What a disk writes as a whole.
const PAGE: u64 = 4096;

/// The disk that a daemon has its data on.
#[derive(Debug)]
pub struct Power {
    library: PathBuf,
    data: PathBuf,
    notes: PathBuf,
}

/// What was taken back.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Discarded {
    /// Writes that no fsync had settled.
    pub writes: usize,
    /// Files whose names no fsync of their directory had settled.
    pub files: usize,
}

impl Power {
    /// Builds the library into `directory`; all that `data` holds is on the disk.
    pub fn build(directory: &Path, data: &Path) -> std::io::Result<Power> {
        let library = directory.join("power.so");
        shim::compile("src/power.c", &library)?;
        let power = Power {
            library,
            // What the kernel calls its files.
            data: data.canonicalize()?,
            notes: directory.canonicalize()?.join("power"),
        };
        power.settle()?;
        Ok(power)
    }

    /// What a daemon must have in its environment.
    pub fn environment(&self) -> [(&'static str, OsString); 3] {
        [
            ("LD_PRELOAD", self.library.clone().into()),
            ("NUDGED_DISK", self.data.clone().into()),
            ("NUDGED_POWER", self.notes.clone().into()),
        ]
    }

    /// From now on the directory holds what was on the disk when the daemon, which must be
    /// dead, was killed. Of what was not settled, each page is kept with this probability.
    pub fn cut(&self, random: &mut fastrand::Rng, kept: f64) -> std::io::Result<Discarded> {
        let mut discarded = Discarded::default();
        let before = files_below(&self.data)?;
        let names = self.latest_names()?;
        for entry in fs::read_dir(self.notes.join("undo"))? {
            let entry = entry?;
            let name = entry.file_name();
            let file: u64 = name
                .to_string_lossy()
                .parse()
                .map_err(std::io::Error::other)?;
            let notes = fs::read(entry.path())?;
            if let Some(path) = find(&names, file)? {
                discarded.writes += take_back(&path, &notes, random, kept)?;
            }
        }
        let new = self.data.with_extension("new");
        lay_out(&names, "", &new)?;
        let old = self.data.with_extension("old");
        fs::rename(&self.data, &old)?;
        fs::rename(&new, &self.data)?;
        fs::remove_dir_all(&old)?;
        let after = files_below(&self.data)?;
        discarded.files = before.difference(&after).count();
        self.settle()?;
        Ok(discarded)
    }

    /// All that is there is on the disk.
    fn settle(&self) -> std::io::Result<()> {
        if self.notes.exists() {
            fs::remove_dir_all(&self.notes)?;
        }
        fs::create_dir_all(self.notes.join("undo"))?;
        fs::create_dir_all(self.notes.join("names"))?;
        self.list(&self.data, "")
    }

    /// As the library does it.
    fn list(&self, directory: &Path, name: &str) -> std::io::Result<()> {
        let to = self.notes.join("names").join(format!("{name}.{:020}", 0));
        fs::create_dir(&to)?;
        for entry in fs::read_dir(directory)? {
            let entry = entry?;
            let file = entry.file_name();
            let file = file.to_string_lossy();
            if entry.file_type()?.is_dir() {
                File::create(to.join(format!("%{file}")))?;
                self.list(&entry.path(), &format!("{name}%{file}"))?;
            } else {
                fs::hard_link(entry.path(), to.join(&*file))?;
            }
        }
        Ok(())
    }

    /// By directory: where its names are that count.
    fn latest_names(&self) -> std::io::Result<HashMap<String, PathBuf>> {
        let mut listed: Vec<PathBuf> = Vec::new();
        for entry in fs::read_dir(self.notes.join("names"))? {
            listed.push(entry?.path());
        }
        listed.sort();
        let mut latest = HashMap::new();
        for path in listed {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            if let Some((directory, _)) = name.rsplit_once('.') {
                latest.insert(directory.to_owned(), path.clone());
            }
        }
        Ok(latest)
    }
}

/// A file among those whose names count.
fn find(names: &HashMap<String, PathBuf>, file: u64) -> std::io::Result<Option<PathBuf>> {
    for directory in names.values() {
        for entry in fs::read_dir(directory)? {
            let entry = entry?;
            if entry.metadata()?.ino() == file {
                return Ok(Some(entry.path()));
            }
        }
    }
    Ok(None)
}

fn lay_out(names: &HashMap<String, PathBuf>, name: &str, to: &Path) -> std::io::Result<()> {
    fs::create_dir(to)?;
    // A directory that was never brought to the disk is empty.
    let Some(listed) = names.get(name) else {
        return Ok(());
    };
    for entry in fs::read_dir(listed)? {
        let entry = entry?;
        let file = entry.file_name();
        let file = file.to_string_lossy();
        match file.strip_prefix('%') {
            Some(directory) => lay_out(names, &format!("{name}%{directory}"), &to.join(directory))?,
            None => fs::hard_link(entry.path(), to.join(&*file))?,
        }
    }
    Ok(())
}

fn files_below(directory: &Path) -> std::io::Result<BTreeSet<PathBuf>> {
    let mut found = BTreeSet::new();
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            found.extend(files_below(&entry.path())?);
        } else {
            found.insert(entry.path());
        }
    }
    Ok(found)
}

/// One change of a file, as the library has noted it.
struct Note<'a> {
    kind: u8,
    at: u64,
    length: u64,
    /// Length of the file before.
    before: u64,
    bytes: &'a [u8],
}

/// The notes that no fsync has settled. The last may be cut off: its call was never made.
fn unsettled(notes: &[u8]) -> Vec<Note<'_>> {
    const HEAD: usize = 40;
    let mut found: Vec<(u64, Note<'_>)> = Vec::new();
    let mut settled = 0;
    let mut at = 0;
    while let Some(head) = notes.get(at..at + HEAD) {
        let field = |n: usize| {
            let bytes = head[n * 8..][..8].try_into();
            u64::from_ne_bytes(bytes.unwrap_or_default())
        };
        let count = field(4) as usize;
        let Some(bytes) = notes.get(at + HEAD..at + HEAD + count) else {
            break;
        };
        let note = Note {
            kind: field(0) as u8,
            at: field(1),
            length: field(2),
            before: field(3),
            bytes,
        };
        match note.kind {
            b'S' => settled = settled.max(note.at),
            b'B' => {
                // Another file's before; of this one nothing is settled yet.
                found.clear();
                settled = settled.min(at as u64);
                found.push((at as u64, note));
            }
            _ => found.push((at as u64, note)),
        }
        at += HEAD + count;
    }
    found.retain(|(place, _)| *place >= settled);
    found.into_iter().map(|(_, note)| note).collect()
}

fn take_back(
    path: &Path,
    notes: &[u8],
    random: &mut fastrand::Rng,
    kept: f64,
) -> std::io::Result<usize> {
    let notes = unsettled(notes);
    let file = OpenOptions::new().read(true).write(true).open(path)?;
    let mut pages = BTreeSet::new();
    for note in notes.iter().filter(|note| note.kind == b'W') {
        pages.extend(note.at / PAGE..(note.at + note.length).div_ceil(PAGE));
    }
    pages.retain(|_| random.f64() < kept);
    let mut written = Vec::with_capacity(pages.len());
    for page in pages {
        let mut bytes = vec![0; PAGE as usize];
        let got = file.read_at(&mut bytes, page * PAGE)?;
        bytes.truncate(got);
        written.push((page * PAGE, bytes));
    }
    for note in notes.iter().rev() {
        file.set_len(note.before)?;
        file.write_all_at(note.bytes, note.at)?;
    }
    for (at, bytes) in written {
        file.write_all_at(&bytes, at)?;
    }
    Ok(notes.len())
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    /// Runs a script on the watched disk, and cuts the power.
    fn after(script: &str, kept: f64) -> (tempfile::TempDir, Discarded) {
        let dir = tempfile::tempdir().unwrap();
        let data = dir.path().join("data");
        fs::create_dir(&data).unwrap();
        fs::write(data.join("old"), "0123456789").unwrap();
        fs::write(data.join("gone"), "gone").unwrap();
        let power = Power::build(dir.path(), &data).unwrap();
        let status = Command::new("perl")
            .args(["-MIO::Handle", "-e", script])
            .current_dir(&data)
            .env("D", data.canonicalize().unwrap())
            .envs(power.environment())
            .status()
            .unwrap();
        assert!(status.success());
        let discarded = power.cut(&mut fastrand::Rng::with_seed(1), kept).unwrap();
        (dir, discarded)
    }

    fn read(dir: &tempfile::TempDir, name: &str) -> Option<String> {
        fs::read_to_string(dir.path().join("data").join(name)).ok()
    }

    const SYNC_DIR: &str = "open($d,'<',$ENV{D}); $d->sync;";

    #[test]
    fn what_was_not_synced_is_gone() {
        let script = "open($f,'+<',\"$ENV{D}/old\"); $f->autoflush(1);
            print $f 'ab'; $f->sync; print $f 'cd';
            seek($f,0,2); print $f 'more';
            open($n,'>',\"$ENV{D}/new\"); print $n 'new'; $n->flush; $n->sync;
            unlink \"$ENV{D}/gone\";";

        let (dir, discarded) = after(script, 0.0);

        assert_eq!(read(&dir, "old").as_deref(), Some("ab23456789"));
        assert_eq!(read(&dir, "new"), None, "its name was not synced");
        assert_eq!(read(&dir, "gone").as_deref(), Some("gone"));
        assert_eq!(
            discarded,
            Discarded {
                writes: 2,
                files: 1
            }
        );
    }

    #[test]
    fn what_was_synced_is_there() {
        let script = format!(
            "open($f,'>',\"$ENV{{D}}/old\"); print $f 'all new'; $f->flush; $f->sync;
             open($n,'>',\"$ENV{{D}}/.tmp\"); print $n 'new'; $n->flush; $n->sync;
             rename(\"$ENV{{D}}/.tmp\",\"$ENV{{D}}/gone\"); {SYNC_DIR}
             open($m,'>',\"$ENV{{D}}/more\"); print $m 'more'; $m->flush; {SYNC_DIR}"
        );

        let (dir, _) = after(&script, 0.0);

        assert_eq!(read(&dir, "old").as_deref(), Some("all new"));
        assert_eq!(read(&dir, "gone").as_deref(), Some("new"));
        assert_eq!(read(&dir, ".tmp"), None);
        assert_eq!(read(&dir, "more").as_deref(), Some(""), "only its name");
    }

    #[test]
    fn a_disk_may_have_written_it_all_the_same() {
        let script = "open($f,'+<',\"$ENV{D}/old\"); print $f 'ab'; $f->flush;";

        let (dir, _) = after(script, 1.0);

        assert_eq!(read(&dir, "old").as_deref(), Some("ab23456789"));
    }
}

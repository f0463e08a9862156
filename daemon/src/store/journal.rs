//! The journal's files, when the database is closed: whether they are, and writing them anew.

use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// Copied at once; holes of this size stay holes.
const BLOCK: usize = 64 << 10;

/// Writes every journal anew. After a failed fsync the kernel may take for written what it
/// could not write: the copy in memory is good, the one on disk is not, and everything that
/// is added behind it would be lost with it in a power cut.
pub fn rewrite(directory: &Path) -> std::io::Result<()> {
    for path in files(directory)? {
        let copy = path.with_extension("jnl.new");
        let copied = copy_to(&path, &copy).and_then(|()| std::fs::rename(&copy, &path));
        if copied.is_err() {
            // Its disk space is needed.
            let _ = std::fs::remove_file(&copy);
        }
        copied?;
    }
    File::open(directory)?.sync_all()
}

/// Whether this process still has one open: a worker that ends late would write to it.
pub fn is_open(directory: &Path) -> bool {
    let (Ok(directory), Ok(open)) = (directory.canonicalize(), std::fs::read_dir("/proc/self/fd"))
    else {
        return false;
    };
    open.flatten()
        .filter_map(|entry| std::fs::read_link(entry.path()).ok())
        .any(|path| is_journal(&path) && path.parent() == Some(&directory))
}

fn files(directory: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(directory)? {
        let path = entry?.path();
        if is_journal(&path) {
            found.push(path);
        }
    }
    Ok(found)
}

fn is_journal(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "jnl")
}

/// By hand: the kernel's own copy may share the blocks that are in doubt.
fn copy_to(from: &Path, to: &Path) -> std::io::Result<()> {
    let mut from = File::open(from)?;
    let mut to = OpenOptions::new()
        .create(true)
        .truncate(true)
        .write(true)
        .open(to)?;
    let mut block = vec![0; BLOCK];
    let mut length = 0;
    loop {
        let read = from.read(&mut block)?;
        if read == 0 {
            break;
        }
        length += read as u64;
        let bytes = &block[..read];
        if bytes.iter().all(|byte| *byte == 0) {
            to.seek(SeekFrom::Current(read as i64))?;
        } else {
            to.write_all(bytes)?;
        }
    }
    to.set_len(length)?;
    to.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_journal_written_anew_is_the_same_and_has_a_file_of_its_own() {
        let dir = tempfile::tempdir().expect("a directory");
        let path = dir.path().join("7.jnl");
        let mut bytes = vec![0; 3 * BLOCK + 5];
        bytes[3] = 1;
        bytes[2 * BLOCK] = 2;
        std::fs::write(&path, &bytes).expect("written");
        let mut old = File::open(&path).expect("open");
        assert!(is_open(dir.path()));

        rewrite(dir.path()).expect("written anew");

        assert!(!is_open(dir.path()), "the old one has no name any more");
        assert!(std::fs::read(&path).expect("read") == bytes);
        let mut kept = Vec::new();
        old.read_to_end(&mut kept).expect("read");
        assert!(kept == bytes);
        assert_eq!(files(dir.path()).expect("listed"), [path]);
    }
}

//! A file as it is read: a regular one, of a length that can be borne, and whose it is.
//!
//! In: a path and the most bytes. Out: a [`ConfigSource`], or [`ReadError`] in words. What is checked is
//! what is read: the file is opened once, never waited for, and looked at by its handle. Refuses
//! to know what stands in it; it may be a secret, so the bytes are wiped when dropped.

use std::fs::{File, Metadata, OpenOptions};
use std::io::Read;
use std::os::unix::fs::{FileTypeExt, OpenOptionsExt};
use std::path::Path;

use nix::fcntl::OFlag;
use zeroize::Zeroizing;

use super::permissions::Permissions;

/// Most bytes of a configuration, a channel file or a credential; a key has some thousand.
pub const MAX_FILE: u64 = 1 << 20;
/// Most bytes of certificates of authorities; a whole system's have some 200 KiB.
pub const MAX_ROOTS: u64 = 4 << 20;

pub struct ConfigSource {
    pub contents: Zeroizing<Vec<u8>>,
    /// Whose the file was then.
    pub permissions: Permissions,
}

/// Why a file was not read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    #[error("cannot read: {0}")]
    System(#[from] std::io::Error),
    /// Reading from it might never end.
    #[error("cannot read: it is {0}, and only regular files are read")]
    NotAFile(&'static str),
    /// Longer than anything that belongs there.
    #[error("cannot read: it is larger than {} MiB", .0 >> 20)]
    TooLong(u64),
    #[error("cannot read: it is not UTF-8 text; byte {0} is the first invalid one")]
    NotText(usize),
}

/// Reads a regular file of at most `most` bytes; links are followed.
pub fn read(path: &Path, limit: u64) -> Result<ConfigSource, ReadError> {
    // Opening a device may do something; that it is none must be known before and after.
    kind_of(&std::fs::metadata(path)?)?;
    let mut file = OpenOptions::new()
        .read(true)
        .custom_flags((OFlag::O_NONBLOCK | OFlag::O_CLOEXEC | OFlag::O_NOCTTY).bits())
        .open(path)?;
    let metadata = file.metadata()?;
    kind_of(&metadata)?;
    if metadata.len() > limit {
        return Err(ReadError::TooLong(limit));
    }
    Ok(ConfigSource {
        contents: contents(&mut file, metadata.len(), limit)?,
        permissions: Permissions::of(&metadata),
    })
}

/// Bytes as text.
pub fn text(contents: Zeroizing<Vec<u8>>) -> Result<Zeroizing<String>, ReadError> {
    match std::str::from_utf8(&contents) {
        Ok(text) => Ok(Zeroizing::new(text.to_owned())),
        Err(error) => Err(ReadError::NotText(error.valid_up_to() + 1)),
    }
}

/// In one piece: a vector that grows leaves copies behind that nobody wipes.
fn contents(file: &mut File, length: u64, limit: u64) -> Result<Zeroizing<Vec<u8>>, ReadError> {
    let capacity = usize::try_from(length.min(limit)).unwrap_or_default();
    let mut contents = Zeroizing::new(Vec::with_capacity(capacity + 32));
    file.take(limit + 1).read_to_end(&mut contents)?;
    if contents.len() as u64 > limit {
        return Err(ReadError::TooLong(limit));
    }
    Ok(contents)
}

fn kind_of(metadata: &Metadata) -> Result<(), ReadError> {
    let kind = metadata.file_type();
    Err(ReadError::NotAFile(if kind.is_file() {
        return Ok(());
    } else if kind.is_dir() {
        "a directory"
    } else if kind.is_fifo() {
        "a pipe"
    } else if kind.is_socket() {
        "a socket"
    } else {
        "a device"
    }))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use nix::sys::stat::Mode;

    use super::*;

    fn refused(path: &Path) -> String {
        match read(path, MAX_FILE) {
            Ok(_) => panic!("{} was read", path.display()),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn what_is_no_regular_file_is_refused_at_once() {
        let dir = tempfile::tempdir().expect("a directory");
        let at = |name: &str| dir.path().join(name);
        nix::unistd::mkfifo(&at("pipe"), Mode::S_IRWXU).expect("made");
        let _socket = std::os::unix::net::UnixListener::bind(at("socket")).expect("bound");
        symlink("/dev/zero", at("endless")).expect("linked");
        for (name, what) in [
            ("pipe", "a pipe"),
            ("socket", "a socket"),
            ("endless", "a device"),
            (".", "a directory"),
        ] {
            let said = refused(&at(name));
            assert_eq!(
                said,
                format!("cannot read: it is {what}, and only regular files are read")
            );
        }
        assert!(refused(&at("absent")).starts_with("cannot read: No such file"));
    }

    #[test]
    fn a_link_to_a_file_is_read_and_a_long_file_is_not() {
        let dir = tempfile::tempdir().expect("a directory");
        let (file, link) = (dir.path().join("key"), dir.path().join("link"));
        std::fs::write(&file, "secret").expect("written");
        symlink("key", &link).expect("linked");
        let source = read(&link, MAX_FILE).expect("read");
        assert_eq!(source.contents.as_slice(), b"secret");

        let long = File::create(&file).expect("opened");
        long.set_len(MAX_FILE + 1).expect("capacity");
        assert_eq!(refused(&link), "cannot read: it is larger than 1 MiB");
    }

    #[test]
    fn what_is_no_text_is_told_by_its_place() {
        let dir = tempfile::tempdir().expect("a directory");
        let file = dir.path().join("nudged.toml");
        std::fs::write(&file, b"ab\xffcd").expect("written");
        let said = text(read(&file, MAX_FILE).expect("read").contents)
            .expect_err("no text")
            .to_string();
        assert!(said.contains("byte 3 "), "{said}");
    }
}

//! The database's directory: made for its owner only, and refused where others may change it.
//!
//! In: its path. Out: a directory of ours that nobody else may look into, or why not. The umask
//! of the process does the same for the files in it.

use std::fs::{DirBuilder, Metadata, Permissions};
use std::io::{Error, ErrorKind};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::path::Path;
use std::sync::Arc;

use super::StoreError;

/// Makes the directory, or checks the one that is there.
pub fn prepare(path: &Path) -> Result<(), StoreError> {
    let failed = |source: Error| StoreError::Open {
        path: path.to_owned(),
        source: Arc::new(source.into()),
    };
    let metadata = match std::fs::metadata(path) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let made = DirBuilder::new().recursive(true).mode(0o700).create(path);
            return made.map_err(failed);
        }
        Err(error) => return Err(failed(error)),
    };
    let ours = nix::unistd::geteuid().as_raw();
    if let Some(problem) = lax(&metadata, ours) {
        return Err(StoreError::LoosePermissions {
            path: path.to_owned(),
            problem,
        });
    }
    // A database of before may have let others read.
    if metadata.mode() & 0o077 != 0 && metadata.uid() == ours {
        std::fs::set_permissions(path, Permissions::from_mode(0o700)).map_err(failed)?;
    }
    Ok(())
}

fn lax(metadata: &Metadata, ours: u32) -> Option<String> {
    let (owner, mode) = (metadata.uid(), metadata.mode() & 0o7777);
    if owner != 0 && owner != ours {
        return Some(format!(
            "belongs to user {owner}, and the daemon is user {ours}: start it as the owner, or \
             give the directory to its user with chown -R"
        ));
    }
    (mode & 0o022 != 0).then(|| {
        format!("can be changed by others than its owner (mode {mode:04o}): run `chmod go-w` on it")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(path: &Path) -> u32 {
        std::fs::metadata(path).expect("there").mode() & 0o7777
    }

    fn set(path: &Path, mode: u32) {
        std::fs::set_permissions(path, Permissions::from_mode(mode)).expect("ours");
    }

    #[test]
    fn it_is_its_owners_only() {
        let dir = tempfile::tempdir().expect("a directory");
        let path = dir.path().join("some/data");
        prepare(&path).expect("made");
        assert_eq!(mode(&path), 0o700);
        set(&path, 0o755);
        prepare(&path).expect("still ours");
        assert_eq!(mode(&path), 0o700);
    }

    #[test]
    fn one_that_others_may_change_is_refused_in_words() {
        let dir = tempfile::tempdir().expect("a directory");
        set(dir.path(), 0o770);
        let error = prepare(dir.path()).expect_err("refused").to_string();
        assert!(
            error.contains("can be changed by others than its owner (mode 0770)"),
            "{error}"
        );
        assert!(error.contains("chmod go-w"), "{error}");
        assert_eq!(mode(dir.path()), 0o770, "it is left alone");
    }

    #[test]
    fn one_of_another_user_is_refused() {
        let dir = tempfile::tempdir().expect("a directory");
        let metadata = std::fs::metadata(dir.path()).expect("there");
        assert_eq!(lax(&metadata, metadata.uid()), None);
        if metadata.uid() != 0 {
            let other = metadata.uid() + 1;
            let problem = lax(&metadata, other).expect("refused");
            assert!(problem.contains("belongs to user"), "{problem}");
        }
    }
}

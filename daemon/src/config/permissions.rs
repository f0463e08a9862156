//! Who else may read or change a file.
//!
//! In: owner, group and mode as they were when the file was read, and who the daemon is. Out:
//! none, or [`LoosePermission`] with a remedy. One rule for all files: root or the daemon's user owns it,
//! nobody else writes to it, and a secret is read by nobody but them and the daemon's groups.

use std::fs::Metadata;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use nix::unistd::{getegid, geteuid, getgroups};

/// Owner, group and mode of a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Permissions {
    owner: u32,
    group: u32,
    mode: u32,
}

impl Permissions {
    /// Those of a file.
    pub fn of(metadata: &Metadata) -> Self {
        Self {
            owner: metadata.uid(),
            group: metadata.gid(),
            mode: metadata.mode() & 0o7777,
        }
    }
}

/// Whom a file may belong to.
#[derive(Clone, Debug)]
pub struct TrustedOwners {
    users: Vec<u32>,
    groups: Vec<u32>,
}

impl TrustedOwners {
    /// Root, this process, and, where root looks at a service's files, the service: whom the
    /// database belongs to, or the channels where there is none yet.
    pub fn here(database: &Path, channels: &Path) -> Self {
        let mut users = vec![0, geteuid().as_raw()];
        let mut groups = vec![0, getegid().as_raw()];
        let more = getgroups().unwrap_or_default();
        groups.extend(more.into_iter().map(|group| group.as_raw()));
        if geteuid().is_root()
            && let Ok(metadata) =
                std::fs::metadata(database).or_else(|_| std::fs::metadata(channels))
        {
            users.push(metadata.uid());
            groups.push(metadata.gid());
        }
        Self { users, groups }
    }

    /// Whether nobody else may change what is in it.
    pub fn check_file(&self, file: Permissions) -> Result<(), LoosePermission> {
        if !self.users.contains(&file.owner) {
            return Err(LoosePermission::ForeignOwner(file.owner));
        }
        if file.mode & 0o022 != 0 {
            return Err(LoosePermission::Writable(file.mode));
        }
        Ok(())
    }

    /// Whether nobody else may change or read what is in it.
    pub fn check_secret(&self, file: Permissions) -> Result<(), LoosePermission> {
        self.check_file(file)?;
        if file.mode & 0o004 != 0 {
            return Err(LoosePermission::Readable(file.mode));
        }
        if file.mode & 0o040 != 0 && !self.groups.contains(&file.group) {
            return Err(LoosePermission::ForeignGroup(file.group));
        }
        Ok(())
    }
}

/// What somebody else may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LoosePermission {
    #[error("belongs to user {0}, who is neither root nor the daemon")]
    ForeignOwner(u32),
    #[error("can be changed by others than its owner (mode {0:04o})")]
    Writable(u32),
    #[error("holds a secret and can be read by every user (mode {0:04o})")]
    Readable(u32),
    #[error("holds a secret and can be read by group {0}, which is not the daemon's")]
    ForeignGroup(u32),
}

impl LoosePermission {
    pub fn remedy(self) -> &'static str {
        match self {
            Self::ForeignOwner(_) => "give it to root or to the daemon's user with chown",
            Self::Writable(_) => "run `chmod go-w` on it",
            Self::Readable(_) | Self::ForeignGroup(_) => {
                "run `chmod 0600` on it if it is the daemon's, else `chown root:nudged` and `chmod 0640`"
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_for_its_owner_and_the_daemons_group_only() {
        let trusted = TrustedOwners {
            users: vec![0, 900],
            groups: vec![0, 900],
        };
        let file = |owner, group, mode| Permissions { owner, group, mode };
        for (file, written, secret) in [
            (file(900, 900, 0o600), Ok(()), Ok(())),
            // As packages install it, and as systemd's LoadCredential= does.
            (file(0, 900, 0o640), Ok(()), Ok(())),
            (file(0, 0, 0o440), Ok(()), Ok(())),
            (
                file(0, 0, 0o644),
                Ok(()),
                Err(LoosePermission::Readable(0o644)),
            ),
            (
                file(900, 900, 0o604),
                Ok(()),
                Err(LoosePermission::Readable(0o604)),
            ),
            (
                file(0, 50, 0o640),
                Ok(()),
                Err(LoosePermission::ForeignGroup(50)),
            ),
            (
                file(900, 900, 0o620),
                Err(LoosePermission::Writable(0o620)),
                Err(LoosePermission::Writable(0o620)),
            ),
            (
                file(0, 0, 0o666),
                Err(LoosePermission::Writable(0o666)),
                Err(LoosePermission::Writable(0o666)),
            ),
            (
                file(1000, 0, 0o600),
                Err(LoosePermission::ForeignOwner(1000)),
                Err(LoosePermission::ForeignOwner(1000)),
            ),
        ] {
            assert_eq!(trusted.check_file(file), written, "{file:?}");
            assert_eq!(trusted.check_secret(file), secret, "{file:?}");
        }
    }
}

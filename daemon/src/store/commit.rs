//! What is written together or not at all.
//!
//! In: records and their bytes, from any stage. Out: what the committer writes, in one transaction.
//! Refuses to know what the records mean.

use fjall::UserKey;

use super::{CommitDependency, Keyspace};

/// What is written together or not at all.
#[derive(Default)]
pub struct Commit {
    /// Records with known keys.
    pub writes: Vec<Write>,
    /// Records whose keys end in a number that the committer gives, rising in the order
    /// of the commits.
    pub numbered: Vec<NumberedWrite>,
    /// Gives further records just before they are written, in the order of the commits: for
    /// sums that several commits at once change.
    pub lazy: Option<LazyWrite>,
    /// Runs once all is written, in the order of the commits, before anybody gets a reply.
    pub on_commit: Option<OnCommit>,
    /// When its sender gets a reply, and whether it may be refused for want of disk space.
    pub durability: Durability,
    /// What it is built on.
    pub dependency: CommitDependency,
}

impl Commit {
    /// Of these records.
    pub fn of(writes: Vec<Write>) -> Self {
        Self {
            writes,
            ..Self::default()
        }
    }

    /// Of these records, [`Durability::Synced`].
    pub fn synced(writes: Vec<Write>) -> Self {
        Self {
            writes,
            durability: Durability::Synced,
            ..Self::default()
        }
    }

    /// Of these records, [`Durability::Accepting`].
    pub fn accepting(writes: Vec<Write>) -> Self {
        Self {
            writes,
            durability: Durability::Accepting,
            ..Self::default()
        }
    }

    /// How many records it writes.
    pub(super) fn size(&self) -> usize {
        self.writes.len() + self.numbered.len()
    }
}

/// When the sender of a commit gets a reply.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Durability {
    /// Once the kernel has it: it survives the end of the daemon, and within a second that of the
    /// machine.
    #[default]
    Buffered,
    /// After the fsync, though it accepts nothing new and is written however little disk space
    /// there is.
    Synced,
    /// After the fsync; it accepts something new, and is refused when disk space is short.
    Accepting,
}

/// What to do once a commit is written; is given its first number.
pub type OnCommit = Box<dyn FnOnce(u64) + Send>;

/// What is to be written of something at the moment of writing.
pub type LazyWrite = Box<dyn FnOnce() -> Vec<Write> + Send>;

/// One record to write, or to remove where there is no value.
pub struct Write {
    /// Its keyspace.
    pub keyspace: Keyspace,
    /// Its key.
    pub key: Vec<u8>,
    /// Its value.
    pub value: Option<Vec<u8>>,
}

impl Write {
    /// Writes a record.
    pub fn put(keyspace: Keyspace, key: impl Into<Vec<u8>>, value: Vec<u8>) -> Self {
        Self {
            keyspace,
            key: key.into(),
            value: Some(value),
        }
    }

    /// Removes a record.
    pub fn remove(keyspace: Keyspace, key: impl Into<Vec<u8>>) -> Self {
        Self {
            keyspace,
            key: key.into(),
            value: None,
        }
    }
}

/// A record whose key is `prefix` and a number, eight bytes big-endian.
pub struct NumberedWrite {
    /// Its keyspace.
    pub keyspace: Keyspace,
    /// What comes before the number.
    pub prefix: Vec<u8>,
    /// Its value.
    pub value: Vec<u8>,
}

/// Which record.
pub(super) type RecordKey = (Keyspace, UserKey);

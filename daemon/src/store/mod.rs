//! The database: one directory, one committer, a keyspace for each kind of record.
//!
//! In: [`Commit`]s, from any task. Out: the promise that what was committed is on disk,
//! and reads. Knows keys and bytes; refuses to know what they mean.
//!
//! A write that fails is refused, and so is every other until the disk can be written: then
//! the database is closed and opened again (`recovery`). Until then it can still be read.

pub mod budget;
mod commit;
mod directory;
mod journal;
mod numbers;
mod opened;
mod recovery;
mod room;
mod schema;
mod slot;
mod sweep;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwapOption;
use fjall::{Readable, UserValue};
use nudged_plugin_api::frame::{Field, from_bytes};
use tokio::sync::watch;

use opened::Opened;

pub use commit::{Commit, Landed, Latest, Numbered, Write};
pub use slot::{Fate, Pending, Slot, Tie};
pub use sweep::{sweep, sweep_oldest};

/// Kinds of records; each has a keyspace of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Space {
    /// Deliveries that may be sent: channel, number → delivery.
    Ready,
    /// Deliveries that wait for their next try: channel, due, number → delivery.
    Waiting,
    /// What several deliveries share: the first of them → content.
    Content,
    /// What became of each delivery: notification, n → trace.
    Trace,
    /// Outcomes in the order in which they happened: number → delivery id.
    Events,
    /// Devices: app, user, device → device.
    Devices,
    /// Whose token it is: app, channel, digest of the token → user, device.
    Tokens,
    /// Idempotency: app, key → notification.
    Keys,
    /// What users want of push: app, user → settings; app, user, conversation → one byte.
    Settings,
    /// Notifications that are not to be sent any more: notification → since when.
    Revoked,
    /// Channels that the operator has stopped: channel → since when.
    Holds,
    /// Devices whose token is dead: app, user, device → tombstone; zero, app, channel, digest
    /// of the token → user, device.
    Tombstones,
    /// What is used of each class's day, and what the vendor refused: channel, class → tally.
    Quotas,
    /// What each certificate id stands for: channel → meaning.
    Meanings,
}

/// Why the database could not do what was asked.
#[derive(Clone, Debug, thiserror::Error)]
pub enum StoreError {
    /// The directory cannot be used.
    #[error("{path}: cannot open the database: {source}")]
    Open {
        /// The directory.
        path: PathBuf,
        /// What went wrong.
        source: Arc<fjall::Error>,
    },
    /// Others have a hand in the directory.
    #[error("{path}: the database's directory {problem}")]
    Lax {
        /// The directory.
        path: PathBuf,
        /// What they may do, and what to do about it.
        problem: String,
    },
    /// The directory was written by a version that this one does not know.
    #[error("{path}: written by database format {found}, this daemon reads {ours}")]
    Format {
        /// The directory.
        path: PathBuf,
        /// Its format.
        found: u64,
        /// The newest that we read.
        ours: u64,
    },
    /// Too little room is left on the file system to accept anything new.
    #[error("{path}: {free} bytes free, {wanted} wanted before anything new is accepted")]
    Full {
        /// The directory.
        path: PathBuf,
        /// Bytes free.
        free: u64,
        /// Bytes that must be free.
        wanted: u64,
    },
    /// The database takes more than it may.
    #[error("{path}: the database takes {taken} bytes, {most} are allowed")]
    OverBudget {
        /// The directory.
        path: PathBuf,
        /// Bytes that it takes.
        taken: u64,
        /// Bytes that it may take.
        most: u64,
    },
    /// Reading or writing failed.
    #[error("database failed: {0}")]
    Failed(Arc<fjall::Error>),
    /// A record could not be read.
    #[error("damaged record in {space:?}: {problem}")]
    Damaged {
        /// Where.
        space: Space,
        /// What is wrong with it.
        problem: String,
    },
    /// It was built on a write that was under way, and that was refused.
    #[error("a write that this one is built on was refused")]
    Baseless,
    /// The daemon is stopping.
    #[error("the database is closed")]
    Closed,
}

impl From<fjall::Error> for StoreError {
    fn from(error: fjall::Error) -> Self {
        Self::Failed(Arc::new(error))
    }
}

/// How the database is kept.
#[derive(Clone, Debug)]
pub struct StoreSettings {
    /// Its directory.
    pub path: PathBuf,
    /// Nothing new is accepted with fewer bytes free on the file system.
    pub min_free: u64,
    /// Nothing new is accepted while the database takes more bytes; none = as many as fit.
    pub most: Option<u64>,
}

/// The open database.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
    committer: tokio::sync::mpsc::Sender<slot::Job>,
}

struct Inner {
    path: PathBuf,
    /// None for the moment in which it is closed and opened again.
    opened: ArcSwapOption<Opened>,
    /// Why nothing can be written, as long as nothing can.
    down: watch::Sender<Option<StoreError>>,
    room: Mutex<room::Room>,
    syncs: AtomicU64,
}

impl Store {
    /// Opens or creates the database and starts its committer.
    pub fn open(settings: &StoreSettings) -> Result<Self, StoreError> {
        let path = settings.path.as_path();
        let opened = Opened::open(path)?;
        let inner = Arc::new(Inner {
            path: path.to_owned(),
            opened: ArcSwapOption::from_pointee(opened),
            down: watch::Sender::new(None),
            room: Mutex::new(room::Room::new(settings.min_free, settings.most)),
            syncs: AtomicU64::new(0),
        });
        let committer = commit::start(inner.clone())?;
        Ok(Self { inner, committer })
    }

    /// Writes everything in `commit` or nothing, together with whatever else is waiting.
    /// Returns once it is durable, when the commit asks for that, else once the kernel has
    /// it: then it survives the end of the daemon, and within a second that of the machine.
    pub async fn commit(&self, commit: Commit) -> Result<(), StoreError> {
        self.reserve().await?.submit(commit).await
    }

    /// Waits until a commit can be submitted without waiting.
    pub async fn reserve(&self) -> Result<Slot, StoreError> {
        let permit = self.committer.clone().reserve_owned().await;
        permit.map(Slot::new).map_err(|_| StoreError::Closed)
    }

    /// Whether nothing can be written at present.
    pub fn has_failed(&self) -> bool {
        self.inner.down.borrow().is_some()
    }

    /// Why nothing can be written at present; changes when that does.
    pub fn failure(&self) -> watch::Receiver<Option<StoreError>> {
        self.inner.down.subscribe()
    }

    /// Returns once something can be written, at once when that is so already.
    pub async fn working(&self) {
        // The sender cannot go before this store does.
        let _ = self.failure().wait_for(Option::is_none).await;
    }

    /// Whether there is room for anything new; as it was within the last second.
    pub fn room(&self) -> Result<(), StoreError> {
        self.inner.room()
    }

    /// Bytes on disk.
    pub fn disk_bytes(&self) -> Result<u64, StoreError> {
        Ok(self.inner.opened()?.disk_bytes()?)
    }

    /// Bytes on disk of one kind of record, and about how many there are.
    pub fn size_of(&self, space: Space) -> Result<(u64, usize), StoreError> {
        let opened = self.inner.opened()?;
        let space = opened.space(space);
        Ok((space.disk_space(), space.approximate_len()))
    }

    /// Rewrites one kind of record, so that what was removed leaves the disk. Takes its time.
    pub fn compact_one(&self, space: Space) -> Result<(), StoreError> {
        Ok(self.inner.opened()?.compact_one(space)?)
    }

    /// Rewrites everything: what was replaced or removed leaves the disk. Takes its time.
    pub fn compact(&self) -> Result<(), StoreError> {
        Ok(self.inner.opened()?.compact()?)
    }

    /// How many fsyncs there were, each for all that was committed before it.
    pub fn syncs(&self) -> u64 {
        self.inner.syncs.load(Ordering::Relaxed)
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.inner.path
    }

    /// One record's bytes.
    pub fn read(&self, space: Space, key: &[u8]) -> Result<Option<UserValue>, StoreError> {
        Ok(self.inner.opened()?.space(space).get(key)?)
    }

    /// One record.
    pub fn get<T: Field>(&self, space: Space, key: &[u8]) -> Result<Option<T>, StoreError> {
        self.read(space, key)?
            .map(|bytes| decoded(space, &bytes))
            .transpose()
    }

    /// The records whose keys begin with `prefix`, in order.
    pub fn prefix(
        &self,
        space: Space,
        prefix: &[u8],
    ) -> impl DoubleEndedIterator<Item = Result<(UserValue, UserValue), StoreError>> + use<> {
        let opened = self.inner.opened();
        records(opened.map(|opened| opened.space(space).prefix(prefix)))
    }

    /// The records from `from` on, up to and without `to`, in order.
    pub fn range(
        &self,
        space: Space,
        from: &[u8],
        to: &[u8],
    ) -> impl DoubleEndedIterator<Item = Result<(UserValue, UserValue), StoreError>> + use<> {
        let opened = self.inner.opened();
        records(opened.map(|opened| opened.space(space).range(from.to_vec()..to.to_vec())))
    }

    /// All keys, in order; reads no value.
    pub fn keys(
        &self,
        space: Space,
    ) -> Result<impl Iterator<Item = Result<UserValue, StoreError>> + use<>, StoreError> {
        let opened = self.inner.opened()?;
        let keys = opened.space(space).iter();
        Ok(keys.map(|guard| Ok(guard.key()?)))
    }

    /// The keys that begin with `prefix` as they stand now in each of these, whatever is
    /// written while they are read.
    pub fn frozen<const SPACES: usize>(
        &self,
        spaces: [Space; SPACES],
        prefix: &[u8],
    ) -> Result<
        [impl Iterator<Item = Result<UserValue, StoreError>> + Send + use<SPACES>; SPACES],
        StoreError,
    > {
        let opened = self.inner.opened()?;
        let snapshot = opened.db.snapshot();
        Ok(spaces.map(|space| {
            let found = snapshot.prefix(opened.space(space), prefix);
            found.map(|guard| Ok(guard.key()?)).fuse()
        }))
    }

    /// The greatest key.
    pub fn last_key(&self, space: Space) -> Result<Option<UserValue>, StoreError> {
        Ok(self.inner.opened()?.last_key(space)?)
    }
}

impl Inner {
    fn room(&self) -> Result<(), StoreError> {
        let opened = self.opened()?;
        let mut room = self.room.lock().unwrap_or_else(PoisonError::into_inner);
        room.check(&self.path, &opened)
    }

    /// The database; while it is closed, why that is so.
    fn opened(&self) -> Result<Arc<Opened>, StoreError> {
        self.opened
            .load_full()
            .ok_or_else(|| self.down.borrow().clone().unwrap_or(StoreError::Closed))
    }
}

/// What is found, or the one error that there is instead. Holds a view of the database, not
/// the database: it can be closed meanwhile.
fn records(
    found: Result<fjall::Iter, StoreError>,
) -> impl DoubleEndedIterator<Item = Result<(UserValue, UserValue), StoreError>> {
    let (found, closed) = match found {
        Ok(found) => (Some(found), None),
        Err(error) => (None, Some(Err(error))),
    };
    let found = found.into_iter().flatten();
    found.map(|guard| Ok(guard.into_inner()?)).chain(closed)
}

/// Reads a record.
pub fn decoded<T: Field>(space: Space, bytes: &[u8]) -> Result<T, StoreError> {
    from_bytes(bytes).map_err(|error| StoreError::Damaged {
        space,
        problem: error.to_string(),
    })
}

#[cfg(test)]
mod tests;

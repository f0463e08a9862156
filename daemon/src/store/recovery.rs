//! From a write that failed back to a database that can be written, in the same process.
//!
//! In: why it failed, and what was refused then. Out: the same database, opened anew, with
//! everything in it that was answered with success and nothing that was refused. Waits on a
//! thread of its own, so that the committer can go on refusing. Knows keys and bytes only.

use std::fs::File;
use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use fjall::{OwnedWriteBatch, PersistMode, UserValue};
use tokio::sync::oneshot;

use super::commit::RecordKey;
use super::database::OpenDatabase;
use super::shared::SharedStore;
use super::{StoreError, journal};

/// Before the disk is tried again.
const FIRST_DELAY: Duration = Duration::from_millis(500);
/// The longest that this wait becomes.
const MAX_DELAY: Duration = Duration::from_secs(2);
/// What a disk must take before it is trusted with the database.
const PROBE_BYTES: usize = 1 << 20;
/// How often it is looked whether readers have let go of the database.
const CLOSE_POLL_INTERVAL: Duration = Duration::from_millis(5);
/// How long they may take before the attempt is given up.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(10);

/// A database on its way back.
pub struct Recovery {
    shared: Arc<SharedStore>,
    refused: Vec<RecordKey>,
    /// What stood there before; read from the failed database, which cannot change any more.
    before: Option<Vec<(RecordKey, Option<UserValue>)>>,
    /// The kernel may have dropped what it had taken: a failed fsync does not say what.
    doubtful: bool,
}

impl Recovery {
    /// Marks the database as failed and begins. The receiver resolves when it works again;
    /// once it is dropped, nobody needs it to.
    pub fn start(
        shared: Arc<SharedStore>,
        error: StoreError,
        refused: Vec<RecordKey>,
    ) -> oneshot::Receiver<()> {
        tracing::error!(%error, path = %shared.path.display(), "the database cannot be written; everything new is refused until it can be");
        let recovery = Self {
            shared: shared.clone(),
            refused,
            before: None,
            doubtful: !is_full(&error),
        };
        shared.failure.send_replace(Some(error));
        let (done, ended) = oneshot::channel();
        let thread = std::thread::Builder::new().name("recovery".to_owned());
        if let Err(error) = thread.spawn(move || recovery.run(done)) {
            tracing::error!(%error, "cannot start a thread that waits for the disk; restart the daemon");
        }
        ended
    }

    fn run(mut self, done: oneshot::Sender<()>) {
        let began = Instant::now();
        let mut wait = FIRST_DELAY;
        let mut logged = String::new();
        loop {
            std::thread::sleep(wait);
            if done.is_closed() {
                return;
            }
            let Err(error) = self.attempt() else { break };
            self.doubtful |= !is_full(&error) && self.shared.database.load().is_none();
            let error = error.to_string();
            if logged != error {
                tracing::warn!(error, "waiting for the disk");
                logged = error;
            }
            wait = (wait * 2).min(MAX_DELAY);
        }
        tracing::warn!(after = ?began.elapsed(), "the database can be written again");
        self.shared.failure.send_replace(None);
        // The committer may have gone.
        let _ = done.send(());
    }

    fn attempt(&mut self) -> Result<(), StoreError> {
        let path = self.shared.path.clone();
        let probed = probe(&path);
        if let Err(error) = probed {
            let error = fjall::Error::from(error).into();
            // A worker failed first and left no reason; this is it.
            if is_poisoned(&self.shared) && is_full(&error) {
                self.doubtful = false;
            }
            return Err(error);
        }
        if self.before.is_none() {
            let database = self.shared.database()?;
            self.before = Some(database.before(&self.refused)?);
        }
        self.close()?;
        if self.doubtful {
            journal::rewrite(&path).map_err(fjall::Error::from)?;
            self.doubtful = false;
        }
        let database = OpenDatabase::open(&path)?;
        database.take_back(self.before.as_deref().unwrap_or_default())?;
        self.shared.database.store(Some(Arc::new(database)));
        Ok(())
    }

    /// Closes what is open, and waits until nothing of it can be written any more.
    fn close(&self) -> Result<(), StoreError> {
        let until = Instant::now() + CLOSE_TIMEOUT;
        let mut database = self.shared.database.swap(None);
        while let Some(shared) = database.take() {
            // Readers hold it for one look each.
            match Arc::try_unwrap(shared) {
                Ok(last) => drop(last),
                Err(shared) if Instant::now() < until => {
                    database = Some(shared);
                    std::thread::sleep(CLOSE_POLL_INTERVAL);
                }
                Err(shared) => drop(shared),
            }
        }
        while journal::is_open(&self.shared.path) {
            if Instant::now() >= until {
                return Err(fjall::Error::Locked.into());
            }
            std::thread::sleep(CLOSE_POLL_INTERVAL);
        }
        Ok(())
    }
}

impl OpenDatabase {
    fn before(&self, keys: &[RecordKey]) -> fjall::Result<Vec<(RecordKey, Option<UserValue>)>> {
        let mut before = Vec::with_capacity(keys.len());
        for (keyspace, key) in keys {
            let value = self.keyspace(*keyspace).get(key)?;
            before.push(((*keyspace, key.clone()), value));
        }
        Ok(before)
    }

    /// Puts everything back where it was. What was refused is in the journal if its fsync
    /// failed, or if closing wrote the rest of it; it must not come to life.
    fn take_back(&self, before: &[(RecordKey, Option<UserValue>)]) -> fjall::Result<()> {
        let batch = OwnedWriteBatch::with_capacity(self.db.clone(), before.len());
        let mut batch = batch.durability(Some(PersistMode::SyncAll));
        for ((keyspace, key), value) in before {
            match value {
                Some(value) => batch.insert(self.keyspace(*keyspace), key.clone(), value.clone()),
                None => batch.remove(self.keyspace(*keyspace), key.clone()),
            }
        }
        batch.commit()?;
        self.db.persist(PersistMode::SyncAll)
    }
}

/// Whether the disk takes anything, without touching the database.
fn probe(path: &Path) -> std::io::Result<()> {
    let path = path.join("probe");
    let written = File::create(&path).and_then(|mut file| {
        file.write_all(&vec![0xa5; PROBE_BYTES])?;
        file.sync_all()
    });
    // Must free its disk space again, whatever came of it.
    let removed = std::fs::remove_file(&path);
    written.and(removed)
}

/// A full disk refuses the write itself and loses nothing that it took before.
fn is_full(error: &StoreError) -> bool {
    use std::io::ErrorKind::{QuotaExceeded, StorageFull};
    let (StoreError::Failed(source) | StoreError::Open { source, .. }) = error else {
        return false;
    };
    let kind = match &**source {
        fjall::Error::Io(error) => error.kind(),
        fjall::Error::Storage(fjall::LsmError::Io(error)) => error.kind(),
        _ => return false,
    };
    matches!(kind, StorageFull | QuotaExceeded)
}

fn is_poisoned(shared: &SharedStore) -> bool {
    matches!(&*shared.failure.borrow(), Some(StoreError::Failed(source)) if matches!(**source, fjall::Error::Poisoned))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{Keyspace, StoreSettings};

    fn shared(path: &Path) -> Arc<SharedStore> {
        let database = OpenDatabase::open(path).expect("a new database");
        let settings = StoreSettings {
            path: path.to_owned(),
            min_free: 0,
            max_bytes: None,
        };
        let shared = SharedStore::new(&settings, database);
        shared.failure.send_replace(Some(StoreError::Closed));
        Arc::new(shared)
    }

    fn write(shared: &SharedStore, key: &str, value: &str) {
        let database = shared.database().expect("open");
        let written = database.keyspace(Keyspace::Trace).insert(key, value);
        written.expect("written");
    }

    fn read(shared: &SharedStore, key: &str) -> Option<UserValue> {
        let database = shared.database().expect("open");
        database.keyspace(Keyspace::Trace).get(key).expect("read")
    }

    #[test]
    fn what_was_refused_is_taken_back_and_all_else_is_there_though_somebody_still_reads() {
        let dir = tempfile::tempdir().expect("a directory");
        let shared = shared(dir.path());
        for (key, value) in [("kept", "kept"), ("changed", "new"), ("added", "new")] {
            write(&shared, key, value);
        }
        let database = shared.database().expect("open");
        let mut under_way = database.keyspace(Keyspace::Trace).iter();
        drop(database);
        let place = |key: &str| (Keyspace::Trace, key.into());
        let recovery = Recovery {
            shared: shared.clone(),
            refused: Vec::new(),
            before: Some(vec![
                (place("changed"), Some("old".into())),
                (place("added"), None),
            ]),
            doubtful: true,
        };
        let (done, ended) = oneshot::channel();

        recovery.run(done);

        ended.blocking_recv().expect("told");
        assert!(shared.failure.borrow().is_none());
        assert_eq!(read(&shared, "kept").as_deref(), Some(&b"kept"[..]));
        assert_eq!(read(&shared, "changed").as_deref(), Some(&b"old"[..]));
        assert_eq!(read(&shared, "added"), None);
        let (key, value) = under_way
            .next_back()
            .expect("one")
            .into_inner()
            .expect("read");
        assert_eq!((&*key, &*value), (&b"kept"[..], &b"kept"[..]));
        write(&shared, "after", "after");
    }

    #[test]
    fn a_disk_that_cannot_be_written_is_waited_for_and_read_meanwhile() {
        let dir = tempfile::tempdir().expect("a directory");
        let shared = shared(dir.path());
        write(&shared, "kept", "kept");
        // Whoever runs the tests may write anything, but not over a directory.
        let probe = dir.path().join("probe");
        std::fs::create_dir(&probe).expect("made");
        let mut recovery = Recovery {
            shared: shared.clone(),
            refused: vec![
                (Keyspace::Trace, "kept".into()),
                (Keyspace::Trace, "new".into()),
            ],
            before: None,
            doubtful: false,
        };

        recovery.attempt().expect_err("nothing can be written");
        assert_eq!(read(&shared, "kept").as_deref(), Some(&b"kept"[..]));
        std::fs::remove_dir(&probe).expect("removed");
        recovery.attempt().expect("it can be written again");

        assert_eq!(read(&shared, "kept").as_deref(), Some(&b"kept"[..]));
        assert_eq!(read(&shared, "new"), None);
    }

    #[test]
    fn only_a_full_disk_is_known_to_have_kept_what_it_took() {
        let of = |kind: std::io::ErrorKind| {
            is_full(&fjall::Error::Io(std::io::Error::from(kind)).into())
        };
        assert!(of(std::io::ErrorKind::StorageFull));
        assert!(of(std::io::ErrorKind::QuotaExceeded));
        assert!(!of(std::io::ErrorKind::ReadOnlyFilesystem));
        assert!(!is_full(&fjall::Error::Poisoned.into()));
        assert!(!is_full(&StoreError::Closed));
    }
}

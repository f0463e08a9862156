//! From a write that failed back to a database that can be written, in the same process.
//!
//! In: why it failed, and what was refused then. Out: the same database, opened anew, with
//! everything in it that was answered with success and nothing that was refused. Waits on a
//! thread of its own, so that the committer can go on refusing. Knows places and bytes only.

use std::fs::File;
use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use fjall::{OwnedWriteBatch, PersistMode, UserValue};
use tokio::sync::oneshot;

use super::commit::Place;
use super::opened::Opened;
use super::shared::Inner;
use super::{StoreError, journal};

/// Before the disk is tried again.
const FIRST: Duration = Duration::from_millis(500);
/// The longest that this wait becomes.
const LONGEST: Duration = Duration::from_secs(2);
/// What a disk must take before it is trusted with the database.
const PROBE: usize = 1 << 20;
/// How often it is looked whether readers have let go of the database.
const LET_GO: Duration = Duration::from_millis(5);
/// How long they may take before the attempt is given up.
const CLOSING: Duration = Duration::from_secs(10);

/// A database on its way back.
pub struct Recovery {
    inner: Arc<Inner>,
    refused: Vec<Place>,
    /// What stood there before; read from the failed database, which cannot change any more.
    before: Option<Vec<(Place, Option<UserValue>)>>,
    /// The kernel may have dropped what it had taken: a failed fsync does not say what.
    doubtful: bool,
}

impl Recovery {
    /// Marks the database as failed and begins. The receiver is told when it works again;
    /// once it is dropped, nobody needs it to.
    pub fn start(
        inner: Arc<Inner>,
        error: StoreError,
        refused: Vec<Place>,
    ) -> oneshot::Receiver<()> {
        tracing::error!(%error, path = %inner.path.display(), "the database cannot be written; everything new is refused until it can be");
        let recovery = Self {
            inner: inner.clone(),
            refused,
            before: None,
            doubtful: !is_full(&error),
        };
        inner.down.send_replace(Some(error));
        let (done, ended) = oneshot::channel();
        let thread = std::thread::Builder::new().name("recovery".to_owned());
        if let Err(error) = thread.spawn(move || recovery.run(done)) {
            tracing::error!(%error, "no thread to wait for the disk; restart the daemon");
        }
        ended
    }

    fn run(mut self, done: oneshot::Sender<()>) {
        let began = Instant::now();
        let mut wait = FIRST;
        let mut said = String::new();
        loop {
            std::thread::sleep(wait);
            if done.is_closed() {
                return;
            }
            let Err(error) = self.attempt() else { break };
            self.doubtful |= !is_full(&error) && self.inner.opened.load().is_none();
            let error = error.to_string();
            if said != error {
                tracing::warn!(error, "waiting for the disk");
                said = error;
            }
            wait = (wait * 2).min(LONGEST);
        }
        tracing::warn!(after = ?began.elapsed(), "the database can be written again");
        self.inner.down.send_replace(None);
        // The committer may have gone.
        let _ = done.send(());
    }

    fn attempt(&mut self) -> Result<(), StoreError> {
        let path = self.inner.path.clone();
        let probed = probe(&path);
        if let Err(error) = probed {
            let error = fjall::Error::from(error).into();
            // A worker failed first and left no reason; this is it.
            if is_poisoned(&self.inner) && is_full(&error) {
                self.doubtful = false;
            }
            return Err(error);
        }
        if self.before.is_none() {
            let opened = self.inner.opened()?;
            self.before = Some(opened.before(&self.refused)?);
        }
        self.close()?;
        if self.doubtful {
            journal::rewrite(&path).map_err(fjall::Error::from)?;
            self.doubtful = false;
        }
        let opened = Opened::open(&path)?;
        opened.take_back(self.before.as_deref().unwrap_or_default())?;
        self.inner.opened.store(Some(Arc::new(opened)));
        Ok(())
    }

    /// Closes what is open, and waits until nothing of it can be written any more.
    fn close(&self) -> Result<(), StoreError> {
        let until = Instant::now() + CLOSING;
        let mut opened = self.inner.opened.swap(None);
        while let Some(shared) = opened.take() {
            // Readers hold it for one look each.
            match Arc::try_unwrap(shared) {
                Ok(last) => drop(last),
                Err(shared) if Instant::now() < until => {
                    opened = Some(shared);
                    std::thread::sleep(LET_GO);
                }
                Err(shared) => drop(shared),
            }
        }
        while journal::is_open(&self.inner.path) {
            if Instant::now() >= until {
                return Err(fjall::Error::Locked.into());
            }
            std::thread::sleep(LET_GO);
        }
        Ok(())
    }
}

impl Opened {
    fn before(&self, places: &[Place]) -> fjall::Result<Vec<(Place, Option<UserValue>)>> {
        let mut before = Vec::with_capacity(places.len());
        for (space, key) in places {
            let value = self.space(*space).get(key)?;
            before.push(((*space, key.clone()), value));
        }
        Ok(before)
    }

    /// Puts everything back where it was. What was refused is in the journal if its fsync
    /// failed, or if closing wrote the rest of it; it must not come to life.
    fn take_back(&self, before: &[(Place, Option<UserValue>)]) -> fjall::Result<()> {
        let batch = OwnedWriteBatch::with_capacity(self.db.clone(), before.len());
        let mut batch = batch.durability(Some(PersistMode::SyncAll));
        for ((space, key), value) in before {
            match value {
                Some(value) => batch.insert(self.space(*space), key.clone(), value.clone()),
                None => batch.remove(self.space(*space), key.clone()),
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
        file.write_all(&vec![0xa5; PROBE])?;
        file.sync_all()
    });
    // Must make room again, whatever came of it.
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

fn is_poisoned(inner: &Inner) -> bool {
    matches!(&*inner.down.borrow(), Some(StoreError::Failed(source)) if matches!(**source, fjall::Error::Poisoned))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{Space, StoreSettings};

    fn inner(path: &Path) -> Arc<Inner> {
        let opened = Opened::open(path).expect("a new database");
        let settings = StoreSettings {
            path: path.to_owned(),
            min_free: 0,
            most: None,
        };
        let inner = Inner::new(&settings, opened);
        inner.down.send_replace(Some(StoreError::Closed));
        Arc::new(inner)
    }

    fn write(inner: &Inner, key: &str, value: &str) {
        let opened = inner.opened().expect("open");
        let written = opened.space(Space::Trace).insert(key, value);
        written.expect("written");
    }

    fn read(inner: &Inner, key: &str) -> Option<UserValue> {
        let opened = inner.opened().expect("open");
        opened.space(Space::Trace).get(key).expect("read")
    }

    #[test]
    fn what_was_refused_is_taken_back_and_all_else_is_there_though_somebody_still_reads() {
        let dir = tempfile::tempdir().expect("a directory");
        let inner = inner(dir.path());
        for (key, value) in [("kept", "kept"), ("changed", "new"), ("added", "new")] {
            write(&inner, key, value);
        }
        let opened = inner.opened().expect("open");
        let mut under_way = opened.space(Space::Trace).iter();
        drop(opened);
        let place = |key: &str| (Space::Trace, key.into());
        let recovery = Recovery {
            inner: inner.clone(),
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
        assert!(inner.down.borrow().is_none());
        assert_eq!(read(&inner, "kept").as_deref(), Some(&b"kept"[..]));
        assert_eq!(read(&inner, "changed").as_deref(), Some(&b"old"[..]));
        assert_eq!(read(&inner, "added"), None);
        let (key, value) = under_way
            .next_back()
            .expect("one")
            .into_inner()
            .expect("read");
        assert_eq!((&*key, &*value), (&b"kept"[..], &b"kept"[..]));
        write(&inner, "after", "after");
    }

    #[test]
    fn a_disk_that_cannot_be_written_is_waited_for_and_read_meanwhile() {
        let dir = tempfile::tempdir().expect("a directory");
        let inner = inner(dir.path());
        write(&inner, "kept", "kept");
        // Whoever runs the tests may write anything, but not over a directory.
        let probe = dir.path().join("probe");
        std::fs::create_dir(&probe).expect("made");
        let mut recovery = Recovery {
            inner: inner.clone(),
            refused: vec![(Space::Trace, "kept".into()), (Space::Trace, "new".into())],
            before: None,
            doubtful: false,
        };

        recovery.attempt().expect_err("nothing can be written");
        assert_eq!(read(&inner, "kept").as_deref(), Some(&b"kept"[..]));
        std::fs::remove_dir(&probe).expect("removed");
        recovery.attempt().expect("it can be written again");

        assert_eq!(read(&inner, "kept").as_deref(), Some(&b"kept"[..]));
        assert_eq!(read(&inner, "new"), None);
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

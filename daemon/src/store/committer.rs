//! The committer: one thread that writes for everybody, so that a thousand share an fsync
//! and one alone does not wait.
//!
//! In: commits, in the order of their submission. Out: a reply to each, once it is written. Hands a
//! database that cannot be written to the recovery, and refuses everything until it is back.

use std::sync::Arc;
use std::time::{Duration, Instant};

use fjall::{OwnedWriteBatch, PersistMode, UserKey};
use tokio::sync::{mpsc, oneshot};

use super::StoreError;
use super::commit::{Commit, Durability, RecordKey};
use super::database::OpenDatabase;
use super::numbers::Numbers;
use super::recovery::Recovery;
use super::shared::SharedStore;
use super::slot::{CommitReply, Job};

/// Commits that may wait for the disk before their senders do.
const BACKLOG: usize = 1024;
/// Records that one transaction takes; past it, the others come next.
const MAX_GROUP: usize = 8192;
/// What was not fsynced at once is so within this time.
const SYNC_INTERVAL: Duration = Duration::from_secs(1);
/// How often it is looked whether the database has caught up.
const CATCH_UP_INTERVAL: Duration = Duration::from_millis(5);

pub(super) fn start(shared: Arc<SharedStore>) -> Result<mpsc::Sender<Job>, StoreError> {
    let (sender, jobs) = mpsc::channel(BACKLOG);
    let numbers = Numbers::open(&*shared.database()?)?;
    // For its clock alone.
    let clock = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .map_err(fjall::Error::from)?;
    let mut committer = Committer {
        shared,
        jobs,
        numbers,
        clock,
        unsynced: None,
        recovery: None,
    };
    std::thread::Builder::new()
        .name("committer".to_owned())
        .spawn(move || committer.run())
        .map_err(|error| StoreError::from(fjall::Error::from(error)))?;
    Ok(sender)
}

struct Committer {
    shared: Arc<SharedStore>,
    jobs: mpsc::Receiver<Job>,
    numbers: Numbers,
    clock: tokio::runtime::Runtime,
    unsynced: Option<Instant>,
    /// Ends when the database can be written again.
    recovery: Option<oneshot::Receiver<()>>,
}

impl Committer {
    fn run(&mut self) {
        while let Some(job) = self.next_job() {
            let group = self.gather(job);
            self.commit(group);
        }
        // Nobody can commit any more: the last outcomes become durable.
        if let Ok(database) = self.shared.database() {
            let _ = database.db.persist(PersistMode::SyncAll);
        }
    }

    /// Waits for somebody; no longer than what is written may stay without an fsync.
    fn next_job(&mut self) -> Option<Job> {
        loop {
            if let Ok(job) = self.jobs.try_recv() {
                return Some(job);
            }
            let jobs = &mut self.jobs;
            if let Some(recovery) = &mut self.recovery {
                let job = self.clock.block_on(async {
                    tokio::select! {
                        _ = recovery => None,
                        job = jobs.recv() => Some(job),
                    }
                });
                match job {
                    Some(job) => return job,
                    None => self.recovery = None,
                }
            } else if let Some(since) = self.unsynced {
                let left = SYNC_INTERVAL.saturating_sub(since.elapsed());
                match self
                    .clock
                    .block_on(async { tokio::time::timeout(left, jobs.recv()).await })
                {
                    Ok(job) => return job,
                    Err(_) => self.sync(),
                }
            } else {
                return self.jobs.blocking_recv();
            }
        }
    }

    fn sync(&mut self) {
        self.unsynced = None;
        let synced = self
            .shared
            .database()
            .and_then(|database| Ok(database.db.persist(PersistMode::SyncData)?));
        match synced {
            Ok(()) => self.shared.synced(),
            Err(error) => self.recover(error, Vec::new()),
        }
    }

    /// Nothing is written until the disk can be; `refused` is what may be in the journal
    /// though its senders get an error.
    fn recover(&mut self, error: StoreError, refused: Vec<RecordKey>) {
        self.unsynced = None;
        self.recovery = Some(Recovery::start(self.shared.clone(), error, refused));
    }

    /// Everything that waits already; never waits for more.
    fn gather(&mut self, first: Job) -> Vec<Job> {
        let mut size = first.commit.size();
        let mut group = vec![first];
        while size < MAX_GROUP
            && let Ok(job) = self.jobs.try_recv()
        {
            size += job.commit.size();
            group.push(job);
        }
        group
    }

    fn commit(&mut self, group: Vec<Job>) {
        let mut group = self.accepted(group);
        if group.is_empty() {
            return;
        }
        let durable = group
            .iter()
            .any(|job| job.commit.durability != Durability::Buffered);
        let given = group.iter().map(|job| job.commit.numbered.len()).sum();
        let bound = self.numbers.raised_for(given);
        let overdue = self
            .unsynced
            .is_some_and(|since| since.elapsed() >= SYNC_INTERVAL);
        let mode = if durable || overdue || bound.is_some() {
            PersistMode::SyncData
        } else {
            PersistMode::Buffer
        };
        let records: usize = group.iter().map(|job| job.commit.size()).sum();
        let mut keys = Vec::with_capacity(records);
        let mut numbers = Vec::with_capacity(group.len());
        let result = self.shared.database().and_then(|database| {
            if records == 0 {
                return Ok(database.db.persist(mode)?);
            }
            let batch = OwnedWriteBatch::with_capacity(database.db.clone(), records);
            let mut batch = batch.durability(Some(mode));
            for job in &mut group {
                numbers.push(self.numbers.next);
                self.numbers.next =
                    database.fill(&mut batch, &mut job.commit, self.numbers.next, &mut keys);
            }
            if let Some(bound) = bound {
                database.fill_bound(&mut batch, bound);
            }
            while database.is_behind() && !database.is_dead() {
                std::thread::sleep(CATCH_UP_INTERVAL);
            }
            Ok(batch.commit()?)
        });
        if let Err(error) = &result {
            group
                .iter()
                .for_each(|job| job.commit.dependency.state.refuse());
            self.recover(error.clone(), keys);
        } else {
            if let Some(bound) = bound {
                self.numbers.raise(bound);
            }
            match mode {
                PersistMode::Buffer if records == 0 => {}
                PersistMode::Buffer => self.unsynced = self.unsynced.or(Some(Instant::now())),
                _ => {
                    self.unsynced = None;
                    self.shared.synced();
                }
            }
            numbers.resize(group.len(), self.numbers.next);
            for (job, number) in group.iter_mut().zip(numbers) {
                if let Some(on_commit) = job.commit.on_commit.take() {
                    on_commit(number);
                }
            }
        }
        for job in group {
            reply(job, result.clone());
        }
    }

    /// Those that may be written; the others get their reply.
    fn accepted(&mut self, group: Vec<Job>) -> Vec<Job> {
        let failure = self.shared.failure.borrow().clone();
        let free_space = if group.iter().any(accepts) {
            self.shared.check_free_space()
        } else {
            Ok(())
        };
        let mut accepted = Vec::with_capacity(group.len());
        for job in group {
            let dependency = &job.commit.dependency;
            let refused = match &free_space {
                _ if failure.is_some() => failure.clone(),
                Err(error) if accepts(&job) => Some(error.clone()),
                _ if dependency.after.iter().any(|it| it.is_refused()) => {
                    Some(StoreError::DependencyRefused)
                }
                _ => None,
            };
            match refused {
                Some(error) => {
                    // At once: the next in the group may be built on it.
                    dependency.state.refuse();
                    reply(job, Err(error));
                }
                None => accepted.push(job),
            }
        }
        accepted
    }
}

impl OpenDatabase {
    /// Adds a commit to the batch and its keys to `keys`; returns the next number.
    fn fill(
        &self,
        batch: &mut OwnedWriteBatch,
        commit: &mut Commit,
        mut number: u64,
        keys: &mut Vec<RecordKey>,
    ) -> u64 {
        if let Some(lazy) = commit.lazy.take() {
            commit.writes.extend(lazy());
        }
        for write in commit.writes.drain(..) {
            let key = UserKey::from(write.key);
            keys.push((write.keyspace, key.clone()));
            match write.value {
                Some(value) => batch.insert(self.keyspace(write.keyspace), key, value),
                None => batch.remove(self.keyspace(write.keyspace), key),
            }
        }
        for mut record in commit.numbered.drain(..) {
            record.prefix.extend_from_slice(&number.to_be_bytes());
            let key = UserKey::from(record.prefix);
            keys.push((record.keyspace, key.clone()));
            batch.insert(self.keyspace(record.keyspace), key, record.value);
            number += 1;
        }
        number
    }
}

fn accepts(job: &Job) -> bool {
    job.commit.durability == Durability::Accepting
}

fn reply(job: Job, result: Result<(), StoreError>) {
    let _guard = job.commit.dependency.guard;
    // Whoever asked may have gone; what is written stays written.
    let _ = job.done.send(CommitReply { result, _guard });
}

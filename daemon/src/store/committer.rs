//! The committer: one thread that writes for everybody, so that a thousand share an fsync
//! and one alone does not wait.
//!
//! In: commits, in the order of their submission. Out: answers, once they are written. Hands a
//! database that cannot be written to the recovery, and refuses everything until it is back.

use std::sync::Arc;
use std::time::{Duration, Instant};

use fjall::{OwnedWriteBatch, PersistMode, UserKey};
use tokio::sync::{mpsc, oneshot};

use super::StoreError;
use super::commit::{Commit, Durability, Place};
use super::numbers::Numbers;
use super::opened::Opened;
use super::recovery::Recovery;
use super::shared::Inner;
use super::slot::{Answer, Job};

/// Commits that may wait for the disk before their senders do.
const BACKLOG: usize = 1024;
/// Records that one transaction takes; past it, the others come next.
const GROUP: usize = 8192;
/// What was not fsynced at once is so within this time.
const SYNC: Duration = Duration::from_secs(1);
/// How often it is looked whether the database has caught up.
const CATCH_UP: Duration = Duration::from_millis(5);

pub(super) fn start(inner: Arc<Inner>) -> Result<mpsc::Sender<Job>, StoreError> {
    let (sender, jobs) = mpsc::channel(BACKLOG);
    let numbers = Numbers::open(&*inner.opened()?)?;
    // For its clock alone.
    let clock = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .map_err(fjall::Error::from)?;
    let mut committer = Committer {
        inner,
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
    inner: Arc<Inner>,
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
        if let Ok(opened) = self.inner.opened() {
            let _ = opened.db.persist(PersistMode::SyncAll);
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
                let left = SYNC.saturating_sub(since.elapsed());
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
            .inner
            .opened()
            .and_then(|opened| Ok(opened.db.persist(PersistMode::SyncData)?));
        match synced {
            Ok(()) => self.inner.synced(),
            Err(error) => self.recover(error, Vec::new()),
        }
    }

    /// Nothing is written until the disk can be; `refused` is what may be in the journal
    /// though its senders are told that it is not.
    fn recover(&mut self, error: StoreError, refused: Vec<Place>) {
        self.unsynced = None;
        self.recovery = Some(Recovery::start(self.inner.clone(), error, refused));
    }

    /// Everything that waits already; never waits for more.
    fn gather(&mut self, first: Job) -> Vec<Job> {
        let mut size = first.commit.size();
        let mut group = vec![first];
        while size < GROUP
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
        let overdue = self.unsynced.is_some_and(|since| since.elapsed() >= SYNC);
        let mode = if durable || overdue || bound.is_some() {
            PersistMode::SyncData
        } else {
            PersistMode::Buffer
        };
        let records: usize = group.iter().map(|job| job.commit.size()).sum();
        let mut places = Vec::with_capacity(records);
        let mut numbers = Vec::with_capacity(group.len());
        let result = self.inner.opened().and_then(|opened| {
            if records == 0 {
                return Ok(opened.db.persist(mode)?);
            }
            let batch = OwnedWriteBatch::with_capacity(opened.db.clone(), records);
            let mut batch = batch.durability(Some(mode));
            for job in &mut group {
                numbers.push(self.numbers.next);
                self.numbers.next =
                    opened.fill(&mut batch, &mut job.commit, self.numbers.next, &mut places);
            }
            if let Some(bound) = bound {
                opened.fill_bound(&mut batch, bound);
            }
            while opened.is_behind() && !opened.is_dead() {
                std::thread::sleep(CATCH_UP);
            }
            Ok(batch.commit()?)
        });
        if let Err(error) = &result {
            group.iter().for_each(|job| job.commit.tie.fate.refuse());
            self.recover(error.clone(), places);
        } else {
            if let Some(bound) = bound {
                self.numbers.raise(bound);
            }
            match mode {
                PersistMode::Buffer if records == 0 => {}
                PersistMode::Buffer => self.unsynced = self.unsynced.or(Some(Instant::now())),
                _ => {
                    self.unsynced = None;
                    self.inner.synced();
                }
            }
            numbers.resize(group.len(), self.numbers.next);
            for (job, number) in group.iter_mut().zip(numbers) {
                if let Some(landed) = job.commit.landed.take() {
                    landed(number);
                }
            }
        }
        for job in group {
            answer(job, result.clone());
        }
    }

    /// Those that may be written; the others are answered.
    fn accepted(&mut self, group: Vec<Job>) -> Vec<Job> {
        let down = self.inner.down.borrow().clone();
        let room = if group.iter().any(accepts) {
            self.inner.room()
        } else {
            Ok(())
        };
        let mut accepted = Vec::with_capacity(group.len());
        for job in group {
            let tie = &job.commit.tie;
            let refused = match &room {
                _ if down.is_some() => down.clone(),
                Err(error) if accepts(&job) => Some(error.clone()),
                _ if tie.after.iter().any(|it| it.is_refused()) => Some(StoreError::Baseless),
                _ => None,
            };
            match refused {
                Some(error) => {
                    // At once: the next in the group may be built on it.
                    tie.fate.refuse();
                    answer(job, Err(error));
                }
                None => accepted.push(job),
            }
        }
        accepted
    }
}

impl Opened {
    /// Adds a commit to the batch and its places to `places`; returns the next number.
    fn fill(
        &self,
        batch: &mut OwnedWriteBatch,
        commit: &mut Commit,
        mut number: u64,
        places: &mut Vec<Place>,
    ) -> u64 {
        if let Some(latest) = commit.latest.take() {
            commit.writes.extend(latest());
        }
        for write in commit.writes.drain(..) {
            let key = UserKey::from(write.key);
            places.push((write.space, key.clone()));
            match write.value {
                Some(value) => batch.insert(self.space(write.space), key, value),
                None => batch.remove(self.space(write.space), key),
            }
        }
        for mut record in commit.numbered.drain(..) {
            record.prefix.extend_from_slice(&number.to_be_bytes());
            let key = UserKey::from(record.prefix);
            places.push((record.space, key.clone()));
            batch.insert(self.space(record.space), key, record.value);
            number += 1;
        }
        number
    }
}

fn accepts(job: &Job) -> bool {
    job.commit.durability == Durability::Accepting
}

fn answer(job: Job, result: Result<(), StoreError>) {
    let _held = job.commit.tie.held;
    // Whoever asked may have gone; what is written stays written.
    let _ = job.done.send(Answer { result, _held });
}

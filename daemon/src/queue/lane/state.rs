//! What a lane has in memory: a window of each of its lines, and what is leased of them.

use std::collections::HashSet;
use std::time::Duration;

use nudged_plugin_api::Timestamp;

use super::Enqueued;
use super::counts::{LaneCounts, Recount};
use super::source::{Item, LaneSource, WINDOW, after};
use super::turns::{PriorityLine, Turns};
use crate::model::{CertificateId, Rank, TimestampExt};
use crate::queue::position::LanePosition;
use crate::store::{Keyspace, Store, StoreError};

/// What a lane has in memory.
pub struct LaneState {
    /// The lines, by [`PriorityLine::index`].
    sources: [LaneSource; PriorityLine::ALL.len()],
    turns: Turns,
    /// When the earliest of those that wait is due.
    pub next_due: Option<Timestamp>,
    /// Until when a request that is not full yet waits for others to join it.
    pub linger_until: Option<Timestamp>,
    /// Numbers of those that are being sent.
    pub leased: HashSet<u64>,
    /// Numbers of those that are taken for something else than sending.
    pub claimed: HashSet<u64>,
    /// How much there is.
    pub counts: LaneCounts,
    /// Whether that is how it stands in the database.
    pub recount: Recount,
}

impl LaneState {
    /// Nothing is in memory yet.
    pub fn new(channel: CertificateId) -> Self {
        let source = |line: PriorityLine| match line {
            PriorityLine::First(rank) => LaneSource::ready(channel, rank),
            PriorityLine::Due => LaneSource::waiting(channel),
        };
        Self {
            sources: PriorityLine::ALL.map(source),
            turns: Turns::default(),
            next_due: Some(Timestamp(0)),
            linger_until: None,
            leased: HashSet::new(),
            claimed: HashSet::new(),
            counts: LaneCounts::default(),
            recount: Recount::Due,
        }
    }

    /// How many of those that may be sent somebody has.
    pub fn leased_ready(&self) -> usize {
        self.leased.len() + self.claimed.len()
    }

    /// Somebody has it no more.
    pub fn returned(&mut self, item: &Item, claimed: bool) {
        let from = if claimed {
            &mut self.claimed
        } else {
            &mut self.leased
        };
        from.remove(&item.position.number());
    }

    /// Whether somebody has it.
    pub fn is_leased(&self, number: u64) -> bool {
        self.leased.contains(&number) || self.claimed.contains(&number)
    }

    /// One that counted as ready waits in the database.
    pub fn note_due(&mut self, position: LanePosition) {
        self.counts.moved(1);
        if let LanePosition::Waiting { due, .. } = position {
            self.next_due = Some(self.next_due.map_or(due, |next| next.min(due)));
        }
    }

    /// The line that a position belongs to.
    pub fn source(&mut self, position: LanePosition) -> &mut LaneSource {
        let line = match position {
            LanePosition::Ready { rank, .. } => PriorityLine::First(rank),
            LanePosition::Waiting { .. } => PriorityLine::Due,
        };
        &mut self.sources[line.index()]
    }

    /// The lines of a keyspace.
    pub fn sources(&mut self, keyspace: Keyspace) -> impl Iterator<Item = &mut LaneSource> {
        self.sources
            .iter_mut()
            .filter(move |it| it.keyspace() == keyspace)
    }

    /// The next of the line whose turn it is.
    pub fn next_turn(&mut self) -> Option<Item> {
        let sources = &self.sources;
        let line = self
            .turns
            .next(|line| !sources[line.index()].loaded.is_empty())?;
        self.sources[line.index()].loaded.pop_front()
    }

    /// Whether nothing more can be given out at present.
    pub fn is_exhausted(&self) -> bool {
        self.sources.iter().all(|source| source.loaded.is_empty())
    }

    /// Whether a request that is not full waits for others at `now`, at most so long since the
    /// first such moment.
    pub fn may_linger(&mut self, now: Timestamp, max: Duration) -> bool {
        let until = *self.linger_until.get_or_insert(now.plus(max));
        now < until
    }

    /// Puts back what was leased just now.
    pub fn return_leased(&mut self, leased: impl DoubleEndedIterator<Item = Item>) {
        for item in leased.rev() {
            self.returned(&item, false);
            self.source(item.position).loaded.push_front(item);
        }
    }

    /// Adds one that was written just now.
    pub fn enqueued(&mut self, enqueued: Enqueued, channel: CertificateId) {
        let Enqueued {
            number,
            delivery,
            leader,
        } = enqueued;
        self.counts.added(1);
        // Behind something that is not loaded, or past the window, it stays in the database.
        let rank = delivery.content.rank();
        let position = LanePosition::Ready { rank, number };
        let key = position.key(channel);
        let leased = self.is_leased(number);
        let line = self.source(position);
        if line.more || line.loaded.len() >= WINDOW {
            line.more = true;
        } else if key >= line.cursor {
            line.cursor = after(key);
            // Else the operator has found it in the database already.
            if !leased {
                line.loaded.push_back(Item {
                    position,
                    delivery,
                    leader,
                });
            }
        }
        // Else a load has found it in the database before this thread came here.
    }

    /// Fills the windows that have run low.
    pub fn load(
        &mut self,
        store: &Store,
        channel: CertificateId,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let is_leased =
            |number: &u64| self.leased.contains(number) || self.claimed.contains(number);
        for rank in Rank::ALL {
            let first = &mut self.sources[PriorityLine::First(rank).index()];
            if first.more && first.loaded.len() < WINDOW / 2 {
                first.load(store, channel, None, is_leased)?;
            }
        }
        let due = &mut self.sources[PriorityLine::Due.index()];
        if self.next_due.is_some_and(|due| due <= now) && due.loaded.len() < WINDOW / 2 {
            let before = due.loaded.len();
            self.next_due = due.load(store, channel, Some(now), is_leased)?;
            let came = due.loaded.len() - before;
            self.counts.moved(-(came as isize));
        }
        Ok(())
    }
}

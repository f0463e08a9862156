//! What a lane has in memory: a window of each of its lines, and who is out.

use std::collections::HashSet;
use std::time::Duration;

use nudged_plugin_api::Timestamp;

use super::Landed;
use super::source::{Item, Source, WINDOW, after};
use super::tally::{Census, Tally};
use super::turns::{Line, Turns};
use crate::model::{CertificateId, Rank, later};
use crate::queue::place::Place;
use crate::store::{Space, Store, StoreError};

/// What a lane has in memory.
pub struct State {
    /// The lines, by [`Line::index`].
    sources: [Source; Line::ALL.len()],
    turns: Turns,
    /// When the earliest of those that wait is due.
    pub next_due: Option<Timestamp>,
    /// Until when a request that is not full yet waits for company.
    pub company: Option<Timestamp>,
    /// Numbers of those that are being sent.
    pub leased: HashSet<u64>,
    /// Numbers of those that are taken for something else than sending.
    pub apart: HashSet<u64>,
    /// How much there is.
    pub tally: Tally,
    /// Whether that is how it stands in the database.
    pub census: Census,
}

impl State {
    /// Nothing is in memory yet.
    pub fn new(channel: CertificateId) -> Self {
        let source = |line: Line| match line {
            Line::Fresh(rank) => Source::ready(channel, rank),
            Line::Due => Source::waiting(channel),
        };
        Self {
            sources: Line::ALL.map(source),
            turns: Turns::default(),
            next_due: Some(Timestamp(0)),
            company: None,
            leased: HashSet::new(),
            apart: HashSet::new(),
            tally: Tally::default(),
            census: Census::Due,
        }
    }

    /// How many of those that may be sent somebody has.
    pub fn out(&self) -> usize {
        self.leased.len() + self.apart.len()
    }

    /// Somebody has it no more.
    pub fn returned(&mut self, item: &Item, apart: bool) {
        let from = if apart {
            &mut self.apart
        } else {
            &mut self.leased
        };
        from.remove(&item.place.number());
    }

    /// Whether somebody has it.
    pub fn is_out(&self, number: u64) -> bool {
        self.leased.contains(&number) || self.apart.contains(&number)
    }

    /// One that counted as ready waits in the database.
    pub fn waits(&mut self, place: Place) {
        self.tally.moved(1);
        if let Place::Waiting { due, .. } = place {
            self.next_due = Some(self.next_due.map_or(due, |next| next.min(due)));
        }
    }

    /// The line that a place belongs to.
    pub fn source(&mut self, place: Place) -> &mut Source {
        let line = match place {
            Place::Ready { rank, .. } => Line::Fresh(rank),
            Place::Waiting { .. } => Line::Due,
        };
        &mut self.sources[line.index()]
    }

    /// The lines of a keyspace.
    pub fn sources(&mut self, space: Space) -> impl Iterator<Item = &mut Source> {
        self.sources
            .iter_mut()
            .filter(move |it| it.space() == space)
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

    /// Whether a request that is not full waits for company at `now`, at most so long since the
    /// first such moment.
    pub fn may_linger(&mut self, now: Timestamp, most: Duration) -> bool {
        let until = *self.company.get_or_insert(later(now, most));
        now < until
    }

    /// Puts back what was leased just now.
    pub fn put_back(&mut self, leased: impl DoubleEndedIterator<Item = Item>) {
        for item in leased.rev() {
            self.returned(&item, false);
            self.source(item.place).loaded.push_front(item);
        }
    }

    /// Adds one that was written just now.
    pub fn landed(&mut self, landed: Landed, channel: CertificateId) {
        let Landed {
            number,
            delivery,
            leader,
        } = landed;
        self.tally.added(1);
        // Behind something that is not loaded, or past the window, it stays in the database.
        let rank = delivery.content.rank();
        let place = Place::Ready { rank, number };
        let key = place.key(channel);
        let out = self.is_out(number);
        let line = self.source(place);
        if line.more || line.loaded.len() >= WINDOW {
            line.more = true;
        } else if key >= line.cursor {
            line.cursor = after(key);
            // Else the operator has found it in the database already.
            if !out {
                line.loaded.push_back(Item {
                    place,
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
        let out = |number: &u64| self.leased.contains(number) || self.apart.contains(number);
        for rank in Rank::ALL {
            let fresh = &mut self.sources[Line::Fresh(rank).index()];
            if fresh.more && fresh.loaded.len() < WINDOW / 2 {
                fresh.load(store, channel, None, out)?;
            }
        }
        let due = &mut self.sources[Line::Due.index()];
        if self.next_due.is_some_and(|due| due <= now) && due.loaded.len() < WINDOW / 2 {
            let before = due.loaded.len();
            self.next_due = due.load(store, channel, Some(now), out)?;
            let came = due.loaded.len() - before;
            self.tally.moved(-(came as isize));
        }
        Ok(())
    }
}

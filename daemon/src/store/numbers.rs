//! The numbers that records get: they rise, over all starts and power cuts too.
//!
//! A bound stands in the database, above every number that was ever given; a start goes on
//! from there. It is on disk before the first number below it is given, so no number that was
//! given away (the cursor of an event) is given again for something else.

use super::Keyspace;
use super::database::OpenDatabase;

/// Numbers that are given before the bound is raised again.
const STEP: u64 = 1 << 16;

/// The numbers.
pub struct Numbers {
    /// The next.
    pub next: u64,
    bound: u64,
}

impl Numbers {
    /// Goes on above every number in the database.
    pub fn open(database: &OpenDatabase) -> fjall::Result<Self> {
        let last = match database.bound()? {
            // A daemon that did not know the bound may have gone past it.
            Some(bound) => bound.max(greatest(database)?),
            None => greatest(database)?.max(greatest_waiting(database)?),
        };
        // The bound in the database is used up: what was given below it may be gone.
        Ok(Self {
            next: last + 1,
            bound: last,
        })
    }

    /// The bound that must be on disk before so many more are given, where that one is not.
    pub fn raised_for(&self, more: usize) -> Option<u64> {
        let last = self.next + more as u64 - u64::from(more > 0);
        (last > self.bound && more > 0).then(|| last + STEP)
    }

    /// This bound is on disk.
    pub fn raise(&mut self, bound: u64) {
        self.bound = self.bound.max(bound);
    }
}

/// Numbers are the last eight bytes of keys in `Events`, `Ready` and `Waiting`.
fn number(key: &[u8]) -> u64 {
    key.last_chunk::<8>().copied().map_or(0, u64::from_be_bytes)
}

/// The greatest of the keys that are in the order of their numbers.
fn greatest(database: &OpenDatabase) -> fjall::Result<u64> {
    let mut last = database
        .last_key(Keyspace::Events)?
        .map_or(0, |key| number(&key));
    // One step per channel and rank: its last key, then the first key of the next.
    let mut from: Vec<u8> = Vec::new();
    while let Some(first) = database
        .keyspace(Keyspace::Ready)
        .range(from.clone()..)
        .next()
    {
        let line: [u8; 5] = first.key()?.first_chunk().copied().unwrap_or([0xff; 5]);
        if let Some(greatest) = database.keyspace(Keyspace::Ready).prefix(line).next_back() {
            last = last.max(number(&greatest.key()?));
        }
        from = [&line[..], &[0xff; 9]].concat();
    }
    Ok(last)
}

/// Waiting deliveries are in the order of their due times. Only a database that has no bound
/// yet is looked through.
fn greatest_waiting(database: &OpenDatabase) -> fjall::Result<u64> {
    let mut last = 0;
    for guard in database.keyspace(Keyspace::Waiting).iter() {
        last = last.max(number(&guard.key()?));
    }
    Ok(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_start_goes_on_above_what_was_given_though_nothing_of_it_is_left() {
        let dir = tempfile::tempdir().expect("a directory");
        let database = OpenDatabase::open(dir.path()).expect("a new database");
        let mut numbers = Numbers::open(&database).expect("read");
        assert_eq!(numbers.next, 1);
        assert_eq!(numbers.raised_for(0), None, "nothing is given");
        let bound = numbers.raised_for(3).expect("there is no bound yet");
        database.write_bound(bound).expect("written");
        numbers.raise(bound);
        numbers.next += 3;
        assert_eq!(numbers.raised_for(1), None);
        assert_eq!(numbers.raised_for(STEP as usize - 1), None);
        assert!(numbers.raised_for(STEP as usize + 1).is_some());

        let again = Numbers::open(&database).expect("read");

        assert!(again.next > bound);
        assert!(again.raised_for(1).is_some(), "the old bound is used up");
    }

    #[test]
    fn a_database_without_a_bound_is_looked_through() {
        let dir = tempfile::tempdir().expect("a directory");
        let database = OpenDatabase::open(dir.path()).expect("a new database");
        let key = |due: u64, number: u64| {
            let due = due.to_be_bytes();
            [&7_u32.to_be_bytes()[..], &due, &number.to_be_bytes()].concat()
        };
        for key in [key(9, 5), key(8, 30), key(10, 6)] {
            let waiting = database.keyspace(Keyspace::Waiting);
            waiting.insert(key, "x").expect("written");
        }

        assert_eq!(Numbers::open(&database).expect("read").next, 31);
    }
}

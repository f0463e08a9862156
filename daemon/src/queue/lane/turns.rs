//! Whose turn it is. Pure.

use crate::model::Rank;

/// One of the lines that a channel's deliveries stand in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PriorityLine {
    /// First attempts of this rank.
    First(Rank),
    /// Retries that are due.
    Due,
}

impl PriorityLine {
    /// All, in the order in which they go when all else is equal.
    pub const ALL: [Self; 4] = [
        Self::First(Rank::Urgent),
        Self::Due,
        Self::First(Rank::Ordinary),
        Self::First(Rank::Patient),
    ];

    /// Its index among all.
    pub fn index(self) -> usize {
        match self {
            Self::First(Rank::Urgent) => 0,
            Self::Due => 1,
            Self::First(Rank::Ordinary) => 2,
            Self::First(Rank::Patient) => 3,
        }
    }

    /// Its share of the turns while others wait too. First attempts and retries have the same, so
    /// that neither starves; who can wait still gets on.
    fn share(self) -> i32 {
        match self {
            Self::First(Rank::Urgent) => 64,
            Self::Due | Self::First(Rank::Ordinary) => 8,
            Self::First(Rank::Patient) => 1,
        }
    }
}

/// Turns by share, spread evenly: each line that waits gains its share, the richest goes and
/// pays for all.
#[derive(Debug, Default)]
pub struct Turns {
    credit: [i32; PriorityLine::ALL.len()],
}

impl Turns {
    /// The line whose turn it is among those that wait.
    pub fn next(&mut self, waits: impl Fn(PriorityLine) -> bool) -> Option<PriorityLine> {
        let mut total = 0;
        let mut richest: Option<PriorityLine> = None;
        for line in PriorityLine::ALL {
            let at = line.index();
            if !waits(line) {
                self.credit[at] = 0;
                continue;
            }
            self.credit[at] += line.share();
            total += line.share();
            if richest.is_none_or(|other| self.credit[at] > self.credit[other.index()]) {
                richest = Some(line);
            }
        }
        let line = richest?;
        self.credit[line.index()] -= total;
        Some(line)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const URGENT: PriorityLine = PriorityLine::First(Rank::Urgent);
    const ORDINARY: PriorityLine = PriorityLine::First(Rank::Ordinary);
    const PATIENT: PriorityLine = PriorityLine::First(Rank::Patient);

    fn turns(turns: &mut Turns, count: usize, waiting: &[PriorityLine]) -> Vec<PriorityLine> {
        (0..count)
            .map_while(|_| turns.next(|line| waiting.contains(&line)))
            .collect()
    }

    #[test]
    fn nobody_goes_when_nobody_waits_and_who_waits_alone_always_goes() {
        assert_eq!(turns(&mut Turns::default(), 1, &[]), []);
        assert_eq!(turns(&mut Turns::default(), 3, &[PATIENT]), [PATIENT; 3]);
    }

    #[test]
    fn first_attempts_and_retries_alternate() {
        let order = turns(&mut Turns::default(), 4, &[ORDINARY, PriorityLine::Due]);
        assert_eq!(
            order,
            [PriorityLine::Due, ORDINARY, PriorityLine::Due, ORDINARY]
        );
    }

    #[test]
    fn what_is_urgent_goes_at_once_however_long_the_others_have_waited() {
        let mut all = Turns::default();
        turns(&mut all, 1000, &[ORDINARY, PriorityLine::Due, PATIENT]);
        assert_eq!(turns(&mut all, 1, &PriorityLine::ALL), [URGENT]);
    }

    #[test]
    fn nobody_starves_while_all_wait() {
        let order = turns(&mut Turns::default(), 81, &PriorityLine::ALL);
        let count = |line| order.iter().filter(|it| **it == line).count();
        assert_eq!(
            [URGENT, PriorityLine::Due, ORDINARY, PATIENT].map(count),
            [64, 8, 8, 1]
        );
    }
}

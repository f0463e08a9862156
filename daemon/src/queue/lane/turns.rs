//! Whose turn it is. Pure.

use crate::model::Rank;

/// One of the lines that a channel's deliveries stand in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Line {
    /// First tries of this rank.
    Fresh(Rank),
    /// Further tries that are due.
    Due,
}

impl Line {
    /// All, in the order in which they go when all else is equal.
    pub const ALL: [Self; 4] = [
        Self::Fresh(Rank::Urgent),
        Self::Due,
        Self::Fresh(Rank::Ordinary),
        Self::Fresh(Rank::Patient),
    ];

    /// Its place among all.
    pub fn index(self) -> usize {
        match self {
            Self::Fresh(Rank::Urgent) => 0,
            Self::Due => 1,
            Self::Fresh(Rank::Ordinary) => 2,
            Self::Fresh(Rank::Patient) => 3,
        }
    }

    /// Its share of the turns while others wait too. First and further tries have the same, so
    /// that neither starves; who can wait still gets on.
    fn share(self) -> i32 {
        match self {
            Self::Fresh(Rank::Urgent) => 64,
            Self::Due | Self::Fresh(Rank::Ordinary) => 8,
            Self::Fresh(Rank::Patient) => 1,
        }
    }
}

/// Turns by share, spread evenly: each line that waits gains its share, the richest goes and
/// pays for all.
#[derive(Debug, Default)]
pub struct Turns {
    credit: [i32; Line::ALL.len()],
}

impl Turns {
    /// The line whose turn it is among those that wait.
    pub fn next(&mut self, waits: impl Fn(Line) -> bool) -> Option<Line> {
        let mut total = 0;
        let mut richest: Option<Line> = None;
        for line in Line::ALL {
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

    const URGENT: Line = Line::Fresh(Rank::Urgent);
    const ORDINARY: Line = Line::Fresh(Rank::Ordinary);
    const PATIENT: Line = Line::Fresh(Rank::Patient);

    fn turns(turns: &mut Turns, count: usize, waiting: &[Line]) -> Vec<Line> {
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
    fn first_and_further_tries_alternate() {
        let order = turns(&mut Turns::default(), 4, &[ORDINARY, Line::Due]);
        assert_eq!(order, [Line::Due, ORDINARY, Line::Due, ORDINARY]);
    }

    #[test]
    fn what_is_urgent_goes_at_once_however_long_the_others_have_waited() {
        let mut all = Turns::default();
        turns(&mut all, 1000, &[ORDINARY, Line::Due, PATIENT]);
        assert_eq!(turns(&mut all, 1, &Line::ALL), [URGENT]);
    }

    #[test]
    fn nobody_starves_while_all_wait() {
        let order = turns(&mut Turns::default(), 81, &Line::ALL);
        let count = |line| order.iter().filter(|it| **it == line).count();
        assert_eq!(
            [URGENT, Line::Due, ORDINARY, PATIENT].map(count),
            [64, 8, 8, 1]
        );
    }
}

//! The latest events as lines, once for all who follow.
//!
//! In: pieces of encoded lines, oldest first. Out: references to what came after a cursor, or
//! that it is no longer here. Bounded in bytes: the oldest piece makes room. Pure; refuses to
//! know what a line says, besides its cursor and its app.

use std::collections::VecDeque;
use std::sync::Arc;

use bytes::Bytes;

/// Lines that are handed out together.
pub struct Piece {
    lines: Bytes,
    marks: Vec<Mark>,
}

/// Where a line ends, and what decides who gets it.
struct Mark {
    cursor: u64,
    end: usize,
    app: Arc<str>,
}

/// The events from one cursor to another.
pub struct Ring {
    /// What came after this cursor is here.
    start: u64,
    /// What came up to this cursor is here.
    last: u64,
    pieces: VecDeque<Piece>,
    bytes: usize,
    max: usize,
}

/// What came after a cursor.
#[derive(Debug, PartialEq, Eq)]
pub enum RingRead {
    /// The ring begins after it, at this cursor.
    Gone(u64),
    /// Nothing yet.
    Nothing,
    /// These lines, perhaps none for this app, up to a cursor.
    Lines(Vec<Bytes>, u64),
}

impl Piece {
    /// Of lines, given by `end` in `lines`, in the order of their cursors.
    pub fn new(lines: Bytes, ends: impl IntoIterator<Item = (u64, usize, Arc<str>)>) -> Self {
        let marks = ends.into_iter();
        Self {
            lines,
            marks: marks
                .map(|(cursor, end, app)| Mark { cursor, end, app })
                .collect(),
        }
    }

    fn last(&self) -> Option<u64> {
        self.marks.last().map(|mark| mark.cursor)
    }

    fn bytes(&self) -> usize {
        self.lines.len() + self.marks.len() * size_of::<Mark>()
    }

    /// What came after a cursor, of one app or of all: neighbours in one reference.
    fn after(&self, cursor: u64, app: Option<&str>) -> Vec<Bytes> {
        let first = self.marks.partition_point(|mark| mark.cursor <= cursor);
        let mut begin = first
            .checked_sub(1)
            .map_or(0, |before| self.marks[before].end);
        let mut end = begin;
        let mut runs = Vec::new();
        for mark in &self.marks[first..] {
            if app.is_none_or(|app| app == &*mark.app) {
                end = mark.end;
                continue;
            }
            if begin < end {
                runs.push(self.lines.slice(begin..end));
            }
            (begin, end) = (mark.end, mark.end);
        }
        if begin < end {
            runs.push(self.lines.slice(begin..end));
        }
        runs
    }
}

impl Ring {
    /// An empty one, of at most so many bytes.
    pub fn new(max: usize) -> Self {
        Self {
            start: 0,
            last: 0,
            pieces: VecDeque::new(),
            bytes: 0,
            max,
        }
    }

    /// Empties it; it goes on after this cursor.
    pub fn restart(&mut self, cursor: u64) {
        self.pieces = VecDeque::new();
        (self.start, self.last, self.bytes) = (cursor, cursor, 0);
    }

    /// Up to where it goes.
    pub fn last(&self) -> u64 {
        self.last
    }

    /// Adds what follows on `after`; nothing where the ring has been restarted meanwhile.
    pub fn push(&mut self, after: u64, pieces: impl IntoIterator<Item = Piece>) {
        if after != self.last {
            return;
        }
        for piece in pieces {
            self.last = piece.last().unwrap_or(self.last);
            self.bytes += piece.bytes();
            self.pieces.push_back(piece);
        }
        while self.bytes > self.max
            && let Some(oldest) = self.pieces.pop_front()
        {
            self.bytes -= oldest.bytes();
            self.start = oldest.last().unwrap_or(self.start);
        }
    }

    /// What came after a cursor, of one app or of all.
    pub fn after(&self, cursor: u64, app: Option<&str>) -> RingRead {
        if cursor < self.start {
            return RingRead::Gone(self.start);
        }
        let next = self
            .pieces
            .partition_point(|piece| piece.last().is_none_or(|last| last <= cursor));
        match self.pieces.get(next) {
            Some(piece) => {
                RingRead::Lines(piece.after(cursor, app), piece.last().unwrap_or(cursor))
            }
            None => RingRead::Nothing,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A piece of lines `1 a`, `2 b`: cursor and app.
    fn piece(of: &[(u64, &str)]) -> Piece {
        let mut lines = String::new();
        let mut ends = Vec::new();
        for (cursor, app) in of {
            lines.push_str(&format!("{cursor} {app}\n"));
            ends.push((*cursor, lines.len(), Arc::from(*app)));
        }
        Piece::new(Bytes::from(lines), ends)
    }

    fn ring() -> Ring {
        let mut ring = Ring::new(1 << 20);
        ring.restart(4);
        let first = piece(&[(5, "a"), (6, "b"), (7, "a"), (9, "a")]);
        ring.push(4, [first, piece(&[(10, "b")])]);
        ring
    }

    fn lines(of: &[&str], last: u64) -> RingRead {
        let lines = of
            .iter()
            .map(|text| Bytes::copy_from_slice(text.as_bytes()));
        RingRead::Lines(lines.collect(), last)
    }

    #[test]
    fn everything_after_a_cursor_is_one_reference_a_piece() {
        let ring = ring();
        assert_eq!(ring.after(4, None), lines(&["5 a\n6 b\n7 a\n9 a\n"], 9));
        assert_eq!(ring.after(6, None), lines(&["7 a\n9 a\n"], 9));
        // Cursors may have gaps: what is kept no longer leaves one.
        assert_eq!(ring.after(8, None), lines(&["9 a\n"], 9));
        assert_eq!(ring.after(9, None), lines(&["10 b\n"], 10));
        assert_eq!(ring.after(10, None), RingRead::Nothing);
        assert_eq!(ring.after(99, None), RingRead::Nothing);
    }

    #[test]
    fn an_app_gets_its_own_lines_only() {
        let ring = ring();
        let of_a = ["5 a\n", "7 a\n9 a\n"];
        assert_eq!(ring.after(4, Some("a")), lines(&of_a, 9));
        assert_eq!(ring.after(4, Some("b")), lines(&["6 b\n"], 9));
        assert_eq!(ring.after(5, Some("b")), lines(&["6 b\n"], 9));
        assert_eq!(ring.after(4, Some("c")), lines(&[], 9));
        assert_eq!(ring.after(9, Some("a")), lines(&[], 10));
    }

    #[test]
    fn the_oldest_makes_room_and_is_said_to_be_gone() {
        let mut ring = ring();
        assert_eq!(ring.after(3, None), RingRead::Gone(4));
        ring.max = ring.bytes;
        ring.push(10, [piece(&[(11, "a")])]);
        assert_eq!(ring.after(4, None), RingRead::Gone(9));
        assert_eq!(ring.after(9, None), lines(&["10 b\n"], 10));
        // One piece alone may be too much: then nothing is kept, and the place is known.
        ring.max = 1;
        ring.push(11, [piece(&[(12, "a")])]);
        assert_eq!(ring.after(11, None), RingRead::Gone(12));
        assert_eq!((ring.after(12, None), ring.bytes), (RingRead::Nothing, 0));
    }

    #[test]
    fn what_was_read_before_a_restart_is_not_taken() {
        let mut ring = ring();
        ring.restart(40);
        ring.push(10, [piece(&[(11, "a")])]);
        assert_eq!(ring.after(40, None), RingRead::Nothing);
        assert_eq!(ring.after(10, None), RingRead::Gone(40));
    }
}

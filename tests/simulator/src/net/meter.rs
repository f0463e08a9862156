//! The byte stream under TLS, counting the records that a client puts its data into.
//!
//! A client writes at least one record each time it writes, so messages a record is the
//! least that messages a write can be. Only the lengths in front of the records are read.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

const HEADER: usize = 5;
/// Records whose content is the application's, in the words of the protocol.
const APPLICATION_DATA: u8 = 23;

/// Counts the records of one connection.
#[derive(Debug)]
pub(crate) struct Meter {
    reader: Reader,
    records: Arc<AtomicU64>,
}

impl Meter {
    pub(crate) fn new(records: Arc<AtomicU64>) -> Meter {
        Meter {
            reader: Reader::default(),
            records,
        }
    }

    /// These bytes came next.
    pub(crate) fn saw(&mut self, bytes: &[u8]) {
        let records = self.reader.read(bytes);
        if records > 0 {
            self.records.fetch_add(records, Ordering::Relaxed);
        }
    }
}

/// Where in a record the stream is.
#[derive(Debug, Default)]
struct Reader {
    header: [u8; HEADER],
    /// Bytes of the header that are there.
    have: usize,
    /// Bytes of the content that are to come.
    left: usize,
}

impl Reader {
    /// How many records begin in these bytes.
    fn read(&mut self, mut bytes: &[u8]) -> u64 {
        let mut records = 0;
        loop {
            let skipped = self.left.min(bytes.len());
            self.left -= skipped;
            bytes = &bytes[skipped..];
            if bytes.is_empty() {
                return records;
            }
            let taken = (HEADER - self.have).min(bytes.len());
            self.header[self.have..][..taken].copy_from_slice(&bytes[..taken]);
            self.have += taken;
            bytes = &bytes[taken..];
            if self.have == HEADER {
                self.have = 0;
                self.left = usize::from(u16::from_be_bytes([self.header[3], self.header[4]]));
                records += u64::from(self.header[0] == APPLICATION_DATA);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_are_counted_however_the_stream_is_cut() {
        let record = |kind: u8, length: u16| {
            let [high, low] = length.to_be_bytes();
            let mut record = vec![kind, 3, 3, high, low];
            record.resize(HEADER + usize::from(length), 0xff);
            record
        };
        let stream = [
            record(22, 300),
            record(APPLICATION_DATA, 1),
            record(20, 1),
            record(APPLICATION_DATA, 16_401),
            record(APPLICATION_DATA, 0),
        ]
        .concat();
        for piece in [1, 2, 3, 7, 306, 4096, stream.len()] {
            let mut reader = Reader::default();
            let records: u64 = stream.chunks(piece).map(|it| reader.read(it)).sum();
            assert_eq!(records, 3, "in pieces of {piece}");
        }
    }
}

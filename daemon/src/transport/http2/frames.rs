//! Counts the heads of answers in what an HTTP/2 peer sends, without reading what is in them.
//! Pure.

const LENGTH: usize = 9;
const HEADERS: u8 = 1;
const END_STREAM: u8 = 1;
/// What the smallest head costs beside its bytes.
const MIN_HEAD: usize = 64;

/// Where in the peer's frames the reading stands.
#[derive(Default)]
pub struct HeadCounter {
    head: [u8; LENGTH],
    have: usize,
    payload: usize,
}

impl HeadCounter {
    /// Bytes of the heads that begin in the next part of what was read: of 1xx, and of answers
    /// with a body. One with END_STREAM is the last of its stream.
    pub fn heads(&mut self, mut bytes: &[u8]) -> usize {
        let mut heads = 0;
        while !bytes.is_empty() {
            if self.payload > 0 {
                let skipped = self.payload.min(bytes.len());
                self.payload -= skipped;
                bytes = &bytes[skipped..];
                continue;
            }
            let taken = (LENGTH - self.have).min(bytes.len());
            self.head[self.have..self.have + taken].copy_from_slice(&bytes[..taken]);
            self.have += taken;
            bytes = &bytes[taken..];
            if self.have < LENGTH {
                continue;
            }
            self.have = 0;
            let [a, b, c, kind, flags, ..] = self.head;
            self.payload = u32::from_be_bytes([0, a, b, c]) as usize;
            if kind == HEADERS && flags & END_STREAM == 0 {
                heads += self.payload + MIN_HEAD;
            }
        }
        heads
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(kind: u8, flags: u8, payload: usize) -> Vec<u8> {
        let mut frame = (payload as u32).to_be_bytes()[1..].to_vec();
        frame.extend([kind, flags, 0, 0, 0, 1]);
        frame.resize(LENGTH + payload, 1);
        frame
    }

    #[test]
    fn heads_count_that_are_not_the_last_of_their_stream() {
        let whole = [
            frame(4, 0, 6),
            frame(HEADERS, 4, 10),
            frame(0, 1, 3000),
            frame(HEADERS, 4 | END_STREAM, 20),
            frame(HEADERS, 4, 0),
            frame(6, 0, 8),
        ]
        .concat();
        for step in [1, 2, 7, 9, 10, 4096] {
            let mut head_counter = HeadCounter::default();
            let counted: usize = whole
                .chunks(step)
                .map(|part| head_counter.heads(part))
                .sum();
            assert_eq!(counted, 10 + 2 * MIN_HEAD, "in steps of {step}");
        }
    }
}

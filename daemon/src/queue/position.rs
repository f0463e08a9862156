//! Where a delivery stands in the database: a key, and back. Pure.

use nudged_plugin_api::Timestamp;

use crate::model::{CertificateId, Rank};
use crate::store::Keyspace;

/// Where a delivery stands in the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LanePosition {
    /// May be sent.
    Ready {
        /// Whose turn it is.
        rank: Rank,
        /// Its number.
        number: u64,
    },
    /// Waits for its next attempt.
    Waiting {
        /// When that is.
        due: Timestamp,
        /// Its number.
        number: u64,
    },
}

impl LanePosition {
    /// The keyspace.
    pub fn keyspace(self) -> Keyspace {
        match self {
            Self::Ready { .. } => Keyspace::Ready,
            Self::Waiting { .. } => Keyspace::Waiting,
        }
    }

    /// Its key: the channel, what orders it, its number.
    pub fn key(self, channel: CertificateId) -> Vec<u8> {
        let (mut key, number) = match self {
            Self::Ready { rank, number } => (prefix(channel, rank), number),
            Self::Waiting { due, number } => {
                let channel = &channel.0.to_be_bytes()[..];
                ([channel, &due.0.to_be_bytes()].concat(), number)
            }
        };
        key.extend(number.to_be_bytes());
        key
    }

    /// The position that a key of this keyspace is for.
    pub fn of_key(keyspace: Keyspace, key: &[u8]) -> Option<Self> {
        let (_, rest) = key.split_first_chunk::<4>()?;
        if keyspace == Keyspace::Waiting {
            let (due, number) = rest.split_first_chunk::<8>()?;
            return Some(Self::Waiting {
                due: Timestamp(u64::from_be_bytes(*due)),
                number: u64::from_be_bytes(*number.first_chunk()?),
            });
        }
        let (rank, number) = match rest.len() {
            8 => (Rank::Ordinary, rest),
            _ => {
                let (rank, number) = rest.split_first()?;
                (Rank::ALL.into_iter().find(|it| byte(*it) == *rank)?, number)
            }
        };
        Some(Self::Ready {
            rank,
            number: u64::from_be_bytes(*number.first_chunk()?),
        })
    }

    /// Where it stands when it is to wait until `due`.
    pub fn deferred(self, due: Timestamp) -> Self {
        let number = self.number();
        Self::Waiting { due, number }
    }

    /// Its number.
    pub fn number(self) -> u64 {
        let (Self::Ready { number, .. } | Self::Waiting { number, .. }) = self;
        number
    }
}

/// What the keys of a channel's ready deliveries of one rank begin with, before the number.
pub fn prefix(channel: CertificateId, rank: Rank) -> Vec<u8> {
    let mut prefix = channel.0.to_be_bytes().to_vec();
    // An ordinary one's number has a zero there: it will not come to 2^56.
    if rank != Rank::Ordinary {
        prefix.push(byte(rank));
    }
    prefix
}

/// The keys of a channel's ready deliveries of one rank: the first, and the first after them.
pub fn bounds(channel: CertificateId, rank: Rank) -> (Vec<u8>, Vec<u8>) {
    let bound = |byte| [&channel.0.to_be_bytes()[..], &[byte]].concat();
    (bound(byte(rank)), bound(byte(rank) + 1))
}

/// What stands behind the channel in a key.
fn byte(rank: Rank) -> u8 {
    match rank {
        Rank::Ordinary => 0,
        Rank::Urgent => 1,
        Rank::Patient => 2,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHANNEL: CertificateId = CertificateId(7);

    #[test]
    fn a_place_is_found_again_by_its_key_which_lies_among_those_of_its_rank() {
        for rank in Rank::ALL {
            for number in [0, 1, (1 << 56) - 1] {
                let position = LanePosition::Ready { rank, number };
                let key = position.key(CHANNEL);
                assert_eq!(LanePosition::of_key(Keyspace::Ready, &key), Some(position));
                let (first, end) = bounds(CHANNEL, rank);
                assert!(first <= key && key < end, "{position:?}");
            }
        }
        let (due, number) = (Timestamp(9), 3);
        let position = LanePosition::Waiting { due, number };
        assert_eq!(
            LanePosition::of_key(Keyspace::Waiting, &position.key(CHANNEL)),
            Some(position)
        );
    }

    #[test]
    fn no_place_is_found_in_a_key_of_something_else() {
        for key in [&b""[..], b"chan", b"chan1234567", b"chan\x0912345678"] {
            assert_eq!(LanePosition::of_key(Keyspace::Ready, key), None, "{key:?}");
        }
    }
}

//! What the driver remembers between the requests of a list: which one was sent, and what the
//! next one needs. A message for one regId needs no memory and leaves none.

use nudged_plugin_api::Target;
use serde::{Deserialize, Serialize};

/// Left with a request of a list.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "step", rename_all = "snake_case")]
pub(crate) enum Memo {
    /// `saveListPayload` was sent.
    Save {
        grant: String,
        request_id: String,
        push_mode: u8,
    },
    /// `pushToList` was sent for this task.
    Push { task_id: String },
}

/// Which request an answer is for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// `send`.
    Send,
    /// One of a list's.
    List(Memo),
    /// The memo was lost, or is another driver's.
    Lost,
}

impl Memo {
    pub fn bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("texts and numbers always make JSON")
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        let memo = serde_json::from_slice(bytes).ok()?;
        // It goes into a header again.
        let sound = match &memo {
            Self::Save { grant, .. } => grant.bytes().all(|byte| byte.is_ascii_graphic()),
            Self::Push { .. } => true,
        };
        sound.then_some(memo)
    }
}

impl Step {
    /// From the memo, and from the targets where there is none.
    pub fn of(memo: &[u8], targets: &[Target]) -> Self {
        match Memo::read(memo) {
            Some(memo) => Self::List(memo),
            None if memo.is_empty() && reg_ids(targets).len() <= 1 => Self::Send,
            None => Self::Lost,
        }
    }
}

/// The regIds of a request, each once: vivo counts a list of one and the same as too short.
pub(crate) fn reg_ids(targets: &[Target]) -> Vec<&str> {
    let mut seen = std::collections::HashSet::with_capacity(targets.len());
    targets
        .iter()
        .map(|target| target.token.as_str())
        .filter(|token| seen.insert(*token))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_memo_comes_back_as_it_was_left() {
        for memo in [
            Memo::Save {
                grant: "abc".to_owned(),
                request_id: "r-1".to_owned(),
                push_mode: 1,
            },
            Memo::Push {
                task_id: "542".to_owned(),
            },
        ] {
            assert_eq!(Step::of(&memo.bytes(), &[]), Step::List(memo));
        }
    }

    #[test]
    fn a_foreign_memo_is_a_lost_one() {
        let one = [Target::new("1", "a")];
        for memo in [
            &b"\xff\0"[..],
            b"{}",
            b"{\"step\":\"save\"}",
            b"{\"step\":\"save\",\"grant\":\"a\\r\\nb\",\"request_id\":\"r\",\"push_mode\":0}",
        ] {
            assert_eq!(Step::of(memo, &one), Step::Lost);
        }
    }

    #[test]
    fn without_a_memo_one_reg_id_means_a_single_message() {
        let twice = [Target::new("1", "a"), Target::new("2", "a")];
        assert_eq!(Step::of(b"", &twice), Step::Send);
        let two = [Target::new("1", "a"), Target::new("2", "b")];
        assert_eq!(Step::of(b"", &two), Step::Lost);
    }

    #[test]
    fn reg_ids_keep_their_order_and_lose_their_repeats() {
        let targets = ["b", "a", "b", "c", "a"].map(|token| Target::new("1", token));
        assert_eq!(reg_ids(&targets), ["b", "a", "c"]);
    }
}

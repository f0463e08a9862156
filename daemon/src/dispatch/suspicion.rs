//! Whose fault a refusal is, where its words leave it open: what speaks against a channel as a whole,
//! and what lays it to rest. Pure; is told the time.
//!
//! In: refusals whose words leave open whose fault it is, the notifications that they were given
//! for, and accepted messages. Out: whether a different message was refused alike, so that the
//! channel is held; whether a word on a token may cost its device; what to show and what to log.
//! One accepted message ends all suspicion. Refuses to know holds and queues.

use std::time::Duration;

use nudged_plugin_api::{Timestamp, Verdict};

use crate::model::{NotificationId, TimestampExt};

/// What may be at fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SuspectedFault {
    /// That the credential is wrong, or only the message.
    Credential,
    /// That a token is dead, or the settings are another app's.
    Tokens,
}

/// What stands against a channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suspicion {
    /// What it may mean.
    pub about: SuspectedFault,
    /// The vendor's code.
    pub code: String,
    /// Its text, empty if it gave none.
    pub text: String,
    /// The likely cause and what to do, one sentence.
    pub remedy: String,
    /// Since when.
    pub since: Timestamp,
    /// Refusals since then.
    pub count: u64,
    /// Whether different messages were refused alike.
    pub confirmed: bool,
    /// The messages that were refused first, together.
    first: Vec<NotificationId>,
}

/// What a refusal comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SuspicionResult {
    /// It may be this message's own fault.
    Alone,
    /// A different message was refused alike: the channel is held; how often by now.
    Held(u32),
}

/// All that stands against a channel since its last accepted message.
#[derive(Clone, Debug, Default)]
pub struct Suspicions {
    unresolved: Vec<Suspicion>,
    /// Holds since the last accepted message.
    holds: u32,
    /// Whether a message was accepted with these settings.
    proven: bool,
    /// What was logged, and when.
    logged: Vec<(SuspectedFault, String, Timestamp)>,
}

/// Codes that are kept apart; of more, the oldest is forgotten.
const MAX_CODES: usize = 16;
/// Codes that are logged within that time: a vendor may have ever new ones.
const MAX_LOGGED: usize = 64;
/// The same code is logged once in this time.
const LOG_INTERVAL: Duration = Duration::from_secs(3_600);

impl Suspicions {
    /// None; `proven`: a message was accepted with these settings before.
    pub fn new(proven: bool) -> Self {
        Self {
            proven,
            ..Self::default()
        }
    }

    /// Messages were refused, in one answer, in words that leave open whose fault it is.
    pub fn refused(
        &mut self,
        verdict: &Verdict,
        messages: impl Iterator<Item = NotificationId> + Clone,
        now: Timestamp,
    ) -> SuspicionResult {
        let known = self.note(SuspectedFault::Credential, verdict, messages.clone(), now);
        // req 73: the channel is blamed only when a different message is refused alike.
        let different = messages.into_iter().any(|it| !known.first.contains(&it));
        if !different {
            return SuspicionResult::Alone;
        }
        known.confirmed = true;
        self.holds = self.holds.saturating_add(1);
        SuspicionResult::Held(self.holds)
    }

    /// A token was called dead in words that may be the settings' fault. Says whether its device
    /// stays for that.
    pub fn called_dead(
        &mut self,
        verdict: &Verdict,
        message: NotificationId,
        now: Timestamp,
    ) -> bool {
        if !self.proven {
            self.note(
                SuspectedFault::Tokens,
                verdict,
                std::iter::once(message),
                now,
            );
        }
        !self.proven
    }

    /// A message was accepted: the credential is good, and so are the settings.
    pub fn accepted(&mut self) {
        self.proven = true;
        self.holds = 0;
        self.unresolved.clear();
    }

    /// Whether a message was accepted with these settings.
    pub fn is_proven(&self) -> bool {
        self.proven
    }

    /// Whether an accepted message would change nothing.
    pub fn is_unsuspected(&self) -> bool {
        self.proven && self.unresolved.is_empty()
    }

    /// Holds since the last accepted message.
    pub fn holds(&self) -> u32 {
        self.holds
    }

    /// What stands against the channel.
    pub fn unresolved(&self) -> &[Suspicion] {
        &self.unresolved
    }

    /// What stands against it and was not logged lately.
    pub fn take_unlogged(&mut self, now: Timestamp) -> Vec<Suspicion> {
        let lately = |at: &Timestamp| now.since(*at) < LOG_INTERVAL && *at <= now;
        self.logged.retain(|(_, _, at)| lately(at));
        let mut unlogged = Vec::new();
        for it in &self.unresolved {
            let known = |(about, code, _): &(SuspectedFault, String, _)| {
                *about == it.about && *code == it.code
            };
            if self.logged.len() < MAX_LOGGED && !self.logged.iter().any(known) {
                unlogged.push(it.clone());
                self.logged.push((it.about, it.code.clone(), now));
            }
        }
        unlogged
    }

    fn note(
        &mut self,
        about: SuspectedFault,
        verdict: &Verdict,
        messages: impl Iterator<Item = NotificationId> + Clone,
        now: Timestamp,
    ) -> &mut Suspicion {
        let alike = |it: &Suspicion| it.about == about && it.code == verdict.code;
        let at = match self.unresolved.iter().position(alike) {
            Some(at) => at,
            None => {
                if self.unresolved.len() >= MAX_CODES {
                    self.unresolved.remove(0);
                }
                self.unresolved.push(Suspicion {
                    about,
                    code: verdict.code.clone(),
                    text: String::new(),
                    remedy: String::new(),
                    since: now,
                    count: 0,
                    confirmed: false,
                    first: messages.clone().collect(),
                });
                self.unresolved.len() - 1
            }
        };
        let found = &mut self.unresolved[at];
        found.count = found.count.saturating_add(messages.count() as u64);
        found.text.clone_from(&verdict.text);
        found.remedy.clone_from(&verdict.remedy);
        found
    }
}

#[cfg(test)]
mod tests {
    use nudged_plugin_api::Class;

    use super::*;

    const NOW: Timestamp = Timestamp(1_790_000_000_000);

    fn message(n: u64) -> NotificationId {
        NotificationId::floor(NOW.0 + n)
    }

    fn verdict(code: &str) -> Verdict {
        Verdict::refused(Class::Credential, code, "Look at the key.").text("no")
    }

    fn refused(it: &mut Suspicions, code: &str, messages: &[u64]) -> SuspicionResult {
        it.refused(&verdict(code), messages.iter().map(|n| message(*n)), NOW)
    }

    enum Event {
        Refused(&'static str, &'static [u64], SuspicionResult),
        Accepted,
    }

    #[test]
    fn only_a_different_message_that_is_refused_alike_holds_the_channel() {
        use Event::{Accepted, Refused};
        use SuspicionResult::{Alone, Held};
        let table: &[(&str, &[Event])] = &[
            (
                "one message, however often and to however many",
                &[
                    Refused("a", &[1], Alone),
                    Refused("a", &[1, 1, 1], Alone),
                    Refused("a", &[1], Alone),
                ],
            ),
            (
                "a different one",
                &[Refused("a", &[1], Alone), Refused("a", &[2], Held(1))],
            ),
            (
                "either of the two again",
                &[
                    Refused("a", &[1], Alone),
                    Refused("a", &[2], Held(1)),
                    Refused("a", &[1], Alone),
                    Refused("a", &[2], Held(2)),
                ],
            ),
            (
                "another code",
                &[Refused("a", &[1], Alone), Refused("b", &[2], Alone)],
            ),
            (
                "an accepted one in between",
                &[
                    Refused("a", &[1], Alone),
                    Accepted,
                    Refused("a", &[2], Alone),
                    Refused("a", &[1], Held(1)),
                    Accepted,
                    Refused("a", &[1], Alone),
                ],
            ),
            (
                "several that said the same in one request",
                &[
                    Refused("a", &[1, 2, 3], Alone),
                    Refused("a", &[2], Alone),
                    Refused("a", &[3, 4], Held(1)),
                ],
            ),
        ];
        for (name, seen) in table {
            let mut it = Suspicions::default();
            for (at, seen) in seen.iter().enumerate() {
                match seen {
                    Accepted => it.accepted(),
                    Refused(code, messages, result) => {
                        assert_eq!(refused(&mut it, code, messages), *result, "{name}, {at}");
                    }
                }
            }
        }
    }

    #[test]
    fn a_word_that_may_be_the_settings_fault_costs_a_device_only_after_a_success() {
        let mut it = Suspicions::new(false);
        for n in 0..40 {
            assert!(it.called_dead(&verdict("BadDeviceToken"), message(n), NOW));
        }
        let found = &it.unresolved()[0];
        assert_eq!((found.about, found.count), (SuspectedFault::Tokens, 40));
        assert_eq!(found.remedy, "Look at the key.");
        it.accepted();
        assert!(!it.called_dead(&verdict("BadDeviceToken"), message(1), NOW));
        assert!(it.unresolved().is_empty() && it.is_unsuspected());
        let mut later = Suspicions::new(true);
        assert!(!later.called_dead(&verdict("BadDeviceToken"), message(1), NOW));
    }

    #[test]
    fn the_same_code_is_logged_once_an_hour_though_suspicion_comes_and_goes() {
        let mut it = Suspicions::default();
        let mut logged = 0;
        for n in 0..100 {
            refused(&mut it, "a", &[n]);
            logged += it.take_unlogged(NOW).len();
            it.accepted();
        }
        assert_eq!(logged, 1);
        refused(&mut it, "a", &[1]);
        refused(&mut it, "b", &[1]);
        assert_eq!(it.take_unlogged(NOW).len(), 1);
        assert_eq!(it.take_unlogged(NOW.plus(LOG_INTERVAL)).len(), 2);
    }

    #[test]
    fn a_vendor_with_ever_new_codes_fills_neither_memory_nor_log() {
        let mut it = Suspicions::default();
        let mut logged = 0;
        for n in 0..1_000 {
            refused(&mut it, &n.to_string(), &[n]);
            logged += it.take_unlogged(NOW).len();
        }
        assert_eq!(it.unresolved().len(), MAX_CODES);
        assert_eq!((logged, it.logged.len()), (MAX_LOGGED, MAX_LOGGED));
    }
}

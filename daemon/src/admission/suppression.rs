//! Which messages a user is pushed. Pure.
//!
//! In: what the message says of itself, and what a user has set. Out: the rule by which
//! nobody, or this user, is pushed.

use nudged_plugin_api::text::present;
use nudged_plugin_api::{Platform, Timestamp};

use crate::model::{ConversationMute, Reason, UserSettings};
use nudged_wire::{ConversationKind, MentionsSpec, NotificationSpec};

/// What a user has set.
#[derive(Clone, Debug, Default)]
pub struct Preference {
    /// For all messages.
    pub settings: UserSettings,
    /// For the message's conversation.
    pub mute: ConversationMute,
}

impl Preference {
    /// The sound that the user wants to hear on such a phone; none = not set.
    // req 65: each SDK writes its own form of a sound, so those of the platform come first.
    // req 30: one-to-one and group messages have a sound each.
    pub fn sound(&self, kind: ConversationKind, phones: Platform) -> Option<&str> {
        let settings = &self.settings;
        let own = settings.sounds_of(phones);
        let (own, common) = match kind {
            ConversationKind::Group => (own.map(|it| &it.group), &settings.group_sound),
            ConversationKind::C2c | ConversationKind::System => {
                (own.map(|it| &it.c2c), &settings.c2c_sound)
            }
        };
        own.and_then(|it| it.as_deref()).or(common.as_deref())
    }
}

/// The rule by which nobody is pushed this message.
pub fn of_message(spec: &NotificationSpec) -> Option<Reason> {
    // req 31: a message may ask for no push.
    if !spec.push {
        return Some(Reason::PushDisabled);
    }
    // req 22: messages of the system are never pushed.
    (kind(spec) == ConversationKind::System).then_some(Reason::SystemMessage)
}

/// The rule by which a user is not pushed, on any device.
pub fn of_user(
    user: &str,
    spec: &NotificationSpec,
    preference: &Preference,
    now: Timestamp,
) -> Option<Reason> {
    // req 21: only messages of others are pushed.
    if sender(spec) == Some(user) {
        return Some(Reason::OwnMessage);
    }
    // req 28: the user's own switch stands above every message.
    if preference.settings.disabled {
        return Some(Reason::UserDisabled);
    }
    // req 36: the five values of do-not-disturb; two of them let mentions through.
    match preference.mute {
        ConversationMute::Push => {}
        ConversationMute::Refuse | ConversationMute::Receive => return Some(Reason::DoNotDisturb),
        ConversationMute::Mentions | ConversationMute::ReceiveMentions
            if mentions(&spec.mentions, user) => {}
        ConversationMute::Mentions | ConversationMute::ReceiveMentions => {
            return Some(Reason::NotMentioned);
        }
    }
    // req 36: nothing is pushed in the user's quiet hours.
    let quiet_hours = preference.settings.quiet_hours.as_ref();
    quiet_hours
        .is_some_and(|hours| hours.holds(now))
        .then_some(Reason::QuietHours)
}

/// Kind of the conversation; what belongs to none is like a message of one person.
pub fn kind(spec: &NotificationSpec) -> ConversationKind {
    spec.conversation
        .as_ref()
        .map_or(ConversationKind::C2c, |it| it.kind)
}

/// The name by which users mute the conversation, such as `c2c:alice`.
pub fn conversation(spec: &NotificationSpec) -> Option<String> {
    let named = spec.conversation.as_ref().and_then(|it| present(&it.id));
    match kind(spec) {
        ConversationKind::Group => named.map(|id| format!("group:{id}")),
        ConversationKind::C2c => named.or_else(|| sender(spec)).map(|id| format!("c2c:{id}")),
        ConversationKind::System => None,
    }
}

fn sender(spec: &NotificationSpec) -> Option<&str> {
    present(&spec.sender.as_ref()?.user)
}

fn mentions(mentions: &MentionsSpec, user: &str) -> bool {
    mentions.all || mentions.users.iter().any(|it| it == user)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{QuietHours, Sounds};
    use nudged_wire::{ConversationSpec, SenderSpec};

    const NOW: Timestamp = Timestamp(1_767_281_400_000);

    fn from(sender: &str) -> NotificationSpec {
        NotificationSpec {
            sender: Some(SenderSpec {
                user: Some(sender.to_owned()),
                name: None,
            }),
            ..NotificationSpec::default()
        }
    }

    fn in_group(mentions: MentionsSpec) -> NotificationSpec {
        NotificationSpec {
            conversation: Some(ConversationSpec {
                kind: ConversationKind::Group,
                id: Some("g1".to_owned()),
                name: None,
            }),
            mentions,
            ..from("alice")
        }
    }

    fn wishing(mute: ConversationMute) -> Preference {
        Preference {
            mute,
            ..Preference::default()
        }
    }

    #[test]
    fn a_message_may_be_for_nobodys_phone() {
        assert_eq!(of_message(&from("alice")), None);
        let unpushed = NotificationSpec {
            push: false,
            ..from("alice")
        };
        assert_eq!(of_message(&unpushed), Some(Reason::PushDisabled));
        let mut system = in_group(MentionsSpec::default());
        assert_eq!(of_message(&system), None);
        if let Some(conversation) = &mut system.conversation {
            conversation.kind = ConversationKind::System;
        }
        assert_eq!(of_message(&system), Some(Reason::SystemMessage));
    }

    #[test]
    fn each_value_of_do_not_disturb_means_what_it_says() {
        let nobody = MentionsSpec::default();
        let all = MentionsSpec {
            all: true,
            ..MentionsSpec::default()
        };
        let bob = MentionsSpec {
            users: vec!["bob".to_owned()],
            ..MentionsSpec::default()
        };
        let reason = |mentions: &MentionsSpec, mute| {
            of_user("bob", &in_group(mentions.clone()), &wishing(mute), NOW)
        };
        for mentions in [&nobody, &all, &bob] {
            assert_eq!(reason(mentions, ConversationMute::Push), None);
            for mute in [ConversationMute::Refuse, ConversationMute::Receive] {
                assert_eq!(reason(mentions, mute), Some(Reason::DoNotDisturb));
            }
        }
        for mute in [
            ConversationMute::Mentions,
            ConversationMute::ReceiveMentions,
        ] {
            assert_eq!(reason(&nobody, mute), Some(Reason::NotMentioned));
            assert_eq!(reason(&all, mute), None);
            assert_eq!(reason(&bob, mute), None);
        }
    }

    #[test]
    fn a_users_own_word_stands_above_the_message() {
        let with = |settings| Preference {
            settings,
            ..Preference::default()
        };
        let reason = |settings| of_user("bob", &from("alice"), &with(settings), NOW);
        assert_eq!(reason(UserSettings::default()), None);
        let disabled = UserSettings {
            disabled: true,
            ..UserSettings::default()
        };
        assert_eq!(reason(disabled), Some(Reason::UserDisabled));
        let quiet_hours = UserSettings {
            quiet_hours: Some(QuietHours {
                start: 0,
                duration: 86_400,
                time_zone: "UTC".to_owned(),
            }),
            ..UserSettings::default()
        };
        assert_eq!(reason(quiet_hours), Some(Reason::QuietHours));
        assert_eq!(
            of_user("alice", &from("alice"), &Preference::default(), NOW),
            Some(Reason::OwnMessage)
        );
    }

    #[test]
    fn a_conversation_is_muted_by_its_kind_and_id() {
        assert_eq!(conversation(&from("alice")).as_deref(), Some("c2c:alice"));
        assert_eq!(conversation(&from("")), None);
        let group = in_group(MentionsSpec::default());
        assert_eq!(conversation(&group).as_deref(), Some("group:g1"));
        assert_eq!(conversation(&NotificationSpec::default()), None);
    }

    #[test]
    fn each_kind_of_conversation_has_its_own_sound() {
        let preference = Preference {
            settings: UserSettings {
                c2c_sound: Some("one".to_owned()),
                group_sound: Some("many".to_owned()),
                ..UserSettings::default()
            },
            ..Preference::default()
        };
        for phones in [Platform::Several, Platform::Ios] {
            assert_eq!(preference.sound(ConversationKind::C2c, phones), Some("one"));
            assert_eq!(
                preference.sound(ConversationKind::Group, phones),
                Some("many")
            );
        }
    }

    #[test]
    fn the_sound_of_a_phones_platform_comes_before_the_common_one() {
        use ConversationKind::{C2c, Group};
        use Platform::{Android, Harmony, Ios, Several};
        let sound = |name: &str| Some(name.to_owned());
        let preference = Preference {
            settings: UserSettings {
                c2c_sound: sound("one"),
                ios: Sounds {
                    c2c: sound("one.caf"),
                    group: sound("many.caf"),
                },
                android: Sounds {
                    c2c: None,
                    group: sound("many_raw"),
                },
                ..UserSettings::default()
            },
            ..Preference::default()
        };
        for (phones, one, many) in [
            (Ios, Some("one.caf"), Some("many.caf")),
            (Android, Some("one"), Some("many_raw")),
            (Harmony, Some("one"), None),
            (Several, Some("one"), None),
        ] {
            let heard = [C2c, Group].map(|kind| preference.sound(kind, phones));
            assert_eq!(heard, [one, many], "{phones:?}");
        }
    }
}

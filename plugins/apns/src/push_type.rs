//! The values of `apns-push-type` and what each of them demands.
//!
//! In: a push type. Out: its topic, its size limit, who may send it, at which priority; and the
//! class of messages that it is to the daemon, so that what Apple says of the topic of one push type
//! holds none of another.
//! After the table of push types in "Sending notification requests to APNs".

use nudged_plugin_api::info::MessageClass;
use serde::Deserialize;

/// Longest payload of any push type in bytes.
pub(crate) const MAX_PAYLOAD: u32 = 5120;

/// A value of `apns-push-type`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum PushType {
    Alert,
    Background,
    Voip,
    Complication,
    FileProvider,
    Mdm,
    Location,
    LiveActivity,
    PushToTalk,
    Widgets,
    Controls,
}

impl PushType {
    #[cfg(test)]
    pub(crate) const ALL: [Self; 11] = [
        Self::Alert,
        Self::Background,
        Self::Voip,
        Self::Complication,
        Self::FileProvider,
        Self::Mdm,
        Self::Location,
        Self::LiveActivity,
        Self::PushToTalk,
        Self::Widgets,
        Self::Controls,
    ];

    /// The header's value.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Alert => "alert",
            Self::Background => "background",
            Self::Voip => "voip",
            Self::Complication => "complication",
            Self::FileProvider => "fileprovider",
            Self::Mdm => "mdm",
            Self::Location => "location",
            Self::LiveActivity => "liveactivity",
            Self::PushToTalk => "pushtotalk",
            Self::Widgets => "widgets",
            Self::Controls => "controls",
        }
    }

    /// Its class of messages; an alert's is what a channel is for, and has no name of its own.
    pub(crate) const fn class(self) -> &'static str {
        match self {
            Self::Alert => "",
            Self::FileProvider => "file_provider",
            Self::LiveActivity => "live_activity",
            Self::PushToTalk => "push_to_talk",
            other => other.as_str(),
        }
    }

    /// What follows the bundle ID in `apns-topic`.
    pub(crate) const fn topic_suffix(self) -> &'static str {
        match self {
            // The topic of `mdm` is the UID of the MDM push certificate as it stands.
            Self::Alert | Self::Background | Self::Mdm => "",
            Self::Voip => ".voip",
            Self::Complication => ".complication",
            Self::FileProvider => ".pushkit.fileprovider",
            Self::Location => ".location-query",
            Self::LiveActivity => ".push-type.liveactivity",
            Self::PushToTalk => ".voip-ptt",
            Self::Widgets => ".push-type.widgets",
            Self::Controls => ".push-type.controls",
        }
    }

    /// Longest payload in bytes.
    pub(crate) const fn payload_limit(self) -> usize {
        match self {
            Self::Voip => MAX_PAYLOAD as usize,
            _ => 4096,
        }
    }

    /// Whether APNs refuses it on a connection that a certificate opened.
    pub(crate) const fn needs_key(self) -> bool {
        matches!(self, Self::Location | Self::LiveActivity)
    }

    /// The values of `apns-priority` that go with it.
    pub(crate) const fn priorities(self) -> &'static [u8] {
        match self {
            // 10 is an error for a background push.
            Self::Background => &[5],
            Self::Location | Self::LiveActivity => &[10, 5],
            _ => &[10, 5, 1],
        }
    }

    /// Whether its payload shows text, and so takes the options for text.
    pub(crate) const fn shows_text(self) -> bool {
        matches!(self, Self::Alert | Self::Voip | Self::LiveActivity)
    }
}

/// The classes of all push types but alert.
pub(crate) fn classes() -> [MessageClass; 10] {
    let class = |push_type: PushType, what: &str| {
        let help = format!("Push type {}: {what}.", push_type.as_str());
        MessageClass::new(push_type.class(), help)
    };
    [
        class(PushType::Background, "wakes the app and shows nothing"),
        class(PushType::Voip, "incoming calls"),
        class(PushType::LiveActivity, "Live Activities"),
        class(PushType::Complication, "complications of a watch"),
        class(PushType::FileProvider, "changes of a file provider"),
        class(PushType::Location, "location queries"),
        class(PushType::Mdm, "device management"),
        class(PushType::PushToTalk, "push to talk"),
        class(PushType::Widgets, "reloads of widgets"),
        class(PushType::Controls, "reloads of controls"),
    ]
}

#[cfg(test)]
mod tests {
    use super::{PushType, classes};

    #[test]
    fn every_push_type_but_alert_is_a_class() {
        let classes = classes();
        for push_type in PushType::ALL {
            let declared = classes.iter().any(|class| class.name == push_type.class());
            assert_eq!(declared, push_type != PushType::Alert, "{push_type:?}");
        }
    }

    #[test]
    fn a_push_type_is_read_by_the_name_that_it_is_written_with() {
        for push_type in PushType::ALL {
            let read: PushType =
                serde_json::from_str(&format!("\"{}\"", push_type.as_str())).unwrap();
            assert_eq!(read, push_type);
        }
    }

    #[test]
    fn each_push_type_has_the_topic_of_apples_table() {
        let topics: Vec<_> = PushType::ALL
            .map(|push_type| (push_type.as_str(), push_type.topic_suffix()))
            .to_vec();
        assert_eq!(
            topics,
            [
                ("alert", ""),
                ("background", ""),
                ("voip", ".voip"),
                ("complication", ".complication"),
                ("fileprovider", ".pushkit.fileprovider"),
                ("mdm", ""),
                ("location", ".location-query"),
                ("liveactivity", ".push-type.liveactivity"),
                ("pushtotalk", ".voip-ptt"),
                ("widgets", ".push-type.widgets"),
                ("controls", ".push-type.controls"),
            ]
        );
    }

    #[test]
    fn only_voip_may_be_larger_than_4096_bytes() {
        for push_type in PushType::ALL {
            let limit = if push_type == PushType::Voip {
                5120
            } else {
                4096
            };
            assert_eq!(push_type.payload_limit(), limit);
        }
    }
}

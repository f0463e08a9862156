//! `apns-push-type` and the topic that each type asks for, from Apple's "Sending
//! notification requests to APNs".

/// The documented push types.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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

const ALL: [(&str, PushType); 11] = [
    ("alert", PushType::Alert),
    ("background", PushType::Background),
    ("voip", PushType::Voip),
    ("complication", PushType::Complication),
    ("fileprovider", PushType::FileProvider),
    ("mdm", PushType::Mdm),
    ("location", PushType::Location),
    ("liveactivity", PushType::LiveActivity),
    ("pushtotalk", PushType::PushToTalk),
    ("widgets", PushType::Widgets),
    ("controls", PushType::Controls),
];

const SUFFIXES: [&str; 8] = [
    ".pushkit.fileprovider",
    ".push-type.liveactivity",
    ".push-type.widgets",
    ".push-type.controls",
    ".location-query",
    ".complication",
    ".voip-ptt",
    ".voip",
];

impl PushType {
    pub(crate) fn parse(text: &[u8]) -> Option<PushType> {
        ALL.iter()
            .find(|(name, _)| name.as_bytes() == text)
            .map(|(_, push_type)| *push_type)
    }

    /// What the topic has after the bundle ID.
    pub(crate) fn suffix(self) -> &'static str {
        match self {
            PushType::Alert | PushType::Background | PushType::Mdm => "",
            PushType::Voip => ".voip",
            PushType::Complication => ".complication",
            PushType::FileProvider => ".pushkit.fileprovider",
            PushType::Location => ".location-query",
            PushType::LiveActivity => ".push-type.liveactivity",
            PushType::PushToTalk => ".voip-ptt",
            PushType::Widgets => ".push-type.widgets",
            PushType::Controls => ".push-type.controls",
        }
    }

    /// Apple sends these only for token authentication.
    pub(crate) fn needs_token(self) -> bool {
        matches!(self, PushType::Location | PushType::LiveActivity)
    }

    pub(crate) fn payload_limit(push_type: Option<PushType>) -> usize {
        match push_type {
            Some(PushType::Voip) => 5120,
            _ => 4096,
        }
    }
}

/// A topic as bundle ID and suffix.
pub(crate) fn split(topic: &str) -> (&str, &str) {
    SUFFIXES
        .iter()
        .find_map(|suffix| {
            let bundle = topic.strip_suffix(suffix)?;
            (!bundle.is_empty()).then_some((bundle, *suffix))
        })
        .unwrap_or((topic, ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_topic_is_split_at_the_suffix_of_its_push_type() {
        for (name, push_type) in ALL {
            let topic = format!("com.example.chat{}", push_type.suffix());
            assert_eq!(
                split(&topic),
                ("com.example.chat", push_type.suffix()),
                "{name}"
            );
        }
    }
}

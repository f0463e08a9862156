//! Which topic a request is for, and whether its credential may use it.

use super::push_type::{PushType, split};
use super::reason::Reason;

/// What a credential is good for.
pub(crate) enum Permission<'a> {
    /// Bundle IDs of a key, with any suffix; none means every app of the team.
    Key(&'a [String]),
    /// The full topics in a certificate.
    Certificate(&'a [String]),
}

/// The topic of a request: its header, or a certificate's only one.
pub(crate) fn choose<'a>(
    header: Option<&'a str>,
    push_type: Option<PushType>,
    permission: &Permission<'a>,
) -> Result<&'a str, Reason> {
    let topic = match (header, permission) {
        (Some(topic), _) => topic,
        (None, Permission::Certificate([only])) => only,
        (None, _) => return Err(Reason::MissingTopic),
    };
    if !is_well_formed(topic) {
        return Err(Reason::BadTopic);
    }
    let (bundle, suffix) = split(topic);
    let permitted = match permission {
        Permission::Key([]) => true,
        Permission::Key(bundles) => bundles.iter().any(|known| known == bundle),
        Permission::Certificate(topics) => {
            !push_type.is_some_and(PushType::needs_token)
                && topics.iter().any(|known| known == topic)
        }
    };
    let fits = push_type.is_none_or(|push_type| push_type.suffix() == suffix);
    if permitted && fits {
        Ok(topic)
    } else {
        Err(Reason::TopicDisallowed)
    }
}

fn is_well_formed(topic: &str) -> bool {
    !topic.is_empty()
        && topic.len() <= 255
        && topic
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn topics_follow_the_credential_and_the_push_type() {
        let bundles = ["com.example.chat".to_owned()];
        let topics = [
            "com.example.chat".to_owned(),
            "com.example.chat.voip".to_owned(),
        ];
        let key = || Permission::Key(&bundles);
        let any = || Permission::Key(&[]);
        let universal = || Permission::Certificate(&topics);
        let single = || Permission::Certificate(&topics[..1]);
        let alert = Some(PushType::Alert);
        let voip = Some(PushType::Voip);
        let live = Some(PushType::LiveActivity);
        let chat = Ok("com.example.chat");
        let no = Err(Reason::TopicDisallowed);

        for (header, push_type, permission, expected) in [
            (Some("com.example.chat"), alert, key(), chat),
            (Some("com.example.chat"), None, key(), chat),
            (
                Some("com.example.chat.voip"),
                voip,
                key(),
                Ok("com.example.chat.voip"),
            ),
            (Some("com.example.chat.voip"), alert, key(), no),
            (Some("com.example.chat"), voip, key(), no),
            (Some("com.other"), alert, key(), no),
            (Some("com.other"), alert, any(), Ok("com.other")),
            (None, alert, key(), Err(Reason::MissingTopic)),
            (Some(""), alert, key(), Err(Reason::BadTopic)),
            (Some("com example"), alert, any(), Err(Reason::BadTopic)),
            (None, alert, single(), chat),
            (None, alert, universal(), Err(Reason::MissingTopic)),
            (
                Some("com.example.chat.push-type.liveactivity"),
                live,
                universal(),
                no,
            ),
        ] {
            assert_eq!(
                choose(header, push_type, &permission),
                expected,
                "{header:?}"
            );
        }
    }
}

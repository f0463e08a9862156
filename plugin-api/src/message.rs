//! What the chat server wants shown, in no vendor's words.

use crate::frame::{frame, numbered, tagged};
use crate::text::present;
use crate::time::Timestamp;

/// One message, shared by every device that it goes to.
///
/// `""` never occurs in an `Option<String>`: empty means absent.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Message {
    /// What the push does on the phone.
    pub kind: Kind,
    /// First line.
    pub title: Option<String>,
    /// Line below the title, where a vendor has one.
    pub subtitle: Option<String>,
    /// Text.
    pub body: Option<String>,
    /// The app's own data, opaque to everybody between; it arrives byte for byte.
    pub ext: Option<String>,
    /// What a tap does.
    pub click: Click,
    /// What is heard.
    pub sound: Sound,
    /// The number on the app's icon.
    pub badge: Badge,
    /// URL of a picture.
    pub image: Option<String>,
    /// Android notification channel.
    pub channel_id: Option<String>,
    /// The vendor's word for the class of message, such as `IM`.
    pub category: Option<String>,
    /// Messages of one thread are shown together.
    pub thread: Option<String>,
    /// A later message with the same key replaces an earlier one.
    pub collapse_key: Option<String>,
    /// How urgent the vendor should be.
    pub priority: Priority,
    /// How long the vendor may keep trying.
    pub lifetime: Lifetime,
    /// Content of a Live Activity, when `kind` is one.
    pub live_activity: Option<LiveActivity>,
    /// This vendor's own options, a JSON object as the sender wrote it. The
    /// driver says what is allowed in it.
    pub options: Option<String>,
    /// Send as the vendor's test message, where it has such a thing.
    pub test: bool,
    /// What a tap does where the vendor cannot do `click`: the channel's own click, where the
    /// message has another. The kit's `click::first` chooses.
    pub click_else: Option<Click>,
    /// The name of who sent it, where it is known. It is in the title or the text already if it is
    /// to be shown: this is for a vendor that refuses the text alone.
    pub sender: Option<String>,
}
frame!(Message {
    0 kind, 1 title, 2 subtitle, 3 body, 4 ext, 5 click, 6 sound, 7 badge, 8 image,
    9 channel_id, 10 category, 11 thread, 12 collapse_key, 13 priority, 14 lifetime,
    15 live_activity, 16 options, 17 test, 18 click_else, 19 sender,
});

impl Message {
    /// A visible message of a title and a text; the rest is set field by field.
    pub fn new(title: impl Into<String>, body: impl Into<String>) -> Self {
        Self {
            title: Some(title.into()),
            body: Some(body.into()),
            ..Self::default()
        }
    }

    /// Title and text for a vendor that wants both, neither empty. `stand_in` is the title of a
    /// message that has none; a lone title is what there is to say, so it becomes the text.
    pub fn title_and_body<'a>(&'a self, stand_in: &'a str) -> (&'a str, &'a str) {
        match (present(&self.title), present(&self.body)) {
            (Some(title), Some(body)) => (title, body),
            (Some(only), None) | (None, Some(only)) => (stand_in, only),
            (None, None) => (stand_in, stand_in),
        }
    }
}

/// What the push does on the phone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kind {
    /// A notification that the user sees.
    #[default]
    Alert,
    /// Wakes the app and shows nothing.
    Background,
    /// An incoming call.
    Voip,
    /// Starts, updates or ends a Live Activity.
    LiveActivity,
}
numbered!(Kind { 0 Alert, 1 Background, 2 Voip, 3 LiveActivity } else Alert);

/// What a tap on the notification does.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Click {
    /// Opens the app.
    #[default]
    OpenApp,
    /// Opens a web page: `http://` or `https://`.
    Url(String),
    /// Opens a page inside the app, in the vendor's own form.
    Page(String),
}
tagged!(Click { 0 OpenApp, 1 Url(value), 2 Page(value) });

/// What is heard.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Sound {
    /// The system's sound.
    #[default]
    Default,
    /// Nothing.
    Silent,
    /// A sound file that ships with the app.
    Named(String),
}
tagged!(Sound { 0 Default, 1 Silent, 2 Named(value) });

/// The number on the app's icon.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Badge {
    /// Stays as it is.
    #[default]
    Keep,
    /// Becomes this; 0 removes it.
    Set(u32),
    /// Grows by this, for vendors that can add on the phone.
    Add(u32),
}
tagged!(Badge { 0 Keep, 1 Set(value), 2 Add(value) });

/// How urgent the vendor should be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Priority {
    /// At once, waking the phone.
    #[default]
    High,
    /// When it suits the phone's battery.
    Normal,
}
numbered!(Priority { 0 High, 1 Normal } else High);

/// How long the vendor may keep trying.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Lifetime {
    /// Deliver at once or drop.
    #[default]
    NowOrNever,
    /// Keep until then.
    Until(Timestamp),
}
tagged!(Lifetime { 0 NowOrNever, 1 Until(value) });

impl Lifetime {
    /// What is left at `now`, in seconds, rounded up: the last second is no now-or-never. 0 for
    /// now-or-never and for the past.
    pub fn seconds_left(self, now: Timestamp) -> u64 {
        match self {
            Self::NowOrNever => 0,
            Self::Until(end) => end.millis_after(now).div_ceil(1000),
        }
    }
}

/// Content of a Live Activity push.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct LiveActivity {
    /// What happens to the activity.
    pub event: ActivityEvent,
    /// The app's `ContentState`, a JSON object.
    pub content_state: Option<String>,
    /// When this content was true; the phone drops what is older than what it shows.
    pub timestamp: Timestamp,
    /// When the shown content counts as stale.
    pub stale_at: Option<Timestamp>,
    /// When an ended activity leaves the lock screen.
    pub dismiss_at: Option<Timestamp>,
    /// Name of the app's attributes type; for `Start`.
    pub attributes_type: Option<String>,
    /// The attributes, a JSON object; for `Start`.
    pub attributes: Option<String>,
}
frame!(LiveActivity {
    0 event, 1 content_state, 2 timestamp, 3 stale_at, 4 dismiss_at,
    5 attributes_type, 6 attributes,
});

/// What happens to a Live Activity.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ActivityEvent {
    /// New content.
    #[default]
    Update,
    /// Starts it.
    Start,
    /// Ends it.
    End,
}
numbered!(ActivityEvent { 0 Update, 1 Start, 2 End } else Update);

/// One device that a message goes to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Target {
    /// The delivery's id, a lower-case hyphenated UUID; the same at every attempt.
    pub id: String,
    /// The vendor's token of the device.
    pub token: String,
    /// This device's badge, where it differs from the message's.
    pub badge: Option<Badge>,
    /// The token of the Live Activity that the message is about, where the driver wants it beside
    /// the device's.
    pub activity_token: Option<String>,
}
frame!(Target { 0 id, 1 token, 2 badge, 3 activity_token });

impl Target {
    /// A device by its token.
    pub fn new(id: impl Into<String>, token: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            token: token.into(),
            badge: None,
            activity_token: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Message;

    #[test]
    fn a_vendor_that_wants_title_and_text_gets_both() {
        let texts = |title: Option<&str>, body: Option<&str>| {
            let message = Message {
                title: title.map(str::to_owned),
                body: body.map(str::to_owned),
                ..Message::default()
            };
            let (title, body) = message.title_and_body("new");
            format!("{title}/{body}")
        };
        assert_eq!(texts(Some("Ann"), Some("Lunch?")), "Ann/Lunch?");
        assert_eq!(texts(None, Some("Lunch?")), "new/Lunch?");
        assert_eq!(texts(Some("Ann"), Some("")), "new/Ann");
        assert_eq!(texts(None, None), "new/new");
    }
}

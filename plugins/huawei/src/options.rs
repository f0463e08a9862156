//! The sender's own Push Kit fields: `Message.options`, a JSON object.
//!
//! The names are those of `AndroidConfig` and `AndroidNotification`, without a level in
//! between. Unknown fields are refused; `""` and `null` are as good as absent. What a field
//! may hold is in [`forms`].

pub mod forms;

use nudged_driver_kit::fit::spare;
use nudged_driver_kit::forms::{Brightness, Https, maybe};
use nudged_driver_kit::options;
use nudged_plugin_api::{EncodeError, Message, Notice, bad_option};
use serde::{Deserialize, Serialize};

use forms::{
    ClassName, Color, Duration, Few, Importance, Instant, ProfileId, Urgency, Visibility, Within,
};

/// Big text instead of a plain notification.
pub(crate) const BIG_TEXT: i64 = 1;
/// A list of lines.
const INBOX: i64 = 3;

/// Everything a sender may add. What is serialized goes into the notification as it is;
/// the driver merges the rest with the message.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Options {
    /// Push Kit checks the form and delivers nothing.
    #[serde(skip_serializing)]
    pub validate_only: Option<bool>,
    /// Group of messages that wait for an offline phone: -1 keeps all, 0 only the newest of
    /// all, 1 to 100 the newest of that group.
    #[serde(skip_serializing)]
    pub collapse_key: Option<Within<-1, 100>>,
    /// Of a transparent message; beats the setting.
    #[serde(deserialize_with = "maybe", skip_serializing)]
    pub urgency: Option<Urgency>,
    /// Beats the message's.
    #[serde(deserialize_with = "maybe", skip_serializing)]
    pub category: Option<String>,
    /// Name of the batch in receipts, instead of nudged's own.
    #[serde(deserialize_with = "maybe", skip_serializing)]
    pub bi_tag: Option<String>,
    /// Beats the setting.
    #[serde(deserialize_with = "maybe", skip_serializing)]
    pub receipt_id: Option<String>,
    /// Of quick apps: 1 development, 2 production.
    #[serde(skip_serializing)]
    pub fast_app_target: Option<Within<1, 2>>,
    /// Beats the message's.
    #[serde(deserialize_with = "maybe", skip_serializing)]
    pub channel_id: Option<String>,
    /// Beats the setting.
    #[serde(deserialize_with = "maybe", skip_serializing)]
    pub importance: Option<Importance>,
    /// Beats the message's.
    #[serde(deserialize_with = "maybe", skip_serializing)]
    pub image: Option<Https>,
    /// File in the app's `res/raw`; beats the message's.
    #[serde(deserialize_with = "maybe", skip_serializing)]
    pub sound: Option<String>,
    /// Beats the setting.
    #[serde(deserialize_with = "maybe", skip_serializing)]
    pub badge_class: Option<ClassName>,
    /// Number of the notification that this one replaces; beats the message's collapse key.
    #[serde(skip_serializing)]
    pub notify_id: Option<Within<0, 2_147_483_647>>,
    /// Beats the setting.
    #[serde(skip_serializing)]
    pub foreground_show: Option<bool>,
    /// Title of big text; without it the title.
    #[serde(deserialize_with = "maybe", skip_serializing)]
    pub big_title: Option<String>,
    /// Text of big text; without it the text.
    #[serde(deserialize_with = "maybe", skip_serializing)]
    pub big_body: Option<String>,

    /// 0 plain, 1 big text, 3 lines.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub style: Option<Within<0, 3>>,
    /// Lines of style 3.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub inbox_content: Option<Few<String, 5>>,
    /// Drawable of the app, `/res/raw/…` or a name.
    #[serde(deserialize_with = "maybe", skip_serializing_if = "Option::is_none")]
    pub icon: Option<String>,
    /// Colour of the icon.
    #[serde(deserialize_with = "maybe", skip_serializing_if = "Option::is_none")]
    pub color: Option<Color>,
    /// Replaces what is shown under the same tag.
    #[serde(deserialize_with = "maybe", skip_serializing_if = "Option::is_none")]
    pub tag: Option<String>,
    /// Notifications of one group are folded together.
    #[serde(deserialize_with = "maybe", skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// When it happened.
    #[serde(deserialize_with = "maybe", skip_serializing_if = "Option::is_none")]
    pub when: Option<Instant>,
    /// Line of summary.
    #[serde(deserialize_with = "maybe", skip_serializing_if = "Option::is_none")]
    pub notify_summary: Option<String>,
    /// Disappears by itself after so many milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub auto_clear: Option<Within<1, 2_147_483_647>>,
    /// What a locked screen shows.
    #[serde(deserialize_with = "maybe", skip_serializing_if = "Option::is_none")]
    pub visibility: Option<Visibility>,
    /// The system's vibration.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub use_default_vibrate: Option<bool>,
    /// Off and on in turns.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vibrate_config: Option<Few<Duration, 10>>,
    /// The system's light.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub use_default_light: Option<bool>,
    /// The phone's light.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub light_settings: Option<LightSettings>,
    /// Buttons below the text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub buttons: Option<Few<Button, 3>>,
    /// Account that must be bound on the phone for the notification to show.
    #[serde(deserialize_with = "maybe", skip_serializing_if = "Option::is_none")]
    pub profile_id: Option<ProfileId>,
}

/// `LightSettings`: all three are needed.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct LightSettings {
    /// Its colour.
    pub color: LightColor,
    /// How long on.
    pub light_on_duration: Duration,
    /// How long off.
    pub light_off_duration: Duration,
}

/// Each part from 0 to 1.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct LightColor {
    /// Opacity.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alpha: Option<Brightness>,
    /// Red.
    pub red: Brightness,
    /// Green.
    pub green: Brightness,
    /// Blue.
    pub blue: Brightness,
}

/// `Button`.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Button {
    /// Its text.
    pub name: String,
    /// 0 opens the app, 1 a page of it, 2 a web page, 3 removes the notification, 4 shares.
    pub action_type: Within<0, 4>,
    /// What `intent` is: 0 an intent URI, 1 an action.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub intent_type: Option<Within<0, 1>>,
    /// Page or web page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub intent: Option<String>,
    /// What the page gets.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data: Option<String>,
}

impl Options {
    /// Leaves out what a notification can do without, for one that is too long.
    pub(crate) fn leave_out_extras(&mut self, notices: &mut Vec<Notice>) {
        let mut left_out = |option: &str, there: bool| spare(option, there, notices);
        left_out("big_title", self.big_title.take().is_some());
        left_out("big_body", self.big_body.take().is_some());
        left_out("inbox_content", self.inbox_content.take().is_some());
        left_out("buttons", self.buttons.take().is_some());
        left_out("notify_summary", self.notify_summary.take().is_some());
        left_out("image", self.image.take().is_some());
        // Without its lines or its longer text a style shows the plain notification.
        self.style = None;
    }

    /// Reads the object, or says which field is wrong and what was expected there.
    pub fn read(message: &Message) -> Result<Self, EncodeError> {
        let options: Self = options::read(message)?;
        let refuse = |field, problem: &str| Err(bad_option(field, problem));
        match options.style.map(Within::get) {
            Some(2) => refuse("style", "2 where 0, 1 or 3 was expected"),
            Some(INBOX) if options.inbox_content.is_none() => refuse(
                "inbox_content",
                "is missing, expected 1 to 5 lines beside style 3",
            ),
            _ => Ok(options),
        }
    }
}

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::value::RawValue;

use super::conversation::ConversationArgs;
use super::recipients::{NAMES, Recipients};
use super::value;
use nudged_wire::json::halves;
use nudged_wire::{
    BadgeChange, ClickAction, ClickSpec, ElementSpec, KindName, LiveActivitySpec, MessageSpec,
    NotificationSpec, PlatformSpec, PriorityName, TranslationSpec,
};

const EXAMPLES: &str = "\
Examples:
  nudgectl send --user bob --title 'Alice' --body 'See you at eight' --wait
  nudgectl send --user bob --device phone --user eve --body 'Two of them'
  nudgectl send --user bob --device phone --body 'Are you there?' --ttl 0 --wait
  nudgectl send --channel ios --token 1f2e3d… --title test --option 'apns={\"priority\":5}'
  nudgectl send --file notification.json
  generate | nudgectl send --file - --ndjson --json";

const PREVIEW_EXAMPLES: &str = "\
Examples:
  nudgectl preview --user bob --sender alice --sender-name Alice --element text=hello
  nudgectl preview --file notification.json --json";

/// What is sent, and whether its end is awaited.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct SendArgs {
    #[command(flatten)]
    pub notification: NotificationArgs,
    /// The file holds one JSON object per line; each is answered in order
    #[arg(long, help_heading = "From a file")]
    pub ndjson: bool,
    /// Wait until every delivery has ended, at most SECONDS (or 90s, 10m, ...), and exit
    /// accordingly
    #[arg(long, help_heading = "Waiting", value_name = "SECONDS", num_args = 0..=1)]
    #[arg(value_parser = value::span)]
    pub wait: Option<Option<Duration>>,
}

/// What is shown instead of being sent.
#[derive(Debug, clap::Args)]
#[command(after_help = PREVIEW_EXAMPLES)]
pub struct PreviewArgs {
    #[command(flatten)]
    pub notification: NotificationArgs,
}

/// A notification by options, or by a file.
#[derive(Debug, clap::Args)]
pub struct NotificationArgs {
    #[command(flatten, next_help_heading = "Recipients")]
    pub to: Recipients,
    #[command(flatten, next_help_heading = "Conversation")]
    pub conversation: ConversationArgs,
    #[command(flatten, next_help_heading = "Message")]
    pub message: MessageArgs,
    /// Send this JSON object, as POST /v1/notifications accepts it; - is standard input
    #[arg(long, help_heading = "From a file", value_name = "FILE")]
    #[arg(conflicts_with_all = NAMES)]
    #[arg(conflicts_with_all = ["ConversationArgs", "MessageArgs"])]
    pub file: Option<PathBuf>,
}

/// What is told and how.
#[derive(Debug, Default, clap::Args)]
pub struct MessageArgs {
    /// First line
    #[arg(long)]
    pub title: Option<String>,
    /// Text
    #[arg(long)]
    pub body: Option<String>,
    /// Line below the title, if the vendor has one
    #[arg(long)]
    pub subtitle: Option<String>,
    /// A part of the chat message, from which the text is composed without a --body: text=TEXT,
    /// custom=TEXT, location, face, image, sound, file, video; repeatable
    #[arg(long, value_name = "KIND[=TEXT]", value_parser = value::element)]
    pub element: Vec<ElementSpec>,
    /// Title and text in a language, such as zh={"title":"…","body":"…"}; repeatable
    #[arg(long, value_name = "LANG=JSON", value_parser = value::different::<TranslationSpec>)]
    pub translation: Vec<(String, TranslationSpec)>,
    /// What differs on ios, android or harmony, or with a driver, such as
    /// ios={"sound":"ping.caf"}; repeatable
    #[arg(long, value_name = "NAME=JSON", value_parser = value::different::<PlatformSpec>)]
    pub platform: Vec<(String, PlatformSpec)>,
    /// The app's own data, delivered byte for byte
    #[arg(long)]
    pub ext: Option<String>,
    /// What the push does on the phone [default: alert]
    #[arg(long, value_parser = value::named::<KindName>(&["alert", "background", "voip", "live_activity"]))]
    pub kind: Option<KindName>,
    /// default, none, or a sound file that ships with the app
    #[arg(long)]
    pub sound: Option<String>,
    /// The number on the app's icon; +N adds, if the vendor can
    #[arg(long, value_name = "N", value_parser = value::badge)]
    pub badge: Option<BadgeChange>,
    /// A tap opens this web page
    #[arg(long, value_name = "URL", conflicts_with = "click_page")]
    pub click_url: Option<String>,
    /// A tap opens this page of the app
    #[arg(long, value_name = "PAGE")]
    pub click_page: Option<String>,
    /// URL of a picture
    #[arg(long, value_name = "URL")]
    pub image: Option<String>,
    /// Android notification channel
    #[arg(long, value_name = "ID")]
    pub channel_id: Option<String>,
    /// The vendor's message class
    #[arg(long)]
    pub category: Option<String>,
    /// Thread; messages of one thread are shown together
    #[arg(long)]
    pub thread: Option<String>,
    /// A later message with the same key replaces this one
    #[arg(long, value_name = "KEY")]
    pub collapse_key: Option<String>,
    /// How urgently the vendor should deliver [default: high]
    #[arg(long, value_parser = value::named::<PriorityName>(&["high", "normal"]))]
    pub priority: Option<PriorityName>,
    /// Content of a Live Activity, as the API's live_activity
    #[arg(long, value_name = "JSON", value_parser = live_activity)]
    pub live_activity: Option<LiveActivitySpec>,
    /// How long delivery is attempted: seconds, or 90s, 1h, 3days; 0 = now or never
    #[arg(long, value_parser = value::ttl)]
    pub ttl: Option<u64>,
    /// Send as a test message, if the vendor has such a thing
    #[arg(long)]
    pub test: bool,
    /// The app (tenant) [default: default]
    #[arg(long)]
    pub app: Option<String>,
    /// Accept this key only once per app
    #[arg(long, value_name = "KEY")]
    pub idempotency_key: Option<String>,
    /// A driver's own options, such as apns={"interruption_level":"passive"}; repeatable
    #[arg(long, value_name = "DRIVER=JSON", value_parser = value::driver_option)]
    pub option: Vec<(String, Box<RawValue>)>,
    /// Push nobody: every device is suppressed, and the trace says so
    #[arg(long)]
    pub no_push: bool,
}

fn live_activity(json: &str) -> Result<LiveActivitySpec, String> {
    halves::read(json.as_bytes()).map_err(|error| error.to_string())
}

impl SendArgs {
    /// The file whose every line is a notification; none = there is but one notification.
    pub fn lines(&self) -> Result<Option<&Path>, String> {
        match &self.notification.file {
            Some(file) => Ok(self.ndjson.then_some(file)),
            None if self.ndjson => Err("--ndjson needs a --file; - is standard input".to_owned()),
            None => Ok(None),
        }
    }
}

impl NotificationArgs {
    /// The notification that the options describe, or what they lack.
    pub fn spec(&self) -> Result<NotificationSpec, String> {
        if self.to.0.is_empty() {
            return Err(
                "nobody to send to: name a --user, a --channel with --token, or a --file"
                    .to_owned(),
            );
        }
        let message = &self.message;
        Ok(NotificationSpec {
            app: message.app.clone(),
            to: self.to.0.clone(),
            sender: self.conversation.sender(),
            conversation: self.conversation.conversation(),
            mentions: self.conversation.mentions(),
            message: message.spec()?,
            options: once("--option", &message.option)?,
            push: !message.no_push,
            ttl: message.ttl,
            test: message.test,
            idempotency_key: message.idempotency_key.clone(),
        })
    }
}

/// By name, each given once.
fn once<T: Clone>(option: &str, given: &[(String, T)]) -> Result<BTreeMap<String, T>, String> {
    let mut named = BTreeMap::new();
    for (name, value) in given {
        if named.insert(name.clone(), value.clone()).is_some() {
            return Err(format!(
                "{option} {name} was given twice; write one JSON object"
            ));
        }
    }
    Ok(named)
}

impl MessageArgs {
    fn spec(&self) -> Result<MessageSpec, String> {
        let click = |action, value: &Option<String>| {
            value.clone().map(|value| ClickSpec {
                action,
                value: Some(value),
            })
        };
        Ok(MessageSpec {
            kind: self.kind.unwrap_or_default(),
            title: self.title.clone(),
            subtitle: self.subtitle.clone(),
            body: self.body.clone(),
            elements: self.element.clone(),
            translations: once("--translation", &self.translation)?,
            platforms: once("--platform", &self.platform)?,
            ext: self.ext.clone(),
            click: click(ClickAction::OpenUrl, &self.click_url)
                .or_else(|| click(ClickAction::OpenPage, &self.click_page)),
            sound: self.sound.clone(),
            badge: self.badge,
            image: self.image.clone(),
            channel_id: self.channel_id.clone(),
            category: self.category.clone(),
            thread: self.thread.clone(),
            collapse_key: self.collapse_key.clone(),
            priority: self.priority.unwrap_or_default(),
            live_activity: self.live_activity.clone(),
        })
    }
}

//! What a tap does, in Honor's form, and the `data` beside it.
//!
//! In: the message's click, its `ext`, the channel's launcher. Out: the click action, and the data
//! beside the notification.

use nudged_driver_kit::android;
use nudged_driver_kit::tap::{Opener, Tap};
use nudged_driver_kit::text::present;
use nudged_plugin_api::{Message, Notice};

use crate::options::Options;
use crate::payload::ClickAction;
use crate::settings::Channel;

/// The click action, and the data beside it.
pub(crate) fn action<'a>(
    channel: &'a Channel,
    message: &'a Message,
    options: &'a Options,
    notices: &mut Vec<Notice>,
) -> (ClickAction<'a>, Option<String>) {
    if let Some(action) = present(&options.action) {
        let data = present(&message.ext).map(android::data);
        return (ClickAction::Action(action), data);
    }
    let opener = Opener {
        service: "Honor",
        web_without_ext: "was left out: a tap that opens a web page carries no data",
        package: channel.package.as_deref(),
        launcher: channel.launcher_intent.as_deref(),
    };
    let (tap, data) = opener.tap(message, notices);
    let click = match tap {
        Tap::Intent(intent) => ClickAction::Intent(intent),
        Tap::Action(action) => ClickAction::Action(action),
        Tap::Web(url) => ClickAction::Url(url),
        _ => ClickAction::OpenApp,
    };
    (click, data)
}

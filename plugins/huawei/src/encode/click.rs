//! What a tap does: `click_action`, and the `message.data` beside it, which newer phones hand to the
//! app on the tap.

use nudged_driver_kit::tap::{Opener, Tap};
use nudged_plugin_api::{Message, Notice};

use crate::payload::ClickAction;
use crate::settings::Channel;

/// A page of the app.
const PAGE: u8 = 1;
/// A web page.
const WEB: u8 = 2;
/// The app.
const APP: u8 = 3;

/// The click action, and the data beside it.
pub(super) fn action<'a>(
    channel: &'a Channel,
    message: &'a Message,
    notices: &mut Vec<Notice>,
) -> (ClickAction<'a>, Option<String>) {
    let opener = Opener {
        service: "Push Kit",
        web_without_ext: "was left out: opening a web page hands nothing to the app",
        package: channel.package.as_deref(),
        launcher: channel.launcher.as_deref(),
    };
    let (tap, data) = opener.tap(message, notices);
    let none = ClickAction::default();
    let click = match tap {
        Tap::Intent(intent) => ClickAction {
            kind: PAGE,
            intent: Some(intent),
            ..none
        },
        Tap::Action(action) => ClickAction {
            kind: PAGE,
            action: Some(action),
            ..none
        },
        Tap::Web(url) => ClickAction {
            kind: WEB,
            url: Some(url),
            ..none
        },
        _ => ClickAction { kind: APP, ..none },
    };
    (click, data)
}

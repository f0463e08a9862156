//! What a tap does: `extra.notify_effect` and what belongs to it.

use nudged_plugin_api::text::present;
use nudged_plugin_api::{Click, EncodeError, android, bad_click, bad_option};

use super::Plan;
use crate::payload::Extra;
use crate::settings::{OpenApp, is_web_page};

const LAUNCHER: &str = "1";
const PAGE: &str = "2";
const WEB: &str = "3";

impl<'a> Plan<'a> {
    /// Writes the tap's fields; returns the app's data, where the tap leads to the app.
    pub(super) fn click(&mut self, extra: &mut Extra<'a>) -> Result<Option<&'a str>, EncodeError> {
        let message = self.message;
        let ext = present(&message.ext);
        let flag = self.options.intent_flag;
        let is_class = matches!(&message.click, Click::Page(page) if is_class_name(page));
        if flag.is_some() && !is_class {
            let problem = "goes with an in-app page that is a class name; an Intent has its own";
            return Err(bad_option("intent_flag", problem));
        }
        match &message.click {
            Click::OpenApp => {
                // No effect at all calls the app back, and opens nothing by itself.
                if self.open_app() == OpenApp::Launcher {
                    extra.put("notify_effect", LAUNCHER);
                }
            }
            Click::Url(url) => {
                if !is_web_page(url) {
                    return Err(bad_click("is not an http:// or https:// URL of a web page"));
                }
                extra.put("notify_effect", WEB);
                extra.put("web_uri", url.as_str());
                if ext.is_some() {
                    self.notice(
                        "ext",
                        "is left out, as a web page is opened and not the app",
                    );
                }
                return Ok(None);
            }
            Click::Page(page) if is_class => {
                extra.put("notify_effect", PAGE);
                extra.put("class_name", page.as_str());
                extra.put_some("intent_flag", flag.map(|flag| flag.to_string()));
            }
            Click::Page(page) if android::is_intent(page) => {
                extra.put("notify_effect", PAGE);
                extra.put("intent_uri", page.as_str());
            }
            _ => {
                return Err(bad_click(
                    "is neither an Intent (intent:…#Intent;…;end) nor the full class name of an \
                     Activity",
                ));
            }
        }
        Ok(ext)
    }
}

/// A class with its package, such as `com.example.ChatActivity`.
fn is_class_name(text: &str) -> bool {
    text.len() <= 512 && android::is_class_name(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_class_name_has_its_package_and_nothing_else() {
        for good in ["com.example.ChatActivity", "a.B$C", "a_b.C1"] {
            assert!(is_class_name(good), "{good}");
        }
        for bad in [
            "", "Chat", ".Chat", "a..B", "a.1B", "a/b.C", "chat/42", "a.B ", "a.B#x",
        ] {
            assert!(!is_class_name(bad), "{bad}");
        }
    }
}

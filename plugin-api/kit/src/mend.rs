//! What a sender wrote nearly right, made right before a driver reads it.
//!
//! In: a message. Out: the same message, its picture's address and what its tap opens in the form
//! that every vendor takes. Nothing is lost by it, so there is nothing to tell; what cannot be
//! mended stays, and the driver says what it makes of it.

use std::borrow::Cow;

use crate::address::mended as address;
use crate::android::is_intent;
use crate::page::Page;
use nudged_plugin_api::{Click, Message};

/// How `Intent.toUri(0)` begins, where `toUri(URI_INTENT_SCHEME)` writes `intent:#Intent;`.
const BARE_INTENT: &str = "#Intent;";

/// The message, mended where it has to be.
pub(crate) fn mended(message: &Message) -> Cow<'_, Message> {
    let image = message.image.as_deref().and_then(address);
    let opened = |click: &Click| match click {
        Click::Url(url) => address(url).map(Click::Url),
        Click::Page(text) => page(text).map(Click::Page),
        _ => None,
    };
    let click = opened(&message.click);
    let other = message.click_else.as_ref().and_then(opened);
    if image.is_none() && click.is_none() && other.is_none() {
        return Cow::Borrowed(message);
    }
    let mut mended = message.clone();
    mended.image = image.or(mended.image);
    mended.click = click.unwrap_or(mended.click);
    mended.click_else = other.or(mended.click_else);
    Cow::Owned(mended)
}

/// A page of the app: a web page may stand in its place.
fn page(text: &str) -> Option<String> {
    let page = text.trim();
    if page.starts_with(BARE_INTENT) {
        return Some(format!("intent:{page}")).filter(|intent| is_intent(intent));
    }
    let is_known = page.len() < text.len() && !matches!(Page::of(page), Page::Other(_));
    address(page).or_else(|| is_known.then(|| page.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(click: Click) -> Message {
        let mut message = Message::new("title", "body");
        message.click = click;
        message
    }

    #[test]
    fn what_is_right_is_not_copied() {
        let mut right = message(Click::Url("https://a.cn/?b=c".to_owned()));
        right.image = Some("https://a.cn/1.png".to_owned());
        assert!(matches!(mended(&right), Cow::Borrowed(_)));
        for page in [
            "",
            "a.B",
            "chat://房间",
            "intent:#Intent;action=a.B;end",
            "#Intent;end",
            " the chat ",
        ] {
            let right = message(Click::Page(page.to_owned()));
            assert!(matches!(mended(&right), Cow::Borrowed(_)), "{page}");
        }
    }

    #[test]
    fn pictures_and_pages_are_mended() {
        let mut odd = message(Click::Url(" HTTPS://a.cn/b c".to_owned()));
        odd.image = Some("https://a.cn/图".to_owned());
        let mended_one = mended(&odd).into_owned();
        assert_eq!(mended_one.image.as_deref(), Some("https://a.cn/%E5%9B%BE"));
        assert_eq!(
            mended_one.click,
            Click::Url("https://a.cn/b%20c".to_owned())
        );
        assert_eq!(mended_one.body, odd.body);
        for (page, right) in [
            (
                "#Intent;component=a/.B;end",
                "intent:#Intent;component=a/.B;end",
            ),
            (
                " intent:#Intent;action=a.B;end\n",
                "intent:#Intent;action=a.B;end",
            ),
            ("https://a.cn/汉", "https://a.cn/%E6%B1%89"),
            (" com.example.Chat ", "com.example.Chat"),
        ] {
            let mended = mended(&message(Click::Page(page.to_owned()))).into_owned();
            assert_eq!(mended.click, Click::Page(right.to_owned()), "{page}");
        }
    }

    #[test]
    fn what_cannot_be_mended_stays() {
        let mut odd = message(Click::Url("https://[::1]/".to_owned()));
        odd.image = Some("图.png".to_owned());
        assert_eq!(*mended(&odd), odd);
    }
}

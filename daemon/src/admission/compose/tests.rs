use nudged_plugin_api::Sound;

use super::*;
use nudged_wire::ClickAction;

fn some(text: &str) -> Option<String> {
    Some(text.to_owned())
}

/// Every level says something else in every field; taking them away one by one, the next
/// is heard.
#[test]
fn the_strongest_level_that_says_something_is_heard() {
    let spec = |level: &str, badge| PlatformSpec {
        title: some(&format!("{level} title")),
        subtitle: some(&format!("{level} subtitle")),
        body: some(&format!("{level} body")),
        ext: some(&format!("{level} ext")),
        click: Some(ClickSpec {
            action: ClickAction::OpenPage,
            value: some(&format!("{level} page")),
        }),
        sound: some(&format!("{level} sound")),
        badge: Some(BadgeChange::Set(badge)),
        image: some(&format!("{level} image")),
        channel_id: some(&format!("{level} channel_id")),
        category: some(&format!("{level} category")),
        thread: some(&format!("{level} thread")),
        collapse_key: some(&format!("{level} collapse_key")),
        priority: Some(PriorityName::Normal),
    };
    let (vendor, platform, common) = (spec("vendor", 1), spec("platform", 2), spec("message", 3));
    let translation = TranslationSpec {
        title: some("translation title"),
        body: some("translation body"),
    };
    let message = MessageSpec {
        title: common.title,
        subtitle: common.subtitle,
        body: common.body,
        ext: common.ext,
        click: common.click,
        sound: common.sound,
        badge: common.badge,
        image: common.image,
        channel_id: common.channel_id,
        category: common.category,
        thread: common.thread,
        collapse_key: common.collapse_key,
        ..MessageSpec::default()
    };
    let channel = Defaults {
        click: Some(Click::Page("channel page".into())),
        sound: some("channel sound"),
    };
    let silent = MessageSpec::default();
    let mut levels = Precedence {
        vendor: Some(&vendor),
        platform: Some(&platform),
        translation: Some(&translation),
        message: Some(&message),
        derived: Some("derived body"),
        user_sound: Some("user sound"),
        channel: Some(&channel),
        default_title: Some("default title"),
        ..Precedence::default()
    };
    type Row = (&'static str, [Option<&'static str>; 5]);
    let mut expect = |row: Row, badge: Option<u32>, priority| {
        let (level, [title, body, click, sound, others]) = row;
        let ComposedMessage {
            message: it,
            badge: change,
            ..
        } = levels.compose().expect("a text");
        let text = |of: Option<&str>| of.map(str::to_owned);
        assert_eq!(it.title, text(title), "{level}");
        assert_eq!(it.body, text(body), "{level}");
        assert_eq!(
            it.click,
            click.map_or(Click::OpenApp, |page| Click::Page(page.into())),
            "{level}"
        );
        let heard = sound.map_or(Sound::Default, |name| Sound::Named(name.into()));
        assert_eq!(it.sound, heard, "{level}");
        for (name, found) in [
            ("subtitle", it.subtitle),
            ("ext", it.ext),
            ("image", it.image),
            ("channel_id", it.channel_id),
            ("category", it.category),
            ("thread", it.thread),
            ("collapse_key", it.collapse_key),
        ] {
            let said = others.map(|level| format!("{level} {name}"));
            assert_eq!(found, said, "{level}");
        }
        assert_eq!(change, badge.map(BadgeChange::Set), "{level}");
        assert_eq!(it.priority, priority, "{level}");
        match level {
            "vendor" => levels.vendor = None,
            "platform" => levels.platform = None,
            "translation" => levels.translation = None,
            "message" => levels.message = Some(&silent),
            "user" => levels.user_sound = None,
            "channel" => levels.channel = None,
            _ => levels.default_title = None,
        }
    };
    let of = |level: &'static str| match level {
        "vendor" => (
            level,
            [
                Some("vendor title"),
                Some("vendor body"),
                Some("vendor page"),
                Some("vendor sound"),
                Some("vendor"),
            ],
        ),
        "platform" => (
            level,
            [
                Some("platform title"),
                Some("platform body"),
                Some("platform page"),
                Some("platform sound"),
                Some("platform"),
            ],
        ),
        "translation" => (
            level,
            [
                Some("translation title"),
                Some("translation body"),
                Some("message page"),
                Some("message sound"),
                Some("message"),
            ],
        ),
        "message" => (
            level,
            [
                Some("message title"),
                Some("message body"),
                Some("message page"),
                Some("message sound"),
                Some("message"),
            ],
        ),
        "user" => (
            level,
            [
                Some("default title"),
                Some("derived body"),
                Some("channel page"),
                Some("user sound"),
                None,
            ],
        ),
        "channel" => (
            level,
            [
                Some("default title"),
                Some("derived body"),
                Some("channel page"),
                Some("channel sound"),
                None,
            ],
        ),
        level => (
            level,
            [
                Some("default title"),
                Some("derived body"),
                None,
                None,
                None,
            ],
        ),
    };
    expect(of("vendor"), Some(1), Priority::Normal);
    expect(of("platform"), Some(2), Priority::Normal);
    expect(of("translation"), Some(3), Priority::High);
    expect(of("message"), Some(3), Priority::High);
    expect(of("user"), None, Priority::High);
    expect(of("channel"), None, Priority::High);
    expect(of("default"), None, Priority::High);
    let bare = levels.compose().expect("a text").message;
    assert_eq!(bare.title, None);
}

#[test]
fn an_empty_text_says_nothing() {
    let empty = PlatformSpec {
        title: some(""),
        sound: some(""),
        channel_id: some(""),
        ..PlatformSpec::default()
    };
    let message = MessageSpec {
        title: some("title"),
        sound: some("ding"),
        channel_id: some("chat"),
        ..MessageSpec::default()
    };
    let levels = Precedence {
        vendor: Some(&empty),
        message: Some(&message),
        ..Precedence::default()
    };
    let it = levels.compose().expect("a text").message;
    assert_eq!(it.title.as_deref(), Some("title"));
    assert_eq!(it.sound, Sound::Named("ding".into()));
    assert_eq!(it.channel_id.as_deref(), Some("chat"));
}

#[test]
fn an_alert_without_words_is_none_and_a_title_of_ours_is_no_word() {
    let nothing = MessageSpec::default();
    let mut levels = Precedence {
        message: Some(&nothing),
        default_title: Some("a new message"),
        ..Precedence::default()
    };
    assert_eq!(levels.compose(), None);
    let background = MessageSpec {
        kind: KindName::Background,
        ..MessageSpec::default()
    };
    levels.message = Some(&background);
    assert_eq!(
        levels.compose().expect("no words needed").message.title,
        None
    );
}

#[test]
fn a_title_does_not_speak_for_what_only_the_app_can_read() {
    let element = |kind| ElementSpec { kind, text: None };
    let mut message = MessageSpec {
        title: some("Carol"),
        elements: vec![element(ElementKind::Custom)],
        ..MessageSpec::default()
    };
    let composed = |message: &MessageSpec, derived| {
        let levels = Precedence {
            message: Some(message),
            derived,
            ..Precedence::default()
        };
        levels.compose()
    };
    assert_eq!(composed(&message, None), None);
    assert!(composed(&message, Some("a gift")).is_some());
    message.body = some("a gift");
    assert!(composed(&message, None).is_some());
    // Where nothing is hidden, a title is enough.
    let titled = MessageSpec {
        title: some("Carol"),
        ..MessageSpec::default()
    };
    assert!(composed(&titled, None).is_some());
}

#[test]
fn the_words_none_and_default_are_sounds_too() {
    let heard = |sound: &str| {
        let message = MessageSpec {
            body: some("hi"),
            sound: some(sound),
            ..MessageSpec::default()
        };
        let levels = Precedence {
            message: Some(&message),
            user_sound: Some("user"),
            ..Precedence::default()
        };
        levels.compose().expect("a text").message.sound
    };
    assert_eq!(heard("none"), Sound::Silent);
    assert_eq!(heard("default"), Sound::Default);
    assert_eq!(heard(""), Sound::Named("user".into()));
}

#[test]
fn the_channels_click_stands_behind_another_of_the_message() {
    let click = |action, value: &str| ClickSpec {
        action,
        value: Some(value.to_owned()).filter(|it| !it.is_empty()),
    };
    let page = |page: &str| Click::Page(page.to_owned());
    let of_channel = |click: Option<Click>| Defaults { click, sound: None };
    for (said, channel, expected, other) in [
        (None, None, Click::OpenApp, None),
        (None, Some(page("channel")), page("channel"), None),
        (Some("message"), None, page("message"), None),
        (
            Some("message"),
            Some(page("channel")),
            page("message"),
            Some(page("channel")),
        ),
        (
            Some("message"),
            Some(page("message")),
            page("message"),
            None,
        ),
        (Some("message"), Some(Click::OpenApp), page("message"), None),
        // Who wants the app opened gets that everywhere.
        (Some(""), Some(page("channel")), Click::OpenApp, None),
    ] {
        let said = said.map(|page| match page {
            "" => click(ClickAction::OpenApp, ""),
            page => click(ClickAction::OpenPage, page),
        });
        let message = MessageSpec {
            body: some("hi"),
            click: said,
            ..MessageSpec::default()
        };
        let channel = of_channel(channel);
        let levels = Precedence {
            message: Some(&message),
            channel: Some(&channel),
            ..Precedence::default()
        };
        let composed = levels.compose().expect("a text").message;
        assert_eq!((composed.click, composed.click_else), (expected, other));
    }
}

#[test]
fn a_sound_that_names_nothing_is_told_of_with_whose_it_is() {
    let uri = "content://media/42";
    let message = |sound: Option<&str>| MessageSpec {
        body: some("hi"),
        sound: sound.map(str::to_owned),
        ..MessageSpec::default()
    };
    let channel = Defaults {
        click: None,
        sound: some(uri),
    };
    let notice = |message: &MessageSpec, user_sound| {
        let levels = Precedence {
            message: Some(message),
            user_sound,
            channel: Some(&channel),
            phones: Platform::Ios,
            ..Precedence::default()
        };
        let composed = levels.compose().expect("a text");
        assert_eq!(composed.message.sound, Sound::Default);
        composed.sound_notice.expect("a notice")
    };
    assert!(notice(&message(Some(uri)), Some(uri)).starts_with("is the system's: "));
    let own = notice(&message(None), Some(uri));
    assert!(own.starts_with("the user's own is the system's: "), "{own}");
    let own = notice(&message(None), None);
    assert!(own.starts_with("the channel's is the system's: "), "{own}");
}

#[test]
fn an_alert_in_a_calls_place_keeps_what_makes_it_a_call() {
    let message = MessageSpec {
        kind: KindName::Voip,
        title: some("Ann"),
        ext: some("room 7"),
        sound: some("ring.caf"),
        collapse_key: some("call-7"),
        priority: PriorityName::Normal,
        ..MessageSpec::default()
    };
    let composed = |instead| {
        let levels = Precedence {
            message: Some(&message),
            phones: Platform::Ios,
            instead,
            ..Precedence::default()
        };
        levels.compose().expect("something to show").message
    };
    let call = composed(None);
    assert_eq!((call.kind, call.priority), (Kind::Voip, Priority::Normal));
    let alert = composed(Some(Kind::Alert));
    assert_eq!((alert.kind, alert.priority), (Kind::Alert, Priority::High));
    assert_eq!(alert.sound, Sound::Named("ring.caf".to_owned()));
    assert_eq!(
        (alert.ext, alert.collapse_key),
        (call.ext, call.collapse_key)
    );
}

#[test]
fn a_kind_without_a_word_has_no_alert_in_its_place() {
    let message = MessageSpec {
        kind: KindName::LiveActivity,
        ..MessageSpec::default()
    };
    let levels = Precedence {
        message: Some(&message),
        default_title: Some("a new message"),
        instead: Some(Kind::Alert),
        ..Precedence::default()
    };
    assert_eq!(levels.compose(), None);
}

//! Messages of any shape, by chance: the same number makes the same message for ever.

use nudged_plugin_api::{Badge, Click, Lifetime, Message, Priority, Sound, Timestamp};

/// A source of numbers that look like chance (SplitMix64).
pub struct Chance(u64);

impl Chance {
    /// The numbers of this seed.
    pub fn of(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// One of these.
    fn one<T: Clone>(&mut self, of: &[T]) -> T {
        let at = self.next() % of.len() as u64;
        of[at as usize].clone()
    }

    /// A text of one script, often short, at times longer than any vendor takes.
    fn text(&mut self) -> String {
        const SCRIPTS: [&[&str]; 6] = [
            &["a", "b", "lunch", " ", "?", "1"],
            &["\u{7fa4}", "\u{7ec4}", "\u{ff0c}", "\u{5348}", "\u{996d}"],
            &["\u{1f600}", "\u{1f468}\u{200d}\u{1f469}", "\u{e9}", " "],
            &["\"", "\\", "{", "}", ";", "=", "%", "#", "&", "+"],
            &["\n", "\t", "\u{7f}", "\u{2028}", "x", "\u{3000}"],
            &["\u{dc}ber", "\u{43f}\u{440}\u{438}", "\u{627}\u{644}", " "],
        ];
        let pieces = self.one(&SCRIPTS);
        let length = self.one(&[1, 3, 10, 40, 70, 250, 700, 1400, 5000]);
        (0..length).map(|_| self.one(pieces)).collect()
    }

    fn maybe(&mut self) -> Option<String> {
        (self.next() % 2 == 0).then(|| self.text())
    }

    /// An address; one in two is written otherwise than a vendor wants it, or is none.
    fn url(&mut self) -> String {
        const SCHEMES: [&str; 6] = ["https://", "http://", "HTTPS://", " https://", "ftp://", ""];
        const HOSTS: [&str; 9] = [
            "app.example",
            "APP.example:8443",
            "\u{4f8b}\u{5b50}.example",
            "ann@app.example",
            "[::1]:80",
            "a b",
            "-.example",
            "app.example:x",
            "",
        ];
        const TAILS: [&str; 10] = [
            "/\u{8def}\u{5f84}?q=\u{6c49}",
            "/a b.png",
            "/a.png\n",
            "/{id}|x",
            "/\"x",
            "/50%",
            "/%zz?a[]=b",
            "?a=b#c#d",
            "\\x",
            "",
        ];
        if self.next() % 2 == 0 {
            let page = "x".repeat(self.one(&[1, 30, 300, 3000]));
            let scheme = self.one(&["https://", "http://", "ftp://", ""]);
            return format!("{scheme}app.example/{page}");
        }
        let (scheme, host) = (self.one(&SCHEMES), self.one(&HOSTS));
        let tail = match self.next() % 4 {
            0 => format!("/{}", self.text()),
            _ => self.one(&TAILS).to_owned(),
        };
        format!("{scheme}{host}{tail}")
    }

    /// An intent URI; some are none that a phone reads.
    fn intent(&mut self) -> String {
        const HEADS: [&str; 5] = [
            "intent:",
            "intent://h/p?q",
            "",
            "chat://room/42",
            " intent:",
        ];
        const PARTS: [&str; 14] = [
            "component=a.b/.C;",
            "component=C;",
            "action=a.b.OPEN;",
            "launchFlags=0x4000000;",
            "launchFlags=new;",
            "SEL;",
            "S.ext={\"a\":\"\u{4f60}%3B\"};",
            "S.ext=%7;",
            "S.ext=%FF;",
            "S.ext=a#b;",
            "X.ext=1;",
            "i.n=x;",
            ";",
            "a;b=c=d;",
        ];
        let (head, count) = (self.one(&HEADS), self.next() % 4);
        let parts: String = (0..count).map(|_| self.one(&PARTS)).collect();
        let end = self.one(&["end", "end", "end", "end\n", ""]);
        format!("{head}#Intent;{parts}{end}")
    }

    fn ext(&mut self) -> Option<String> {
        let text = self.maybe()?;
        Some(match self.next() % 3 {
            0 => text,
            // As Tencent's chat kit writes it.
            _ => {
                let quoted: String = text.chars().flat_map(char::escape_default).collect();
                let quoted = quoted
                    .replace("\\u{", "u")
                    .replace(['\\', '}', '"', '\''], "");
                format!(
                    "{{\"entity\":{{\"action\":1,\"content\":\"{quoted}\",\"sender\":\"ann\"}}}}"
                )
            }
        })
    }

    fn click(&mut self) -> Click {
        const PAGES: [&str; 10] = [
            "chat/42",
            "chat://room/42",
            "com.example.chat.ChatActivity",
            "com.example.chat.OPEN",
            "intent:#Intent;component=com.example.chat/.ChatActivity;end",
            "intent://com.example/chat#Intent;scheme=push;launchFlags=0x4000000;end",
            "https://app.example/a?b=c&d",
            "\u{7fa4}\u{7ec4}",
            "a b\nc",
            "javascript:alert(1)",
        ];
        match self.next() % 7 {
            0 | 1 => Click::OpenApp,
            2 => Click::Url(self.url()),
            3 => Click::Page(self.url()),
            4 => Click::Page(self.intent()),
            5 => Click::Page(self.one(&PAGES).to_owned()),
            _ => Click::Page(self.text()),
        }
    }

    fn sound(&mut self) -> Sound {
        const NAMES: [&str; 9] = [
            "ring",
            "ring.caf",
            "Ring Tone.mp3",
            "android.resource://com.example.chat/raw/ring",
            "android.resource://com.example.chat/2131689472",
            "/private/var/ring.caf",
            "content://media/external/audio/42",
            "\u{94c3}\u{58f0}.wav",
            "../ring",
        ];
        match self.next() % 5 {
            0 | 1 => Sound::Default,
            2 => Sound::Silent,
            3 => Sound::Named(self.one(&NAMES).to_owned()),
            _ => Sound::Named(self.text()),
        }
    }

    /// An alert that has something to show.
    pub fn alert(&mut self, now: Timestamp) -> Message {
        let mut message = Message::new("", self.text());
        message.title = self.maybe();
        if message.title.is_some() && self.next() % 8 == 0 {
            message.body = None;
        }
        message.subtitle = self.maybe();
        message.ext = self.ext();
        message.click = self.click();
        message.sound = self.sound();
        message.badge = self.one(&[
            Badge::Keep,
            Badge::Set(7),
            Badge::Set(u32::MAX),
            Badge::Add(1),
        ]);
        message.image = (self.next() % 3 == 0).then(|| self.url());
        message.channel_id = self.maybe();
        message.category = match self.next() % 3 {
            0 => self.maybe(),
            _ => Some(self.one(&["IM", "MARKETING", "TODO"]).to_owned()),
        };
        message.thread = self.maybe();
        message.collapse_key = self.maybe();
        message.priority = self.one(&[Priority::High, Priority::Normal]);
        message.lifetime = self.one(&[
            Lifetime::NowOrNever,
            Lifetime::Until(now.plus_millis(300)),
            Lifetime::Until(now.plus_seconds(86_400)),
            Lifetime::Until(Timestamp(u64::MAX)),
        ]);
        if message.click != Click::OpenApp && self.next() % 3 == 0 {
            message.click_else = Some(self.click());
        }
        message
    }
}

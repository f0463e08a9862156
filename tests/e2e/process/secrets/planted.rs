//! Secrets that a test has planted, and whether a part of one is in what was shown.

use std::collections::HashSet;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};

/// So much of a secret must not be seen anywhere.
const PART: usize = 12;

/// The parts of all secrets, as they are, in base64 and in hexadecimal.
#[derive(Default)]
pub struct Planted(HashSet<Vec<u8>>);

impl Planted {
    /// A secret text.
    pub fn text(&mut self, secret: &str) {
        self.parts(secret.as_bytes());
        self.parts(STANDARD.encode(secret).as_bytes());
        self.parts(URL_SAFE.encode(secret).as_bytes());
        self.parts(hex(secret.as_bytes()).as_bytes());
    }

    /// A file with keys in PEM, perhaps within JSON, or with nothing but a key.
    pub fn file(&mut self, contents: &[u8]) {
        let Ok(text) = std::str::from_utf8(contents) else {
            self.parts(STANDARD.encode(contents).as_bytes());
            self.parts(hex(contents).as_bytes());
            return;
        };
        let begin = "PRIVATE KEY-----";
        let from = text.find(begin).expect("a private key") + begin.len();
        let until = from + text[from..].find("-----END").expect("its end");
        let body = text[from..until].replace("\\n", "\n");
        for line in body.lines() {
            self.text(line);
        }
        self.text(&body.replace('\n', ""));
    }

    fn parts(&mut self, secret: &[u8]) {
        self.0.extend(secret.windows(PART).map(<[u8]>::to_vec));
    }

    /// A part of a secret that is in there, with what stands around it.
    pub fn found_in(&self, shown: &[u8]) -> Option<String> {
        let at = shown.windows(PART).position(|part| self.0.contains(part))?;
        let around = &shown[at.saturating_sub(100)..shown.len().min(at + 100)];
        Some(String::from_utf8_lossy(around).into_owned())
    }
}

/// In hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

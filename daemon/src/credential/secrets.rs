//! What must never be seen of one channel, and texts without it.
//!
//! In: its secret settings and the contents of its files, once; then texts that drivers and
//! vendors wrote. Out: the texts, with every part of a secret hidden: as it is, in base64, in
//! hexadecimal, and however JSON or a URL escapes these. Pure. Refuses to know who says what.

mod plain;
mod tokens;

use std::fmt;
use std::ops::Range;
use std::sync::OnceLock;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use plain::NormalizedText;
pub use tokens::Tokens;

/// What stands where a secret was.
pub const HIDDEN: &str = "…";
/// Shorter parts of a secret are not looked for; the escapes and line ends in it do not count.
const PART: usize = 10;
/// Shorter secrets are none worth the name and occur by chance.
const MIN_SECRET: usize = 4;
/// Bytes of a file that are looked for: some keys, not a disk image.
const MAX_SCANNED: usize = 64 << 10;

/// The secrets of a channel.
#[derive(Default)]
pub struct Secrets {
    texts: Vec<Zeroizing<Vec<u8>>>,
    /// Made at the first text: most channels never have one to say.
    parts: OnceLock<SecretDigests>,
}

impl Secrets {
    pub fn add(&mut self, text: &str) {
        let text = Zeroizing::new(NormalizedText::of(text).bytes);
        if text.len() >= MIN_SECRET {
            self.texts.push(text);
            self.parts = OnceLock::new();
        }
    }

    /// Adds what is secret in a file: all of a short or a binary one, else what looks like a
    /// key or like base64, and not the names and addresses beside it.
    pub fn add_file(&mut self, contents: &[u8]) {
        let contents = &contents[..contents.len().min(MAX_SCANNED)];
        match std::str::from_utf8(contents) {
            Ok(text) if text.len() <= 128 => self.add(text.trim()),
            Ok(text) => self.add_keys(text),
            Err(_) => {
                self.texts.push(Zeroizing::new(contents.to_vec()));
                self.parts = OnceLock::new();
            }
        }
    }

    /// Adds what looks like a key in a text that should hold none.
    pub fn add_keys(&mut self, text: &str) {
        plain::keys(text).iter().for_each(|key| self.add(key));
    }

    /// The text without secrets; as it is, and not copied, when there are none in it.
    pub fn hide(&self, text: String) -> String {
        if text.len() < MIN_SECRET || self.texts.is_empty() {
            return text;
        }
        let found = self.found(&text);
        if found.is_empty() {
            return text;
        }
        let mut shown = String::with_capacity(text.len());
        let mut from = 0;
        for part in found {
            shown.push_str(&text[from..part.start]);
            shown.push_str(HIDDEN);
            from = part.end;
        }
        shown.push_str(&text[from..]);
        shown
    }

    /// Whether a part of a secret is in a text.
    pub fn are_in(&self, text: &str) -> bool {
        !self.texts.is_empty() && !self.found(text).is_empty()
    }

    /// Where secrets are, in order and apart from each other.
    fn found(&self, text: &str) -> Vec<Range<usize>> {
        let parts = self.parts.get_or_init(|| SecretDigests::of(&self.texts));
        let plain = NormalizedText::of(text);
        let mut found = parts.long.found(&plain.bytes, PART);
        for (length, hashes) in &parts.short {
            let whole = |at: &Range<usize>| plain.is_word(at);
            found.extend(
                hashes
                    .found(&plain.bytes, *length)
                    .into_iter()
                    .filter(whole),
            );
        }
        found.sort_by_key(|at| at.start);
        let mut ranges: Vec<Range<usize>> = Vec::new();
        for at in found {
            let range = plain.source_range(&at);
            match ranges.last_mut() {
                Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
                _ => ranges.push(range),
            }
        }
        ranges
    }
}

/// Never shows them.
impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secrets({})", self.texts.len())
    }
}

/// Hashes of parts of secrets: the parts themselves need not lie about.
struct SecretDigests {
    /// Of every part of `PART` bytes.
    long: Hashes,
    /// Of whole secrets that are shorter, by length.
    short: Vec<(usize, Hashes)>,
}

impl SecretDigests {
    fn of(texts: &[Zeroizing<Vec<u8>>]) -> Self {
        let mut long = Vec::new();
        let mut short: Vec<(usize, Vec<u32>)> = Vec::new();
        for form in texts.iter().flat_map(|text| forms(text)) {
            if form.len() >= PART {
                long.extend(hashes(&form, PART));
            } else if form.len() >= MIN_SECRET {
                let whole = hashes(&form, form.len());
                short.push((form.len(), whole.collect()));
            }
        }
        let short = short.into_iter();
        Self {
            long: Hashes::of(long),
            short: short
                .map(|(length, all)| (length, Hashes::of(all)))
                .collect(),
        }
    }
}

/// A secret as it is, in hexadecimal, and as a part of base64, which has three forms: it begins
/// with any of three bytes.
fn forms(secret: &[u8]) -> Vec<Zeroizing<Vec<u8>>> {
    let mut forms = vec![Zeroizing::new(secret.to_vec())];
    let hex: String = secret.iter().map(|byte| format!("{byte:02x}")).collect();
    let mut encoded = vec![Zeroizing::new(hex)];
    for before in 0..3 {
        let mut moved = Zeroizing::new(vec![0; before]);
        moved.extend_from_slice(secret);
        let whole = Zeroizing::new(STANDARD.encode(&*moved));
        // The characters at both ends are its neighbours' as well.
        let from = (before * 8).div_ceil(6);
        let until = moved.len() * 8 / 6;
        encoded.push(Zeroizing::new(whole[from..until].to_owned()));
    }
    let plain = encoded
        .iter()
        .map(|text| Zeroizing::new(NormalizedText::of(text).bytes));
    forms.extend(plain);
    forms
}

/// A set of hashes that mostly says no, and says so at once.
struct Hashes {
    /// One bit for each value of a hash's low bits.
    low: Box<[u64; 1024]>,
    sorted: Vec<u32>,
}

impl Hashes {
    fn of(mut sorted: Vec<u32>) -> Self {
        sorted.sort_unstable();
        sorted.dedup();
        let mut low = Box::new([0; 1024]);
        for hash in &sorted {
            low[usize::from(*hash as u16) >> 6] |= 1 << (hash & 63);
        }
        Self { low, sorted }
    }

    fn has(&self, hash: u32) -> bool {
        self.low[usize::from(hash as u16) >> 6] & 1 << (hash & 63) != 0
            && self.sorted.binary_search(&hash).is_ok()
    }

    fn found(&self, text: &[u8], length: usize) -> Vec<Range<usize>> {
        let positions = hashes(text, length).enumerate();
        let positions = positions.filter(|(_, hash)| self.has(*hash));
        positions.map(|(at, _)| at..at + length).collect()
    }
}

/// The hash of each run of `length` bytes, one after the other.
fn hashes(text: &[u8], length: usize) -> impl Iterator<Item = u32> {
    const BASE: u64 = 0x9e37_79b9_7f4a_7c15;
    let spent = (0..length).fold(1_u64, |power, _| power.wrapping_mul(BASE));
    let mut hash = 0_u64;
    text.iter().enumerate().filter_map(move |(at, byte)| {
        hash = hash.wrapping_mul(BASE).wrapping_add(u64::from(*byte) + 1);
        if at >= length {
            let gone = u64::from(text[at - length]) + 1;
            hash = hash.wrapping_sub(gone.wrapping_mul(spent));
        }
        (at + 1 >= length).then(|| ((hash ^ hash >> 29).wrapping_mul(BASE) >> 32) as u32)
    })
}

#[cfg(test)]
mod tests;

//! PEM: blocks of base64 between dashed lines, in any order and with any text between.
//!
//! In: a text. Out: its blocks. Line ends may be of any kind, be gone, or be blanks or a
//! backslash and an n; lines may be indented, quoted or glued together; a word processor may
//! have drawn the dashes. What is left of a block after all that must be base64.

use std::fmt;

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

/// Forms lose the padding too, which says nothing.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);
/// Longest label that is looked for; real ones have some 30.
const MAX_LABEL: usize = 64;

/// One block.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Block {
    /// What its dashed lines call it.
    pub label: Label,
    /// What is in it; empty where it is encrypted.
    pub der: Vec<u8>,
    /// Whether its header says that it is encrypted, as old OpenSSL writes it.
    pub encrypted: bool,
}

/// Never shows the contents.
impl fmt::Debug for Block {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Block({}, {} bytes)", self.label, self.der.len())
    }
}

/// What a block is called. Other names are not kept: anything may stand there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Label {
    /// `CERTIFICATE`.
    Certificate,
    /// `TRUSTED CERTIFICATE`: more follows the certificate.
    TrustedCertificate,
    /// `CERTIFICATE REQUEST`.
    Request,
    /// `PUBLIC KEY` and its kinds.
    PublicKey,
    /// `PRIVATE KEY`: PKCS#8.
    PrivateKey,
    /// `ENCRYPTED PRIVATE KEY`.
    EncryptedPrivateKey,
    /// `RSA PRIVATE KEY`: PKCS#1.
    RsaPrivateKey,
    /// `EC PRIVATE KEY`: SEC1.
    EcPrivateKey,
    /// `OPENSSH PRIVATE KEY`.
    OpensshPrivateKey,
    /// `EC PARAMETERS`, which `openssl ecparam` writes before a key.
    EcParameters,
    /// Something else.
    Other,
}

impl Label {
    fn read(text: &str) -> Self {
        match text {
            "CERTIFICATE" | "X509 CERTIFICATE" => Self::Certificate,
            "TRUSTED CERTIFICATE" => Self::TrustedCertificate,
            "CERTIFICATE REQUEST" | "NEW CERTIFICATE REQUEST" => Self::Request,
            "PUBLIC KEY" | "RSA PUBLIC KEY" => Self::PublicKey,
            "PRIVATE KEY" => Self::PrivateKey,
            "ENCRYPTED PRIVATE KEY" => Self::EncryptedPrivateKey,
            "RSA PRIVATE KEY" => Self::RsaPrivateKey,
            "EC PRIVATE KEY" => Self::EcPrivateKey,
            "OPENSSH PRIVATE KEY" => Self::OpensshPrivateKey,
            "EC PARAMETERS" => Self::EcParameters,
            _ => Self::Other,
        }
    }
}

impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Certificate => "CERTIFICATE",
            Self::TrustedCertificate => "TRUSTED CERTIFICATE",
            Self::Request => "CERTIFICATE REQUEST",
            Self::PublicKey => "PUBLIC KEY",
            Self::PrivateKey => "PRIVATE KEY",
            Self::EncryptedPrivateKey => "ENCRYPTED PRIVATE KEY",
            Self::RsaPrivateKey => "RSA PRIVATE KEY",
            Self::EcPrivateKey => "EC PRIVATE KEY",
            Self::OpensshPrivateKey => "OPENSSH PRIVATE KEY",
            Self::EcParameters => "EC PARAMETERS",
            Self::Other => "of another name",
        })
    }
}

/// A block that cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Broken {
    /// No `END` follows its `BEGIN`, or one of another name.
    NoEnd(Label),
    /// What is between the two is no base64, or nothing.
    NotBase64(Label),
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoEnd(label) => write!(f, "a PEM block {label} without its END line"),
            Self::NotBase64(label) => {
                write!(f, "a PEM block {label} that is damaged between its lines")
            }
        }
    }
}

/// Whether there is a block, or the start of one.
pub fn has_block(text: &str) -> bool {
    let mut at = 0;
    while let Some(line) = next(text, at) {
        if line.begins {
            return true;
        }
        at = line.close;
    }
    false
}

/// All blocks of a text; none where there are none.
pub fn blocks(text: &str) -> Result<Vec<Block>, Broken> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(begin) = next(text, at) {
        // The dashes that close a line are the next one's where a line end between them is lost.
        at = begin.close;
        if !begin.begins {
            continue;
        }
        let label = Label::read(begin.label);
        let end = next(text, at)
            .filter(|end| !end.begins && end.label == begin.label)
            .ok_or(Broken::NoEnd(label))?;
        at = end.close;
        let body = text.get(begin.end..end.start).unwrap_or_default();
        found.push(read(label, body).ok_or(Broken::NotBase64(label))?);
    }
    Ok(found)
}

fn read(label: Label, body: &str) -> Option<Block> {
    // Headers of the old OpenSSL form stand before the base64.
    let headed = body.contains(':');
    if headed && body.contains("ENCRYPTED") {
        return Some(Block {
            label,
            der: Vec::new(),
            encrypted: true,
        });
    }
    let der = if headed {
        let lines = body.split(['\n', '\r']).filter(|line| !line.contains(':'));
        from_base64(&lines.collect::<Vec<_>>().join("\n"))
    } else {
        from_base64(body)
    };
    Some(Block {
        label,
        der: der.filter(|der| !der.is_empty())?,
        encrypted: false,
    })
}

/// Decodes base64 in lines of any kind; none where it is no base64.
pub fn from_base64(text: &str) -> Option<Vec<u8>> {
    let mut base64 = String::with_capacity(text.len());
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            // A line end as programs write it in a text, however often it was escaped.
            '\\' => {
                letters.next_if(|next| matches!(next, 'n' | 'r' | 't'));
            }
            '"' | '\'' | '\u{feff}' | '\u{200b}' => {}
            letter if letter.is_whitespace() => {}
            letter => base64.push(letter),
        }
    }
    BASE64.decode(base64).ok()
}

/// A dashed line, and where in the text it is.
struct Line<'a> {
    begins: bool,
    label: &'a str,
    /// Of the dashes before it.
    start: usize,
    /// Of the dashes after it.
    close: usize,
    end: usize,
}

fn next(text: &str, from: usize) -> Option<Line<'_>> {
    let mut at = from;
    loop {
        let start = at + text.get(at..)?.find(is_dash)?;
        let open = dashes(text, start);
        if let Some(line) = line(text, start, open) {
            return Some(line);
        }
        at = open;
    }
}

/// The line whose dashes are from `start` to `open`.
fn line(text: &str, start: usize, open: usize) -> Option<Line<'_>> {
    if open - start < 2 {
        return None;
    }
    let rest = text.get(open..)?;
    let word = rest.trim_start_matches(is_blank);
    let (begins, name) = match word.strip_prefix("BEGIN") {
        Some(name) => (true, name),
        None => (false, word.strip_prefix("END")?),
    };
    if !name.starts_with(is_blank) {
        return None;
    }
    let (length, _) = name
        .char_indices()
        .take_while(|(at, letter)| *at <= MAX_LABEL && !matches!(letter, '\n' | '\r'))
        .find(|(_, letter)| is_dash(*letter))?;
    let close = text.len() - name.len() + length;
    let end = dashes(text, close);
    (end - close >= 2).then_some(Line {
        begins,
        label: name[..length].trim(),
        start,
        close,
        end,
    })
}

/// Where the dashes end that begin at `from`.
fn dashes(text: &str, from: usize) -> usize {
    let rest = &text[from..];
    from + rest.find(|letter| !is_dash(letter)).unwrap_or(rest.len())
}

/// Also as a word processor draws it.
fn is_dash(letter: char) -> bool {
    matches!(letter, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}')
}

fn is_blank(letter: char) -> bool {
    letter.is_whitespace() && !matches!(letter, '\n' | '\r')
}

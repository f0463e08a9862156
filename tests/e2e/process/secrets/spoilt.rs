//! What people do to credentials on their way from a vendor's console into a file.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use fastrand::Rng;

use super::planted::hex;

/// A text as a clipboard, a mailer or a hurried person leaves it, in each of the ways.
pub fn each(text: &str) -> Vec<String> {
    let mut all: Vec<String> = WAYS.iter().map(|way| way(text)).collect();
    let cuts = [1, 5, 13, 17, 29, 40, 60, 64, 65, 90, 128, 300, 700, 1200];
    for cut in cuts.into_iter().filter(|cut| *cut < text.len()) {
        all.push(from(text, cut).to_owned());
        all.push(until(text, cut).to_owned());
        all.push(until(text, text.len() - cut).to_owned());
        all.push(format!("{}\n{}", until(text, cut), from(text, cut)));
    }
    all
}

/// A text after several of them, drawn by lot.
pub fn any(text: &str, by: &mut Rng) -> String {
    let mut text = text.to_owned();
    for _ in 0..by.usize(1..4) {
        text = match by.usize(0..WAYS.len() + 3) {
            way if way < WAYS.len() => WAYS[way](&text),
            way => {
                let at = by.usize(0..=text.len());
                match way - WAYS.len() {
                    0 => from(&text, at).to_owned(),
                    1 => until(&text, at).to_owned(),
                    _ => format!(
                        "{}{}{}",
                        until(&text, at),
                        by.char(' '..'~'),
                        from(&text, at)
                    ),
                }
            }
        };
        if text.len() > 20_000 {
            text.truncate(20_000);
        }
    }
    text
}

const WAYS: [fn(&str) -> String; 24] = [
    str::to_owned,
    |text| text.replace('\n', ""),
    |text| text.replace("\\n", ""),
    |text| text.replace('\n', " "),
    |text| text.replace('\n', "\r\n"),
    |text| text.replace('\n', "\r"),
    |text| text.replace('\n', "\\n"),
    |text| text.replace("\\n", "\n"),
    |text| text.replace("\\n", "\\\\n"),
    |text| format!("\u{feff}{text}"),
    |text| format!("\"{text}\""),
    |text| format!("'{text}"),
    |text| format!("  {text}\n\n"),
    |text| format!("{text}{text}"),
    |text| STANDARD.encode(text),
    |text| hex(text.as_bytes()),
    |text| text.replace("-----", ""),
    |text| text.replace("PRIVATE KEY", "PRIVATE\nKEY"),
    |text| text.replace("BEGIN ", "BEGIN"),
    |text| text.replace("-----END", "----END"),
    |text| text.lines().rev().collect::<Vec<_>>().join("\n"),
    |text| text.lines().filter(|line| !line.contains("---")).collect(),
    |text| text.chars().flat_map(|c| [c, '\0']).collect(),
    |text| text.to_uppercase(),
];

fn from(text: &str, mut at: usize) -> &str {
    while !text.is_char_boundary(at) {
        at += 1;
    }
    &text[at..]
}

fn until(text: &str, mut at: usize) -> &str {
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    &text[..at]
}

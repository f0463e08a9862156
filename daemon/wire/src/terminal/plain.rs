//! Texts from outside on their way to a terminal or a log.
//!
//! In: names, vendors' words, panics. Out: the same with everything written out that is not
//! seen: what could redraw the terminal, break the line, turn the reading direction, or make
//! two names look alike. Pure.

/// The text with all that does not show written as `\u{202e}`.
pub fn plain(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        if is_unseen(c) {
            shown.extend(c.escape_default());
        } else {
            shown.push(c);
        }
    }
    shown
}

/// JSON that says the same, with all that does not show written as `\u202e`. Beyond ASCII
/// there are only strings in JSON, so that it can be replaced wherever it stands.
pub fn plain_json(json: &str) -> String {
    let mut shown = String::with_capacity(json.len());
    for c in json.chars() {
        if is_unseen(c) && !c.is_ascii() {
            for unit in c.encode_utf16(&mut [0; 2]) {
                shown.push_str(&format!("\\u{unit:04x}"));
            }
        } else {
            shown.push(c);
        }
    }
    shown
}

/// Controls, and what Unicode calls format characters and default ignorables. Variation
/// selectors alone stay: they choose how an emoji looks.
fn is_unseen(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{600}'..='\u{605}' | '\u{61c}' | '\u{6dd}' | '\u{70f}'
            | '\u{8e2}' | '\u{890}'..='\u{891}' | '\u{115f}'..='\u{1160}'
            | '\u{17b4}'..='\u{17b5}' | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{feff}'
            | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{110bd}' | '\u{110cd}'
            | '\u{13430}'..='\u{1343f}' | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_seen_is_written_out() {
        for (text, shown) in [
            ("a\u{1b}[2Jb\nc", r"a\u{1b}[2Jb\nc"),
            ("\u{9b}31m", r"\u{9b}31m"),
            // Reads as exe.gpj in a terminal that obeys.
            ("\u{202e}gpj.exe", r"\u{202e}gpj.exe"),
            ("\u{2066}x\u{2069}", r"\u{2066}x\u{2069}"),
            ("b\u{200b}ob", r"b\u{200b}ob"),
            ("\u{feff}bob", r"\u{feff}bob"),
            ("line\u{2028}break", r"line\u{2028}break"),
            ("tag\u{e0041}", r"tag\u{e0041}"),
            ("žluť 你好 ❤\u{fe0f} שלום", "žluť 你好 ❤\u{fe0f} שלום"),
        ] {
            assert_eq!(plain(text), shown);
        }
    }

    #[test]
    fn json_stays_what_it_was() {
        let name = "\u{202e}bob\u{200d}\u{e0041}\u{9b} 你好 \n";
        let json = serde_json::to_string(&[name]).expect("a text");
        let shown = plain_json(&json);
        assert_eq!(shown, r#"["\u202ebob\u200d\udb40\udc41\u009b 你好 \n"]"#);
        let back: [String; 1] = serde_json::from_str(&shown).expect("JSON");
        assert_eq!(back, [name]);
    }
}

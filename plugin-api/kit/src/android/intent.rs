//! Which texts are intent URIs, as Android reads and vendors check them (`Intent.parseUri`).
//!
//! In: a text. Out: whether a tap can open it. Refuses what no phone reads, such as an unknown part
//! or a number that is none, and a selector, which hides what is opened from whoever checks it.

/// The parts that are no extras.
const KEYS: [&str; 9] = [
    "action",
    "category",
    "type",
    "identifier",
    "launchFlags",
    "package",
    "component",
    "scheme",
    "sourceBounds",
];

/// Whether a text has the form of an intent URI: `intent:…#Intent;key=value;…;end`, with a part at
/// least, and escaped in each value what would end it.
pub fn is_intent(text: &str) -> bool {
    parts(text).is_some_and(|parts| {
        !parts.is_empty()
            && parts.split(';').all(is_part)
            && !text.contains(|c: char| c.is_whitespace() || c.is_control())
    })
}

/// The last `#` begins the intent. The parts, without the `;` behind the last.
fn parts(text: &str) -> Option<&str> {
    let (_data, parts) = text.strip_prefix("intent:")?.rsplit_once('#')?;
    parts.strip_prefix("Intent;")?.strip_suffix(";end")
}

fn is_part(part: &str) -> bool {
    let Some((key, value)) = part.split_once('=') else {
        return false;
    };
    if value.contains('=') {
        return false;
    }
    let Some(value) = unescaped(value) else {
        return false;
    };
    match key.split_once('.') {
        Some((kind, name)) => !name.is_empty() && is_extra(kind, &value),
        None if key == "component" => value.contains('/'),
        None if key == "launchFlags" => is_flags(&value),
        None => KEYS.contains(&key),
    }
}

/// An extra of a type that has a letter, such as `S` for a text.
fn is_extra(kind: &str, value: &str) -> bool {
    match kind {
        "S" | "B" => true,
        "b" => value.parse::<i8>().is_ok(),
        "s" => value.parse::<i16>().is_ok(),
        "i" => value.parse::<i32>().is_ok(),
        "l" => value.parse::<i64>().is_ok(),
        "f" | "d" => value.parse::<f64>().is_ok(),
        "c" => !value.is_empty(),
        _ => false,
    }
}

/// A number of 31 bits, as `Integer.decode` reads it.
fn is_flags(value: &str) -> bool {
    let hex = value
        .strip_prefix("0x")
        .or_else(|| value.strip_prefix("0X"));
    match hex {
        Some(hex) => !hex.starts_with(['+', '-']) && i32::from_str_radix(hex, 16).is_ok(),
        None => value.parse::<i32>().is_ok(),
    }
}

/// What the escapes of a value stand for; none where one is broken.
fn unescaped(value: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(value.len());
    let mut rest = value.split('%');
    bytes.extend_from_slice(rest.next()?.as_bytes());
    for piece in rest {
        let (digits, after) = piece.split_at_checked(2)?;
        if !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return None;
        }
        bytes.push(u8::from_str_radix(digits, 16).ok()?);
        bytes.extend_from_slice(after.as_bytes());
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_intent_has_parts_that_a_phone_reads() {
        for good in [
            "intent:#Intent;component=a/.B;end",
            "intent://h/p?a=b#Intent;scheme=push;launchFlags=0x4000000;package=a.b;end",
            "intent://room/42#end#Intent;scheme=chat;action=android.intent.action.VIEW;end",
            "intent:#Intent;launchFlags=268435456;S.ext={\"a\":\"汉%3B\"};i.n=-1;end",
            "intent:#Intent;B.b=true;b.y=1;c.c=x;d.d=1.5;f.f=1;l.l=9;s.s=3;S.a=;end",
            "intent:#Intent;category=a;type=text/plain;identifier=1;sourceBounds=0%200;end",
        ] {
            assert!(is_intent(good), "{good}");
        }
    }

    #[test]
    fn what_no_phone_reads_is_no_intent() {
        for bad in [
            "",
            "intent://x",
            "https://a/#Intent;component=a/.B;end",
            "#Intent;component=a/.B;end",
            "intent:#Intent;end",
            "intent:#Intent;;end",
            "intent:#Intent;component=a/.B",
            "intent:#Intent;component=a/.Bend",
            "intent:#Intent;component=a/.B;;end",
            "intent:#Intent;component=B;end",
            "intent:#Intent;SEL;component=a/.B;end",
            "intent:#Intent;component=a/.B;S.ext=a b;end",
            "intent:#Intent;component=a/.B;S.ext=a#b;end",
            "intent:#Intent;component=a/.B;S.ext=a=b;end",
            "intent:#Intent;component=a/.B;S.ext=%7;end",
            "intent:#Intent;component=a/.B;S.ext=%汉1;end",
            "intent:#Intent;component=a/.B;S.ext=%FF;end",
            "intent:#Intent;component=a/.B;S.=1;end",
            "intent:#Intent;component=a/.B;X.ext=1;end",
            "intent:#Intent;component=a/.B;ext=1;end",
            "intent:#Intent;component=a/.B;i.n=x;end",
            "intent:#Intent;component=a/.B;c.c=;end",
            "intent:#Intent;component=a/.B;launchFlags=new;end",
            "intent:#Intent;component=a/.B;launchFlags=0x80000000;end",
        ] {
            assert!(!is_intent(bad), "{bad}");
        }
    }
}

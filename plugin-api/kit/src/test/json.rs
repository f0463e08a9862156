//! Whether bytes are JSON (RFC 8259), at any depth and without building anything.

/// Whether `bytes` are one JSON text.
pub fn is_valid(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).is_ok() && Scanner { rest: bytes }.text().is_some()
}

struct Scanner<'a> {
    rest: &'a [u8],
}

impl Scanner<'_> {
    fn text(&mut self) -> Option<()> {
        let mut open: Vec<u8> = Vec::new();
        loop {
            // A value, or the start of one.
            match self.next()? {
                b'{' if self.peek()? == b'}' => self.skip(1),
                b'[' if self.peek()? == b']' => self.skip(1),
                b'{' => {
                    open.push(b'}');
                    self.key()?;
                    continue;
                }
                b'[' => {
                    open.push(b']');
                    continue;
                }
                b'"' => self.string()?,
                b't' => self.word(b"rue")?,
                b'f' => self.word(b"alse")?,
                b'n' => self.word(b"ull")?,
                b'-' => {
                    let first = *self.rest.first()?;
                    self.skip(1);
                    self.number(first)?;
                }
                first => self.number(first)?,
            }
            // What follows it.
            loop {
                let Some(end) = open.last().copied() else {
                    return self.peek().is_none().then_some(());
                };
                match self.next()? {
                    b',' if end == b'}' => {
                        self.key()?;
                        break;
                    }
                    b',' => break,
                    byte if byte == end => open.pop(),
                    _ => return None,
                };
            }
        }
    }

    /// The next byte that is no white space, without taking it.
    fn peek(&mut self) -> Option<u8> {
        let blank = |byte: &&u8| b" \t\r\n".contains(byte);
        self.skip(self.rest.iter().take_while(blank).count());
        self.rest.first().copied()
    }

    fn next(&mut self) -> Option<u8> {
        let byte = self.peek()?;
        self.skip(1);
        Some(byte)
    }

    fn skip(&mut self, count: usize) {
        self.rest = &self.rest[count..];
    }

    fn word(&mut self, word: &[u8]) -> Option<()> {
        self.rest = self.rest.strip_prefix(word)?;
        Some(())
    }

    fn key(&mut self) -> Option<()> {
        (self.next()? == b'"').then_some(())?;
        self.string()?;
        (self.next()? == b':').then_some(())
    }

    fn string(&mut self) -> Option<()> {
        loop {
            let byte = *self.rest.first()?;
            self.skip(1);
            match byte {
                b'"' => return Some(()),
                b'\\' => {
                    let escape = *self.rest.first()?;
                    self.skip(1);
                    if escape == b'u' {
                        self.rest
                            .get(..4)?
                            .iter()
                            .all(u8::is_ascii_hexdigit)
                            .then_some(())?;
                        self.skip(4);
                    } else {
                        br#""\/bfnrt"#.contains(&escape).then_some(())?;
                    }
                }
                byte => (byte >= 0x20).then_some(())?,
            }
        }
    }

    /// The rest of a number after its first digit.
    fn number(&mut self, first: u8) -> Option<()> {
        first.is_ascii_digit().then_some(())?;
        if first != b'0' {
            self.digits();
        }
        if self.rest.first() == Some(&b'.') {
            self.skip(1);
            (self.digits() > 0).then_some(())?;
        }
        if matches!(self.rest.first(), Some(b'e' | b'E')) {
            self.skip(1);
            if matches!(self.rest.first(), Some(b'+' | b'-')) {
                self.skip(1);
            }
            (self.digits() > 0).then_some(())?;
        }
        Some(())
    }

    fn digits(&mut self) -> usize {
        let count = self
            .rest
            .iter()
            .take_while(|byte| byte.is_ascii_digit())
            .count();
        self.skip(count);
        count
    }
}

#[cfg(test)]
mod tests {
    use super::is_valid;

    #[test]
    fn json_is_told_from_what_is_nearly_json() {
        for text in [
            "{}",
            "[]",
            " [ ] ",
            "0",
            "-0.5e+10",
            "\"\\u00e9\\n\"",
            "null",
            "[1,2,{\"a\":[true,false]}]",
            "{\"a\":1,\"b\":{\"c\":[]}}",
            "\"ü\"",
        ] {
            assert!(is_valid(text.as_bytes()), "{text}");
        }
        for text in [
            "",
            "{",
            "[1,]",
            "{\"a\"}",
            "{\"a\":1,}",
            "01",
            "1.",
            "-",
            "1e",
            "\"\n\"",
            "\"\\x\"",
            "\"\\u12\"",
            "nul",
            "[1]]",
            "[1 2]",
            "{a:1}",
            "1 2",
            "[}",
            "\"",
            "{\"a\":1}x",
        ] {
            assert!(!is_valid(text.as_bytes()), "{text}");
        }
        assert!(!is_valid(b"\"\xff\""));
        let deep = "[".repeat(100_000) + &"]".repeat(100_000);
        assert!(is_valid(deep.as_bytes()));
    }
}

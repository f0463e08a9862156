use super::*;

struct Closed;

impl Write for Closed {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        Err(io::ErrorKind::BrokenPipe.into())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_reader_that_hangs_up_is_no_mistake() {
    let mut out = Out {
        to: Box::new(Closed),
        closed: false,
        terminal: false,
    };
    assert!(out.line("first").is_ok());
    assert!(out.closed());
    assert!(out.line("second").is_ok());
}

#[test]
fn a_table_keeps_long_ids_whole() {
    let id = "019a0000-1111-7222-8333-444455556666".repeat(5);
    let text = table(
        ["NAME", "ID"],
        &[["a".to_owned(), id.clone()], ["bcdef".to_owned(), id]],
    );
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 3, "{text}");
    assert_eq!(lines[0], "NAME   ID");
    assert!(lines[1].starts_with("a      019a0000-"), "{text}");
    assert!(lines.iter().all(|line| !line.ends_with(' ')), "{text:?}");
}

/// What was written, to look at afterwards.
#[derive(Clone, Default)]
struct Kept(std::rc::Rc<std::cell::RefCell<Vec<u8>>>);

impl Write for Kept {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn what_is_not_seen_does_not_reach_the_terminal_and_programs_get_it_as_it_came() {
    let json = "{\"user\":\"\u{202e}bob\"}";
    for (terminal, shown) in [(true, r#"{"user":"\u202ebob"}"#), (false, json)] {
        let kept = Kept::default();
        let mut out = Out {
            to: Box::new(kept.clone()),
            closed: false,
            terminal,
        };
        out.line("b\u{200b}ob\u{1b}[2J").expect("kept");
        out.raw(json.as_bytes()).expect("kept");
        let written = String::from_utf8(kept.0.take()).expect("text");
        assert_eq!(written, format!("{}\n{shown}\n", r"b\u{200b}ob\u{1b}[2J"));
    }
    let cells = [["\u{2066}id".to_owned()]];
    assert_eq!(table(["NAME"], &cells), "NAME\n\\u{2066}id");
}

#[test]
fn times_are_readable() {
    assert_eq!(time("2026-03-01T12:30:05.123Z"), "2026-03-01 12:30:05Z");
    assert_eq!(time("never"), "never");
    let now = SystemTime::UNIX_EPOCH + Duration::from_secs(7500);
    assert_eq!(
        when("1970-01-01T00:00:00.000Z", now),
        "1970-01-01 00:00:00Z (2h 5m ago)"
    );
    assert_eq!(
        when("1970-01-01T02:06:00.000Z", now),
        "1970-01-01 02:06:00Z (in 1m)"
    );
}

#[test]
fn spans_have_two_units() {
    assert_eq!(span(0), "0s");
    assert_eq!(span(61), "1m 1s");
    assert_eq!(span(7_325), "2h 2m");
    assert_eq!(span(200_000), "2days 7h");
}

#[test]
fn one_is_not_many() {
    assert_eq!(count(1u32, "delivery", "deliveries"), "1 delivery");
    assert_eq!(count(0u32, "delivery", "deliveries"), "0 deliveries");
}

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

#[test]
fn control_characters_do_not_reach_the_terminal() {
    assert_eq!(plain("a\u{1b}[2Jb\nc"), "a\\u{1b}[2Jb\\nc");
    assert_eq!(plain("žluť 你好"), "žluť 你好");
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

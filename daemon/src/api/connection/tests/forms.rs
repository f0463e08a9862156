use super::*;

#[tokio::test]
async fn every_form_of_a_request_has_its_answer_and_none_a_bare_end() {
    let chunked = "POST /echo HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n";
    let fields = |n: usize| format!("GET /ignore HTTP/1.1\r\n{}\r\n", "a: b\r\n".repeat(n));
    let target = |n: usize| format!("GET /{} HTTP/1.1\r\n\r\n", "x".repeat(n));
    let with = |field: &str| format!("POST /echo HTTP/1.1\r\nhost: x\r\n{field}\r\n\r\nhello");
    let many = GOOD.repeat(40);
    let cases: Vec<(Vec<u8>, &[u16])> = [
        // Well formed, if odd.
        (GOOD.to_owned(), &[200_u16] as &[u16]),
        (format!("\r\n{GOOD}"), &[200]),
        (format!("{GOOD}\r\n"), &[200]),
        (format!("{GOOD}\r\n\r\n{GOOD}"), &[200, 200]),
        (format!("{GOOD}{GOOD}"), &[200, 200]),
        (many, &[200; 40]),
        (GOOD.replace("\r\n", "\n"), &[200]),
        (GOOD.replace("host: x\r\n", ""), &[200]),
        (GOOD.replace("host: x", "host:"), &[200]),
        (GOOD.replace("host: x", "HOST:\tx"), &[200]),
        (GOOD.replace("1.1", "1.0"), &[200]),
        (GOOD.replace("/echo", "http://x/echo"), &[200]),
        (GOOD.replace("/echo", "/echo?a=b"), &[200]),
        (with("content-length: 5\r\ncontent-length: 5"), &[200]),
        (with("content-length: 5\r\nconnection: close"), &[200]),
        (
            with("content-length: 5\r\nupgrade: websocket\r\nconnection: upgrade"),
            &[200],
        ),
        (with("content-length: 5\r\nexpect: 100-continue"), &[200]),
        (with("content-length: 0"), &[200, 400]),
        (format!("{chunked}5\r\nhello\r\n0\r\n\r\n"), &[200]),
        (
            format!("{chunked}5;a=b\r\nhello\r\n0\r\nx: y\r\n\r\n"),
            &[200],
        ),
        (format!("{chunked}0\r\n\r\n"), &[200]),
        (
            "POST /ignore HTTP/1.1\r\ncontent-length: 5\r\n\r\nhello".into(),
            &[200],
        ),
        ("GET /ignore HTTP/1.1\r\n\r\n".into(), &[200]),
        (fields(100), &[200]),
        // Of good form, but not for this socket.
        ("GET /nowhere HTTP/1.1\r\n\r\n".into(), &[404]),
        ("OPTIONS * HTTP/1.1\r\n\r\n".into(), &[404]),
        ("get /echo HTTP/1.1\r\n\r\n".into(), &[405]),
        ("TRACE /echo HTTP/1.1\r\n\r\n".into(), &[405]),
        ("CONNECT x:1 HTTP/1.1\r\n\r\n".into(), &[404]),
        (with("content-length: 5\r\nexpect: a-miracle"), &[417]),
        (
            with("content-length: 100").replace("hello", &"x".repeat(100)),
            &[413],
        ),
        (with("content-length: 1000000"), &[413]),
        (with("content-length: 18446744073709551615"), &[413]),
        (
            format!("{chunked}50\r\n{}\r\n0\r\n\r\n", "x".repeat(0x50)),
            &[413],
        ),
        (with("transfer-encoding: gzip"), &[501]),
        (with("transfer-encoding: gzip, chunked"), &[501]),
        (
            with("transfer-encoding: chunked\r\ntransfer-encoding: chunked"),
            &[501],
        ),
        (with("transfer-encoding: identity"), &[501]),
        (with("transfer-encoding: chunked, gzip"), &[501]),
        // Other versions, other protocols.
        ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".into(), &[505]),
        ("GET / HTTP/2.0\r\n\r\n".into(), &[505]),
        ("GET / HTTP/1.2\r\n\r\n".into(), &[505]),
        ("GET / HTTP/9.9\r\nhost: x\r\n\r\n".into(), &[505]),
        ("GET / HTTP/0.9\r\n\r\n".into(), &[505]),
        ("GET / http/1.1\r\n\r\n".into(), &[400]),
        ("GET / HTTP/1\r\n\r\n".into(), &[400]),
        ("GET / HTTP/11\r\n\r\n".into(), &[400]),
        ("GET / FTP/1.1\r\n\r\n".into(), &[400]),
        ("GET /\r\n\r\n".into(), &[400]),
        ("\u{16}\u{3}\u{1}\u{2}\u{0}\u{1}\r\n\r\n".into(), &[400]),
        ("{\"to\":[],\"message\":{}}\r\n\r\n".into(), &[400]),
        ("SSH-2.0-OpenSSH_9.9\r\n".into(), &[400]),
        ("EHLO x\r\nQUIT\r\n\r\n".into(), &[400]),
        // Too long.
        (target(60_000), &[404]),
        (target(70_000), &[414]),
        (target(1 << 20), &[414]),
        (fields(101), &[431]),
        (fields(10_000), &[431]),
        (
            format!("GET / HTTP/1.1\r\na: {}\r\n\r\n", "x".repeat(1 << 17)),
            &[431],
        ),
        // Bad heads.
        ("\u{0}\u{1}\u{2}\r\n\r\n".into(), &[400]),
        (" GET / HTTP/1.1\r\n\r\n".into(), &[400]),
        ("GET  / HTTP/1.1\r\n\r\n".into(), &[400]),
        ("GET /a b HTTP/1.1\r\n\r\n".into(), &[400]),
        ("GET /a\u{0}b HTTP/1.1\r\n\r\n".into(), &[400]),
        ("G(T / HTTP/1.1\r\n\r\n".into(), &[400]),
        ("GET http:// HTTP/1.1\r\n\r\n".into(), &[400]),
        ("GET / HTTP/1.1 \r\n\r\n".into(), &[400]),
        ("GET / HTTP/1.1\r\n folded\r\n\r\n".into(), &[400]),
        ("GET / HTTP/1.1\r\na: b\r\n c\r\n\r\n".into(), &[400]),
        ("GET / HTTP/1.1\r\na : b\r\n\r\n".into(), &[400]),
        ("GET / HTTP/1.1\r\n: b\r\n\r\n".into(), &[400]),
        ("GET / HTTP/1.1\r\nnothing\r\n\r\n".into(), &[400]),
        ("GET / HTTP/1.1\r\na: b\u{0}c\r\n\r\n".into(), &[400]),
        ("GET / HTTP/1.1\r\na: b\rc\r\n\r\n".into(), &[400]),
        ("GET / HTTP/1.1\r\na[b]: c\r\n\r\n".into(), &[400]),
        (
            "GET / HTTP/1.1\r\nhost: a\r\nhost: b\r\n\r\n".into(),
            &[400],
        ),
        (with("content-length: -1"), &[400]),
        (with("content-length: +5"), &[400]),
        (with("content-length: 0x5"), &[400]),
        (with("content-length: 5 5"), &[400]),
        (with("content-length: 5, 6"), &[400]),
        (with("content-length: five"), &[400]),
        (with("content-length:"), &[400]),
        (with("content-length: 99999999999999999999"), &[400]),
        (with("content-length: 5\r\ncontent-length: 6"), &[400]),
        (
            with("transfer-encoding: chunked").replace("1.1", "1.0"),
            &[400],
        ),
        // Bad bodies.
        (format!("{chunked}x\r\nhello\r\n0\r\n\r\n"), &[400]),
        (format!("{chunked}-5\r\nhello\r\n0\r\n\r\n"), &[400]),
        (format!("{chunked}fffffffffffffffff\r\nhello\r\n"), &[400]),
        (format!("{chunked}5\r\nhelloX\r\n0\r\n\r\n"), &[400]),
        (format!("{chunked}5\r\nhello\r\n"), &[400]),
        (format!("{chunked}5\r\nhel"), &[400]),
        (with("content-length: 6"), &[400]),
        // Broken off.
        ("G".into(), &[400]),
        ("GET / HTTP/1.1".into(), &[400]),
        ("GET / HTTP/1.1\r\nhost: x\r\n".into(), &[400]),
        (format!("{GOOD}GET"), &[200, 400]),
        (format!("{GOOD}\u{0}\r\n\r\n"), &[200, 400]),
        (format!("{GOOD}GET / HTTP/3.0\r\n\r\n{GOOD}"), &[200, 505]),
    ]
    .into_iter()
    .map(|(words, statuses)| (words.into_bytes(), statuses))
    .chain([
        (b"GET /\xff HTTP/1.1\r\n\r\n".to_vec(), &[400_u16] as &[u16]),
        (b"GET / HTTP/1.1\r\n\xff: b\r\n\r\n".to_vec(), &[400]),
        (vec![0xff; 300], &[400]),
    ])
    .collect();
    assert!(cases.len() > 100);
    let mut wrong = Vec::new();
    for (words, expected) in cases {
        let answers = answers(&words).await;
        let statuses = statuses(&answers);
        if statuses != expected {
            let shown = String::from_utf8_lossy(&words[..words.len().min(200)]);
            wrong.push(format!(
                "{shown:?}: {statuses:?} for {expected:?}: {answers}"
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn a_caller_that_only_ends_or_says_nothing_is_owed_nothing() {
    for words in ["", "\r\n", "\r\n\r\n"] {
        assert_eq!(answers(words.as_bytes()).await, "");
    }
}

#[tokio::test]
async fn an_answer_waits_for_nothing_that_is_still_to_come() {
    for more in ["", "\r\n", "P", "POST /echo HTTP/1.1\r\nhost: x\r\n"] {
        let mut met = meet();
        met.write(format!("{GOOD}{more}")).await;

        let answer = met.read_until("hello").await;

        assert_eq!(statuses(&answer), [200], "{more:?}");
        // And it goes on.
        let rest = match more.strip_prefix("POST") {
            Some(_) => "content-length: 5\r\n\r\nhello",
            None => GOOD.strip_prefix(more).unwrap_or(GOOD),
        };
        met.write(rest).await;
        assert_eq!(statuses(&met.read_until("hello").await), [200], "{more:?}");
    }
}

#[tokio::test]
async fn a_refusal_says_where_the_mistake_is_and_quotes_nothing() {
    for (words, detail) in [
        (
            "GET / HTTP/1.1\r\na: b\r\nsecret\r\n\r\n",
            "line 3 of the head has no colon",
        ),
        (
            "GET / HTTP/1.1\r\nsecret : b\r\n\r\n",
            "line 2 of the head has no name",
        ),
        (
            "GET / HTTP/1.1\r\na: b\r\n secret\r\n\r\n",
            "line 3 of the head begins with a blank",
        ),
        (
            "GET / HTTP/1.1\r\na: \u{1}secret\r\n\r\n",
            "line 2 of the head has a control character",
        ),
        ("secret\r\n\r\n", "line 1 of the head is no request line"),
        (
            "GET /secret HTTP/7.0\r\n\r\n",
            "the request is HTTP/7.0, expected HTTP/1.1",
        ),
        (
            "GET /secret HTTP/1.1\r\nb: secret",
            "broke off after 31 bytes",
        ),
        ("\u{16}\u{3}secret\r\n\r\n", "this is a TLS handshake"),
        (
            "GET secret:// HTTP/1.1\r\n\r\nsecret",
            "the target of the request is no path",
        ),
        (
            "POST /secret HTTP/1.0\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
            "the request has a transfer-encoding, which HTTP/1.0 does not know",
        ),
    ] {
        let answer = answers(words.as_bytes()).await;
        assert!(answer.contains(detail), "{words:?}: {answer}");
        assert!(!answer.contains("secret"), "{answer}");
        assert!(answer.contains("connection: close"), "{answer}");
    }
}

#[tokio::test]
async fn a_length_that_is_none_is_named_whatever_the_body_is() {
    let huge = format!("1{}", "0".repeat(30));
    for length in [
        "-1",
        "+58",
        "58, 58",
        "",
        "0x5",
        "5 5",
        &huge,
        "5\r\ncontent-length: 6",
    ] {
        for body in [
            "",
            "hello",
            "{\"a\": 1}",
            "\u{16}\u{3}",
            "PRI * HTTP/2.0",
            "a HTTP/7.0\r\n",
            GOOD,
        ] {
            let words = format!("POST /echo HTTP/1.1\r\ncontent-length: {length}\r\n\r\n{body}");
            let answer = answers(words.as_bytes()).await;
            assert_eq!(statuses(&answer), [400], "{words:?}: {answer}");
            let detail = "the content-length is no number of bytes, or there are several";
            assert!(answer.contains(detail), "{words:?}: {answer}");
        }
    }
}

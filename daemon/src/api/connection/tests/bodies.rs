use super::*;

#[tokio::test]
async fn a_body_that_nobody_reads_is_out_of_the_way_of_the_next_request() {
    let mut met = meet();
    let head = "POST /ignore HTTP/1.1\r\ncontent-length: 256\r\n\r\n";
    for _ in 0..20 {
        met.write(head).await;
        met.write(&[b'x'; 100]).await;
        settle().await;
        met.write(&[b'x'; 156]).await;
        let answer = met.read_until("done").await;
        assert!(!answer.contains("connection: close"), "{answer}");
    }
}

#[tokio::test]
async fn a_body_that_is_too_long_to_be_read_in_vain_ends_the_connection_after_the_answer() {
    for head in ["content-length: 100000", "transfer-encoding: chunked"] {
        let mut met = meet();
        met.write(format!("POST /ignore HTTP/1.1\r\n{head}\r\n\r\n"))
            .await;

        let answer = met.read_until("done").await;

        assert!(answer.contains("connection: close"), "{answer}");
        // Who goes on writing for a while learns of it by reading, not by a broken pipe.
        met.write("5\r\nhello\r\n").await;
        assert_eq!(met.rest().await, "");
        met.end_sending().await;
        met.serving.await.unwrap();
    }
}

#[tokio::test]
async fn a_caller_that_waits_to_be_told_to_go_on_is_told_or_answered() {
    let expects = "content-length: 5\r\nexpect: 100-continue\r\n\r\n";
    let mut met = meet();
    met.write(format!("POST /echo HTTP/1.1\r\n{expects}")).await;
    assert!(
        met.read_until("\r\n\r\n")
            .await
            .starts_with("HTTP/1.1 100 ")
    );
    met.write("hello").await;
    assert_eq!(statuses(&met.read_until("hello").await), [200]);

    met.write(format!("POST /ignore HTTP/1.1\r\n{expects}"))
        .await;
    let answer = met.rest().await;

    assert_eq!(statuses(&answer), [200]);
    assert!(answer.contains("connection: close"), "{answer}");
}

#[tokio::test]
async fn a_stream_of_answers_goes_on_after_the_caller_has_ended_its_sending() {
    let mut met = meet();
    met.write("GET /silence HTTP/1.1\r\n\r\n").await;
    met.end_sending().await;
    met.read_until("line\n").await;
    settle().await;
    assert!(!met.serving.is_finished());
}

#[tokio::test]
async fn a_stream_ends_when_the_caller_ends_it_or_breaks_it_off() {
    let head = "POST /stream HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n";
    let mut met = meet();
    met.write(format!("{head}2\r\nx\n\r\n")).await;
    met.read_until("line\n").await;
    met.write("2\r\nx\n\r\n0\r\n\r\n").await;
    met.read_until("0\r\n\r\n").await;
    met.write(GOOD).await;
    assert_eq!(statuses(&met.read_until("hello").await), [200]);

    let mut met = meet();
    met.write(format!("{head}2\r\nx\n\r\n")).await;
    met.read_until("line\n").await;
    met.end_sending().await;
    met.rest().await;
    met.serving.await.unwrap();
}

/// With a body of one chunk, or of none.
fn chunked(path: &str, body: &str) -> String {
    let chunk = match body.len() {
        0 => String::new(),
        length => format!("{length:x}\r\n{body}\r\n"),
    };
    format!("POST {path} HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n{chunk}0\r\n\r\n")
}

#[tokio::test]
async fn what_is_written_behind_a_chunked_body_is_answered_on_the_same_connection() {
    let too_long = "x".repeat(100);
    for (first, status) in [
        (chunked("/echo", "hello"), 200),
        (chunked("/echo", ""), 200),
        // Those of which something is left.
        (chunked("/ignore", "hello"), 200),
        (chunked("/nowhere", "hello"), 404),
        (chunked("/echo", &too_long), 413),
    ] {
        let mut met = meet();
        let last = chunked("/echo", "the last");
        met.write(format!("{first}{GOOD}{first}{last}")).await;

        let answers = met.read_until("the last").await;

        assert_eq!(statuses(&answers), [status, 200, status, 200], "{first:?}");
        assert!(!answers.contains("connection: close"), "{answers}");
        met.write(GOOD).await;
        assert_eq!(statuses(&met.read_until("hello").await), [200]);
    }
}

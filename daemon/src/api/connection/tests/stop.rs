use super::*;

#[tokio::test]
async fn a_daemon_that_stops_answers_what_was_written_before() {
    let mut met = meet();
    met.write(GOOD).await;
    met.read_until("hello").await;
    met.write(GOOD).await;
    met.stop.send_replace(true);
    let answer = met.rest().await;
    assert_eq!(statuses(&answer), [200]);
    assert!(answer.contains("connection: close"), "{answer}");
    met.serving.await.unwrap();
    assert!(met.caller.write_all(b"GET").await.is_err());
}

#[tokio::test]
async fn a_daemon_that_stops_waits_for_a_head_that_has_begun() {
    let mut met = meet();
    met.write(&GOOD[..10]).await;
    settle().await;
    met.stop.send_replace(true);
    settle().await;
    met.write(&GOOD[10..]).await;
    let answer = met.rest().await;
    assert_eq!(statuses(&answer), [200], "{answer}");
    assert!(answer.contains("connection: close"), "{answer}");
}

#[tokio::test(start_paused = true)]
async fn a_daemon_that_stops_waits_a_moment_for_half_a_request_and_answers_it() {
    for words in [
        "POST /echo HTTP/1.1\r\ncontent-length: 50\r\n\r\nx",
        "POST /echo HTTP/1.1\r\ncontent-length: 50\r\n\r\n",
        "POST /echo HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhel",
        "POST /ignore HTTP/1.1\r\ncontent-length: 50\r\n\r\nx",
        "POST /echo HTTP/1.1\r\nhost: x\r\n",
        "POST",
    ] {
        let mut met = meet();
        met.write(words).await;
        settle().await;
        let start = Instant::now();
        met.stop.send_replace(true);

        let answer = met.rest().await;

        let expected: u16 = if words.contains("ignore") { 200 } else { 503 };
        assert_eq!(statuses(&answer), [expected], "{words:?}: {answer}");
        assert!(answer.contains("connection: close"), "{answer}");
        assert_eq!(expected == 503, answer.contains("\"stopping\""), "{answer}");
        assert!(start.elapsed() < lent::REST_TIMEOUT * 2, "{words:?}");
        met.end_sending().await;
        met.serving.await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn a_daemon_that_stops_takes_a_body_that_comes_a_moment_later() {
    let mut met = meet();
    let (first, second) = GOOD.split_at(GOOD.len() - 3);
    met.write(first).await;
    settle().await;
    met.stop.send_replace(true);
    tokio::time::sleep(lent::REST_TIMEOUT / 2).await;
    met.write(second).await;
    assert_eq!(statuses(&met.rest().await), [200]);
}

#[tokio::test]
async fn half_a_body_that_is_read_at_the_stop_only_is_answered_with_the_stop() {
    let mut met = meet();
    met.stop.send_replace(true);
    met.write("POST /echo HTTP/1.1\r\ncontent-length: 50\r\n\r\nx")
        .await;

    let answer = met.rest().await;

    assert_eq!(statuses(&answer), [503], "{answer}");
    assert!(answer.contains("\"stopping\""), "{answer}");
}

#[tokio::test(start_paused = true)]
async fn a_caller_that_reads_no_answers_holds_up_no_stop() {
    for words in [GOOD, "GET /flood HTTP/1.1\r\n\r\n"] {
        let met = meet();
        let mut refused = 0;
        let mut written = 0;
        while refused < 5000 && written < 64 << 20 {
            match met.caller.try_write(words.repeat(100).as_bytes()) {
                Ok(length) => (written, refused) = (written + length, 0),
                Err(_) => refused += 1,
            }
            tokio::task::yield_now().await;
        }
        let start = Instant::now();
        met.stop.send_replace(true);

        met.serving.await.unwrap();

        assert!(
            start.elapsed() <= UNREAD_TIMEOUT + lent::REST_TIMEOUT * 2,
            "{words:?}"
        );
    }
}

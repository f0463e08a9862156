use super::*;

#[tokio::test(start_paused = true)]
async fn a_head_that_does_not_come_whole_in_time_is_answered_and_silence_is_not() {
    let (idle, head) = (TIMEOUTS.idle, TIMEOUTS.head);
    for (words, statuses_of, after) in [
        ("", &[] as &[u16], idle),
        ("\r\n", &[], head),
        ("GET / HTTP/1.1\r\nhost: x\r\n", &[408], head),
        (GOOD, &[200], idle),
        (&format!("{GOOD}POST"), &[200, 408], idle),
    ] {
        let mut met = meet();
        let start = Instant::now();
        met.write(words).await;
        let answers = met.rest().await;
        assert_eq!(statuses(&answers), statuses_of, "{words:?}: {answers}");
        met.serving.await.unwrap();
        let took = start.elapsed();
        assert!(took >= after && took < after + head, "{words:?}: {took:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_connection_lives_as_long_as_requests_come() {
    let mut met = meet();
    for _ in 0..10 {
        met.write(&GOOD[..20]).await;
        tokio::time::sleep(TIMEOUTS.head - Duration::from_secs(1)).await;
        met.write(&GOOD[20..]).await;
        assert_eq!(statuses(&met.read_until("hello").await), [200]);
        tokio::time::sleep(TIMEOUTS.idle - Duration::from_secs(1)).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_handler_may_take_longer_than_a_caller() {
    let mut met = meet();
    met.write("GET /never HTTP/1.1\r\n\r\n").await;
    tokio::time::sleep(Duration::from_secs(3600)).await;
    assert!(!met.serving.is_finished());
}

#[tokio::test(start_paused = true)]
async fn a_follower_that_has_gone_is_noticed_although_nothing_happens() {
    for ends_first in [false, true] {
        let mut met = meet();
        met.write("GET /silence HTTP/1.1\r\n\r\n").await;
        met.read_until("line\n").await;
        if ends_first {
            met.end_sending().await;
            tokio::time::sleep(Duration::from_secs(30)).await;
        }
        drop(met.caller);
        met.serving.await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn a_caller_that_reads_nothing_is_read_no_further_and_in_the_end_cut_off() {
    let mut met = meet();
    met.write("POST /wordy HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n")
        .await;
    let lines = b"2\r\nx\n\r\n".repeat(1000);
    let mut written = 0;
    // Until it reads no more, however often it has the chance to.
    let mut refused = 0;
    while refused < 5000 {
        match met.caller.try_write(&lines) {
            Ok(length) => (written, refused) = (written + length, 0),
            Err(_) => refused += 1,
        }
        assert!(written < 64 << 20, "it reads for ever");
        tokio::task::yield_now().await;
    }
    // Its answers fill the buffers: no more is done for it.
    assert!(!met.serving.is_finished());
    let start = Instant::now();
    met.serving.await.unwrap();
    assert!(start.elapsed() >= TIMEOUTS.idle);
}

#[tokio::test(start_paused = true)]
async fn a_follower_that_pauses_is_not_cut_off() {
    let mut met = meet();
    met.write("GET /flood HTTP/1.1\r\n\r\n").await;
    tokio::time::sleep(TIMEOUTS.idle * 10).await;
    assert!(!met.serving.is_finished());
    met.read_until("line\n").await;
}

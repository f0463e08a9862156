//! Callers that cost little, as they share the machine with what is measured.

use std::cell::Cell;
use std::path::Path;
use std::rc::Rc;

use bytes::BytesMut;
use tokio::task::LocalSet;
use tokio::time::Instant;

use super::notification::Notification;
use super::{LoadError, doing};
use crate::caller::Caller;
use crate::client::{Client, Lines};

/// Lines that are written together.
const TOGETHER: usize = 64;

/// Sends all as one stream, and reads all answers.
pub(super) async fn stream(client: &Client, count: usize) -> Result<(), LoadError> {
    let (mut writer, mut answers) = client.open_stream().await?.split();
    let write = async {
        let mut notification = Notification::new();
        for first in (0..count).step_by(TOGETHER) {
            let mut lines = BytesMut::with_capacity(TOGETHER * (notification.len() + 1));
            for number in first..count.min(first + TOGETHER) {
                lines.extend_from_slice(notification.numbered(number));
                lines.extend_from_slice(b"\n");
            }
            if !writer.write(lines.freeze()).await {
                break;
            }
        }
        drop(writer);
    };
    let ((), answered) = tokio::join!(write, read_answers(&mut answers));
    match answered? {
        lines if lines == count => Ok(()),
        lines => Err(LoadError::Refused(format!("only {lines} lines"))),
    }
}

async fn read_answers(answers: &mut Lines) -> Result<usize, LoadError> {
    let mut count = 0;
    let mut rest = Vec::new();
    while let Some(piece) = answers.next_piece().await? {
        let mut piece: &[u8] = &piece;
        while let Some(end) = piece.iter().position(|byte| *byte == b'\n') {
            rest.extend_from_slice(&piece[..end]);
            if !rest.starts_with(b"{\"id\":") {
                return Err(LoadError::Refused(
                    String::from_utf8_lossy(&rest).into_owned(),
                ));
            }
            count += 1;
            rest.clear();
            piece = &piece[end + 1..];
        }
        rest.extend_from_slice(piece);
    }
    Ok(count)
}

/// Sends each as a request of its own, over so many connections that are kept; how long each
/// waited for its answer, in microseconds.
pub(super) async fn single(
    socket: &Path,
    count: usize,
    connections: usize,
) -> Result<Vec<u32>, LoadError> {
    let next = Rc::new(Cell::new(0));
    let callers = LocalSet::new();
    let handles: Vec<_> = (0..connections)
        .map(|_| callers.spawn_local(call(socket.to_owned(), count, next.clone())))
        .collect();
    callers.await;
    let mut all = Vec::with_capacity(count);
    for handle in handles {
        let waits = handle
            .await
            .map_err(std::io::Error::other)
            .map_err(doing("calling"))?;
        all.extend(waits?);
    }
    Ok(all)
}

async fn call(
    socket: std::path::PathBuf,
    count: usize,
    next: Rc<Cell<usize>>,
) -> Result<Vec<u32>, LoadError> {
    let mut caller = Caller::connect(&socket)
        .await
        .map_err(doing("connecting"))?;
    let mut notification = Notification::new();
    let head = format!(
        "POST /v1/notifications HTTP/1.1\r\nhost: localhost\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n",
        notification.len()
    );
    let mut request = Vec::with_capacity(head.len() + notification.len());
    let mut waits = Vec::with_capacity(count / 8);
    loop {
        let number = next.get();
        if number >= count {
            return Ok(waits);
        }
        next.set(number + 1);
        request.clear();
        request.extend_from_slice(head.as_bytes());
        request.extend_from_slice(notification.numbered(number));
        let began = Instant::now();
        let answer = caller.ask(&request).await.map_err(doing("calling"))?;
        if !answer.starts_with(b"HTTP/1.1 202 ") {
            return Err(LoadError::Refused(
                String::from_utf8_lossy(&answer).into_owned(),
            ));
        }
        waits.push(began.elapsed().as_micros().try_into().unwrap_or(u32::MAX));
    }
}

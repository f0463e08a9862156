//! Streams of lines: one that a caller sends piece by piece, and one that the daemon answers
//! with, read as it comes. Connections are none of its business.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;
use http_body_util::channel::Sender;
use hyper::body::Incoming;
use serde_json::Value;

use super::{ClientError, json, timed};

/// A stream of notifications that is being sent.
pub struct Stream {
    pub(super) sender: Option<Sender<Bytes>>,
    /// The answers, in the order of the lines.
    pub answers: Lines,
}

impl Stream {
    /// Sends a piece, which need not be a line.
    pub async fn write(&mut self, text: impl Into<Bytes>) -> bool {
        match &mut self.sender {
            Some(sender) => sender.send_data(text.into()).await.is_ok(),
            None => false,
        }
    }

    /// Both directions apart, for callers that write and read at the same time.
    pub fn split(self) -> (LineWriter, Lines) {
        (LineWriter(self.sender), self.answers)
    }

    /// Ends the sending; answers may still come.
    pub fn finish(&mut self) {
        self.sender = None;
    }
}

/// The sending half of a stream; the stream ends when it is dropped.
pub struct LineWriter(Option<Sender<Bytes>>);

impl LineWriter {
    /// Sends some lines, as soon as there is room.
    pub async fn write(&mut self, lines: Bytes) -> bool {
        match &mut self.0 {
            Some(sender) => sender.send_data(lines).await.is_ok(),
            None => false,
        }
    }
}

/// Lines of JSON as they arrive.
pub struct Lines {
    what: String,
    body: Incoming,
    buffer: BytesMut,
}

impl Lines {
    pub(super) fn of(what: &str, body: Incoming) -> Lines {
        Lines {
            what: what.to_owned(),
            body,
            buffer: BytesMut::new(),
        }
    }

    /// The next line; `None` at the end.
    pub async fn next(&mut self) -> Result<Option<Value>, ClientError> {
        let what = self.what.clone();
        timed(&what, self.read()).await
    }

    /// As [`Lines::next`], but waits no longer than this for it.
    pub async fn next_within(&mut self, wait: Duration) -> Result<Option<Value>, ClientError> {
        tokio::time::timeout(wait, self.read())
            .await
            .unwrap_or(Ok(None))
    }

    /// What has arrived, lines or not; `None` at the end.
    pub async fn next_piece(&mut self) -> Result<Option<Bytes>, ClientError> {
        if !self.buffer.is_empty() {
            return Ok(Some(self.buffer.split().freeze()));
        }
        loop {
            match self.body.frame().await {
                None => return Ok(None),
                Some(Ok(frame)) => {
                    if let Ok(data) = frame.into_data() {
                        return Ok(Some(data));
                    }
                }
                Some(Err(source)) => {
                    return Err(ClientError::Broken {
                        what: self.what.clone(),
                        source,
                    });
                }
            }
        }
    }

    async fn read(&mut self) -> Result<Option<Value>, ClientError> {
        loop {
            if let Some(end) = self.buffer.iter().position(|byte| *byte == b'\n') {
                let line = self.buffer.split_to(end + 1);
                return json(&self.what, &line).map(Some);
            }
            match self.body.frame().await {
                None => return Ok(None),
                Some(Ok(frame)) => {
                    if let Ok(data) = frame.into_data() {
                        self.buffer.extend_from_slice(&data);
                    }
                }
                Some(Err(source)) => {
                    return Err(ClientError::Broken {
                        what: self.what.clone(),
                        source,
                    });
                }
            }
        }
    }
}

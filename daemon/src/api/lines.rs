//! Streams: a body cut into lines, none longer than allowed, read no faster than they are
//! worked off.

use axum::body::{Body, BodyDataStream};
use bytes::{Buf, Bytes, BytesMut};
use futures_util::{FutureExt, StreamExt};
use tokio::sync::watch;

use super::body;
use nudged_wire::Ended;
use nudged_wire::{Code, Problem};

/// The answer to the first line that a stopping daemon does not take.
pub fn stopping(line: u64) -> Problem {
    let detail = format!("the daemon is stopping; line {line} and those after it were not taken");
    let mut problem = Problem::new(Code::Stopping, detail)
        .hint("send them again on a new connection; every line before was answered");
    problem.line = Some(line);
    problem
}

/// The last line of an answer that ends before its time.
pub fn last(problem: Problem) -> Bytes {
    // A problem has nothing that JSON lacks.
    let mut line = serde_json::to_vec(&Ended { problem }).unwrap_or_default();
    line.push(b'\n');
    line.into()
}

/// A body cut into lines.
pub struct Lines {
    body: BodyDataStream,
    buffer: BytesMut,
    line: u64,
    max_line: usize,
    max_batch: usize,
    /// In the middle of a line that is too long.
    skipping: bool,
    ended: bool,
}

/// Its number, from 1, and the line without its end.
pub type NumberedLine = (u64, Result<Bytes, Problem>);

impl Lines {
    /// Lines of at most `max_line` bytes, at most so many together.
    pub fn of(body: Body, max_line: usize, max_batch: usize) -> Self {
        Self {
            body: body.into_data_stream(),
            buffer: BytesMut::new(),
            line: 0,
            max_line,
            max_batch,
            skipping: false,
            ended: false,
        }
    }

    /// The lines that are there, at least one; waits for no more than that.
    pub async fn next(&mut self) -> Option<Vec<NumberedLine>> {
        let mut lines = Vec::new();
        loop {
            self.cut(&mut lines);
            if lines.len() >= self.max_batch || self.ended {
                return (!lines.is_empty()).then_some(lines);
            }
            let chunk = if lines.is_empty() {
                self.body.next().await
            } else {
                match self.body.next().now_or_never() {
                    Some(chunk) => chunk,
                    None => return Some(lines),
                }
            };
            match chunk {
                Some(Ok(chunk)) => self.buffer.extend_from_slice(&chunk),
                Some(Err(error)) => {
                    // The last line may be cut off, so it is not taken for a whole one.
                    self.buffer.clear();
                    self.ended = true;
                    self.line += 1;
                    let detail = format!("the stream broke off: {error}");
                    lines.push((self.line, Err(Problem::new(Code::BadRequest, detail))));
                }
                None => {
                    self.ended = true;
                    if !self.buffer.is_empty() {
                        self.buffer.extend_from_slice(b"\n");
                    }
                }
            }
        }
    }

    /// As [`Lines::next`], until the daemon stops: then the lines that are there already, perhaps
    /// none, and nothing more is read.
    pub async fn next_until(
        &mut self,
        stopping: &mut watch::Receiver<bool>,
    ) -> Option<Vec<NumberedLine>> {
        tokio::select! {
            biased;
            _ = stopping.wait_for(|stopping| *stopping) => {
                let mut lines = Vec::new();
                self.cut(&mut lines);
                Some(lines)
            }
            lines = self.next() => lines,
        }
    }

    /// The number of the next line, if there may be one.
    pub fn next_number(&self) -> Option<u64> {
        (!self.ended).then_some(self.line + 1)
    }

    /// For who ends before its caller does: reads on for a while, so that the caller sees why.
    pub async fn drain(&mut self) {
        if !self.ended {
            body::drain(&mut self.body).await;
        }
    }

    fn cut(&mut self, lines: &mut Vec<NumberedLine>) {
        while lines.len() < self.max_batch {
            let Some(end) = self.buffer.iter().position(|byte| *byte == b'\n') else {
                break;
            };
            let mut line = self.buffer.split_to(end).freeze();
            self.buffer.advance(1);
            if std::mem::take(&mut self.skipping) {
                continue;
            }
            self.line += 1;
            if self.line == 1 {
                line.advance(line.len() - nudged_wire::json::unmarked(&line).len());
            }
            if line.len() > self.max_line {
                lines.push((self.line, Err(body::too_large(self.max_line))));
            } else if !line.trim_ascii().is_empty() {
                lines.push((self.line, Ok(line)));
            }
        }
        if lines.len() < self.max_batch
            && self.buffer.len() > self.max_line
            && !self.buffer.contains(&b'\n')
        {
            if !self.skipping {
                self.line += 1;
                lines.push((self.line, Err(body::too_large(self.max_line))));
            }
            self.skipping = true;
            self.buffer.clear();
        }
    }
}

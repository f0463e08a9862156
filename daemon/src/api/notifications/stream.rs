//! A stream of notifications, answered line by line in the same order.
//!
//! In: a body of lines. Out: answers, each after its fsync. Reads no further than it answers: while
//! the database is over its budget, or nobody reads the answers, it waits.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::body::Body;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use tokio::sync::watch;

use super::super::allowed::{Caller, Send};
use super::super::lines::{self, Lines};
use crate::admission::{Admission, Submission};
use crate::lifecycle::Lifecycle;
use nudged_wire::{LineAnswer, NotificationSpec, Problem};

/// Lines of a stream that share a commit.
const MAX_BATCH: usize = 256;
/// How long a stream pauses for want of disk space before its lines are refused.
const MAX_PAUSE: Duration = Duration::from_secs(30);
/// How often it is looked whether there is disk space again.
const PAUSE_INTERVAL: Duration = Duration::from_millis(500);

/// The answer to a stream.
pub fn answer(
    caller: Caller<Send>,
    admission: Arc<Admission>,
    lifecycle: &Lifecycle,
    body: Body,
    max_line: usize,
) -> Response {
    let state = NotificationStream {
        lines: Lines::of(body, max_line, MAX_BATCH),
        stopping: lifecycle.stopping(),
        ended: false,
        caller,
        admission,
        paused: None,
    };
    let answers = futures_util::stream::unfold(state, |mut state| async move {
        let answers = state.next().await?;
        Some((Ok::<_, std::convert::Infallible>(answers), state))
    });
    (
        [(CONTENT_TYPE, "application/x-ndjson")],
        Body::from_stream(answers),
    )
        .into_response()
}

struct NotificationStream {
    caller: Caller<Send>,
    admission: Arc<Admission>,
    lines: Lines,
    /// Since when it waits for disk space.
    paused: Option<Instant>,
    stopping: watch::Receiver<bool>,
    /// The caller knows that no more lines are taken.
    ended: bool,
}

impl NotificationStream {
    /// Reads no further while the database is over its budget: whoever sends feels it. Once it
    /// has lasted too long, lines are refused, each with a problem, until there is disk space again.
    async fn pause(&mut self) {
        while self.admission.is_over_budget() {
            let since = *self.paused.get_or_insert_with(Instant::now);
            if since.elapsed() >= MAX_PAUSE || *self.stopping.borrow() {
                return;
            }
            let _ = tokio::time::timeout(PAUSE_INTERVAL, self.stopping.changed()).await;
        }
        self.paused = None;
    }

    /// Admits the lines that are there and answers them.
    async fn next(&mut self) -> Option<Bytes> {
        if self.ended {
            self.lines.drain().await;
            return None;
        }
        let lines = self.lines.next_until(&mut self.stopping).await?;
        if lines.is_empty() {
            self.ended = true;
            return Some(refused_line(lines::stopping(self.lines.next_number()?)));
        }
        self.pause().await;
        let mut numbers = Vec::with_capacity(lines.len());
        let mut specs = Vec::with_capacity(lines.len());
        for (number, line) in lines {
            numbers.push(number);
            specs.push(
                line.and_then(|line| nudged_wire::json::parse(&line))
                    .and_then(|spec: NotificationSpec| Ok(self.caller.allow(spec)?))
                    .map(|allowed| Submission::from(allowed.object)),
            );
        }
        let answers = self.admission.admit_all(specs).await;
        let mut bytes = Vec::with_capacity(answers.len() * 80);
        for (number, answer) in numbers.into_iter().zip(answers) {
            let answer = match answer {
                Ok(answer) => LineAnswer::Accepted(answer.accepted),
                Err(mut problem) => {
                    problem.line = Some(number);
                    LineAnswer::Refused { problem }
                }
            };
            // A Vec takes everything, and an answer has nothing that JSON lacks.
            let _ = serde_json::to_writer(&mut bytes, &answer);
            bytes.push(b'\n');
        }
        Some(bytes.into())
    }
}

fn refused_line(problem: Problem) -> Bytes {
    // An answer has nothing that JSON lacks.
    let mut bytes = serde_json::to_vec(&LineAnswer::Refused { problem }).unwrap_or_default();
    bytes.push(b'\n');
    bytes.into()
}

use std::collections::{HashMap, VecDeque};
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;
use tokio::sync::mpsc;

use super::journal::Journal;
use super::rows::{self, Row, Rows};
use crate::args::ImportArgs;
use crate::client::ResponseLines;
use crate::error::CtlError;
use crate::print::{count, note};
use crate::session::Session;
use nudged_wire::{ImportAnswer, ImportRefusal};

const PATH: &str = "/v1/devices/import";
const PIECE: usize = 64 << 10;

/// Rows that were read and not answered yet.
type Unanswered = Arc<Mutex<VecDeque<Row>>>;

/// Registers the devices of a file.
pub async fn import(session: &mut Session<'_>, args: &ImportArgs) -> Result<(), CtlError> {
    let file = args.file.as_path();
    let unreadable = |source| CtlError::Input {
        file: file.to_owned(),
        source,
    };
    let input = rows::open(file).map_err(unreadable)?;
    let journal = Journal::open(file)?;
    let bar = bar(file);
    let rows = Rows::new(input, file, args.app.clone(), &bar).map_err(unreadable)?;
    if journal.done.line > 0 {
        note(&[format!(
            "going on after line {} of {}",
            journal.done.line,
            file.display()
        )]);
    }
    let unanswered = Unanswered::default();
    let (put, pieces) = mpsc::channel(4);
    let reader = {
        let (unanswered, after) = (unanswered.clone(), journal.done.line);
        tokio::task::spawn_blocking(move || read(rows, after, &unanswered, &put))
    };
    let mut import = Import {
        journal,
        unanswered,
        answered: 0,
        bar,
    };
    let answers = session.client.stream(PATH, pieces).await;
    let done = match answers {
        Ok(answers) => import.follow(answers).await,
        Err(error) => Err(error),
    };
    import.bar.finish_and_clear();
    let done = match done {
        Ok(()) => match reader.await {
            Ok(read) => read.map_err(unreadable).and_then(|()| import.end()),
            Err(error) => Err(unreadable(error.into())),
        },
        // The reader may wait for good; it ends with the program.
        error => error,
    };
    if let Err(error) = done {
        return Err(import.left(error, file));
    }
    import.report(session)
}

/// Reads rows and makes pieces of them, until all are read or nobody takes them.
fn read(
    rows: Rows,
    after: u64,
    unanswered: &Unanswered,
    put: &mpsc::Sender<io::Result<Bytes>>,
) -> io::Result<()> {
    let mut piece = Vec::with_capacity(PIECE);
    for row in rows {
        let row = match row {
            Ok(row) => row,
            Err(error) => {
                // What was read before is good.
                let _ = put.blocking_send(Ok(piece.into()));
                return Err(error);
            }
        };
        if row.line <= after {
            continue;
        }
        if let Ok(json) = &row.json {
            piece.extend_from_slice(json);
            piece.push(b'\n');
        }
        lock(unanswered).push_back(row);
        if piece.len() >= PIECE {
            let full = std::mem::replace(&mut piece, Vec::with_capacity(PIECE));
            if put.blocking_send(Ok(full.into())).is_err() {
                return Ok(());
            }
        }
    }
    let _ = put.blocking_send(Ok(piece.into()));
    Ok(())
}

struct Import {
    journal: Journal,
    unanswered: Unanswered,
    /// Lines of the stream that were answered.
    answered: u64,
    bar: ProgressBar,
}

impl Import {
    async fn follow(&mut self, mut answers: ResponseLines) -> Result<(), CtlError> {
        while let Some(line) = answers.next().await? {
            let answer: ImportAnswer =
                serde_json::from_slice(&line).map_err(|error| CtlError::BadResponse {
                    request: format!("POST {PATH}"),
                    answer: error.to_string(),
                })?;
            self.take(answer)?;
        }
        Ok(())
    }

    fn take(&mut self, answer: ImportAnswer) -> Result<(), CtlError> {
        let mut refused: HashMap<u64, ImportRefusal> = answer
            .refused
            .into_iter()
            .map(|refusal| (refusal.line, refusal))
            .collect();
        while self.answered < answer.through {
            let row = lock(&self.unanswered).pop_front();
            let Some(row) = row else {
                return Err(CtlError::BadResponse {
                    request: format!("POST {PATH}"),
                    answer: format!("line {} was never sent", answer.through),
                });
            };
            if row.json.is_ok() {
                self.answered += 1;
            }
            self.row(row, &mut refused)?;
        }
        self.journal.done.accepted += answer.accepted;
        self.journal.done.taken += answer.taken;
        self.journal.note()?;
        let done = &self.journal.done;
        let refused = match done.refused {
            0 => String::new(),
            refused => format!(", {refused} refused"),
        };
        self.bar
            .set_message(format!("{} registered{refused}", done.accepted));
        match answer.problem {
            Some(problem) => Err(CtlError::Refused(Box::new(problem))),
            None => Ok(()),
        }
    }

    /// A row that has ended.
    fn row(&mut self, row: Row, refused: &mut HashMap<u64, ImportRefusal>) -> Result<(), CtlError> {
        let (why, was) = match row.json {
            Ok(json) => (refused.remove(&self.answered), Some(json)),
            Err(why) => {
                let refusal = ImportRefusal {
                    code: "bad_request".to_owned(),
                    detail: why,
                    ..ImportRefusal::default()
                };
                (Some(refusal), None)
            }
        };
        self.journal.done.line = row.line;
        let Some(mut why) = why else { return Ok(()) };
        why.line = row.line;
        if !self.journal.reject(&why, was.as_deref())? {
            let field = why.field.as_ref().map(|field| format!(" ({field})"));
            let field = field.unwrap_or_default();
            self.bar
                .suspend(|| note(&[format!("line {}: {}{field}", why.line, why.detail)]));
        }
        Ok(())
    }

    /// The stream has ended: what is left was not sent.
    fn end(&mut self) -> Result<(), CtlError> {
        let left = std::mem::take(&mut *lock(&self.unanswered));
        for row in left {
            if row.json.is_ok() {
                return Err(CtlError::BadResponse {
                    request: format!("POST {PATH}"),
                    answer: format!("nothing was said of line {}", row.line),
                });
            }
            self.row(row, &mut HashMap::new())?;
        }
        self.journal.close()
    }

    /// It broke off: what is to be done about it.
    fn left(&mut self, error: CtlError, file: &Path) -> CtlError {
        if let Err(error) = self.journal.keep() {
            return error;
        }
        if self.journal.rejected().is_some() && self.journal.done.line > 0 {
            note(&[format!(
                "{} is on disk up to line {}; the same command continues from there",
                file.display(),
                self.journal.done.line
            )]);
        }
        error
    }

    fn report(&self, session: &mut Session<'_>) -> Result<(), CtlError> {
        let done = &self.journal.done;
        if session.json {
            session.value(&json!({
                "accepted": done.accepted,
                "refused": done.refused,
                "taken": done.taken,
            }))?;
        } else {
            let devices = count(done.accepted, "device", "devices");
            session.out.line(format!("registered {devices}"))?;
            if done.taken > 0 {
                let tokens = count(done.taken, "token", "tokens");
                session.out.line(format!(
                    "{tokens} belonged to other devices until now; those are no longer registered"
                ))?;
            }
        }
        if done.refused == 0 {
            return Ok(());
        }
        if let Some(rejected) = self.journal.rejected() {
            note(&[format!("the refused lines are in {}", rejected.display())]);
        }
        Err(CtlError::LinesRefused {
            refused: done.refused,
            lines: done.accepted + done.refused,
            what: "lines",
        })
    }
}

/// Shown on a terminal only.
fn bar(file: &Path) -> ProgressBar {
    let size = std::fs::metadata(file).ok().map(|it| it.len());
    let (bar, template) = match size {
        Some(size) => (
            ProgressBar::new(size),
            "{bar:30} {percent:>3}%  {msg}  {elapsed}, {eta} to go",
        ),
        None => (ProgressBar::new_spinner(), "{spinner} {msg}  {elapsed}"),
    };
    match ProgressStyle::with_template(template) {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

fn lock(unanswered: &Unanswered) -> std::sync::MutexGuard<'_, VecDeque<Row>> {
    unanswered.lock().unwrap_or_else(PoisonError::into_inner)
}
